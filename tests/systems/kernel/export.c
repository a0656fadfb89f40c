/* SPDX-License-Identifier: MIT */
/* What carries the dump out: from the pipe to the board's way out, without a copy. */
#include "kernel.h"

#include <tp/trace.h>

#define DRAIN_TICKS 2  /* between two looks at the pipe */
#define STORY_TICKS 50 /* the same in a story: not what it is about */
#define FLUSH_EVERY 8  /* looks; so that chunks of sub-buffers in use are seen too */
#define BURST_TICKS 4  /* the same in a burst, time enough to fill the buffers */
#define REST_WAIT_US 10000
#define REST_TRIES 2000

uint64_t export_bytes;

static void (*out)(const void *bytes, size_t n);
static uint64_t hold_until; /* events fired before the first look; 0: none are to be lost */
static bool stopping, stopped;

static void export_write(const void *bytes, size_t n)
{
    channel_write(0, bytes, n);
}

void export_init(void)
{
    console_serial_taken = option(OPT_SERIAL);
    out = console_serial_taken ? serial_write : option(OPT_FILE) ? file_write : export_write;
    if (out == file_write && !file_open())
        panic("the host takes no files", NULL);
    if (out == export_write && !channel_open(0))
        panic("no console; boot with dump=serial to do without", NULL);
}

bool export_piece(struct tp_trace *trace)
{
    const void *data;
    long n = tp_pipe_peek(trace, &data);

    if (n < 0)
        panic(tp_strerror((int)n), NULL);
    if (!n)
        return false;
    out(data, (size_t)n);
    export_bytes += (uint64_t)n;
    if (tp_pipe_consume(trace, (size_t)n))
        panic("tp_pipe_consume", NULL);
    return true;
}

void export_drain(struct tp_trace *trace)
{
    while (export_piece(trace))
        ;
}

/* A record whose writer is dead keeps the pipe waiting for a while. */
void export_rest(struct tp_trace *trace)
{
    for (int tries = 0; !tp_pipe_ended(trace); tries++) {
        if (tries == REST_TRIES)
            panic("the pipe did not end", NULL);
        export_drain(trace);
        if (!tp_pipe_ended(trace))
            cpu_delay(REST_WAIT_US);
    }
}

void export_second_piece(const void *bytes, size_t n)
{
    static bool opened;

    if (!opened && !channel_open(1))
        panic("no second console", NULL);
    opened = true;
    channel_write(1, bytes, n);
}

void export_snapshot(struct tp_trace *trace)
{
    static uint8_t buffer[PAGE_BYTES];
    long n;

    if (tp_snapshot_begin(trace))
        panic("tp_snapshot_begin", NULL);
    while ((n = tp_snapshot_read(trace, buffer, sizeof(buffer))) > 0)
        export_second_piece(buffer, (size_t)n);
    if (n < 0)
        panic(tp_strerror((int)n), NULL);
}

static void export_thread(void *arg)
{
    const uint64_t ticks = option(OPT_STORY) ? STORY_TICKS : hold_until ? BURST_TICKS : DRAIN_TICKS;
    struct tp_trace *trace = arg;

    for (uint64_t look = 1; !__atomic_load_n(&stopping, __ATOMIC_ACQUIRE); look++) {
        thread_sleep(ticks);
        if (books_fired_all() < hold_until)
            continue;
        if (look % FLUSH_EVERY == 0)
            tp_pipe_flush(trace);
        /* On a slow line events may come faster than they leave: then there is no end to wait for. */
        while (!__atomic_load_n(&stopping, __ATOMIC_ACQUIRE) && export_piece(trace))
            ;
    }
    __atomic_store_n(&stopped, true, __ATOMIC_RELEASE);
}

void export_start(struct tp_trace *trace, uint64_t hold_events)
{
    hold_until = hold_events;
    if (!thread_start("drain", export_thread, trace, ANY_CPU))
        panic("no drain thread", NULL);
}

void export_end(void)
{
    __atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
    while (!__atomic_load_n(&stopped, __ATOMIC_ACQUIRE))
        thread_sleep(1);
}
