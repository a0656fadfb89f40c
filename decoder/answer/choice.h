/* SPDX-License-Identifier: MIT */
/*
 * choice.h - one event that was named on the command line: sys:name, or its name alone, or sys_name as
 * in C, where only one event of the dump is called so.
 *
 *     choice_read(&c, "switch", 6);
 *     choice_learn(&c, &stream->metadata);
 *     if (choice_is(&c, e))
 */
#ifndef CHOICE_H
#define CHOICE_H

#include "base/diag.h"
#include "base/near.h"
#include "model/metadata.h"

struct choice_name {
    struct metadata_text whole, sys, name; /* sys.n is 0: any */
};

struct choice {
    struct choice_name asked;
    char found[METADATA_JOINED_BYTES], other[METADATA_JOINED_BYTES]; /* empty: none so far */
    struct near near;
};

/* Of n bytes, which must stay where they are. False: it can be no name. */
bool choice_read(struct choice_name *c, const char *text, size_t n);
void choice_open(struct choice *c, const struct choice_name *asked);
bool choice_is(const struct choice *c, const struct metadata_event *e);
/* More events are known. */
void choice_learn(struct choice *c, const struct metadata *m);
/* Is it two events? */
bool choice_doubtful(const struct choice *c);
/* One event. False: it is none or two, and that is said. */
bool choice_made(const struct choice *c, const char *option, struct diag *d);

#endif
