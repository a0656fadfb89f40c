/* SPDX-License-Identifier: MIT */
/*
 * sinks.h - what takes the items of a run: the sink that prints them, and those before it.
 *
 * An item comes to `first`, and each sink passes on what the next one should have. In this order, and only as far as the
 * options ask for them: part, place, shard, select, tail, printer. In the end they report what was asked for and is not
 * there, and what was shown.
 */
#ifndef SINKS_H
#define SINKS_H

#include "order/part.h"
#include "order/tail.h"
#include "print/csv.h"
#include "print/json.h"
#include "print/list.h"
#include "print/meaning.h"
#include "print/text.h"
#include "tool/inputs.h"
#include "write/convert.h"
#include "write/indexer.h"

struct sinks {
    const struct decode_options *options;
    const struct inputs *inputs;
    struct diag *diag;
    struct out *out;
    struct symbols *symbols;
    struct spill *spills; /* of this process, and of others */
    struct crew *crew;
    struct line *line; /* where queries are typed (--sql); NULL: nowhere */

    struct sink *first;    /* takes all items; to be closed, if not NULL */
    bool selects;          /* some of them may not be wanted */
    const char *unindexed; /* why there is no index; NULL: there is */
    struct part part;
    struct place place;
    struct shard shard;
    struct select select;
    struct tail tail;
    struct sink *printer_sink; /* NULL: with --tail */
    union {
        struct text text;
        struct json json;
        struct csv csv;
        struct convert convert;
        struct indexer indexer;
        struct list list;
        struct meaning meaning;
        struct answer answer;
        struct exporter export;
    } printer;
};

void sinks_open(struct sinks *s);
/* Before these the one that does a window of the work: of a worker (jobs.h). */
void sinks_open_part(struct sinks *s, struct merge *merge);
/* What is left to be written of an index. `unordered`: records were not in the order of time. */
void sinks_end_index(struct sinks *s, bool unordered);
/* No event of the only input has any field that is to be printed: nothing was. */
bool sinks_columns_failed(const struct sinks *s);
/* Is something not there that is needed for what is asked for? That was reported. */
bool sinks_failed(struct sinks *s);
/* Reports what was asked for and is not there; and in the last line what was shown, and what was lost. */
void sinks_sum(struct sinks *s);

#endif
