/* SPDX-License-Identifier: MIT */
/* graph.c - --graph: calls as they begin and end. */
#include "answer/graph.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/colour.h"
#include "base/mem.h"
#include "base/number.h"
#include "model/field.h"
#include "order/common.h"

#define GRAPH_ASKED (1u << ROLES_BEGIN | 1u << ROLES_SPAN)
#define GRAPH_TASK_BYTES 16u
#define GRAPH_INDENT 2u

/* One that is open. */
struct graph_call {
    char *name;
    uint32_t bytes;
    uint32_t cpu; /* where it began */
    uint32_t depth;
    uint64_t task; /* as nest.h numbers it; of no record with a context: UINT64_MAX */
    bool shown;
};

struct graph_stream {
    struct stream *stream; /* NULL: no capture of it has begun */
    uint32_t *pending; /* by CPU, the slot of a call that may turn out to be one line; 0: none */
    uint32_t cpu_count;
    uint64_t last_ns;
};

/* What a line is of. */
struct graph_line {
    uint64_t begin_ns, ns; /* ns: how long it took */
    uint32_t cpu, depth;
    uint64_t task;
    const char *name;
    uint32_t bytes;
    struct stream *stream;
};

/* --- who --- */

static uint64_t graph_task(struct graph *g, struct stream_lane *lane)
{
    uint64_t pid;

    return common_number(COMMON_PID, lane, &pid) ? (uint64_t)sched_pid(&g->sched, pid) : UINT64_MAX;
}

static uint32_t graph_under(const struct graph *g, uint32_t slot)
{
    return slot ? g->calls[slot].depth + 1 : 0;
}

/* Inside of what is innermost in its task, and of the interrupt that its CPU is in, if that has come while
 * this task ran. */
static uint32_t graph_depth(struct graph *g, const struct nest_span *s, uint32_t outer,
                            struct stream_lane *lane, uint64_t task)
{
    uint32_t of_task = s->kind == NEST_CPU ? nest_innermost(&g->nest, NEST_TASK, s->stream, task)
                                           : outer;
    uint32_t of_cpu = s->kind == NEST_CPU ? outer
                      : s->kind == NEST_TASK
                          ? nest_innermost(&g->nest, NEST_CPU, s->stream, lane->cpu)
                          : 0;
    uint32_t depth = graph_under(g, of_task), other;

    other = of_cpu && g->calls[of_cpu].task == task ? graph_under(g, of_cpu) : 0;
    depth = other > depth ? other : depth;
    return depth < GRAPH_DEPTH ? depth : GRAPH_DEPTH;
}

/* --- lines --- */

static void graph_blanks(struct out *o, size_t n)
{
    while (n--)
        out_text(o, " ");
}

static void graph_colour(const struct graph *g, const char *colour)
{
    if (g->options->colour)
        out_text(g->sink.out, colour);
}

static void graph_name(const struct graph *g, const struct graph_line *l)
{
    graph_colour(g, COLOUR_NAME);
    out_escaped(g->sink.out, l->name, l->bytes, OUT_TEXT);
    graph_colour(g, COLOUR_PLAIN);
}

static void graph_who(struct graph *g, const struct graph_line *l)
{
    struct metadata_text name;
    char number[NUMBER_BYTES];
    struct out *o = g->sink.out;
    size_t n, room;

    if (l->task == UINT64_MAX) {
        graph_blanks(o, GRAPH_TASK_BYTES);
        return;
    }
    name = sched_name(&g->sched, l->stream, (int32_t)l->task);
    number_put_u64(number, l->task);
    room = GRAPH_TASK_BYTES - 1 - strlen(number);
    n = name.n < room ? name.n : room;
    graph_blanks(o, room - n);
    out_escaped(o, name.bytes, n, OUT_TEXT);
    out_text(o, "-");
    out_text(o, number);
}

/* Whose line it is, if there are several inputs, or captures at once. */
static void graph_origin(const struct graph *g, const struct stream *s)
{
    if (s->prefix)
        out_bytes(g->sink.out, s->prefix, s->prefix_bytes);
}

static void graph_json_origin(struct out *o, const struct stream *s)
{
    if (s->region || s->captures > 1)
        number_json(o, "capture", s->captures);
    if (stream_input_number(s))
        number_json(o, "input", stream_input_number(s));
}

static void graph_line_open(struct graph *g, const struct graph_line *l, uint64_t at_ns, bool took)
{
    struct out *o = g->sink.out;
    char text[NUMBER_BYTES];

    graph_origin(g, l->stream);
    number_put_seconds(text, at_ns);
    graph_colour(g, COLOUR_TIME);
    number_column(o, text, 13);
    graph_colour(g, COLOUR_PLAIN);
    number_column_u64(o, l->cpu, 5);
    out_text(o, ") ");
    graph_who(g, l);
    number_put_micros(text, l->ns);
    number_column(o, took ? text : "", 14);
    out_text(o, took ? " us | " : "    | ");
    graph_blanks(o, (size_t)GRAPH_INDENT * l->depth);
}

/* Why it is not known how long it took. */
static void graph_why(const struct graph *g, const char *why)
{
    graph_colour(g, COLOUR_BAD);
    out_text(g->sink.out, why);
    graph_colour(g, COLOUR_PLAIN);
}

/* What comes in it follows. */
static void graph_text_begin(struct graph *g, const struct graph_line *l)
{
    graph_line_open(g, l, l->begin_ns, false);
    graph_name(g, l);
    out_text(g->sink.out, "() {\n");
}

/* One line for all of it. */
static void graph_text_leaf(struct graph *g, const struct graph_line *l, const char *why)
{
    struct out *o = g->sink.out;

    graph_line_open(g, l, l->begin_ns, !why);
    graph_name(g, l);
    out_text(o, "();");
    if (why) {
        out_text(o, " /* ");
        graph_why(g, why);
        out_text(o, " */");
    }
    out_text(o, "\n");
}

static void graph_text_end(struct graph *g, const struct graph_line *l, const char *why)
{
    struct out *o = g->sink.out;

    graph_line_open(g, l, number_add(l->begin_ns, l->ns), !why);
    out_text(o, "} /* ");
    out_escaped(o, l->name, l->bytes, OUT_TEXT);
    if (why) {
        out_text(o, ": ");
        graph_why(g, why);
    }
    out_text(o, " */\n");
}

static void graph_json(struct graph *g, const struct graph_line *l, const char *why)
{
    struct metadata_text comm = {0};
    struct out *o = g->sink.out;

    out_text(o, "{\"name\":");
    field_text(o, l->name, l->bytes, OUT_JSON);
    number_json(o, "depth", l->depth);
    number_json(o, "cpu", l->cpu);
    if (l->task != UINT64_MAX) {
        comm = sched_name(&g->sched, l->stream, (int32_t)l->task);
        number_json(o, "common_pid", l->task);
        out_text(o, ",\"common_comm\":");
        field_text(o, comm.bytes, comm.n, OUT_JSON);
    }
    number_json(o, "start_ns", l->begin_ns);
    if (why) {
        out_text(o, ",\"ns\":null,\"why\":");
        field_text(o, why, strlen(why), OUT_JSON);
    } else {
        number_json(o, "ns", l->ns);
    }
    graph_json_origin(o, l->stream);
    out_text(o, "}\n");
}

/* A call that is over, with what is to be said of it. leaf: it has no begin above. */
static void graph_over(struct graph *g, const struct graph_line *l, const char *why, bool leaf)
{
    if (l->ns < g->options->over_ns)
        return;
    if (g->json)
        graph_json(g, l, why);
    else if (leaf || g->options->over_ns)
        graph_text_leaf(g, l, why);
    else
        graph_text_end(g, l, why);
}

/* --- calls --- */

static bool graph_shows(const struct graph *g, const struct nest_span *s, uint32_t depth)
{
    return s->kind != NEST_ID && (!g->options->depth || depth < g->options->depth);
}

static struct graph_line graph_line_of(const struct graph_call *c, const struct nest_span *s,
                                       struct stream *stream)
{
    return (struct graph_line){.begin_ns = s->begin_ns,
                               .cpu = c->cpu,
                               .depth = c->depth,
                               .task = c->task,
                               .name = c->name,
                               .bytes = c->bytes,
                               .stream = stream};
}

static void graph_flush_one(struct graph *g, struct graph_stream *of, uint32_t cpu)
{
    uint32_t slot = cpu < of->cpu_count ? of->pending[cpu] : 0;
    struct graph_line l;

    if (!slot)
        return;
    of->pending[cpu] = 0;
    l = graph_line_of(&g->calls[slot], nest_open_span(&g->nest, slot), of->stream);
    if (!g->json && !g->options->over_ns)
        graph_text_begin(g, &l);
}

/* Something else comes: what has begun on this CPU gets its line, in other captures of the same machine first. */
static void graph_flush(struct graph *g, struct stream *s, uint32_t cpu)
{
    for (uint32_t i = 0; s->region && i < g->stream_count; i++)
        if (i != s->number && g->streams[i].stream && g->streams[i].stream->named == s->named)
            graph_flush_one(g, &g->streams[i], cpu);
    graph_flush_one(g, &g->streams[s->number], cpu);
}

static void graph_begin_one(void *context, struct nest_span *span, const struct nest_record *r)
{
    struct graph *g = context;
    struct graph_stream *of = &g->streams[span->stream];
    char name[NEST_NAME_BYTES];
    struct graph_call *c;
    size_t n;

    if (!g->calls)
        g->calls = mem_zero((NEST_OPEN + 1) * sizeof(*g->calls));
    c = &g->calls[span->slot];
    n = nest_name(r, name);
    c->name = mem_grow(c->name, n + 1);
    memcpy(c->name, name, n);
    c->bytes = (uint32_t)n;
    c->cpu = r->lane->cpu;
    c->task = graph_task(g, r->lane);
    c->depth = graph_depth(g, span, span->outer, r->lane, c->task);
    c->shown = graph_shows(g, span, c->depth);
    if (!c->shown)
        return;
    graph_flush(g, r->lane->stream, c->cpu);
    of->pending = mem_reach(of->pending, &of->cpu_count, c->cpu, 1, sizeof(*of->pending));
    of->pending[c->cpu] = span->slot;
}

static void graph_end_one(void *context, const struct nest_span *span, uint64_t ns,
                          enum nest_why why, const struct nest_record *r)
{
    struct graph *g = context;
    struct graph_call *c = &g->calls[span->slot];
    struct graph_stream *of = &g->streams[span->stream];
    struct stream *s = of->stream;
    struct graph_line l = graph_line_of(c, span, s);
    bool leaf;

    if (!c->shown)
        return;
    leaf = c->cpu < of->cpu_count && of->pending[c->cpu] == span->slot;
    if (leaf)
        of->pending[c->cpu] = 0;
    graph_flush(g, s, c->cpu);
    if (r && r->lane->cpu != c->cpu)
        graph_flush(g, s, r->lane->cpu);
    if (r && !leaf && !g->json && !g->options->over_ns)
        l.cpu = r->lane->cpu; /* the line is of its end */
    l.ns = ns - span->begin_ns;
    graph_over(g, &l, why == NEST_ENDED ? NULL : nest_why_word(why), leaf);
}

static void graph_whole(void *context, const struct nest_span *span, uint64_t ns,
                        const struct nest_record *r)
{
    struct graph *g = context;
    char name[NEST_NAME_BYTES];
    uint64_t task = graph_task(g, r->lane);
    uint32_t outer = nest_innermost(&g->nest, span->kind, span->stream, span->number);
    struct graph_line l = {.begin_ns = span->begin_ns,
                           .ns = ns - span->begin_ns,
                           .cpu = r->lane->cpu,
                           .task = task,
                           .name = name,
                           .stream = r->lane->stream};

    l.bytes = (uint32_t)nest_name(r, name);
    l.depth = graph_depth(g, span, outer, r->lane, task);
    if (!graph_shows(g, span, l.depth))
        return;
    graph_flush(g, l.stream, l.cpu);
    graph_over(g, &l, NULL, true);
}

/* --- sink --- */

static void graph_begin(struct sink *k, struct stream *s)
{
    struct graph *g = (struct graph *)k;

    g->streams = mem_reach(g->streams, &g->stream_count, s->number, 1, sizeof(*g->streams));
    g->streams[s->number].stream = s;
    sched_begin(&g->sched, s);
    nest_begin(&g->nest, s);
    if (s->captures > 1 && !s->region && !g->json) {
        graph_origin(g, s);
        common_capture(k->out, s->captures, g->options->colour ? COLOUR_NAME : NULL);
    }
}

static void graph_lose(struct graph *g, struct stream_lane *lane)
{
    sched_lose(&g->sched, lane);
    nest_lose(&g->nest, lane);
}

static void graph_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct graph *g = (struct graph *)k;
    struct value_tail tails[TP_LIMIT_FIELDS];
    struct sched_event sched;

    if (lane->gap_open)
        graph_lose(g, lane);
    g->streams[lane->stream->number].last_ns = stream_ns(lane->stream, lane->time);
    if (!sink_tails(lane, e, tails) || !e)
        return;
    sched_take(&g->sched, lane, e, tails, &sched);
    nest_take(&g->nest, lane, e, tails);
}

/* Does some event begin anything, as far as the metadata says so far? */
static bool graph_begins(struct graph *g, const struct stream *s)
{
    for (uint32_t id = 0; !g->any && id < s->metadata.event_slots; id++)
        if (s->metadata.events[id])
            g->any = GRAPH_ASKED >> roles_find(&g->roles, s->metadata.events[id])->is & 1;
    return g->any;
}

static void graph_loss(struct sink *k, struct stream_lane *lane)
{
    struct graph *g = (struct graph *)k;
    uint64_t lost = 0;

    graph_lose(g, lane);
    if (!graph_begins(g, lane->stream))
        return;
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        lost = number_add(lost, lane->loss[i]);
    if (g->json) {
        out_text(k->out, lost ? "{\"lost\":" : "{\"lost\":null");
        if (lost)
            out_u64(k->out, lost);
        number_json(k->out, "cpu", lane->cpu);
        number_json(k->out, "time_ns", stream_ns(lane->stream, lane->time));
        graph_json_origin(k->out, lane->stream);
        out_text(k->out, "}\n");
        return;
    }
    graph_origin(g, lane->stream);
    graph_colour(g, COLOUR_BAD);
    out_text(k->out, "--- cpu ");
    out_u64(k->out, lane->cpu);
    out_text(k->out, ": ");
    if (lost)
        out_u64(k->out, lost);
    out_text(k->out, lost ? " records lost ---" : "records lost, how many is not known ---");
    graph_colour(g, COLOUR_PLAIN);
    out_text(k->out, "\n");
}

static void graph_finish(struct sink *k, struct stream *s)
{
    struct graph *g = (struct graph *)k;
    struct graph_stream *of = s->number < g->stream_count ? &g->streams[s->number] : NULL;

    g->any = roles_finish(&g->roles, s, GRAPH_ASKED) || g->any;
    if (!of || !of->stream) /* without metadata it has not begun */
        return;
    g->read = true;
    nest_finish(&g->nest, s, of->last_ns);
    free(of->pending);
    *of = (struct graph_stream){.pending = NULL};
}

static void graph_end(struct sink *k)
{
    struct graph *g = (struct graph *)k;
    const char *text;
    uint64_t n;

    if (!g->read)
        return;
    g->wrong = !roles_end(&g->roles, g->diag) || !g->any;
    if (g->wrong && !g->any)
        diag_line(g->diag, "--graph: no event begins anything: name two, as --role "
                           "'irq:entry=begin track=cpu' --role 'irq:exit=end track=cpu'; "
                           "--list-roles shows what is known");
    for (unsigned i = 0; (text = nest_left_out(&g->nest, i, &n)) != NULL; i++)
        if (n)
            diag_line(g->diag, "--graph: %" PRIu64 " %s", n, text);
}

static void graph_close(struct sink *k)
{
    struct graph *g = (struct graph *)k;

    for (uint32_t i = 0; g->calls && i <= NEST_OPEN; i++)
        free(g->calls[i].name);
    for (uint32_t i = 0; i < g->stream_count; i++)
        free(g->streams[i].pending);
    free(g->calls);
    free(g->streams);
    sched_close(&g->sched);
    nest_close(&g->nest);
}

struct sink *graph_open(struct graph *g, struct out *o, const struct graph_options *options,
                        const struct roles_options *roles, bool json, struct diag *diag)
{
    memset(g, 0, sizeof(*g));
    g->sink = (struct sink){.out = o,
                            .begin = graph_begin,
                            .event = graph_event,
                            .loss = graph_loss,
                            .finish = graph_finish,
                            .end = graph_end,
                            .close = graph_close};
    g->json = json;
    g->options = options;
    g->diag = diag;
    roles_open(&g->roles, roles);
    sched_open(&g->sched, &g->roles);
    nest_open(&g->nest, &g->roles, &g->sched, o->symbols,
              &(struct nest_calls){graph_begin_one, graph_end_one, graph_whole, g});
    return &g->sink;
}
