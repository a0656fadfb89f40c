/* SPDX-License-Identifier: MIT */
/*
 * single.h - for formats that have one capture: the first one.
 *
 * Inputs of the same capture, as those of its CPUs, are taken together. Of others is said that they are not in it, which
 * is exit code 2.
 */
#ifndef SINGLE_H
#define SINGLE_H

#include "order/stream.h"

struct single {
    const char *word; /* of --format */
    bool any;
    bool others;       /* there were; reported */
    uint64_t id;       /* of the one that is taken: */
    uint32_t captures; /* as stream->captures has it */
};

static inline bool single_has(const struct single *o, const struct stream *s)
{
    return s->id == o->id && s->captures == o->captures;
}

/* A capture begins. Is it, or part of, the one that is taken? */
bool single_begin(struct single *o, const struct stream *s);

#endif
