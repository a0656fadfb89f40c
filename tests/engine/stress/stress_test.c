/* SPDX-License-Identifier: MIT */
/*
 * The pipe while events are fired: a thread drains it into tpdecode, which runs in another. This is
 * the one test where nothing is kept, so that it can run for 10^9 events.
 */
#include "stress.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct stream {
    struct stress s;
    int from, to; /* tpdecode reads, the pipe is written */
};

static void *decode(void *arg)
{
    struct stream *t = arg;
    char path[40];

    snprintf(path, sizeof(path), "/dev/fd/%d", t->from);
    return (void *)(intptr_t)stress_decode(&t->s.books, path, NULL, 0);
}

static void *drain(void *arg)
{
    static uint8_t buffer[1 << 16];
    struct stream *t = arg;
    long n;

    do {
        n = tp_pipe_read(t->s.trace, buffer, sizeof(buffer));
        for (long done = 0, w; done < n; done += w)
            if ((w = write(t->to, buffer + done, (size_t)(n - done))) < 0)
                abort();
        if (n <= 0)
            usleep(100);
    } while (n > 0 || !tp_pipe_ended(t->s.trace));
    close(t->to);
    return NULL;
}

static void run(enum tp_mode mode, uint32_t subbuf_bytes, uint32_t subbufs)
{
    static struct stream t;
    pthread_t decoding, draining;
    void *code;
    int fd[2];

    stress_open(&t.s, mode, subbuf_bytes, subbufs);
    TP_ASSERT_EQ(pipe(fd), 0);
    t.from = fd[0];
    t.to = fd[1];
    pthread_create(&decoding, NULL, decode, &t);
    pthread_create(&draining, NULL, drain, &t);
    stress_fire(&t.s, stress_events(5000000, 1000000));
    stress_join(&t.s);
    pthread_join(draining, NULL);
    pthread_join(decoding, &code);
    close(t.from);
    TP_CHECK_EQ((intptr_t)code, 0);
    stress_check(&t.s);
    stress_close(&t.s);
}

TP_TEST(Stress, Discard)
{
    run(TP_DISCARD, 65536, 64);
}

/* Tiny sub-buffers: a new one every 18 records, and most events refused. */
TP_TEST(Stress, DiscardTiny)
{
    run(TP_DISCARD, 512, 8);
}

TP_TEST(Stress, Overwrite)
{
    run(TP_OVERWRITE, 65536, 64);
}

/* The reader is lapped all the time. */
TP_TEST(Stress, OverwriteTiny)
{
    run(TP_OVERWRITE, 512, 8);
}
