/* SPDX-License-Identifier: MIT */
/*
 * span.h - how long spans took, by name.
 *
 * Names have numbers (names.h): of spans, and what else --spans needs names of.
 */
#ifndef SPAN_H
#define SPAN_H

#include "answer/names.h"
#include "answer/quantile.h"
#include "base/out.h"

#define SPAN_CELLS (1u << 19) /* different times, of all names together */
/* Kinds of names. */
#define SPAN_STACK 0u
#define SPAN_ASYNC 1u /* it has no self time */

struct span_row {
    const struct names_one *name; /* from span_sort() on */
    uint64_t count, total_ns, self_ns, least_ns;
    struct quantile_few times;
};

struct span_table {
    struct names names;
    struct span_row *rows; /* by number of a name */
    uint32_t room;
    struct span_row **order; /* as they are shown, from span_sort() on: */
    uint32_t shown;
    uint32_t cells_left;
    uint64_t crowded; /* times that are in no quantile */
};

void span_open(struct span_table *t);
/* The number of a name; async: of what is no part of a stack, which is another one. */
uint32_t span_name(struct span_table *t, const char *name, size_t bytes, bool async);
/* One span. inner: in one of the same name, which has its time already. */
void span_add(struct span_table *t, uint32_t name, uint64_t ns, uint64_t self_ns, bool inner);
/* Those that came, the longest in total first. The numbers of names are good no longer. */
void span_sort(struct span_table *t);
void span_text(const struct span_table *t, struct out *o);
/* [{...},...] */
void span_json(const struct span_table *t, struct out *o);
void span_close(struct span_table *t);

#endif
