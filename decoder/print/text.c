/* SPDX-License-Identifier: MIT */
/* text.c - records as lines of text, in the layout of ftrace. */
#include "print/text.h"

#include <stddef.h>
#include <string.h>

#include "base/colour.h"
#include "base/load.h"
#include "base/mem.h"

#define TEXT_TASKS 256u /* lines start the same way for the same task */
/* A name of which each byte is \xNN, '-', and the room that out_put_u32() needs. */
#define TEXT_TASK_BYTES (4 * TP_TASK_NAME_BYTES + 24)

struct text_cache {
    struct text_task {
        uint32_t pid, generation;
        uint32_t bytes;             /* 0: not used */
        char text[TEXT_TASK_BYTES]; /* "%16s-%-7u" */
    } tasks[TEXT_TASKS];
};

static const char text_no_context[] = "           <...>-0      ";

static void text_task_make(const struct stream *s, struct text_task *t, uint32_t pid)
{
    char name[4 * TP_TASK_NAME_BYTES];
    size_t n;
    const char *comm = task_comm(&s->tasks, pid, &n);

    n = out_escape(name, comm, n, OUT_TEXT);
    t->bytes = (uint32_t)(common_put_task(t->text, name, n, pid) - t->text);
    t->pid = pid;
    t->generation = s->tasks.generation;
}

static inline char *text_task(struct stream *s, char *p, uint32_t pid)
{
    struct text_task *t;

    if (!s->text_cache)
        s->text_cache = mem_zero(sizeof(*s->text_cache));
    t = &s->text_cache->tasks[pid % TEXT_TASKS];
    if (t->pid != pid || t->generation != s->tasks.generation || !t->bytes)
        text_task_make(s, t, pid);
    memcpy(p, t->text, TEXT_TASK_BYTES);
    return p + t->bytes;
}

/* Whose line it is, if there are several inputs. */
static inline void text_origin(struct out *o, const struct stream *s)
{
    if (__builtin_expect(s->prefix != NULL, 0))
        out_bytes(o, s->prefix, s->prefix_bytes);
}

/* Everything up to the time. */
static inline __attribute__((always_inline)) char *text_start(struct stream_lane *lane, char *p)
{
    struct stream *s = lane->stream;
    const struct record *r = &lane->record;

    if (r->context) {
        p = text_task(s, p, load_u32(r->context, r->swap));
    } else {
        memcpy(p, text_no_context, sizeof(text_no_context) - 1);
        p += sizeof(text_no_context) - 1;
    }
    return common_put_place(p, lane);
}

/* As ftrace writes it. */
static void text_name(struct out *o, const struct metadata_event *e)
{
    out_escaped(o, e->sys.bytes, e->sys.n, OUT_TEXT);
    out_bytes(o, "_", 1);
    out_escaped(o, e->name.bytes, e->name.n, OUT_TEXT);
}

/* What has no definition that fits is shown as bytes. */
static void text_raw(struct out *o, struct stream_lane *lane, const struct metadata_event *e)
{
    const struct record *r = &lane->record;

    if (e) {
        out_text(o, ": ");
        text_name(o, e);
        out_text(o, ": too short for its fields: ");
    } else {
        out_text(o, ": unknown event ");
        out_u64(o, r->id);
        out_text(o, ": ");
    }
    out_hex_bytes(o, r->fields, r->bytes, false);
}

static void text_loss_line(struct out *o, const struct stream_lane *lane, const char *colour)
{
    text_origin(o, lane->stream);
    if (colour)
        out_text(o, colour);
    out_text(o, "--- cpu ");
    out_u64(o, lane->cpu);
    out_text(o, ": ");
}

static void text_loss_end(struct out *o, const char *colour)
{
    out_text(o, ") ---");
    out_text(o, colour ? COLOUR_PLAIN "\n" : "\n");
}

void text_loss(struct out *o, const struct stream_lane *lane, const char *colour)
{
    static const char *const causes[STREAM_LOST_CAUSES] = {
        [TP_LOST_FULL] = "buffer full",
        [TP_LOST_NESTED] = "nested writer",
        [TP_LOST_OVERSIZE] = "record too large",
        [TP_LOST_RECURSION] = "recursion",
        [TP_LOST_OVERWRITTEN] = "overwritten",
        [STREAM_LOST_MISSING] = "missing from the dump",
        [STREAM_LOST_UNFINISHED] = "never finished by their writer",
    };

    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++) {
        if (!lane->loss[i])
            continue;
        text_loss_line(o, lane, colour);
        out_u64(o, lane->loss[i]);
        out_text(o, " records lost here (");
        out_text(o, causes[i]);
        text_loss_end(o, colour);
    }
    if (lane->loss_damage) {
        text_loss_line(o, lane, colour);
        out_text(o, "records lost here (memory damaged, how many is not known");
        text_loss_end(o, colour);
    }
}

static void text_sink_loss(struct sink *k, struct stream_lane *lane)
{
    text_loss(k->out, lane, ((struct text *)k)->colour ? COLOUR_BAD : NULL);
}

/* name=value of the columns that the event has, with a blank between. */
static void text_columns(struct columns *c, const struct metadata_event *e, const struct stream_lane *lane,
                  const struct value_tail *tails, struct out *o)
{
    const struct columns_event *in = columns_find(c, e);
    bool first = true;

    for (uint32_t i = 0; i < c->count; i++) {
        const struct metadata_text *name = columns_name(c, in, i);

        if (!columns_has(c, in, i) || columns_again(in, i))
            continue;
        if (!first)
            out_bytes(o, " ", 1);
        first = false;
        out_escaped(o, name->bytes, name->n, OUT_TEXT);
        out_bytes(o, "=", 1);
        columns_print(c, in, i, lane, tails, o, OUT_TEXT);
    }
}

static void text_end_line(struct out *o, const struct stream_lane *lane, const char *mark)
{
    if (lane->item == STREAM_UNFINISHED)
        out_text(o, mark);
    *out_room(o, 1) = '\n';
    o->at++;
}

static void text_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct text *t = (struct text *)k;
    struct out *o = k->out;
    struct value_tail tails[TP_LIMIT_FIELDS];
    char *p;

    text_origin(o, lane->stream);
    p = text_start(lane, out_room(o, 256));
    o->at = stamp_put(&t->stamp, lane->stream, lane->record.time, p);
    if (sink_tails(lane, e, tails))
        value_print(o, e, &lane->record, tails);
    else
        text_raw(o, lane, e);
    text_end_line(o, lane, " <unfinished>");
}

/* With colours, or with fields by name: both need the parts of a line by themselves. */
static void text_event_parts(struct sink *k, struct stream_lane *lane,
                             const struct metadata_event *e)
{
    struct text *t = (struct text *)k;
    struct out *o = k->out;
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool colour = t->colour;

    text_origin(o, lane->stream);
    o->at = text_start(lane, out_room(o, 256));
    out_text(o, colour ? COLOUR_TIME : "");
    o->at = stamp_put(&t->stamp, lane->stream, lane->record.time, out_room(o, 64));
    out_text(o, colour ? COLOUR_PLAIN : "");
    if (!sink_tails(lane, e, tails)) {
        text_raw(o, lane, e);
    } else {
        out_text(o, colour ? ": " COLOUR_NAME : ": ");
        text_name(o, e);
        out_text(o, colour ? COLOUR_PLAIN ": " : ": ");
        if (t->columns)
            text_columns(t->columns, e, lane, tails, o);
        else
            value_message(o, e, &lane->record, tails);
    }
    text_end_line(o, lane, colour ? COLOUR_BAD " <unfinished>" COLOUR_PLAIN : " <unfinished>");
}

/* What follows is of another capture: a boot, or another dump that was joined. */
static void text_begin(struct sink *k, struct stream *s)
{
    k->enough = columns_hopeless(((struct text *)k)->columns, s);
    if (k->enough || s->captures < 2 || s->region)
        return;
    text_origin(k->out, s);
    common_capture(k->out, s->captures, ((struct text *)k)->colour ? COLOUR_NAME : NULL);
}

static void text_finish(struct sink *k, struct stream *s)
{
    struct text *t = (struct text *)k;

    if (t->columns)
        columns_finish(t->columns, s);
}

struct sink *text_open(struct text *t, struct out *o, struct stamp stamp, struct columns *columns,
                       bool colour)
{
    *t = (struct text){
        .sink = {.out = o,
                 .begin = text_begin,
                 .event = text_event,
                 .loss = text_sink_loss,
                 .finish = text_finish},
        .stamp = stamp,
        .columns = columns,
        .colour = colour,
    };
    if (colour || columns)
        t->sink.event = text_event_parts;
    t->sink.unfinished = t->sink.event;
    return &t->sink;
}
