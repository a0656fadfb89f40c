/* SPDX-License-Identifier: MIT */
/*
 * tp/control.h - what decides what becomes of an event: filters, sampling, triggers and probes.
 *
 *     static uint8_t memory[16384] __attribute__((aligned(16)));
 *     tp_control_set_memory(memory, sizeof(memory), cpus);
 *
 *     tp_filter_set(trace, "sched:switch", "prev_pid == 7 || comm ~ \"kworker*\"", &error);
 *     tp_trigger_set(trace, "mm:fault", "traceoff:1 if code & 4", &error);
 *     tp_sample_set(trace, "irq:*", 100);
 *     register_trace_sched_switch(on_switch, data);
 *
 * Each is somebody's: a filter, a sampling rate and a trigger belong to one trace and
 * one event, a probe to who registered it. Nobody's choice changes what another gets.
 *
 * An event with a filter, a trigger or a probe takes the long way round (engine/control/emit.c); events
 * without are as fast as ever, and events that are off cost the same load and branch.
 *
 * All of this may be called while events are fired, from any CPU, and from inside a probe. Calls
 * that meet answer TP_EBUSY after a short while, and so does one that finds no room but what was
 * taken back and may still be looked at: call again. None waits for an event that is being
 * fired; what it may still look at is given back later (tp_probe_synchronize). Nothing is allocated but
 * from the memory that tp_control_set_memory was given.
 */
#ifndef TP_CONTROL_H
#define TP_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/filter.h>
#include <tp/knobs.h>
#include <tp/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tp_event;

/*
 * Memory for rules, programs and probes; once, aligned to 16, before anything below. The first 64
 * bytes for each of `cpus` CPUs, as many as tp_config has, say what is going on there; what comes
 * from others is filtered as well, but they share one depth of probes. The rest is given out in
 * units of 64 bytes: 128 for the rule of a trace and an event, 128 for a filter of one term, 24 more
 * for each further term. 0; TP_EINVAL: it is not aligned, no CPUs or over 65535, or not even room
 * for them and 128 bytes; TP_EBUSY: there is some.
 */
int tp_control_set_memory(void *memory, size_t bytes, uint32_t cpus);

/* --- the registry --- */

/* Events have the ids 1 to tp_event_last(); 0 before the first trace is opened, which numbers those
 * of the image. An id is given once in a boot. */
uint32_t tp_event_last(void);
/* NULL: no such id, or an event of a module that is gone. */
struct tp_event *tp_event_get(uint32_t id);
/* Of several calls of tp_printk in one function: the first. NULL: none. */
struct tp_event *tp_event_find(const char *sys, const char *name);
/* Subsystems in the order of their first events: that behind `sys` (NULL: the first), or NULL. */
const char *tp_subsystem_next(const char *sys);
/* Does `sys:name` match a pattern as tp_trace_enable takes it? */
bool tp_event_matches(const struct tp_event *event, const char *pattern);
/* The same in every build in which it has the same name, fields and format; in the metadata
 * (doc/format.md section 5 says how it is made). */
uint64_t tp_event_hash(const struct tp_event *event);

/* --- code patching: doc/porting.md --- */

/* An entry of the section tp_sites. Distances in bytes, each from its own address: there is nothing
 * to relocate at run time. */
struct tp_site {
    int32_t code;   /* the nop */
    int32_t target; /* where it jumps to, once it is a jump */
    int32_t event;  /* its struct tp_event */
};

/* Makes nops and jumps what the events now ask for. All calls that choose end with this, so it is
 * for what could not be patched then: when the port refused, or somebody else was at it. 0;
 * TP_EBUSY: once more it could not be, and an event that is on may still be a nop; TP_ELIMIT: so it
 * is, for ever, because a jump is too far for one instruction (1 MiB on riscv64). */
int tp_sites_patch(void);

/* --- filters, sampling: one trace, the events that match --- */

/*
 * Only what passes is recorded. `text` as in tp/filter.h; NULL or "0": no filter. Events that lack
 * a field of it keep what they had; if all do, or the text is wrong, the answer is TP_EFILTER, with
 * *error (may be NULL) filled in. 0; TP_ENOENT: no event matches; TP_EMEMORY: no room left in what
 * tp_control_set_memory was given. With any but 0 nothing is changed, of no event; so it is with all
 * calls below.
 */
int tp_filter_set(struct tp_trace *trace, const char *pattern, const char *text,
                  struct tp_filter_error *error);
/* The text of an event's filter, ended by a NUL and cut to room (TP_FILTER_TEXT_MAX + 1 is enough).
 * Its length; TP_ENOENT: it has none; TP_EINVAL: not a trace that was opened with tp_trace_open. */
long tp_filter_get(const struct tp_trace *trace, const struct tp_event *event, char *out,
                   size_t room);

/* Records one in n of what passes the filter (0, 1: all), and at most so many in each second (0:
 * all). What that leaves out is counted, by event. 0, TP_ENOENT, TP_EMEMORY. */
int tp_sample_set(struct tp_trace *trace, const char *pattern, uint32_t one_in);
int tp_rate_set(struct tp_trace *trace, const char *pattern, uint32_t per_second);

struct tp_rule_stats {
    bool enabled;  /* the trace has chosen the event */
    bool filtered; /* it has a filter */
    uint32_t one_in, per_second;
    uint64_t suppressed; /* passed the filter, and left out by sampling or rate */
};
/* 0; TP_EINVAL: not a trace that was opened with tp_trace_open, and *stats is all 0. */
int tp_rule_stats(const struct tp_trace *trace, const struct tp_event *event,
                  struct tp_rule_stats *stats);

/* --- triggers --- */

/*
 * What an event sets off when it is fired, whether the trace has chosen it or not. A text of
 *
 *     ACTION [:N] [if FILTER]      ACTION: traceoff traceon snapshot count; N times at most
 *     !ACTION                      takes it back
 *
 * traceoff stops the trace, after the event itself was recorded; traceon starts it. snapshot begins
 * a tp_snapshot_begin, unless one is being read: then it has not gone off, and is not counted. Errors as with tp_filter_set; TP_EEXIST: it has that action.
 */
int tp_trigger_set(struct tp_trace *trace, const char *pattern, const char *text,
                   struct tp_filter_error *error);
/* Trigger i of an event, as text with what is left of N: "traceoff:count=1 if a > 3", or for a
 * count "count:total=17". Its length (cut to room), or TP_ENOENT. */
long tp_trigger_get(const struct tp_trace *trace, const struct tp_event *event, uint32_t i,
                    char *out, size_t room);

/* --- probes --- */

/*
 * Functions that are called when an event is fired, in the order in which they were registered, on
 * the CPU and in the context that fires, pinned (tp_port_pin), outside of any lock. They may fire
 * events, register and unregister. Up to TP_PROBE_DEPTH of them inside each other on a CPU; then
 * they are left out, and counted.
 */
#define TP_PROBE_DEPTH 4u

/* Typed probes are registered by what TP_EVENT generates:
 *     int register_trace_sched_switch(void (*fn)(void *data, uint32_t prev, ...), void *data);
 *     int unregister_trace_sched_switch(the same); */

struct tp_probe_options {
    const char *filter;     /* or NULL */
    struct tp_trace *trace; /* or NULL: only when this trace records the event: it runs, has chosen
                               it, and its filter lets it pass. Once it is closed: never */
};

/*
 * Probes of events that match, whatever their types. A raw one is given the arguments as the call
 * was, each as 64 bits: numbers extended, strings and arrays as their address, bytes as address and
 * length. A record one is given the record as it would be in the ring, header and fields, without a
 * context word, read only, up to TP_PROBE_RECORD_BYTES (what is longer is left out, and counted),
 * and the whole counter.
 *
 * `options` and `error` may be NULL. 0; TP_EEXIST: this function with this data is there;
 * TP_ENOENT, TP_EMEMORY; TP_EFILTER if no event has the fields, or the text is wrong.
 */
#define TP_PROBE_RECORD_BYTES 512u
int tp_probe_raw_add(const char *pattern,
                     void (*fn)(void *data, const struct tp_event *event, const uint64_t *args,
                                uint32_t count),
                     void *data, const struct tp_probe_options *options,
                     struct tp_filter_error *error);
int tp_probe_record_add(const char *pattern,
                        void (*fn)(void *data, const struct tp_event *event, uint64_t time,
                                   const void *record, uint32_t bytes),
                        void *data, const struct tp_probe_options *options,
                        struct tp_filter_error *error);
/* No call begins after this. One may still be going on: see tp_probe_synchronize. 0, TP_ENOENT. */
int tp_probe_raw_remove(const char *pattern,
                        void (*fn)(void *data, const struct tp_event *event, const uint64_t *args,
                                   uint32_t count),
                        void *data);
int tp_probe_record_remove(const char *pattern,
                           void (*fn)(void *data, const struct tp_event *event, uint64_t time,
                                      const void *record, uint32_t bytes),
                           void *data);

struct tp_probe_stats {
    uint64_t recursion; /* calls left out above TP_PROBE_DEPTH */
    uint64_t too_long;  /* records left out above TP_PROBE_RECORD_BYTES */
    uint64_t strangers; /* calls left out on CPUs that tp_control_set_memory was not told of, when
                           TP_PROBE_DEPTH of all of these were going on */
};
void tp_probe_stats(struct tp_probe_stats *stats);

/* Waits until nobody is inside what was taken back before: then a probe's data may go. 0; TP_EBUSY:
 * somebody still is (or the caller itself, inside a probe). */
int tp_probe_synchronize(void);

#ifdef __cplusplus
}
#endif
#endif
