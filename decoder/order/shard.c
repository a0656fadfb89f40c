/* SPDX-License-Identifier: MIT */
/* shard.c - one of several parts of a dump. */
#include "order/shard.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/number.h"
#include "base/range.h"
#include "order/preview.h"

static const struct shard_time shard_never = {UINT32_MAX, UINT64_MAX};

const char *shard_read(struct shard_options *o, const char *text)
{
    uint64_t number, count;

    if (!range_number(&text, SHARD_MAX, &number) || *text != '/')
        return "not a part of so many, as 3/16:";
    text++;
    if (!range_number(&text, SHARD_MAX, &count) || *text || !number || number > count)
        return "not a part of so many, as 3/16:";
    *o = (struct shard_options){(uint32_t)number, (uint32_t)count};
    return NULL;
}

static bool shard_before(struct shard_time a, struct shard_time b)
{
    return a.capture != b.capture ? a.capture < b.capture : a.ticks < b.ticks;
}

static int shard_compare(const void *a, const void *b)
{
    const struct shard_time *x = a, *y = b;

    return shard_before(*y, *x) - shard_before(*x, *y);
}

/* --- where the parts are --- */

static void shard_sample(void *context, uint32_t capture, const struct tp_wire_chunk *h,
                         uint64_t at)
{
    struct shard *s = context;

    (void)at;
    for (s->rest += h->size_bytes; s->rest >= s->unit && s->sample_count < SHARD_SAMPLES;
         s->rest -= s->unit)
        s->samples[s->sample_count++] = (struct shard_time){capture, h->time};
}

/* The time at which part i ends. */
static struct shard_time shard_cut(const struct shard *s, uint32_t i)
{
    if (!i)
        return (struct shard_time){0, 0};
    if (i == s->options->count || !s->sample_count)
        return shard_never;
    return s->samples[(uint64_t)s->sample_count * i / s->options->count];
}

/* Where data is that is before the part, and that is after it. */
static void shard_place(void *context, uint32_t capture, const struct tp_wire_chunk *h, uint64_t at)
{
    struct shard *s = context;
    struct shard_time t = {capture, h->time};

    if (shard_before(t, s->first))
        seek_note(&s->stream->seek, h->cpu, at);
    else if (at < s->data_at)
        s->data_at = at;
    if (shard_before(t, s->last))
        s->data_end = at + h->size_bytes;
}

/* Looks through the input once more, if it is in order: what is before the part need not be read. */
static void shard_leave_out(struct shard *s)
{
    struct seek *k = &s->stream->seek;

    if (!s->stream->survey.single || !s->stream->survey.ordered)
        return;
    s->survey = (struct survey){.data = shard_place, .context = s};
    s->data_at = UINT64_MAX;
    (void)preview_again(s->stream, &s->survey);
    survey_close(&s->survey);
    k->tried = k->entered = true;
    (void)input_can_seek(&s->stream->in, &k->size);
    k->end = s->data_at > k->size            ? k->size
             : s->data_at > SHARD_NEAR_BYTES ? s->data_at - SHARD_NEAR_BYTES
                                             : 0;
    s->stops = true;
}

static void shard_plan(struct shard *s, struct stream *from)
{
    const struct shard_options *o = s->options;
    uint64_t size;

    s->planned = true;
    s->stream = from;
    if (!input_can_seek(&from->in, &size)) {
        s->wrong = s->sink.enough = true;
        diag_line(s->diag, "--shard: parts can be found only in a dump that is a plain file");
        return;
    }
    s->unit = size / SHARD_SAMPLES + 1;
    s->samples = mem_alloc(SHARD_SAMPLES * sizeof(*s->samples));
    s->survey = (struct survey){.data = shard_sample, .context = s};
    (void)preview_again(from, &s->survey);
    survey_close(&s->survey);
    qsort(s->samples, s->sample_count, sizeof(*s->samples), shard_compare);
    s->first = shard_cut(s, o->number - 1);
    s->last = shard_cut(s, o->number);
    shard_leave_out(s);
}

/* --- items --- */

static bool shard_has(struct shard *s, const struct stream_lane *lane)
{
    struct stream *from = lane->stream;
    struct shard_time t = {from->captures, lane->time};

    if (shard_before(t, s->first))
        return false;
    if (shard_before(t, s->last))
        return true;
    /* All that is of this part was read, and is before this item. */
    if (s->stops && from->in.offset >= s->data_end && !from->waiting)
        s->sink.enough = true;
    return false;
}

static void shard_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct shard *s = (struct shard *)k;

    if (!shard_has(s, lane))
        return;
    s->records++;
    if (s->next->event)
        s->next->event(s->next, lane, e);
    k->enough = s->next->enough;
}

static void shard_unfinished(struct sink *k, struct stream_lane *lane,
                             const struct metadata_event *e)
{
    struct shard *s = (struct shard *)k;

    if (shard_has(s, lane) && s->next->unfinished)
        s->next->unfinished(s->next, lane, e);
}

static void shard_loss(struct sink *k, struct stream_lane *lane)
{
    struct shard *s = (struct shard *)k;

    if (!shard_has(s, lane))
        return;
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        s->lost = number_add(s->lost, lane->loss[i]);
    if (s->next->loss)
        s->next->loss(s->next, lane);
}

static void shard_task(struct sink *k, struct stream_lane *lane)
{
    struct shard *s = (struct shard *)k;

    if (s->begun && s->next->task)
        s->next->task(s->next, lane);
}

static void shard_begin(struct sink *k, struct stream *from)
{
    struct shard *s = (struct shard *)k;

    if (!s->planned)
        shard_plan(s, from);
    /* A part without items has the capture that it is in: what is written is not nothing. */
    if (s->wrong || from->captures < s->first.capture || from->captures > s->last.capture)
        return;
    s->begun = true;
    if (s->next->begin)
        s->next->begin(s->next, from);
    k->enough = s->next->enough;
}

/* What is counted over all of a capture is of the part that has its end. */
static void shard_finish(struct sink *k, struct stream *from)
{
    struct shard *s = (struct shard *)k;
    struct shard_time end = {from->captures, UINT64_MAX};

    if (s->begun && shard_before(end, s->last)) {
        s->lost = number_add(s->lost, from->strangers);
        if (s->next->finish)
            s->next->finish(s->next, from);
        s->begun = false;
        return;
    }
    from->counts_told = true;
    k->enough = k->enough || s->begun;
}

static void shard_end(struct sink *k)
{
    struct shard *s = (struct shard *)k;

    /* What was asked for and is not in this part may be in another. */
    s->next->enough = s->next->enough || s->options->count > 1;
    if (s->next->end)
        s->next->end(s->next);
}

static void shard_close(struct sink *k)
{
    struct shard *s = (struct shard *)k;

    sink_close(s->next);
    survey_close(&s->survey);
    free(s->samples);
    s->samples = NULL;
}

struct sink *shard_open(struct shard *s, const struct shard_options *o, struct sink *next,
                        struct diag *diag)
{
    *s = (struct shard){
        .sink = {.out = next->out,
                 .begin = shard_begin,
                 .event = shard_event,
                 .unfinished = shard_unfinished,
                 .loss = shard_loss,
                 .task = shard_task,
                 .finish = shard_finish,
                 .end = shard_end,
                 .close = shard_close},
        .options = o,
        .next = next,
        .diag = diag,
        .last = shard_never,
    };
    return &s->sink;
}
