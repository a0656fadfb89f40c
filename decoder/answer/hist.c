/* SPDX-License-Identifier: MIT */
/* hist.c - --hist: how the values of a field are distributed, for each key. */
#include "answer/hist.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define HIST_SLOTS (2 * HIST_KEYS)
#define HIST_COUNT_COLUMNS 13u

/* Bytes before the scale: sched:wakeup.pid:log2. */
static size_t hist_name(const char *text)
{
    const char *colon = strrchr(text, ':');

    return colon && !strchr(colon, '.') ? (size_t)(colon - text) : strlen(text);
}

const char *hist_read(struct hist_options *o, const char *text)
{
    size_t n = hist_name(text);

    if (!n || n > NAMED_BYTES)
        return "not FIELD[:log2|linear]";
    o->field = text;
    o->field_bytes = (uint32_t)n;
    o->linear = strcmp(text + n, ":linear") == 0;
    o->scaled = text[n];
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

/* Are its values counted as names or texts? */
static bool hist_words(const struct hist *h, const struct metadata_field *f)
{
    bool named = key_numeric(f) && f->table && !f->table->flags;

    return !h->options->scaled && !h->options->by &&
           (named || f->type == METADATA_STR || f->type == METADATA_CHAR);
}

/* Fields of several events that have the same name need not be the same. */
static void hist_meet(struct hist_events *s, const struct metadata_event *e)
{
    char name[METADATA_JOINED_BYTES];
    uint32_t i = 0;

    while (i < s->count && s->at[i] != e)
        i++;
    if (i < s->count || s->more)
        return;
    (void)metadata_join(e, ':', name);
    for (i = 0; i < s->count && strcmp(s->name[i], name) != 0;)
        i++;
    s->more = i == HIST_EVENTS;
    if (s->more)
        return;
    memcpy(s->name[i], name, e->sys.n + 1 + e->name.n + 1);
    s->at[i] = e;
    s->count += i == s->count;
}

static bool hist_put(struct hist *h, struct stream_lane *lane, const struct metadata_event *e,
                     const struct value_tail *tails)
{
    uint8_t column = columns_find(&h->columns, e)->field[0];
    const struct metadata_field *f = &e->fields[column];
    __int128 v = 0;
    struct key k;

    if (column == COLUMNS_NONE || (h->options->by && !key_find(&h->by, lane, e, tails, &k)))
        return false;
    if (h->counts == HIST_WORDS || (!h->counts && hist_words(h, f))) {
        if (!key_numeric(f) && !hist_words(h, f))
            return false;
        key_value(f, &lane->record, tails, &k);
        h->counts = HIST_WORDS;
    } else if (key_number(f, &lane->record, &v)) {
        h->counts = HIST_NUMBERS;
    } else {
        return false;
    }
    spread_put(&h->all, v, 1);
    if (h->options->by || h->counts == HIST_WORDS)
        spread_put(hist_spread(h, &k), v, 1);
    return true;
}

static void hist_event(struct sink *s, struct stream_lane *lane, const struct metadata_event *e)
{
    struct hist *h = (struct hist *)s;
    struct value_tail tails[TP_LIMIT_FIELDS];

    if (sink_tails(lane, e, tails) && hist_put(h, lane, e, tails))
        hist_meet(&h->events, e);
    else
        h->without++;
}

static void hist_loss(struct sink *k, struct stream_lane *lane)
{
    loss_add(&((struct hist *)k)->loss, lane);
}

static void hist_finish(struct sink *k, struct stream *s)
{
    struct hist *h = (struct hist *)k;

    for (uint32_t id = 0; id < s->metadata.event_slots && !h->able; id++) {
        const struct metadata_event *e = s->metadata.events[id];
        uint8_t column = e ? columns_find(&h->columns, e)->field[0] : COLUMNS_NONE;

        h->able = column != COLUMNS_NONE &&
                  (key_numeric(&e->fields[column]) || hist_words(h, &e->fields[column]));
    }
    h->finished = true;
    memset(h->events.at, 0, sizeof(h->events.at));
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

/* How many keys are in the row of others, or that it has parts of those above. */
static void hist_text_others(const struct hist *h, uint64_t others, const char *after)
{
    struct out *o = h->sink.out;

    if (h->sent) {
        out_text(o, "others, and parts of the above");
    } else {
        out_u64(o, others);
        out_text(o, " others");
    }
    out_text(o, after);
}

static void hist_text_word(struct out *o, const struct hist_key *k, uint64_t most)
{
    key_print(o, &k->key, OUT_TEXT);
    number_column_u64(o, k->spread.count, HIST_COUNT_COLUMNS);
    out_text(o, " |");
    number_bar(o, k->spread.count, most, SPREAD_BAR);
    out_text(o, "\n");
}

static size_t hist_width(const struct key *k)
{
    char text[NUMBER_BYTES];

    if (k->is_text || k->bytes)
        return out_escaped_bytes(k->text, k->bytes);
    number_put(text, k->number);
    return strlen(text);
}

static void hist_text_words(struct hist *h, uint32_t shown, uint64_t others)
{
    struct out *o = h->sink.out;
    size_t widest = 0;

    for (uint32_t i = 0; i < shown; i++)
        widest = hist_width(&h->order[i]->key) > widest ? hist_width(&h->order[i]->key) : widest;
    out_text(o, ": ");
    out_u64(o, h->all.count);
    out_text(o, " values\n");
    for (uint32_t i = 0; i < shown; i++) {
        out_pad(o, ' ', widest - hist_width(&h->order[i]->key));
        hist_text_word(o, h->order[i], h->order[0]->spread.count);
    }
    if (!others)
        return;
    hist_text_others(h, others, ": ");
    out_u64(o, h->others.count);
    out_text(o, " values\n");
}

static void hist_text_keys(struct hist *h, uint32_t shown, uint64_t others)
{
    struct out *o = h->sink.out;

    hist_text_spread(h, &h->all);
    for (uint32_t i = 0; i < shown; i++) {
        out_text(o, "\n");
        out_escaped(o, h->options->by, strlen(h->options->by), OUT_TEXT);
        out_text(o, " ");
        key_print(o, &h->order[i]->key, OUT_TEXT);
        hist_text_spread(h, &h->order[i]->spread);
    }
    if (!others)
        return;
    out_text(o, "\n");
    hist_text_others(h, others, "");
    hist_text_spread(h, &h->others);
}

static void hist_text(struct hist *h, uint32_t shown, uint64_t others)
{
    struct out *o = h->sink.out;

    out_escaped(o, h->options->field, h->options->field_bytes, OUT_TEXT);
    if (h->counts == HIST_WORDS)
        hist_text_words(h, shown, others);
    else
        hist_text_keys(h, shown, others);
    if (h->loss.lost || h->loss.damaged)
        out_text(o, "\n");
    loss_text(&h->loss, o);
}

/* --- JSON --- */

static void hist_json_keys(struct hist *h, uint32_t shown)
{
    struct out *o = h->sink.out;

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

static void hist_json_words(struct hist *h, uint32_t shown)
{
    struct out *o = h->sink.out;
    char text[NUMBER_BYTES];

    number_json(o, "count", h->all.count);
    out_text(o, ",\"names\":[");
    for (uint32_t i = 0; i < shown; i++) {
        const struct hist_key *k = h->order[i];

        out_text(o, i ? ",{\"name\":" : "{\"name\":");
        key_print(o, &k->key, OUT_JSON);
        if (!k->key.is_text) {
            number_put(text, k->key.number);
            number_json_text(o, "value", text);
        }
        number_json(o, "count", k->spread.count);
        out_text(o, "}");
    }
    out_text(o, "]");
}

static void hist_json_others(struct hist *h, uint64_t others)
{
    struct out *o = h->sink.out;

    out_text(o, ",\"others\":{\"partial\":");
    out_text(o, h->sent ? "true" : "false");
    if (!h->sent)
        number_json(o, "keys", others);
    if (h->counts == HIST_WORDS)
        number_json(o, "count", h->others.count);
    else
        spread_json(&h->others, o);
    out_text(o, "}");
}

static void hist_json(struct hist *h, uint32_t shown, uint64_t others)
{
    struct out *o = h->sink.out;

    out_text(o, "{\"answer\":\"hist\",\"field\":");
    field_text(o, h->options->field, h->options->field_bytes, OUT_JSON);
    out_text(o, ",\"scale\":\"");
    out_text(o, h->counts == HIST_WORDS ? "names" : h->options->linear ? "linear" : "log2");
    out_text(o, "\"");
    number_json(o, "without", h->without);
    loss_json(&h->loss, o);
    if (h->counts == HIST_WORDS)
        hist_json_words(h, shown);
    else
        spread_json(&h->all, o);
    if (h->options->by)
        hist_json_keys(h, shown);
    if (others)
        hist_json_others(h, others);
    out_text(o, "}\n");
}

/* --- */

/* Values of several events are in it. */
static void hist_tell_events(const struct hist *h)
{
    char names[HIST_EVENTS * METADATA_JOINED_BYTES] = "";
    size_t n = 0;

    if (h->events.count < 2 || (h->options->by && h->by.common == COMMON_EVENT))
        return;
    for (uint32_t i = 0; i < h->events.count; i++)
        n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", i ? ", " : "",
                              h->events.name[i]);
    diag_line(h->diag, "field %.*s is of %s%s: --event chooses one", (int)h->options->field_bytes,
              h->options->field, names, h->events.more ? " and others" : "");
}

static void hist_tell_none(struct hist *h)
{
    if (h->columns.seen[0] && !h->able)
        diag_line(h->diag, "the field '%.*s' is not a number%s", (int)h->options->field_bytes,
                  h->options->field, h->options->by ? ", which --by is for" : "");
    columns_end(&h->columns, h->diag);
    if (h->options->by && h->by.common == COMMON_NONE)
        columns_end(&h->by.columns, h->diag);
}

static void hist_end(struct sink *k)
{
    struct hist *h = (struct hist *)k;
    uint32_t most = h->counts == HIST_WORDS ? HIST_NAMES : HIST_SHOWN;
    uint32_t shown = h->count < most ? h->count : most;
    uint64_t others = number_add(h->sent, h->count - shown);

    if (h->order)
        hist_sort(h);
    for (uint32_t i = shown; i < h->count; i++)
        spread_add(&h->others, &h->order[i]->spread);
    if (h->json)
        hist_json(h, shown, others);
    else
        hist_text(h, shown, others);
    if (k->out->error)
        return;
    hist_tell_events(h);
    if (h->finished && !h->all.count)
        hist_tell_none(h);
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
    h->sink = (struct sink){.out = o,
                            .event = hist_event,
                            .loss = hist_loss,
                            .finish = hist_finish,
                            .end = hist_end,
                            .close = hist_close};
    h->json = json;
    h->options = options;
    h->diag = diag;
    h->all.linear = h->others.linear = options->linear;
    columns_add(&h->columns, options->field, options->field_bytes);
    if (options->by)
        key_open(&h->by, options->by, strlen(options->by));
    if (options->by || !options->scaled) {
        h->keys = mem_zero(HIST_KEYS * sizeof(*h->keys));
        h->order = mem_zero(HIST_KEYS * sizeof(*h->order));
    }
    return &h->sink;
}
