/* SPDX-License-Identifier: MIT */
/*
 * fuzz_dump.c - a dump, and a last byte that says how to print it. Decoded twice it gives the same; the
 * library finds the same in it in one piece and from a pipe in pieces.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tpdecode.h>

#include "fuzz.h"
#include "mutate.h"

/* What the library reads it by. */
struct dump_pieces {
    const uint8_t *p;
    size_t n, turn;
};

static long dump_read(void *context, void *to, size_t size)
{
    static const size_t pieces[] = {1, 7, 104, 3, 4096, 64, 65536};
    struct dump_pieces *d = context;
    size_t n = pieces[d->turn++ % 7];

    n = n < size ? n : size;
    n = n < d->n ? n : d->n;
    if (n)
        memcpy(to, d->p, n);
    d->p += n;
    d->n -= n;
    return (long)n;
}

/* What is looked through knows the rate of the counter before; a pipe says from where on it does. */
static bool dump_is_rate(const struct tp_dump_item *i)
{
    return i->kind == TP_DUMP_NOTICE &&
           (strstr(i->notice.text, "it is not known yet how fast the counter counts") ||
            strstr(i->notice.text, "from here on times are right"));
}

/* Each item as a line. */
static void dump_item(struct fuzz_bytes *to, struct tp_dump *d, const struct tp_dump_item *i)
{
    char line[128];
    const char *text = NULL;
    size_t n = 0;

    snprintf(line, sizeof(line), "%d %u %llu ", (int)i->kind, i->cpu, (unsigned long long)i->ticks);
    fuzz_add(to, line, strlen(line));
    if (i->kind == TP_DUMP_RECORD || i->kind == TP_DUMP_UNFINISHED)
        text = tp_dump_text(d, &n);
    else if (i->kind == TP_DUMP_NOTICE)
        n = strlen(text = i->notice.text);
    else if (i->kind == TP_DUMP_LOSS)
        n = (size_t)snprintf(line, sizeof(line), "%llu %d", (unsigned long long)i->loss.records,
                             (int)i->loss.cause);
    fuzz_add(to, text ? text : line, n);
    fuzz_add(to, "\n", 1);
}

static struct fuzz_bytes dump_items(const uint8_t *data, size_t size, bool pieces)
{
    struct dump_pieces source = {data, size, 0};
    struct fuzz_bytes all = {0};
    const struct tp_dump_item *item;
    struct tp_dump *d = tp_dump_new();
    int got;

    fuzz_require(d, "no memory");
    got = pieces ? tp_dump_add_reader(d, "x", dump_read, &source)
                 : tp_dump_add_memory(d, "x", data, size);
    fuzz_require(got == 0, "an input is not taken");
    while ((got = tp_dump_next(d, &item)) > 0)
        if (!dump_is_rate(item))
            dump_item(&all, d, item);
    fuzz_require(got == 0 || got == TP_DUMP_EFOREIGN || got == TP_DUMP_EUNSUPPORTED,
                 "the library ends with an error");
    fuzz_add(&all, "", 0);
    tp_dump_free(d);
    return all;
}

/* What is no dump at its start may be an image, which a pipe cannot be. */
static void dump_by_pieces(const uint8_t *data, size_t size)
{
    struct fuzz_bytes whole, parts;

    if (size < 4 || memcmp(data, "\xf5tp\xfa", 4) != 0)
        return;
    whole = dump_items(data, size, false);
    parts = dump_items(data, size, true);
    fuzz_require(whole.n == parts.n && memcmp(whole.p, parts.p, whole.n) == 0,
                 "a pipe gives something else");
    fuzz_free(&whole);
    fuzz_free(&parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t how = size ? data[--size] : 0;
    struct decode_options o = fuzz_options(how);
    struct fuzz_run one = fuzz_decode(o, data, size), two;

    two = fuzz_decode(fuzz_options(how), data, size);
    fuzz_require(one.code == two.code && one.out.n == two.out.n && one.err.n == two.err.n &&
                     !memcmp(one.out.p, two.out.p, one.out.n) &&
                     !memcmp(one.err.p, two.err.p, one.err.n),
                 "decoded twice it gives something else");
    fuzz_run_free(&one);
    fuzz_run_free(&two);
    if (!(how & 0xc0))
        dump_by_pieces(data, size);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    uint8_t how = size ? data[size - 1] : 0;

    mutate_seed(seed);
    if (max < 2)
        return size;
    if (!mutate_random(8))
        how = (uint8_t)mutate_random(256);
    size = mutate_dump(data, size ? size - 1 : 0, max - 1, seed);
    data[size] = how;
    return size + 1;
}
