/* SPDX-License-Identifier: MIT */
/* part.c - one window of an input, decoded by itself. */
#include "order/part.h"

#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"
#include "order/intake.h"
#include "order/lane.h"
#include "order/select_counts.h"
#include "order/window.h"

/* --- the edge where it ends --- */

/* Is a lane at the chunk that another begins with, or at a later one? */
static bool part_lane_clean(const struct part *p, uint32_t cpu, const struct stream_lane *lane)
{
    const struct cut_start *start = cpu < p->until->cpu_slots ? &p->until->start[cpu] : NULL;
    uint64_t index, time;

    if (!lane || !lane_head(lane, &index, &time))
        return true;
    if (p->by_place)
        return false;
    return time >= p->until->time || (start && start->at != CUT_NOWHERE && index == start->index);
}

/* Is the input where another begins, or beyond all that is of this window? */
static bool part_has_read(const struct part *p)
{
    uint64_t at = p->stream->in.offset + p->stream->reader.consume;

    return p->by_place ? at == p->until->made_at : at >= p->until->data_end;
}

static bool part_is_clean(const struct part *p)
{
    const struct stream *s = p->stream;
    const struct merge *m = p->merge;

    if (*p->said != p->said_before || m->late || m->backwards || s->overfull || s->waiting ||
        s->out_of_order || s->late_records || s->captures != 1 || s->capture.doubt ||
        s->capture.aside || s->gate.waived || s->joins || p->name_count == PART_NAMES ||
        s->tasks.count == TASK_SLOTS || !part_has_read(p) ||
        (p->answer && !p->answer->put(p->answer, NULL)))
        return false;
    for (uint32_t i = 0; i < s->lane_slots; i++)
        if (!part_lane_clean(p, i, s->lanes[i]))
            return false;
    return true;
}

bool part_go_alone(struct part *p)
{
    struct stream *s = p->stream;

    if (p->is_alone)
        return true;
    /* Before what was found is taken off: it may be of this. */
    s->lost = number_add(s->lost, s->lost_later);
    s->lost_later = 0;
    if (!p->alone(p->context)) {
        p->sink.enough = true;
        return false;
    }
    p->is_alone = true;
    p->until = NULL;
    p->limit = 0;
    s->until = s->stop = 0;
    return true;
}

/* At the end of the input, or of a window by place. */
static bool part_at_end(void *context)
{
    struct part *p = context;

    /* Without an item the next one does not know what comes first. */
    if (!p->by_place || !p->until || !p->first.known || !part_is_clean(p))
        return part_go_alone(p);
    p->ended = p->sink.enough = true;
    return false;
}

/* An item that may be the first of this window, or of the next: is it that? */
static bool part_is_at_edge(struct part *p, const struct stream_lane *lane)
{
    /* All that is passed is passed when the first item comes. */
    p->stream->from = 0;
    if (!p->first.known) {
        p->first = (struct part_first){true, p->stream->day_known, p->stream->base_ns};
        p->known(p->context);
    }
    p->limit = p->until && !p->by_place ? p->until->time : UINT64_MAX;
    p->sink.direct = p->next;
    if (!p->until || p->by_place || lane->time < p->limit)
        return false;
    if (!part_is_clean(p))
        return !part_go_alone(p);
    p->stream->records -= lane->item == STREAM_EVENT;
    /* What follows this item is not looked at: it is said by the window that has it. */
    p->merge->stepwise = true;
    p->ended = p->sink.enough = true;
    return true;
}

static inline bool part_is_over(struct part *p, const struct stream_lane *lane)
{
    return __builtin_expect(lane->time >= p->limit, 0) && part_is_at_edge(p, lane);
}

/* --- items --- */

static void part_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct part *p = (struct part *)k;

    if (part_is_over(p, lane))
        return;
    p->next->event(p->next, lane, e);
    k->enough = p->next->enough;
}

static void part_unfinished(struct sink *k, struct stream_lane *lane,
                            const struct metadata_event *e)
{
    struct part *p = (struct part *)k;

    if (part_is_over(p, lane))
        return;
    if (p->next->unfinished)
        p->next->unfinished(p->next, lane, e);
    k->enough = p->next->enough;
}

static void part_loss(struct sink *k, struct stream_lane *lane)
{
    struct part *p = (struct part *)k;

    /* That of the chunk that is only read for what follows. */
    if (lane->time < lane->stream->from || part_is_over(p, lane))
        return;
    if (p->next->loss)
        p->next->loss(p->next, lane);
    k->enough = p->next->enough;
}

static void part_task(struct sink *k, struct stream_lane *lane)
{
    struct part *p = (struct part *)k;
    const struct record *r = &lane->record;
    struct part_name *n = &p->names[p->name_count];

    if (part_is_over(p, lane))
        return;
    if (p->name_count < PART_NAMES) {
        n->pid = load_u32(r->fields, r->swap);
        n->group = load_u32(r->fields + offsetof(struct tp_wire_task, group), r->swap);
        memcpy(n->name, r->fields + offsetof(struct tp_wire_task, name), sizeof(n->name));
        p->name_count++;
    }
    if (p->next->task)
        p->next->task(p->next, lane);
    k->enough = p->next->enough;
}

static void part_begin(struct sink *k, struct stream *s)
{
    struct part *p = (struct part *)k;

    if (p->next->begin)
        p->next->begin(p->next, s);
    k->enough = p->next->enough;
    p->said_before = *p->said;
}

static void part_finish(struct sink *k, struct stream *s)
{
    struct part *p = (struct part *)k;

    if (p->next->finish)
        p->next->finish(p->next, s);
}

static void part_end(struct sink *k)
{
    struct part *p = (struct part *)k;

    if (p->next->end)
        p->next->end(p->next);
}

static void part_close(struct sink *k)
{
    struct part *p = (struct part *)k;

    task_free(&p->before);
    free(p->firsts);
    p->firsts = NULL;
    sink_close(p->next);
}

struct sink *part_open(struct part *p, struct sink *next)
{
    p->next = next;
    p->by_place = next->any_order;
    p->sink = (struct sink){.out = next->out,
                            .enough = next->enough,
                            .settles = next->settles,
                            .any_order = next->any_order,
                            .each = next->each,
                            .begin = part_begin,
                            .event = part_event,
                            .unfinished = part_unfinished,
                            .loss = part_loss,
                            .task = part_task,
                            .finish = part_finish,
                            .end = part_end,
                            .close = part_close};
    return &p->sink;
}

/* --- the edge where it begins --- */

/* Reads one chunk, which is not the next one, of `bytes`; 0: not known. */
static void part_read(struct part *p, uint64_t at, uint64_t index, uint64_t bytes)
{
    struct stream *s = p->stream;
    struct stream_lane *lane;

    chunk_move(&s->reader, at);
    s->in.part = bytes ? bytes : s->in.part;
    s->reader.index = index;
    (void)stream_pull(s, &lane);
}

/* The header at an offset where there is one. */
static bool part_look(struct part *p, uint64_t at, struct tp_wire_chunk *h)
{
    if (at == CUT_NOWHERE)
        return false;
    chunk_move(&p->stream->reader, at);
    return chunk_peek(&p->stream->reader, h);
}

/* What is known of a CPU from its first chunk with records and the last one before the window. */
static void part_enter_lane(struct part *p, uint32_t cpu, uint64_t first,
                            const struct tp_wire_chunk *before, const struct gap *gap,
                            uint32_t gap_count)
{
    struct stream *s = p->stream;
    struct books *b = &lane_get(s, cpu)->books;

    p->firsts = mem_reach(p->firsts, &p->first_count, cpu, 16, sizeof(*p->firsts));
    if (!p->firsts[cpu].size_bytes && !part_look(p, first, &p->firsts[cpu]))
        p->firsts[cpu].size_bytes = 0;
    if (p->firsts[cpu].size_bytes)
        intake_start(s->lanes[cpu], &p->firsts[cpu]);
    if (before->size_bytes)
        intake_enter(s, before);
    gap_free(&b->gaps);
    for (uint32_t i = 0; i < gap_count; i++)
        gap_add(&b->gaps, gap[i]);
}

/* What is known of a CPU from the chunk before the one that it begins with, or, if it has none, from a mark before `end`. */
static void part_enter_cpu(struct part *p, uint32_t cpu, const struct cut_start *start,
                           uint64_t end)
{
    if (start->at == CUT_NOWHERE && (!start->before.size_bytes || start->end > end))
        return;
    part_enter_lane(p, cpu, start->first, &start->before, start->gap, start->gap_count);
    if (start->at != CUT_NOWHERE && start->at >= p->first_at)
        seek_note(&p->stream->seek, cpu, start->at);
}

static int part_compare(const void *a, const void *b)
{
    const struct cut_start *const *x = a, *const *y = b;

    return ((*x)->at > (*y)->at) - ((*x)->at < (*y)->at);
}

/* The chunks that are not data, up to where reading goes on, that were not read yet. */
static void part_sides(struct part *p, const struct cut_edge *from, const struct cut_side *sides,
                       uint64_t end)
{
    for (; p->sides < from->side_count && sides[p->sides].at < end; p->sides++)
        part_read(p, sides[p->sides].at, sides[p->sides].index, 0);
}

/* The chunks that CPUs begin with, in the order of the input, up to the first one of this window; what is after them is
 * read as it comes. There may be none: each CPU before the edge goes on after that. Then it is read from where the input
 * had been looked at when the edge was made. */
static void part_starts(struct part *p, const struct cut_edge *from, const struct cut_side *sides)
{
    const struct cut_start *start[CUT_CPUS];
    uint64_t end;
    uint32_t n = 0;

    for (uint32_t i = 0; i < from->cpu_slots; i++)
        if (from->start[i].at < from->first_at)
            start[n++] = &from->start[i];
    qsort(start, n, sizeof(start[0]), part_compare);
    end = n ? start[n - 1]->end : from->made_at;
    part_sides(p, from, sides, end);
    for (uint32_t i = 0; i < from->cpu_slots; i++)
        part_enter_cpu(p, i, &from->start[i], end);
    /* The window before this one has all of them, and goes on to the end if one is damaged. */
    p->stream->reader.trusted = true;
    for (uint32_t i = 0; i < n; i++)
        part_read(p, start[i]->at, start[i]->index, start[i]->end - start[i]->at);
    p->stream->reader.trusted = false;
    if (!n) {
        chunk_move(&p->stream->reader, from->made_at);
        p->stream->reader.index = from->index;
    }
    p->stream->in.part = 0; /* from here on all is wanted */
}

/* After the chunks that are not data before this place. */
static void part_enter_place(struct part *p, const struct cut_edge *from,
                             const struct cut_side *sides)
{
    struct stream *s = p->stream;

    part_sides(p, from, sides, from->made_at);
    for (uint32_t i = 0; i < from->cpu_slots; i++)
        if (from->seen[i].head.size_bytes)
            part_enter_lane(p, i, from->seen[i].first, &from->seen[i].head, from->start[i].gap,
                            from->seen[i].gap_count);
    chunk_move(&s->reader, from->made_at);
    s->reader.index = from->index;
    s->in.part = 0;
}

/* As if nothing had been read but chunks that are not data. */
static void part_reset(struct part *p)
{
    struct stream *s = p->stream;

    lane_free_all(s);
    window_free(s);
    seek_close(&s->seek);
    s->seek.tried = s->seek.entered = true;
    (void)input_can_seek(&s->in, &s->seek.size);
    s->records = s->lost = s->lost_later = s->found = s->unknown_records = 0;
    s->out_of_order = s->late_records = 0;
    s->until = s->stop = 0;
    s->overfull = s->ended = s->day_told = false;
    s->capture.reported = s->reader.quiet_end = s->reader.skipped = 0;
    p->out->cut_arrays = 0;
    p->name_count = 0;
    p->ended = p->is_alone = false;
    p->merge->stepwise = false;
    p->merge->held = NULL;
    p->sink.enough = p->next->enough = false;
    p->sink.direct = NULL;
    s->tasks.generation++; /* what was asked for is asked for again */
    if (p->select)
        select_counts_clear(p->select);
    if (p->answer)
        p->answer->forget(p->answer);
}

/* What the first try has left. */
static void part_undo(struct part *p, const struct cut_side *sides)
{
    struct stream *s = p->stream;

    task_copy(&s->tasks, &p->before);
    capture_close(&s->capture);
    part_read(p, sides[0].at, sides[0].index, 0);
}

/* Where the window ends; NULL: at the end of the input. */
static void part_set_end(struct part *p, const struct cut_edge *until)
{
    struct stream *s = p->stream;

    p->until = until;
    p->limit = 0;
    s->until = until && !p->by_place ? until->time : 0;
    s->stop = until && p->by_place ? until->made_at : 0;
    s->at_end = part_at_end;
    s->at_end_context = p;
}

void part_start(struct part *p, const struct cut_edge *until)
{
    part_set_end(p, until);
    merge_start(p->merge);
}

void part_enter(struct part *p, const struct cut_edge *from, const struct cut_side *sides,
                bool again)
{
    struct stream *s = p->stream;
    uint64_t done = s->in.offset + s->reader.consume;

    s->at_end = NULL;
    part_reset(p);
    if (again)
        part_undo(p, sides);
    for (; !again && p->sides < from->side_count && sides[p->sides].at < done;)
        p->sides++;
    if (p->by_place) {
        part_enter_place(p, from, sides);
    } else {
        s->from = from->time;
        p->first_at = from->first_at;
        part_starts(p, from, sides);
        s->seek.end = from->data_end;
    }
    if (again) {
        *s->diag.diag = p->diag;
        s->diag.lines = p->lines;
        s->reader.hint = p->hint;
    } else {
        task_copy(&p->before, &s->tasks);
    }
}

void part_resume(struct part *p, const struct cut_edge *until, const struct part_first *first)
{
    struct stream *s = p->stream;

    p->first = *first;
    s->base_ns = first->base_ns;
    s->day_known = first->day_known;
    s->based = true;
    part_set_end(p, until);
    merge_enter(p->merge);
    p->said_before = *p->said;
    p->diag = *s->diag.diag;
    p->lines = s->diag.lines;
    p->hint = s->reader.hint;
}

void part_name(struct part *p, const struct part_name *n)
{
    task_name(&p->stream->tasks, n->pid, n->group, n->name, true);
}
