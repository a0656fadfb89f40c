/* SPDX-License-Identifier: MIT */
/*
 * relation.h - how several inputs go together: what puts their records in order, and whether one has records of another.
 *
 * It is found out before the first item is put out, from what a look through the inputs has found (survey.h).
 */
#ifndef RELATION_H
#define RELATION_H

#include "order/join.h"
#include "order/stream.h"

struct relation {
    struct stream *streams;
    uint32_t count;
    bool apart; /* as the sink says */

    bool by_wall; /* all have wall time, and are put in order by that */
    bool shares;  /* a capture may be in several: */
    struct join_list joins;
    void *scratch; /* here, since memory may run out */
};

/* Finds it out, and prepares the streams for it; what counters cannot say is reported. */
void relation_find(struct relation *r);
void relation_free(struct relation *r);

#endif
