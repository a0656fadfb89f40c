/* SPDX-License-Identifier: MIT */
/*
 * profile.h - --profile: where CPUs were, by what has the role sample.
 *
 * A sample is in the function of its `ip` itself, and in those of its `stack` in total: in each once, however
 * often it is there. `stack` is a list of addresses to which calls return, the innermost first; it may begin with
 * the ip, and ends at a 0. Samples are counted by path (fold.h), all else is made of that at the end.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include "answer/flame.h"
#include "answer/loss.h"
#include "answer/owner.h"
#include "order/key.h"
#include "order/roles.h"

struct profile_options {
    enum fold_format fold;
    const char *by; /* --by: each by itself; NULL: all together */
};

struct profile_row;

struct profile {
    struct sink sink;
    bool json;
    const struct profile_options *options;
    struct diag *diag;
    struct roles roles;
    struct key_by by;
    struct names names;
    struct fold fold;
    struct profile_row *rows; /* at the end */
    struct loss loss;
    uint64_t samples;
    uint64_t without; /* that have no address */
    uint64_t no_key;  /* and are counted */
    uint64_t cut;     /* whose stack has no end */
    bool any;         /* some event is a sample: */
    struct owner_list owners;
    bool read;  /* some capture was read to its end */
    bool wrong; /* the question cannot be answered, and it was said why */
};

struct sink *profile_open(struct profile *p, struct out *o, const struct profile_options *options,
                          const struct roles_options *roles, bool json, struct diag *diag);

#endif
