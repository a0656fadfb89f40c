/* SPDX-License-Identifier: MIT */
/*
 * Traces of 64 to 4,096 CPUs: a few threads are many CPUs, one after the other, each its own ones.
 * Some CPUs are silent, some all the time. The books of each must be exact.
 */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(cpus, event, "n=%llu", u64 n)

#include "decoder/tool/decode.h"
#include "stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPUS_MAX 4096u
#define THREADS 2u
#define BURST 64u /* events at most, without another CPU of the thread between */

struct cpu_book {
    uint64_t fired, decoded, lost, next;
    uint64_t final_lost, final_records; /* of its last chunk, which is a mark */
    bool silent, marked;
};

static struct many {
    struct tp_trace *trace;
    uint32_t cpus;
    uint64_t bursts; /* of a thread */
    struct cpu_book book[CPUS_MAX];
    uint64_t bad;
    char line[512];
    size_t used;
    struct stress_dump dump;
} m;

/* Of these 3 in 4, and in the first half of the time only the first few. */
static void *fire_many(void *arg)
{
    uint32_t thread = *(uint32_t *)arg, random = 2463534242u + thread;

    for (uint64_t i = 0; i < m.bursts; i++) {
        uint32_t of = i < m.bursts / 2 ? 16 : m.cpus, cpu;

        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        cpu = random % of / THREADS * THREADS + thread;
        if (m.book[cpu].silent)
            continue;
        tp_hosted_cpu = cpu;
        for (uint32_t n = random >> 16 & (BURST - 1); n > 0; n--)
            trace_cpus_event(m.book[cpu].fired++);
    }
    tp_hosted_cpu = TP_HOSTED_NO_CPU;
    return NULL;
}

static struct cpu_book *book_of(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    unsigned long cpu = at ? strtoul(at + strlen(key), NULL, 10) : CPUS_MAX;

    return cpu < m.cpus ? &m.book[cpu] : NULL;
}

/* A record: of a CPU that fires, and later than its last. */
static void take_many_line(const char *line)
{
    bool loss = line[0] == '-';
    struct cpu_book *b = book_of(line, loss ? "--- cpu " : "[");
    const char *n = strstr(line, loss ? ": " : "n=");

    if (!b || !n || b->silent) {
        if (m.bad++ < 5)
            printf("# wrong: %s\n", line);
    } else if (loss) {
        b->lost += strtoull(n + 2, NULL, 10);
    } else {
        m.bad += strtoull(n + 2, NULL, 10) < b->next;
        b->next = strtoull(n + 2, NULL, 10) + 1;
        b->decoded++;
    }
}

static int take_many(void *context, const void *bytes, size_t size)
{
    const char *text = bytes;

    (void)context;
    for (size_t i = 0; i < size; i++) {
        if (text[i] != '\n') {
            m.line[m.used] = text[i];
            m.used += m.used < sizeof(m.line) - 1;
            continue;
        }
        m.line[m.used] = 0;
        m.used = 0;
        take_many_line(m.line);
    }
    return 0;
}

static int ignore_text(void *context, const void *bytes, size_t size)
{
    (void)context;
    (void)bytes;
    (void)size;
    return 0;
}

static void decode_many(void)
{
    struct decode_input in = {.path = "dump", .bytes = m.dump.bytes, .size = m.dump.used};
    struct decode_options o = {.inputs = &in,
                               .input_count = 1,
                               .out = {.write = take_many},
                               .diag = {.write = ignore_text}};

    for (uint32_t c = 0; c < m.cpus; c++)
        m.book[c].decoded = m.book[c].lost = m.book[c].next = 0;
    TP_CHECK_EQ(decode_run(&o), 0);
    TP_CHECK_EQ(m.bad, 0);
    for (uint32_t c = 0; c < m.cpus; c++)
        TP_CHECK_EQ(m.book[c].decoded + m.book[c].lost, m.book[c].fired);
}

/* doc/format.md, W-7.1: before the end is a mark of each CPU with its final counts. */
static void check_final_marks(void)
{
    const struct tp_wire_chunk *h;

    for (uint32_t c = 0; c < m.cpus; c++)
        m.book[c].marked = false;
    for (size_t at = 0; at < m.dump.used; at += h->size_bytes) {
        h = (const struct tp_wire_chunk *)(const void *)(m.dump.bytes + at);
        if (h->type != TP_CHUNK_DATA)
            continue;
        TP_ASSERT(h->cpu < m.cpus);
        m.book[h->cpu].marked = h->size_bytes == sizeof(*h);
        m.book[h->cpu].final_records = h->first_record;
        m.book[h->cpu].final_lost = 0;
        for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
            m.book[h->cpu].final_lost += h->lost[i];
    }
    for (uint32_t c = 0; c < m.cpus; c++) {
        TP_CHECK(m.book[c].marked);
        TP_CHECK_EQ(m.book[c].final_records + m.book[c].final_lost, m.book[c].fired);
    }
}

/* Reads of several sizes, in turns. */
static void drain_many(long (*read)(struct tp_trace *, void *, size_t),
                       bool (*ended)(struct tp_trace *))
{
    static const size_t sizes[] = {1 << 16, 1000, sizeof(struct tp_wire_chunk), 8192};
    static uint8_t buffer[1 << 16];
    unsigned turn = 0;
    long n;

    for (;;) {
        n = read(m.trace, buffer, sizes[turn++ % 4]);
        TP_ASSERT(n >= 0);
        if (n)
            stress_append(&m.dump, buffer, (size_t)n);
        else if (!ended || ended(m.trace))
            return;
        else
            usleep(100);
    }
}

static void check_stats(void)
{
    struct tp_trace_stats s;

    for (uint32_t c = 0; c < m.cpus; c++) {
        TP_CHECK_EQ(tp_trace_stats(m.trace, c, &s), 0);
        TP_CHECK_EQ(s.read, m.book[c].decoded);
        TP_CHECK_EQ(s.unread, 0);
        TP_CHECK_EQ(s.lost[0] + s.lost[1] + s.lost[2] + s.lost[3] + s.lost[4] + s.unfinished,
                    m.book[c].lost);
    }
}

static void *stop_after(void *arg)
{
    pthread_t *thread = arg;

    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    TP_CHECK_EQ(tp_trace_stop(m.trace), 0);
    return NULL;
}

static void run_many(uint32_t cpus, enum tp_mode mode)
{
    struct tp_config config = {
        .name = "cpus", .cpus = cpus, .subbuf_bytes = 512, .subbufs = 4, .mode = mode};
    static const uint32_t number[THREADS] = {0, 1};
    pthread_t thread[THREADS], stopper;
    size_t bytes = tp_region_bytes(&config);
    void *region = aligned_alloc(64, (bytes + 63) & ~(size_t)63);

    TP_ASSERT(region != NULL);
    memset(&m, 0, sizeof(m));
    m.cpus = cpus;
    m.bursts = stress_events(20000, 2000);
    for (uint32_t c = 0; c < cpus; c++)
        m.book[c].silent = c % 4 == 3;
    TP_ASSERT_EQ(tp_trace_open(&m.trace, region, bytes, &config), 0);
    TP_ASSERT_EQ(tp_trace_start(m.trace), 0);
    for (unsigned i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, fire_many, (void *)&number[i]))
            abort();
    if (pthread_create(&stopper, NULL, stop_after, thread))
        abort();
    drain_many(tp_pipe_read, tp_pipe_ended);
    pthread_join(stopper, NULL);
    check_final_marks();
    decode_many();
    check_stats();
    if (mode == TP_OVERWRITE) {
        m.dump.used = 0;
        TP_CHECK_EQ(tp_snapshot_begin(m.trace), 0);
        drain_many(tp_snapshot_read, NULL);
        check_final_marks();
        decode_many();
    }
    TP_CHECK_EQ(tp_trace_strangers(m.trace), 0);
    TP_CHECK_EQ(tp_trace_close(m.trace), 0);
    free(region);
    free(m.dump.bytes);
}

TP_TEST(Cpus, DiscardOf64)
{
    run_many(64, TP_DISCARD);
}

TP_TEST(Cpus, DiscardOf1024)
{
    run_many(1024, TP_DISCARD);
}

TP_TEST(Cpus, DiscardOf4096)
{
    run_many(4096, TP_DISCARD);
}

TP_TEST(Cpus, OverwriteOf64)
{
    run_many(64, TP_OVERWRITE);
}

TP_TEST(Cpus, OverwriteOf1024)
{
    run_many(1024, TP_OVERWRITE);
}

TP_TEST(Cpus, OverwriteOf4096)
{
    run_many(4096, TP_OVERWRITE);
}
