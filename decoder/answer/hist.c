/* SPDX-License-Identifier: MIT */
/* hist.c - --hist: how the values of a field are distributed, for each key. */
#include "answer/hist.h"

#include <inttypes.h>
#include <stdlib.h>

#include "answer/hist_print.h"
#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define HIST_SLOTS (2 * HIST_KEYS)

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

/* by: of words that are counted for each key. */
static uint32_t *hist_slot(struct hist *h, const struct key *by, const struct key *k)
{
    for (uint32_t hash = key_hash(k) + 31 * key_hash(by);; hash++) {
        uint32_t *slot = &h->slots[hash % HIST_SLOTS];

        if (!*slot ||
            (key_equal(&h->keys[*slot - 1].key, k) && key_equal(&h->keys[*slot - 1].by, by)))
            return slot;
    }
}

static int hist_compare(const void *a, const void *b)
{
    const struct hist_key *x = *(struct hist_key *const *)a, *y = *(struct hist_key *const *)b;

    int by_key = key_compare(&x->key, &y->key);

    if (x->spread.count != y->spread.count)
        return x->spread.count > y->spread.count ? -1 : 1;
    return by_key ? by_key : key_compare(&x->by, &y->by);
}

static int hist_compare_groups(const void *a, const void *b)
{
    const struct hist_group *x = a, *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return key_compare(x->by, y->by);
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
        *hist_slot(h, &kept[i].by, &kept[i].key) = i + 1;
}

static struct spread *hist_spread(struct hist *h, const struct key *by, const struct key *k)
{
    uint32_t *slot = hist_slot(h, by, k);

    if (*slot)
        return &h->keys[*slot - 1].spread;
    if (h->count == HIST_KEYS) {
        hist_make_room(h);
        slot = hist_slot(h, by, k);
    }
    h->keys[h->count] = (struct hist_key){
        .by = *by, .key = *k, .spread.linear = h->options->linear};
    *slot = ++h->count;
    return &h->keys[*slot - 1].spread;
}

/* Are its values counted as names or texts? */
static bool hist_words(const struct hist *h, const struct metadata_field *f)
{
    bool named = key_numeric(f) && f->table && !f->table->flags;

    return !h->options->scaled && (named || f->type == METADATA_STR || f->type == METADATA_CHAR);
}

/* What a field is, as a number: those of the same one can be counted together. */
static uint64_t hist_kind(const struct hist *h, const struct metadata_field *f)
{
    uint64_t kind = 0xcbf29ce484222325u + (f->table ? 1 + f->table->flags : 0);

    if (!hist_words(h, f) || !f->table)
        return hist_words(h, f) ? HIST_WORDS : HIST_NUMBERS;
    for (uint32_t i = 0; i < f->table->count; i++) {
        const struct metadata_value *v = &f->table->values[i];

        kind = (kind ^ v->bits) * 0x100000001b3u;
        for (uint32_t k = 0; k <= v->name.n; k++)
            kind = (kind ^ (k < v->name.n ? (uint8_t)v->name.bytes[k] : 0x100u)) * 0x100000001b3u;
    }
    return kind;
}

/* Is the field of this event what it was in the first one? */
static bool hist_is_same(struct hist *h, const struct metadata_event *e,
                         const struct metadata_field *f)
{
    struct hist_same *same = &h->same[e->id % HIST_SAMES];

    if (same->event != e) {
        uint64_t kind = hist_kind(h, f);

        h->kind = h->counts ? h->kind : kind;
        *same = (struct hist_same){e, kind == h->kind};
    }
    return same->is;
}

static bool hist_put(struct hist *h, struct stream_lane *lane, const struct metadata_event *e,
                     const struct value_tail *tails)
{
    uint8_t column = columns_find(&h->columns, e)->field[0];
    const struct metadata_field *f = &e->fields[column];
    struct key by = {0}, k;
    __int128 v = 0;
    bool words;

    if (column == COLUMNS_NONE || (h->options->by && !key_find(&h->by, lane, e, tails, &by)))
        return false;
    words = hist_words(h, f);
    if (!words && !key_number(f, &lane->record, &v))
        return false;
    if (!hist_is_same(h, e, f)) {
        h->apart++;
        owner_meet(&h->strangers, e);
        return true;
    }
    h->counts = words ? HIST_WORDS : HIST_NUMBERS;
    if (words)
        key_value(f, &lane->record, tails, &k);
    spread_put(&h->all, v, 1);
    if (words)
        spread_put(hist_spread(h, &by, &k), v, 1);
    else if (h->options->by)
        spread_put(hist_spread(h, &(struct key){0}, &by), v, 1);
    owner_meet(&h->owners, e);
    return true;
}

static void hist_event(struct sink *s, struct stream_lane *lane, const struct metadata_event *e)
{
    struct hist *h = (struct hist *)s;
    struct value_tail tails[TP_LIMIT_FIELDS];

    if (!sink_tails(lane, e, tails) || !hist_put(h, lane, e, tails))
        h->without++;
}

static void hist_loss(struct sink *k, struct stream_lane *lane)
{
    loss_add(&((struct hist *)k)->loss, lane);
}

/* --- sums of parts --- */

struct hist_sum {
    struct owner_list owners, strangers;
    struct loss loss;
    struct spread all;
    uint64_t apart, kind, without;
    int counts;
    uint32_t count;
    struct hist_key keys[HIST_KEYS];
};
_Static_assert(sizeof(struct hist_sum) <= SINK_SUM_BYTES, "");

/* Is there room for the keys of a sum, and is the field in it what it is here? */
static bool hist_fits(struct hist *h, const struct hist_sum *sum)
{
    uint32_t more = 0;

    if (h->sent || (sum->counts && h->counts && sum->kind != h->kind))
        return false;
    for (uint32_t i = 0; i < sum->count; i++)
        more += !*hist_slot(h, &sum->keys[i].by, &sum->keys[i].key);
    return more <= HIST_KEYS - h->count;
}

/* Only as long as each key has its row: which of them would have been sent to the others is not known of parts. */
static bool hist_add(struct sink *k, const void *from)
{
    struct hist *h = (struct hist *)k;
    const struct hist_sum *sum = from;

    if (!sum->counts && !sum->without && !sum->loss.lost && !sum->loss.damaged)
        return true;
    if (!hist_fits(h, sum))
        return false;
    for (uint32_t i = 0; i < sum->count; i++)
        spread_add(hist_spread(h, &sum->keys[i].by, &sum->keys[i].key), &sum->keys[i].spread);
    if (sum->counts) {
        spread_add(&h->all, &sum->all);
        h->kind = sum->kind;
        h->counts = sum->counts == HIST_WORDS ? HIST_WORDS : HIST_NUMBERS;
    }
    h->apart += sum->apart;
    h->without += sum->without;
    h->loss.lost = number_add(h->loss.lost, sum->loss.lost);
    h->loss.damaged += sum->loss.damaged;
    owner_follow(&h->owners, &sum->owners);
    owner_follow(&h->strangers, &sum->strangers);
    return true;
}

static bool hist_put_sum(struct sink *k, void *to)
{
    const struct hist *h = (const struct hist *)k;
    struct hist_sum *sum = to;

    if (h->sent || !to)
        return !h->sent;
    sum->owners = h->owners;
    sum->strangers = h->strangers;
    sum->loss = h->loss;
    sum->all = h->all;
    sum->apart = h->apart;
    sum->kind = h->kind;
    sum->without = h->without;
    sum->counts = (int)h->counts;
    sum->count = h->count;
    if (h->count)
        memcpy(sum->keys, h->keys, h->count * sizeof(*sum->keys));
    return true;
}

static void hist_forget(struct sink *k)
{
    struct hist *h = (struct hist *)k;
    const struct spread none = {.linear = h->options->linear};

    memset(&h->owners, 0, sizeof(h->owners));
    memset(&h->strangers, 0, sizeof(h->strangers));
    memset(h->same, 0, sizeof(h->same));
    memset(h->slots, 0, sizeof(h->slots));
    h->loss = (struct loss){0};
    h->all = h->others = none;
    h->apart = h->kind = h->without = h->sent = 0;
    h->counts = HIST_NOTHING;
    h->count = 0;
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
    loss_finish(&h->loss, s);
    owner_finish(&h->owners);
    owner_finish(&h->strangers);
    memset(h->same, 0, sizeof(h->same));
    columns_finish(&h->columns, s);
    columns_finish(&h->by.columns, s);
}

/* Values of several events are in it, or have to be left out of it. */
static void hist_tell_owners(const struct hist *h)
{
    char names[OWNER_TEXT_BYTES], strangers[OWNER_TEXT_BYTES];
    int n = (int)h->options->field_bytes;

    owner_text(&h->owners, names);
    owner_text(&h->strangers, strangers);
    if (h->apart)
        diag_line(h->diag,
                  "field %.*s of %s is not what it is of %s: %" PRIu64 " values are not counted, "
                  "--event chooses one",
                  n, h->options->field, strangers, names, h->apart);
    if (h->owners.count > 1 && !(h->options->by && h->by.common == COMMON_EVENT))
        diag_line(h->diag, "field %.*s is of %s: --event chooses one", n, h->options->field, names);
}

/* How many values each key has, of words. */
static void hist_group(struct hist *h)
{
    struct hist_group *g;

    h->groups = mem_zero(HIST_KEYS * sizeof(*h->groups));
    for (uint32_t i = 0; i < h->count; i++) {
        for (g = h->groups; g->by && !key_equal(g->by, &h->order[i]->by);)
            g++;
        h->group_count += !g->by;
        g->by = &h->order[i]->by;
        g->count += h->order[i]->spread.count;
    }
    qsort(h->groups, h->group_count, sizeof(*h->groups), hist_compare_groups);
}

static void hist_tell_none(struct hist *h)
{
    if (h->columns.seen[0] && !h->able)
        diag_line(h->diag, "the field '%.*s' is not an integer", (int)h->options->field_bytes,
                  h->options->field);
    columns_end(&h->columns, h->diag);
    if (h->options->by && h->by.common == COMMON_NONE)
        columns_end(&h->by.columns, h->diag);
}

/* How many are shown, all in order. What is not shown is added to the others. */
static uint32_t hist_settle(struct hist *h)
{
    bool grouped = h->counts == HIST_WORDS && h->options->by;
    uint32_t most = h->counts == HIST_WORDS && !grouped ? HIST_NAMES : HIST_SHOWN, count, shown;

    if (h->order)
        hist_sort(h);
    if (grouped)
        hist_group(h);
    count = grouped ? h->group_count : h->count;
    shown = count < most ? count : most;
    for (uint32_t i = shown; i < count; i++) {
        if (grouped)
            h->others.count = number_add(h->others.count, h->groups[i].count);
        else
            spread_add(&h->others, &h->order[i]->spread);
    }
    return shown;
}

static void hist_end(struct sink *k)
{
    struct hist *h = (struct hist *)k;
    uint32_t shown = hist_settle(h);
    uint64_t others = number_add(h->sent, (h->groups ? h->group_count : h->count) - shown);

    if (h->json)
        hist_print_json(h, shown, others);
    else
        hist_print_text(h, shown, others);
    if (k->out->error)
        return;
    hist_tell_owners(h);
    if (h->finished && !h->all.count)
        hist_tell_none(h);
}

static void hist_close(struct sink *k)
{
    struct hist *h = (struct hist *)k;

    free(h->keys);
    free(h->order);
    free(h->groups);
}

struct sink *hist_open(struct hist *h, struct out *o, const struct hist_options *options, bool json,
                       struct diag *diag)
{
    memset(h, 0, sizeof(*h));
    h->sink = (struct sink){.out = o,
                            .event = hist_event,
                            .loss = hist_loss,
                            .add = hist_add,
                            .put = hist_put_sum,
                            .forget = hist_forget,
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
