/* SPDX-License-Identifier: MIT */
/*
 * The doorbell: a reader sleeps after each sub-buffer, a writer fills the next one as soon as that
 * is read. So each of them is a race between tp_pipe_sleep and the writer that leaves a sub-buffer.
 * A reader that sleeps for a second beside what it could read was not woken. Once with a reader of
 * the pipe of all, and once with one for each CPU, who sleep beside each other on one bell.
 */
#include "stress.h"

#include <tp/inner/ring.h>

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static sem_t rung[TP_TRACES_MAX][STRESS_CPUS]; /* of each reader: all are to be woken */

void stress_doorbell(unsigned trace)
{
    for (unsigned c = 0; c < STRESS_CPUS; c++)
        sem_post(&rung[trace][c]);
}

struct handshake {
    struct tp_trace *trace;
    uint32_t cpu;
    bool apart;                        /* it reads that CPU only */
    uint64_t read;                     /* events, published by the reader */
    uint64_t rounds, slept, not_woken; /* not_woken: bells that never rang */
    uint64_t until_us, rounds_max;
};

static bool wait_second(sem_t *bell)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    while (sem_timedwait(bell, &until))
        if (errno == ETIMEDOUT)
            return false;
    return true;
}

static void publish(struct handshake *h)
{
    struct tp_trace_stats stats;

    tp_trace_stats(h->trace, h->cpu, &stats);
    __atomic_store_n(&h->read, stats.read, __ATOMIC_RELEASE);
}

static long take(const struct handshake *h, void *buffer, size_t bytes)
{
    return h->apart ? tp_cpu_pipe_read(h->trace, h->cpu, buffer, bytes)
                    : tp_pipe_read(h->trace, buffer, bytes);
}

static bool may_sleep(const struct handshake *h)
{
    return h->apart ? tp_cpu_pipe_sleep(h->trace, h->cpu) : tp_pipe_sleep(h->trace);
}

static bool has_ended(const struct handshake *h)
{
    return h->apart ? tp_cpu_pipe_ended(h->trace, h->cpu) : tp_pipe_ended(h->trace);
}

static void *sleeper(void *arg)
{
    static uint8_t buffer[STRESS_CPUS][1 << 16];
    struct handshake *h = arg;
    uint8_t *to = buffer[h->cpu];

    while (!has_ended(h)) {
        if (take(h, to, sizeof(buffer[0])) > 0) {
            publish(h);
        } else if (!may_sleep(h)) {
            sched_yield();
        } else {
            h->slept++;
            if (!wait_second(&rung[tp_trace_number(h->trace)][h->cpu]) &&
                take(h, to, sizeof(buffer[0])) > 0) {
                h->not_woken++;
                publish(h);
            }
        }
    }
    return NULL;
}

/* Fires until the sub-buffer is left; returns how many are in those that are complete. */
static uint64_t fill(const struct tp_ring *r, uint64_t fired)
{
    tp_word old = r->cursor >> r->shift;

    do {
        stress_event();
        fired++;
    } while (r->cursor >> r->shift == old);
    return fired;
}

/* Every 64th time one event and a flush. */
static void *filler(void *arg)
{
    struct handshake *h = arg;
    const struct tp_ring *r = &tp_rings[tp_trace_number(h->trace)].ring[h->cpu];
    uint64_t fired = 0, want;

    tp_hosted_cpu = h->cpu;
    for (; h->rounds < h->rounds_max && stress_now_us() < h->until_us; h->rounds++) {
        if (h->rounds % 64) {
            fired = fill(r, fired);
            want = fired - 1;
        } else {
            stress_event();
            want = ++fired;
            tp_pipe_flush(h->trace);
        }
        while (__atomic_load_n(&h->read, __ATOMIC_ACQUIRE) < want)
            sched_yield();
        for (volatile unsigned i = (unsigned)(h->rounds * 7919 % 997); i; i--)
            ;
    }
    return NULL;
}

static void run(enum tp_mode mode, bool apart)
{
    static struct handshake h[STRESS_CPUS];
    const uint32_t cpus = apart ? STRESS_CPUS : 1;
    pthread_t reader[STRESS_CPUS], writer[STRESS_CPUS];
    struct stress s;

    if (apart)
        stress_open_apart(&s, mode, 512, 4);
    else
        stress_open(&s, mode, 512, 4);
    for (uint32_t c = 0; c < cpus; c++) {
        h[c] = (struct handshake){.trace = s.trace,
                                  .cpu = c,
                                  .apart = apart,
                                  .rounds_max = stress_events(400000, 20000),
                                  .until_us = stress_now_us() + stress_events(5000000, 3000000)};
        sem_init(&rung[tp_trace_number(s.trace)][c], 0, 0);
    }
    for (uint32_t c = 0; c < cpus; c++) {
        pthread_create(&reader[c], NULL, sleeper, &h[c]);
        pthread_create(&writer[c], NULL, filler, &h[c]);
    }
    for (uint32_t c = 0; c < cpus; c++)
        pthread_join(writer[c], NULL);
    TP_CHECK_EQ(tp_trace_stop(s.trace), 0);
    for (uint32_t c = 0; c < cpus; c++) {
        pthread_join(reader[c], NULL);
        TP_CHECK_EQ(h[c].not_woken, 0);
        TP_CHECK_GE(h[c].slept, 100);
        printf("# %llu handshakes, %llu times asleep\n", (unsigned long long)h[c].rounds,
               (unsigned long long)h[c].slept);
    }
    if (!apart)
        stress_drain(&s);
    stress_close(&s);
}

TP_TEST(Doorbell, Discard)
{
    run(TP_DISCARD, false);
}

TP_TEST(Doorbell, Overwrite)
{
    run(TP_OVERWRITE, false);
}

TP_TEST(Doorbell, EachCpuDiscard)
{
    run(TP_DISCARD, true);
}

TP_TEST(Doorbell, EachCpuOverwrite)
{
    run(TP_OVERWRITE, true);
}
