/* SPDX-License-Identifier: MIT */
/* survey.c - a look through the whole of an input before it is read. */
#include "order/survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/load.h"
#include "base/mem.h"
#include "bytes/chunk.h"
#include "bytes/guide.h"
#include "model/metadata.h"
#include "model/record.h"

struct survey_work {
    struct survey *v;
    struct diag diag;
    struct diag_file file;
    struct chunk_reader reader;
    struct input front; /* what survey_front() reads */
    uint64_t size;
    uint64_t *times; /* by CPU: of the last chunk */
    uint32_t slots;
    uint32_t last;   /* the capture of the last chunk */
    uint32_t of;     /* the capture of `metadata`; if that is known, it was not reported yet */
    bool numberless; /* an image: its chunks have no numbers */
    bool left_out;   /* there is metadata of a capture that there was no room for */
    struct metadata metadata;
};

/* The last one with this number. */
static struct survey_capture *survey_current(struct survey_work *w, uint64_t stream)
{
    struct survey *v = w->v;

    if (w->last < v->count && v->captures[w->last].stream == stream)
        return &v->captures[w->last];
    for (uint32_t i = v->count; i--;)
        if (v->captures[i].stream == stream) {
            w->last = i;
            return &v->captures[i];
        }
    return NULL;
}

/* The capture of a chunk, which may begin with it. NULL: there are too many. */
static struct survey_capture *survey_capture(struct survey_work *w, const struct tp_wire_chunk *h,
                                             uint64_t at)
{
    struct survey *v = w->v;
    struct survey_capture *c = survey_current(w, h->stream);
    bool zero = h->type != TP_CHUNK_DATA && !h->seq && h->cpu == TP_CHUNK_NO_CPU && !w->numberless;
    uint64_t sum = survey_sum(h);

    if (c && zero && !c->zero)
        c->zero = sum;
    if (c && (!zero || c->zero == sum))
        return c;
    v->single = !v->count;
    if (v->count == SURVEY_CAPTURES)
        return NULL;
    v->captures = mem_grow(v->captures, (v->count + 1) * sizeof(*v->captures));
    c = &v->captures[w->last = v->count++];
    memset(c, 0, sizeof(*c));
    c->at = at;
    c->stream = h->stream;
    c->zero = zero ? sum : 0;
    return c;
}

static void survey_data(struct survey_work *w, const struct tp_wire_chunk *h, uint64_t at)
{
    if (h->cpu >= w->slots) {
        uint32_t slots = h->cpu + 64u;

        w->times = mem_grow(w->times, slots * sizeof(*w->times));
        memset(w->times + w->slots, 0, (slots - w->slots) * sizeof(*w->times));
        w->slots = slots;
    }
    /* What a mark promises is not the time of a record. */
    if (h->size_bytes == h->header_bytes)
        return;
    w->v->ordered = w->v->ordered && h->time >= w->times[h->cpu];
    w->times[h->cpu] = h->time;
    if (w->v->data && h->cpu != TP_CHUNK_NO_CPU)
        w->v->data(w->v->context, w->last + 1, h, at);
}

/* When its last record was. */
static void survey_last(struct survey_capture *s, const struct chunk *c)
{
    struct record_walk walk;
    enum record_kind kind;
    struct record r;

    if (c->bad || c->head.cpu == TP_CHUNK_NO_CPU)
        return;
    record_walk_start(&walk, c->payload, c->payload_bytes, c->head.time, c->swap,
                      c->head.flags & TP_CHUNK_CONTEXT);
    while ((kind = record_next(&walk, &r)) != RECORD_NONE && kind != RECORD_DAMAGED) {
        if (kind != RECORD_EVENT && kind != RECORD_UNFINISHED)
            continue;
        s->end = !s->ends || r.time > s->end ? r.time : s->end;
        s->ends = true;
    }
}

/* Tells what events a capture has, so far. */
static void survey_tell(struct survey_work *w)
{
    if (w->v->events && w->metadata.known)
        w->v->events(w->v->context, &w->metadata);
    metadata_free(&w->metadata);
}

static void survey_side(struct survey_work *w, struct survey_capture *s, const struct chunk *c)
{
    struct metadata *m = &w->metadata;
    const uint8_t *p = c->payload;

    if (c->bad)
        return;
    if (c->head.type == TP_CHUNK_METADATA && (!s->hz || w->v->events)) {
        if (w->of != (uint32_t)(s - w->v->captures))
            survey_tell(w);
        w->of = (uint32_t)(s - w->v->captures);
        if (metadata_read(m, c->payload, c->payload_bytes, 0, &w->file, c->index) && !s->hz)
            s->hz = m->clock_told;
        if (!w->v->events)
            metadata_free(m);
    }
    if (c->head.type != TP_CHUNK_CLOCK)
        return;
    for (size_t n = chunk_entries(c, sizeof(struct tp_wire_clock)); n;
         n--, p += sizeof(struct tp_wire_clock))
        clock_spread(&s->pairs, load_u64(p, c->swap),
                     load_u64(p + offsetof(struct tp_wire_clock, wall_ns), c->swap));
}

static bool survey_step(struct survey_work *w)
{
    struct survey_capture *s;
    struct tp_wire_chunk h;
    struct chunk c;

    if (!w->v->ends && chunk_peek(&w->reader, &h) && h.type == TP_CHUNK_DATA &&
        h.size_bytes <= w->size - w->reader.in->offset) {
        survey_capture(w, &h, w->reader.in->offset);
        survey_data(w, &h, w->reader.in->offset);
        chunk_pass(&w->reader, &h);
        return true;
    }
    if (chunk_next(&w->reader, &c) != CHUNK_FOUND)
        return false;
    s = survey_capture(w, &c.head, c.at);
    if (c.head.type == TP_CHUNK_DATA)
        survey_data(w, &c.head, c.at);
    if (c.head.type == TP_CHUNK_DATA && s && w->v->ends)
        survey_last(s, &c);
    else if (s)
        survey_side(w, s, &c);
    w->left_out = w->left_out || (!s && c.head.type == TP_CHUNK_METADATA);
    return true;
}

static void survey_end(struct survey *v)
{
    if (!v->work)
        return;
    chunk_close(&v->work->reader);
    input_close(&v->work->front);
    metadata_free(&v->work->metadata);
    free(v->work->times);
    free(v->work);
    v->work = NULL;
}

static struct survey_work *survey_start(struct survey *v, struct input *in, uint64_t size)
{
    struct survey_work *w;

    v->work = w = mem_zero(sizeof(*w));
    w->v = v;
    w->size = size;
    w->file = (struct diag_file){.diag = &w->diag, .name = "", .quiet = true};
    w->front.fd = -1;
    chunk_open(&w->reader, in, &w->file);
    return w;
}

/* Of an input that can be read twice. */
static void survey_twice(struct survey *v, struct input *in)
{
    struct survey_work *w = survey_start(v, NULL, 0);

    if (input_again(in, &w->front, &w->file)) {
        w->numberless = in->image;
        w->reader.in = &w->front;
        v->front = true;
        while (survey_step(w))
            ;
    }
    survey_tell(w);
    survey_end(v);
}

bool survey_look(struct survey *v, struct input *in, uint64_t at)
{
    struct survey_work *w;
    uint64_t size;

    v->done = true;
    input_fill(in, 1);
    if (!input_can_seek(in, &size)) {
        if (v->ends)
            survey_twice(v, in);
        return v->single = v->ordered = false;
    }
    v->single = v->ordered = true;
    w = survey_start(v, in, size);
    input_seek(in, 0);
    while (survey_step(w))
        ;
    survey_tell(w);
    v->told = v->events && !w->left_out;
    survey_end(v);
    input_seek(in, at);
    return true;
}

/* How many bytes the chunks before the first data are, as far as they are there. */
static size_t survey_front_bytes(struct input *in)
{
    struct tp_wire_chunk h;
    size_t n = 0;
    bool swap;

    while (input_fill(in, n + TP_WIRE_CHUNK_BYTES) >= n + TP_WIRE_CHUNK_BYTES &&
           header_sizes(input_at(in) + n, &h, &swap) && h.type != TP_CHUNK_DATA &&
           h.size_bytes <= SURVEY_FRONT_BYTES - n &&
           input_fill(in, n + h.size_bytes) >= n + h.size_bytes)
        n += h.size_bytes;
    return n;
}

void survey_front(struct survey *v, struct input *in)
{
    size_t n = survey_front_bytes(in);
    struct survey_work *w;

    v->done = v->front = true;
    w = survey_start(v, NULL, n);
    w->reader.in = &w->front;
    input_open_memory(&w->front, input_at(in), n);
    while (survey_step(w))
        ;
    survey_tell(w);
    survey_end(v);
    v->single = !input_fill(in, 1); /* nothing comes; else it is not known */
}

void survey_take(struct survey *v, struct guide *g)
{
    const struct guide_foot *f = guide_foot(g);
    const struct guide_capture *from = guide_tables(g)->captures;
    const struct guide_pair *pair = guide_tables(g)->pairs;

    v->done = v->taken = true;
    v->single = f->flags & GUIDE_SINGLE;
    v->ordered = f->flags & GUIDE_ORDERED;
    v->captures = mem_zero((f->captures + 1) * sizeof(*v->captures));
    for (v->count = 0; v->count < f->captures; v->count++, from++) {
        struct survey_capture *c = &v->captures[v->count];

        c->at = from->at;
        c->stream = from->stream;
        c->zero = from->zero;
        c->hz = from->hz;
        for (uint64_t i = 0; i < from->pairs; i++, pair++)
            clock_spread(&c->pairs, pair->ticks, pair->wall_ns);
    }
}

void survey_forget(struct survey *v)
{
    free(v->captures);
    *v = (struct survey){
        .events = v->events, .data = v->data, .context = v->context, .ends = v->ends};
}

const struct survey_capture *survey_find(const struct survey *v, uint64_t at)
{
    for (uint32_t i = 0; i < v->count; i++)
        if (v->captures[i].at == at)
            return &v->captures[i];
    return NULL;
}

void survey_close(struct survey *v)
{
    survey_end(v);
    free(v->captures);
    *v = (struct survey){.done = false};
}
