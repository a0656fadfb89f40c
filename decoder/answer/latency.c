/* SPDX-License-Identifier: MIT */
/* latency.c - --latency: the time from one event to another with the same key. */
#include "answer/latency.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"

#define LATENCY_HEADS (2 * LATENCY_OPEN)
#define LATENCY_PLACES 5u

struct latency_open {
    struct key key;
    uint64_t ns;
    uint32_t cpu;
    uint32_t next;         /* of the same hash; or unused */
    uint32_t older, newer; /* by age */
};

static const struct latency_place {
    const char *name, *json;
    uint32_t of, all;
} latency_places[LATENCY_PLACES] = {{"50 %", "p50_ns", 50, 100},
                                    {"90 %", "p90_ns", 90, 100},
                                    {"99 %", "p99_ns", 99, 100},
                                    {"99.9 %", "p99_9_ns", 999, 1000},
                                    {"most", "max_ns", 1, 1}};

const char *latency_read(struct latency_options *o, const char *text)
{
    static const char wrong[] = "not SYS:START:SYS:END";

    for (unsigned i = 0; i < 4; i++) {
        struct metadata_text *t = i % 2 ? &o->name[i / 2] : &o->sys[i / 2];
        size_t n = strcspn(text, ":");

        if (!n || n > TP_LIMIT_NAME_BYTES || (i == 3) == (text[n] == ':'))
            return wrong;
        *t = (struct metadata_text){text, (uint32_t)n};
        text += n + (i < 3);
    }
    return NULL;
}

static bool latency_is(const struct latency *l, unsigned which, const struct metadata_event *e)
{
    const struct metadata_text *sys = &l->options->sys[which], *name = &l->options->name[which];

    return e->name.n == name->n && e->sys.n == sys->n &&
           memcmp(e->name.bytes, name->bytes, name->n) == 0 &&
           memcmp(e->sys.bytes, sys->bytes, sys->n) == 0;
}

/* --- the starts that wait --- */

/* The link to the one with this key, or the link that is 0. */
static uint32_t *latency_find(struct latency *l, const struct key *k)
{
    uint32_t *at = &l->heads[key_hash(k) % LATENCY_HEADS];

    while (*at && !key_equal(&l->open[*at].key, k))
        at = &l->open[*at].next;
    return at;
}

static void latency_remove(struct latency *l, uint32_t *at)
{
    uint32_t place = *at;
    struct latency_open *p = &l->open[place];

    *at = p->next;
    *(p->older ? &l->open[p->older].newer : &l->oldest) = p->newer;
    *(p->newer ? &l->open[p->newer].older : &l->newest) = p->older;
    p->next = l->unused;
    l->unused = place;
}

static void latency_start(struct latency *l, const struct key *k, struct stream_lane *lane)
{
    uint32_t *at = latency_find(l, k), place;
    struct latency_open *p;

    if (*at) {
        l->restarted++;
        latency_remove(l, at);
    } else if (!l->unused) {
        l->dropped++;
        latency_remove(l, latency_find(l, &l->open[l->oldest].key));
    }
    at = latency_find(l, k);
    place = l->unused;
    p = &l->open[place];
    l->unused = p->next;
    *p = (struct latency_open){.key = *k,
                               .ns = clock_ns(&lane->stream->clock, lane->time),
                               .cpu = lane->cpu,
                               .older = l->newest};
    *at = place;
    *(l->newest ? &l->open[l->newest].newer : &l->oldest) = place;
    l->newest = place;
}

/* Of those that took equally long the first stays first. */
static void latency_worst(struct latency *l, const struct latency_pair *pair)
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

static void latency_finish_pair(struct latency *l, const struct key *k, struct stream_lane *lane)
{
    uint32_t *at = latency_find(l, k);
    struct latency_open *p = &l->open[*at];
    uint64_t ns = clock_ns(&lane->stream->clock, lane->time);
    struct latency_pair pair = {.start_ns = p->ns, .end_ns = ns, .ns = ns - p->ns};

    if (!*at) {
        l->ends++;
        return;
    }
    if (ns < p->ns) {
        l->backwards++;
    } else {
        pair.start_cpu = p->cpu;
        pair.end_cpu = lane->cpu;
        pair.key = p->key;
        quantile_put(l->quantile, pair.ns);
        spread_put(&l->spread, (__int128)pair.ns, 1);
        latency_worst(l, &pair);
    }
    latency_remove(l, at);
}

/* --- sink --- */

static void latency_event(struct sink *s, struct stream_lane *lane, const struct metadata_event *e)
{
    struct latency *l = (struct latency *)s;
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool start, end;
    struct key k;

    if (!e) {
        stream_count_unknown(lane, e);
        return;
    }
    start = latency_is(l, 0, e);
    end = latency_is(l, 1, e);
    if (!start && !end)
        return;
    if (!sink_tails(lane, e, tails) || !key_find(&l->by, lane, e, tails, &k)) {
        l->without++;
        return;
    }
    k.stream = lane->stream->number;
    /* One event may be both: from each to the next. */
    if (end)
        latency_finish_pair(l, &k, lane);
    if (start)
        latency_start(l, &k, lane);
}

static void latency_finish(struct sink *k, struct stream *s)
{
    struct latency *l = (struct latency *)k;

    for (uint32_t id = 0; id < s->metadata.event_slots; id++)
        for (unsigned i = 0; i < 2 && s->metadata.events[id]; i++)
            l->seen[i] = l->seen[i] || latency_is(l, i, s->metadata.events[id]);
    for (uint32_t place = l->oldest, next; place; place = next) {
        next = l->open[place].newer;
        if (l->open[place].key.stream != s->number)
            continue;
        l->left++;
        latency_remove(l, latency_find(l, &l->open[place].key));
    }
    columns_finish(&l->by.columns, s);
    l->finished = true;
}

/* --- text --- */

static void latency_put_name(struct out *o, const struct latency_options *p, unsigned which,
                             enum out_escape how)
{
    out_escaped(o, p->sys[which].bytes, p->sys[which].n, how);
    out_text(o, ":");
    out_escaped(o, p->name[which].bytes, p->name[which].n, how);
}

static void latency_text_worst(struct out *o, const struct latency_pair *p, const char *by)
{
    char text[NUMBER_BYTES];

    number_put_micros(text, p->ns);
    number_column(o, text, 20);
    out_text(o, " us  ");
    number_put_seconds(text, p->start_ns);
    number_column(o, text, 12);
    out_text(o, " on cpu ");
    out_u64(o, p->start_cpu);
    out_text(o, " to ");
    number_put_seconds(text, p->end_ns);
    out_text(o, text);
    out_text(o, " on cpu ");
    out_u64(o, p->end_cpu);
    out_text(o, ", ");
    out_escaped(o, by, strlen(by), OUT_TEXT);
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
    struct out *o = l->sink.out;
    const struct latency_options *p = l->options;
    char text[NUMBER_BYTES];

    latency_put_name(o, p, 0, OUT_TEXT);
    out_text(o, " to ");
    latency_put_name(o, p, 1, OUT_TEXT);
    out_text(o, " by ");
    out_escaped(o, p->key, strlen(p->key), OUT_TEXT);
    out_text(o, ": ");
    out_u64(o, l->quantile->count);
    out_text(o, " pairs");
    latency_text_count(o, l->left, " starts without an end");
    latency_text_count(o, l->restarted, " starts started again");
    latency_text_count(o, l->dropped, " starts dropped (too many)");
    latency_text_count(o, l->ends, " ends without a start");
    latency_text_count(o, l->backwards, " ends before their start");
    latency_text_count(o, l->without, " without a key");
    out_text(o, "\n");
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
        latency_text_worst(o, &l->worst[i], p->key);
}

/* --- JSON --- */

static void latency_json_worst(struct out *o, const struct latency_pair *p)
{
    out_text(o, "{\"key\":");
    key_print(o, &p->key, OUT_JSON);
    number_json(o, "ns", p->ns);
    number_json(o, "start_ns", p->start_ns);
    number_json(o, "start_cpu", p->start_cpu);
    number_json(o, "end_ns", p->end_ns);
    number_json(o, "end_cpu", p->end_cpu);
    out_text(o, "}");
}

static void latency_json(struct latency *l)
{
    struct out *o = l->sink.out;

    out_text(o, "{\"answer\":\"latency\",\"start\":\"");
    latency_put_name(o, l->options, 0, OUT_JSON);
    out_text(o, "\",\"end\":\"");
    latency_put_name(o, l->options, 1, OUT_JSON);
    out_text(o, "\",\"by\":");
    field_text(o, l->options->key, strlen(l->options->key), OUT_JSON);
    number_json(o, "pairs", l->quantile->count);
    number_json(o, "left", l->left);
    number_json(o, "restarted", l->restarted);
    number_json(o, "dropped", l->dropped);
    number_json(o, "ends", l->ends);
    number_json(o, "backwards", l->backwards);
    number_json(o, "without", l->without);
    for (unsigned i = 0; i < LATENCY_PLACES && l->quantile->count; i++)
        number_json(o, latency_places[i].json,
                    quantile_get(l->quantile, latency_places[i].of, latency_places[i].all));
    out_text(o, ",\"ns\":{\"scale\":\"log2\"");
    spread_json(&l->spread, o);
    out_text(o, "},\"longest\":[");
    for (uint32_t i = 0; i < l->worst_count; i++) {
        out_text(o, i ? "," : "");
        latency_json_worst(o, &l->worst[i]);
    }
    out_text(o, "]}\n");
}

static void latency_end(struct sink *k)
{
    struct latency *l = (struct latency *)k;
    const struct latency_options *p = l->options;

    for (uint32_t place = l->oldest; place; place = l->open[place].newer)
        l->left++; /* of captures that were not read to their end */
    if (l->json)
        latency_json(l);
    else
        latency_text(l);
    for (unsigned i = 0; i < 2 && l->finished && !l->quantile->count; i++)
        if (!l->seen[i])
            diag_line(l->diag, "no event matches '%.*s:%.*s'", (int)p->sys[i].n, p->sys[i].bytes,
                      (int)p->name[i].n, p->name[i].bytes);
    if (l->finished && !l->quantile->count && l->by.kind == KEY_FIELD)
        columns_end(&l->by.columns, l->diag);
}

static void latency_close(struct sink *k)
{
    struct latency *l = (struct latency *)k;

    free(l->open);
    free(l->heads);
    free(l->quantile);
}

struct sink *latency_open(struct latency *l, struct out *o, const struct latency_options *options,
                          bool json, struct diag *diag)
{
    memset(l, 0, sizeof(*l));
    l->sink = (struct sink){.out = o,
                            .event = latency_event,
                            .finish = latency_finish,
                            .end = latency_end,
                            .close = latency_close};
    l->json = json;
    l->options = options;
    l->diag = diag;
    key_open(&l->by, options->key);
    l->open = mem_zero((LATENCY_OPEN + 1) * sizeof(*l->open));
    l->heads = mem_zero(LATENCY_HEADS * sizeof(*l->heads));
    l->quantile = mem_zero(sizeof(*l->quantile));
    for (uint32_t i = 1; i <= LATENCY_OPEN; i++)
        l->open[i].next = i < LATENCY_OPEN ? i + 1 : 0;
    l->unused = 1;
    return &l->sink;
}
