/* SPDX-License-Identifier: MIT */
/* hotplug.h - the events of tracepoint.ko itself. */
#include <tp/event.h>

TP_EVENT(cpu, online, "cpu=%u", u32 cpu)
TP_EVENT(cpu, offline, "cpu=%u", u32 cpu)
