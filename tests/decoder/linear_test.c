/* SPDX-License-Identifier: MIT */
/*
 * Work grows as the input does: of each kind of dump with very many of one thing (hostile.c) four times as many take
 * at most a little more than four times the steps, and no byte takes very many. Steps are blocks of code of the decoder, which the compiler counts,
 * and the bytes that memcpy() and the like go over; time is not looked at.
 */
#include <stdio.h>
#include <string.h>

#include "hostile.h"
#include "tp_test.h"

/* What a byte may take: something that is not in the input is gone through. --explore may read all of it for each
 * key. */
#define LINEAR_STEPS 1000u

static uint64_t linear_steps;

__attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc(void)
{
    linear_steps++;
}

/* A step for 16 bytes. */
#define LINEAR_BYTES 16u

void *__real_memcpy(void *to, const void *from, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__real_memmove(void *to, const void *from, size_t n);
void *__wrap_memmove(void *to, const void *from, size_t n);
void *__real_memset(void *to, int c, size_t n);
void *__wrap_memset(void *to, int c, size_t n);
int __real_memcmp(const void *a, const void *b, size_t n);
int __wrap_memcmp(const void *a, const void *b, size_t n);
void *__real_calloc(size_t n, size_t each);
void *__wrap_calloc(size_t n, size_t each);

void *__wrap_memcpy(void *to, const void *from, size_t n)
{
    linear_steps += n / LINEAR_BYTES;
    return __real_memcpy(to, from, n);
}

void *__wrap_memmove(void *to, const void *from, size_t n)
{
    linear_steps += n / LINEAR_BYTES;
    return __real_memmove(to, from, n);
}

void *__wrap_memset(void *to, int c, size_t n)
{
    linear_steps += n / LINEAR_BYTES;
    return __real_memset(to, c, n);
}

int __wrap_memcmp(const void *a, const void *b, size_t n)
{
    linear_steps += n / LINEAR_BYTES;
    return __real_memcmp(a, b, n);
}

void *__wrap_calloc(size_t n, size_t each)
{
    linear_steps += n * each / LINEAR_BYTES;
    return __real_calloc(n, each);
}

static int linear_drop(void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return 0;
}

static uint64_t linear_run(struct decode_options o, enum hostile kind,
                           const struct help_bytes *dump)
{
    struct decode_input in[2];

    o.inputs = in;
    o.input_count = hostile_inputs(kind, dump, in);
    o.out = o.diag = (struct out_sink){linear_drop, NULL};
    linear_steps = 0;
    help_folder_open(&o);
    help_terminal_open(&o, HELP_KEYS);
    TP_CHECK(decode_run(&o) <= 3);
    help_terminal_close(&o);
    help_folder_close(&o);
    return linear_steps;
}

/* So many, and four times as many; of what is small in itself fewer. */
static uint32_t linear_number(enum hostile kind)
{
    return kind == HOSTILE_VALUES                          ? 20
           : kind == HOSTILE_REGIONS                       ? 250
           : kind == HOSTILE_TASKS || kind == HOSTILE_KEYS ? 8000
                                                           : 2000;
}

TP_TEST(Linear, FourTimesTheInputIsFourTimesTheWork)
{
    double worst = 0;

    for (enum hostile kind = 0; kind < HOSTILE_KINDS; kind++) {
        uint32_t n = linear_number(kind);
        struct help_bytes one = hostile_make(kind, n), four = hostile_make(kind, 4 * n);
        struct decode_options o;
        const char *name;

        for (unsigned i = 0; hostile_way(i, &o, &name); i++) {
            uint64_t few = linear_run(o, kind, &one), many = linear_run(o, kind, &four);
            double ratio = (double)many / (double)few;

            TP_CHECK(few > 1000);
            if (ratio > 5)
                TP_FAIL("%s, %s: %u take %llu steps, %u %llu: %.1f times", hostile_names[kind],
                        name, n, (unsigned long long)few, 4 * n, (unsigned long long)many, ratio);
            if (many / four.n >
                (o.explore.wanted ? LINEAR_STEPS * (sizeof(HELP_KEYS) - 1) : LINEAR_STEPS))
                TP_FAIL("%s, %s: %llu steps a byte", hostile_names[kind], name,
                        (unsigned long long)(many / four.n));
            if (ratio > worst) {
                worst = ratio;
                printf("# %s, %s: %.2f times, %llu steps a byte\n", hostile_names[kind], name,
                       ratio, (unsigned long long)(many / four.n));
            }
        }
        help_free(&one);
        help_free(&four);
    }
}
