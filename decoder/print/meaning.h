/* SPDX-License-Identifier: MIT */
/* meaning.h - the roles of the events of a capture, one a line, and which have none. */
#ifndef MEANING_H
#define MEANING_H

#include "order/roles.h"

struct meaning {
    struct sink sink;
    bool json;
    struct diag *diag;
    struct roles roles;
    bool any;     /* some capture was at its end */
    bool problem; /* an event of --role is not there, which was said */
};

/* json: an object for each capture. */
struct sink *meaning_open(struct meaning *m, struct out *o, const struct roles_options *options,
                          bool json, struct diag *diag);

#endif
