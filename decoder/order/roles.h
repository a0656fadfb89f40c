/* SPDX-License-Identifier: MIT */
/*
 * roles.h - what each event means: a switch, a wake-up, the begin of something (doc/format.md section 15).
 *
 *     roles_open(&r, &options);
 *     const struct roles_meaning *m = roles_find(&r, e);
 *     if (m->is == ROLES_WAKE && roles_number(m, ROLES_TASK, lane, e, &task))
 *         ...
 *
 * What --role says comes before what the dump says, and that before what name and fields of the
 * event suggest. Only well known events are guessed, and only if they have the fields of these.
 */
#ifndef ROLES_H
#define ROLES_H

#include "order/sink.h"

/* In the order of the specification. */
enum roles_is {
    ROLES_NONE,
    ROLES_SWITCH,
    ROLES_RUN,
    ROLES_STOP,
    ROLES_WAKE,
    ROLES_NEW,
    ROLES_GONE,
    ROLES_RENAME, /* its word is `name` */
    ROLES_BEGIN,
    ROLES_END,
    ROLES_SPAN,
    ROLES_OPEN,
    ROLES_CLOSE,
    ROLES_STEP,
    ROLES_COUNTER,
    ROLES_SAMPLE,
    ROLES_LOG,
    ROLES_COUNT
};

enum roles_argument {
    ROLES_NEXT,
    ROLES_PREV,
    ROLES_STATE,
    ROLES_NAME,
    ROLES_TASK,
    ROLES_CPU,
    ROLES_PARENT,
    ROLES_TRACK,
    ROLES_DURATION,
    ROLES_ID,
    ROLES_VALUE,
    ROLES_KEY,
    ROLES_UNIT,
    ROLES_IP,
    ROLES_STACK,
    ROLES_TEXT,
    ROLES_ARGUMENTS
};

/* An argument is the number of a field, or one of these. */
#define ROLES_RECORD_CPU (-1)
#define ROLES_RECORD_TASK (-2)
#define ROLES_ABSENT INT8_MIN

enum roles_source { ROLES_UNKNOWN, ROLES_DUMP, ROLES_USER, ROLES_GUESS };

struct roles_meaning {
    enum roles_is is;
    enum roles_source source; /* of ROLES_NONE: ROLES_USER has taken it away */
    int8_t argument[ROLES_ARGUMENTS];
};

/* What a task does once it runs no longer. */
enum roles_state {
    ROLES_STATE_UNKNOWN,
    ROLES_STATE_READY, /* it could go on */
    ROLES_STATE_WAITS,
    ROLES_STATE_DEAD
};

#define ROLES_RULES_MAX 64u      /* --role */
#define ROLES_EVENTS 256u        /* that are remembered */
#define ROLES_PROBLEM_BYTES 900u /* fits a line of diag.h */

/* sys:event=ROLE ARGUMENT=FIELD... as text. */
struct roles_rule {
    enum roles_is is;
    bool guess; /* it is none of the user's */
    struct metadata_text sys, name;
    struct metadata_text field[ROLES_ARGUMENTS]; /* n is 0: not given */
    uint32_t may;                                /* arguments whose field may be missing */
};

struct roles_options {
    uint32_t count;
    struct roles_rule rule[ROLES_RULES_MAX]; /* of the same event the last one counts */
    char problem[ROLES_PROBLEM_BYTES];
};

struct roles {
    const struct roles_options *options;
    struct roles_found {
        const struct metadata_event *event;
        struct roles_meaning meaning;
    } found[ROLES_EVENTS];
    bool used[ROLES_RULES_MAX];        /* some event has all that the rule names */
    char problem[ROLES_PROBLEM_BYTES]; /* of the first rule whose event has not */
};

/* Adds what --role says; its text must stay where it is. NULL, or what is wrong, to be followed by
 * that text. */
const char *roles_read(struct roles_options *o, const char *text);

/* options: NULL, there are none. */
void roles_open(struct roles *r, const struct roles_options *options);
/* Valid until the next call. */
const struct roles_meaning *roles_find(struct roles *r, const struct metadata_event *e);
/* A capture is at its end: looks which rules its events use, and forgets them. Is one of its events
 * of one of these roles, a bit each? */
bool roles_finish(struct roles *r, const struct stream *s, uint32_t wanted);
/* False: there is a rule that no event fits, which was said. */
bool roles_end(const struct roles *r, struct diag *d);

const char *roles_word(enum roles_is is);
const char *roles_argument_word(enum roles_argument a);

/* The integer that an argument is; false if the event does not have it. */
bool roles_number(const struct roles_meaning *m, enum roles_argument a, struct stream_lane *lane,
                  const struct metadata_event *e, __int128 *v);
/* Of the argument `state`. */
enum roles_state roles_state(const struct roles_meaning *m, const struct stream_lane *lane,
                             const struct metadata_event *e, const struct value_tail *tails);
/* The text that an argument is, or no bytes. */
struct metadata_text roles_text(const struct roles_meaning *m, enum roles_argument a,
                                const struct stream_lane *lane, const struct metadata_event *e,
                                const struct value_tail *tails);

#endif
