/* SPDX-License-Identifier: MIT */
/* agree.h - which options of the command line go together. */
#ifndef AGREE_H
#define AGREE_H

#include "tool/options.h"

/* Options that have no letter. */
enum options_name {
    OPTIONS_ASCII = 256,
    OPTIONS_AT,
    OPTIONS_BAUD,
    OPTIONS_BY,
    OPTIONS_CAPTURE,
    OPTIONS_CLOCK_HZ,
    OPTIONS_COLOR,
    OPTIONS_COLUMN,
    OPTIONS_COMPRESS,
    OPTIONS_CPU,
    OPTIONS_DEPTH,
    OPTIONS_DIFF,
    OPTIONS_EVENT,
    OPTIONS_EXPLORE,
    OPTIONS_FIELDS,
    OPTIONS_FILTER,
    OPTIONS_FOLLOW,
    OPTIONS_FORMAT,
    OPTIONS_FROM,
    OPTIONS_FUNCTIONS,
    OPTIONS_GRAPH,
    OPTIONS_HEAD,
    OPTIONS_HIST,
    OPTIONS_INFO,
    OPTIONS_INTERVAL,
    OPTIONS_JSON, /* there is none: it would be short for the next one */
    OPTIONS_JSON_STRINGS,
    OPTIONS_KEY,
    OPTIONS_LATENCY,
    OPTIONS_LEGEND_TEXT,
    OPTIONS_LIST_EVENTS,
    OPTIONS_LIST_ROLES,
    OPTIONS_METADATA,
    OPTIONS_NO_DEMANGLE,
    OPTIONS_NO_PROGRESS,
    OPTIONS_NO_SCHEMA,
    OPTIONS_OFFSET,
    OPTIONS_OUTPUT,
    OPTIONS_OVER,
    OPTIONS_PID,
    OPTIONS_PROGRESS,
    OPTIONS_ROLE,
    OPTIONS_SANDBOX,
    OPTIONS_SHARD,
    OPTIONS_SLIDE,
    OPTIONS_SPANS,
    OPTIONS_SQL,
    OPTIONS_STATS,
    OPTIONS_SYMBOLS,
    OPTIONS_TAIL,
    OPTIONS_TASKS,
    OPTIONS_TEMPLATE,
    OPTIONS_TIME,
    OPTIONS_TIMELINE,
    OPTIONS_TO,
    OPTIONS_END
};

/* Refuses the command line: `what` is wrong with `text`. */
enum options_answer agree_wrong(struct options *o, const char *what, const char *text);

/*
 * Do those that were given go together? `given` is by number. Completes what only several say: a list of
 * events as JSON, a directory of Parquet.
 */
enum options_answer agree_all(struct options *o, const bool *given, bool terminal);

#endif
