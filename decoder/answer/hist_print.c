/* SPDX-License-Identifier: MIT */
/* hist_print.c - what --hist prints: distributions, lists of names, and the row of others. */
#include "answer/hist_print.h"

#include <string.h>

#include "base/number.h"
#include "model/field.h"

#define HIST_PRINT_COLUMNS 13u

/* --- text --- */

static void hist_print_text_spread(struct hist *h, const struct spread *s)
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

/* How many keys are in the row of others, or that it has parts of those above; of one key's words it never has. */
static void hist_print_text_others(const struct hist *h, uint64_t others, const char *after,
                                   const struct key *by)
{
    struct out *o = h->sink.out;

    if (h->sent && !by) {
        out_text(o, "others, and parts of the above");
    } else {
        out_u64(o, others);
        out_text(o, " others");
    }
    out_text(o, after);
}

static void hist_print_text_word(struct out *o, const struct hist_key *k, uint64_t most)
{
    key_print(o, &k->key, OUT_TEXT);
    number_column_u64(o, k->spread.count, HIST_PRINT_COLUMNS);
    out_text(o, " |");
    number_bar(o, k->spread.count, most, SPREAD_BAR);
    out_text(o, "\n");
}

static size_t hist_print_width(const struct key *k)
{
    char text[NUMBER_BYTES];

    if (k->is_text || k->bytes)
        return out_escaped_bytes(k->text, k->bytes);
    number_put(text, k->number);
    return strlen(text);
}

static bool hist_print_is_of(const struct hist_key *k, const struct key *by)
{
    return !by || key_equal(&k->by, by);
}

/* The words of a key, or, where it is NULL, all: of these so many are others. */
static void hist_print_text_list(struct hist *h, const struct key *by, uint64_t others)
{
    struct out *o = h->sink.out;
    const struct hist_key *most = NULL;
    uint64_t values = by ? 0 : h->others.count;
    size_t widest = 0;
    uint32_t n = 0;

    for (uint32_t i = 0; i < h->count && n < HIST_NAMES; i++) {
        if (!hist_print_is_of(h->order[i], by))
            continue;
        widest = hist_print_width(&h->order[i]->key) > widest ? hist_print_width(&h->order[i]->key)
                                                              : widest;
        n++;
    }
    n = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        const struct hist_key *k = h->order[i];

        if (!hist_print_is_of(k, by))
            continue;
        most = most ? most : k;
        if (n++ < HIST_NAMES) {
            out_pad(o, ' ', widest - hist_print_width(&k->key));
            hist_print_text_word(o, k, most->spread.count);
        } else if (by) {
            others++;
            values += k->spread.count;
        }
    }
    if (!others)
        return;
    hist_print_text_others(h, others, ": ", by);
    out_u64(o, values);
    out_text(o, " values\n");
}

static void hist_print_text_count(const struct hist *h, uint64_t count)
{
    out_text(h->sink.out, ": ");
    out_u64(h->sink.out, count);
    out_text(h->sink.out, " values\n");
}

static void hist_print_text_key(const struct hist *h, const struct key *k)
{
    struct out *o = h->sink.out;

    out_text(o, "\n");
    out_escaped(o, h->options->by, strlen(h->options->by), OUT_TEXT);
    out_text(o, " ");
    key_print(o, k, OUT_TEXT);
}

static void hist_print_text_groups(struct hist *h, uint32_t shown, uint64_t others)
{
    for (uint32_t i = 0; i < shown; i++) {
        hist_print_text_key(h, h->groups[i].by);
        hist_print_text_count(h, h->groups[i].count);
        hist_print_text_list(h, h->groups[i].by, 0);
    }
    if (!others)
        return;
    out_text(h->sink.out, "\n");
    hist_print_text_others(h, others, "", NULL);
    hist_print_text_count(h, h->others.count);
}

static void hist_print_text_keys(struct hist *h, uint32_t shown, uint64_t others)
{
    struct out *o = h->sink.out;

    hist_print_text_spread(h, &h->all);
    for (uint32_t i = 0; i < shown; i++) {
        hist_print_text_key(h, &h->order[i]->key);
        hist_print_text_spread(h, &h->order[i]->spread);
    }
    if (!others)
        return;
    out_text(o, "\n");
    hist_print_text_others(h, others, "", NULL);
    hist_print_text_spread(h, &h->others);
}

void hist_print_text(struct hist *h, uint32_t shown, uint64_t others)
{
    struct out *o = h->sink.out;

    out_escaped(o, h->options->field, h->options->field_bytes, OUT_TEXT);
    if (h->counts != HIST_WORDS) {
        hist_print_text_keys(h, shown, others);
    } else {
        hist_print_text_count(h, h->all.count);
        if (h->options->by)
            hist_print_text_groups(h, shown, others);
        else
            hist_print_text_list(h, NULL, others);
    }
    if (h->loss.lost || h->loss.damaged)
        out_text(o, "\n");
    loss_text(&h->loss, o);
}

/* --- JSON --- */

static void hist_print_json_words(struct hist *h, const struct key *by)
{
    struct out *o = h->sink.out;
    char text[NUMBER_BYTES];
    uint32_t n = 0;

    out_text(o, ",\"names\":[");
    for (uint32_t i = 0; i < h->count && n < HIST_NAMES; i++) {
        const struct hist_key *k = h->order[i];

        if (!hist_print_is_of(k, by))
            continue;
        out_text(o, n++ ? ",{\"name\":" : "{\"name\":");
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

/* Of words the groups, of numbers the keys themselves. */
static void hist_print_json_keys(struct hist *h, uint32_t shown)
{
    struct out *o = h->sink.out;

    out_text(o, ",\"by\":");
    field_text(o, h->options->by, strlen(h->options->by), OUT_JSON);
    out_text(o, ",\"keys\":[");
    for (uint32_t i = 0; i < shown; i++) {
        out_text(o, i ? ",{\"key\":" : "{\"key\":");
        key_print(o, h->groups ? h->groups[i].by : &h->order[i]->key, OUT_JSON);
        if (h->groups) {
            number_json(o, "count", h->groups[i].count);
            hist_print_json_words(h, h->groups[i].by);
        } else {
            spread_json(&h->order[i]->spread, o);
        }
        out_text(o, "}");
    }
    out_text(o, "]");
}

static void hist_print_json_others(struct hist *h, uint64_t others)
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

static void hist_print_json_owners(struct out *o, const char *name, const struct owner_list *l)
{
    out_text(o, ",\"");
    out_text(o, name);
    out_text(o, "\":[");
    for (uint32_t i = 0; i < l->count; i++) {
        out_text(o, i ? "," : "");
        field_text(o, l->name[i], strlen(l->name[i]), OUT_JSON);
    }
    out_text(o, "]");
}

void hist_print_json(struct hist *h, uint32_t shown, uint64_t others)
{
    struct out *o = h->sink.out;

    out_text(o, "{\"answer\":\"hist\",\"field\":");
    field_text(o, h->options->field, h->options->field_bytes, OUT_JSON);
    out_text(o, ",\"scale\":\"");
    out_text(o, h->counts == HIST_WORDS ? "names" : h->options->linear ? "linear" : "log2");
    out_text(o, "\"");
    number_json(o, "without", h->without);
    loss_json(&h->loss, o);
    if (h->apart) {
        number_json(o, "apart", h->apart);
        hist_print_json_owners(o, "events", &h->owners);
        hist_print_json_owners(o, "apart_events", &h->strangers);
    }
    if (h->counts == HIST_WORDS)
        number_json(o, "count", h->all.count);
    else
        spread_json(&h->all, o);
    if (h->options->by)
        hist_print_json_keys(h, shown);
    else if (h->counts == HIST_WORDS)
        hist_print_json_words(h, NULL);
    if (others)
        hist_print_json_others(h, others);
    out_text(o, "}\n");
}
