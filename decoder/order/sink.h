/* SPDX-License-Identifier: MIT */
/*
 * sink.h - what happens with the items of a dump, once they are in order.
 *
 * merge.c passes items to a sink; each way to print them, and each answer that is made of them, is
 * one, in a file of its own. A selection (select.h) is a sink that passes what is selected on to
 * another. A sink is the first member of the struct with what it needs:
 *
 *     struct count {
 *         struct sink sink;
 *         uint64_t events;
 *     };
 *
 *     static void count_event(struct sink *k, struct stream_lane *lane,
 *                             const struct metadata_event *e)
 *     {
 *         ((struct count *)k)->events++;
 *     }
 *
 *     static void count_end(struct sink *k)
 *     {
 *         out_u64(k->out, ((struct count *)k)->events);
 *     }
 *
 *     count->sink = (struct sink){.out = out, .event = count_event, .end = count_end};
 *
 * A function that is NULL is not called. Calls come in this order:
 *
 *     begin [event | unfinished | loss | task]... finish        for each capture
 *     end                                                       once
 *
 * Captures of several inputs overlap, those of one input do not: all that a
 * sink keeps of a capture it keeps by stream->number, and forgets it at finish. A
 * capture without metadata has no begin and no items. The arguments of a call are valid until it
 * returns. `end` is not called when memory runs out, but is called when the output fails.
 */
#ifndef SINK_H
#define SINK_H

#include "base/out.h"
#include "model/value.h"
#include "order/stream.h"

struct guide_loss;
struct guide_sum;

#define SINK_SUM_BYTES (4u << 20)

struct sink {
    struct out *out; /* when that fails the run ends */
    struct sink
        *direct;    /* gets events in its place that are before stream->until; NULL: none does */
    bool enough;    /* set by the sink: it wants no more items */
    bool any_order; /* of CPUs among each other: it only counts, and that is faster. It may take
                        events of a lane beyond the one it is given: stream->passes, lane_pass() */
    bool each;      /* but a sink before it looks at each event that it is given */
    bool settles;   /* finish is called for each capture, even if it wants no more items */
    bool apart;     /* inputs are compared: none has copies of what is in another */

    /* The metadata of a capture is known; more events may be defined later in it. */
    void (*begin)(struct sink *k, struct stream *s);
    /* lane->record, of the time lane->time; e is NULL if no metadata defines it. Events that
     * were being written when the trace ended are no records, and have a call of their own. */
    void (*event)(struct sink *k, struct stream_lane *lane, const struct metadata_event *e);
    void (*unfinished)(struct sink *k, struct stream_lane *lane, const struct metadata_event *e);
    /* lane->loss, by cause, and lane->loss_damage: lost right before lane->time. */
    void (*loss)(struct sink *k, struct stream_lane *lane);
    /* lane->record names a task. s->tasks knows it already. */
    void (*task)(struct sink *k, struct stream_lane *lane);
    /* In place of event and loss, if it is not NULL: all records of one event on one CPU, which the metadata that there is
     * at `finish` defines; all that was lost on a CPU. */
    void (*sum)(struct sink *k, struct stream *s, const struct guide_sum *c);
    void (*sum_loss)(struct sink *k, struct stream *s, const struct guide_loss *l);
    /* Of what counts parts of one capture that are added up (part.h); all three, or none. `sum` has room for
     * SINK_SUM_BYTES, and is all zero as long as nothing was put there.
     * add: to what was counted, what was put before. False: that is not the same as counting all of it.
     * put: what was counted. False: it is more than can be added to. sum is NULL: can it be put?
     * forget: nothing was counted. */
    bool (*add)(struct sink *k, const void *sum);
    bool (*put)(struct sink *k, void *sum);
    void (*forget)(struct sink *k);
    /* There are no more items of this capture. */
    void (*finish)(struct sink *k, struct stream *s);
    void (*end)(struct sink *k);
    /* Frees what it has allocated, whatever was called before. */
    void (*close)(struct sink *k);
};

static inline bool sink_stops(const struct sink *k)
{
    return k->enough || k->out->error;
}

static inline void sink_close(struct sink *k)
{
    if (k && k->close)
        k->close(k);
}

/* The tails of a record that is about to be shown. False if it does not fit its event, or has none:
 * it is shown as bytes, and counted as that. */
static inline bool sink_tails(struct stream_lane *lane, const struct metadata_event *e,
                              struct value_tail tails[TP_LIMIT_FIELDS])
{
    if (e && value_tails(e, &lane->record, tails))
        return true;
    stream_count_unknown(lane, e);
    return false;
}

#endif
