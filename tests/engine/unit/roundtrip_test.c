/* SPDX-License-Identifier: MIT */
/*
 * Round trip: random events through the engine, its dump through tpdecode, and
 * each record compared with what printf makes of the same arguments. Interrupts
 * nest at random inside the reserve, the clock jumps, readers come at random.
 */
#include "support.h"

#include <signal.h>
#include <stdarg.h>
#include <sys/time.h>

static uint64_t seed;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* Lines as they must come out, one for each event fired. */
static struct {
    char text[700];
    unsigned cpu;
} * fired;
static unsigned count;

static void expect(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(fired[count].text, sizeof(fired[count].text), fmt, args);
    va_end(args);
    fired[count++].cpu = test_cpu;
}

static void random_text(char *to, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        to[i] = (char)('a' + next_random() % 26);
    to[n] = 0;
}

/* Each event carries its serial number, so that lines can be matched whatever their order. */
static void fire(void)
{
    uint64_t r = next_random();
    uint32_t serial = count;
    char text[300];

    random_text(text, (unsigned)(next_random() % 300));
    switch (next_random() % 5) {
    case 0:
        expect("sched_pair: a=%u b=%u", serial, (uint32_t)r);
        trace_sched_pair(serial, (uint32_t)r);
        break;
    case 1:
        expect("mm_wide: a=%llu b=%lld", (unsigned long long)serial, (long long)r);
        trace_mm_wide(serial, (int64_t)r);
        break;
    case 2:
        expect("sched_odd: x=%x y=%u z=%u", (uint8_t)r, (uint16_t)(r >> 8), serial);
        trace_sched_odd((uint8_t)r, (uint16_t)(r >> 8), serial);
        break;
    case 3:
        expect("mm_signed: a=%d b=%d c=%d d=%lld", (int8_t)r, (int16_t)r, (int32_t)serial,
               (long long)r);
        trace_mm_signed((int8_t)r, (int16_t)r, (int32_t)serial, (int64_t)r);
        break;
    default:
        sprintf(text, "%u-", serial);
        random_text(text + strlen(text), (unsigned)(r % 280));
        expect("fs_open: path=%.255s%s flags=%s why=%s", text, strlen(text) > 255 ? "..." : "",
               r & 2 ? "ATOMIC|ZERO" : "ATOMIC", r & 4 ? "wake" : "error");
        trace_fs_open(text, r & 2 ? 3 : 1, r & 4 ? 1 : -1);
    }
}

static int depth;

static void interrupt(void)
{
    if (depth < 3) {
        depth++;
        if (next_random() % 2)
            test_hook = interrupt;
        fire();
        depth--;
    }
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct line {
    const char *text;
    unsigned cpu;
    double time;
};

/* `comm-pid [cpu] flags time: sys_name: fields` */
static bool parse(char *at, struct line *l)
{
    int used = 0;

    if (sscanf(at, " %*s [%u] %*5s %lf: %n", &l->cpu, &l->time, &used) != 2 || !used)
        return false;
    l->text = at + used;
    return true;
}

/* Every line of the output is an event that was fired, on its CPU, none twice, in order of time. */
static unsigned check_lines(char *out)
{
    char **want = malloc(count * sizeof(*want)), **got = malloc(count * sizeof(*got));
    unsigned lines = 0, missing = 0;
    double last = 0;

    for (char *at = strtok(out, "\n"); at; at = strtok(NULL, "\n")) {
        struct line l;

        if (!strncmp(at, "--- ", 4))
            continue;
        TP_CHECK(parse(at, &l));
        TP_CHECK(l.time >= last);
        last = l.time;
        TP_ASSERT(lines < count);
        if (asprintf(&got[lines++], "%u %s", l.cpu, l.text) < 0)
            abort();
    }
    for (unsigned i = 0; i < count; i++)
        if (asprintf(&want[i], "%u %s", fired[i].cpu, fired[i].text) < 0)
            abort();
    qsort(want, count, sizeof(*want), compare);
    qsort(got, lines, sizeof(*got), compare);
    for (unsigned w = 0, g = 0; w < count; w++) {
        if (g < lines && !strcmp(want[w], got[g]))
            g++;
        else
            missing++;
        if (w + 1 == count)
            TP_CHECK_EQ(g, lines); /* else a line that nobody fired */
    }
    for (unsigned i = 0; i < count; i++)
        free(want[i]);
    for (unsigned i = 0; i < lines; i++)
        free(got[i]);
    free(want);
    free(got);
    return missing;
}

static uint64_t lost(struct tp_trace *t, unsigned cpus)
{
    uint64_t sum = 0;
    struct tp_trace_stats s;

    for (unsigned cpu = 0; cpu < cpus; cpu++) {
        tp_trace_stats(t, cpu, &s);
        for (unsigned i = 0; i < 5; i++)
            sum += s.lost[i];
    }
    return sum;
}

static void run(uint64_t start, struct tp_config config, unsigned events, unsigned drain_every)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};
    struct tp_trace *t = test_open(&config);
    char books[100];
    uint64_t refused;

    seed = start;
    count = 0;
    fired = malloc((events + 10) * sizeof(*fired));
    while (count < events) {
        test_cpu = (uint32_t)(next_random() % config.cpus);
        test_context = tp_context((uint32_t)next_random() % 100, (uint32_t)next_random() & 0x1f,
                                  (uint32_t)next_random() % 4);
        if (next_random() % 4 == 0)
            test_hook = interrupt;
        if (next_random() % 500 == 0)
            test_time += next_random() % (3ull << 32);
        test_time += next_random() % 5000;
        fire();
        if (next_random() % drain_every == 0) {
            test_hook = NULL;
            if (next_random() % 2)
                tp_pipe_flush(t);
            test_drain(t, &dump, 1 + next_random() % 9000);
        }
    }
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    refused = lost(t, config.cpus);
    TP_CHECK_EQ(check_lines((char *)out.bytes), refused);
    snprintf(books, sizeof(books), "%llu records, %llu lost\n",
             (unsigned long long)(count - refused), (unsigned long long)refused);
    TP_CHECK_STREQ((char *)diag.bytes, books);
    free(fired);
    test_dump_free(&dump);
    test_dump_free(&out);
    test_dump_free(&diag);
    test_close(t);
}

TP_TEST(RoundTrip, NothingLost)
{
    for (uint64_t s = 1; s <= 20; s++)
        run(s * 77777, (struct tp_config){.cpus = 4, .subbuf_bytes = 4096, .subbufs = 64}, 3000,
            50);
}

TP_TEST(RoundTrip, WithContextWord)
{
    for (uint64_t s = 1; s <= 20; s++)
        run(s * 99991,
            (struct tp_config){.cpus = 3, .subbuf_bytes = 4096, .subbufs = 64, .context = true},
            3000, 50);
}

/* Two small sub-buffers and a slow reader: most is refused, and every line is accounted for. */
TP_TEST(RoundTrip, MostRefused)
{
    for (uint64_t s = 1; s <= 20; s++)
        run(s * 55555, (struct tp_config){.cpus = 2, .subbuf_bytes = 512, .subbufs = 2}, 3000, 60);
}

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
    (void)number;
    signals++;
    trace_mm_wide(1000000000u + (unsigned)signals, -1);
}

/* Real interrupts: a timer signal fires events in the middle of events, at any instruction. */
TP_TEST(RoundTrip, Signals)
{
    struct itimerval every = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};
    struct tp_config config = {.cpus = 1, .subbuf_bytes = 4096, .subbufs = 64};
    struct test_dump dump = {0}, out = {0}, diag = {0};
    struct tp_trace *t = test_open(&config);
    unsigned pairs = 0, wides = 0;
    double last = 0;

    signal(SIGALRM, on_signal);
    signals = 0;
    setitimer(ITIMER_REAL, &every, NULL);
    for (unsigned i = 0; i < 300000; i++) {
        trace_sched_pair(i, ~i);
        if (i % 100 == 0)
            test_drain(t, &dump, 65536);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    tp_trace_stop(t);
    test_drain(t, &dump, 65536);
    TP_CHECK_EQ(lost(t, 1), 0);
    TP_CHECK_EQ(test_decode(&dump, &out, &diag), 0);
    for (char *at = strtok((char *)out.bytes, "\n"); at; at = strtok(NULL, "\n")) {
        struct line l;
        unsigned a, b;

        TP_ASSERT(parse(at, &l));
        TP_CHECK(l.time >= last);
        last = l.time;
        if (sscanf(l.text, "sched_pair: a=%u b=%u", &a, &b) == 2) {
            TP_CHECK_EQ(a, pairs);
            TP_CHECK_EQ(b, ~a);
            pairs++;
        } else if (sscanf(l.text, "mm_wide: a=%u b=-1", &a) == 1) {
            wides++;
            TP_CHECK_EQ(a, 1000000000u + wides);
        }
    }
    TP_CHECK_EQ(pairs, 300000);
    TP_CHECK_EQ(wides, (unsigned)signals);
    TP_CHECK(signals > 10);
    test_dump_free(&dump);
    test_dump_free(&out);
    test_dump_free(&diag);
    test_close(t);
}
