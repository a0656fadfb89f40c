/* SPDX-License-Identifier: MIT */
/* item.c - the library: what a step of the merge puts out, as items. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "base/mem.h"
#include "lib/dump.h"

/* One that waits, with room for its texts. */
static struct dump_line *item_wait(struct tp_dump *d, size_t bytes)
{
    struct dump_line *line = mem_alloc(sizeof(*line) + bytes);

    *line = (struct dump_line){0};
    *d->lines_end = line;
    d->lines_end = &line->next;
    return line;
}

/* With a NUL; the next text comes after it. */
static const char *item_text(char **to, const char *text, size_t n)
{
    char *start = *to;

    memcpy(start, text, n);
    start[n] = '\0';
    *to += n + 1;
    return start;
}

/* What is said of an input that is foreign or unsupported; before that is known, of the last damage. */
static void item_fault(struct tp_dump *d, const struct diag_file *f, const char *text, size_t n)
{
    if (d->faulty)
        return;
    snprintf(d->fault, sizeof(d->fault), "%.1024s: %.*s", f ? f->name : "", (int)n, text);
    d->faulty = d->diag.foreign || d->diag.refused;
}

static void item_tell(void *context, const struct diag_file *f, bool damage, const char *text,
                      size_t n)
{
    size_t name = f ? strlen(f->name) : 0;
    struct dump_line *line = item_wait(context, n + 1 + 6 * name + 1);
    char *to = line->text;

    line->item.kind = TP_DUMP_NOTICE;
    line->item.notice.damage = damage;
    line->item.notice.text = item_text(&to, text, n);
    if (damage)
        item_fault(context, f, text, n);
    if (!f)
        return;
    to[out_escape(to, f->name, name, OUT_TEXT)] = '\0';
    line->item.notice.input = to;
}

static void item_sampled(struct tp_dump *d, const struct stream *s, const struct metadata_event *e,
                         uint64_t records)
{
    struct dump_line *line = item_wait(d, e->sys.n + 1u + e->name.n + 1u);
    struct tp_dump_sampled *to = &line->item.sampled;
    char *text = line->text;

    line->item.kind = TP_DUMP_SAMPLED;
    line->item.input = s->number;
    to->records = records;
    to->system = item_text(&text, e->sys.bytes, e->sys.n);
    to->name = item_text(&text, e->name.bytes, e->name.n);
    to->hash = tp_dump_event_hash((const struct tp_dump_event *)e);
}

static struct tp_dump *item_of(struct sink *k)
{
    return (struct tp_dump *)((char *)k - offsetof(struct tp_dump, sink));
}

static void item_begin(struct sink *k, struct stream *s)
{
    item_of(k)->begun = s;
}

static void item_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct tp_dump *d = item_of(k);

    d->found = lane;
    d->event = e;
    /* A row is taken at once, and then the next one. What came before it was not given yet. */
    d->merge.stepwise = !d->take || d->lines || d->begun || !d->take(d->taker);
}

static void item_loss(struct sink *k, struct stream_lane *lane)
{
    struct tp_dump *d = item_of(k);

    d->found = lane;
    d->event = NULL;
    d->cause = 0;
    d->merge.stepwise = true;
}

/* Nothing that is in the capture may be asked for any more. */
static void item_finish(struct sink *k, struct stream *s)
{
    struct tp_dump *d = item_of(k);
    uint64_t count;
    uint32_t id = 0;

    if (d->begun == s)
        d->begun = NULL;
    s->counts_told = true;
    while ((count = stream_suppressed(s, &id)))
        if (metadata_event(&s->metadata, id))
            item_sampled(d, s, metadata_event(&s->metadata, id), count);
}

void item_open(struct tp_dump *d)
{
    d->lines_end = &d->lines;
    d->diag.tell = item_tell;
    d->diag.tell_context = d;
    d->sink = (struct sink){.out = &d->out,
                            .begin = item_begin,
                            .event = item_event,
                            .unfinished = item_event,
                            .loss = item_loss,
                            .finish = item_finish};
}

static void item_free_lines(struct dump_line *line)
{
    while (line) {
        struct dump_line *next = line->next;

        free(line);
        line = next;
    }
}

void item_close(struct tp_dump *d)
{
    item_free_lines(d->lines);
    item_free_lines(d->line);
}

void item_forget(struct tp_dump *d)
{
    item_free_lines(d->line);
    d->line = NULL;
    d->lane = NULL;
    d->stream = NULL;
}

static int item_give_line(struct tp_dump *d)
{
    struct dump_line *line = d->lines;

    d->lines = line->next;
    if (!d->lines)
        d->lines_end = &d->lines;
    line->next = NULL;
    d->line = line;
    d->item = line->item;
    return d->item.kind;
}

static int item_give_capture(struct tp_dump *d)
{
    struct stream *s = d->begun;
    const struct metadata *m = &s->metadata;

    d->begun = NULL;
    d->stream = s;
    d->item.input = s->number;
    d->item.capture = (struct tp_dump_capture){
        .id = s->id,
        .clock_hz = m->clock_hz,
        .cpus = m->cpus < TP_DUMP_CPUS_MAX ? m->cpus : TP_DUMP_CPUS_MAX,
        .tool = m->tool.n ? m->tool.bytes : "",
        .buffer = m->buffer.n ? m->buffer.bytes : "",
        .earlier_boot = s->previous};
    return d->item.kind = TP_DUMP_CAPTURE;
}

static void item_give_lane(struct tp_dump *d)
{
    struct stream_lane *lane = d->found;

    d->lane = lane;
    d->stream = lane->stream;
    d->item.input = lane->stream->number;
    d->item.cpu = lane->cpu;
    d->item.ticks = lane->time;
    d->item.time_ns = clock_ns(&lane->stream->clock, lane->time);
}

static int item_give_record(struct tp_dump *d)
{
    const struct metadata_event *e = d->event;
    const struct record *r = &d->found->record;
    struct tp_dump_record *to = &d->item.record;

    item_give_lane(d);
    if (!sink_tails(d->found, e, d->tails))
        d->event = NULL;
    *to = (struct tp_dump_record){.event = (const struct tp_dump_event *)e,
                                  .decoded = d->event,
                                  .id = r->id,
                                  .number = r->number,
                                  .bytes = r->fields,
                                  .size_bytes = r->bytes,
                                  .swapped = r->swap};
    if (r->context) {
        to->has_context = true;
        to->pid = load_u32(r->context, r->swap);
        to->flags = r->context[offsetof(struct tp_wire_context, flags)];
        to->preempt_depth = r->context[offsetof(struct tp_wire_context, preempt_depth)];
    }
    d->item.kind = d->found->item == STREAM_EVENT ? TP_DUMP_RECORD : TP_DUMP_UNFINISHED;
    d->given += d->found->item == STREAM_EVENT;
    d->found = NULL;
    return d->item.kind;
}

/* The next cause of a loss. False: there is none. */
static bool item_give_loss(struct tp_dump *d)
{
    struct stream_lane *lane = d->found;
    unsigned cause = d->cause;

    while (cause < STREAM_LOST_CAUSES && !lane->loss[cause])
        cause++;
    d->cause = cause + 1;
    if (cause > STREAM_LOST_CAUSES || (cause == STREAM_LOST_CAUSES && !lane->loss_damage)) {
        d->found = NULL;
        return false;
    }
    item_give_lane(d);
    d->item.kind = TP_DUMP_LOSS;
    d->item.loss = (struct tp_dump_loss){.records = cause < STREAM_LOST_CAUSES ? lane->loss[cause]
                                                                               : 0,
                                         .cause = (enum tp_dump_cause)cause};
    return true;
}

int item_give(struct tp_dump *d)
{
    if (d->lines)
        return item_give_line(d);
    if (d->begun)
        return item_give_capture(d);
    if (d->found && d->found->item != STREAM_LOSS)
        return item_give_record(d);
    if (d->found && item_give_loss(d))
        return d->item.kind;
    return TP_DUMP_END;
}
