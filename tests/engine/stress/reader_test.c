/* SPDX-License-Identifier: MIT */
/*
 * Readers of the pipe that are slow, or absent, or stop for ever and are followed by others, or are
 * two at a time, or one for each CPU. Whatever they do, the dumps that result have exact books.
 */
#include "stress.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void check_dump(struct stress *s)
{
    stress_drain(s);
    TP_CHECK_EQ(stress_decode(&s->books, "dump", s->dump.bytes, s->dump.used), 0);
    stress_check(s);
    stress_close(s);
}

/* Until the writers have ended; then there is no need to be slow any more. */
static bool writing(const struct stress *s)
{
    uint64_t sum = 0, want = 0;

    for (unsigned c = 0; c < STRESS_CPUS; c++) {
        sum += __atomic_load_n(&stress_fired[c][STRESS_TASK], __ATOMIC_ACQUIRE);
        want += s->before[c][STRESS_TASK] + s->events;
    }
    return sum < want;
}

static void run_slow(enum tp_mode mode)
{
    struct stress s;

    stress_open(&s, mode, 4096, 8);
    stress_fire(&s, stress_kept(5000000, 200000));
    while (writing(&s)) {
        stress_take(&s, 4096);
        usleep(1000);
    }
    stress_join(&s);
    check_dump(&s);
}

TP_TEST(Reader, SlowDiscard)
{
    run_slow(TP_DISCARD);
}

TP_TEST(Reader, SlowOverwrite)
{
    run_slow(TP_OVERWRITE);
}

static void run_absent(enum tp_mode mode)
{
    struct stress s;

    stress_open(&s, mode, 4096, 64);
    stress_fire(&s, stress_kept(5000000, 200000));
    stress_join(&s);
    check_dump(&s);
}

TP_TEST(Reader, AbsentDiscard)
{
    run_absent(TP_DISCARD);
}

TP_TEST(Reader, AbsentOverwrite)
{
    run_absent(TP_OVERWRITE);
}

/* --- readers that stop in the middle --- */

/* Some reads of odd sizes, so that it stops in the middle of a chunk; or one that was shown bytes
 * and never says what it took of them. */
static void *read_some(void *arg)
{
    struct stress *s = arg;
    const void *data;
    unsigned seed = (unsigned)s->dump.used;
    long n;

    for (int i = rand_r(&seed) % 20; i >= 0; i--)
        stress_take(s, 1 + (size_t)rand_r(&seed) % 3000);
    if (rand_r(&seed) % 2) {
        while ((n = tp_pipe_peek(s->trace, &data)) > 0 && rand_r(&seed) % 4) {
            n = 1 + rand_r(&seed) % n;
            stress_append(&s->dump, data, (size_t)n);
            TP_CHECK_EQ(tp_pipe_consume(s->trace, (size_t)n), 0);
        }
    }
    return NULL;
}

static void run_followed(enum tp_mode mode)
{
    struct stress s;
    pthread_t reader;
    unsigned readers = 0;

    stress_open(&s, mode, 2048, 8);
    stress_fire(&s, stress_kept(5000000, 100000));
    for (; writing(&s); readers++) {
        pthread_create(&reader, NULL, read_some, &s);
        pthread_join(reader, NULL);
    }
    stress_join(&s);
    printf("# %u readers\n", readers);
    check_dump(&s);
}

TP_TEST(Reader, FollowedDiscard)
{
    run_followed(TP_DISCARD);
}

TP_TEST(Reader, FollowedOverwrite)
{
    run_followed(TP_OVERWRITE);
}

/* --- one for each CPU --- */

static struct own {
    struct stress *s;
    uint32_t cpu;
    struct stress_dump dump;
} own[STRESS_CPUS];

/* To the end, in pieces of odd sizes. */
static void *read_own(void *arg)
{
    static uint8_t buffer[STRESS_CPUS][3000];
    struct own *o = arg;
    unsigned seed = o->cpu;

    while (!tp_cpu_pipe_ended(o->s->trace, o->cpu)) {
        long n = tp_cpu_pipe_read(o->s->trace, o->cpu, buffer[o->cpu],
                                  1 + (size_t)rand_r(&seed) % sizeof(buffer[0]));

        if (n > 0)
            stress_append(&o->dump, buffer[o->cpu], (size_t)n);
        else if (!n)
            usleep(100);
        else
            TP_FAIL_FATAL("tp_cpu_pipe_read: %ld", n);
    }
    return NULL;
}

static void start_own(struct stress *s, pthread_t *thread)
{
    for (uint32_t c = 0; c < STRESS_CPUS; c++) {
        own[c] = (struct own){.s = s, .cpu = c};
        pthread_create(&thread[c], NULL, read_own, &own[c]);
    }
}

static void free_own(void)
{
    for (uint32_t c = 0; c < STRESS_CPUS; c++)
        free(own[c].dump.bytes);
}

static void run_each_cpu(enum tp_mode mode)
{
    struct stress_dump dump[STRESS_CPUS];
    pthread_t thread[STRESS_CPUS];
    struct stress s;

    stress_open_apart(&s, mode, 1024, 8);
    start_own(&s, thread);
    stress_fire(&s, stress_kept(5000000, 100000));
    stress_join(&s);
    for (unsigned c = 0; c < STRESS_CPUS; c++) {
        pthread_join(thread[c], NULL);
        dump[c] = own[c].dump;
    }
    TP_CHECK_EQ(stress_decode_cpus(&s.books, dump), 0);
    stress_check(&s);
    free_own();
    stress_close(&s);
}

TP_TEST(Reader, EachCpuDiscard)
{
    run_each_cpu(TP_DISCARD);
}

TP_TEST(Reader, EachCpuOverwrite)
{
    run_each_cpu(TP_OVERWRITE);
}

/* --- two at a time --- */

/* Where a reader's bytes go: its first store there traps. So the handler runs while the reader is
 * inside the engine and nobody else is; there it takes a number, which puts the pieces in order. */
#define TRAP_BYTES 4096u
static struct rival {
    struct stress *s;
    uint8_t *trap;
    uint64_t at; /* the number of its last piece */
    uint64_t pieces, refused;
    bool stop;
} rival[2];
static uint64_t trapped; /* numbers given */
static struct piece {
    uint32_t used;
    uint8_t bytes[TRAP_BYTES];
} * piece;
#define PIECES 40000u

/* Time for the other to come; each 16th time until it was refused, if it still comes at all. */
static void let_other_try(const struct rival *other)
{
    uint64_t before = __atomic_load_n(&other->refused, __ATOMIC_RELAXED);

    usleep(20);
    if (trapped % 16 == 0)
        for (unsigned i = 0;
             i < 200 && __atomic_load_n(&other->refused, __ATOMIC_RELAXED) == before; i++)
            usleep(50);
}

static void on_trap(int number, siginfo_t *info, void *context)
{
    (void)context;
    for (unsigned i = 0; i < 2; i++)
        if ((uint8_t *)info->si_addr >= rival[i].trap &&
            (uint8_t *)info->si_addr < rival[i].trap + TRAP_BYTES) {
            rival[i].at = __atomic_fetch_add(&trapped, 1, __ATOMIC_RELAXED);
            let_other_try(&rival[1 - i]);
            mprotect(rival[i].trap, TRAP_BYTES, PROT_READ | PROT_WRITE);
            return;
        }
    signal(number, SIG_DFL);
}

static void *read_beside(void *arg)
{
    struct rival *r = arg;
    unsigned seed = (unsigned)(r - rival);
    const void *data;

    while (!__atomic_load_n(&r->stop, __ATOMIC_ACQUIRE) &&
           __atomic_load_n(&trapped, __ATOMIC_RELAXED) < PIECES - 2) {
        long n = tp_pipe_read(r->s->trace, r->trap, 1 + (size_t)rand_r(&seed) % TRAP_BYTES);

        if (n == TP_EBUSY) {
            __atomic_store_n(&r->refused, r->refused + 1, __ATOMIC_RELAXED);
            n = tp_pipe_peek(r->s->trace, &data);
            TP_CHECK(n >= 0 || n == TP_EBUSY);
        } else if (n > 0) {
            piece[r->at].used = (uint32_t)n;
            memcpy(piece[r->at].bytes, r->trap, (size_t)n);
            mprotect(r->trap, TRAP_BYTES, PROT_NONE);
            r->pieces++;
            usleep(20); /* it is the turn of the other */
        }
    }
    return NULL;
}

static void start_rivals(struct stress *s, pthread_t *thread)
{
    trapped = 0;
    piece = calloc(PIECES, sizeof(*piece));
    for (unsigned i = 0; i < 2; i++) {
        rival[i] = (struct rival){.s = s};
        rival[i].trap = mmap(NULL, TRAP_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    for (unsigned i = 0; i < 2; i++)
        pthread_create(&thread[i], NULL, read_beside, &rival[i]);
}

static void run_two(enum tp_mode mode)
{
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO}, old;
    struct stress s;
    pthread_t thread[2];

    sigaction(SIGSEGV, &action, &old);
    stress_open(&s, mode, 1024, 8);
    start_rivals(&s, thread);
    stress_fire(&s, stress_kept(10000000, 100000));
    stress_join(&s);
    for (unsigned i = 0; i < 2; i++) {
        __atomic_store_n(&rival[i].stop, true, __ATOMIC_RELEASE);
        pthread_join(thread[i], NULL);
        munmap(rival[i].trap, TRAP_BYTES);
    }
    sigaction(SIGSEGV, &old, NULL);
    for (uint64_t i = 0; i < trapped; i++)
        stress_append(&s.dump, piece[i].bytes, piece[i].used);
    free(piece);
    printf("# pieces %llu and %llu, refused %llu and %llu times\n",
           (unsigned long long)rival[0].pieces, (unsigned long long)rival[1].pieces,
           (unsigned long long)rival[0].refused, (unsigned long long)rival[1].refused);
    TP_CHECK(rival[0].refused + rival[1].refused > 0);
    check_dump(&s);
}

TP_TEST(Reader, TwoDiscard)
{
    run_two(TP_DISCARD);
}

TP_TEST(Reader, TwoOverwrite)
{
    run_two(TP_OVERWRITE);
}
