/* SPDX-License-Identifier: MIT */
/* info.c - --info: what each capture is and what is in it, on one screen. */
#include "answer/info.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "model/elf.h"
#include "model/field.h"

#define INFO_WIDTH 80u      /* characters of a line */
#define INFO_INDENT 11u     /* where what is said begins */
#define INFO_NAME_BYTES 36u /* that are shown of a name */
#define INFO_NAME_TEXT (6 * INFO_NAME_BYTES + 4)
#define INFO_ITEM_BYTES 256u

/* --- what there is to say --- */

static void info_keep(char *to, const struct metadata_text *t)
{
    memcpy(to, t->bytes ? t->bytes : "", t->n);
    to[t->n] = '\0';
}

static void info_metadata(struct info_capture *c, const struct metadata *m)
{
    info_keep(c->names[INFO_TOOL], &m->tool);
    info_keep(c->names[INFO_HOST], &m->host);
    info_keep(c->names[INFO_TRACE], &m->buffer);
    info_keep(c->names[INFO_MODE], &m->mode);
    info_keep(c->names[INFO_CLOCK], &m->clock_name);
    c->image = m->image;
    c->cpus = m->cpus;
    c->subbuf_bytes = m->subbuf_bytes;
    c->subbufs = m->subbufs;
    c->told_hz = m->clock_told;
    for (uint32_t id = 0; id < m->event_slots; id++)
        c->events += m->events[id] != NULL;
}

static void info_times(struct info_capture *c, struct stream *s)
{
    const struct tally_cell *all = &c->sum.cell;

    c->measured_hz = clock_measured_hz(&s->pairs);
    c->by_day = s->pairs.count;
    if (!all->count)
        return;
    c->first_ns = clock_ns(&s->clock, all->first);
    c->last_ns = clock_ns(&s->clock, all->last);
    if (!c->by_day)
        return;
    clock_utc(&s->pairs, s->clock.hz, all->first, c->first_utc);
    clock_utc(&s->pairs, s->clock.hz, all->last, c->last_utc);
}

static void info_counts(struct info_capture *c, const struct tally_input *in)
{
    const struct stream *s = in->stream;
    uint64_t n;
    uint32_t id = 0;

    c->sum = tally_sum(in);
    for (uint32_t cpu = 0; cpu < in->cpu_count; cpu++)
        c->cpus_seen += in->cpus[cpu].cell.count != 0;
    for (uint32_t i = 1; i < in->cell_count; i++)
        c->events_seen += in->cells[i].count != 0;
    c->tasks = task_named(&s->tasks);
    c->strangers = stream_strangers(s);
    while ((n = stream_suppressed(s, &id)))
        c->sampled = number_add(c->sampled, n);
}

/* A capture is at its end. */
static void info_add(struct info *in, struct info_input *from)
{
    struct stream *s = from->tally.stream;
    struct info_capture *c;

    if (!s)
        return;
    if (in->count == INFO_CAPTURES) {
        in->more++;
        tally_input_close(&from->tally);
        return;
    }
    if (in->count == in->room) {
        in->room = in->room ? 2 * in->room : 4;
        in->captures = mem_grow(in->captures, in->room * sizeof(*in->captures));
    }
    c = &in->captures[in->count++];
    *c = (struct info_capture){.file = s->label ? s->label : s->diag.name,
                               .number = s->number,
                               .capture = s->captures,
                               .previous = s->flags & TP_CHUNK_PREVIOUS,
                               .snapshot = s->flags & TP_CHUNK_SNAPSHOT,
                               .ended = s->ended,
                               .damage = s->diag.lines - from->damage};
    from->damage = s->diag.lines;
    info_metadata(c, &s->metadata);
    info_counts(c, &from->tally);
    info_times(c, s);
    tally_input_close(&from->tally);
}

static void info_begin(struct sink *k, struct stream *s)
{
    ((struct info *)k)->inputs[s->number].tally.stream = s;
}

static void info_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    if (__builtin_expect(!e, 0))
        stream_count_unknown(lane, e);
    tally_event(&((struct info *)k)->inputs[lane->stream->number].tally, lane, e);
}

static void info_loss(struct sink *k, struct stream_lane *lane)
{
    tally_loss(&((struct info *)k)->inputs[lane->stream->number].tally, lane);
}

static bool info_add_sum(struct sink *k, const void *sum)
{
    tally_add_input(&((struct info *)k)->inputs[0].tally, sum);
    return true;
}

static bool info_put_sum(struct sink *k, void *sum)
{
    if (sum)
        tally_put_input(&((struct info *)k)->inputs[0].tally, sum);
    return true;
}

static void info_forget(struct sink *k)
{
    tally_forget(&((struct info *)k)->inputs[0].tally);
}

static void info_finish(struct sink *k, struct stream *s)
{
    info_add((struct info *)k, &((struct info *)k)->inputs[s->number]);
}

/* --- text --- */

struct info_line {
    struct out *out;
    size_t column;
    bool any; /* something stands in it */
};

static void info_line(struct info_line *l, const char *label)
{
    l->any = false;
    l->column = INFO_INDENT;
    out_text(l->out, "  ");
    out_text(l->out, label);
    out_pad(l->out, ' ', INFO_INDENT - 2 - strlen(label));
}

/* One more thing, after a comma; in a new line if there is no room. */
static void info_put(struct info_line *l, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void info_put(struct info_line *l, const char *format, ...)
{
    char text[INFO_ITEM_BYTES];
    va_list args;
    size_t n;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    n = strlen(text);
    if (l->any && l->column + n + sizeof(", ,") - 1 > INFO_WIDTH) {
        out_text(l->out, ",\n");
        out_pad(l->out, ' ', INFO_INDENT);
        l->column = INFO_INDENT;
    } else if (l->any) {
        out_text(l->out, ", ");
        l->column += 2;
    }
    out_bytes(l->out, text, n);
    l->column += n;
    l->any = true;
}

static void info_end_line(struct info_line *l)
{
    out_text(l->out, l->any ? "\n" : "not said\n");
}

/* A name as it is shown: without what steers a terminal, and not too long. */
static const char *info_show(const char *name, char to[INFO_NAME_TEXT])
{
    size_t n = strlen(name), shown = n;

    if (n > INFO_NAME_BYTES)
        for (shown = INFO_NAME_BYTES; shown && ((unsigned char)name[shown] & 0xc0) == 0x80;)
            shown--;
    shown = out_escape(to, name, shown, OUT_TEXT);
    strcpy(to + shown, n > INFO_NAME_BYTES ? "..." : "");
    return to;
}

static void info_text_made(struct info_line *l, const struct info_capture *c)
{
    const struct metadata_image *i = &c->image;
    char text[INFO_NAME_TEXT], id[2 * METADATA_ID_BYTES + 1], machine[ELF_MACHINE_TEXT];
    info_line(l, "made by");
    if (c->names[INFO_TOOL][0])
        info_put(l, "%s", info_show(c->names[INFO_TOOL], text));
    if (c->names[INFO_HOST][0])
        info_put(l, "on %s", info_show(c->names[INFO_HOST], text));
    if (c->previous)
        info_put(l, "recovered from an earlier boot");
    info_end_line(l);
    if (!i->known)
        return;
    info_line(l, "kernel");
    for (uint32_t k = 0; k < i->build_id_bytes; k++)
        snprintf(id + 2 * k, 3, "%02x", i->build_id[k]);
    if (i->known & METADATA_BUILD_ID)
        info_put(l, "build id %s", info_show(id, text));
    if (i->known & METADATA_MACHINE)
        info_put(l, "machine %s", elf_machine(i->machine, machine));
    if (i->known & METADATA_BASE)
        info_put(l, "at 0x%" PRIx64, i->base);
    info_end_line(l);
}

static void info_text_trace(struct info_line *l, const struct info_capture *c)
{
    char text[INFO_NAME_TEXT];

    info_line(l, "trace");
    if (c->names[INFO_TRACE][0])
        info_put(l, "%s", info_show(c->names[INFO_TRACE], text));
    if (c->names[INFO_MODE][0])
        info_put(l, "%s mode", info_show(c->names[INFO_MODE], text));
    if (c->subbufs && c->subbuf_bytes)
        info_put(l, "%" PRIu64 " sub-buffers of %" PRIu64 " bytes for each CPU", c->subbufs,
                 c->subbuf_bytes);
    info_end_line(l);
    info_line(l, "clock");
    if (c->names[INFO_CLOCK][0])
        info_put(l, "%s", info_show(c->names[INFO_CLOCK], text));
    if (c->told_hz)
        info_put(l, "%" PRIu64 " Hz", c->told_hz);
    else
        info_put(l, "how fast it counts is not said");
    if (c->measured_hz)
        info_put(l, "%" PRIu64 " Hz by clock pairs", c->measured_hz);
    info_put(l, c->by_day ? "time of day known" : "time of day not known");
    info_end_line(l);
}

static void info_text_times(struct info_line *l, const struct info_capture *c)
{
    char first[NUMBER_BYTES], last[NUMBER_BYTES], span[NUMBER_BYTES];

    number_put_seconds(first, c->first_ns);
    number_put_seconds(last, c->last_ns);
    number_put_seconds(span, c->last_ns - c->first_ns);
    info_line(l, "time");
    if (c->sum.cell.count)
        info_put(l, "%s s to %s s: %s s", first, last, span);
    else
        info_put(l, "no records");
    info_end_line(l);
    if (!c->sum.cell.count || !c->by_day)
        return;
    info_line(l, "UTC");
    info_put(l, "%s to %s", c->first_utc, c->last_utc);
    info_end_line(l);
}

static void info_text_lost(struct info_line *l, const struct info_capture *c)
{
    info_line(l, "lost");
    info_put(l, "%" PRIu64, number_add(tally_lost(&c->sum), c->strangers));
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        if (c->sum.lost[i])
            info_put(l, "%s %" PRIu64, stream_causes[i], c->sum.lost[i]);
    if (c->strangers)
        info_put(l, "on CPUs that the trace does not have %" PRIu64, c->strangers);
    if (c->sum.damaged)
        info_put(l, "and more at %" PRIu64 " places that are damaged", c->sum.damaged);
    info_end_line(l);
    info_line(l, "damage");
    if (c->damage)
        info_put(l, "%" PRIu64 " messages, see standard error", c->damage);
    else
        info_put(l, "none");
    info_end_line(l);
}

static void info_text_counts(struct info_line *l, const struct info_capture *c)
{
    info_line(l, "CPUs");
    info_put(l, "%" PRIu64, c->cpus);
    info_put(l, "%" PRIu32 " with records", c->cpus_seen);
    info_end_line(l);
    info_line(l, "events");
    info_put(l, "%" PRIu32 " known", c->events);
    info_put(l, "%" PRIu32 " with records", c->events_seen);
    info_end_line(l);
    info_line(l, "tasks");
    info_put(l, "%" PRIu32 " with names", c->tasks);
    info_end_line(l);
    info_line(l, "records");
    info_put(l, "%" PRIu64, c->sum.cell.count);
    info_put(l, "%" PRIu64 " bytes", c->sum.cell.bytes);
    if (c->sampled)
        info_put(l, "%" PRIu64 " more left out by sampling", c->sampled);
    info_end_line(l);
}

static const char *info_ending(const struct info_capture *c)
{
    return !c->ended     ? "no end mark, tracing went on or the dump was cut"
           : c->snapshot ? "whole, a snapshot"
                         : "whole";
}

static void info_text_file(struct out *o, const struct info_capture *c, bool several)
{
    out_escaped(o, c->file, strlen(c->file), OUT_TEXT);
    if (several) {
        out_text(o, ", capture ");
        out_u64(o, c->capture);
    }
}

/* All of it. */
static void info_text_one(struct out *o, const struct info_capture *c)
{
    struct info_line l = {.out = o};

    info_text_file(o, c, c->capture > 1);
    out_text(o, "\n");
    info_text_made(&l, c);
    info_text_trace(&l, c);
    info_text_times(&l, c);
    info_text_counts(&l, c);
    info_text_lost(&l, c);
    info_line(&l, "end");
    info_put(&l, "%s", info_ending(c));
    info_end_line(&l);
}

/* One of several, in four lines. */
static void info_text_short(struct out *o, const struct info_capture *c)
{
    struct info_line l = {.out = o};
    char text[INFO_NAME_TEXT];

    info_text_file(o, c, true);
    out_text(o, "\n");
    info_line(&l, "what");
    if (c->names[INFO_TRACE][0])
        info_put(&l, "%s", info_show(c->names[INFO_TRACE], text));
    if (c->names[INFO_HOST][0])
        info_put(&l, "on %s", info_show(c->names[INFO_HOST], text));
    if (c->previous)
        info_put(&l, "earlier boot");
    info_put(&l, c->ended ? "whole" : "no end mark");
    info_end_line(&l);
    info_text_times(&l, c);
    info_line(&l, "records");
    info_put(&l, "%" PRIu64, c->sum.cell.count);
    info_put(&l, "%" PRIu32 " events", c->events_seen);
    info_put(&l, "%" PRIu32 " CPUs", c->cpus_seen);
    info_put(&l, "%" PRIu64 " lost", number_add(tally_lost(&c->sum), c->strangers));
    info_put(&l, "%" PRIu64 " damaged", c->damage);
    info_end_line(&l);
}

static void info_text(struct info *in)
{
    struct out *o = in->sink.out;
    uint64_t rest;

    if (in->count == 1 && !in->more) {
        info_text_one(o, &in->captures[0]);
        return;
    }
    for (uint32_t i = 0; i < in->count && i < INFO_SHOWN; i++)
        info_text_short(o, &in->captures[i]);
    rest = in->count > INFO_SHOWN ? in->count - INFO_SHOWN : 0;
    if (!rest && !in->more)
        return;
    out_text(o, "and ");
    out_u64(o, rest + in->more);
    out_text(o, " captures more\n");
}

/* --- JSON --- */

static void info_json_text(struct out *o, const char *name, const char *text)
{
    if (!*text)
        return;
    out_text(o, ",\"");
    out_text(o, name);
    out_text(o, "\":");
    field_text(o, text, strlen(text), OUT_JSON);
}

static void info_json_image(struct out *o, const struct metadata_image *i)
{
    const char *between = "";

    if (!i->known)
        return;
    out_text(o, ",\"image\":{");
    if (i->known & METADATA_BUILD_ID) {
        out_text(o, "\"build_id\":\"");
        out_hex_bytes(o, i->build_id, i->build_id_bytes, false);
        out_text(o, "\"");
        between = ",";
    }
    if (i->known & METADATA_MACHINE) {
        out_text(o, between);
        out_text(o, "\"machine\":");
        out_u64(o, i->machine);
        between = ",";
    }
    if (i->known & METADATA_BASE) {
        out_text(o, between);
        out_text(o, "\"base\":\"");
        out_hex(o, i->base);
        out_text(o, "\"");
    }
    out_text(o, "}");
}

static void info_json_times(struct out *o, const struct info_capture *c)
{
    number_json(o, "clock_hz", c->told_hz);
    if (c->measured_hz)
        number_json(o, "measured_hz", c->measured_hz);
    number_json_text(o, "time_of_day", c->by_day ? "true" : "false");
    if (!c->sum.cell.count)
        return;
    number_json(o, "first_ns", c->first_ns);
    number_json(o, "last_ns", c->last_ns);
    info_json_text(o, "first_utc", c->first_utc);
    info_json_text(o, "last_utc", c->last_utc);
}

static void info_json_one(struct out *o, const struct info_capture *c)
{
    static const char *const keys[INFO_NAMES] = {"tool", "host", "trace", "mode", "clock"};

    out_text(o, "{\"capture\":");
    out_u64(o, c->capture);
    info_json_text(o, "input", c->file);
    for (unsigned i = 0; i < INFO_NAMES; i++)
        info_json_text(o, keys[i], c->names[i]);
    info_json_image(o, &c->image);
    number_json(o, "subbufs", c->subbufs);
    number_json(o, "subbuf_bytes", c->subbuf_bytes);
    info_json_times(o, c);
    number_json(o, "cpus", c->cpus);
    number_json(o, "cpus_with_records", c->cpus_seen);
    number_json(o, "events", c->events);
    number_json(o, "events_with_records", c->events_seen);
    number_json(o, "tasks", c->tasks);
    number_json(o, "records", c->sum.cell.count);
    number_json(o, "bytes", c->sum.cell.bytes);
    number_json(o, "suppressed", c->sampled);
    tally_json_lost(o, &c->sum);
    number_json(o, "lost_unknown_cpu", c->strangers);
    number_json(o, "damage_messages", c->damage);
    number_json_text(o, "previous", c->previous ? "true" : "false");
    number_json_text(o, "snapshot", c->snapshot ? "true" : "false");
    number_json_text(o, "ended", c->ended ? "true" : "false");
    out_text(o, "}");
}

static void info_json(struct info *in)
{
    struct out *o = in->sink.out;

    out_text(o, "{\"answer\":\"info\",\"captures\":[");
    for (uint32_t i = 0; i < in->count; i++) {
        out_text(o, i ? "," : "");
        info_json_one(o, &in->captures[i]);
    }
    out_text(o, "]");
    number_json(o, "captures_more", in->more);
    out_text(o, "}\n");
}

/* --- */

static int info_compare(const void *a, const void *b)
{
    const struct info_capture *x = a, *y = b;

    return x->number != y->number ? (x->number > y->number) - (x->number < y->number)
                                  : (x->capture > y->capture) - (x->capture < y->capture);
}

static void info_end(struct sink *k)
{
    struct info *in = (struct info *)k;

    for (uint32_t i = 0; i < in->input_count; i++) /* what was not read to its end */
        info_add(in, &in->inputs[i]);
    if (in->count)
        qsort(in->captures, in->count, sizeof(*in->captures), info_compare);
    if (in->json)
        info_json(in);
    else
        info_text(in);
}

static void info_close(struct sink *k)
{
    struct info *in = (struct info *)k;

    for (uint32_t i = 0; i < in->input_count; i++)
        tally_input_close(&in->inputs[i].tally);
    free(in->inputs);
    free(in->captures);
}

struct sink *info_open(struct info *in, struct out *o, bool json, uint32_t inputs)
{
    *in = (struct info){
        .sink = {.out = o,
                 .any_order = true,
                 .begin = info_begin,
                 .event = info_event,
                 .loss = info_loss,
                 .add = info_add_sum,
                 .put = info_put_sum,
                 .forget = info_forget,
                 .finish = info_finish,
                 .end = info_end,
                 .close = info_close},
        .json = json,
    };
    in->inputs = mem_zero(inputs * sizeof(*in->inputs));
    in->input_count = inputs;
    return &in->sink;
}
