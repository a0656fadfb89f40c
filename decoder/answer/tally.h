/* SPDX-License-Identifier: MIT */
/*
 * tally.h - counts of records, by event and by CPU, for --stats and --diff.
 *
 * While a capture goes on there is a cell for each number of an event and each CPU; at its end
 * they are added to rows, by name. Beyond TALLY_EVENTS_MAX names events are one row together.
 */
#ifndef TALLY_H
#define TALLY_H

#include "order/sink.h"

#define TALLY_EVENTS_MAX 8192u                         /* names */
#define TALLY_NAME_BYTES (2 * TP_LIMIT_NAME_BYTES + 1) /* sys:name */

struct tally_cell {
    uint64_t count, bytes;
    uint64_t first, last; /* counter in a capture, ns in a row; good if there is a count */
};

struct tally_cpu {
    struct tally_cell cell;
    uint64_t lost[STREAM_LOST_CAUSES];
    uint64_t damaged;   /* places where an unknown number more were lost */
    uint64_t strangers; /* of all CPUs: lost on those that the trace does not have */
};

struct tally_event {
    struct tally_cell cell;
    uint32_t bytes; /* of the name; 0: there is none */
    char name[TALLY_NAME_BYTES];
};

struct tally {
    struct tally_event *events; /* as they were seen */
    uint32_t event_count, event_room;
    uint32_t *slots; /* by hash of the name: place in events + 1 */
    struct tally_cell unknown, others;
    struct tally_cpu *cpus;
    uint32_t cpu_count;
    struct tally_cpu total;
};

/* What is being read from one input. */
struct tally_input {
    struct stream *stream; /* NULL: no capture */
    struct tally_cell *cells;
    uint32_t cell_count;
    struct tally_cpu *cpus;
    uint32_t cpu_count;
};

/* Counts the record of the lane; and those after it as well, if stream->passes. */
void tally_event(struct tally_input *in, struct stream_lane *lane, const struct metadata_event *e);
/* All records of an event on a CPU, and what was lost on one, in place of each. */
void tally_sum_events(struct tally_input *in, const struct guide_sum *c);
void tally_sum_losses(struct tally_input *in, const struct guide_loss *l);
void tally_loss(struct tally_input *in, const struct stream_lane *lane);
/* What another has counted of the same capture, and what is put for that, in SINK_SUM_BYTES. */
void tally_add_input(struct tally_input *in, const void *sum);
void tally_put_input(const struct tally_input *in, void *sum);
/* Nothing of the capture was counted. */
void tally_forget(struct tally_input *in);
/* A capture is at its end. */
void tally_fold(struct tally *t, struct tally_input *in);
/* Or NULL. */
const struct tally_event *tally_find(const struct tally *t, const char *name, uint32_t bytes);
/* Sorts by count, then by name. tally_find() must not be called after that. */
void tally_sort(struct tally *t);
/* Both by the same measure of time. */
void tally_join(struct tally_cell *to, const struct tally_cell *c);
uint64_t tally_lost(const struct tally_cpu *c);
/* The same of one loss, without an input. */
void tally_add_losses(struct tally_cpu *c, const uint64_t *lost, uint64_t damaged);
/* At the end of a capture: what was lost on CPUs that it does not have. */
void tally_add_strangers(struct tally_cpu *all, const struct stream *s);
/* How many were lost, by cause, in brackets after two blanks; nothing if none were. */
void tally_text_losses(const struct tally_cpu *c, struct out *o);
/* ,"lost":{...},"lost_sum":..., and what is damaged if anything is. */
void tally_json_lost(struct out *o, const struct tally_cpu *c);
/* All CPUs of a capture that is being read; first and last are counters. */
struct tally_cpu tally_sum(const struct tally_input *in);
static inline uint64_t tally_span(const struct tally *t)
{
    return t->total.cell.count ? t->total.cell.last - t->total.cell.first : 0;
}
void tally_close(struct tally *t);
void tally_input_close(struct tally_input *in);

#endif
