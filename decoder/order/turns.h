/* SPDX-License-Identifier: MIT */
/*
 * turns.h - which lane each of the next records comes from, found out for many of them at once.
 *
 *     if (turns_make(&t, &m->heads)) {
 *         while (t.at < t.count)
 *             use(turns_next(&t));
 *         for (uint32_t i = 0; i < t.used; i++)
 *             lane = turns_leave(&t, &m->heads, i);
 *     }
 *
 * Where CPUs take turns, a tournament waits for memory at each record: of a thousand CPUs, what is looked at next is in
 * another place each time. Here a lane is looked at for several of its records, no lane waits for another, and what is
 * needed of a record is fetched some turns before. A lane itself stays as it is until turns_leave(): until then what
 * changes of it is in one line of the processor's cache, copies of its records are beside those of the others, and one
 * lane of its own shows each record.
 *
 * Turns are events that are there, up to the first moment of which it is not known what comes next in some lane: they are
 * in the order that the tournament would find.
 */
#ifndef TURNS_H
#define TURNS_H

#include "order/heads.h"
#include "order/stream.h"

#define TURNS_RECORDS 16384u         /* at most */
#define TURNS_BYTES (1u << 20)       /* of them */
#define TURNS_LANES 16384u           /* of more, few have several records, and copies take memory */
#define TURNS_SPAN_LAST (1ull << 46) /* of time */
#define TURNS_LEAST 16u              /* with fewer it is not worth it */
#define TURNS_AHEAD 8u               /* turns or lanes, from when something is fetched to its use */

/* Where a lane is while its turns are taken. */
struct turns_lane {
    const uint8_t *at; /* its next record; NULL: it has none */
    ptrdiff_t away;    /* from there to where that is in its chunk */
    uint64_t number;   /* of that */
    uint64_t last;     /* time of the one before */
    uint8_t cpu_text_bytes;
    char cpu_text[12]; /* as in struct stream_lane */
};

/* A lane that has turns. */
struct turns_slot {
    uint32_t slot; /* of struct heads */
    uint32_t cpu;
};

struct turns {
    uint64_t from;            /* the time that keys count from */
    uint64_t *keys;           /* time, then CPU (turns_key), in order: */
    uint32_t count, at;       /* at: those that were taken */
    struct turns_lane *lanes; /* by CPU, of the CPUs that are in it: */
    struct turns_slot *slots;
    uint32_t used;
    size_t room, slot_room;
    struct stream_lane shown;
    uint8_t *bytes; /* of the records */
    size_t bytes_used;

    uint64_t *scratch;
    uint32_t *places;
    uint64_t limit; /* no key is after it */
    uint64_t span;  /* of time; changes so that there are neither few nor too many */
};

#define TURNS_CPU_BITS 16 /* as in struct tp_wire_chunk */

/* For a time that is not before t->from, by TURNS_SPAN_LAST at most. */
static inline uint64_t turns_key(const struct turns *t, uint64_t time, uint32_t cpu)
{
    return (time - t->from) << TURNS_CPU_BITS | cpu;
}

static inline uint64_t turns_time(const struct turns *t, uint64_t key)
{
    return t->from + (key >> TURNS_CPU_BITS);
}

static inline uint32_t turns_cpu(uint64_t key)
{
    return (uint32_t)key & ((1u << TURNS_CPU_BITS) - 1);
}

/* Of one stream. False: few records are there, and it is not worth it. No input may be read before turns_leave(). */
bool turns_make(struct turns *t, const struct heads *h);
/* Moves one of the `used` lanes, each of which is to be moved, to what comes after the turns that were taken. Its key is to
 * be set anew. */
struct stream_lane *turns_leave(struct turns *t, const struct heads *h, uint32_t i);
void turns_free(struct turns *t);

static inline void turns_show(struct turns *t, const struct turns_lane *l, uint64_t key)
{
    struct stream_lane *lane = &t->shown;
    struct record *r = &lane->record;
    uint32_t word = load_u32(l->at + offsetof(struct tp_wire_record, word), false);

    lane->time = r->time = turns_time(t, key);
    lane->cpu = turns_cpu(key);
    lane->number = l->number + 1;
    lane->cpu_text_bytes = l->cpu_text_bytes;
    __builtin_memcpy(lane->cpu_text, l->cpu_text, sizeof(lane->cpu_text));
    r->number = l->number;
    r->id = TP_RECORD_ID(word);
    r->bytes = record_word_bytes(word) - (uint32_t)sizeof(struct tp_wire_record);
    r->fields = l->at + sizeof(struct tp_wire_record);
    r->context = NULL;
    if (lane->walk.context)
        (void)record_context(r);
}

/* The lane at the record whose turn it is. */
static inline struct stream_lane *turns_next(struct turns *t)
{
    uint64_t key = t->keys[t->at++];
    struct turns_lane *l = &t->lanes[turns_cpu(key)];

    if (t->at + TURNS_AHEAD < t->count)
        __builtin_prefetch(t->lanes[turns_cpu(t->keys[t->at + TURNS_AHEAD])].at);
    turns_show(t, l, key);
    l->at = t->shown.record.fields + t->shown.record.bytes;
    l->number++;
    l->last = t->shown.time;
    return &t->shown;
}

#endif
