/* SPDX-License-Identifier: MIT */
/*
 * find.h - the next or the last line before one that is of some kind, or after some time.
 */
#ifndef FIND_H
#define FIND_H

#include "explore/index.h"

enum find_what { FIND_MATCH, FIND_LOSS, FIND_TIME, FIND_MOMENT };

#define FIND_PROBLEM_BYTES 2048u

struct find {
    enum find_what what;
    const char *text;     /* of a filter: what matches it */
    uint64_t ns;          /* at or after this time, */
    struct moment moment; /* or this one */
    bool back;
    uint64_t from; /* not this line itself */
    bool include;  /* but that */

    bool found;
    uint64_t number;
    bool wrong; /* no event has what the filter asks for: */
    char problem[FIND_PROBLEM_BYTES];

    uint64_t low; /* of lines that were looked at before */
    struct condition condition;
};

/* `f` has its first seven members. */
void find_run(struct find *f, struct pass *p, struct pass_setup *setup, const struct index *x);
void find_close(struct find *f);

#endif
