/* SPDX-License-Identifier: MIT */
/*
 * Snapshots, one after the other, while threads fire and the pipe drains. Each decodes, its records
 * are whole and in order, and what it decoded and counts as lost is what had been fired when it was
 * begun, or a little more: the rest of the sub-buffer that was being filled then, and, if it was
 * lapped, up to the oldest that was left. Never less, and never what was not yet fired at its end.
 */
#include "stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/wire.h>
#include <unistd.h>

struct taker {
    struct stress *s;
    bool stop;
    struct snapshot {
        struct stress_dump dump;
        uint64_t before[STRESS_CPUS], behind[STRESS_CPUS];
    } * snapshot;
    unsigned count;
};
#define SNAPSHOTS 300u

static void fired_now(const struct stress *s, uint64_t *fired)
{
    for (unsigned c = 0; c < STRESS_CPUS; c++)
        for (unsigned l = fired[c] = 0; l < STRESS_LEVELS; l++)
            fired[c] += __atomic_load_n(&stress_fired[c][l], __ATOMIC_ACQUIRE) - s->before[c][l];
}

static void take_snapshot(struct stress *s, struct snapshot *p)
{
    uint8_t buffer[8192];
    long n;

    fired_now(s, p->before);
    TP_CHECK_EQ(tp_snapshot_begin(s->trace), 0);
    while ((n = tp_snapshot_read(s->trace, buffer, sizeof(buffer))) > 0)
        stress_append(&p->dump, buffer, (size_t)n);
    TP_CHECK_EQ(n, 0);
    fired_now(s, p->behind);
}

static void *take_snapshots(void *arg)
{
    struct taker *t = arg;

    while (!__atomic_load_n(&t->stop, __ATOMIC_ACQUIRE) && t->count < SNAPSHOTS) {
        take_snapshot(t->s, &t->snapshot[t->count++]);
        usleep(2000);
    }
    return NULL;
}

/* What a dump that starts in mid-stream leaves out: the records before it, and what was lost till
 * then. tpdecode starts its books there. */
static uint64_t left_out(const struct stress_dump *d, unsigned cpu)
{
    struct tp_wire_chunk h;
    uint64_t sum;

    for (size_t at = 0; at + sizeof(h) <= d->used; at += h.size_bytes) {
        memcpy(&h, d->bytes + at, sizeof(h));
        if (h.type != TP_CHUNK_DATA || h.cpu != cpu)
            continue;
        if (h.first_record == h.lost[TP_LOST_OVERWRITTEN])
            return 0;
        sum = h.first_record;
        for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
            sum += h.lost[i];
        return sum;
    }
    TP_FAIL("no chunk of cpu %u", cpu);
    return 0;
}

/* Of those counted before, one task's and one signal's event may not have been recorded yet. */
static void check_snapshot(const struct stress *s, const struct snapshot *p,
                           struct stress_books *sum)
{
    static struct stress_books b;

    stress_books_start(&b, s->before);
    TP_CHECK_EQ(stress_decode(&b, "snapshot", p->dump.bytes, p->dump.used), 0);
    stress_check_lines(&b);
    if (strstr(b.diagnostics, "damage"))
        TP_FAIL("%s", b.diagnostics);
    for (unsigned c = 0; c < STRESS_CPUS; c++) {
        uint64_t told = b.cpu[c].decoded + stress_lost(&b.cpu[c]) + left_out(&p->dump, c);

        TP_CHECK_GE(told + STRESS_LEVELS, p->before[c]);
        TP_CHECK_LE(told, p->behind[c]);
        sum->cpu[c].decoded += b.cpu[c].decoded;
        sum->cpu[c].lost[STRESS_UNFINISHED] += b.cpu[c].lost[STRESS_UNFINISHED];
    }
}

static void run(enum tp_mode mode, uint32_t subbuf_bytes, bool drained)
{
    struct stress s;
    struct taker taker = {.s = &s};
    struct stress_books sum = {.bad = 0};
    pthread_t thread;

    stress_open(&s, mode, subbuf_bytes, 8);
    taker.snapshot = calloc(SNAPSHOTS, sizeof(*taker.snapshot));
    stress_fire(&s, stress_kept(5000000, 150000));
    pthread_create(&thread, NULL, take_snapshots, &taker);
    for (unsigned c = 0; c < STRESS_CPUS; c++)
        while (__atomic_load_n(&stress_fired[c][STRESS_TASK], __ATOMIC_ACQUIRE) <
               s.before[c][STRESS_TASK] + s.events)
            if (!drained || stress_take(&s, SIZE_MAX) <= 0)
                usleep(100);
    __atomic_store_n(&taker.stop, true, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    stress_join(&s);
    for (unsigned i = 0; i < taker.count; i++) {
        check_snapshot(&s, &taker.snapshot[i], &sum);
        free(taker.snapshot[i].dump.bytes);
    }
    free(taker.snapshot);
    printf("# %u snapshots, %llu and %llu records in them, %llu and %llu unfinished\n", taker.count,
           (unsigned long long)sum.cpu[0].decoded, (unsigned long long)sum.cpu[1].decoded,
           (unsigned long long)sum.cpu[0].lost[STRESS_UNFINISHED],
           (unsigned long long)sum.cpu[1].lost[STRESS_UNFINISHED]);
    stress_drain(&s);
    TP_CHECK_EQ(stress_decode(&s.books, "dump", s.dump.bytes, s.dump.used), 0);
    stress_check(&s);
    stress_close(&s);
}

TP_TEST(Snapshot, Discard)
{
    run(TP_DISCARD, 4096, true);
}

TP_TEST(Snapshot, Overwrite)
{
    run(TP_OVERWRITE, 4096, true);
}

/* Lapped in the middle. */
TP_TEST(Snapshot, OverwriteTiny)
{
    run(TP_OVERWRITE, 512, true);
}

TP_TEST(Snapshot, OverwriteWithoutPipe)
{
    run(TP_OVERWRITE, 16384, false);
}
