/* SPDX-License-Identifier: MIT */
/*
 * spans.h - --spans: how long what begins and ends took, by name, and as folded stacks.
 *
 * begin and end are a stack for each track: a CPU (interrupts), a task (system calls), or what a
 * field has. What a CPU does is the innermost of what is open on it and of what is open in the task that
 * it runs, which is what began last of both; the time until its next event is self time of that. So
 * what is inside of something, what interrupts it, and what runs while its task does not, is none of its self
 * time. Which task runs is known from switches, and from the task that a record is of.
 *
 * A span is one record that says how long it took: what other spans of its track lie in it is not its self
 * time. open and close are pairs by their id, and have none.
 *
 * What was lost may have been a begin or an end, on any track but those of other CPUs: all that is open then
 * is dropped, and what had ended since the loss began (match.h).
 */
#ifndef SPANS_H
#define SPANS_H

#include "answer/flame.h"
#include "answer/inside.h"
#include "answer/loss.h"
#include "answer/match.h"
#include "answer/share.h"
#include "answer/span.h"
#include "answer/stack.h"
#include "order/roles.h"

struct spans_options {
    const char *word; /* what it was asked by; NULL: --spans */
    enum fold_format fold;
    uint32_t depth; /* of what is folded: deeper ones are a part of what they are in; 0: all */
};

struct spans_capture;

struct spans {
    struct sink sink;
    bool json;
    const struct spans_options *options;
    struct diag *diag;
    struct roles roles;
    bool any;      /* some event is begin, span or open */
    bool switches; /* some record tells what a CPU runs */
    bool read;     /* some capture was read to its end */
    bool wrong;    /* the question cannot be answered, and it was said why */

    struct span_table table;
    struct stack stack;
    struct match match;
    struct fold fold;
    struct loss loss;
    struct share share;
    struct spans_capture *captures; /* by place */
    struct inside inside;

    /* Left out: begins without an end, ends without a begin, what ended before it began, records without a
     * track, id or duration, what lies across losses; spans whose self time is not known. */
    uint64_t left, ends, backwards, without, across, unsure;
};

struct sink *spans_open(struct spans *sp, struct out *o, const struct spans_options *options,
                        const struct roles_options *roles, bool json, uint32_t inputs,
                        struct diag *diag);

#endif
