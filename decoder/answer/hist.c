/* SPDX-License-Identifier: MIT */
/* hist.c - --hist: how the values of a field are distributed, for each key. */
#include "answer/hist.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define HIST_SLOTS (2 * HIST_KEYS)

const char *hist_read(struct hist_options *o, const char *text)
{
    size_t n = strcspn(text, ":");

    if (!n || n > TP_LIMIT_NAME_BYTES)
        return "not FIELD[:log2|linear]";
    o->field = text;
    o->field_bytes = (uint32_t)n;
    o->linear = strcmp(text + n, ":linear") == 0;
    return !text[n] || o->linear || strcmp(text + n, ":log2") == 0 ? NULL
                                                                   : "not FIELD[:log2|linear]";
}

static uint32_t *hist_slot(struct hist *h, const struct key *k)
{
    for (uint32_t hash = key_hash(k);; hash++) {
        uint32_t *slot = &h->slots[hash % HIST_SLOTS];

        if (!*slot || key_equal(&h->keys[*slot - 1].key, k))
            return slot;
    }
}

static int hist_compare(const void *a, const void *b)
{
    const struct hist_key *x = *(struct hist_key *const *)a, *y = *(struct hist_key *const *)b;

    if (x->spread.count != y->spread.count)
        return x->spread.count > y->spread.count ? -1 : 1;
    return key_compare(&x->key, &y->key);
}

static void hist_sort(struct hist *h)
{
    for (uint32_t i = 0; i < h->count; i++)
        h->order[i] = &h->keys[i];
    qsort(h->order, h->count, sizeof(h->order[0]), hist_compare);
}

/* Keeps the half that counts most. */
static void hist_make_room(struct hist *h)
{
    struct hist_key *kept = mem_zero(HIST_KEYS * sizeof(*kept));

    hist_sort(h);
    memset(h->slots, 0, sizeof(h->slots));
    for (uint32_t i = 0; i < HIST_KEYS / 2; i++)
        kept[i] = *h->order[i];
    for (uint32_t i = HIST_KEYS / 2; i < h->count; i++)
        spread_add(&h->others, &h->order[i]->spread);
    h->sent += h->count - HIST_KEYS / 2;
    h->count = HIST_KEYS / 2;
    free(h->keys);
    h->keys = kept;
    for (uint32_t i = 0; i < h->count; i++)
        *hist_slot(h, &kept[i].key) = i + 1;
}

static struct spread *hist_spread(struct hist *h, const struct key *k)
{
    uint32_t *slot = hist_slot(h, k);

    if (*slot)
        return &h->keys[*slot - 1].spread;
    if (h->count == HIST_KEYS) {
        hist_make_room(h);
        slot = hist_slot(h, k);
    }
    h->keys[h->count] = (struct hist_key){.key = *k, .spread.linear = h->options->linear};
    *slot = ++h->count;
    return &h->keys[*slot - 1].spread;
}

static void hist_event(struct sink *s, struct stream_lane *lane, const struct metadata_event *e)
{
    struct hist *h = (struct hist *)s;
    struct value_tail tails[TP_LIMIT_FIELDS];
    struct key k;
    __int128 v;
    uint8_t column;

    if (!sink_tails(lane, e, tails)) {
        h->without++;
        return;
    }
    column = columns_find(&h->columns, e)->field[0];
    if (column == COLUMNS_NONE || !key_number(&e->fields[column], &lane->record, &v) ||
        (h->options->by && !key_find(&h->by, lane, e, tails, &k))) {
        h->without++;
        return;
    }
    spread_put(&h->all, v, 1);
    if (h->options->by)
        spread_put(hist_spread(h, &k), v, 1);
}

static void hist_finish(struct sink *k, struct stream *s)
{
    struct hist *h = (struct hist *)k;

    for (uint32_t id = 0; id < s->metadata.event_slots && !h->numeric; id++) {
        const struct metadata_event *e = s->metadata.events[id];
        uint8_t column = e ? columns_find(&h->columns, e)->field[0] : COLUMNS_NONE;

        h->numeric = column != COLUMNS_NONE && key_numeric(&e->fields[column]);
    }
    h->finished = true;
    columns_finish(&h->columns, s);
    columns_finish(&h->by.columns, s);
}

/* --- text --- */

static void hist_text_spread(struct hist *h, const struct spread *s)
{
    struct out *o = h->sink.out;
    char mean[NUMBER_BYTES];

    out_text(o, ": ");
    out_u64(o, s->count);
    out_text(o, " values");
    if (s->count) {
        number_put_mean(mean, s->sum, s->count);
        out_text(o, ", least ");
        number_print(o, s->least);
        out_text(o, ", most ");
        number_print(o, s->most);
        out_text(o, ", mean ");
        out_text(o, mean);
    }
    out_text(o, "\n");
    spread_text(s, o);
}

static void hist_text(struct hist *h, uint32_t shown, uint64_t others)
{
    struct out *o = h->sink.out;

    out_escaped(o, h->options->field, h->options->field_bytes, OUT_TEXT);
    hist_text_spread(h, &h->all);
    for (uint32_t i = 0; i < shown; i++) {
        out_text(o, "\n");
        out_escaped(o, h->options->by, strlen(h->options->by), OUT_TEXT);
        out_text(o, " ");
        key_print(o, &h->order[i]->key, OUT_TEXT);
        hist_text_spread(h, &h->order[i]->spread);
    }
    if (others) {
        out_text(o, h->sent ? "\nothers, and parts of the above" : "\n");
        if (!h->sent) {
            out_u64(o, others);
            out_text(o, " others");
        }
        hist_text_spread(h, &h->others);
    }
}

/* --- JSON --- */

static void hist_json(struct hist *h, uint32_t shown, uint64_t others)
{
    struct out *o = h->sink.out;

    out_text(o, "{\"answer\":\"hist\",\"field\":");
    field_text(o, h->options->field, h->options->field_bytes, OUT_JSON);
    out_text(o, h->options->linear ? ",\"scale\":\"linear\"" : ",\"scale\":\"log2\"");
    number_json(o, "without", h->without);
    spread_json(&h->all, o);
    if (h->options->by) {
        out_text(o, ",\"by\":");
        field_text(o, h->options->by, strlen(h->options->by), OUT_JSON);
        out_text(o, ",\"keys\":[");
        for (uint32_t i = 0; i < shown; i++) {
            out_text(o, i ? ",{\"key\":" : "{\"key\":");
            key_print(o, &h->order[i]->key, OUT_JSON);
            spread_json(&h->order[i]->spread, o);
            out_text(o, "}");
        }
        out_text(o, "]");
    }
    if (others) {
        out_text(o, ",\"others\":{\"partial\":");
        out_text(o, h->sent ? "true" : "false");
        if (!h->sent)
            number_json(o, "keys", others);
        spread_json(&h->others, o);
        out_text(o, "}");
    }
    out_text(o, "}\n");
}

static void hist_end(struct sink *k)
{
    struct hist *h = (struct hist *)k;
    uint32_t shown = h->count < HIST_SHOWN ? h->count : HIST_SHOWN;
    uint64_t others = number_add(h->sent, h->count - shown);

    if (h->options->by)
        hist_sort(h);
    for (uint32_t i = shown; i < h->count; i++)
        spread_add(&h->others, &h->order[i]->spread);
    if (h->json)
        hist_json(h, shown, others);
    else
        hist_text(h, shown, others);
    if (k->out->error || !h->finished || h->all.count)
        return;
    if (h->columns.seen[0] && !h->numeric)
        diag_line(h->diag, "the field '%.*s' is not a number", (int)h->options->field_bytes,
                  h->options->field);
    columns_end(&h->columns, h->diag);
    if (h->options->by && h->by.kind == KEY_FIELD)
        columns_end(&h->by.columns, h->diag);
}

static void hist_close(struct sink *k)
{
    struct hist *h = (struct hist *)k;

    free(h->keys);
    free(h->order);
}

struct sink *hist_open(struct hist *h, struct out *o, const struct hist_options *options, bool json,
                       struct diag *diag)
{
    memset(h, 0, sizeof(*h));
    h->sink = (struct sink){
        .out = o, .event = hist_event, .finish = hist_finish, .end = hist_end, .close = hist_close};
    h->json = json;
    h->options = options;
    h->diag = diag;
    h->all.linear = h->others.linear = options->linear;
    columns_add(&h->columns, options->field, options->field_bytes);
    if (options->by) {
        key_open(&h->by, options->by);
        h->keys = mem_zero(HIST_KEYS * sizeof(*h->keys));
        h->order = mem_zero(HIST_KEYS * sizeof(*h->order));
    }
    return &h->sink;
}
