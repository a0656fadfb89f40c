/* SPDX-License-Identifier: MIT */
/*
 * dump.h - the library: what a struct tp_dump (tpdecode.h) is.
 *
 * dump.c opens, selects, and takes merge.c step by step. item.c is a sink at the end of the chain:
 * it notes what a step has put out, which is given as items before the next step. access.c is what
 * can be asked about an item, event.c about an event, which is a struct metadata_event.
 */
#ifndef DUMP_H
#define DUMP_H

#include <tpdecode.h>

#include "order/merge.h"
#include "order/select.h"

#define DUMP_ERROR_BYTES 4096u /* three lines: two as long as a filter may be */

/* An item that was put out as it will be given, with its texts. */
struct dump_line {
    struct dump_line *next;
    struct tp_dump_item item;
    char text[];
};

/* What is kept until the end. */
struct dump_text {
    struct dump_text *next;
    char bytes[];
};

struct dump_input {
    struct input in;
    const char *name;
};

struct dump_bytes {
    char *at;
    size_t n, room;
};

enum dump_stage { DUMP_ADDING, DUMP_READING, DUMP_ENDED };

struct tp_dump {
    enum dump_stage stage;
    int result; /* TP_DUMP_ENOMEM: memory ran out, and nothing is left to be done */
    int column; /* of the last error, or -1 */
    char error[DUMP_ERROR_BYTES];

    struct dump_text *texts;
    struct dump_input *inputs; /* until reading begins */
    uint32_t input_count;
    struct select_options options;

    struct diag diag;
    struct stream *streams;
    uint32_t opened;
    struct merge merge;
    struct select select;
    bool selects;
    struct sink sink; /* at the end of the chain */
    struct out out;   /* of `sink`, and of texts that are asked for */
    struct dump_bytes text;

    /* What the last step has put out. */
    struct dump_line *lines, **lines_end;
    struct stream *begun;
    struct stream_lane *found;
    unsigned cause; /* of a loss: which are given already */

    /* What was given last, and what can be asked about it. */
    struct tp_dump_item item;
    struct dump_line *line;
    struct stream *stream;
    struct stream_lane *lane;
    const struct metadata_event *event; /* of a record that is decoded */
    struct value_tail tails[TP_LIMIT_FIELDS];
    uint64_t given;
    char comm[TP_TASK_NAME_BYTES + 1];
};

/* Calls `work` where memory may run out: its result, or TP_DUMP_ENOMEM. */
int dump_guard(struct tp_dump *dump, int (*work)(struct tp_dump *dump, void *context),
               void *context);

void item_open(struct tp_dump *dump);
void item_close(struct tp_dump *dump);
/* What was given is not asked for any more. */
void item_forget(struct tp_dump *dump);
/* Of what was put out, the next: its kind, and it is in dump->item. TP_DUMP_END: that was all. */
int item_give(struct tp_dump *dump);

#endif
