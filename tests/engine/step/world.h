/* SPDX-License-Identifier: MIT */
/* world.h - traces in a state to start from, what was fired at them, and the books at the end. */
#ifndef STEP_WORLD_H
#define STEP_WORLD_H

#include "port.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/event.h>
#include <tp/trace.h>
#include <tp/wire.h>

TP_EVENT(step, small, "n=%u sum=%x", u32 n, u32 sum)
TP_EVENT(step, text, "n=%u sum=%x text=%s", u32 n, u32 sum, str text)
TP_EVENT(step, big, "n=%u sum=%x data=%x", u32 n, u32 sum, bytes(400) data)
#define STEP_TEXT "instruction"

#define LEVELS 3u     /* the event that is interrupted, who interrupts it, who interrupts that */
#define SERIALS 2048u /* events of a level in one run */
#define TRACES 2u
#define REGION_BYTES 12288u
#define DUMP_BYTES 131072u

enum shot { SHOT_SMALL, SHOT_TEXT, SHOT_BIG, SHOT_PRINTK };

struct step_scene {
    const char *name;
    enum shot shot;
    uint32_t room;  /* so many small records fit into the sub-buffer before the event */
    uint64_t clock; /* if not 0, set before the event */
    bool early;     /* or a while before: there is a time stamp in the sub-buffer already */
    bool full;      /* discard: all sub-buffers are full */
    bool context, overwrite;
    uint32_t traces, subbufs;
};

/* All that a run changes, to be copied and put back. What is fired goes to all traces. */
struct world {
    uint8_t region[TRACES][REGION_BYTES] __attribute__((aligned(64)));
    uint64_t clock;
    uint32_t begun, done; /* calls of trace_x */
    uint32_t serial[LEVELS];
    uint32_t shot_n[LEVELS];
    uint32_t done_at[LEVELS][SERIALS]; /* `begun` when it was done; 0: it is not */
    uint32_t dump_bytes[TRACES];
    uint32_t uses[TRACES]; /* when it was saved */
    bool roomy;            /* nothing may be refused */
    bool finished;         /* a child is through */
};
extern struct world *w; /* shared with a child */
extern struct step_scene scene;
extern struct tp_trace *traces[TRACES];
extern uint8_t dumps[TRACES][DUMP_BYTES];
extern char where[160]; /* for messages */
extern unsigned long decoded_dumps;

/* Leaves the test. */
void wrong(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Opens, starts, and fires until it is as the scene says. */
void world_open(const struct step_scene *s);
void world_save(struct world *to);
void world_load(const struct world *from);

uint32_t ring_events(void);                /* that fit into the whole ring */
void fire(unsigned level, uint32_t count); /* small events */
/* An event that is fired by a guest: before, the guest's function, after. */
void shot_begin(unsigned level);
void shot_0(void);
void shot_1(void);
void shot_end(unsigned level);

/* One of some dumps or images goes through the real decoder too: no damage, so many records. */
void decode(const uint8_t *bytes, uint32_t size, uint64_t records);
/* What the pipe gives now goes to the dump. */
void drain(void);
/* Stops, drains and checks: `fired` events in all, of which up to `open` may be in no count. */
uint64_t finish(uint32_t open);
/* A snapshot, read and checked: of between `least` and `most` events. */
void snapshot(uint32_t least, uint32_t most);

static inline uint32_t checksum(uint32_t n)
{
    return n * 0x9e3779b1u + 1;
}

#endif
