/* SPDX-License-Identifier: MIT */
/* latency.c - --latency: the time from one event to another with the same key. */
#include "answer/latency.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define LATENCY_PLACES 5u
#define LATENCY_START 0u
#define LATENCY_END 1u

static const struct latency_place {
    const char *name, *json;
    uint32_t of, all;
} latency_places[LATENCY_PLACES] = {{"50 %", "p50_ns", 50, 100},
                                    {"90 %", "p90_ns", 90, 100},
                                    {"99 %", "p99_ns", 99, 100},
                                    {"99.9 %", "p99_9_ns", 999, 1000},
                                    {"most", "max_ns", 1, 1}};

/* Where the second event begins; NULL: nowhere. Either a comma is between, or there are as many colons in
 * one as in the other. */
static const char *latency_middle(const char *text)
{
    const char *at = strchr(text, ',');
    unsigned colons = 0;

    if (at)
        return strchr(at + 1, ',') ? NULL : at;
    for (const char *c = text; *c; c++)
        colons += *c == ':';
    if (colons % 2 == 0)
        return NULL;
    at = strchr(text, ':');
    for (unsigned i = 0; i < colons / 2; i++)
        at = strchr(at + 1, ':');
    return at;
}

const char *latency_read(struct latency_options *o, const char *text)
{
    const char *middle = latency_middle(text);

    if (!middle || !choice_read(&o->event[LATENCY_START], text, (size_t)(middle - text)) ||
        !choice_read(&o->event[LATENCY_END], middle + 1, strlen(middle + 1)))
        return "not SYS:START:SYS:END, START:END, or two events with a comma between:";
    return NULL;
}

const char *latency_read_key(struct latency_options *o, const char *text)
{
    size_t n = strcspn(text, "=");
    const char *second = text[n] ? text + n + 1 : text, *problem;

    o->key = text;
    o->by[LATENCY_START] = (struct metadata_text){text, (uint32_t)n};
    o->by[LATENCY_END] = (struct metadata_text){second, (uint32_t)strlen(second)};
    problem = key_check(n);
    return problem ? problem : key_check(strlen(second));
}

/* Of those that took equally long the first stays first. */
static void latency_worst(struct latency *l, const struct match_pair *pair)
{
    uint32_t i = l->worst_count;

    if (i == LATENCY_WORST && l->worst[i - 1].ns >= pair->ns)
        return;
    if (i < LATENCY_WORST)
        l->worst_count++;
    else
        i--;
    for (; i && l->worst[i - 1].ns < pair->ns; i--)
        l->worst[i] = l->worst[i - 1];
    l->worst[i] = *pair;
}

static void latency_give(void *context, const struct match_pair *pair)
{
    struct latency *l = context;

    l->within += pair->tag == pair->end_tag;
    quantile_put(l->quantile, pair->ns);
    spread_put(&l->spread, (__int128)pair->ns, 1);
    latency_worst(l, pair);
}

/* --- sink --- */

static void latency_list_fields(struct latency_side *side, const struct metadata_event *e)
{
    size_t n = 0;

    for (uint32_t i = 0; i < e->field_count && n < sizeof(side->fields); i++)
        n += (size_t)snprintf(side->fields + n, sizeof(side->fields) - n, "%s%.*s", i ? ", " : "",
                              (int)e->fields[i].name.n, e->fields[i].name.bytes);
}

/* What the metadata of a capture says of both events, so far. */
static void latency_learn(struct latency *l, const struct stream *s)
{
    for (struct latency_side *side = l->side; side < l->side + 2; side++) {
        choice_learn(&side->choice, &s->metadata);
        for (uint32_t id = 0; id < s->metadata.event_slots; id++) {
            const struct metadata_event *e = s->metadata.events[id];

            if (!e || !choice_is(&side->choice, e))
                continue;
            side->seen[key_is_field(&side->by, e)] = true;
            latency_list_fields(side, e);
        }
        l->sink.enough = l->sink.enough || choice_doubtful(&side->choice);
    }
    l->begun = true;
}

/* Which captures belong together. */
static uint32_t latency_place(const struct latency *l, const struct stream *s)
{
    return l->options->across ? 0 : share_place(&l->share, s);
}

static void latency_begin(struct sink *k, struct stream *s)
{
    struct latency *l = (struct latency *)k;
    bool first;

    share_begin(&l->share, s, &first);
    if (l->options->across) {
        l->apart += !l->labels[s->number] && !s->by_wall && !s->offset_ns;
        l->labels[s->number] = s->label;
    }
    latency_learn(l, s);
}

/* Times of several inputs can be compared if they are wall time; then that is what is shown. */
static uint64_t latency_ns(const struct latency *l, struct stream *s, uint64_t ticks)
{
    return l->options->across ? stream_ns(s, ticks) : clock_ns(&s->clock, ticks);
}

/* False: this side of it has no key. */
static bool latency_key(struct latency *l, unsigned side, struct stream_lane *lane,
                        const struct metadata_event *e, const struct value_tail *tails,
                        struct key *k)
{
    if (!key_find(&l->side[side].by, lane, e, tails, k))
        return false;
    k->stream = latency_place(l, lane->stream);
    return true;
}

static void latency_pair(struct latency *l, const bool *is, struct stream_lane *lane,
                         const struct metadata_event *e)
{
    uint64_t ns = latency_ns(l, lane->stream, lane->time);
    uint32_t input = lane->stream->number;
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool good = sink_tails(lane, e, tails), found = true;
    struct key k;

    /* One event may be both: from each to the next. */
    if (good && is[LATENCY_END] && (found = latency_key(l, LATENCY_END, lane, e, tails, &k)))
        match_end(&l->match, &k, ns, lane->cpu, input);
    good = good && found;
    if (good && is[LATENCY_START] && (found = latency_key(l, LATENCY_START, lane, e, tails, &k)))
        match_start(&l->match, &k, ns, lane->cpu, input);
    l->without += !good || !found;
}

static void latency_lost(struct latency *l, struct stream_lane *lane)
{
    match_loss(&l->match, latency_place(l, lane->stream), lane->cpu,
               latency_ns(l, lane->stream, lane->gap_from));
}

static void latency_event(struct sink *s, struct stream_lane *lane, const struct metadata_event *e)
{
    struct latency *l = (struct latency *)s;
    bool is[2];

    if (lane->gap_open)
        latency_lost(l, lane);
    if (!e) {
        stream_count_unknown(lane, e);
        return;
    }
    for (unsigned i = 0; i < 2; i++)
        is[i] = choice_is(&l->side[i].choice, e);
    if (is[LATENCY_START] || is[LATENCY_END])
        latency_pair(l, is, lane, e);
}

static void latency_loss(struct sink *s, struct stream_lane *lane)
{
    struct latency *l = (struct latency *)s;

    loss_add(&l->loss, lane);
    latency_lost(l, lane);
}

static void latency_finish(struct sink *k, struct stream *s)
{
    struct latency *l = (struct latency *)k;
    uint32_t place;

    if (!l->share.inputs[s->number].stream) /* without metadata it has not begun */
        return;
    latency_learn(l, s);
    loss_finish(&l->loss, s);
    for (uint32_t cpu = 0; cpu < s->lane_slots; cpu++)
        if (s->lanes[cpu] && s->lanes[cpu]->gap_open)
            latency_lost(l, s->lanes[cpu]);
    if (share_leave(&l->share, s->number, &place) && !l->options->across)
        match_finish(&l->match, place);
    for (unsigned i = 0; i < 2; i++)
        columns_finish(&l->side[i].by.columns, s);
}

/* --- text --- */

/* As it is called in the dump; without any dump, as it was given. */
static void latency_name(struct out *o, const struct latency_side *side, enum out_escape how)
{
    const struct metadata_text *asked = &side->choice.asked.whole;

    if (side->choice.found[0])
        out_escaped(o, side->choice.found, strlen(side->choice.found), how);
    else
        out_escaped(o, asked->bytes, asked->n, how);
}

/* Of which input it is, where several are one. */
static void latency_text_input(const struct latency *l, uint32_t input)
{
    struct out *o = l->sink.out;

    if (!l->options->across)
        return;
    out_text(o, " of ");
    out_escaped(o, l->labels[input], strlen(l->labels[input]), OUT_TEXT);
}

static void latency_text_worst(const struct latency *l, const struct match_pair *p)
{
    const struct metadata_text *by = &l->options->by[LATENCY_START];
    struct out *o = l->sink.out;
    char text[NUMBER_BYTES];

    number_put_micros(text, p->ns);
    number_column(o, text, 20);
    out_text(o, " us  ");
    number_put_seconds(text, p->start_ns);
    number_column(o, text, 12);
    out_text(o, " on cpu ");
    out_u64(o, p->start_cpu);
    latency_text_input(l, p->tag);
    out_text(o, " to ");
    number_put_seconds(text, p->end_ns);
    out_text(o, text);
    out_text(o, " on cpu ");
    out_u64(o, p->end_cpu);
    latency_text_input(l, p->end_tag);
    out_text(o, ", ");
    out_escaped(o, by->bytes, by->n, OUT_TEXT);
    out_text(o, "=");
    key_print(o, &p->key, OUT_TEXT);
    out_text(o, "\n");
}

static void latency_text_count(struct out *o, uint64_t n, const char *what)
{
    if (!n)
        return;
    out_text(o, ", ");
    out_u64(o, n);
    out_text(o, what);
}

static void latency_text(struct latency *l)
{
    const struct match *m = &l->match;
    struct out *o = l->sink.out;
    char text[NUMBER_BYTES];

    latency_name(o, &l->side[LATENCY_START], OUT_TEXT);
    out_text(o, " to ");
    latency_name(o, &l->side[LATENCY_END], OUT_TEXT);
    out_text(o, " by ");
    out_escaped(o, l->options->key, strlen(l->options->key), OUT_TEXT);
    out_text(o, ": ");
    out_u64(o, l->quantile->count);
    out_text(o, " pairs");
    if (l->options->across)
        latency_text_count(o, l->within, " of them within one input");
    latency_text_count(o, m->left, " starts without an end");
    latency_text_count(o, m->restarted, " starts started again");
    latency_text_count(o, m->dropped, " starts dropped (too many)");
    latency_text_count(o, m->ends, " ends without a start");
    latency_text_count(o, m->backwards, " ends before their start");
    latency_text_count(o, l->without, " without a key");
    latency_text_count(o, m->across, " dropped across losses");
    out_text(o, "\n");
    loss_text(&l->loss, o);
    if (!l->quantile->count)
        return;
    for (unsigned i = 0; i < LATENCY_PLACES; i++) {
        number_put_micros(text,
                          quantile_get(l->quantile, latency_places[i].of, latency_places[i].all));
        number_column(o, latency_places[i].name, 7);
        number_column(o, text, 22);
        out_text(o, " us\n");
    }
    out_text(o, "\nns:\n");
    spread_text(&l->spread, o);
    out_text(o, "\nthe longest:\n");
    for (uint32_t i = 0; i < l->worst_count; i++)
        latency_text_worst(l, &l->worst[i]);
}

/* --- JSON --- */

static void latency_json_input(const struct latency *l, const char *key, uint32_t input)
{
    struct out *o = l->sink.out;

    if (!l->options->across)
        return;
    out_text(o, ",\"");
    out_text(o, key);
    out_text(o, "\":");
    field_text(o, l->labels[input], strlen(l->labels[input]), OUT_JSON);
}

static void latency_json_worst(const struct latency *l, const struct match_pair *p)
{
    struct out *o = l->sink.out;

    out_text(o, "{\"key\":");
    key_print(o, &p->key, OUT_JSON);
    number_json(o, "ns", p->ns);
    number_json(o, "start_ns", p->start_ns);
    number_json(o, "start_cpu", p->start_cpu);
    latency_json_input(l, "start_input", p->tag);
    number_json(o, "end_ns", p->end_ns);
    number_json(o, "end_cpu", p->end_cpu);
    latency_json_input(l, "end_input", p->end_tag);
    out_text(o, "}");
}

static void latency_json(struct latency *l)
{
    const struct match *m = &l->match;
    struct out *o = l->sink.out;

    out_text(o, "{\"answer\":\"latency\",\"start\":\"");
    latency_name(o, &l->side[LATENCY_START], OUT_JSON);
    out_text(o, "\",\"end\":\"");
    latency_name(o, &l->side[LATENCY_END], OUT_JSON);
    out_text(o, "\",\"by\":");
    field_text(o, l->options->key, strlen(l->options->key), OUT_JSON);
    number_json(o, "pairs", l->quantile->count);
    if (l->options->across)
        number_json(o, "within", l->within);
    number_json(o, "left", m->left);
    number_json(o, "restarted", m->restarted);
    number_json(o, "dropped", m->dropped);
    number_json(o, "ends", m->ends);
    number_json(o, "backwards", m->backwards);
    number_json(o, "without", l->without);
    loss_json(&l->loss, o);
    number_json(o, "across_losses", m->across);
    for (unsigned i = 0; i < LATENCY_PLACES && l->quantile->count; i++)
        number_json(o, latency_places[i].json,
                    quantile_get(l->quantile, latency_places[i].of, latency_places[i].all));
    out_text(o, ",\"ns\":{\"scale\":\"log2\"");
    spread_json(&l->spread, o);
    out_text(o, "},\"longest\":[");
    for (uint32_t i = 0; i < l->worst_count; i++) {
        out_text(o, i ? "," : "");
        latency_json_worst(l, &l->worst[i]);
    }
    out_text(o, "]}\n");
}

/* --- what cannot be answered, or not as it seems --- */

static bool latency_has_key(const struct latency *l, const struct latency_side *side)
{
    const char *hint;

    if (side->by.common != COMMON_NONE || side->seen[true])
        return true;
    hint = common_hint(side->by.name.bytes, side->by.name.n);
    diag_line(l->diag, "--key: %s has no field '%.*s', %s%s%s", side->choice.found,
              (int)side->by.name.n, side->by.name.bytes, side->fields[0] ? "but " : "nor any",
              side->fields, hint ? hint : "");
    return false;
}

static bool latency_can(const struct latency *l)
{
    bool can = true;

    for (unsigned i = 0; i < 2 && l->begun; i++)
        can = choice_made(&l->side[i].choice, "--latency", l->diag) &&
              latency_has_key(l, &l->side[i]) && can;
    if (l->apart > 1)
        diag_line(l->diag, "--across: the times of these inputs cannot be compared: not all have "
                           "clock pairs; --offset FILE=TIME says how far they are apart");
    return can && l->apart <= 1;
}

/* One name means two things. */
static void latency_tell_mixed(const struct latency *l)
{
    static const char *const meanings[] = {[COMMON_CPU] = "the CPU that recorded it",
                                           [COMMON_EVENT] = "its own name",
                                           [COMMON_COMM] = "the name of the task that recorded it"};
    const struct latency_side *start = &l->side[LATENCY_START], *end = &l->side[LATENCY_END];
    const struct key_by *by = &start->by;
    bool field = start->seen[true]; /* it is one of the start */
    int n = (int)by->name.n;

    if (by->common == COMMON_NONE || by->common != end->by.common || by->name.n != end->by.name.n ||
        start->seen[true] == start->seen[false] || end->seen[true] == end->seen[false] ||
        field == end->seen[true])
        return;
    diag_line(l->diag,
              "--key %.*s is a field of %s, but of %s, which has none, %s: "
              "--key %s%.*s%s says which of its fields (%s)",
              n, by->name.bytes, field ? start->choice.found : end->choice.found,
              field ? end->choice.found : start->choice.found, meanings[by->common],
              field ? "" : "FIELD=", n, by->name.bytes, field ? "=FIELD" : "",
              field ? end->fields : start->fields);
}

static void latency_end(struct sink *k)
{
    struct latency *l = (struct latency *)k;

    l->wrong = !latency_can(l);
    match_finish_all(&l->match);
    if (l->wrong)
        return;
    if (l->json)
        latency_json(l);
    else
        latency_text(l);
    latency_tell_mixed(l);
    if (l->match.far)
        diag_line(l->diag,
                  "%" PRIu64 " losses began before the last %u pairs: earlier ones that they may "
                  "have changed are counted",
                  l->match.far, MATCH_RECENT);
}

static void latency_close(struct sink *k)
{
    struct latency *l = (struct latency *)k;

    share_close(&l->share);
    match_close(&l->match);
    free(l->quantile);
    free(l->labels);
}

struct sink *latency_open(struct latency *l, struct out *o, const struct latency_options *options,
                          bool json, uint32_t inputs, struct diag *diag)
{
    memset(l, 0, sizeof(*l));
    l->sink = (struct sink){.out = o,
                            .begin = latency_begin,
                            .event = latency_event,
                            .loss = latency_loss,
                            .finish = latency_finish,
                            .end = latency_end,
                            .close = latency_close};
    l->json = json;
    l->options = options;
    l->diag = diag;
    for (unsigned i = 0; i < 2; i++) {
        choice_open(&l->side[i].choice, &options->event[i]);
        key_open(&l->side[i].by, options->by[i].bytes, options->by[i].n);
    }
    share_open(&l->share, inputs);
    l->labels = mem_zero(inputs * sizeof(*l->labels));
    match_begin(&l->match, inputs, latency_give, l);
    l->quantile = mem_zero(sizeof(*l->quantile));
    return &l->sink;
}
