/* SPDX-License-Identifier: MIT */
/* What the errors of the engine are called. */
#include "../core/core.h"

const char *tp_strerror(int error)
{
    switch (error) {
    case 0:
        return "no error";
    case TP_EINVAL:
        return "invalid argument or configuration";
    case TP_ESPACE:
        return "region too small";
    case TP_ELIMIT:
        return "limit exceeded";
    case TP_EBUSY:
        return "busy";
    case TP_ENOENT:
        return "no such event, trigger or probe, or no trace";
    case TP_EFORMAT:
        return "made by another engine";
    case TP_EDAMAGED:
        return "memory damaged";
    case TP_EEXIST:
        return "exists already";
    case TP_EIMAGE:
        return "not a section of events";
    case TP_EFILTER:
        return "wrong filter or trigger";
    case TP_EACCES:
        return "read-only";
    case TP_ENOEVENTS:
        return "no events: is the section tp_events in the linker script?";
    case TP_EMEMORY:
        return "control memory is full: tp_control_set_memory";
    }
    return "unknown error";
}
