/* SPDX-License-Identifier: MIT */
/* seek.c - finds the part of a file that a time is in. */
#include "bytes/seek.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bytes/chunk.h"
#include "bytes/input.h"

#define SEEK_PART_BYTES (64u << 10)
#define SEEK_NEAR_BYTES (1ull << 20) /* halving ends */
#define SEEK_NOWHERE UINT64_MAX

/* The bytes that were read last: many small chunks follow each other. */
struct seek_view {
    const struct input *in;
    uint64_t at;
    size_t n;
    uint8_t bytes[HEADER_BYTES_MAX];
};

/* How many bytes there are at an offset, at most n, and where. */
static size_t seek_look(struct seek_view *v, uint64_t at, size_t n, const uint8_t **bytes)
{
    /* An offset before it wraps. */
    if (at - v->at > v->n || v->n - (at - v->at) < n) {
        v->n = input_look(v->in, at, v->bytes, sizeof(v->bytes));
        v->at = at;
    }
    *bytes = v->bytes + (at - v->at);
    return v->n - (size_t)(at - v->at);
}

/* The header at an offset. */
static bool seek_header(struct seek_view *v, uint64_t at, struct tp_wire_chunk *h)
{
    const uint8_t *bytes;
    size_t n = seek_look(v, at, TP_WIRE_CHUNK_BYTES, &bytes);
    bool swap;

    if (n < TP_WIRE_CHUNK_BYTES || !header_read(bytes, h, &swap))
        return false;
    if (h->header_bytes > n && h->header_bytes <= HEADER_BYTES_MAX)
        n = seek_look(v, at, h->header_bytes, &bytes);
    return header_good(bytes, n, h, &swap) && h->major == TP_WIRE_MAJOR;
}

/* A header that another chunk, or the end of the input, follows: it is not one by chance, or in a
 * payload. */
static bool seek_chunk(struct seek_view *v, uint64_t at, uint64_t size, struct tp_wire_chunk *h)
{
    struct tp_wire_chunk next;

    if (!seek_header(v, at, h) || h->size_bytes > size - at)
        return false;
    return at + h->size_bytes == size || seek_header(v, at + h->size_bytes, &next);
}

/* The first chunk in from..to, or SEEK_NOWHERE. */
static uint64_t seek_next(struct seek_view *v, uint64_t from, uint64_t to, uint64_t size,
                          struct tp_wire_chunk *h)
{
    uint8_t part[SEEK_PART_BYTES];

    while (from < to) {
        size_t n = input_look(v->in, from, part, sizeof(part));
        const uint8_t *p = part, *end = part + n;

        while ((p = memchr(p, TP_WIRE_MAGIC0, (size_t)(end - p)))) {
            uint64_t at = from + (uint64_t)(p - part);

            if (at >= to)
                return SEEK_NOWHERE;
            if (end - p < 4 || p[1] == TP_WIRE_MAGIC1)
                if (seek_chunk(v, at, size, h))
                    return at;
            if (++p == end)
                break;
        }
        if (!n)
            break;
        from += n;
    }
    return SEEK_NOWHERE;
}

/* From the chunk at `at`, whose header is *h, to the first of data; SEEK_NOWHERE: none before `to`.
 */
static uint64_t seek_data(struct seek_view *v, uint64_t at, uint64_t to, struct tp_wire_chunk *h)
{
    while (h->type != TP_CHUNK_DATA) {
        at += h->size_bytes;
        if (at >= to || !seek_header(v, at, h))
            return SEEK_NOWHERE;
    }
    return at;
}

bool seek_single(const struct input *in, uint64_t stream)
{
    struct seek_view view = {.in = in}, *v = &view;
    struct tp_wire_chunk h;
    uint64_t size, at;

    if (!input_can_seek(in, &size))
        return false;
    at = size > SEEK_WINDOW_BYTES ? size - SEEK_WINDOW_BYTES : 0;
    /* The last chunk is as a rule the mark of the end; else, of any size. */
    for (uint64_t back = TP_WIRE_CHUNK_BYTES; back <= size - at; back *= 16) {
        uint64_t found = seek_next(v, size - back, size, size, &h);

        if (found == SEEK_NOWHERE)
            continue;
        while (h.stream == stream && found + h.size_bytes < size) {
            found += h.size_bytes;
            if (!seek_header(v, found, &h))
                return false;
        }
        return h.stream == stream;
    }
    return false;
}

/* *low and *high become places near to each other: data at the first is early enough, at the other
 * not. False if there is something else. */
static bool seek_halve(const struct seek *k, struct seek_view *v, uint64_t stream, uint64_t *low,
                       uint64_t *high)
{
    while (*high - *low > SEEK_NEAR_BYTES) {
        uint64_t middle = *low + (*high - *low) / 2;
        struct tp_wire_chunk h;
        uint64_t at = seek_next(v, middle, *high, k->size, &h);

        if (at != SEEK_NOWHERE)
            at = seek_data(v, at, *high, &h);
        if (at == SEEK_NOWHERE) {
            *high = middle;
            continue;
        }
        if (h.stream != stream)
            return false;
        if (h.time < k->from)
            *low = at;
        else
            *high = middle;
    }
    return true;
}

void seek_note(struct seek *k, uint32_t cpu, uint64_t at)
{
    if (cpu >= k->slots) {
        uint32_t slots = k->slots ? k->slots : 64;

        while (slots <= cpu)
            slots *= 2;
        k->last = mem_grow(k->last, slots * sizeof(*k->last));
        memset(k->last + k->slots, 0, (slots - k->slots) * sizeof(*k->last));
        k->slots = slots;
    }
    k->last[cpu] = at;
}

/* Those of the chunk before are not later than its first one. A mark does not say that. */
static bool seek_has_records(const struct tp_wire_chunk *h)
{
    return h->type == TP_CHUNK_DATA && h->cpu != TP_CHUNK_NO_CPU && h->size_bytes > h->header_bytes;
}

bool seek_find(struct seek *k, const struct input *in, uint64_t at, uint64_t stream, uint64_t *go)
{
    struct seek_view view = {.in = in}, *v = &view;
    uint64_t low = at, high, from;
    struct tp_wire_chunk h;

    if (!input_can_seek(in, &k->size) || k->size < at || k->size - at < SEEK_LEAST_BYTES)
        return false;
    high = k->size;
    if (!seek_single(in, stream) || !seek_halve(k, v, stream, &low, &high))
        return false;
    from = low - at > SEEK_WINDOW_BYTES ? low - SEEK_WINDOW_BYTES : at;
    *go = from = seek_next(v, from, low + 1, k->size, &h);
    if (from == SEEK_NOWHERE)
        return false;
    /* What cannot be followed from chunk to chunk is read. */
    while (from < high && h.stream == stream) {
        if (seek_has_records(&h) && h.time < k->from)
            seek_note(k, h.cpu, from);
        from += h.size_bytes;
        if (!seek_header(v, from, &h))
            break;
    }
    k->end = from;
    return true;
}

bool seek_pass(struct seek *k, struct chunk_reader *r, struct tp_wire_chunk *h)
{
    uint64_t at;

    if (!k->end)
        return false;
    if (!chunk_peek(r, h))
        return false;
    at = r->in->offset;
    if (at >= k->end) {
        k->end = 0;
        return false;
    }
    if (h->type != TP_CHUNK_DATA || h->cpu >= k->slots || at >= k->last[h->cpu] ||
        h->size_bytes > k->size - at)
        return false;
    chunk_pass(r, h);
    return true;
}

void seek_close(struct seek *k)
{
    free(k->last);
    *k = (struct seek){0};
}
