/* SPDX-License-Identifier: MIT */
/*
 * merge_test.c - records of many CPUs and inputs in one order, whatever order their chunks come in.
 *
 * Each dump is made at random, and what has to come out is found by sorting all that went in by time, CPU, number and
 * input. The value of a record is its place among all that were made.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/order/stream.h"
#include "help.h"
#include "tp_test.h"

#define MERGE_FEW 6000u
#define MERGE_MANY 60000u
#define MERGE_JUMP_EACH 9000u /* so many are close together, then there is a pause: */
#define MERGE_JUMP (1u << 26)
#define MERGE_CPUS 255u
#define MERGE_INPUTS 3u
#define MERGE_CHUNK_FEW 60u /* records of a chunk, at most */
#define MERGE_CHUNK 700u    /* the same of many */

struct merge_record {
    uint32_t time, cpu, input, number, value;
};

struct merge_made {
    struct merge_record all[MERGE_MANY];
    uint32_t count, chunk; /* records of all, and of a chunk at most */
    uint64_t state;        /* of the random numbers */
    struct help_bytes input[MERGE_INPUTS];
    uint32_t written[MERGE_INPUTS][MERGE_CPUS]; /* records of a CPU that are in a chunk, */
    uint32_t from[MERGE_INPUTS][MERGE_CPUS];    /* and where its others begin */
};

static uint32_t merge_random(struct merge_made *m, uint32_t below)
{
    m->state = m->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((m->state >> 33) % below);
}

static int merge_by_order(const void *a, const void *b)
{
    const struct merge_record *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->cpu != y->cpu)
        return x->cpu < y->cpu ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->input < y->input ? -1 : 1;
}

/* A record of any CPU at a time that is that of the one before, or a little later; a few CPUs have most. */
static void merge_make(struct merge_made *m, uint32_t inputs, uint32_t cpus, uint32_t step)
{
    static uint32_t numbers[MERGE_INPUTS][MERGE_CPUS];
    uint32_t time = 1000;

    memset(numbers, 0, sizeof(numbers));
    for (uint32_t i = 0; i < m->count; i++) {
        struct merge_record *r = &m->all[i];
        uint32_t some = merge_random(m, 3) ? cpus : cpus / 8 + 1;

        time += i % MERGE_JUMP_EACH == MERGE_FEW ? MERGE_JUMP : merge_random(m, step);
        *r = (struct merge_record){.time = time,
                                   .cpu = merge_random(m, some),
                                   .input = merge_random(m, inputs),
                                   .value = i};
        r->number = numbers[r->input][r->cpu]++;
    }
}

/* The next records of a CPU, at most `most`. */
static void merge_chunk(struct merge_made *m, uint32_t input, uint32_t cpu, uint32_t most)
{
    uint32_t *written = &m->written[input][cpu], n = 0, words[MERGE_CHUNK][4];
    struct help_chunk c = {.type = TP_CHUNK_DATA,
                           .stream = 100 + input,
                           .cpu = (uint16_t)cpu,
                           .first_record = *written};

    for (uint32_t *i = &m->from[input][cpu]; *i < m->count && n < most; ++*i) {
        const struct merge_record *r = &m->all[*i];

        if (r->input != input || r->cpu != cpu)
            continue;
        if (!n)
            c.time = r->time;
        memcpy(words[n++], (uint32_t[4]){r->time, 0x80020001, r->value, 0}, 16);
    }
    c.records = n;
    *written += n;
    if (n)
        help_add_chunk(&m->input[input], c, words, 16 * n);
}

/* Chunks of CPUs in turns that are not even: some are drained to their end before others begin. */
static void merge_write(struct merge_made *m, uint32_t inputs, uint32_t cpus)
{
    for (uint32_t input = 0; input < inputs; input++) {
        struct help_bytes metadata = {0};

        m->input[input] = (struct help_bytes){0};
        memset(m->written[input], 0, sizeof(m->written[input]));
        memset(m->from[input], 0, sizeof(m->from[input]));
        help_add_metadata(&metadata, (uint8_t)cpus);
        help_add_chunk(&m->input[input],
                       (struct help_chunk){.type = TP_CHUNK_METADATA, .stream = 100 + input},
                       metadata.p + TP_WIRE_CHUNK_BYTES, metadata.n - TP_WIRE_CHUNK_BYTES);
        help_free(&metadata);
        for (uint32_t turn = 0; turn < 2 * cpus; turn++)
            merge_chunk(m, input, merge_random(m, cpus), 1 + merge_random(m, m->chunk));
        for (uint32_t cpu = 0; cpu < cpus; cpu++)
            for (uint32_t before = UINT32_MAX; before != m->written[input][cpu];) {
                before = m->written[input][cpu];
                merge_chunk(m, input, cpu, m->chunk);
            }
        help_add_chunk(&m->input[input],
                       (struct help_chunk){.type = TP_CHUNK_END, .stream = 100 + input}, NULL, 0);
    }
}

static void merge_check(const struct merge_made *m, const char *out, const char *what)
{
    static struct merge_record want[MERGE_MANY];
    uint32_t n = 0;

    memcpy(want, m->all, sizeof(want));
    qsort(want, m->count, sizeof(*want), merge_by_order);
    for (const char *p = out; *p; p++) {
        uint32_t value = 0;

        if (p[0] != 'v' || p[1] != '=')
            continue;
        for (p += 2; *p >= '0' && *p <= '9'; p++)
            value = 10 * value + (uint32_t)(*p - '0');
        if (n == m->count || value != want[n].value)
            TP_FAIL("%s: record %u is %u, not %u", what, n, value,
                    n < m->count ? want[n].value : 0);
        n++;
    }
    TP_CHECK_EQ(n, m->count);
}

static void merge_run_one(uint32_t records, uint32_t inputs, uint32_t cpus, uint32_t step,
                          uint32_t seed)
{
    static const char *const names[MERGE_INPUTS] = {"a", "b", "c"};
    static struct merge_made m;
    struct decode_input in[MERGE_INPUTS];
    struct decode_options o = {.inputs = in, .input_count = inputs};
    struct help_run run;
    char what[80], books[40];

    m.state = seed;
    m.count = records;
    m.chunk = records == MERGE_FEW ? MERGE_CHUNK_FEW : MERGE_CHUNK;
    snprintf(what, sizeof(what), "%u inputs, %u CPUs, step %u, seed %u", inputs, cpus, step, seed);
    merge_make(&m, inputs, cpus, step);
    merge_write(&m, inputs, cpus);
    for (uint32_t i = 0; i < inputs; i++)
        in[i] = (struct decode_input){
            .path = names[i], .bytes = m.input[i].p, .size = m.input[i].n};
    run = help_run(o);
    snprintf(books, sizeof(books), "%u records, 0 lost", records);
    if (strstr(run.err, "late") || !strstr(run.err, books))
        TP_FAIL("%s: %s", what, run.err);
    merge_check(&m, run.out, what);
    help_run_free(&run);
    for (uint32_t i = 0; i < inputs; i++)
        help_free(&m.input[i]);
}

TP_TEST(DecoderMerge, AsSorted)
{
    static const uint32_t cpus[] = {1, 2, 3, 5, 22, 64, 85, 86, 254, 255};

    for (uint32_t i = 0; i < sizeof(cpus) / sizeof(*cpus); i++)
        for (uint32_t inputs = 1; inputs <= MERGE_INPUTS; inputs++) {
            /* Many of the same time, some, and hardly any. */
            merge_run_one(MERGE_FEW, inputs, cpus[i], 2, 3 * i + inputs);
            merge_run_one(MERGE_FEW, inputs, cpus[i], 5, 100 + 3 * i + inputs);
            merge_run_one(MERGE_FEW, inputs, cpus[i], 1000, 200 + 3 * i + inputs);
        }
}

/* So many that turns are found out ahead (turns.h), of CPUs that have more of them than fit, and that pause. */
TP_TEST(DecoderMerge, AsSortedFarAhead)
{
    static const uint32_t cpus[] = {2, 9, 64, 255};

    for (uint32_t i = 0; i < sizeof(cpus) / sizeof(*cpus); i++) {
        merge_run_one(MERGE_MANY, 1, cpus[i], 2, 301 + i);
        merge_run_one(MERGE_MANY, 1, cpus[i], 1000, 401 + i);
    }
}
