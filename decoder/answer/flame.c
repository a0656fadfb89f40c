/* SPDX-License-Identifier: MIT */
/* flame.c - folded stacks as a flame graph. */
#include "answer/flame.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"

#define FLAME_ROW_PIXELS 18u
#define FLAME_COLOURS 8u
#define FLAME_WHOLE 100000000u /* 100 %, with six digits after the point */

struct flame_box {
    uint64_t from, n;
    uint32_t row;
};

/* Boxes of the same path next to each other, the widest first. */
struct flame_order {
    uint64_t n;
    uint32_t before, node;
    uint64_t next; /* by node, once they are in order: where the next one in it begins */
};

static int flame_compare(const void *a, const void *b)
{
    const struct flame_order *x = a, *y = b;

    if (x->before != y->before)
        return x->before > y->before ? 1 : -1;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return (x->node > y->node) - (x->node < y->node);
}

/* --- text --- */

/* Bytes of a dump as text of HTML, in quotes too. */
static void flame_text(struct out *o, const char *text, size_t n)
{
    char plain[6 * NAMES_BYTES];

    n = out_escape(plain, text, n < NAMES_BYTES ? n : NAMES_BYTES, OUT_TEXT);
    for (size_t i = 0; i < n; i++)
        switch (plain[i]) {
        case '&':
            out_text(o, "&amp;");
            break;
        case '<':
            out_text(o, "&lt;");
            break;
        case '>':
            out_text(o, "&gt;");
            break;
        case '"':
            out_text(o, "&quot;");
            break;
        case '\'':
            out_text(o, "&#39;");
            break;
        default:
            out_bytes(o, plain + i, 1);
        }
}

/* A part of the whole in percent, rounded down. */
static void flame_percent(struct out *o, uint64_t n, uint64_t whole, unsigned digits)
{
    uint64_t v = whole ? (uint64_t)((__uint128_t)n * FLAME_WHOLE / whole) : 0;
    uint64_t rest = v % (FLAME_WHOLE / 100);

    out_u64(o, v / (FLAME_WHOLE / 100));
    out_text(o, ".");
    for (uint64_t unit = FLAME_WHOLE / 1000; digits--; unit /= 10) {
        out_u64(o, rest / unit);
        rest %= unit;
    }
}

static void flame_attribute(struct out *o, const char *name, uint64_t n)
{
    out_text(o, " data-");
    out_text(o, name);
    out_text(o, "=\"");
    out_u64(o, n);
    out_text(o, "\"");
}

/* --- boxes --- */

static unsigned flame_colour(const char *name, size_t n)
{
    unsigned h = 5381;

    for (size_t i = 0; i < n; i++)
        h = h * 33 + (unsigned char)name[i];
    return h % FLAME_COLOURS;
}

static void flame_box(const struct flame *f, struct out *o, const struct flame_box *b,
                      uint64_t whole, const char *name, size_t bytes)
{
    out_text(o, "<p class=\"c");
    out_u64(o, flame_colour(name, bytes));
    out_text(o, "\"");
    flame_attribute(o, "from", b->from);
    flame_attribute(o, "n", b->n);
    out_text(o, " style=\"left:");
    flame_percent(o, b->from, whole, 6);
    out_text(o, "%;width:");
    flame_percent(o, b->n, whole, 6);
    out_text(o, "%;top:");
    out_u64(o, (uint64_t)b->row * FLAME_ROW_PIXELS);
    out_text(o, "px\" title=\"");
    flame_text(o, name, bytes);
    out_text(o, ": ");
    out_u64(o, b->n);
    out_text(o, " ");
    out_text(o, f->unit);
    out_text(o, ", ");
    flame_percent(o, b->n, whole, 2);
    out_text(o, " %\">");
    flame_text(o, name, bytes);
    out_text(o, "</p>\n");
}

/* All paths that have something, in order. Returns how many. */
static uint32_t flame_sort(const struct fold *fold, const uint64_t *totals,
                           struct flame_order *order)
{
    uint32_t count = 0;

    for (uint32_t i = FOLD_OTHERS; i < fold->count; i++)
        if (totals[i])
            order[count++] = (struct flame_order){totals[i], fold->nodes[i].before, i, 0};
    qsort(order, count, sizeof(*order), flame_compare);
    return count;
}

static void flame_boxes(const struct flame *f, const struct fold *fold, struct out *o,
                        const uint64_t *totals)
{
    struct flame_order *order = mem_zero(fold->count * sizeof(*order));
    uint32_t count = flame_sort(fold, totals, order);
    uint64_t whole = totals[FOLD_TOP];

    flame_box(f, o, &(struct flame_box){.n = whole}, whole, "all", 3);
    /* A path comes after the one that it begins with. */
    for (uint32_t i = 0; i < count && !o->error; i++) {
        const struct fold_node *node = &fold->nodes[order[i].node];
        const struct names_one *name =
            &f->names->at[order[i].node == FOLD_OTHERS ? NAMES_OTHERS : node->name];
        struct flame_box b = {.from = order[node->before].next,
                              .n = order[i].n,
                              .row = node->depth + (order[i].node == FOLD_OTHERS)};

        order[order[i].node].next = b.from;
        order[node->before].next += b.n;
        flame_box(f, o, &b, whole, name->text, name->bytes);
    }
    free(order);
}

/* --- the page --- */

static uint32_t flame_rows(const struct fold *fold, const uint64_t *totals)
{
    uint32_t most = 1;

    for (uint32_t i = FOLD_OTHERS; i < fold->count; i++)
        if (totals[i] && fold->nodes[i].depth > most)
            most = fold->nodes[i].depth;
    return most + 1;
}

/* What the page has between two @, by its first letter. */
static void flame_fill(const struct flame *f, const struct fold *fold, struct out *o,
                       const uint64_t *totals, char word)
{
    switch (word) {
    case 'r':
        out_text(o, "default-src 'none'; base-uri 'none'; form-action 'none'; "
                    "style-src 'unsafe-inline'; script-src ");
        digest_source(o, flame_asset_script);
        break;
    case 'c':
        out_text(o, flame_asset_style);
        break;
    case 't':
        out_text(o, f->title);
        break;
    case 'w':
        out_u64(o, totals[FOLD_TOP]);
        out_text(o, " ");
        out_text(o, f->unit);
        break;
    case 'u':
        out_text(o, f->unit);
        break;
    case 'h':
        out_u64(o, (uint64_t)flame_rows(fold, totals) * FLAME_ROW_PIXELS);
        break;
    case 'b':
        flame_boxes(f, fold, o, totals);
        break;
    case 'n':
        f->notes(f->context, o);
        break;
    default:
        out_text(o, flame_asset_script);
    }
}

void flame_print(const struct flame *f, struct fold *fold, struct out *o)
{
    const uint64_t *totals = fold_totals(fold, f->least);
    const char *at = flame_asset_page, *word;

    for (; (word = strchr(at, '@')) != NULL; at = strchr(word + 1, '@') + 1) {
        out_bytes(o, at, (size_t)(word - at));
        flame_fill(f, fold, o, totals, word[1]);
    }
    out_text(o, at);
}
