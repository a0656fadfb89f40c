/* SPDX-License-Identifier: MIT */
#define TP_CREATE
#include "world.h"

#include "../../../engine/core/core.h"
#include "decoder/tool/decode.h"
#include "check.h"
#include "tp_test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SUBBUF_BYTES 512u

struct world *w;
uint64_t *step_clock;
struct step_scene scene;
struct tp_trace *traces[TRACES];
uint8_t dumps[TRACES][DUMP_BYTES];
char where[160];
unsigned long decoded_dumps;

void wrong(const char *format, ...)
{
    char text[400];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    TP_FAIL_FATAL("%s, %s: %s", scene.name, where, text);
    abort();
}

/* --- firing --- */

static uint32_t next_number(unsigned level)
{
    if (w->serial[level] == SERIALS)
        wrong("SERIALS is too small");
    w->begun++;
    return level << 24 | w->serial[level]++;
}

static void done(uint32_t n)
{
    w->done_at[n >> 24][n & 0xffffff] = w->begun;
    w->done++;
}

void fire(unsigned level, uint32_t count)
{
    while (count--) {
        uint32_t n = next_number(level);

        trace_step_small(n, checksum(n));
        done(n);
    }
}

void shot_begin(unsigned level)
{
    w->shot_n[level] = next_number(level);
}

void shot_end(unsigned level)
{
    done(w->shot_n[level]);
}

static inline void shot(uint32_t n, enum shot kind)
{
    static const uint8_t data[400];

    switch (kind) {
    case SHOT_SMALL:
        trace_step_small(n, checksum(n));
        break;
    case SHOT_TEXT:
        trace_step_text(n, checksum(n), STEP_TEXT);
        break;
    case SHOT_BIG:
        trace_step_big(n, checksum(n), data, sizeof(data));
        break;
    case SHOT_PRINTK:
        tp_printk("n=%u sum=%x", n, checksum(n));
    }
}

void shot_0(void)
{
    shot(w->shot_n[0], scene.shot);
}

void shot_1(void)
{
    shot(w->shot_n[1], SHOT_SMALL);
}

/* --- the state to start from --- */

static uint32_t record_bytes(void)
{
    return scene.context ? 24 : 16;
}

/* A sub-buffer keeps its last 8 bytes free. */
static uint32_t subbuf_events(void)
{
    return (SUBBUF_BYTES - 8 - 104) / record_bytes();
}

uint32_t ring_events(void)
{
    return scene.subbufs * subbuf_events();
}

/* Two sub-buffers and a half have been through the ring, so that nothing is in its first lap. */
static void prefill(void)
{
    uint32_t each = subbuf_events();

    for (uint32_t i = 0; i <= scene.subbufs; i++) {
        fire(0, each);
        if (!scene.overwrite)
            drain();
    }
    if (scene.full)
        fire(0, (scene.subbufs - 1) * each);
    fire(0, 1);
    if (scene.early) {
        w->clock = scene.clock;
        each--; /* the stamp is as long as a record */
    }
    fire(0, each - scene.room - 1);
    if (!scene.overwrite && !scene.full)
        drain();
    if (scene.clock && !scene.early)
        w->clock = scene.clock;
}

/* By how many the trace is used right now: a guest that was left inside a call is one. */
static unsigned uses(uint32_t trace)
{
    unsigned n = 0;

    for (; !tp_slot_withdraw(trace); n++)
        tp_trace_put(trace);
    tp_slot_restore(trace);
    for (unsigned i = 0; i < n; i++)
        tp_trace_get(trace);
    return n;
}

/* Also if a guest was left inside a call. */
static void close_all(void)
{
    for (uint32_t t = 0; t < TRACES; t++) {
        if (!traces[t])
            continue;
        while (uses(t))
            tp_trace_put(t);
        tp_trace_stop(traces[t]);
        if (tp_trace_close(traces[t]))
            wrong("tp_trace_close");
        traces[t] = NULL;
    }
}

void world_open(const struct step_scene *s)
{
    struct tp_config c = {.cpus = 1,
                          .subbuf_bytes = SUBBUF_BYTES,
                          .subbufs = s->subbufs,
                          .mode = s->overwrite ? TP_OVERWRITE : TP_DISCARD,
                          .context = s->context};

    scene = *s;
    snprintf(where, sizeof(where), "before");
    if (!w)
        w = mmap(NULL, sizeof(*w), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    close_all();
    memset(w, 0, sizeof(*w));
    step_clock = &w->clock;
    w->clock = 1000;
    for (uint32_t t = 0; t < s->traces; t++)
        if (tp_trace_open(&traces[t], w->region[t], REGION_BYTES, &c) || tp_trace_start(traces[t]))
            wrong("tp_trace_open");
    prefill();
}

void world_save(struct world *to)
{
    for (uint32_t t = 0; t < scene.traces; t++)
        w->uses[t] = uses(t);
    *to = *w;
}

/* What is not in the region: who records an event is as tp_trace_start leaves it, and who uses a trace is
 * as it was, since the guest will leave it once for each time that it is put back. */
void world_load(const struct world *from)
{
    for (uint32_t t = 0; t < scene.traces; t++) {
        tp_trace_start(traces[t]);
        for (unsigned n = uses(t); n < from->uses[t]; n++)
            tp_trace_get(t);
        for (unsigned n = uses(t); n > from->uses[t]; n--)
            tp_trace_put(t);
    }
    *w = *from;
}

/* --- reading --- */

void drain(void)
{
    for (uint32_t t = 0; t < scene.traces; t++) {
        uint32_t *used = &w->dump_bytes[t];
        long n;

        while ((n = tp_pipe_read(traces[t], dumps[t] + *used, DUMP_BYTES - *used)) > 0)
            *used += (uint32_t)n;
        if (n < 0 || *used == DUMP_BYTES)
            wrong("tp_pipe_read: %ld", n);
    }
}

static int count_records(void *lines, const void *bytes, size_t size)
{
    const char *at = bytes, *end = at + size, *stop;

    for (; at < end && (stop = memchr(at, '\n', (size_t)(end - at))); at = stop + 1)
        *(uint64_t *)lines += memcmp(at, "---", 3) != 0 && stop[-1] != '>'; /* <unfinished> */
    return 0;
}

static int ignore(void *context, const void *bytes, size_t size)
{
    (void)context;
    (void)bytes;
    (void)size;
    return 0;
}

/* Its output comes in whole blocks here. */
void decode(const uint8_t *bytes, uint32_t size, uint64_t records)
{
    struct decode_input in = {.path = "dump", .bytes = bytes, .size = size};
    uint64_t lines = 0;
    struct decode_options o = {.inputs = &in,
                               .input_count = 1,
                               .out = {.write = count_records, .context = &lines},
                               .diag = {.write = ignore}};
    static unsigned turn;

    if (turn++ % 64)
        return;
    decoded_dumps++;
    if (decode_run(&o) != DECODE_GOOD || lines != records)
        wrong("tpdecode: %llu records, not %llu", (long long)lines, (long long)records);
}

/* fired = decoded + refused + missing, where missing is overwritten or was never finished. */
static uint64_t check_books(uint32_t t, uint32_t open)
{
    struct told told;
    struct tp_trace_stats s;
    uint64_t sum, refused = 0;

    check_dump(dumps[t], w->dump_bytes[t], &told);
    decode(dumps[t], w->dump_bytes[t], told.decoded);
    sum = told.next + told.refused;
    if (!told.ended || sum > w->begun || sum + open < w->begun)
        wrong("%u fired, %llu recorded, %llu refused", w->begun, (long long)told.next,
              (long long)told.refused);
    tp_trace_stats(traces[t], 0, &s);
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
        refused += s.lost[i];
    if (s.read != told.decoded || refused != told.refused || s.unread ||
        s.lost[4] != told.lost[4] || told.next != s.read + s.lost[4] + s.unfinished ||
        told.unfinished != !!s.unfinished)
        wrong("tp_trace_stats: %llu read, %llu overwritten, %llu unfinished, %u unread of %llu",
              (long long)s.read, (long long)s.lost[4], (long long)s.unfinished, s.unread,
              (long long)told.next);
    if (w->roomy && told.refused)
        wrong("%llu refused though there is room", (long long)told.refused);
    if (told.lost[scene.overwrite ? TP_LOST_FULL : TP_LOST_NESTED] || told.lost[3] ||
        told.lost[2] > (scene.shot == SHOT_BIG) || (!scene.overwrite && told.lost[4]))
        wrong("lost for a cause that cannot be");
    return w->begun - sum;
}

uint64_t finish(uint32_t open)
{
    uint32_t turns = 3 * scene.subbufs + 8;
    uint64_t missing = 0;

    for (uint32_t t = 0; t < scene.traces; t++)
        tp_trace_stop(traces[t]);
    drain();
    for (uint32_t t = 0; t < scene.traces; t++) {
        while (open && !tp_pipe_ended(traces[t]) && turns--) {
            w->clock += STEP_HZ;
            drain();
        }
        if (!tp_pipe_ended(traces[t]))
            wrong("the pipe does not come to its end");
        missing += check_books(t, open);
    }
    return missing;
}

void snapshot(uint32_t least, uint32_t most)
{
    static uint8_t bytes[65536];

    for (uint32_t t = 0; t < scene.traces; t++) {
        struct told told;
        long size = 0, n;

        tp_snapshot_begin(traces[t]);
        while ((n = tp_snapshot_read(traces[t], bytes + size, sizeof(bytes) - (size_t)size)) > 0)
            size += n;
        check_dump(bytes, (size_t)size, &told);
        if (n || !told.ended || told.next + told.refused < least || told.next + told.refused > most)
            wrong("snapshot: %llu recorded, %llu refused of %u to %u", (long long)told.next,
                  (long long)told.refused, least, most);
    }
}
