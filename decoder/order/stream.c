/* SPDX-License-Identifier: MIT */
/* stream.c - one input, and the capture that is being read from it. */
#include "order/stream.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/load.h"
#include "base/mem.h"
#include "base/number.h"
#include "bytes/guide.h"
#include "bytes/header.h"
#include "bytes/watch.h"
#include "order/description.h"
#include "order/intake.h"
#include "order/join.h"
#include "order/lane.h"
#include "order/preview.h"
#include "order/skip.h"
#include "order/window.h"

const char *const stream_causes[STREAM_LOST_CAUSES] = {
    [TP_LOST_FULL] = "full",
    [TP_LOST_NESTED] = "nested",
    [TP_LOST_OVERSIZE] = "oversize",
    [TP_LOST_RECURSION] = "recursion",
    [TP_LOST_OVERWRITTEN] = "overwritten",
    [STREAM_LOST_MISSING] = "missing",
    [STREAM_LOST_UNFINISHED] = "unfinished",
};

void stream_open(struct stream *s, uint32_t number, const char *name, struct diag *diag)
{
    s->number = s->named = number;
    s->diag = (struct diag_file){.diag = diag, .name = name};
    chunk_open(&s->reader, &s->in, &s->diag);
    s->gate = (struct stream_lane){.stream = s, .gate = true};
}

void stream_close(struct stream *s)
{
    window_free(s);
    capture_close(&s->capture);
    survey_close(&s->survey);
    lane_free_all(s);
    copies_free(&s->copies);
    metadata_free(&s->metadata);
    task_free(&s->tasks);
    seek_close(&s->seek);
    guide_close(s->guide);
    s->guide = NULL;
    free(s->text_cache);
    s->text_cache = NULL;
    free(s->suppressed);
    s->suppressed = NULL;
    chunk_close(&s->reader);
    input_close(&s->in);
}

/* How many entries a chunk has of those that it declares. */
static size_t stream_entries(struct stream *s, const struct chunk *c, size_t each, const char *what)
{
    size_t n = c->bad ? 0 : chunk_entries(c, each);

    if (!c->bad && n < c->head.records)
        diag_damage(&s->diag, "chunk %" PRIu64 ": declares %" PRIu32 " %s and has room for %zu",
                    c->index, c->head.records, what, n);
    return n;
}

static void stream_tasks(struct stream *s, const struct chunk *c)
{
    size_t n = stream_entries(s, c, sizeof(struct tp_wire_task), "tasks");

    for (const uint8_t *p = c->payload; n; n--, p += sizeof(struct tp_wire_task))
        task_name(&s->tasks, load_u32(p, c->swap),
                  load_u32(p + offsetof(struct tp_wire_task, group), c->swap),
                  p + offsetof(struct tp_wire_task, name), false);
}

static void stream_clock(struct stream *s, const struct chunk *c)
{
    size_t n = stream_entries(s, c, sizeof(struct tp_wire_clock), "clock pairs");

    for (const uint8_t *p = c->payload; n; n--, p += sizeof(struct tp_wire_clock))
        clock_pair(&s->pairs, load_u64(p, c->swap),
                   load_u64(p + offsetof(struct tp_wire_clock, wall_ns), c->swap));
}

static void stream_raise_count(struct stream *s, uint32_t id, uint64_t count)
{
    s->suppressed = mem_reach(s->suppressed, &s->suppressed_slots, id, 64, sizeof(*s->suppressed));
    if (count > s->suppressed[id])
        s->suppressed[id] = count;
}

static void stream_counts(struct stream *s, const struct chunk *c)
{
    size_t n = stream_entries(s, c, sizeof(struct tp_wire_count), "counts");

    for (const uint8_t *p = c->payload; n; n--, p += sizeof(struct tp_wire_count)) {
        uint32_t id = load_u32(p, c->swap);
        uint32_t kind = load_u32(p + offsetof(struct tp_wire_count, kind), c->swap);
        uint64_t count = load_u64(p + offsetof(struct tp_wire_count, count), c->swap);

        if (kind == TP_COUNT_UNKNOWN_CPU && count > s->strangers)
            s->strangers = count;
        if (kind != TP_COUNT_SUPPRESSED)
            continue;
        if (id == TP_ID_NONE || id > TP_ID_EVENT_MAX)
            diag_damage(&s->diag, "chunk %" PRIu64 ": a count of %" PRIu32 ", which is no event",
                        c->index, id);
        else
            stream_raise_count(s, id, count);
    }
}

uint64_t stream_suppressed(const struct stream *s, uint32_t *id)
{
    while (++*id < s->suppressed_slots)
        if (s->suppressed[*id])
            return s->suppressed[*id];
    return 0;
}

void stream_tell_counts(struct stream *s)
{
    uint64_t count;
    uint32_t id = 0;

    if (s->strangers)
        diag_plain(s->diag.diag,
                   "%" PRIu64 " records lost: fired on CPUs that the trace does not have",
                   s->strangers);
    while ((count = stream_suppressed(s, &id))) {
        const struct metadata_event *e = metadata_event(&s->metadata, id);

        if (e)
            diag_plain(s->diag.diag, "%.*s:%.*s: %" PRIu64 " records left out by sampling",
                       (int)e->sys.n, e->sys.bytes, (int)e->name.n, e->name.bytes, count);
    }
}

/* The next capture has other ids. */
static void stream_end_counts(struct stream *s)
{
    uint32_t id = 0, unknown = 0;

    while (stream_suppressed(s, &id))
        unknown += !metadata_event(&s->metadata, id);
    if (unknown && s->metadata.known)
        diag_fail(&s->diag, "%" PRIu32 " counts of events that no metadata defines", unknown);
    free(s->suppressed);
    s->suppressed = NULL;
    s->suppressed_slots = 0;
    s->lost = number_add(s->lost, s->strangers);
    s->strangers = 0;
    s->counts_told = false;
}

/* Only the first end changes what lanes are waited for: one for each of many does not look at all of
 * them again. */
static enum stream_change stream_end_mark(struct stream *s, const struct chunk *c)
{
    if (c->bad || s->ended)
        return STREAM_SAME;
    s->ended = true;
    if (s->in.watch)
        s->in.watch->ended = true;
    return STREAM_ALL;
}

/* A chunk that is not data. */
static enum stream_change stream_side(struct stream *s, const struct chunk *c)
{
    switch (c->head.type) {
    case TP_CHUNK_METADATA:
        return description_take(s, c);
    case TP_CHUNK_TASKS:
        stream_tasks(s, c);
        return STREAM_SAME;
    case TP_CHUNK_END:
        return stream_end_mark(s, c);
    case TP_CHUNK_CLOCK:
        stream_clock(s, c);
        return STREAM_SAME;
    case TP_CHUNK_COUNTS:
        stream_counts(s, c);
        return STREAM_SAME;
    default: /* what a newer minor version adds */
        return STREAM_SAME;
    }
}

/* The first chunk of a capture. */
static void stream_begin(struct stream *s, const struct chunk *c)
{
    const struct survey_capture *v = survey_find(&s->survey, c->at);
    bool zero = c->head.type == TP_CHUNK_METADATA && !c->head.seq && c->head.cpu == TP_CHUNK_NO_CPU;

    s->id = c->head.stream;
    if (s->joins)
        join_enter(s, s->in.image ? s->join_zero : zero ? survey_sum(&c->head) : 0);
    s->started = true;
    s->captures++;
    s->first_at = c->at;
    if (s->survey.ends && !s->others) {
        s->end_known = v && v->ends;
        s->end_ns = s->end_known ? preview_end_ns(s, v) : 0;
    }
    for (unsigned i = 0; v && i < v->pairs.count; i++)
        clock_pair(&s->pairs, v->pairs.at[i].ticks, v->pairs.at[i].wall_ns);
}

static enum stream_change stream_accept(struct stream *s, const struct chunk *c,
                                        struct stream_lane **lane)
{
    enum stream_change change, more;

    if (!s->started)
        stream_begin(s, c);
    s->id = c->head.stream;
    s->flags |= c->head.flags & (uint16_t)~TP_CHUNK_MUST_KNOW;
    if (c->head.type == TP_CHUNK_DATA) {
        if (!s->metadata.known && s->given && !s->given_wrong && !c->bad)
            description_use_given(s, c);
        return window_data(s, c, lane);
    }
    change = stream_side(s, c);
    more = window_tick(s, lane);
    return change > more ? change : more;
}

/* What it is, if it is no dump, and what to do. False: nothing is known. */
static bool stream_hint(struct stream *s)
{
    char text[HINT_TEXT_BYTES];

    if (!hint_text(&s->reader.hint, &s->in, s->diag.name, s->reader.index, text))
        return false;
    if (s->reader.index)
        diag_note(&s->diag, "%s", text);
    else
        diag_fail(&s->diag, "%s", text);
    return true;
}

/* The input is at its end; what there is to say about the whole of it. */
static void stream_input_end(struct stream *s)
{
    const char *problem = input_problem(&s->in);
    bool hinted;

    if (s->in.error || s->in.refused)
        diag_fail(&s->diag, "%s", problem);
    else if (input_is_cut(&s->in))
        diag_cut(&s->diag, "%s", problem);
    else if (problem)
        diag_damage(&s->diag, "%s", problem);
    hinted = !problem && stream_hint(s);
    if (s->reader.index || problem || s->in.image)
        return;
    s->diag.diag->foreign = true;
    if (hinted)
        return;
    if (!s->in.offset)
        diag_fail(&s->diag, "empty, not a dump");
    else
        diag_fail(&s->diag, "not a tracepoint dump (no chunk found in %" PRIu64 " bytes)",
                  s->in.offset);
}

void stream_drop_undecoded(struct stream *s)
{
    if (s->undecoded_chunks && (s->in.image || s->in.probe) && !s->given)
        diag_note(&s->diag,
                  "the region has no metadata that can be used: give that of another dump "
                  "of this kernel, by --metadata");
    if (s->undecoded_chunks)
        diag_fail(&s->diag,
                  "%" PRIu64 " data chunks at byte 0x%" PRIx64
                  " but no metadata: records cannot be decoded",
                  s->undecoded_chunks, s->undecoded_at);
    s->undecoded_chunks = 0;
    lane_drop_all(s);
}

/* No more chunks of this capture will come. */
static void stream_end_capture(struct stream *s)
{
    s->closing = true;
    if (!s->started)
        return;
    window_end(s);
    if (!s->metadata.known) {
        if (!s->undecoded_chunks && !s->refused)
            diag_fail(&s->diag, "no metadata: nothing can be decoded");
        stream_drop_undecoded(s);
    }
    if (!s->ended && !s->refused)
        diag_open_end(&s->diag, "no end mark: tracing went on, or the dump was cut");
}

void stream_leave_out(struct stream *s, uint64_t before)
{
    s->seek.wanted = !s->seek.tried;
    s->seek.from = before;
    if (s->shift) {
        __int128 from = before - s->shift;

        s->seek.from = from < 0 ? 0 : from > UINT64_MAX ? UINT64_MAX : (uint64_t)from;
    }
}

/* Skips far ahead, if that is possible. Lanes keep what they have. */
static void stream_jump(struct stream *s)
{
    uint64_t go, at = s->in.offset + s->reader.consume;

    s->seek.wanted = false;
    s->seek.tried = true;
    if (!s->survey.single || !s->survey.ordered)
        return;
    if (!seek_find(&s->seek, &s->in, at, s->id, &go))
        return;
    chunk_move(&s->reader, go);
    s->jumped = true;
    lane_unsync_all(s);
}

/* After the same chunk 0: does the data that follows show another boot? */
static bool stream_is_other(struct stream *s, const struct chunk *c)
{
    enum intake_start start = c->head.type == TP_CHUNK_DATA ? intake_compare(s, &c->head)
                                                            : INTAKE_ELSEWHERE;

    if (start == INTAKE_SAME)
        capture_trust(&s->capture);
    else if (start == INTAKE_ELSEWHERE && c->head.type == TP_CHUNK_DATA)
        capture_unsure(&s->capture, c);
    if (start != INTAKE_OTHER)
        return false;
    capture_part(&s->capture, &s->reader, c);
    return true;
}

static enum stream_change stream_next_capture(struct stream *s)
{
    capture_back(&s->capture, &s->reader);
    s->has_next = true;
    stream_end_capture(s);
    return STREAM_ALL;
}

/* Nothing more can be read. */
static enum stream_change stream_at_end(struct stream *s)
{
    s->has_next = capture_back(&s->capture, &s->reader);
    if (!s->has_next)
        s->has_part = input_next_part(&s->in);
    if (!s->has_next && !s->has_part)
        stream_input_end(s);
    s->diag.quiet = false;
    stream_end_capture(s);
    return STREAM_ALL;
}

static bool stream_may_end(struct stream *s)
{
    return !s->at_end || s->at_end(s->at_end_context);
}

enum stream_change stream_pull(struct stream *s, struct stream_lane **lane)
{
    char made[HEADER_MADE_BYTES];
    struct tp_wire_chunk passed;
    enum stream_change change;
    enum chunk_status status;
    bool lanes = false;
    struct chunk c;

    if (s->stop && s->in.offset + s->reader.consume >= s->stop && !stream_may_end(s))
        return STREAM_SAME;
    if (s->look)
        preview_first(s);
    if (s->seek.wanted)
        stream_jump(s);
    while (seek_pass(&s->seek, &s->reader, &passed))
        if (s->seek.entered) {
            intake_enter(s, &passed);
            lanes = true;
        }
    if (skip_ahead(s))
        return lanes ? STREAM_ALL : STREAM_SAME;
    status = capture_next(&s->capture, &s->reader, &c);
    if (status == CHUNK_FOUND && s->diag.quiet && c.bad)
        status = CHUNK_NONE;
    if (status != CHUNK_FOUND && !stream_may_end(s))
        return STREAM_SAME;
    switch (status) {
    case CHUNK_NONE:
        return stream_at_end(s);
    case CHUNK_REFUSED:
        s->refused = s->diag.diag->refused = true;
        diag_fail(&s->diag, "%s", header_made_by(made, c.head.major, c.head.minor));
        stream_end_capture(s);
        return STREAM_ALL;
    case CHUNK_FOUND:
        break;
    }
    switch (capture_judge(&s->capture, &s->reader, &c, s->ended)) {
    case CAPTURE_ASIDE:
        return STREAM_SAME;
    case CAPTURE_OVER:
        return stream_may_end(s) ? stream_next_capture(s) : STREAM_SAME;
    case CAPTURE_OWN:
        break;
    }
    if (s->capture.doubt && stream_is_other(s, &c))
        return stream_may_end(s) ? stream_next_capture(s) : STREAM_SAME;
    skip_check(s, &c);
    if (s->seen)
        s->seen(s->seen_context, s, &c);
    change = stream_accept(s, &c, lane);
    return lanes ? STREAM_ALL : change;
}

static void stream_tell_unknown(struct stream *s)
{
    if (s->unknown_records)
        diag_fail(&s->diag,
                  "%" PRIu64 " records of events that no metadata defines, shown as bytes",
                  s->unknown_records);
    s->unknown_records = 0;
    if (s->out_of_order)
        diag_note(&s->diag, "%" PRIu64 " chunks came out of order, and were put in order",
                  s->out_of_order);
    s->out_of_order = 0;
    if (s->late_records)
        diag_note(&s->diag,
                  "%" PRIu64 " records came too late to be put in order: they are not lost",
                  s->late_records);
    s->late_records = 0;
    if (s->shared)
        diag_note(&s->diag, "%" PRIu64 " records are in another input too, and are shown once",
                  s->shared);
    s->shared = 0;
    if (s->clamped)
        diag_note(&s->diag, "--offset moves some times to before 0: they are shown as 0");
    s->clamped = false;
}

void stream_stop(struct stream *s)
{
    stream_tell_unknown(s);
    diag_file_end(&s->diag);
}

void stream_settle(struct stream *s)
{
    if (!s->closing || s->busy)
        return;
    stream_tell_unknown(s);
    stream_end_counts(s);
    lane_free_all(s);
    copies_free(&s->copies);
    metadata_free(&s->metadata);
    task_free(&s->tasks);
    s->flags = 0;
    s->pairs.count = 0;
    s->pairs.version++;
    s->started = s->ended = s->closing = s->announced = false;
    s->given_wrong = false;
    s->wants = NULL;
    s->jumped = s->previous = s->based = s->day_known = s->day_told = false;
    s->gate.waived = false;
    if (s->in.watch)
        s->in.watch->ended = false;
    join_leave(s);
    s->shift = 0;
    capture_reset(&s->capture);
    s->pulled = 0;
    if (s->has_next) {
        s->has_next = false;
        return;
    }
    if (s->has_part) {
        s->has_part = false;
        if (s->survey.front || s->survey.ends) /* of the one before */
            survey_forget(&s->survey);
        s->capture.reported = 0;
        chunk_close(&s->reader);
        chunk_open(&s->reader, &s->in, &s->diag);
        return;
    }
    s->done = s->closing = true;
    diag_file_end(&s->diag);
}
