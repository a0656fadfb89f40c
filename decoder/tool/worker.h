/* SPDX-License-Identifier: MIT */
/*
 * worker.h - one of several processes that decode windows of a file, as the leader orders it, and wait in between.
 *
 * What it puts out and what it says go into its page of the memory that it shares with the leader.
 */
#ifndef WORKER_H
#define WORKER_H

#include "base/child.h"
#include "order/part.h"
#include "tool/shared.h"

struct worker {
    /* Set by jobs_open(): */
    struct child at;
    const struct shared *shared;
    struct shared_page *page;

    struct part *part;
    struct out *out;
    uint64_t said;    /* messages, */
    uint64_t chunks;  /* and chunks, so far */
    uint64_t log_end; /* names that it knew before its window, */
    uint64_t known;   /* and that it knows */
    bool mute;        /* nothing that is put out counts */
    bool again;       /* it has to decode its window again */
    bool given;       /* its turn has come */
};

/* Output and messages, as struct out_sink has them. */
int worker_write(void *context, const void *bytes, size_t n);
int worker_say(void *context, const void *bytes, size_t n);
/* Decodes the windows that it gets. Returns in the one that has come to the end of the input, or of what is wanted. */
void worker_run(struct worker *w, struct part *p);
/* When all was given to worker_write(): 0 or why not all of it could be put out. */
int worker_settle(struct worker *w);
/* Has the output ended because it is too much for what was read? */
bool worker_flood(const struct worker *w);
/* Its output is whole. */
_Noreturn void worker_finish(struct worker *w, int code);

#endif
