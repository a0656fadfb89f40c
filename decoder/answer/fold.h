/* SPDX-License-Identifier: MIT */
/*
 * fold.h - time or samples by path, as folded stacks: `task;outer;inner NUMBER`, which programs that draw
 * flame graphs read. flame.h draws one.
 *
 * A path is a node of a tree: what it is called by number, and the path before it. Beyond FOLD_NODES
 * nodes, or FOLD_DEPTH names of one path, all is in the node FOLD_OTHERS.
 */
#ifndef FOLD_H
#define FOLD_H

#include "answer/names.h"
#include "base/out.h"

#define FOLD_NODES 65536u
#define FOLD_DEPTH 1024u
#define FOLD_TOP 0u    /* before the first name of each path */
#define FOLD_OTHERS 1u /* paths that there is no room for */

enum fold_format { FOLD_NONE, FOLD_TEXT, FOLD_FLAME };

struct fold_node {
    uint32_t before, name;
    uint32_t next;  /* of the same hash */
    uint32_t depth; /* names in it */
    uint64_t self;  /* of this path alone */
};

struct fold {
    struct fold_node *nodes; /* NULL: paths are not wanted, and all of it does nothing */
    uint32_t count, room;
    uint32_t *heads;  /* by hash */
    uint64_t *totals; /* of fold_totals() */
    uint32_t most;    /* names of a path; deeper ones are a part of what they are in. 0: all */
};

/* most: see there. */
void fold_open(struct fold *f, uint32_t most);
/* The path `before`, and then this name. */
uint32_t fold_node(struct fold *f, uint32_t before, uint32_t name);
void fold_add(struct fold *f, uint32_t node, uint64_t n);
/* What each path has that is shown, with all paths that begin with it, by node. least: paths of fewer names are left out. Good
 * until the next one is asked for. */
const uint64_t *fold_totals(struct fold *f, uint32_t least);
/* A line for each path that has something, the most first. */
void fold_text(const struct fold *f, struct out *o, uint32_t least, const struct names *names);
void fold_close(struct fold *f);

#endif
