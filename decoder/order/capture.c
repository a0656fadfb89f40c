/* SPDX-License-Identifier: MIT */
/* capture.c - which capture of an input a chunk belongs to. */
#include "order/capture.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/mem.h"
#include "bytes/input.h"

struct capture_kept {
    struct capture_kept *next;
    struct chunk chunk;
    _Alignas(8) uint8_t payload[];
};

/* --- chunks that have to be kept --- */

/* Of a damaged payload only metadata is of use. */
static size_t capture_payload(const struct chunk *c)
{
    return c->bad && !c->salvage ? 0 : c->payload_bytes;
}

static struct capture_kept *capture_copy(const struct chunk *c)
{
    size_t n = capture_payload(c);
    struct capture_kept *q = mem_alloc(sizeof(*q) + n);

    *q = (struct capture_kept){.chunk = *c};
    if (n)
        memcpy(q->payload, c->payload, n);
    q->chunk.payload = q->payload;
    return q;
}

static void capture_keep(struct capture *k, const struct chunk *c)
{
    struct capture_kept *q = capture_copy(c);

    if (k->kept_last)
        k->kept_last->next = q;
    else
        k->kept = q;
    k->kept_last = q;
    k->kept_bytes += sizeof(*q) + capture_payload(c);
}

static void capture_free_list(struct capture_kept *q)
{
    while (q) {
        struct capture_kept *next = q->next;

        free(q);
        q = next;
    }
}

/* What was kept comes before what is still to be taken of what was kept before. */
static void capture_take_again(struct capture *k)
{
    if (!k->kept)
        return;
    k->kept_last->next = k->again;
    k->again = k->kept;
    k->kept = k->kept_last = NULL;
    k->kept_bytes = 0;
}

/* Where reading goes on after this chunk: of a damaged one it may be inside of it. */
static uint64_t capture_end(const struct chunk_reader *r, const struct chunk *c)
{
    return c->at + (c->at == r->in->offset ? r->consume : c->head.size_bytes);
}

enum chunk_status capture_next(struct capture *k, struct chunk_reader *r, struct chunk *c)
{
    enum chunk_status status;
    uint64_t end;
    bool again; /* what is wrong there was reported when it was read first */

    free(k->given);
    k->given = k->again;
    if (k->given) {
        k->again = k->given->next;
        *c = k->given->chunk;
        return CHUNK_FOUND;
    }
    /* While an input is followed it becomes quiet when the user stops it, in the middle of this. */
    again = !r->in->watch && !r->diag->quiet && r->in->offset + r->consume < k->reported;
    r->diag->quiet = r->diag->quiet || again;
    status = chunk_next(r, c);
    if (again)
        r->diag->quiet = false;
    end = status == CHUNK_FOUND ? capture_end(r, c) : r->in->offset;
    if (end > k->reported)
        k->reported = end;
    return status;
}

/* --- whose is it? --- */

static void capture_add_zero(struct capture *k, const struct tp_wire_chunk *h)
{
    k->zeros = mem_grow(k->zeros, (k->zero_count + 1) * sizeof(*k->zeros));
    k->zeros[k->zero_count++] = *h;
}

/* Is this chunk 0 the one that the capture has, or one more of it? */
static bool capture_zero(struct capture *k, const struct tp_wire_chunk *h)
{
    for (uint32_t i = 0; i < k->zero_count; i++)
        if (k->zeros[i].cpu == h->cpu)
            return memcmp(&k->zeros[i], h, sizeof(*h)) == 0;
    if (k->zero_count ? h->cpu == TP_CHUNK_NO_CPU || k->zeros[0].cpu == TP_CHUNK_NO_CPU
                      : k->chunks >= CAPTURE_LATE_CHUNKS)
        return false;
    capture_add_zero(k, h);
    return true;
}

/* The same chunk 0 again, or what follows it. */
static void capture_doubt(struct capture *k, const struct chunk *c, bool zero)
{
    struct capture_kept *q;

    if (zero)
        capture_trust(k);
    else if (!k->doubt || k->doubts == CAPTURE_LATE_CHUNKS)
        return;
    q = capture_copy(c);
    if (k->doubt)
        k->doubt_last->next = q;
    else
        k->doubt = q;
    k->doubt_last = q;
    k->doubts++;
}

void capture_trust(struct capture *k)
{
    capture_free_list(k->doubt);
    k->doubt = k->doubt_last = NULL;
    k->doubts = 0;
    k->unsures = k->unsures_before;
}

void capture_unsure(struct capture *k, const struct chunk *c)
{
    if (k->unsures == CAPTURE_UNSURE_MAX)
        capture_trust(k);
    else
        k->unsure[k->unsures++] = c->at;
}

/* Two lists, each in the order of the input, as one. */
static void capture_join(struct capture *k, struct capture_kept *other)
{
    struct capture_kept **to = &k->kept;

    while (other) {
        struct capture_kept *next = other->next;

        while (*to && (*to)->chunk.at < other->chunk.at)
            to = &(*to)->next;
        other->next = *to;
        *to = other;
        if (!other->next)
            k->kept_last = other;
        other = next;
    }
}

void capture_part(struct capture *k, const struct chunk_reader *r, const struct chunk *c)
{
    struct capture_kept *q = capture_copy(c);
    uint64_t size;

    k->unsures_before = k->unsures;
    k->own_end = k->doubt->chunk.at;
    k->doubt_last->next = q;
    if (!input_can_seek(r->in, &size) && k->kept) {
        capture_join(k, k->doubt);
    } else if (!k->aside) {
        q->next = k->again;
        k->again = k->doubt;
    } else { /* it is read again */
        if (k->own_end < k->aside_at) {
            k->aside_at = k->own_end;
            k->aside_index = k->doubt->chunk.index;
        }
        capture_trust(k);
    }
    k->doubt = k->doubt_last = NULL;
    k->doubts = 0;
}

/* Was it given, when an earlier capture was read? */
static bool capture_was_given(const struct capture *k, const struct chunk *c)
{
    for (uint32_t i = 0; i < k->unsures_before; i++)
        if (k->unsure[i] == c->at)
            return true;
    for (uint32_t i = 0; i < k->past_count; i++)
        if (k->past[i].stream == c->head.stream)
            return c->at < k->past[i].end;
    return false;
}

/* It is for later. */
static void capture_put_aside(struct capture *k, const struct input *in, const struct chunk *c)
{
    uint64_t size;

    if (!input_can_seek(in, &size)) {
        capture_keep(k, c);
        return;
    }
    if (!k->aside) {
        k->aside_at = c->at;
        k->aside_index = c->index;
    }
    k->aside = true;
}

static enum capture_answer capture_other(struct capture *k, const struct input *in,
                                         const struct chunk *c, bool ended)
{
    bool each = k->zero_count &&
                k->zeros[0].cpu != TP_CHUNK_NO_CPU; /* more of its pipes may come */

    capture_put_aside(k, in, c);
    return (ended && !each) || ++k->others > CAPTURE_OTHERS_MAX || in->watch ||
                   k->kept_bytes > CAPTURE_KEPT_BYTES
               ? CAPTURE_OVER
               : CAPTURE_ASIDE;
}

enum capture_answer capture_judge(struct capture *k, const struct chunk_reader *r,
                                  const struct chunk *c, bool ended)
{
    const struct tp_wire_chunk *h = &c->head;
    /* What is made of an image has no numbers. */
    bool zero = h->type == TP_CHUNK_METADATA && !h->seq && !r->in->image;
    uint32_t zeros = k->zero_count;

    if (capture_was_given(k, c))
        return CAPTURE_ASIDE;
    if (!k->begun) {
        k->begun = true;
        k->stream = h->stream;
    } else if (k->stream != h->stream) {
        return capture_other(k, r->in, c, ended);
    }
    if (zero && !capture_zero(k, h)) {
        capture_put_aside(k, r->in, c);
        return CAPTURE_OVER;
    }
    if (h->type != TP_CHUNK_DATA && !r->in->image)
        capture_doubt(k, c, zero && k->zero_count == zeros);
    k->chunks++;
    k->others = 0;
    k->own_end = capture_end(r, c);
    return CAPTURE_OWN;
}

/* --- on to the next --- */

/* Of this capture all before `own_end` was given. */
static void capture_remember(struct capture *k)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < k->unsures_before; i++)
        if (k->unsure[i] > k->aside_at)
            k->unsure[n++] = k->unsure[i];
    k->unsures = k->unsures_before = n;
    n = 0;
    for (uint32_t i = 0; i < k->past_count; i++)
        if (k->past[i].end > k->aside_at && k->past[i].stream != k->stream)
            k->past[n++] = k->past[i];
    if (n == CAPTURE_OTHERS_MAX + 1) /* cannot be: each has a chunk among so many others */
        n--;
    k->past[n].stream = k->stream;
    k->past[n].end = k->own_end;
    k->past_count = n + 1;
}

bool capture_back(struct capture *k, struct chunk_reader *r)
{
    bool quiet = r->diag->quiet;

    if (k->kept) {
        capture_take_again(k);
        return true;
    }
    if (!k->aside)
        return false;
    capture_remember(k);
    r->diag->quiet = true;
    chunk_move(r, k->aside_at);
    r->diag->quiet = quiet;
    r->index = k->aside_index;
    k->aside = false;
    return true;
}

void capture_reset(struct capture *k)
{
    capture_trust(k);
    k->begun = false;
    k->zero_count = 0;
    k->chunks = k->others = 0;
}

void capture_close(struct capture *k)
{
    capture_free_list(k->kept);
    capture_free_list(k->again);
    capture_free_list(k->doubt);
    free(k->given);
    free(k->zeros);
    *k = (struct capture){0};
}
