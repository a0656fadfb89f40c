/* SPDX-License-Identifier: MIT */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(stress, task, "n=%llu check=%x", u64 n, u32 check)
TP_EVENT(stress, irq, "n=%llu check=%x", u64 n, u32 check)

#include "stress.h"

#include "decoder/tool/decode.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

uint64_t stress_clock_offset;
unsigned stress_clock_shift;
uint64_t stress_fired[STRESS_CPUS][STRESS_LEVELS];

uint64_t stress_kept(uint64_t plain, uint64_t sanitized)
{
#ifdef __SANITIZE_THREAD__
    (void)plain;
    return sanitized;
#else
    (void)sanitized;
    return plain;
#endif
}

static bool is_long(void)
{
    const char *value = getenv("TP_LONG");

    return value && strcmp(value, "1") == 0;
}

uint64_t stress_events(uint64_t plain, uint64_t sanitized)
{
    return stress_kept(plain, sanitized) * (is_long() ? 25 : 1);
}

uint64_t stress_changes(uint64_t sanitized)
{
    return is_long() ? 100000 : stress_kept(25000, sanitized);
}

uint64_t stress_now_us(void)
{
    return tp_hosted_clock() / 1000;
}

/* --- firing --- */

static uint32_t checksum(uint64_t n)
{
    return (uint32_t)(n * 0x9e3779b97f4a7c15u >> 32);
}

/* Counted before it is fired: who reads the count meanwhile finds it at most one too high. */
static uint64_t next_number(int level)
{
    uint64_t *fired = &stress_fired[tp_hosted_cpu][level], n = *fired;

    __atomic_store_n(fired, n + 1, __ATOMIC_RELEASE);
    return n;
}

void stress_event(void)
{
    uint64_t n = next_number(STRESS_TASK);

    trace_stress_task(n, checksum(n));
}

/* Each 8th time so much that it laps a small ring, on top of whoever it has interrupted. */
static void on_signal(int number)
{
    static __thread unsigned signals;
    uint64_t n;

    (void)number;
    for (int i = signals++ % 8 ? 3 : 400; i > 0; i--) {
        n = next_number(STRESS_IRQ);
        trace_stress_irq(n, checksum(n));
    }
}

/* A timer that interrupts the calling thread and no other. */
static timer_t start_timer(void)
{
#ifdef __SANITIZE_THREAD__
    const long every_ns = 1000000;
#else
    const long every_ns = 100000;
#endif
    struct itimerspec every = {{0, every_ns}, {0, every_ns}};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
    timer_t timer;

    event._sigev_un._tid = gettid();
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &every, NULL))
        abort();
    return timer;
}

static bool enough;

void stress_enough(void)
{
    __atomic_store_n(&enough, true, __ATOMIC_RELAXED);
}

struct writer {
    uint32_t cpu;
    uint64_t events;
};

static void *fire(void *arg)
{
    struct writer w = *(struct writer *)arg;
    timer_t timer;

    free(arg);
    tp_hosted_cpu = w.cpu;
    timer = start_timer();
    for (uint64_t n = 0; n < w.events && !__atomic_load_n(&enough, __ATOMIC_RELAXED); n++)
        stress_event();
    timer_delete(timer);
    return NULL;
}

void stress_fire(struct stress *s, uint64_t events)
{
    signal(SIGALRM, on_signal);
    s->events = events;
    enough = false;
    for (uint32_t i = 0; i < STRESS_CPUS; i++) {
        struct writer *w = malloc(sizeof(*w));

        *w = (struct writer){i, events};
        if (pthread_create(&s->writer[i], NULL, fire, w))
            abort();
    }
}

void stress_join(struct stress *s)
{
    for (unsigned i = 0; i < STRESS_CPUS; i++)
        pthread_join(s->writer[i], NULL);
    TP_CHECK_EQ(tp_trace_stop(s->trace), 0);
}

/* --- a trace --- */

static void open_stress(struct stress *s, enum tp_mode mode, uint32_t subbuf_bytes,
                        uint32_t subbufs, bool apart)
{
    struct tp_config config = {.name = "stress",
                               .cpu_pipes = apart,
                               .cpus = STRESS_CPUS,
                               .subbuf_bytes = subbuf_bytes,
                               .subbufs = subbufs,
                               .mode = mode};

    memset(s, 0, sizeof(*s));
    s->subbuf_bytes = subbuf_bytes;
    s->subbufs = subbufs;
    s->region_bytes = tp_region_bytes(&config);
    s->region = mmap(NULL, s->region_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                     0);
    TP_ASSERT(s->region != MAP_FAILED);
    memcpy(s->before, stress_fired, sizeof(s->before));
    stress_books_start(&s->books, s->before);
    TP_ASSERT_EQ(tp_trace_open(&s->trace, s->region, s->region_bytes, &config), 0);
    TP_ASSERT_EQ(tp_trace_start(s->trace), 0);
}

void stress_open(struct stress *s, enum tp_mode mode, uint32_t subbuf_bytes, uint32_t subbufs)
{
    open_stress(s, mode, subbuf_bytes, subbufs, false);
}

void stress_open_apart(struct stress *s, enum tp_mode mode, uint32_t subbuf_bytes, uint32_t subbufs)
{
    open_stress(s, mode, subbuf_bytes, subbufs, true);
}

#define EVENT_BYTES 24u /* of the ring */
#define HEAD_BYTES 128u /* and more than a sub-buffer has besides */

static uint64_t refused(struct stress *s, unsigned cpu)
{
    struct tp_trace_stats stats;
    uint64_t sum = 0;

    TP_CHECK_EQ(tp_trace_stats(s->trace, cpu, &stats), 0);
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
        sum += stats.lost[i];
    return sum;
}

/* A commit that went wrong would not be missed in the books: its sub-buffer is never complete, and
 * what has no room is counted. */
static void check_room(struct stress *s)
{
    uint64_t n = (s->subbuf_bytes - HEAD_BYTES) / EVENT_BYTES * (s->subbufs - 1), before;
    uint64_t fired[STRESS_CPUS][STRESS_LEVELS];

    memcpy(fired, stress_fired, sizeof(fired));
    TP_CHECK_EQ(tp_trace_start(s->trace), 0);
    for (unsigned c = 0; c < STRESS_CPUS; c++) {
        before = refused(s, c);
        tp_hosted_cpu = c;
        for (uint64_t i = 0; i < n; i++)
            stress_event();
        TP_CHECK_EQ(refused(s, c) - before, 0);
    }
    tp_hosted_cpu = TP_HOSTED_NO_CPU;
    TP_CHECK_EQ(tp_trace_stop(s->trace), 0);
    memcpy(stress_fired, fired, sizeof(fired));
}

void stress_close(struct stress *s)
{
    if (!s->broken)
        check_room(s);
    TP_CHECK_EQ(tp_trace_strangers(s->trace), 0);
    TP_CHECK_EQ(tp_trace_close(s->trace), 0);
    munmap(s->region, s->region_bytes);
    free(s->dump.bytes);
}

void stress_append(struct stress_dump *d, const void *bytes, size_t n)
{
    if (d->used + n > d->room) {
        d->room = 2 * d->room + n;
        d->bytes = realloc(d->bytes, d->room);
        if (!d->bytes)
            abort();
    }
    memcpy(d->bytes + d->used, bytes, n);
    d->used += n;
}

long stress_take(struct stress *s, size_t bytes)
{
    uint8_t buffer[1 << 16];
    long n = tp_pipe_read(s->trace, buffer, bytes < sizeof(buffer) ? bytes : sizeof(buffer));

    if (n > 0)
        stress_append(&s->dump, buffer, (size_t)n);
    return n;
}

void stress_drain(struct stress *s)
{
    while (!tp_pipe_ended(s->trace)) {
        long n = stress_take(s, SIZE_MAX);

        if (n < 0 && n != TP_EBUSY)
            TP_FAIL_FATAL("tp_pipe_read: %s", tp_strerror((int)n));
        if (n <= 0)
            usleep(100);
    }
}

/* --- what tpdecode says --- */

static uint64_t number_after(struct stress_books *b, const char *line, const char *key, int base)
{
    const char *at = strstr(line, key);

    if (!at) {
        b->bad++;
        return 0;
    }
    return strtoull(at + strlen(key), NULL, base);
}

static void take_loss(struct stress_books *b, const char *line)
{
    static const char *const cause[STRESS_CAUSES] = {
        "buffer full", "nested writer", "record too large", "recursion",
        "overwritten", "missing",       "never finished"};
    unsigned c, i = 0;
    unsigned long long n;

    if (sscanf(line, "--- cpu %u: %llu records lost here", &c, &n) != 2 || c >= STRESS_CPUS) {
        b->bad++;
        return;
    }
    while (i < STRESS_CAUSES && !strstr(line, cause[i]))
        i++;
    if (i < STRESS_CAUSES)
        b->cpu[c].lost[i] += n;
    else
        b->bad++;
}

/* A record: of a known CPU, the next of its level or one behind those that were lost, not older
 * than the one before. */
static void take_line(struct stress_books *b, const char *line)
{
    int level = strstr(line, ": stress_task: ") ? STRESS_TASK : STRESS_IRQ;
    const char *at = strstr(line, "] ..... ");
    uint64_t c, n, time = 0;
    struct stress_book *k;

    if (line[0] == '[') /* which of several inputs it is from */
        line += strcspn(line, " ") + strspn(line + strcspn(line, " "), " ");
    if (line[0] == '-') {
        take_loss(b, line);
        return;
    }
    for (; at && *at && *at != ':'; at++)
        if (*at >= '0' && *at <= '9')
            time = time * 10 + (uint64_t)(*at - '0');
    c = number_after(b, line, "[", 10);
    n = number_after(b, line, "n=", 10);
    k = &b->cpu[c < STRESS_CPUS ? c : 0];
    if (!at || c >= STRESS_CPUS || n < k->next[level] || time < k->last_time ||
        strstr(line, "unfinished") || number_after(b, line, "check=", 16) != checksum(n)) {
        if (b->bad++ < 5)
            printf("# wrong: %s\n", line);
        return;
    }
    b->late += time < b->last_time;
    b->last_time = k->last_time = time;
    k->skipped[level] += n - k->next[level];
    k->next[level] = n + 1;
    k->odd[level] += n & 1;
    k->decoded++;
}

static int take_output(void *context, const void *bytes, size_t size)
{
    struct stress_books *b = context;

    for (const char *at = bytes, *end = at + size; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((stop ? stop : end) - at);

        if (b->used + n >= sizeof(b->line))
            n = sizeof(b->line) - b->used - 1;
        memcpy(b->line + b->used, at, n);
        b->used += n;
        at += n;
        if (stop) {
            b->line[b->used] = 0;
            take_line(b, b->line);
            b->used = 0;
            at = stop + 1;
        }
    }
    return 0;
}

static int take_diagnostics(void *context, const void *bytes, size_t size)
{
    struct stress_books *b = context;
    size_t used = strlen(b->diagnostics), room = sizeof(b->diagnostics) - used - 1;

    memcpy(b->diagnostics + used, bytes, size < room ? size : room);
    return 0;
}

void stress_books_start(struct stress_books *b, const uint64_t (*next)[STRESS_LEVELS])
{
    memset(b, 0, sizeof(*b));
    for (unsigned c = 0; c < STRESS_CPUS; c++)
        memcpy(b->cpu[c].next, next[c], sizeof(b->cpu[c].next));
}

static int decode(struct stress_books *b, struct decode_input *in, size_t inputs)
{
    struct decode_options o = {.inputs = in,
                               .input_count = inputs,
                               .out = {.write = take_output, .context = b},
                               .diag = {.write = take_diagnostics, .context = b}};

    return decode_run(&o);
}

int stress_decode(struct stress_books *b, const char *path, const void *bytes, size_t size)
{
    struct decode_input in = {.path = path, .bytes = bytes, .size = size};

    return decode(b, &in, 1);
}

int stress_decode_cpus(struct stress_books *b, const struct stress_dump *dump)
{
    struct decode_input in[STRESS_CPUS];

    for (unsigned c = 0; c < STRESS_CPUS; c++)
        in[c] = (struct decode_input){.path = "cpu", .bytes = dump[c].bytes, .size = dump[c].used};
    return decode(b, in, STRESS_CPUS);
}

/* --- the books --- */

uint64_t stress_lost(const struct stress_book *b)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < STRESS_CAUSES; i++)
        sum += b->lost[i];
    return sum;
}

void stress_check_lines(const struct stress_books *b)
{
    TP_CHECK_EQ(b->bad, 0);
    /* A thread may be held up between reading the counter and taking its place for longer than
     * marks allow for; then its record is printed late, and tpdecode must have said so. */
    TP_CHECK(!b->late || strstr(b->diagnostics, "time went back") ||
             strstr(b->diagnostics, "too late"));
}

/* How many that were fired are neither decoded nor lost. */
static uint64_t check_cpu(struct stress *s, unsigned c)
{
    const struct stress_book *b = &s->books.cpu[c];
    const uint64_t *now = stress_fired[c], *then = s->before[c];
    uint64_t fired = now[STRESS_TASK] + now[STRESS_IRQ] - then[STRESS_TASK] - then[STRESS_IRQ];
    struct tp_trace_stats stats;

    TP_CHECK_EQ(tp_trace_stats(s->trace, c, &stats), 0);
    for (unsigned i = 0; i < 5; i++)
        TP_CHECK_EQ(b->lost[i], stats.lost[i]);
    TP_CHECK_EQ(b->decoded, stats.read);
    TP_CHECK_EQ(b->lost[STRESS_UNFINISHED], stats.unfinished);
    TP_CHECK_EQ(b->lost[STRESS_MISSING], 0);
    TP_CHECK_EQ(stats.unread, 0);
    if (!s->quiet)
        printf("# cpu %u: %llu fired (%llu in signals), %llu decoded, %llu lost\n", c,
               (unsigned long long)fired, (unsigned long long)(now[STRESS_IRQ] - then[STRESS_IRQ]),
               (unsigned long long)b->decoded, (unsigned long long)stress_lost(b));
    return fired + s->lost_before - b->decoded - stress_lost(b);
}

static void tell_rest(const struct stress *s)
{
    if (!s->quiet)
        printf("# %llu late; %s", (unsigned long long)s->books.late,
               s->books.diagnostics[0] ? s->books.diagnostics : "no diagnostics\n");
}

void stress_check(struct stress *s)
{
    stress_check_lines(&s->books);
    for (unsigned c = 0; c < STRESS_CPUS; c++)
        TP_CHECK_EQ(check_cpu(s, c), 0);
    tell_rest(s);
}

void stress_check_rest(struct stress *s, uint64_t left_out)
{
    uint64_t rest = 0;

    stress_check_lines(&s->books);
    for (unsigned c = 0; c < STRESS_CPUS; c++)
        rest += check_cpu(s, c);
    TP_CHECK_EQ(rest, left_out);
    tell_rest(s);
}
