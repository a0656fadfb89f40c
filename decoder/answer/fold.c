/* SPDX-License-Identifier: MIT */
/* fold.c - time or samples by path, as folded stacks. */
#include "answer/fold.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"

#define FOLD_HEADS (2 * FOLD_NODES)

void fold_open(struct fold *f, uint32_t most)
{
    f->most = most;
    f->room = 64;
    f->nodes = mem_zero(f->room * sizeof(*f->nodes));
    f->heads = mem_zero(FOLD_HEADS * sizeof(*f->heads));
    f->count = FOLD_OTHERS + 1;
}

uint32_t fold_node(struct fold *f, uint32_t before, uint32_t name)
{
    uint32_t hash = (before * 0x9e3779b1u) ^ (name * 0x85ebca77u), *head, i;

    if (!f->nodes || before == FOLD_OTHERS)
        return FOLD_OTHERS;
    if (f->most && f->nodes[before].depth >= f->most)
        return before;
    head = &f->heads[(hash ^ hash >> 15) % FOLD_HEADS];
    for (i = *head; i; i = f->nodes[i].next)
        if (f->nodes[i].before == before && f->nodes[i].name == name)
            return i;
    if (f->count == FOLD_NODES || f->nodes[before].depth == FOLD_DEPTH)
        return FOLD_OTHERS;
    if (f->count == f->room) {
        f->room *= 2;
        f->nodes = mem_grow(f->nodes, f->room * sizeof(*f->nodes));
    }
    f->nodes[f->count] = (struct fold_node){
        .before = before, .name = name, .next = *head, .depth = f->nodes[before].depth + 1};
    return *head = f->count++;
}

void fold_add(struct fold *f, uint32_t node, uint64_t n)
{
    if (f->nodes)
        f->nodes[node].self = number_add(f->nodes[node].self, n);
}

/* What a path has that is shown. */
static uint64_t fold_self(const struct fold *f, uint32_t node, uint32_t least)
{
    return node == FOLD_OTHERS || f->nodes[node].depth >= least ? f->nodes[node].self : 0;
}

const uint64_t *fold_totals(struct fold *f, uint32_t least)
{
    uint64_t *totals;

    free(f->totals);
    f->totals = NULL;
    f->totals = totals = mem_zero(f->count * sizeof(*totals));
    /* A path comes after the one that it begins with. */
    for (uint32_t i = f->count - 1; i > FOLD_TOP; i--) {
        totals[i] = number_add(totals[i], fold_self(f, i, least));
        totals[f->nodes[i].before] = number_add(totals[f->nodes[i].before], totals[i]);
    }
    return totals;
}

/* --- text --- */

struct fold_line {
    uint64_t self;
    uint32_t node;
};

static int fold_compare(const void *a, const void *b)
{
    const struct fold_line *x = a, *y = b;

    if (x->self != y->self)
        return x->self > y->self ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

/* What ends a name for those that read it is not in one. */
static void fold_text_name(struct out *o, const struct names_one *name)
{
    for (uint32_t i = 0, end; i < name->bytes; i = end + 1) {
        for (end = i; end < name->bytes && name->text[end] != ';';)
            end++;
        out_escaped(o, name->text + i, end - i, OUT_TEXT);
        out_text(o, end < name->bytes ? "," : "");
    }
}

static void fold_text_path(const struct fold *f, struct out *o, uint32_t node,
                           const struct names *names)
{
    uint32_t path[FOLD_DEPTH], n = 0;

    for (; node != FOLD_TOP; node = f->nodes[node].before)
        path[n++] = f->nodes[node].name;
    while (n--) {
        fold_text_name(o, &names->at[path[n]]);
        out_text(o, n ? ";" : "");
    }
}

void fold_text(const struct fold *f, struct out *o, uint32_t least, const struct names *names)
{
    struct fold_line *lines = mem_zero(f->count * sizeof(*lines));
    uint32_t count = 0;

    for (uint32_t i = FOLD_OTHERS; i < f->count; i++)
        if (fold_self(f, i, least))
            lines[count++] = (struct fold_line){f->nodes[i].self, i};
    qsort(lines, count, sizeof(*lines), fold_compare);
    for (uint32_t i = 0; i < count; i++) {
        if (lines[i].node == FOLD_OTHERS)
            out_text(o, "(others)");
        else
            fold_text_path(f, o, lines[i].node, names);
        out_text(o, " ");
        out_u64(o, lines[i].self);
        out_text(o, "\n");
    }
    free(lines);
}

void fold_close(struct fold *f)
{
    free(f->nodes);
    free(f->heads);
    free(f->totals);
}
