/* SPDX-License-Identifier: MIT */
/*
 * follow_test.c - how long an input that grows is waited for, by a clock that the test sets.
 *
 * The input comes chunk by chunk. Before each one time passes, in turns as watch.h has them.
 */
#include <stdio.h>
#include <string.h>

#include "decoder/bytes/watch.h"
#include "decoder/order/merge.h"
#include "help.h"
#include "tp_test.h"

#define FOLLOW_CHUNKS 8u

struct follow {
    struct sink sink;
    struct out out;
    struct diag diag;
    struct stream stream;
    struct merge merge;
    struct watch watch;
    struct help_bytes chunk[FOLLOW_CHUNKS];
    uint64_t at_ms[FOLLOW_CHUNKS]; /* when it comes */
    uint32_t count, next;
    char shown[128]; /* the values that were put out; `|` before each chunk */
};

static void follow_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct follow *f = (struct follow *)k;

    (void)e;
    snprintf(f->shown + strlen(f->shown), sizeof(f->shown) - strlen(f->shown), "%c",
             lane->record.fields[0]);
}

static int follow_nowhere(void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return 0;
}

/* The next chunk, once it is there. */
static long follow_read(void *context, void *to, size_t n)
{
    struct follow *f = context;
    const struct help_bytes *c = &f->chunk[f->next];

    if (f->next == f->count)
        return 0;
    for (; f->watch.clock_ms < f->at_ms[f->next]; f->watch.clock_ms += WATCH_TICK_MS)
        merge_hurry(&f->merge, f->watch.clock_ms);
    f->next++;
    strcat(f->shown, "|");
    TP_ASSERT(c->n <= n);
    memcpy(to, c->p, c->n);
    return (long)c->n;
}

static void follow_open(struct follow *f)
{
    memset(f, 0, sizeof(*f));
    f->sink = (struct sink){.out = &f->out, .event = follow_event};
    f->diag.sink = (struct out_sink){follow_nowhere, NULL};
    out_open(&f->out, (struct out_sink){follow_nowhere, NULL});
    stream_open(&f->stream, 0, "m", &f->diag);
    input_open_reader(&f->stream.in, follow_read, f);
    f->stream.in.watch = &f->watch;
    f->merge = (struct merge){.streams = &f->stream, .stream_count = 1, .sink = &f->sink};
    help_add_metadata(&f->chunk[0], 2);
    f->count = 1;
}

/* Each letter is a record of this CPU: its value, and 1000 times that its time. */
static void follow_data(struct follow *f, uint64_t at_ms, uint16_t cpu, uint64_t first,
                        const char *values)
{
    uint32_t n = (uint32_t)strlen(values), r[8][4] = {{0}};

    f->at_ms[f->count] = at_ms;
    for (uint32_t i = 0; i < n; i++)
        memcpy(r[i], (uint32_t[4]){1000u * (uint8_t)values[i], 0x80020001u, (uint8_t)values[i]},
               16);
    help_add_chunk(&f->chunk[f->count++],
                   (struct help_chunk){.type = TP_CHUNK_DATA,
                                       .cpu = cpu,
                                       .records = n,
                                       .time = 1000u * (uint8_t)values[0],
                                       .first_record = first},
                   r, 16 * n);
}

static void follow_expect(struct follow *f, const char *shown, uint64_t late)
{
    merge_run(&f->merge);
    TP_CHECK_STREQ(f->shown, shown);
    TP_CHECK_EQ(f->merge.late, late);
    merge_free(&f->merge);
    stream_close(&f->stream);
    out_close(&f->out);
    for (uint32_t i = 0; i < f->count; i++)
        help_free(&f->chunk[i]);
}

/* One that comes within the time is in order, */
TP_TEST(DecoderFollow, ASecond)
{
    struct follow f;

    follow_open(&f);
    follow_data(&f, 100, 0, 0, "ad");
    follow_data(&f, 100 + MERGE_DELAY_MS, 1, 0, "be");
    follow_expect(&f, "|||abde", 0);
}

/* and one tick later it is not. */
TP_TEST(DecoderFollow, MoreThanASecond)
{
    struct follow f;

    follow_open(&f);
    follow_data(&f, 100, 0, 0, "ad");
    follow_data(&f, 100 + MERGE_DELAY_MS + WATCH_TICK_MS, 1, 0, "be");
    follow_expect(&f, "||ad|be", 1);
}

/* What is put out is what has waited, and nothing that came after it: that is still in order with what comes. */
TP_TEST(DecoderFollow, WhatCameLaterIsStillWaitedFor)
{
    struct follow f;

    follow_open(&f);
    follow_data(&f, 100, 0, 0, "ab");
    follow_data(&f, 1000, 0, 2, "eh");
    follow_data(&f, 1500, 1, 0, "cfg");
    follow_expect(&f, "|||ab|cefgh", 0);
}
