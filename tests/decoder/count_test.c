/* SPDX-License-Identifier: MIT */
/*
 * count_test.c - --stats, which goes over many records at once, against a model that knows what it
 * has put into the dump: all that may stand between plain records, in chunks of all sorts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <tp/wire.h>

#include "help.h"
#include "tp_test.h"

#define EVENTS 3u
#define CPUS 3u
#define UNKNOWN EVENTS /* place of what no metadata defines */
#define UNKNOWN_ID 77u
#define CHUNK_EVENTS 64u

enum count_sort { COUNT_GOOD, COUNT_DAMAGED, COUNT_FEWER, COUNT_MORE, COUNT_COPIES, COUNT_SORTS };

struct count_cell {
    uint64_t count, bytes, first, last;
};

static struct {
    struct count_cell event[EVENTS + 1], cpu[CPUS];
    uint64_t missing[CPUS], number[CPUS];
    uint64_t now;
} count;

/* A chunk in the making. */
struct count_chunk {
    struct help_bytes payload;
    uint64_t time, high;
    bool swap, context;
    uint32_t events;
    struct {
        uint32_t event, bytes;
        uint64_t time;
    } list[CHUNK_EVENTS];
};

static uint64_t count_random(void)
{
    static uint64_t x = 88172645463325252u;

    x ^= x << 13;
    x ^= x >> 7;
    return x ^= x << 17;
}

static void count_u32(struct count_chunk *c, uint32_t v)
{
    v = c->swap ? __builtin_bswap32(v) : v;
    help_add(&c->payload, &v, sizeof(v));
}

/* A record with so many bytes behind its header: first a u64, the rest zero. */
static void count_record(struct count_chunk *c, uint32_t id, uint32_t bytes, uint64_t first,
                         uint64_t time)
{
    static const uint8_t zeros[64];

    count_u32(c, (uint32_t)time);
    count_u32(c, TP_RECORD_WORD(id, bytes / 8 + 1) | TP_RECORD_COMMITTED);
    first = c->swap ? __builtin_bswap64(first) : first;
    help_add(&c->payload, &first, sizeof(first));
    help_add(&c->payload, zeros, bytes - sizeof(first));
}

static void count_event(struct count_chunk *c, uint32_t event, uint64_t time)
{
    uint32_t bytes = 16 + 8 * (uint32_t)(count_random() % 3) + (c->context ? 8 : 0);

    if (!c->events)
        c->time = time;
    else if (time >> 32 != c->high)
        count_record(c, TP_ID_TIME, 8, time, time);
    c->high = time >> 32;
    count_record(c, event == UNKNOWN ? UNKNOWN_ID : event + 1, bytes, 0, time);
    c->list[c->events].event = event;
    c->list[c->events].bytes = bytes + 8;
    c->list[c->events++].time = time;
}

/* What is no event, or not like those before. */
static void count_other(struct count_chunk *c)
{
    uint64_t word = TP_RECORD_WORD(2, 4);

    switch (count_random() % 6) {
    case 0:
        count_record(c, TP_ID_TIME, 8, count.now, count.now);
        c->high = count.now >> 32;
        break;
    case 1:
        count_record(c, TP_ID_TASK, sizeof(struct tp_wire_task), 5, count.now);
        break;
    case 2:
        count_record(c, 0xff42, 8, 1, count.now);
        break;
    case 3: /* in flight, and in no count: its header, zeros */
        count_record(c, TP_ID_UNFINISHED, 32, c->swap ? word : word << 32, count.now);
        break;
    case 4:
        count_event(c, UNKNOWN, count.now);
        break;
    default: /* time goes back */
        count_event(c, 1, count.now - 6000 - count_random() % 3000);
    }
}

static void count_tally(struct count_cell *c, uint64_t time, uint64_t bytes)
{
    c->first = !c->count || time < c->first ? time : c->first;
    c->last = time > c->last ? time : c->last;
    c->count++;
    c->bytes += bytes;
}

/* The events from..to of a chunk. */
static void count_model(const struct count_chunk *c, uint32_t cpu, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        count_tally(&count.event[c->list[i].event], c->list[i].time, c->list[i].bytes);
        count_tally(&count.cpu[cpu], c->list[i].time, c->list[i].bytes);
    }
}

static void count_chunk(struct help_bytes *dump, uint32_t cpu, enum count_sort sort)
{
    struct count_chunk c = {.swap = count_random() % 4 == 0, .context = count_random() % 4 == 0};
    uint32_t n = 4 + (uint32_t)(count_random() % 50), good = UINT32_MAX, says;
    uint32_t damage = sort == COUNT_DAMAGED ? (uint32_t)(count_random() % n) : n;
    uint32_t skip = sort == COUNT_COPIES && count.number[cpu] >= 2 ? 2 : 0;

    count_event(&c, 0, count.now += 5000);
    for (uint32_t i = 0; i < n; i++) {
        count.now += 5000;
        if (i == damage) {
            good = c.events;
            count_u32(&c, (uint32_t)count.now);
            count_u32(&c, TP_RECORD_WORD(1, 1)); /* not marked as whole */
        }
        if (count_random() % 8)
            count_event(&c, (uint32_t)(count_random() % EVENTS), count.now);
        else
            count_other(&c);
    }
    says = c.events - (sort == COUNT_FEWER ? 2 : 0) + (sort == COUNT_MORE ? 2 : 0);
    good = good < c.events ? good : c.events;
    good = good < says ? good : says;
    count_model(&c, cpu, skip, good);
    count.missing[cpu] += says - (good > skip ? good : skip);
    help_add_chunk(dump,
                   (struct help_chunk){.type = TP_CHUNK_DATA,
                                       .cpu = (uint16_t)cpu,
                                       .swap = c.swap,
                                       .flags = c.context ? TP_CHUNK_CONTEXT : 0,
                                       .records = says,
                                       .time = c.time,
                                       .first_record = count.number[cpu] - skip},
                   c.payload.p, c.payload.n);
    count.number[cpu] += says - skip;
    help_free(&c.payload);
}

/* Chunks of some CPUs, and the metadata, which tells of others too. */
static void count_make(struct help_bytes *dump, uint32_t cpus, uint8_t told, uint32_t chunks,
                       uint32_t metadata)
{
    memset(&count, 0, sizeof(count));
    count.now = 0xffff0000u; /* soon the upper half changes */
    for (uint32_t i = 0; i < chunks; i++) {
        if (i == metadata)
            help_add_events(dump, EVENTS, told);
        count_chunk(dump, (uint32_t)(count_random() % cpus),
                    count_random() % 3 ? COUNT_GOOD
                                       : (enum count_sort)(count_random() % COUNT_SORTS));
    }
    help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
}

/* Has the answer an object that starts with `start` and these figures? It has none without. */
static void count_check(const char *out, const char *start, const struct count_cell *c)
{
    char text[200];
    const char *object = strstr(out, start);

    if (!c->count) {
        TP_CHECK(!object);
        return;
    }
    if (!object)
        TP_FAIL_FATAL("no %s in %s", start, out);
    snprintf(text, sizeof(text), "%s\"count\":%" PRIu64 ",\"rate\":", start, c->count);
    if (strncmp(object, text, strlen(text)) != 0)
        TP_FAIL("wanted %s got %.120s", text, object);
    snprintf(text, sizeof(text),
             "\"bytes\":%" PRIu64 ",\"first_ns\":%" PRIu64 ",\"last_ns\":%" PRIu64, c->bytes,
             c->first, c->last);
    object = strstr(object, "\"bytes\":");
    if (!object || strncmp(object, text, strlen(text)) != 0)
        TP_FAIL("%s wanted %s got %.120s", start, text, object);
}

static void count_check_all(const char *out)
{
    static const char *const events[EVENTS + 1] = {"{\"event\":\"s:e0\",", "{\"event\":\"s:e1\",",
                                                   "{\"event\":\"s:e2\",",
                                                   "{\"event\":\"unknown\","};
    static const char *const cpus[CPUS] = {"{\"cpu\":0,", "{\"cpu\":1,", "{\"cpu\":2,"};
    uint64_t missing = 0;
    char text[80];

    for (uint32_t i = 0; i < EVENTS + 1; i++)
        count_check(out, events[i], &count.event[i]);
    for (uint32_t i = 0; i < CPUS; i++) {
        count_check(out, cpus[i], &count.cpu[i]);
        missing += count.missing[i];
    }
    snprintf(text, sizeof(text), "\"lost_sum\":%" PRIu64 "}}\n", missing);
    TP_CHECK_STREQ(strstr(strstr(out, "\"all\":"), "\"lost_sum\":"), text);
}

static struct help_run count_run(const struct help_bytes *dump, bool stats, const char *event)
{
    struct decode_input in = {.path = "dump", .bytes = dump->p, .size = dump->n};
    struct decode_options o = {.inputs = &in, .input_count = 1};

    if (stats) {
        o.format = DECODE_JSON;
        o.answer.kind = ANSWER_STATS;
    }
    if (event)
        TP_CHECK(!select_read_events(&o.select, event));
    return help_run(o);
}

/* Of one CPU, so that what is said of the dump comes in the same order as with text. */
TP_TEST(DecoderCount, OneCpuSaysWhatTextSays)
{
    for (int i = 0; i < 200; i++) {
        struct help_bytes dump = {0};
        struct help_run stats, text;

        count_make(&dump, 1, 1, 3 + (uint32_t)(count_random() % 20),
                   (uint32_t)(count_random() % 3));
        stats = count_run(&dump, true, NULL);
        text = count_run(&dump, false, NULL);
        count_check_all(stats.out);
        TP_CHECK_STREQ(stats.err, text.err);
        TP_CHECK_EQ(stats.code, text.code);
        help_run_free(&stats);
        help_run_free(&text);
        help_free(&dump);
    }
}

TP_TEST(DecoderCount, SeveralCpus)
{
    for (int i = 0; i < 200; i++) {
        struct help_bytes dump = {0};
        struct help_run stats;

        count_make(&dump, CPUS, CPUS, 3 + (uint32_t)(count_random() % 30),
                   (uint32_t)(count_random() % 3));
        stats = count_run(&dump, true, NULL);
        count_check_all(stats.out);
        help_run_free(&stats);
        help_free(&dump);
    }
}

/* Who selects gets each record by itself. */
TP_TEST(DecoderCount, BehindASelection)
{
    for (int i = 0; i < 50; i++) {
        struct help_bytes dump = {0};
        struct help_run stats;
        char shown[80];
        uint64_t all;

        count_make(&dump, CPUS, CPUS, 3 + (uint32_t)(count_random() % 20), 0);
        stats = count_run(&dump, true, "s:e1");
        all = 0;
        for (uint32_t e = 0; e < EVENTS + 1; e++)
            all += count.event[e].count;
        snprintf(shown, sizeof(shown), "%" PRIu64 " of %" PRIu64 " records shown",
                 count.event[1].count, all);
        TP_CHECK(strstr(stats.err, shown) != NULL);
        count_check(stats.out, "{\"event\":\"s:e1\",", &count.event[1]);
        TP_CHECK(!strstr(stats.out, "s:e0"));
        help_run_free(&stats);
        help_free(&dump);
    }
}

/* More than is read at once, without metadata, and without one of the CPUs: it has to wait. */
TP_TEST(DecoderCount, WhatMustWait)
{
    for (uint32_t cpus = 1; cpus <= CPUS; cpus++) {
        for (uint32_t metadata = 0; metadata < 800; metadata += 799) {
            struct help_bytes dump = {.side = 1}; /* chunk 0 is not there */
            struct help_run stats;

            count_make(&dump, cpus, CPUS, 800, metadata);
            TP_CHECK(dump.n > 3u << 18);
            stats = count_run(&dump, true, NULL);
            count_check_all(stats.out);
            help_run_free(&stats);
            help_free(&dump);
        }
    }
}

/* Id and length such that a record's word is the same in both byte orders. */
TP_TEST(DecoderCount, WordOfBothByteOrders)
{
    struct count_chunk c = {.swap = true};
    struct help_bytes dump = {0};
    struct help_run stats;

    help_add_events(&dump, 0x0380, 1);
    memset(&count, 0, sizeof(count));
    for (uint64_t time = 0; time < 3; time++) {
        count_record(&c, 0x0380, 16, 0, time);
        count_tally(&count.cpu[0], time, 24);
    }
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_DATA, .swap = true, .records = 3},
                   c.payload.p, c.payload.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    stats = count_run(&dump, true, NULL);
    count_check(stats.out, "{\"event\":\"s:e895\",", &count.cpu[0]);
    TP_CHECK_STREQ(stats.err, "3 records, 0 lost\n");
    help_run_free(&stats);
    help_free(&c.payload);
    help_free(&dump);
}
