/* SPDX-License-Identifier: MIT */
/*
 * pass.h - decodes the inputs again, from a place on, for as long as somebody wants more.
 *
 *     pass_open(&p, &setup);
 *     p.line = mine, p.context = me;        called with each line that text would have
 *     pass_from(&p, &mark);                 NULL: from the start
 *     pass_run(&p);
 *     pass_close(&p);
 *
 * Lines have numbers, from 0, over all captures: those of records, of losses, one for each cause, and of captures that
 * begin. Of inputs with one capture each, a pass from a mark on does not read what is before it (bytes/seek.h).
 */
#ifndef PASS_H
#define PASS_H

#include "order/merge.h"
#include "order/place.h"
#include "order/select.h"

struct lanes;

enum pass_kind { PASS_BEGIN, PASS_EVENT, PASS_UNFINISHED, PASS_LOSS };

struct pass_line {
    enum pass_kind kind;
    uint64_t number, ns;
    struct stream *stream;
    struct stream_lane *lane;           /* NULL: a capture begins */
    const struct metadata_event *event; /* may be NULL */
    unsigned cause; /* of a loss: STREAM_LOST_CAUSES is memory that was damaged */
    unsigned part;  /* of a loss: which of its lines it is */
};

/* The line `number` is the first of its time, by which all are in order. */
struct pass_mark {
    uint64_t number, ns;
};

/* What is the same for all passes. */
struct pass_setup {
    const struct stream *inputs; /* opened, nothing is read; each pass has copies */
    uint32_t count;
    const struct select_options *select;
    const char *filter;      /* what is shown of that; NULL: all */
    struct symbols *symbols; /* NULL: none */
    const char *symbols_path;
    const struct place_options *place;
    struct survey *surveys; /* of each input, kept from the first pass on */
    struct task_table *
        names; /* of each input, at the end of its only capture, for passes that jump; may be empty */
    uint64_t base_ns;
    bool by_wall; /* times are of the day */
    bool jumps;   /* passes may start at marks */
    void (*turn)(void *context);
    void *turn_context;
};

struct pass {
    struct sink first; /* before the selection */
    struct pass_last {
        struct sink sink;
        struct pass *pass;
    } last; /* after it */
    struct out out;
    struct pass_setup *setup;
    struct diag *diag; /* NULL: nothing is said */
    struct diag silent;
    struct stream *streams;
    struct select select;
    struct place place;
    struct condition condition;
    struct merge merge;
    struct sink *next; /* of the first */
    bool selects, timed;

    bool (*line)(void *context, const struct pass_line *l); /* false: no more is wanted */
    void *context;
    struct condition *asked; /* what is looked for: knows the events of each capture; or NULL */
    struct lanes *lanes;     /* see each event; or NULL */
    bool stop;               /* set by anyone: it ends */
    uint64_t until_ns; /* not 0: nothing after this time is wanted, where times are in order */

    bool started, marked;
    bool *seeded; /* by input: it has got names */
    struct pass_mark from;
    uint64_t number; /* of the next line */
    bool keeps;      /* the first one: surveys, names and base are kept in the setup */
};

void pass_open(struct pass *p, struct pass_setup *setup, struct diag *diag);
void pass_from(struct pass *p, const struct pass_mark *mark);
void pass_run(struct pass *p);
/* After the first one: may others begin at marks? */
bool pass_jumps(const struct pass *p);
void pass_close(struct pass *p);
/* Forgets what the first pass has kept: there is more to read. */
void pass_forget(struct pass_setup *setup);

#endif
