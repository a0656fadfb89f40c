/* SPDX-License-Identifier: MIT */
/*
 * tp/module.h - events of loadable modules, which come and go while traces run.
 *
 *     #include <tp/control.h>
 *     #include <tp/module.h>
 *     #include <tp/trace.h>
 *
 *     int load(struct module *m)
 *     {
 *         return tp_events_add(m->events_start, m->events_stop);
 *     }
 *
 *     void unload(struct module *m)
 *     {
 *         while (tp_events_remove(m->events_start) == TP_EBUSY)
 *             yield();
 *         wait_until_no_context_is_in(m);
 *         while (tp_probe_synchronize() == TP_EBUSY)
 *             yield();
 *         free_memory_of(m);
 *     }
 *
 * For the loader of a kernel; a module itself only includes tp/event.h. It knows sections of events
 * (tp/event.h), and neither how a module is loaded nor which contexts run its code. It needs
 * $(TP_MODULE) and $(TP_CONTROL) of engine/tp.mk; doc/porting.md says how a module is linked.
 */
#ifndef TP_MODULE_H
#define TP_MODULE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tp_event;

/*
 * Adds a module's own section, whether traces run or not: [start, stop), as between the symbols of
 * its linker. The events get the next ids, and each open trace their description; when the same
 * events come again, the ids that they had, and no trace has them described twice. No trace has
 * chosen them until tp_trace_enable does; a trace that is opened later has.
 *
 * 0; TP_EEXIST: an event of such a name exists; TP_EIMAGE: not a section of events; TP_EFORMAT: it
 * was compiled for another engine; TP_ELIMIT: too many ids or sections, or an event is over a limit;
 * TP_ESPACE: an open trace has no room for the description (tp_config.spare_bytes); TP_EBUSY: call
 * again. After an error nothing was added.
 */
int tp_events_add(struct tp_event *const *start, struct tp_event *const *stop);

/*
 * Removes them, before the module is unloaded: its events are off, their filters, triggers and
 * probes are gone, other events never get their ids, and what was recorded can still be decoded. Before
 * the module's memory is freed or the section is added again, each context that was inside a call of
 * the module must have left it, and then tp_probe_synchronize must have answered 0, since readers and
 * triggers go through all events. 0, TP_ENOENT, or TP_EBUSY: call again.
 */
int tp_events_remove(struct tp_event *const *start);

/*
 * For a counter whose rate becomes known after a trace was opened (tp_port_clock_hz was 0): writes it
 * into the description of each open trace, which takes 64 spare bytes (tp_config.spare_bytes). The
 * next chunks say it, and tpdecode uses it for the records before as well. 0; TP_EINVAL:
 * tp_port_clock_hz is still 0; TP_ESPACE, TP_EBUSY as of tp_events_add.
 */
int tp_clock_known(void);

/* The event that the last refused tp_trace_open or tp_events_add was about, into text[room], with a
 * NUL: "sys:name"; "#a": entry 10 of the section (counted from 0, in hexadecimal) points to no event;
 * "": no single one. Valid while that section is there. Returns text; 260 bytes hold any. In the core,
 * without $(TP_MODULE). */
char *tp_events_fault(char *text, size_t room);

#ifdef __cplusplus
}
#endif
#endif
