/* SPDX-License-Identifier: MIT */
/* html.c - records as one HTML page. */
#include "export/html.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/digest.h"
#include "export/asset.h"
#include "export/row.h"
#include "order/common.h"

struct html_stream {
    struct stream *stream; /* NULL: no capture */
    struct fact_stream fact;
    uint64_t *cpus; /* the latest time of each */
    uint32_t cpu_count;
    uint64_t last_ns; /* the latest time */
};

static struct html_stream *html_stream(struct html *h, const struct stream *s)
{
    return &h->streams[s->number];
}

static uint64_t *html_last(struct html_stream *s, uint32_t cpu)
{
    s->cpus = mem_reach(s->cpus, &s->cpu_count, cpu, 1, sizeof(*s->cpus));
    return &s->cpus[cpu];
}

/* --- the page --- */

/* Fills in what the page has between two @. */
static void html_fill(struct html *h, const char *word, size_t n)
{
    struct out *o = h->sink.out;

    if (n == 5 && memcmp(word, "rules", n) == 0) {
        out_text(o, "default-src 'none'; base-uri 'none'; form-action 'none'; style-src ");
        digest_source(o, asset_style);
        out_text(o, "; script-src ");
        digest_source(o, asset_script);
    } else if (n == 5 && memcmp(word, "style", n) == 0) {
        out_text(o, asset_style);
    } else if (n == 6 && memcmp(word, "script", n) == 0) {
        out_text(o, asset_script);
    } else {
        out_u64(o, h->items);
    }
}

/* Writes on, up to where the data is, or to the end. */
static void html_page(struct html *h)
{
    const char *at = h->page, *word, *end;

    while ((word = strchr(at, '@')) != NULL) {
        out_bytes(h->sink.out, at, (size_t)(word - at));
        end = strchr(++word, '@');
        at = end + 1;
        if (end - word == 4 && memcmp(word, "data", 4) == 0) {
            h->page = at;
            return;
        }
        html_fill(h, word, (size_t)(end - word));
    }
    out_text(h->sink.out, at);
}

static void html_start(struct html *h)
{
    if (h->page)
        return;
    h->page = asset_page;
    html_page(h);
}

/* --- items --- */

/* Is there room for one more? Else the run ends. */
static bool html_room(struct html *h)
{
    if (h->items < h->most && h->block.bytes < HTML_BYTES) {
        block_room(&h->block);
        h->items++;
        return true;
    }
    h->full = h->sink.enough = true;
    return false;
}

/* e: NULL, it fits none. */
static void html_item(struct html *h, struct stream_lane *lane, const struct metadata_event *e,
                      const struct value_tail *tails)
{
    struct html_stream *s = html_stream(h, lane->stream);
    struct block_item item = {.ns = stream_ns(lane->stream, lane->time),
                              .capture = s->fact.number,
                              .cpu = lane->cpu,
                              .event = BLOCK_UNKNOWN,
                              .context = lane->record.context,
                              .unfinished = lane->item == STREAM_UNFINISHED};
    size_t row = h->block.part[BLOCK_ROWS].n, n;
    const char *comm;

    if (e)
        item.event = fact_event(&h->fact, &s->fact, e) + BLOCK_FIRST;
    if (item.context) {
        item.task = load_u32(item.context, lane->record.swap);
        comm = common_comm(lane, &n);
        item.name = block_string(&h->block, comm, n);
    }
    if (e)
        row_add(&h->block, e, &lane->record, tails);
    else
        row_raw(&h->block, &lane->record);
    block_item(&h->block, &item, row);
}

static void html_sched(struct html *h, struct stream_lane *lane, const struct sched_event *e,
                       uint64_t ns)
{
    static const enum mark_is marks[ROLES_COUNT] = {
        [ROLES_WAKE] = MARK_WAKE, [ROLES_NEW] = MARK_NEW, [ROLES_GONE] = MARK_GONE};
    uint32_t capture = html_stream(h, lane->stream)->fact.number;
    struct metadata_text name;

    if (e->is != ROLES_SWITCH && !marks[e->is])
        return;
    name = sched_named(&h->sched, lane->stream, e->is == ROLES_SWITCH ? e->next : e->task, e->name);
    if (e->is == ROLES_SWITCH)
        mark_switch(&h->mark, ns, capture, lane->cpu, e, name);
    else
        mark_task(&h->mark, marks[e->is], ns, capture, e, name);
}

/* It is not known what the CPU does. */
static void html_lose(struct html *h, struct stream_lane *lane)
{
    struct html_stream *s = html_stream(h, lane->stream);

    sched_lose(&h->sched, lane);
    nest_lose(&h->nest, lane);
    mark_stop(&h->mark, *html_last(s, lane->cpu), s->fact.number, lane->cpu,
              stream_ns(lane->stream, lane->gap_from));
}

static void html_time(struct html_stream *s, uint32_t cpu, uint64_t ns)
{
    uint64_t *last = html_last(s, cpu);

    *last = ns > *last ? ns : *last;
    s->last_ns = ns > s->last_ns ? ns : s->last_ns;
}

static void html_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct html *h = (struct html *)k;
    struct html_stream *s = html_stream(h, lane->stream);
    struct value_tail tails[TP_LIMIT_FIELDS];
    const struct roles_meaning *meaning;
    struct sched_event sched;
    uint64_t ns;

    if (!html_room(h))
        return;
    if (lane->gap_open)
        html_lose(h, lane);
    html_time(s, lane->cpu, stream_ns(lane->stream, lane->time));
    ns = *html_last(s, lane->cpu);
    if (!sink_tails(lane, e, tails)) {
        html_item(h, lane, NULL, NULL);
        return;
    }
    html_item(h, lane, e, tails);
    sched_take(&h->sched, lane, e, tails, &sched);
    html_sched(h, lane, &sched, ns);
    nest_take(&h->nest, lane, e, tails);
    meaning = roles_find(&h->roles, e);
    if (meaning->is == ROLES_COUNTER)
        mark_counter(&h->mark, ns, s->fact.number,
                     &(struct nest_record){lane, e, tails, meaning, h->sink.out->symbols});
}

static void html_unfinished(struct sink *k, struct stream_lane *lane,
                            const struct metadata_event *e)
{
    struct value_tail tails[TP_LIMIT_FIELDS];
    struct html *h = (struct html *)k;

    if (html_room(h))
        html_item(h, lane, sink_tails(lane, e, tails) ? e : NULL, tails);
}

/* Its row: the cause, a string; 1: the number is known, and 2: the loss reaches to the event that follows; that
 * number; how long before it all is there. */
static void html_lost(struct html *h, struct stream_lane *lane, const uint64_t *lost,
                      const char *cause)
{
    uint64_t ns = stream_ns(lane->stream, lane->time),
             from = stream_ns(lane->stream, lane->gap_from);
    struct pile *rows = &h->block.part[BLOCK_ROWS];
    size_t row;

    if (!html_room(h))
        return;
    row = rows->n;
    pile_u64(rows, block_string(&h->block, cause, strlen(cause)));
    pile_u64(rows, (lost ? 1u : 0) | (lane->gap_open ? 2u : 0));
    pile_u64(rows, lost ? *lost : 0);
    pile_u64(rows, from < ns ? ns - from : 0);
    block_item(&h->block,
               &(struct block_item){.ns = ns,
                                    .capture = html_stream(h, lane->stream)->fact.number,
                                    .cpu = lane->cpu,
                                    .event = BLOCK_LOSS},
               row);
}

static void html_loss(struct sink *k, struct stream_lane *lane)
{
    struct html *h = (struct html *)k;

    html_lose(h, lane);
    html_time(html_stream(h, lane->stream), lane->cpu, stream_ns(lane->stream, lane->time));
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        if (lane->loss[i])
            html_lost(h, lane, &lane->loss[i], stream_causes[i]);
    if (lane->loss_damage)
        html_lost(h, lane, NULL, "damaged");
}

/* --- spans --- */

static uint32_t html_capture(const struct html *h, const struct nest_span *span)
{
    return h->streams[span->stream].fact.number;
}

static void html_begin_one(void *context, struct nest_span *span, const struct nest_record *r)
{
    struct html *h = context;

    mark_begin(&h->mark, html_capture(h, span), span, r);
}

static void html_end_one(void *context, const struct nest_span *span, uint64_t ns,
                         enum nest_why why, const struct nest_record *r)
{
    (void)r;
    mark_end(&((struct html *)context)->mark, span, ns, why);
}

static void html_whole(void *context, const struct nest_span *span, uint64_t ns,
                       const struct nest_record *r)
{
    struct html *h = context;

    mark_whole(&h->mark, html_capture(h, span), span, ns, r);
}

/* --- sink --- */

static void html_begin(struct sink *k, struct stream *s)
{
    struct html *h = (struct html *)k;

    html_start(h);
    h->streams = mem_reach(h->streams, &h->stream_count, s->number, 1, sizeof(*h->streams));
    sched_begin(&h->sched, s);
    nest_begin(&h->nest, s);
    html_stream(h, s)->stream = s;
    html_stream(h, s)->fact.number = h->captures++;
    fact_capture(&h->fact, &html_stream(h, s)->fact, s);
}

static void html_finish(struct sink *k, struct stream *s)
{
    struct html *h = (struct html *)k;
    struct html_stream *of;

    (void)roles_finish(&h->roles, s, 0);
    if (s->number >= h->stream_count || !html_stream(h, s)->stream)
        return;
    of = html_stream(h, s);
    nest_finish(&h->nest, s, of->last_ns);
    fact_end(&h->fact, &of->fact, s, h->full);
    block_room(&h->block);
    fact_stream_free(&of->fact);
    free(of->cpus);
    *of = (struct html_stream){.stream = NULL};
    s->counts_told = true;
}

static void html_tell(struct html *h)
{
    const char *text;
    uint64_t n;

    h->wrong = !roles_end(&h->roles, h->diag);
    for (unsigned i = 0; (text = nest_left_out(&h->nest, i, &n)) != NULL; i++)
        if (n)
            diag_line(h->diag, "--format html: %" PRIu64 " %s", n, text);
    if (!h->full)
        return;
    h->wrong = true;
    diag_line(h->diag,
              "--format html: only the first %" PRIu64
              " records and losses are in the page, which would be too large for a browser: choose "
              "some by --from and --to, --event, --filter or --cpu",
              h->items);
}

static void html_end(struct sink *k)
{
    struct html *h = (struct html *)k;

    html_start(h);
    block_flush(&h->block);
    html_page(h);
    html_tell(h);
}

static void html_close(struct sink *k)
{
    struct html *h = (struct html *)k;

    for (uint32_t i = 0; i < h->stream_count; i++) {
        fact_stream_free(&h->streams[i].fact);
        free(h->streams[i].cpus);
    }
    free(h->streams);
    fact_close(&h->fact);
    block_close(&h->block);
    sched_close(&h->sched);
    nest_close(&h->nest);
}

struct sink *html_open(struct html *h, struct out *o, const struct roles_options *roles,
                       uint64_t most, struct diag *diag)
{
    memset(h, 0, sizeof(*h));
    h->sink = (struct sink){.out = o,
                            .begin = html_begin,
                            .event = html_event,
                            .unfinished = html_unfinished,
                            .loss = html_loss,
                            .settles = true,
                            .finish = html_finish,
                            .end = html_end,
                            .close = html_close};
    h->diag = diag;
    h->most = most ? most : HTML_ITEMS;
    block_open(&h->block, o);
    fact_open(&h->fact, &h->block);
    h->mark.block = &h->block;
    h->mark.sched = &h->sched;
    roles_open(&h->roles, roles);
    sched_open(&h->sched, &h->roles);
    nest_open(&h->nest, &h->roles, &h->sched, o->symbols,
              &(struct nest_calls){html_begin_one, html_end_one, html_whole, h});
    return &h->sink;
}
