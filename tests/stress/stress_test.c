/* SPDX-License-Identifier: MIT */
/*
 * Two threads as CPUs fire ten million events each, a timer signal interrupts
 * both and fires in the middle of them, a third thread drains the pipe into
 * tpdecode. At the end the books must balance: fired = decoded + lost, per CPU
 * and by cause; and records come in order of time, each CPU's in order of number.
 */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(stress, task, "n=%llu check=%x", u64 n, u32 check)
TP_EVENT(stress, irq, "n=%llu check=%x", u64 n, u32 check)

#include "../../decoder/decode.h"
#include "tp_test.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tp/trace.h>
#include <unistd.h>

#define CPUS 2u
#ifndef EVENTS
#define EVENTS 10000000u
#endif

enum { TASK, IRQ, LEVELS };

static struct {
    uint64_t fired[LEVELS];                          /* written by the CPU's own thread */
    uint64_t decoded, next[LEVELS], skipped[LEVELS]; /* by the decoder's */
} cpu[CPUS];
static uint64_t lost[CPUS][5], bad, late, last_time;

static uint32_t checksum(uint64_t n)
{
    return (uint32_t)(n * 0x9e3779b97f4a7c15u >> 32);
}

static void on_signal(int number)
{
    uint64_t n;

    (void)number;
    for (int i = 0; i < 3; i++) {
        n = cpu[tp_hosted_cpu].fired[IRQ]++;
        trace_stress_irq(n, checksum(n));
    }
}

/* A timer that interrupts the calling thread and no other. */
static timer_t start_timer(void)
{
    struct itimerspec every = {{0, 200000}, {0, 200000}};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
    timer_t timer;

    event._sigev_un._tid = gettid();
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &every, NULL))
        abort();
    return timer;
}

static void *fire(void *number)
{
    timer_t timer;

    tp_hosted_cpu = (uint32_t)(uintptr_t)number;
    timer = start_timer();
    for (uint64_t n = 0; n < EVENTS; n++) {
        cpu[tp_hosted_cpu].fired[TASK]++;
        trace_stress_task(n, checksum(n));
    }
    timer_delete(timer);
    return NULL;
}

static uint64_t number_after(const char *line, const char *key, int base)
{
    const char *at = strstr(line, key);

    if (!at) {
        bad++;
        return 0;
    }
    return strtoull(at + strlen(key), NULL, base);
}

static void take_loss(const char *line)
{
    static const char *const cause[] = {"buffer full", "nested writer", "record too large",
                                        "recursion", "overwritten"};
    unsigned c, i = 0;
    unsigned long long n;

    if (sscanf(line, "--- cpu %u: %llu records lost here", &c, &n) != 2 || c >= CPUS) {
        bad++;
        return;
    }
    while (i < 5 && !strstr(line, cause[i]))
        i++;
    if (i < 5)
        lost[c][i] += n;
    else
        bad++; /* missing from the dump */
}

/* A record: of a known CPU, the next of its level or one behind refused ones. */
static void take_line(char *line)
{
    uint64_t c, n, time;
    char *point;
    int level;

    if (line[0] == '-') {
        take_loss(line);
        return;
    }
    c = number_after(line, "[", 10);
    point = strchr(line, '.');
    time = 0;
    for (char *at = strstr(line, "] ..... ") + 8; *at && *at != ':'; at++)
        if (*at >= '0' && *at <= '9')
            time = time * 10 + (uint64_t)(*at - '0');
    n = number_after(line, "n=", 10);
    level = strstr(line, "task: ") ? TASK : IRQ;
    if (c >= CPUS || !point || n < cpu[c].next[level] ||
        number_after(line, "check=", 16) != checksum(n)) {
        if (bad++ < 5)
            printf("# wrong: %s\n", line);
        return;
    }
    late += time < last_time;
    last_time = time;
    cpu[c].skipped[level] += n - cpu[c].next[level];
    cpu[c].next[level] = n + 1;
    cpu[c].decoded++;
}

static int take_output(void *context, const void *bytes, size_t size)
{
    static char line[512];
    static size_t used;

    (void)context;
    for (const char *at = bytes, *end = at + size; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((stop ? stop : end) - at);

        if (used + n >= sizeof(line))
            n = sizeof(line) - used - 1;
        memcpy(line + used, at, n);
        used += n;
        at += n;
        if (stop) {
            line[used] = 0;
            take_line(line);
            used = 0;
            at = stop + 1;
        }
    }
    return 0;
}

static char diagnostics[4096];

static int take_diagnostics(void *context, const void *bytes, size_t size)
{
    (void)context;
    strncat(diagnostics, bytes, size < 1000 ? size : 1000);
    return 0;
}

static void *decode(void *path)
{
    struct decode_input in = {.path = path};
    struct decode_options o = {.inputs = &in,
                               .input_count = 1,
                               .out = {.write = take_output},
                               .diag = {.write = take_diagnostics}};

    return (void *)(intptr_t)decode_run(&o);
}

struct source {
    struct tp_trace *trace;
    int fd;
};

static void *drain(void *arg)
{
    static uint8_t buffer[1 << 16];
    struct source *source = arg;
    long n;

    do {
        n = tp_pipe_read(source->trace, buffer, sizeof(buffer));
        for (long done = 0, w; done < n; done += w)
            if ((w = write(source->fd, buffer + done, (size_t)(n - done))) < 0)
                abort();
        if (n <= 0)
            usleep(100);
    } while (n > 0 || !tp_pipe_ended(source->trace));
    return NULL;
}

static void run(uint32_t subbuf_bytes, uint32_t subbufs)
{
    struct tp_config config = {
        .name = "stress", .cpus = CPUS, .subbuf_bytes = subbuf_bytes, .subbufs = subbufs};
    size_t bytes = tp_region_bytes(&config);
    struct source source;
    void *region = aligned_alloc(64, bytes), *code;
    pthread_t firing[CPUS], decoding, draining;
    char path[40];
    int fd[2];

    memset(cpu, 0, sizeof(cpu));
    memset(lost, 0, sizeof(lost));
    bad = late = last_time = 0;
    diagnostics[0] = 0;
    TP_ASSERT_EQ(tp_open(&source.trace, region, bytes, &config), 0);
    TP_ASSERT_EQ(tp_start(source.trace), 0);
    TP_ASSERT_EQ(pipe(fd), 0);
    source.fd = fd[1];
    snprintf(path, sizeof(path), "/dev/fd/%d", fd[0]);
    signal(SIGALRM, on_signal);
    pthread_create(&decoding, NULL, decode, path);
    pthread_create(&draining, NULL, drain, &source);
    for (uintptr_t i = 0; i < CPUS; i++)
        pthread_create(&firing[i], NULL, fire, (void *)i);
    for (unsigned i = 0; i < CPUS; i++)
        pthread_join(firing[i], NULL);
    TP_CHECK_EQ(tp_stop(source.trace), 0);
    pthread_join(draining, NULL);
    close(fd[1]);
    pthread_join(decoding, &code);
    close(fd[0]);
    TP_CHECK_EQ((intptr_t)code, 0);
    /* A thread may be held up between reading the counter and taking its place for longer than
     * marks allow for; then its record is printed late, and tpdecode must have said so. */
    TP_CHECK(!late || strstr(diagnostics, "time went back") || strstr(diagnostics, "too late"));
    printf("# %llu late; %s", (unsigned long long)late, diagnostics);
    TP_CHECK_EQ(bad, 0);
    for (unsigned c = 0; c < CPUS; c++) {
        uint64_t fired = cpu[c].fired[TASK] + cpu[c].fired[IRQ], refused = 0;
        struct tp_stats s;

        TP_CHECK_EQ(tp_stats(source.trace, c, &s), 0);
        for (unsigned i = 0; i < 5; i++) {
            TP_CHECK_EQ(lost[c][i], s.lost[i]);
            refused += lost[c][i];
        }
        TP_CHECK_EQ(cpu[c].decoded, s.read);
        TP_CHECK_EQ(fired, cpu[c].decoded + refused);
        TP_CHECK_EQ(cpu[c].fired[TASK], EVENTS);
        TP_CHECK(cpu[c].fired[IRQ] > 0);
        printf("# cpu %u: %llu fired (%llu in signals), %llu decoded, %llu lost\n", c,
               (unsigned long long)fired, (unsigned long long)cpu[c].fired[IRQ],
               (unsigned long long)cpu[c].decoded, (unsigned long long)refused);
    }
    TP_CHECK_EQ(tp_strangers(source.trace), 0);
    TP_CHECK_EQ(tp_close(source.trace), 0);
    free(region);
}

TP_TEST(Stress, BooksBalance)
{
    run(65536, 64);
}

/* Tiny sub-buffers: a new one every 18 records, and most events refused. */
TP_TEST(Stress, BooksBalanceWithTinySubBuffers)
{
    run(512, 8);
}
