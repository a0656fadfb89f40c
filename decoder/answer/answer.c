/* SPDX-License-Identifier: MIT */
/* answer.c - the answers: which sink it is. */
#include "answer/answer.h"

bool answer_spills(enum answer_kind kind)
{
    return kind == ANSWER_SQL;
}

bool answer_adds(const struct answer_options *options)
{
    return options->kind == ANSWER_NONE || options->kind == ANSWER_STATS ||
           options->kind == ANSWER_HIST || options->kind == ANSWER_INFO;
}

struct sink *answer_open(struct answer *a, const struct answer_options *options, struct out *o,
                         bool json, uint32_t inputs, const char *const *names, struct spill *spill,
                         struct diag *diag)
{
    a->kind = options->kind;
    switch (options->kind) {
    case ANSWER_INFO:
        return info_open(&a->info, o, json, inputs);
    case ANSWER_HIST:
        return hist_open(&a->hist, o, &options->hist, json, diag);
    case ANSWER_LATENCY:
        return latency_open(&a->latency, o, &options->latency, json, inputs, diag);
    case ANSWER_TASKS:
        return tasks_open(&a->tasks, o, options->roles, options->timeline.some_cpus, json, inputs,
                          diag);
    case ANSWER_SPANS:
        return spans_open(&a->spans, o, &options->spans, options->roles, json, inputs, diag);
    case ANSWER_SQL:
        return sql_open(&a->sql, o, &options->sql, options->roles, inputs, spill, diag);
    case ANSWER_GRAPH:
        return graph_open(&a->graph, o, &options->graph, options->roles, json, diag);
    case ANSWER_PROFILE:
        return profile_open(&a->profile, o, &options->profile, options->roles, json, diag);
    case ANSWER_TIMELINE:
        return timeline_open(&a->timeline, o, &options->timeline, json, inputs, diag);
    case ANSWER_DIFF:
        return diff_open(&a->diff, o, names[0], names[1], json);
    case ANSWER_STATS:
        if (options->hist.by)
            return group_open(&a->group, o, options->hist.by, json, diag);
        break;
    case ANSWER_NONE:
        break;
    }
    return stats_open(&a->stats, o, json, inputs, diag);
}

bool answer_wrong(const struct answer *a)
{
    return (a->kind == ANSWER_LATENCY && a->latency.wrong) ||
           (a->kind == ANSWER_TASKS && a->tasks.wrong) ||
           (a->kind == ANSWER_TIMELINE && a->timeline.wrong) ||
           (a->kind == ANSWER_SPANS && a->spans.wrong) ||
           (a->kind == ANSWER_SQL && a->sql.ask.wrong) ||
           (a->kind == ANSWER_GRAPH && a->graph.wrong) ||
           (a->kind == ANSWER_PROFILE && a->profile.wrong);
}
