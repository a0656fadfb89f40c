/* SPDX-License-Identifier: MIT */
/* skip.c - chunks that are left out by what the index beside a dump says of them. */
#include "order/skip.h"

#include "base/number.h"
#include "bytes/guide.h"
#include "order/intake.h"

_Static_assert(GUIDE_CAUSES == STREAM_LOST_CAUSES, "each cause of loss has its sum");

static bool skip_is_repeat(const struct guide_chunk *c)
{
    return c->type == TP_CHUNK_METADATA && c->flags & GUIDE_REPEAT;
}

/* Is a chunk left out? Then what is in it was taken into account. */
static bool skip_one(struct stream *s, const struct guide_chunk *c)
{
    if (skip_is_repeat(c))
        return true;
    if (c->type != TP_CHUNK_DATA || c->flags & GUIDE_KEEP || s->wants(s->wants_context, s, c))
        return false;
    intake_leave_out(s, c->cpu, c->records, c->last);
    return true;
}

/* All data is left out, and what repeats metadata. */
static void skip_data(struct stream *s, uint64_t at)
{
    const struct guide_other *o = guide_next_other(s->guide, at);
    const struct guide_foot *f = guide_foot(s->guide);
    uint64_t go = o ? o->at : f->dump_bytes, index = o ? o->index : f->chunks;

    if (go > at && index > s->reader.index)
        chunk_leap(&s->reader, index - s->reader.index, go);
}

bool skip_ahead(struct stream *s)
{
    uint64_t at = s->in.offset + s->reader.consume, n = 0;
    const struct guide_chunk *c;
    bool repeat = false;

    if (s->summed)
        skip_data(s, at);
    if (s->summed || !s->wants)
        return false;
    while (!repeat && (c = guide_at(s->guide, at)) && skip_one(s, c)) {
        repeat = skip_is_repeat(c);
        at += c->size_bytes;
        n++;
    }
    if (!n)
        return false;
    chunk_leap(&s->reader, n, at);
    if (c && s->in.start == s->in.end)
        s->in.part = c->size_bytes; /* what follows may be left out again */
    return repeat;
}

/* Is there, by the index, another chunk at its place? */
static bool skip_is_other(struct stream *s, const struct chunk *c)
{
    const struct guide_other *o = s->summed ? guide_next_other(s->guide, c->at) : NULL;
    const struct guide_chunk *g = s->summed ? NULL : guide_at(s->guide, c->at);

    if (s->summed)
        return c->head.type != TP_CHUNK_DATA &&
               (!o || o->at != c->at || o->header_crc != c->head.header_crc);
    return g && (g->header_crc != c->head.header_crc || g->size_bytes != c->head.size_bytes);
}

void skip_check(struct stream *s, const struct chunk *c)
{
    if ((!s->summed && !s->wants) || !skip_is_other(s, c))
        return;
    guide_drop(s->guide, &s->diag, "it is of another dump");
    if (s->summed)
        diag_fail(&s->diag, "nothing is counted: what was left out is not known");
    s->summed = false;
    s->wants = NULL;
}

void skip_sum(struct stream *s, struct sink *k)
{
    const struct guide_foot *f = guide_foot(s->guide);
    const struct guide_tables *t = guide_tables(s->guide);

    for (uint32_t i = 0; i < f->sums; i++) {
        s->records += t->sums[i].count;
        k->sum(k, s, &t->sums[i]);
    }
    for (uint32_t i = 0; i < f->losses; i++) {
        for (unsigned cause = 0; cause < GUIDE_CAUSES; cause++)
            s->lost = number_add(s->lost, t->losses[i].lost[cause]);
        k->sum_loss(k, s, &t->losses[i]);
    }
}

uint64_t skip_tail(struct stream *s, uint64_t records,
                   uint64_t (*has)(void *context, const struct guide_chunk *c), void *context)
{
    uint64_t n = 0, from = UINT64_MAX;

    for (uint32_t block = guide_foot(s->guide)->blocks; block-- && n < records;) {
        const struct guide_chunk *c = guide_chunks(s->guide, block);

        for (uint32_t i = guide_tables(s->guide)->blocks[block].count; i-- && n < records;) {
            uint64_t more = c && c[i].type == TP_CHUNK_DATA ? has(context, &c[i]) : 0;

            from = more && c[i].first < from ? c[i].first : from;
            n = number_add(n, more);
        }
        if (!c)
            return 0;
    }
    return n < records ? 0 : from;
}
