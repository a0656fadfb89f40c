/* SPDX-License-Identifier: MIT */
/* template.c - records as a text of the user's own has them. */
#include "print/template.h"

#include "base/load.h"
#include "order/common.h"
#include "print/text.h"

static const char template_long[] = "too long a template";

static bool template_char(struct template *t, char c)
{
    struct template_step *s = t->count ? &t->steps[t->count - 1] : NULL;

    if (t->text_bytes == TEMPLATE_TEXT_MAX)
        return false;
    if (!s || s->letter) {
        if (t->count == TEMPLATE_STEPS_MAX)
            return false;
        s = &t->steps[t->count++];
        *s = (struct template_step){.at = (uint16_t)t->text_bytes};
    }
    t->text[t->text_bytes++] = c;
    s->n++;
    return true;
}

/* What follows a percent sign at *p. */
static const char *template_step(struct template *t, const char **p)
{
    struct template_step s = {.letter = **p};

    if (!s.letter || !strchr("tcsepnfm{", s.letter))
        return "unknown % in template";
    if (s.letter == '{') {
        size_t n = strcspn(*p + 1, "}");

        if (!n || (*p)[1 + n] != '}' || n > NAMED_BYTES)
            return "no name in {} in template";
        s.column = columns_add_common(&t->columns, *p + 1, n);
        if (s.column == COLUMNS_NONE)
            return template_long;
        *p += n + 1;
    }
    ++*p;
    if (t->count == TEMPLATE_STEPS_MAX)
        return template_long;
    t->steps[t->count++] = s;
    return NULL;
}

const char *template_read(struct template *t, const char *text)
{
    *t = (struct template){0};
    for (const char *p = text; *p;) {
        const char *problem = NULL;
        char c = *p++;

        if (c == '%' && *p != '%') {
            problem = template_step(t, &p);
        } else {
            if (c == '%')
                p++;
            if (c == '\\' && (*p == 'n' || *p == 't' || *p == '\\')) {
                c = *p == 'n' ? '\n' : *p == 't' ? '\t' : '\\';
                p++;
            }
            problem = template_char(t, c) ? NULL : template_long;
        }
        if (problem)
            return problem;
    }
    return template_char(t, '\n') ? NULL : template_long;
}

static void template_time(struct template *t, struct stream_lane *lane)
{
    char text[STAMP_BYTES], *end = stamp_put(&t->stamp, lane->stream, lane->time, text), *p = text;

    while (*p == ' ')
        p++;
    out_bytes(t->sink.out, p, (size_t)(end - p));
}

/* What only records with a context have. */
static void template_context(struct out *o, struct stream_lane *lane, char letter)
{
    uint32_t pid = load_u32(lane->record.context, lane->record.swap);
    char flags[COMMON_FLAGS_BYTES];
    const char *comm;
    size_t n;

    switch (letter) {
    case 'p':
        out_u64(o, pid);
        break;
    case 'n':
        comm = task_comm(&lane->stream->tasks, pid, &n);
        out_escaped(o, comm, n, OUT_TEXT);
        break;
    default:
        common_flags(flags, lane->record.context);
        out_bytes(o, flags, sizeof(flags));
    }
}

static void template_message(struct out *o, struct stream_lane *lane,
                             const struct metadata_event *e, const struct value_tail *tails)
{
    if (tails)
        value_message(o, e, &lane->record, tails);
    else
        out_hex_bytes(o, lane->record.fields, lane->record.bytes, false);
    if (lane->item == STREAM_UNFINISHED)
        out_text(o, " <unfinished>");
}

/* `tails` is NULL if the record does not fit its event. */
static void template_put(struct template *t, const struct template_step *s,
                         struct stream_lane *lane, const struct metadata_event *e,
                         const struct value_tail *tails)
{
    struct out *o = t->sink.out;
    const struct columns_event *in;

    switch (s->letter) {
    case 0:
        out_bytes(o, t->text + s->at, s->n);
        break;
    case 't':
        template_time(t, lane);
        break;
    case 'c':
        out_u64(o, lane->cpu);
        break;
    case 's':
        if (e)
            out_escaped(o, e->sys.bytes, e->sys.n, OUT_TEXT);
        break;
    case 'e':
        if (e)
            out_escaped(o, e->name.bytes, e->name.n, OUT_TEXT);
        else
            out_u64(o, lane->record.id);
        break;
    case 'm':
        template_message(o, lane, e, tails);
        break;
    case '{':
        in = tails ? columns_find(&t->columns, e) : NULL;
        if (in && columns_has(&t->columns, in, s->column))
            columns_print(&t->columns, in, s->column, lane, tails, o, OUT_TEXT);
        break;
    default:
        if (lane->record.context)
            template_context(o, lane, s->letter);
    }
}

static void template_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct template *t = (struct template *)k;
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool fits = sink_tails(lane, e, tails);

    for (uint32_t i = 0; i < t->count; i++)
        template_put(t, &t->steps[i], lane, e, fits ? tails : NULL);
}

static void template_loss(struct sink *k, struct stream_lane *lane)
{
    text_loss(k->out, lane, NULL);
}

static void template_begin(struct sink *k, struct stream *s)
{
    k->enough = columns_hopeless(&((struct template *)k)->columns, s);
}

static void template_finish(struct sink *k, struct stream *s)
{
    columns_finish(&((struct template *)k)->columns, s);
}

struct sink *template_open(struct template *t, struct out *o, struct stamp stamp)
{
    t->sink = (struct sink){.out = o,
                            .begin = template_begin,
                            .event = template_event,
                            .unfinished = template_event,
                            .loss = template_loss,
                            .finish = template_finish};
    t->stamp = stamp;
    return &t->sink;
}
