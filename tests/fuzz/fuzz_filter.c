/* SPDX-License-Identifier: MIT */
/*
 * fuzz_filter.c - a filter, and records that are made of its bytes: the program that the engine makes of it
 * and the slow evaluator (tests/filter/filter_slow.c) accept the same texts and pass the same records.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/filter.h>

#include "../filter/filter_slow.h"
#include "fuzz.h"
#include "mutate.h"

struct filter_name {
    const char *name;
    int64_t value;
};

static const struct filter_name filter_flags[] = {
    {"O_WRONLY", 1}, {"O_CREAT", 0x40}, {"odd|name", 0x100}};
static const struct filter_name filter_states[] = {{"RUNNING", 0}, {"DEAD", -1}, {"b", 200}};

static const char *filter_name_at(const void *table, uint32_t i, int64_t *value)
{
    const struct filter_name *n = (const struct filter_name *)table + i;

    *value = n->value;
    return n->name;
}

static const struct tp_filter_field filter_fields[] = {
    {"a", TP_FILTER_UNSIGNED, 4, false, 0, NULL},
    {"b", TP_FILTER_SIGNED, 4, false, 0, NULL},
    {"c", TP_FILTER_UNSIGNED, 8, false, 0, NULL},
    {"d", TP_FILTER_SIGNED, 8, false, 0, NULL},
    {"name", TP_FILTER_TEXT, 0, false, 0, NULL},
    {"flags", TP_FILTER_UNSIGNED, 4, true, 3, filter_flags},
    {"state", TP_FILTER_SIGNED, 1, false, 3, filter_states},
    {"blob", TP_FILTER_OPAQUE, 0, false, 0, NULL}};

static const struct tp_filter_schema filter_schema = {filter_fields, 8, filter_name_at};

/* Values near the edges, and texts that are pieces of the filter. */
static void filter_record(struct tp_filter_value *v, const char *text, size_t n, uint32_t turn)
{
    static const uint64_t edges[] = {0,   1,          5,          0x40,      0x141,
                                     200, UINT64_MAX, 1ull << 63, INT64_MAX, 0xffffffff};

    mutate_seed(turn * 77 + (unsigned)n);
    for (uint32_t i = 0; i < TP_FILTER_VALUES; i++) {
        size_t at = mutate_random((uint32_t)n + 1);
        uint32_t bytes = i < 8 ? filter_fields[i].bytes : 4;
        uint64_t number = mutate_random(2) ? edges[mutate_random(10)] : mutate_random(UINT32_MAX);

        if (bytes && bytes < 8)
            number &= (1ull << 8 * bytes) - 1;
        if ((i == 1 || i == 6 || i == TP_FILTER_PID) && number >> (8 * bytes - 1) & 1)
            number |= ~0ull << 8 * bytes;
        v[i] = (struct tp_filter_value){number, text + at, mutate_random((uint32_t)(n - at) + 1)};
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    union {
        struct tp_filter filter;
        uint8_t bytes[TP_FILTER_BYTES_MAX];
        uint64_t aligned;
    } p;
    char *text = malloc(size + 1), explained[4096];
    struct tp_filter_error error;
    const struct slow_node *tree;
    long n;

    fuzz_require(text, "no memory");
    if (size)
        memcpy(text, data, size);
    tree = slow_parse(text, size, &filter_schema);
    n = tp_filter_compile(&p.filter, sizeof(p), text, size, &filter_schema, &error);
    fuzz_require((n > 0) == (tree != NULL), "one accepts the filter and one does not");
    if (n < 0) {
        fuzz_require(n == error.code && error.column <= size && error.what,
                     "an error that says nothing");
        (void)tp_filter_explain(&error, text, size, explained, sizeof(explained));
    }
    for (uint32_t turn = 0; n > 0 && turn < 8; turn++) {
        struct tp_filter_value v[TP_FILTER_VALUES];

        filter_record(v, text, size, turn);
        fuzz_require(tp_filter_run(&p.filter, v) == slow_eval(tree, v), "they do not agree");
    }
    free(text);
    return 0;
}

static size_t filter_piece(char *to, size_t room)
{
    static const char *const pieces[] = {"a",
                                         "b",
                                         "c",
                                         "d",
                                         "name",
                                         "flags",
                                         "state",
                                         "common_pid",
                                         "CPU",
                                         "comm",
                                         "==",
                                         "!=",
                                         "<",
                                         "<=",
                                         ">",
                                         ">=",
                                         "&",
                                         "&&",
                                         "||",
                                         "!",
                                         "(",
                                         ")",
                                         "~",
                                         "\"ssh*\"",
                                         "'x'",
                                         "0x7f",
                                         "-1",
                                         "18446744073709551615",
                                         "-9223372036854775808",
                                         "O_CREAT|O_WRONLY",
                                         "DEAD",
                                         "[a-z]",
                                         "*",
                                         "?",
                                         "\\",
                                         "\"",
                                         "'",
                                         "010",
                                         "blob",
                                         "5"};
    size_t n = 0;

    for (uint32_t turns = 1 + mutate_random(4); turns--;) {
        const char *piece = pieces[mutate_random(sizeof(pieces) / sizeof(pieces[0]))];

        n += (size_t)snprintf(to + n, room - n, "%s%s", piece, mutate_random(3) ? " " : "");
    }
    return n;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    char piece[256];
    size_t at, n;

    mutate_seed(seed);
    if (!mutate_random(2))
        return LLVMFuzzerMutate(data, size, max);
    at = mutate_random((uint32_t)size + 1);
    n = filter_piece(piece, sizeof(piece));
    if (size + n > max)
        return LLVMFuzzerMutate(data, size, max);
    memmove(data + at + n, data + at, size - at);
    memcpy(data + at, piece, n);
    return size + n;
}
