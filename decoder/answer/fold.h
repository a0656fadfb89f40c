/* SPDX-License-Identifier: MIT */
/*
 * fold.h - time by path, as folded stacks: `task;outer;inner NANOSECONDS`, which programs that draw
 * flame graphs read.
 *
 * A path is a node of a tree: what it is called by number, and the path before it. Beyond FOLD_NODES
 * nodes, or FOLD_DEPTH names of one path, all is in the node FOLD_OTHERS.
 */
#ifndef FOLD_H
#define FOLD_H

#include "base/out.h"

#define FOLD_NODES 65536u
#define FOLD_DEPTH 1024u
#define FOLD_TOP 0u    /* before the first name of each path */
#define FOLD_OTHERS 1u /* paths that there is no room for */

struct fold_node {
    uint32_t before, name;
    uint32_t next;  /* of the same hash */
    uint32_t depth; /* names in it */
    uint64_t ns;
};

struct fold {
    struct fold_node *nodes; /* NULL: paths are not wanted, and all of it does nothing */
    uint32_t count, room;
    uint32_t *heads; /* by hash */
};

struct fold_name {
    const char *text;
    uint32_t bytes;
};

void fold_open(struct fold *f);
/* The path `before`, and then this name. */
uint32_t fold_node(struct fold *f, uint32_t before, uint32_t name);
void fold_add(struct fold *f, uint32_t node, uint64_t ns);
/* A line for each path that has a time, the longest first. `least`: those of fewer names are left out. */
void fold_text(const struct fold *f, struct out *o, uint32_t least,
               struct fold_name (*name)(const void *context, uint32_t name), const void *context);
void fold_close(struct fold *f);

#endif
