/* SPDX-License-Identifier: MIT */
/* group.c - --stats --by: how many records there are of each key. */
#include "answer/group.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define GROUP_SLOTS (2 * GROUP_KEYS)

struct group_row {
    struct key key;
    struct tally_cell cell; /* times in ns */
};

/* --- sink --- */

static struct tally_cell *group_cell(struct group *g, const struct key *k)
{
    uint32_t hash = key_hash(k), *slot;

    for (;; hash++) {
        slot = &g->slots[hash % GROUP_SLOTS];
        if (!*slot)
            break;
        if (key_equal(&g->rows[*slot - 1].key, k))
            return &g->rows[*slot - 1].cell;
    }
    if (g->count == GROUP_KEYS)
        return &g->others;
    if (g->count == g->room) {
        g->room *= 2;
        g->rows = mem_grow(g->rows, g->room * sizeof(*g->rows));
    }
    g->rows[g->count] = (struct group_row){.key = *k};
    *slot = ++g->count;
    return &g->rows[g->count - 1].cell;
}

static void group_put(struct tally_cell *c, uint64_t ns, uint64_t bytes)
{
    c->first = !c->count || ns < c->first ? ns : c->first;
    c->last = !c->count || ns > c->last ? ns : c->last;
    c->count++;
    c->bytes += bytes;
}

static uint64_t group_bytes(const struct record *r)
{
    return r->bytes + sizeof(struct tp_wire_record) +
           (r->context ? sizeof(struct tp_wire_context) : 0);
}

static void group_event(struct sink *s, struct stream_lane *lane, const struct metadata_event *e)
{
    struct group *g = (struct group *)s;
    uint64_t ns = clock_ns(&lane->stream->clock, lane->time);
    uint64_t bytes = group_bytes(&lane->record);
    struct value_tail tails[TP_LIMIT_FIELDS];
    struct key k;

    group_put(&g->total.cell, ns, bytes);
    if (!sink_tails(lane, e, tails) || !key_find(&g->by, lane, e, tails, &k)) {
        group_put(&g->without, ns, bytes);
        return;
    }
    group_put(group_cell(g, &k), ns, bytes);
    if (key_is_field(&g->by, e))
        owner_meet(&g->owners, e);
    else
        g->meant = true;
}

static void group_loss(struct sink *s, struct stream_lane *lane)
{
    tally_add_losses(&((struct group *)s)->total, lane->loss, lane->loss_damage);
}

/* --- sums of parts --- */

struct group_sum {
    struct tally_cell without;
    struct tally_cpu total;
    struct owner_list owners;
    uint32_t count;
    bool meant;
    struct group_row rows[GROUP_KEYS];
};
_Static_assert(sizeof(struct group_sum) <= SINK_SUM_BYTES, "");

/* Only as long as each key has its row: which ones are the first is not known of parts. */
static bool group_add(struct sink *s, const void *from)
{
    struct group *g = (struct group *)s;
    const struct group_sum *sum = from;

    if (!sum->total.cell.count && !tally_lost(&sum->total))
        return true;
    for (uint32_t i = 0; i < sum->count; i++)
        tally_join(group_cell(g, &sum->rows[i].key), &sum->rows[i].cell);
    if (g->others.count)
        return false;
    tally_join(&g->without, &sum->without);
    tally_join(&g->total.cell, &sum->total.cell);
    tally_add_losses(&g->total, sum->total.lost, sum->total.damaged);
    owner_follow(&g->owners, &sum->owners);
    g->meant = g->meant || sum->meant;
    return true;
}

static bool group_put_sum(struct sink *s, void *to)
{
    const struct group *g = (const struct group *)s;
    struct group_sum *sum = to;

    if (g->others.count || !to)
        return !g->others.count;
    sum->without = g->without;
    sum->total = g->total;
    sum->owners = g->owners;
    sum->meant = g->meant;
    sum->count = g->count;
    memcpy(sum->rows, g->rows, g->count * sizeof(*sum->rows));
    return true;
}

static void group_forget(struct sink *s)
{
    struct group *g = (struct group *)s;

    memset(g->slots, 0, GROUP_SLOTS * sizeof(*g->slots));
    g->count = 0;
    g->others = g->without = (struct tally_cell){0};
    g->total = (struct tally_cpu){.damaged = 0};
    memset(&g->owners, 0, sizeof(g->owners));
    g->meant = false;
}

static void group_finish(struct sink *s, struct stream *stream)
{
    struct group *g = (struct group *)s;

    columns_finish(&g->by.columns, stream);
    owner_finish(&g->owners);
    tally_add_strangers(&g->total, stream);
    g->finished = true;
}

/* --- text --- */

enum group_column { GROUP_COUNT, GROUP_RATE, GROUP_BYTES, GROUP_FIRST, GROUP_LAST, GROUP_COLUMNS };

static const struct group_head {
    const char *name;
    unsigned width;
} group_heads[GROUP_COLUMNS] = {
    {"count", 10}, {"rate/s", 13}, {"bytes", 12}, {"first", 14}, {"last", 14}};

/* A row, without its end. False: there is no record in it. */
static bool group_text_cell(struct out *o, const struct tally_cell *c, uint64_t span)
{
    char text[GROUP_COLUMNS][NUMBER_BYTES];

    if (!c->count)
        return false;
    number_put_u64(text[GROUP_COUNT], c->count);
    number_text_rate(text[GROUP_RATE], c->count, span);
    number_put_u64(text[GROUP_BYTES], c->bytes);
    number_put_seconds(text[GROUP_FIRST], c->first);
    number_put_seconds(text[GROUP_LAST], c->last);
    for (unsigned i = 0; i < GROUP_COLUMNS; i++)
        number_column(o, text[i], group_heads[i].width);
    out_text(o, "  ");
    return true;
}

static void group_text_rest(struct out *o, const struct tally_cell *c, uint64_t span,
                            const char *name)
{
    if (!group_text_cell(o, c, span))
        return;
    out_text(o, name);
    out_text(o, "\n");
}

static void group_text(const struct group *g)
{
    struct out *o = g->sink.out;
    uint64_t span = g->total.cell.last - g->total.cell.first, lost = tally_lost(&g->total);

    for (unsigned i = 0; i < GROUP_COLUMNS; i++)
        number_column(o, group_heads[i].name, group_heads[i].width);
    out_text(o, "  ");
    out_escaped(o, g->word, strlen(g->word), OUT_TEXT);
    out_text(o, "\n");
    for (uint32_t i = 0; i < g->count; i++)
        if (group_text_cell(o, &g->rows[i].cell, span)) {
            key_print(o, &g->rows[i].key, OUT_TEXT);
            out_text(o, "\n");
        }
    group_text_rest(o, &g->others, span, "(others)");
    group_text_rest(o, &g->without, span, "(none)");
    group_text_rest(o, &g->total.cell, span, "(all)");
    if (!lost && !g->total.damaged)
        return;
    out_u64(o, lost);
    out_text(o, " records lost");
    tally_text_losses(&g->total, o);
    out_text(o, "\n");
}

/* --- JSON --- */

static void group_json_cell(struct out *o, const struct tally_cell *c, uint64_t span)
{
    char text[NUMBER_BYTES];

    out_text(o, "\"count\":");
    out_u64(o, c->count);
    number_put_rate(text, c->count, span, "null");
    number_json_text(o, "rate", text);
    number_json(o, "bytes", c->bytes);
    if (!c->count)
        return;
    number_json(o, "first_ns", c->first);
    number_json(o, "last_ns", c->last);
}

static void group_json_rest(struct out *o, const struct tally_cell *c, uint64_t span,
                            const char *name)
{
    out_text(o, ",\"");
    out_text(o, name);
    out_text(o, "\":{");
    group_json_cell(o, c, span);
    out_text(o, "}");
}

static void group_json(const struct group *g)
{
    struct out *o = g->sink.out;
    uint64_t span = g->total.cell.last - g->total.cell.first;

    out_text(o, "{\"answer\":\"stats\"");
    number_json(o, "span_ns", span);
    out_text(o, ",\"by\":");
    field_text(o, g->word, strlen(g->word), OUT_JSON);
    out_text(o, ",\"keys\":[");
    for (uint32_t i = 0; i < g->count; i++) {
        out_text(o, i ? ",{\"key\":" : "{\"key\":");
        key_print(o, &g->rows[i].key, OUT_JSON);
        out_text(o, ",");
        group_json_cell(o, &g->rows[i].cell, span);
        out_text(o, "}");
    }
    out_text(o, "]");
    group_json_rest(o, &g->others, span, "others");
    group_json_rest(o, &g->without, span, "without");
    out_text(o, ",\"all\":{");
    group_json_cell(o, &g->total.cell, span);
    tally_json_lost(o, &g->total);
    out_text(o, "}}\n");
}

/* --- */

static int group_compare(const void *a, const void *b)
{
    const struct group_row *x = a, *y = b;

    if (x->cell.count != y->cell.count)
        return x->cell.count > y->cell.count ? -1 : 1;
    return key_compare(&x->key, &y->key);
}

/* One name means several things. */
static void group_tell(struct group *g)
{
    bool common = g->by.common == COMMON_COMM && !g->by.always;
    char names[OWNER_TEXT_BYTES];

    owner_text(&g->owners, names);
    if (g->owners.count && g->meant)
        diag_line(g->diag, "--by %s is a field of %s, and not one of other events%s%s%s", g->word,
                  names, common ? ": --by common_" : "", common ? g->word : "",
                  common ? " is of the task of each record" : "");
    else if (g->owners.count > 1)
        diag_line(g->diag, "field %s is of %s: --event chooses one", g->word, names);
    if (g->finished && !g->count && g->by.common == COMMON_NONE)
        columns_end(&g->by.columns, g->diag);
}

static void group_end(struct sink *s)
{
    struct group *g = (struct group *)s;

    qsort(g->rows, g->count, sizeof(*g->rows), group_compare);
    if (g->json)
        group_json(g);
    else
        group_text(g);
    if (!s->out->error)
        group_tell(g);
}

static void group_close(struct sink *s)
{
    struct group *g = (struct group *)s;

    free(g->rows);
    free(g->slots);
}

struct sink *group_open(struct group *g, struct out *o, const char *by, bool json,
                        struct diag *diag)
{
    memset(g, 0, sizeof(*g));
    g->sink = (struct sink){.out = o,
                            .event = group_event,
                            .loss = group_loss,
                            .add = group_add,
                            .put = group_put_sum,
                            .forget = group_forget,
                            .finish = group_finish,
                            .end = group_end,
                            .close = group_close};
    g->json = json;
    g->word = by;
    g->diag = diag;
    key_open(&g->by, by, strlen(by));
    g->slots = mem_zero(GROUP_SLOTS * sizeof(*g->slots));
    g->room = 16;
    g->rows = mem_zero(g->room * sizeof(*g->rows));
    return &g->sink;
}
