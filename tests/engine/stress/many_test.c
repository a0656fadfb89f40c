/* SPDX-License-Identifier: MIT */
/* Eight traces at once; CPUs that come and go; counters that wrap; images. */
#include "stress.h"

#include "../../../engine/core/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool alive(const struct stress *s)
{
    for (unsigned c = 0; c < STRESS_CPUS; c++)
        if (__atomic_load_n(&stress_fired[c][STRESS_TASK], __ATOMIC_ACQUIRE) <
            s->before[c][STRESS_TASK] + s->events)
            return true;
    return false;
}

static void check_dump(struct stress *s)
{
    stress_drain(s);
    TP_CHECK_EQ(stress_decode(&s->books, "dump", s->dump.bytes, s->dump.used), 0);
    stress_check(s);
    stress_close(s);
}

/* --- eight traces --- */

TP_TEST(Many, EightTraces)
{
    static struct stress s[TP_TRACES_MAX];

    for (unsigned i = 0; i < TP_TRACES_MAX; i++)
        stress_open(&s[i], i % 2 ? TP_OVERWRITE : TP_DISCARD, 512u << i, 2u << (i * 5 % 4));
    stress_fire(&s[0], stress_kept(400000, 40000));
    while (alive(&s[0]))
        for (unsigned i = 0; i < TP_TRACES_MAX - 1; i++) /* the last is not read meanwhile */
            stress_take(&s[i], SIZE_MAX);
    stress_join(&s[0]);
    for (unsigned i = 1; i < TP_TRACES_MAX; i++)
        TP_CHECK_EQ(tp_trace_stop(s[i].trace), 0);
    for (unsigned i = 0; i < TP_TRACES_MAX; i++)
        check_dump(&s[i]);
}

/* --- a CPU that is another thread each time --- */

static void *short_life(void *arg)
{
    (void)arg;
    tp_hosted_cpu = 1;
    for (unsigned i = 0; i < 50; i++)
        stress_event();
    return NULL;
}

static void *other_cpu(void *stop)
{
    tp_hosted_cpu = 0;
    while (!__atomic_load_n((bool *)stop, __ATOMIC_ACQUIRE)) {
        for (unsigned i = 0; i < 50; i++)
            stress_event();
        usleep(50);
    }
    return NULL;
}

static void *drain_until(void *arg)
{
    struct stress *s = arg;

    stress_drain(s);
    return NULL;
}

static void come_and_go(enum tp_mode mode)
{
    bool stop = false;
    struct stress s;
    pthread_t other, reader, cpu;
    uint64_t lives = stress_kept(10000, 1000);

    stress_open(&s, mode, 1024, 8);
    pthread_create(&reader, NULL, drain_until, &s);
    pthread_create(&other, NULL, other_cpu, &stop);
    for (uint64_t i = 0; i < lives; i++) {
        if (pthread_create(&cpu, NULL, short_life, NULL))
            abort();
        pthread_join(cpu, NULL);
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    pthread_join(other, NULL);
    TP_CHECK_EQ(tp_trace_stop(s.trace), 0);
    pthread_join(reader, NULL);
    check_dump(&s);
}

TP_TEST(Many, CpusComeAndGoDiscard)
{
    come_and_go(TP_DISCARD);
}

TP_TEST(Many, CpusComeAndGoOverwrite)
{
    come_and_go(TP_OVERWRITE);
}

/* --- wraps --- */

/* Positions start two sub-buffers before their wrap in all tests (TP_START_NUMBER). Here the low
 * word of each count of losses, too; and the clock, which then changes its upper half every few
 * milliseconds. What was lost before is in the books as lost. */
static void start_below_wrap(struct stress *s, enum tp_mode mode)
{
    const uint32_t k = 1000;

    stress_open(s, mode, 1024, 8);
    for (unsigned c = 0; c < STRESS_CPUS; c++)
        for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++) {
            tp_rings[tp_trace_number(s->trace)].ring[c].lost[i] = (struct tp_count){.low = -k,
                                                                                    .halves = 1};
            s->lost_before += c ? 0 : (uint32_t)-k;
        }
}

static void run_wrap(enum tp_mode mode)
{
    struct stress s;

    stress_clock_shift = 8;
    stress_clock_offset = 0;
    stress_clock_offset = (1ull << 32) - 1000000 - tp_port_clock();
    start_below_wrap(&s, mode);
    stress_fire(&s, stress_kept(5000000, 100000));
    while (alive(&s))
        if (stress_take(&s, SIZE_MAX) <= 0)
            usleep(1000);
    stress_join(&s);
    check_dump(&s);
    stress_clock_offset = stress_clock_shift = 0;
}

TP_TEST(Many, WrapDiscard)
{
    run_wrap(TP_DISCARD);
}

TP_TEST(Many, WrapOverwrite)
{
    run_wrap(TP_OVERWRITE);
}

/* --- images --- */

/* What has not been read through the pipe is in the region, whole, when nobody is writing. */
static void run_image(enum tp_mode mode, bool read)
{
    struct stress s;
    void *image;

    stress_open(&s, mode, 4096, 16);
    stress_fire(&s, stress_kept(500000, 50000));
    while (read && alive(&s))
        stress_take(&s, 1000);
    stress_join(&s);
    image = malloc(s.region_bytes);
    memcpy(image, s.region, s.region_bytes);
    TP_CHECK_EQ(stress_decode(&s.books, "image", image, s.region_bytes), 0);
    stress_check_lines(&s.books);
    for (unsigned c = 0; c < STRESS_CPUS; c++) {
        const struct stress_book *b = &s.books.cpu[c];
        const uint64_t *now = stress_fired[c], *then = s.before[c];
        uint64_t fired = now[0] + now[1] - then[0] - then[1];

        /* In discard mode what the pipe has given back is nobody's loss: it is not told. */
        if (mode == TP_OVERWRITE || !read)
            TP_CHECK_EQ(b->decoded + stress_lost(b), fired);
        else
            TP_CHECK_LE(b->decoded + stress_lost(b), fired);
        TP_CHECK(b->decoded > 0);
        printf("# cpu %u: %llu fired, %llu in the image, %llu lost\n", c, (unsigned long long)fired,
               (unsigned long long)b->decoded, (unsigned long long)stress_lost(b));
    }
    free(image);
    stress_books_start(&s.books, s.before);
    check_dump(&s);
}

TP_TEST(Image, Discard)
{
    run_image(TP_DISCARD, false);
}

TP_TEST(Image, DiscardRead)
{
    run_image(TP_DISCARD, true);
}

TP_TEST(Image, Overwrite)
{
    run_image(TP_OVERWRITE, false);
}

TP_TEST(Image, OverwriteRead)
{
    run_image(TP_OVERWRITE, true);
}
