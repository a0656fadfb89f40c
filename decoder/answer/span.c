/* SPDX-License-Identifier: MIT */
/* span.c - how long spans took, by name. */
#include "answer/span.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define SPAN_NS_OF_MS 1000000u

void span_open(struct span_table *t)
{
    *t = (struct span_table){.cells_left = SPAN_CELLS};
    names_open(&t->names);
}

uint32_t span_name(struct span_table *t, const char *name, size_t bytes, bool async)
{
    return names_number(&t->names, name, bytes, async ? SPAN_ASYNC : SPAN_STACK);
}

void span_add(struct span_table *t, uint32_t name, uint64_t ns, uint64_t self_ns, bool inner)
{
    struct span_row *r;

    t->rows = mem_reach(t->rows, &t->room, name, 64, sizeof(*t->rows));
    r = &t->rows[name];
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

    if (x->total_ns != y->total_ns)
        return x->total_ns > y->total_ns ? -1 : 1;
    return names_compare(x->name, y->name);
}

void span_sort(struct span_table *t)
{
    t->order = mem_zero(t->names.count * sizeof(struct span_row *));
    for (uint32_t i = 0; i < t->room; i++) {
        if (!t->rows[i].count)
            continue;
        t->rows[i].name = &t->names.at[i];
        t->order[t->shown++] = &t->rows[i];
    }
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
    if (r->name->kind != SPAN_ASYNC)
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
    out_escaped(o, r->name->text, r->name->bytes, OUT_TEXT);
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
        field_text(o, r->name->text, r->name->bytes, OUT_JSON);
    number_json(o, "count", r->count);
    number_json(o, "total_ns", r->total_ns);
    if (r->name->kind == SPAN_ASYNC)
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
        span_json_row(t->order[i], &t->rows[NAMES_OTHERS], o);
    }
    out_text(o, "]");
}

void span_close(struct span_table *t)
{
    for (uint32_t i = 0; i < t->room; i++)
        quantile_few_free(&t->rows[i].times);
    free(t->rows);
    names_close(&t->names);
    free(t->order);
}
