/* SPDX-License-Identifier: MIT */
/*
 * The doorbell: a reader sleeps after each sub-buffer, a writer fills the next one as soon as that
 * is read. So each of them is a race between tp_pipe_sleep and the writer that leaves a sub-buffer.
 * A reader that sleeps for a second beside what it could read was not woken.
 */
#include "stress.h"

#include <tp/ring.h>

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static sem_t rung[TP_TRACES_MAX];

void stress_doorbell(unsigned trace)
{
    sem_post(&rung[trace]);
}

struct handshake {
    struct stress s;
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
    struct tp_stats stats;

    tp_stats(h->s.trace, 0, &stats);
    __atomic_store_n(&h->read, stats.read, __ATOMIC_RELEASE);
}

static void *sleeper(void *arg)
{
    static uint8_t buffer[1 << 16];
    struct handshake *h = arg;
    struct tp_trace *t = h->s.trace;

    while (!tp_pipe_ended(t)) {
        if (tp_pipe_read(t, buffer, sizeof(buffer)) > 0) {
            publish(h);
        } else if (!tp_pipe_sleep(t)) {
            sched_yield();
        } else {
            h->slept++;
            if (!wait_second(&rung[tp_number(t)]) && tp_pipe_read(t, buffer, sizeof(buffer)) > 0) {
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
    const struct tp_ring *r = &tp_rings[tp_number(h->s.trace)].ring[0];
    uint64_t fired = 0, want;

    tp_hosted_cpu = 0;
    for (; h->rounds < h->rounds_max && stress_now_us() < h->until_us; h->rounds++) {
        if (h->rounds % 64) {
            fired = fill(r, fired);
            want = fired - 1;
        } else {
            stress_event();
            want = ++fired;
            tp_pipe_flush(h->s.trace);
        }
        while (__atomic_load_n(&h->read, __ATOMIC_ACQUIRE) < want)
            sched_yield();
        for (volatile unsigned i = (unsigned)(h->rounds * 7919 % 997); i; i--)
            ;
    }
    return NULL;
}

static void run(enum tp_mode mode)
{
    static struct handshake h;
    pthread_t reader, writer;

    h = (struct handshake){.rounds_max = stress_events(400000, 20000)};
    stress_open(&h.s, mode, 512, 4);
    sem_init(&rung[tp_number(h.s.trace)], 0, 0);
    h.until_us = stress_now_us() + stress_events(5000000, 3000000);
    pthread_create(&reader, NULL, sleeper, &h);
    pthread_create(&writer, NULL, filler, &h);
    pthread_join(writer, NULL);
    TP_CHECK_EQ(tp_stop(h.s.trace), 0);
    pthread_join(reader, NULL);
    TP_CHECK_EQ(h.not_woken, 0);
    printf("# %llu handshakes, %llu times asleep\n", (unsigned long long)h.rounds,
           (unsigned long long)h.slept);
    stress_close(&h.s);
}

TP_TEST(Doorbell, Discard)
{
    run(TP_DISCARD);
}

TP_TEST(Doorbell, Overwrite)
{
    run(TP_OVERWRITE);
}
