/* SPDX-License-Identifier: MIT */
/* lines.c - lines as text has them, with all fields of each. */
#include "explore/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/field.h"

#define LINES_DELTAS                                                                               \
    16u /* lines that are printed before the first, for what the time since the one before is */

static int lines_take(void *context, const void *bytes, size_t n)
{
    struct lines *l = context;

    n = n < l->room - l->used ? n : l->room - l->used;
    memcpy(l->to + l->used, bytes, n);
    l->used += (uint32_t)n;
    return 0;
}

void lines_into(struct lines *l, char *to, uint32_t room)
{
    l->to = to;
    l->room = room;
    l->used = 0;
}

void lines_open(struct lines *l, struct stamp stamp, struct symbols *symbols)
{
    *l = (struct lines){.stamp = stamp};
    l->lines = mem_alloc(LINES_KEPT * sizeof(*l->lines));
    out_open(&l->out, (struct out_sink){lines_take, l});
    l->out.symbols = symbols;
}

void lines_close(struct lines *l)
{
    free(l->lines);
    l->lines = NULL;
    out_close(&l->out);
}

void lines_forget(struct lines *l)
{
    l->count = 0;
}

const struct lines_line *lines_at(const struct lines *l, uint64_t number)
{
    return number - l->first < l->count ? &l->lines[number - l->first] : NULL;
}

/* --- fields --- */

static void lines_label(struct out *o, const char *name, size_t n)
{
    out_escaped(o, name, n, OUT_TEXT);
    out_pad(o, ' ', n < 16 ? 16 - n : 0);
    out_text(o, " ");
}

static void lines_number(struct out *o, const char *name, uint64_t v)
{
    lines_label(o, name, strlen(name));
    out_u64(o, v);
    out_text(o, "\n");
}

static void lines_context(struct out *o, const struct pass_line *line,
                          const struct metadata_event *e)
{
    static const struct {
        const char *name;
        enum common what;
    } common[] = {{"common_pid", COMMON_PID},
                  {"common_comm", COMMON_COMM},
                  {"common_flags", COMMON_FLAGS},
                  {"common_preempt_count", COMMON_PREEMPT}};

    for (size_t i = 0; line->lane->record.context && i < sizeof(common) / sizeof(common[0]); i++) {
        lines_label(o, common[i].name, strlen(common[i].name));
        common_print(common[i].what, line->lane, e, o, OUT_TEXT);
        out_text(o, "\n");
    }
}

static void lines_loss_fields(struct out *o, const struct pass_line *line)
{
    bool damage = line->cause == STREAM_LOST_CAUSES;

    out_text(o, "records lost\n");
    lines_number(o, "time_ns", line->ns);
    lines_number(o, "cpu", line->lane->cpu);
    lines_label(o, "cause", 5);
    out_text(o, damage ? "damaged" : stream_causes[line->cause]);
    out_text(o, "\n");
    if (!damage)
        lines_number(o, "lost", line->lane->loss[line->cause]);
    lines_number(o, "after_ns", stream_ns(line->stream, line->lane->gap_from));
}

static void lines_fields(struct out *o, const struct pass_line *line)
{
    const struct metadata_event *e = line->event;
    struct value_tail tails[TP_LIMIT_FIELDS];
    bool fits = e && value_tails(e, &line->lane->record, tails);

    if (e) {
        out_escaped(o, e->sys.bytes, e->sys.n, OUT_TEXT);
        out_text(o, ":");
        out_escaped(o, e->name.bytes, e->name.n, OUT_TEXT);
        out_text(o, fits ? "\n" : ": too short for its fields\n");
    } else {
        out_text(o, "unknown event\n");
    }
    for (uint32_t i = 0; fits && i < e->field_count; i++) {
        lines_label(o, e->fields[i].name.bytes, e->fields[i].name.n);
        field_print(o, &e->fields[i], &line->lane->record, tails, OUT_TEXT);
        out_text(o, "\n");
    }
    lines_number(o, "time_ns", line->ns);
    lines_number(o, "cpu", line->lane->cpu);
    lines_context(o, line, e);
    lines_number(o, "record", line->lane->record.number);
}

/* --- lines --- */

static void lines_print(struct lines *l, const struct pass_line *line)
{
    struct sink *k = &l->text.sink;

    switch (line->kind) {
    case PASS_BEGIN:
        k->begin(k, line->stream);
        break;
    case PASS_LOSS:
        k->loss(k, line->lane);
        break;
    case PASS_EVENT:
        k->event(k, line->lane, line->event);
        break;
    case PASS_UNFINISHED:
        k->unfinished(k, line->lane, line->event);
        break;
    }
    out_flush(&l->out);
}

/* Of the lines of a loss the one that is meant; without the end of the line. */
static void lines_cut(struct lines_line *to, uint32_t bytes, unsigned part)
{
    char *at = to->text, *end;

    while (part-- && (end = memchr(at, '\n', bytes - (size_t)(at - to->text))))
        at = end + 1;
    bytes -= (uint32_t)(at - to->text);
    end = memchr(at, '\n', bytes);
    to->text_bytes = end ? (uint32_t)(end - at) : bytes;
    memmove(to->text, at, to->text_bytes);
}

static bool lines_line(void *context, const struct pass_line *line)
{
    struct lines *l = context;
    struct lines_line *to;

    if (line->number + LINES_DELTAS < l->first)
        return true;
    to = &l->lines[line->number < l->first ? 0 : l->count];
    lines_into(l, to->text, LINES_TEXT_BYTES);
    lines_print(l, line);
    if (line->number < l->first)
        return true;
    to->ns = line->ns;
    to->cpu = line->lane ? line->lane->cpu : 0;
    to->kind = line->kind;
    lines_cut(to, l->used, line->part);
    lines_into(l, to->fields, LINES_FIELDS_BYTES);
    if (line->kind == PASS_LOSS)
        lines_loss_fields(&l->out, line);
    else if (line->lane)
        lines_fields(&l->out, line);
    out_flush(&l->out);
    to->fields_bytes = l->used;
    l->count++;
    return l->count < LINES_KEPT;
}

void lines_read(struct lines *l, struct pass *p, struct pass_setup *setup, const struct index *x,
                uint64_t number)
{
    uint64_t first = number > LINES_BEFORE ? number - LINES_BEFORE : 0;

    text_open(&l->text, &l->out, l->stamp, NULL, false);
    l->first = first;
    l->count = 0;
    pass_open(p, setup, NULL);
    pass_from(p, index_before(x, first > LINES_DELTAS ? first - LINES_DELTAS : 0));
    p->line = lines_line;
    p->context = l;
    pass_run(p);
    pass_close(p);
}
