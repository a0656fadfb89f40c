/* SPDX-License-Identifier: MIT */
/*
 * answer.h - the answers: what is computed from the records instead of printing them.
 *
 * Each is a sink in a file of its own, prints text or one object of JSON at the end, and takes
 * memory that does not grow with the input.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include "answer/diff.h"
#include "answer/graph.h"
#include "answer/group.h"
#include "answer/hist.h"
#include "answer/info.h"
#include "answer/latency.h"
#include "answer/profile.h"
#include "answer/spans.h"
#include "answer/sql.h"
#include "answer/stats.h"
#include "answer/tasks.h"
#include "answer/timeline.h"

enum answer_kind {
    ANSWER_NONE,
    ANSWER_STATS,
    ANSWER_HIST,
    ANSWER_LATENCY,
    ANSWER_TASKS,
    ANSWER_SPANS,
    ANSWER_SQL,
    ANSWER_GRAPH,
    ANSWER_PROFILE,
    ANSWER_TIMELINE,
    ANSWER_DIFF, /* of exactly two inputs */
    ANSWER_INFO
};

struct answer_options {
    enum answer_kind kind;
    struct hist_options hist;
    struct latency_options latency;
    const struct roles_options *roles; /* --role, also for what is no answer; NULL: none */
    struct spans_options spans;
    struct profile_options profile;
    struct sql_options sql;
    struct graph_options graph;
    struct timeline_options timeline; /* some_cpus is also for the tasks */
};

struct answer {
    union {
        struct info info;
        struct stats stats;
        struct group group;
        struct hist hist;
        struct latency latency;
        struct tasks tasks;
        struct spans spans;
        struct sql sql;
        struct graph graph;
        struct profile profile;
        struct timeline timeline;
        struct diff diff;
    };
    enum answer_kind kind;
};

/* Does it need a temporary file? */
bool answer_spills(enum answer_kind kind);
/* Is it what parts of a capture that are answered by themselves come to, added up; or is there none? */
bool answer_adds(const struct answer_options *options);
/* names: of the inputs, at least two for ANSWER_DIFF. spill: is open, if it needs one. */
struct sink *answer_open(struct answer *a, const struct answer_options *options, struct out *o,
                         bool json, uint32_t inputs, const char *const *names, struct spill *spill,
                         struct diag *diag);
/* At the end: it cannot be given, and it was said why. */
bool answer_wrong(const struct answer *a);

#endif
