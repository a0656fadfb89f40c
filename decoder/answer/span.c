/* SPDX-License-Identifier: MIT */
/* span.c - how long spans took, by name. */
#include "answer/span.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define SPAN_HEADS (2 * SPAN_NAMES)
#define SPAN_NS_OF_MS 1000000u

static uint32_t span_add_row(struct span_table *t, const char *name, size_t bytes, bool async)
{
    struct span_row *r;

    if (t->count == t->room) {
        t->room = 2 * t->room;
        t->rows = mem_grow(t->rows, t->room * sizeof(*t->rows));
    }
    r = &t->rows[t->count];
    *r = (struct span_row){.bytes = (uint32_t)bytes, .async = async};
    memcpy(r->name, name, bytes);
    return t->count++;
}

void span_open(struct span_table *t)
{
    *t = (struct span_table){.room = 64, .cells_left = SPAN_CELLS};
    t->heads = mem_zero(SPAN_HEADS * sizeof(*t->heads));
    t->rows = mem_zero(t->room * sizeof(*t->rows));
    span_add_row(t, "", 0, false);
    span_add_row(t, "(others)", 8, false);
}

uint32_t span_name(struct span_table *t, const char *name, size_t bytes, bool async)
{
    uint32_t hash = 2166136261u ^ async, *head, i;

    bytes = bytes < SPAN_NAME_BYTES ? bytes : SPAN_NAME_BYTES;
    for (size_t k = 0; k < bytes; k++)
        hash = (hash ^ (uint8_t)name[k]) * 16777619u;
    head = &t->heads[(hash ^ hash >> 15) % SPAN_HEADS];
    for (i = *head; i; i = t->rows[i].next)
        if (t->rows[i].async == async && t->rows[i].bytes == bytes &&
            memcmp(t->rows[i].name, name, bytes) == 0)
            return i;
    if (t->count == SPAN_OTHERS + 1 + SPAN_NAMES)
        return SPAN_OTHERS;
    i = span_add_row(t, name, bytes, async);
    t->rows[i].next = *head;
    return *head = i;
}

void span_add(struct span_table *t, uint32_t name, uint64_t ns, uint64_t self_ns, bool inner)
{
    struct span_row *r = &t->rows[name];

    if (!r->count || ns < r->least_ns)
        r->least_ns = ns;
    r->count++;
    r->total_ns = number_add(r->total_ns, inner ? 0 : ns);
    r->self_ns = number_add(r->self_ns, self_ns);
    if (!quantile_few_put(&r->times, ns, &t->cells_left)) {
        r->times.most = ns > r->times.most ? ns : r->times.most;
        t->crowded++;
    }
}

static int span_compare(const void *a, const void *b)
{
    const struct span_row *x = *(struct span_row *const *)a, *y = *(struct span_row *const *)b;
    uint32_t n = x->bytes < y->bytes ? x->bytes : y->bytes;
    int by_name = memcmp(x->name, y->name, n);

    if (x->total_ns != y->total_ns)
        return x->total_ns > y->total_ns ? -1 : 1;
    return by_name ? by_name : x->bytes != y->bytes ? (x->bytes > y->bytes) * 2 - 1 : x->async;
}

void span_sort(struct span_table *t)
{
    t->order = mem_zero(t->count * sizeof(struct span_row *));
    for (uint32_t i = 0; i < t->count; i++)
        if (t->rows[i].count)
            t->order[t->shown++] = &t->rows[i];
    qsort(t->order, t->shown, sizeof(struct span_row *), span_compare);
}

/* --- text --- */

enum span_column {
    SPAN_TOTAL,
    SPAN_SELF,
    SPAN_COUNT,
    SPAN_LEAST,
    SPAN_HALF,
    SPAN_NEARLY,
    SPAN_MOST,
    SPAN_COLUMNS
};

static const struct span_head {
    const char *name;
    unsigned width;
} span_heads[SPAN_COLUMNS] = {{"total ms", 11}, {"self ms", 11}, {"count", 8},   {"least us", 10},
                              {"50 % us", 10},  {"99 % us", 10}, {"most us", 10}};

static void span_text_row(const struct span_row *r, struct out *o)
{
    char text[SPAN_COLUMNS][NUMBER_BYTES] = {"-", "-", "-", "-", "-", "-", "-"};

    number_put_mean(text[SPAN_TOTAL], r->total_ns, SPAN_NS_OF_MS);
    if (!r->async)
        number_put_mean(text[SPAN_SELF], r->self_ns, SPAN_NS_OF_MS);
    number_put_u64(text[SPAN_COUNT], r->count);
    number_put_micros(text[SPAN_LEAST], r->least_ns);
    if (r->times.count) {
        number_put_micros(text[SPAN_HALF], quantile_few_get(&r->times, 50, 100));
        number_put_micros(text[SPAN_NEARLY], quantile_few_get(&r->times, 99, 100));
    }
    number_put_micros(text[SPAN_MOST], r->times.most);
    for (unsigned i = 0; i < SPAN_COLUMNS; i++)
        number_column(o, text[i], span_heads[i].width);
    out_text(o, "  ");
    out_escaped(o, r->name, r->bytes, OUT_TEXT);
    out_text(o, "\n");
}

void span_text(const struct span_table *t, struct out *o)
{
    for (unsigned i = 0; i < SPAN_COLUMNS; i++)
        number_column(o, span_heads[i].name, span_heads[i].width);
    out_text(o, "  name\n");
    for (uint32_t i = 0; i < t->shown; i++)
        span_text_row(t->order[i], o);
}

/* --- JSON --- */

static void span_json_row(const struct span_row *r, const struct span_row *others, struct out *o)
{
    out_text(o, "{\"name\":");
    if (r == others)
        out_text(o, "null");
    else
        field_text(o, r->name, r->bytes, OUT_JSON);
    number_json(o, "count", r->count);
    number_json(o, "total_ns", r->total_ns);
    if (r->async)
        out_text(o, ",\"self_ns\":null");
    else
        number_json(o, "self_ns", r->self_ns);
    number_json(o, "min_ns", r->least_ns);
    if (r->times.count) {
        number_json(o, "p50_ns", quantile_few_get(&r->times, 50, 100));
        number_json(o, "p99_ns", quantile_few_get(&r->times, 99, 100));
    }
    number_json(o, "max_ns", r->times.most);
    out_text(o, "}");
}

void span_json(const struct span_table *t, struct out *o)
{
    out_text(o, "[");
    for (uint32_t i = 0; i < t->shown; i++) {
        out_text(o, i ? "," : "");
        span_json_row(t->order[i], &t->rows[SPAN_OTHERS], o);
    }
    out_text(o, "]");
}

void span_close(struct span_table *t)
{
    for (uint32_t i = 0; t->rows && i < t->count; i++)
        quantile_few_free(&t->rows[i].times);
    free(t->rows);
    free(t->heads);
    free(t->order);
}
