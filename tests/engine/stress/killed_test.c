/* SPDX-License-Identifier: MIT */
/*
 * A reader that is a process of its own, on the same region, killed at any moment.
 *
 * With tp_pipe_peek and tp_pipe_consume, a reader that dies outside of calls loses nothing
 * and doubles nothing: the next one is shown the bytes that were not consumed again. One that
 * dies inside leaves the pipe busy: then nothing more can be read, and that too without
 * harm to writers, to snapshots, and to the counts.
 */
#include "stress.h"

#include "../../../engine/core/core.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __SANITIZE_THREAD__ /* which knows nothing of what other processes do */

#define OUT_BYTES (512u << 20) /* as many pages of it are used as bytes are read */

/* What readers leave to each other. */
static struct shared {
    uint64_t state;  /* bytes taken << 24 | bytes behind them that perhaps were consumed */
    uint32_t inside; /* a call */
    uint32_t calls;
    uint8_t out[OUT_BYTES];
} * shared;

static void set_state(uint64_t taken, uint64_t perhaps)
{
    __atomic_store_n(&shared->state, taken << 24 | perhaps, __ATOMIC_RELEASE);
}

static long peek(struct tp_trace *trace, const void **data)
{
    long n;

    __atomic_store_n(&shared->inside, 1, __ATOMIC_SEQ_CST);
    n = tp_pipe_peek(trace, data);
    __atomic_store_n(&shared->inside, 0, __ATOMIC_SEQ_CST);
    return n;
}

static int consume(struct tp_trace *trace, size_t n)
{
    int err;

    __atomic_store_n(&shared->inside, 1, __ATOMIC_SEQ_CST);
    err = tp_pipe_consume(trace, n);
    __atomic_store_n(&shared->inside, 0, __ATOMIC_SEQ_CST);
    return err;
}

static bool ended(struct tp_trace *trace)
{
    bool has;

    __atomic_store_n(&shared->inside, 1, __ATOMIC_SEQ_CST);
    has = tp_pipe_ended(trace);
    __atomic_store_n(&shared->inside, 0, __ATOMIC_SEQ_CST);
    return has;
}

/* Of the reader before us we do not know whether it consumed what it had copied. If the same bytes
 * come again it did not: no two pieces in a row are equal, since each is a header, or follows one.
 */
static uint64_t settle(const void *data, long n)
{
    uint64_t taken = shared->state >> 24, perhaps = shared->state & 0xffffff;

    if (perhaps && (perhaps != (uint64_t)n || memcmp(shared->out + taken, data, perhaps)))
        taken += perhaps;
    set_state(taken, 0);
    return taken;
}

/* Until the end of the trace, or TP_EBUSY. */
static int read_on(struct tp_trace *trace, unsigned pause_us)
{
    const void *data;
    long n;

    for (;;) {
        n = peek(trace, &data);
        if (n < 0 || (!n && ended(trace)))
            return (int)n;
        if (n) {
            uint64_t taken = settle(data, n);

            memcpy(shared->out + taken, data, (size_t)n);
            set_state(taken, (uint64_t)n);
            if (consume(trace, (size_t)n))
                return TP_EINVAL;
            set_state(taken + (uint64_t)n, 0);
        }
        if (pause_us && shared->calls++ % 16 == 0)
            usleep(pause_us);
    }
}

/* One life of a reader. True: the pipe can be read on. */
static bool live_and_die(struct stress *s, unsigned *inside)
{
    pid_t child = fork();
    int status;

    if (!child)
        _exit(read_on(s->trace, 20) ? 1 : 0);
    usleep((useconds_t)(rand() % 3000));
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    TP_CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    if (!shared->inside)
        TP_CHECK_EQ(s->trace->pipe->busy, 0);
    *inside += shared->inside;
    shared->inside = 0;
    return !s->trace->pipe->busy;
}

/* What still holds when the pipe has been left busy. Nobody but a test may take that back. */
static void check_stuck(struct stress *s)
{
    uint8_t buffer[4096];
    const void *data;
    long n;

    TP_CHECK_EQ(tp_pipe_peek(s->trace, &data), TP_EBUSY);
    TP_CHECK_EQ(tp_pipe_read(s->trace, buffer, sizeof(buffer)), TP_EBUSY);
    TP_CHECK_EQ(tp_pipe_consume(s->trace, 0), TP_EBUSY);
    TP_CHECK(!tp_pipe_sleep(s->trace));
    TP_CHECK_EQ(tp_snapshot_begin(s->trace), 0);
    while ((n = tp_snapshot_read(s->trace, buffer, sizeof(buffer))) > 0)
        stress_append(&s->dump, buffer, (size_t)n);
    TP_CHECK_EQ(n, 0);
    /* That the trace is in use was said in the memory of the process that died: what tp_trace_close answers
     * to that is seen in tests/engine/unit/lifecycle_test.c. */
    TP_CHECK_EQ(stress_decode(&s->books, "snapshot", s->dump.bytes, s->dump.used), 0);
    stress_check_lines(&s->books);
    s->trace->pipe->busy = 0;
    s->broken = true;
}

static void check_followed(struct stress *s)
{
    TP_CHECK_EQ(read_on(s->trace, 0), 0);
    TP_CHECK_EQ(stress_decode(&s->books, "dump", shared->out, shared->state >> 24), 0);
    stress_check(s);
}

/* A trace, and readers one after the other until the writers have ended or the pipe is left busy.
 */
static bool run(enum tp_mode mode, unsigned *killed, unsigned *inside)
{
    struct stress s;
    bool usable = true;

    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    TP_ASSERT(shared != MAP_FAILED);
    stress_open(&s, mode, 2048, 8);
    s.quiet = true;
    stress_fire(&s, 300000);
    for (unsigned i = 0; usable && i < 40; i++, ++*killed)
        usable = live_and_die(&s, inside);
    stress_join(&s);
    if (usable)
        check_followed(&s);
    else
        check_stuck(&s);
    stress_close(&s);
    munmap(shared, sizeof(*shared));
    return usable;
}

static void run_many(enum tp_mode mode)
{
    uint64_t until = stress_now_us() + stress_events(4000000, 0);
    unsigned killed = 0, inside = 0, followed = 0, stuck = 0;

    while (stress_now_us() < until)
        if (run(mode, &killed, &inside))
            followed++;
        else
            stuck++;
    printf("# %u readers killed, %u inside a call; %u traces read to the end, %u left busy\n",
           killed, inside, followed, stuck);
    TP_CHECK(followed > 0);
}

TP_TEST(Killed, Discard)
{
    run_many(TP_DISCARD);
}

TP_TEST(Killed, Overwrite)
{
    run_many(TP_OVERWRITE);
}

#endif
