/* SPDX-License-Identifier: MIT */
/*
 * scene.h - the tables that are made of what events mean: runs, spans, wakeups.
 *
 * order/sched.h and order/nest.h say what happened; here it becomes rows.
 */
#ifndef SCENE_H
#define SCENE_H

#include "order/nest.h"
#include "table/cells.h"

/* What a CPU runs. */
struct scene_run {
    bool known;
    int32_t pid;
    uint64_t since_ns, last_ns; /* of its last record */
    uint32_t name_bytes;
    char name[TP_TASK_NAME_BYTES];
};

struct scene_stream {
    const struct stream *of;
    struct scene_run *cpus;
    uint32_t cpu_count;
    uint64_t last_ns;
};

struct scene {
    struct cells *cells;
    struct table *runs, *spans, *wakeups; /* given after it was opened */
    struct sched sched;
    struct nest nest;
    struct scene_stream *streams; /* by number */
    uint32_t stream_count;
    struct sqlite_query *end; /* of a span */
};

/* Columns of these tables, given to table_column() in this order. */
enum {
    SCENE_RUN_START,
    SCENE_RUN_DUR,
    SCENE_RUN_CPU,
    SCENE_RUN_PID,
    SCENE_RUN_COMM,
    SCENE_RUN_END,
    SCENE_RUN_CAPTURE
};
enum {
    SCENE_SPAN_START,
    SCENE_SPAN_DUR,
    SCENE_SPAN_CPU,
    SCENE_SPAN_PID,
    SCENE_SPAN_COMM,
    SCENE_SPAN_SYS,
    SCENE_SPAN_NAME,
    SCENE_SPAN_KIND,
    SCENE_SPAN_TRACK,
    SCENE_SPAN_END,
    SCENE_SPAN_FIELDS,
    SCENE_SPAN_CAPTURE
};
enum {
    SCENE_WAKE_TIME,
    SCENE_WAKE_CPU,
    SCENE_WAKE_WAKER,
    SCENE_WAKE_WAKER_COMM,
    SCENE_WAKE_PID,
    SCENE_WAKE_COMM,
    SCENE_WAKE_TARGET,
    SCENE_WAKE_CAPTURE
};
extern const char *const scene_runs[], *const scene_spans[], *const scene_wakeups[];

/* symbols: the names of addresses, or NULL. */
void scene_open(struct scene *c, struct cells *cells, struct roles *roles, struct symbols *symbols);
void scene_close(struct scene *c);
/* Is any of its tables wanted? */
bool scene_wanted(const struct scene *c);
void scene_begin(struct scene *c, struct stream *s);
/* A record that fits its event. */
void scene_event(struct scene *c, struct stream_lane *lane, const struct metadata_event *e,
                 uint64_t ns, const struct value_tail *tails);
void scene_lose(struct scene *c, struct stream_lane *lane, uint64_t ns);
void scene_finish(struct scene *c, struct stream *s);

#endif
