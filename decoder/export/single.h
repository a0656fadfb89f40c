/* SPDX-License-Identifier: MIT */
/*
 * single.h - for formats that have one capture: the first one.
 *
 * Inputs of the same capture, as those of its CPUs, are taken together. Of others is said that they are not in it, which
 * is exit code 2.
 */
#ifndef SINGLE_H
#define SINGLE_H

#include "order/join.h"

struct single {
    const char *word; /* of --format */
    bool any;
    bool others;     /* there were; reported */
    uint64_t serial; /* of the one that is taken, join_serial(); 0: one input has it, */
    uint32_t input;  /* this one, */
    uint32_t number; /* as its capture of this number */
};

static inline bool single_has(const struct single *o, const struct stream *s)
{
    uint64_t serial = join_serial(s);

    return serial == o->serial && (serial || (s->number == o->input && s->captures == o->number));
}

/* A capture begins. Is it, or part of, the one that is taken? */
bool single_begin(struct single *o, const struct stream *s);

#endif
