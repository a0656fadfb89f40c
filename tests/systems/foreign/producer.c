/* SPDX-License-Identifier: MIT */
/*
 * Fires events of every type, and more from a timer signal in the middle of them, on whatever
 * machine it was compiled for: `producer discard` or `producer overwrite`. Leaves in the current
 * directory
 *
 *     dump       what the pipe gave
 *     snapshot   taken in the middle, and read while events go on
 *     region     the memory at the end, as a file
 *     attached   what tp_trace_attach made of a copy of it
 *
 * and says on standard output what tests/systems/foreign/check.awk is to find in them.
 */
#define TP_CREATE
#include "../../engine/unit/events.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <tp/inner/ring.h>
#include <tp/trace.h>

#define EVENTS 20000u
/* What counts of losses begin with: they pass 2^32 on their way, also where a word has less than 64
 * bits. */
#define LOST_BEFORE 0xfffffff0u

uint64_t foreign_epoch;

static uint8_t region[1 << 18] __attribute__((aligned(64)));
static uint8_t copy[sizeof(region)] __attribute__((aligned(64)));
static char buffer[1 << 16];
static volatile sig_atomic_t signals;

static void on_signal(int number)
{
    (void)number;
    trace_mm_wide(0xfedcba9876543210u + (unsigned)signals, -(int64_t)signals);
    signals++;
}

/* Lets them come, or keeps them off. */
static void let_signals(bool come)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(come ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
}

static FILE *create(const char *name)
{
    FILE *file = fopen(name, "wb");

    if (!file) {
        perror(name);
        exit(1);
    }
    return file;
}

static void drain(struct tp_trace *trace, FILE *to)
{
    long n;

    while ((n = tp_pipe_read(trace, buffer, sizeof(buffer))) > 0)
        fwrite(buffer, 1, (size_t)n, to);
}

static void every_type(void)
{
    static const uint32_t n[3] = {1, 4000000000u, 3};
    static const int8_t m[2] = {-1, 127};
    static const uint16_t o[2] = {65535, 258};
    long l = -123456789;

    trace_sched_none();
    trace_sched_odd(0xab, 0xcdef, 0x12345678);
    trace_mm_signed(-1, -2, -3, INT64_MIN);
    trace_mm_small(true, 'x', (const void *)(uintptr_t)0xc0de);
    trace_fs_open("/etc/passwd", 5, -1);
    trace_fs_tails("abcdef", "\1\2\xff", 3, NULL, "\xaa\xbb\xcc\xdd", 4);
    trace_fs_arrays(n, m, "abcde");
    trace_fs_all(1, 2, 3, 4, -1, -2, -3, -4, false, 'c', NULL, "text", "0123456789", "\x7f", 1, o,
                 2);
    tp_printk("%ld %s %c %p %llu", l, "printk", 'y', (void *)(uintptr_t)0xbeef,
              (unsigned long long)UINT64_MAX);
    puts("sched_none: nothing to say\n"
         "sched_odd: x=ab y=52719 z=305419896\n"
         "mm_signed: a=-1 b=-2 c=-3 d=-9223372036854775808\n"
         "mm_small: t=1 c=x p=0xc0de\n"
         "fs_open: path=/etc/passwd flags=ATOMIC|HIGH why=error\n"
         "fs_tails: abcd... 0102ff (null) aabbcc...\n"
         "fs_arrays: {1,4000000000,3} {-1,127} abcde\n"
         "fs_all: 1 2 3 4 -1 -2 -3 -4 0 c 0x0 text 012345678... 7f {65535,258} ZERO\n"
         "printk_every_type: -123456789 printk y 0xbeef 18446744073709551615");
}

/* As if the trace had lost that much before. */
static void lose_before(enum tp_mode mode)
{
    struct tp_ring *r = &tp_rings[0].ring[0];

    if (mode == TP_OVERWRITE) {
        r->gone[0] += LOST_BEFORE;
        r->gone[1] += LOST_BEFORE;
    } else {
        r->lost[TP_LOST_FULL].low = LOST_BEFORE;
    }
}

/* The clock goes forward, to two milliseconds before 2^32. */
static void near_wrap(void)
{
    let_signals(false);
    foreign_epoch += tp_port_clock() - (UINT32_MAX - tp_port_clock_hz() / 500);
    let_signals(true);
}

/* What a snapshot of now must hold is written down; then it is read beside the signals. */
static void snapshot(struct tp_trace *trace, uint32_t pairs)
{
    FILE *to = create("snapshot");
    long n;

    let_signals(false);
    printf("@snapshot pairs=%" PRIu32 " signals=%d\n", pairs, (int)signals);
    tp_snapshot_begin(trace);
    let_signals(true);
    while ((n = tp_snapshot_read(trace, buffer, 999)) > 0)
        fwrite(buffer, 1, (size_t)n, to);
    fclose(to);
}

static void attach(void)
{
    FILE *to = create("region");
    struct tp_trace *trace;
    int err;

    fwrite(copy, 1, sizeof(copy), to);
    fclose(to);
    err = tp_trace_attach(&trace, copy, sizeof(copy));
    if (err) {
        printf("tp_trace_attach: %s\n", tp_strerror(err));
        exit(1);
    }
    to = create("attached");
    drain(trace, to);
    fclose(to);
    tp_trace_close(trace);
}

static struct tp_trace *open_trace(enum tp_mode mode)
{
    struct tp_config config = {.cpus = 1, .context = true, .subbuf_bytes = 4096, .mode = mode};
    struct tp_trace *trace;
    int err;

    foreign_epoch += tp_port_clock(); /* from 0 */
    tp_hosted_cpu = 0;
    tp_hosted_context = tp_context(4711, TP_CTX_HARDIRQ, 2);
    err = tp_trace_open(&trace, region, sizeof(region), &config);
    if (err) {
        printf("tp_trace_open: %s\n", tp_strerror(err));
        exit(1);
    }
    lose_before(mode);
    tp_task_name(4711, 0, "foreign");
    tp_trace_start(trace);
    return trace;
}

int main(int argc, char **argv)
{
    enum tp_mode mode = argc > 1 && !strcmp(argv[1], "overwrite") ? TP_OVERWRITE : TP_DISCARD;
    struct itimerval every = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
    struct tp_trace *trace = open_trace(mode);
    FILE *dump = create("dump");

    every_type();
    if (mode == TP_DISCARD)
        trace_fs_long(region, 32000); /* too large for a sub-buffer */
    drain(trace, dump);
    signal(SIGALRM, on_signal);
    setitimer(ITIMER_REAL, &every, NULL);
    for (uint32_t i = 0; i < EVENTS; i++) {
        trace_sched_pair(i, ~i);
        if (i % 1000 == 1)
            raise(SIGALRM); /* a fast machine sees no timer in a thousand events */
        /* Along, then not for longer than the buffer lasts, along, and not till the end again. */
        if (i % 100 == 0 && (i < 4000 || (i > 14000 && i < 14500)))
            drain(trace, dump);
        if (i == 5000)
            near_wrap();
        if (i == 14000)
            snapshot(trace, i + 1);
        /* Nor must it be done before the clock has passed 2^32 and signals came. */
        while (i == 8000 && (!(tp_port_clock() >> 32) || signals < 50))
            ;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    let_signals(false);
    tp_trace_stop(trace);
    memcpy(copy, region, sizeof(copy));
    drain(trace, dump);
    fclose(dump);
    printf("@dump pairs=%u signals=%d\n", EVENTS, (int)signals);
    printf("@lost before=%u oversize=%d overwrite=%d\n", LOST_BEFORE, mode == TP_DISCARD,
           mode == TP_OVERWRITE);
    printf("@wrap us=%" PRIu64 "\n", (UINT64_C(1) << 32) * 1000000 / tp_port_clock_hz());
    attach();
    return ferror(stdout) || tp_trace_strangers(trace);
}
