/* SPDX-License-Identifier: MIT */
/*
 * common.h - what every record has as well as its fields, by the names that filters and Linux use.
 *
 *     common_find("common_pid", 10)      COMMON_PID
 *     common_number(COMMON_PID, lane, &v)
 *
 * common_cpu, common_pid, common_comm, common_flags, common_preempt_count and common_type always are of the
 * record. cpu, comm and event are if the event has no field of that name: see common_always.
 */
#ifndef COMMON_H
#define COMMON_H

#include <string.h>

#include "order/stream.h"

enum common {
    COMMON_NONE, /* no such word: the name of a field */
    COMMON_CPU,
    COMMON_EVENT,
    COMMON_COMM,
    COMMON_PID,
    COMMON_FLAGS, /* TP_CONTEXT_* */
    COMMON_PREEMPT,
    COMMON_TYPE, /* the id of its event */
};

enum common common_find(const char *name, size_t n);
/* Is that word never a field? */
bool common_always(const char *name, size_t n);

/* The five characters of a context, the same in all outputs: d..1. */
#define COMMON_FLAGS_BYTES 5u
void common_flags(char to[COMMON_FLAGS_BYTES], const uint8_t *context);

/* What a line of text has of a record before its time, as ftrace writes it. Both return where it ends.
 * A task, "%16s-%-7u": there must be room for 16 bytes or the name, and for 24 more. */
char *common_put_task(char *p, const char *name, size_t n, uint32_t pid);

/* CPU and flags, " [000] d..1. ". There must be room for 24 bytes. */
static inline char *common_put_place(char *p, const struct stream_lane *lane)
{
    memcpy(p, lane->cpu_text, sizeof(lane->cpu_text));
    p += lane->cpu_text_bytes;
    if (lane->record.context)
        common_flags(p, lane->record.context);
    else
        memcpy(p, ".....", COMMON_FLAGS_BYTES);
    p += COMMON_FLAGS_BYTES;
    *p++ = ' ';
    return p;
}

/* What follows is of another capture of the input: a line of text. The colour may be NULL. */
void common_capture(struct out *o, uint32_t capture, const char *colour);

/* The flags of a context as Linux has them (enum trace_flag_type). */
uint8_t common_linux_flags(const uint8_t *context);

static inline bool common_is_number(enum common what)
{
    return what != COMMON_EVENT && what != COMMON_COMM;
}
/* One that is a number. False if the record does not have it: it was made without a context. */
bool common_number(enum common what, const struct stream_lane *lane, uint64_t *v);
/* The name of its task; NULL if it was made without a context. */
const char *common_comm(const struct stream_lane *lane, size_t *n);
/* Nothing, if the record does not have it. */
void common_print(enum common what, const struct stream_lane *lane, const struct metadata_event *e,
                  struct out *o, enum out_escape how);
/* What a message about a name that no field has ends in, where the record's own may be meant; or NULL. */
const char *common_hint(const char *name, size_t n);

#endif
