/* SPDX-License-Identifier: MIT */
/*
 * dump.h - the library: what a struct tp_dump (tpdecode.h) is.
 *
 * dump.c opens, selects, and takes merge.c step by step; syntax.c looks at filters before. item.c is a sink at the end of the chain:
 * it notes what a step has put out, which is given as items before the next step. access.c is what
 * can be asked about an item, rows.c what many have, as columns, event.c what can be asked about an
 * event, which is a struct metadata_event.
 */
#ifndef DUMP_H
#define DUMP_H

#include <string.h>
#include <tpdecode.h>

#include "bytes/watch.h"
#include "order/merge.h"
#include "order/place.h"
#include "order/select.h"

#define DUMP_ERROR_BYTES 4096u      /* three lines: two as long as a filter may be */
#define DUMP_STRUCT_BYTES_MAX 4096u /* no struct of a program is larger */

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
    const char *path; /* of a file; else NULL */
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
    char fault[DUMP_ERROR_BYTES]; /* what makes an input foreign or unsupported */
    bool faulty;                  /* that is it, and not the damage that was told last */

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
    const char *symbols_path; /* NULL: there are none */
    struct symbols symbols;
    struct place_options place_options;
    struct place place;
    bool followed;
    struct watch follow;
    int (*tick)(void *context);
    void *tick_context;
    struct sink *first; /* of the chain, if it has more than one */
    struct sink sink;   /* at the end of the chain */
    struct out out;     /* of `sink`, and of texts that are asked for */
    struct dump_bytes text;

    /* What the last step has put out. */
    struct dump_line *lines, **lines_end;
    struct stream *begun;
    struct stream_lane *found;
    unsigned cause; /* of a loss: which are given already */

    /* What was given last, and what can be asked about it. */
    bool (*take)(void *taker); /* an event, as a row (rows.c); false: no more now */
    void *taker;
    bool kept; /* it was not given yet: tp_dump_columns() has stopped before it */
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

/* Returns the code. */
__attribute__((format(printf, 3, 4))) int dump_error(struct tp_dump *dump, int code,
                                                     const char *format, ...);
/* Fills in a struct of a program, which begins with its size: less than ours, if it was built before
 * members were added, or more. `least` is what the first version had. False: that cannot be it. */
static inline bool dump_put(void *to, const void *from, size_t ours, size_t least)
{
    size_t theirs;

    memcpy(&theirs, to, sizeof(theirs));
    if (theirs < least || theirs > DUMP_STRUCT_BYTES_MAX)
        return false;
    if (theirs > ours)
        memset((char *)to + ours, 0, theirs - ours);
    memcpy((char *)to + sizeof(theirs), (const char *)from + sizeof(theirs),
           (theirs < ours ? theirs : ours) - sizeof(theirs));
    return true;
}
/* What the last step of the merge has put out: its kind, and it is in dump->item, or as
 * tp_dump_next(). DUMP_STEPPED: that was all, and one more step was made. */
#define DUMP_STEPPED 1000
int dump_look(struct tp_dump *dump);

/* As the functions of tpdecode.h that are called so: false instead of TP_DUMP_ENONE. */
bool access_value(const struct tp_dump *dump, uint32_t field, struct tp_dump_value *v);
bool access_element_value(const struct tp_dump *dump, uint32_t field, uint32_t element,
                          struct tp_dump_value *v);

void item_open(struct tp_dump *dump);
void item_close(struct tp_dump *dump);
/* What was given is not asked for any more. */
void item_forget(struct tp_dump *dump);
/* Of what was put out, the next: its kind, and it is in dump->item. TP_DUMP_END: that was all. */
int item_give(struct tp_dump *dump);

#endif
