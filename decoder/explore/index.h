/* SPDX-License-Identifier: MIT */
/*
 * index.h - what one look at all lines leaves: how many there are, where to begin to find one again, and what tasks did there.
 *
 * Each INDEX_EACH-th line has a mark; when there are INDEX_MARKS, each second one goes, and there are half as many from then on.
 */
#ifndef INDEX_H
#define INDEX_H

#include "explore/lanes.h"
#include "explore/pass.h"

#define INDEX_MARKS 4096u
#define INDEX_EACH 256u

struct index {
    uint64_t lines, losses, each;
    bool any;
    uint64_t first_ns, last_ns;
    uint64_t before_ns; /* of the line before */
    uint32_t count;
    struct pass_mark marks[INDEX_MARKS];
    struct lanes_state states[INDEX_MARKS];
};

/* `again`: of fewer lines of the same records, so the time is at least that of before. */
void index_open(struct index *x, bool again);
/* A line that comes; the lanes have not seen it. */
void index_line(struct index *x, const struct pass_line *l, const struct lanes *lanes);
/* The last mark that is not after this line, or not after this time; NULL: there is none. */
const struct pass_mark *index_before(const struct index *x, uint64_t number);
const struct pass_mark *index_before_time(const struct index *x, uint64_t ns);
const struct lanes_state *index_state(const struct index *x, const struct pass_mark *mark);

#endif
