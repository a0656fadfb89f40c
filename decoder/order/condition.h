/* SPDX-License-Identifier: MIT */
/*
 * condition.h - what --filter asks of the fields of a record, in the language of tp/filter.h.
 *
 * A text is compiled for each event by itself, once (if not too many bytes of programs are needed). An
 * event that lacks one of the fields does not pass; if there is no event that has them all, that is
 * an error.
 */
#ifndef CONDITION_H
#define CONDITION_H

#include "base/near.h"
#include "order/sink.h"

#define CONDITION_BYTES_MAX (32u << 20) /* of programs; then they are compiled again */

struct condition_program;

struct condition {
    const char *text;                    /* NULL: there is none */
    struct condition_program **programs; /* a hash table, by event */
    size_t slots, used, bytes;           /* of it; a power of two; and of all programs */
    bool any;                            /* some event has it all */
    bool tried;                          /* there was an event, and this is what was wrong */
    int code;
    uint32_t column;
    const char *what;
    struct near near; /* to a name that no event has, */
    uint32_t near_at; /* which is there in the text */
    uint32_t own,
        common; /* names that are a field of some event, and of another what each record has */
};

/* NULL is no text: all pass. */
void condition_open(struct condition *c, const char *text);
void condition_close(struct condition *c);
/* The events of a capture are known: is there one that has it all? What was compiled is not kept. */
void condition_look(struct condition *c, const struct metadata *m);
void condition_finish(struct condition *c);
/* There were events, and none had all that is asked for. */
bool condition_failed(const struct condition *c);
/* What may have been meant by a field that no event has; or NULL. */
const char *condition_hint(const struct condition *c, char to[NEAR_HINT_BYTES]);
/* What is wrong, in three lines, the last with a caret; with a NUL. */
size_t condition_explain(const struct condition *c, char *to, size_t room);

/* Has the event all that is asked for, so that some of its records may pass? */
bool condition_applies(struct condition *c, const struct metadata_event *e);
/* Some records of this event are wanted. */
void condition_mark(struct condition *c, const struct metadata_event *e);
/* A sentence, where a name means two things among those that were marked; or NULL. */
const char *condition_mixed(const struct condition *c);
/* e may be NULL: then it does not pass. */
bool condition_passes(struct condition *c, struct stream_lane *lane,
                      const struct metadata_event *e);

#endif
