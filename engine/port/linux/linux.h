/* SPDX-License-Identifier: MIT */
/*
 * linux.h - what tracepoint.ko offers to other modules, as well as tp/event.h and tp/control.h.
 *
 *     // my.c, one of the files of a module; my_events.h has TP_EVENT(my, moved, "n=%u", u32 n)
 *     #include "linux.h"
 *     #define TP_CREATE
 *     #include "my_events.h"
 *
 *     static int __init my_init(void)
 *     {
 *         return tp_linux_events_add(TP_LINUX_EVENTS);
 *     }
 *
 *     static void __exit my_exit(void)
 *     {
 *         // first stop what fires events
 *         tp_linux_events_remove(TP_LINUX_EVENTS);
 *     }
 *
 * Its Kbuild includes engine/port/linux/events.mk (doc/linux.md), by which the module is linked so
 * that TP_LINUX_EVENTS is its own events.
 */
#ifndef TP_LINUX_LINUX_H
#define TP_LINUX_LINUX_H

#include <tp/event.h>

extern struct tp_event *const __start_tp_events[] __attribute__((__visibility__("hidden")));
extern struct tp_event *const __stop_tp_events[] __attribute__((__visibility__("hidden")));
#define TP_LINUX_EVENTS __start_tp_events, __stop_tp_events

/* Adds the events of a module, and the running trace records them from then on. May sleep. 0, or a
 * negative errno; the kernel's log has the name of the event that is wrong. */
int tp_linux_events_add(struct tp_event *const *start, struct tp_event *const *stop);
/* Removes them; when it returns no context uses them. May sleep. The module has stopped firing. */
void tp_linux_events_remove(struct tp_event *const *start, struct tp_event *const *stop);

/* Has `probe` called at a tracepoint of Linux, whether that is exported or not; its first argument is
 * NULL, then come those of the tracepoint. 0; -ENOENT: there is none of that name. */
int tp_linux_hook(const char *name, void *probe);
/* No call of it begins after this; tracepoint_synchronize_unregister() waits for those that have. */
void tp_linux_unhook(const char *name, void *probe);

/* The trace that tracepoint.ko has opened, for the calls of tp/trace.h and tp/control.h. */
struct tp_trace *tp_linux_trace(void);

#endif
