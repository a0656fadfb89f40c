/* SPDX-License-Identifier: MIT */
/*
 * Fires events of every type, and more from a timer signal in the middle of them, on whatever
 * machine it was compiled for. The dump goes to standard output, and what printf makes of the same
 * values, a line an event, to standard error.
 */
#define TP_CREATE
#include "../unit/events.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <tp/port.h>
#include <tp/trace.h>

#define EVENTS 20000u

static uint8_t region[1 << 20] __attribute__((aligned(64)));
static char buffer[1 << 16];
static volatile sig_atomic_t signals;

static void on_signal(int number)
{
    (void)number;
    if (signals < 1000000)
        trace_mm_wide(0xfedcba9876543210u + (unsigned)signals, -(int64_t)signals);
    signals++;
}

static void drain(struct tp_trace *trace)
{
    long n;

    while ((n = tp_pipe_read(trace, buffer, sizeof(buffer))) > 0)
        fwrite(buffer, 1, (size_t)n, stdout);
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
    trace_fs_all(1, 2, 3, 4, -1, -2, -3, -4, false, 'c', NULL, "text", "0123456789", "\x7f", 1, o, 2);
    tp_printk("%ld %s %c %p %llu", l, "printk", 'y', (void *)(uintptr_t)0xbeef,
              (unsigned long long)UINT64_MAX);
    fputs("none: nothing to say\n"
          "odd: x=ab y=52719 z=305419896\n"
          "signed: a=-1 b=-2 c=-3 d=-9223372036854775808\n"
          "small: t=1 c=x p=0xc0de\n"
          "open: path=/etc/passwd flags=ATOMIC|HIGH why=error\n"
          "tails: abcd... 0102ff (null) aabbcc...\n"
          "arrays: {1,4000000000,3} {-1,127} abcde\n"
          "all: 1 2 3 4 -1 -2 -3 -4 0 c 0x0 text 012345678... 7f {65535,258} ZERO\n"
          "every_type: -123456789 printk y 0xbeef 18446744073709551615\n",
          stderr);
}

int main(void)
{
    struct itimerval every = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
    struct tp_config config = {.cpus = 1, .context = true, .subbuf_bytes = 4096};
    struct tp_trace *trace;
    int err = tp_open(&trace, region, sizeof(region), &config);

    if (err) {
        fprintf(stderr, "tp_open: %s\n", tp_strerror(err));
        return 1;
    }
    tp_hosted_cpu = 0;
    tp_hosted_context = tp_context(4711, TP_CTX_HARDIRQ, 2);
    tp_task_name(4711, "foreign");
    tp_start(trace);
    every_type();
    signal(SIGALRM, on_signal);
    setitimer(ITIMER_REAL, &every, NULL);
    for (uint32_t i = 0; i < EVENTS; i++) {
        trace_sched_pair(i, ~i);
        if (i % 100 == 0)
            drain(trace);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    tp_stop(trace);
    drain(trace);
    for (uint32_t i = 0; i < EVENTS; i++)
        fprintf(stderr, "pair: a=%" PRIu32 " b=%" PRIu32 "\n", i, ~i);
    for (int i = 0; i < signals; i++)
        fprintf(stderr, "wide: a=%" PRIu64 " b=%d\n", UINT64_C(0xfedcba9876543210) + (unsigned)i, -i);
    return 0;
}
