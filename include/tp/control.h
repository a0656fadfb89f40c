/* SPDX-License-Identifier: MIT */
/*
 * tp/control.h - decides what becomes of an event: filters, sampling, triggers and probes.
 *
 *     static uint8_t memory[16384] __attribute__((aligned(16)));
 *     struct tp_filter_error error;
 *     int err = tp_control_set_memory(memory, sizeof(memory), cpus);
 *
 *     if (!err)
 *         err = tp_filter_set(trace, "sched:switch", "prev == 7 || comm ~ \"kworker*\"", &error);
 *     if (!err)
 *         err = tp_trigger_set(trace, "mm:fault", "traceoff:1 if code & 4", &error);
 *     if (!err)
 *         err = tp_sample_set(trace, "irq:*", 100);
 *     if (!err)
 *         err = register_trace_sched_switch(on_switch, data);
 *
 * For a kernel that has $(TP_CONTROL) of engine/tp.mk. It knows traces (tp/trace.h), events
 * (tp/event.h) and the language of filters (tp/filter.h), and no files and no commands: tp/tree.h
 * has those.
 *
 * Each of these has one owner: a filter, a sampling rate and a trigger belong to one trace and one
 * event, a probe to the code that registered it. A change for one owner does not affect another.
 *
 * An event with a filter, a trigger or a probe takes a longer path (engine/control/emit.c). Other
 * events are as fast as without them, and an event that is off costs the same load and branch.
 *
 * All of this may be called while events are fired, from any CPU, and from inside a probe. Calls that
 * overlap answer TP_EBUSY after a short while, and so does a call that needs memory which was
 * released, but which an event in flight may still use: call again. No call waits for an event in
 * flight; what such an event may still use is released later (tp_probe_synchronize). All memory
 * comes from what tp_control_set_memory was given.
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
/* A struct and the function that fills it in have one name: g++ would warn of a constructor that is hidden. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif

struct tp_event;

/*
 * Memory for rules, programs and probes; once, aligned to 16, before any call below. It has 64 bytes
 * for each of `cpus` CPUs, as many as tp_config has. Events from other CPUs are filtered as well, but
 * all of those CPUs share one depth of probes. The rest is allocated in units of 64 bytes: 128 for
 * the rule of a trace and an event, 128 for a filter of one term, 24 more for each further term; while
 * a filter is compiled, 64 and 24 for each field of the event, if that is more. 0; TP_EINVAL: it is not aligned, `cpus` is 0 or over 65535, or there is no room for them and 128
 * bytes; TP_EBUSY: memory was set already.
 */
int tp_control_set_memory(void *memory, size_t bytes, uint32_t cpus);

/* --- the registry --- */

/* Events have the ids 1 to tp_event_last(), which is 0 until the first tp_trace_open numbers the
 * events of the image. An id is used once in a boot. */
uint32_t tp_event_last(void);
/* NULL: no such id, or an event of a module that was removed. */
struct tp_event *tp_event_get(uint32_t id);
/* If a function has several calls of tp_printk, the event of the first. NULL: no such event. */
struct tp_event *tp_event_find(const char *sys, const char *name);
/* Subsystems in the order of their first events: the one after `sys` (NULL: the first), or NULL. */
const char *tp_subsystem_next(const char *sys);
/* Does `sys:name` match a pattern as tp_trace_enable takes it? */
bool tp_event_matches(const struct tp_event *event, const char *pattern);
/* --- code patching: doc/porting.md --- */

/* An entry of the section tp_sites. Distances are in bytes, each from its own address, so an entry
 * needs no relocation at run time. */
struct tp_site {
    int32_t code;   /* the nop */
    int32_t target; /* where the jump leads */
    int32_t event;  /* its struct tp_event */
};

/* Makes each site the nop or the jump that its event needs now. All calls that choose events end with
 * this, so a kernel calls it only after one of them could not patch: because the port refused, or
 * another call was patching. 0; TP_EBUSY: again not all could be patched, and an event that is on
 * may still be a nop; TP_ELIMIT: an event that is on remains a nop, because a jump is too far for one
 * instruction (1 MiB on riscv64). */
int tp_sites_patch(void);

/* --- filters, sampling: one trace, the events that match --- */

/*
 * Records only events that pass. `text` is as in tp/filter.h; NULL or "0": no filter. An event that
 * lacks a field of the filter keeps the filter that it had. If all lack one, or the text is wrong,
 * the answer is TP_EFILTER, and *error (may be NULL) is filled in. 0; TP_ENOENT: no event matches;
 * TP_EMEMORY: no room left in the memory of tp_control_set_memory. After an error no event is
 * changed; that holds for all calls below.
 */
int tp_filter_set(struct tp_trace *trace, const char *pattern, const char *text,
                  struct tp_filter_error *error);
/* The text of an event's filter, with a NUL at its end, cut to `room` (TP_FILTER_TEXT_MAX + 1 is
 * enough). Returns its length; TP_ENOENT: there is no filter; TP_EINVAL: not a trace of
 * tp_trace_open. */
long tp_filter_get(const struct tp_trace *trace, const struct tp_event *event, char *out,
                   size_t room);

/* Records one in n of the events that pass the filter (0, 1: all), and at most `per_second` in each
 * second (0: all). Events that are left out are counted, by event. 0, TP_ENOENT, TP_EMEMORY. */
int tp_sample_set(struct tp_trace *trace, const char *pattern, uint32_t one_in);
int tp_rate_set(struct tp_trace *trace, const char *pattern, uint32_t per_second);

struct tp_rule_stats {
    bool enabled;  /* the trace has chosen the event */
    bool filtered; /* it has a filter */
    uint32_t one_in, per_second;
    uint64_t suppressed; /* passed the filter, and were left out by sampling or rate */
};
/* 0; TP_EINVAL: not a trace of tp_trace_open, and *stats is all 0. */
int tp_rule_stats(const struct tp_trace *trace, const struct tp_event *event,
                  struct tp_rule_stats *stats);

/* --- triggers --- */

/*
 * An action that an event causes when it is fired, whether the trace has chosen the event or not.
 *
 *     ACTION [:N] [if FILTER]      ACTION: traceoff traceon snapshot count; N times at most
 *     !ACTION                      removes it
 *
 * traceoff stops the trace, after the event itself was recorded; traceon starts it. snapshot does
 * what tp_snapshot_begin does, unless a snapshot is being read: then it does nothing and N is not
 * reduced. Errors as with tp_filter_set; TP_EEXIST: the event has that action already.
 */
int tp_trigger_set(struct tp_trace *trace, const char *pattern, const char *text,
                   struct tp_filter_error *error);
/* Trigger i of an event as text, with the rest of N: "traceoff:count=1 if a > 3", and for a count
 * "count:total=17". Returns its length (the text is cut to `room`), or TP_ENOENT. */
long tp_trigger_get(const struct tp_trace *trace, const struct tp_event *event, uint32_t i,
                    char *out, size_t room);

/* --- probes --- */

/*
 * Functions that are called when an event is fired, in the order in which they were registered, on
 * the CPU and in the context that fires, pinned (tp_port_pin), outside of any lock. They may fire
 * events, register and unregister. On a CPU up to TP_PROBE_DEPTH of them may be nested; further
 * calls are left out and counted.
 */
#define TP_PROBE_DEPTH 4u

/* Typed probes are registered by what TP_EVENT generates:
 *     int register_trace_sched_switch(void (*fn)(void *data, uint32_t prev, ...), void *data);
 *     int unregister_trace_sched_switch(the same); */

struct tp_probe_options {
    const char *filter;     /* or NULL */
    struct tp_trace *trace; /* or NULL: call it only when this trace records the event: it runs, has
                               chosen the event, and its filter passes it. After the trace was closed
                               the probe is never called */
};

/*
 * Probes of all events that match, whatever the types of their fields. A raw probe receives the
 * arguments of the call, each as 64 bits: numbers are extended (f32, f64: their bits), strings and
 * arrays are their address, bytes and sequences are address and bytes. A record probe receives the record as it would be in the ring, header
 * and fields, without a context word, read only, and the whole counter. A record longer than
 * TP_PROBE_RECORD_BYTES is left out and counted.
 *
 * `options` and `error` may be NULL. 0; TP_EEXIST: this function is registered with this data;
 * TP_ENOENT, TP_EMEMORY; TP_EFILTER: no event has the fields, or the text is wrong.
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
/* No call of the probe begins after this. A call that had begun may still run: see
 * tp_probe_synchronize. 0, TP_ENOENT. */
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
    uint64_t strangers; /* calls left out on CPUs beyond the `cpus` of tp_control_set_memory, while
                           TP_PROBE_DEPTH calls on such CPUs were running */
};
void tp_probe_stats(struct tp_probe_stats *stats);

/* Waits for a short while until no context is inside what was removed before: then a probe's data may
 * be freed. 0; TP_EBUSY: a context still is (perhaps the caller itself, inside a probe). */
int tp_probe_synchronize(void);

#ifdef __cplusplus
#pragma GCC diagnostic pop
}
#endif
#endif
