/* SPDX-License-Identifier: MIT */
/* What paths (tree.c) and files (tree_file.c) of the control tree share. */
#ifndef TP_ENGINE_TREE_H
#define TP_ENGINE_TREE_H

#include "../core/core.h"
#include "../control/text.h"

#include <tp/control.h>
#include <tp/tree.h>

enum tp_node {
    TP_NODE_TOP, TP_NODE_INSTANCES, TP_NODE_EVENTS, TP_NODE_SYS, TP_NODE_EVENT, TP_NODE_OPTIONS,
    TP_NODE_CPUS, TP_NODE_CPU, TP_NODE_DIRECTORIES,
    /* files */
    TP_NODE_TRACING_ON = TP_NODE_DIRECTORIES, TP_NODE_AVAILABLE, TP_NODE_SET_EVENT, TP_NODE_FUNCTIONS, TP_NODE_SET_FUNCTION, TP_NODE_CLOCK,
    TP_NODE_SIZE, TP_NODE_TOTAL_SIZE, TP_NODE_TASKS, TP_NODE_TASKS_SIZE, TP_NODE_SNAPSHOT,
    TP_NODE_PIPE, TP_NODE_OVERWRITE, TP_NODE_STATS, TP_NODE_CPU_PIPE, TP_NODE_ALL_ENABLE,
    TP_NODE_SYS_ENABLE, TP_NODE_SYS_FILTER, TP_NODE_ENABLE, TP_NODE_FILTER, TP_NODE_TRIGGER, TP_NODE_FORMAT, TP_NODE_ID,
    TP_NODES
};

/* Where a path leads. */
struct tp_place {
    enum tp_node node;
    bool instance; /* below instances/ */
    struct tp_trace *trace; /* for calls only, which check it: it may be closed at any moment */
    const char *sys;
    struct tp_event *event;
    uint32_t cpu;
};

/* tree_place.c */
/* The pattern of the place as tp_trace_enable takes it: `sys:event`, with * for what the place
 * leaves open. */
#define TP_PATTERN_BYTES (2 * (TP_LIMIT_NAME_BYTES + 1))
void tp_place_pattern(const struct tp_place *p, char pattern[TP_PATTERN_BYTES]);

/* CPUs of its trace, as it is configured now; 0: the trace was closed. */
uint32_t tp_place_cpus(const struct tp_place *p);

/* The first event of that name[n], or NULL. */
struct tp_event *tp_place_event(const char *sys, const char *name, size_t n);

/* True if it is the first event of its name. */
bool tp_event_first(const struct tp_event *event);

/* tree_function.c */
bool tp_tree_has_functions(void);
int tp_tree_functions(const struct tp_place *p, struct tp_text *t);
int tp_tree_set_function(const struct tp_place *p, struct tp_text *t);
int tp_tree_write_function(const struct tp_place *p, const char *text, size_t bytes,
                           struct tp_filter_error *error);

/* tree_file.c. A file is a text or a stream. `write` is NULL if it is read-only; what is written
 * has no blanks at its end, and is not empty. */
struct tp_file {
    int (*text)(const struct tp_place *p, struct tp_text *t);
    long (*stream)(const struct tp_place *p, uint64_t offset, void *buffer, size_t bytes);
    int (*write)(const struct tp_place *p, const char *text, size_t bytes,
                 struct tp_filter_error *error);
};
extern const struct tp_file tp_files[TP_NODES - TP_NODE_DIRECTORIES];

#endif
