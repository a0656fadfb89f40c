/* SPDX-License-Identifier: MIT */
/* chunk.c - finds the chunks of one input and checks them. */
#include "bytes/chunk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/diag.h"
#include "base/load.h"
#include "base/zip.h"
#include "bytes/input.h"

/* Looking at bytes again after damage may not take more than this, so that the
 * time stays linear in the input: a free part, then so many times the input. */
#define CHUNK_WORK_FREE (64u << 20)
#define CHUNK_WORK_TIMES 8u

void chunk_open(struct chunk_reader *r, struct input *in, struct diag_file *diag)
{
    *r = (struct chunk_reader){.in = in, .diag = diag};
}

void chunk_close(struct chunk_reader *r)
{
    free(r->inflated);
    r->inflated = NULL;
}

/* Is there a chunk header `skip` bytes ahead? */
static bool chunk_header_at(struct chunk_reader *r, size_t skip, struct tp_wire_chunk *h,
                            bool *swap)
{
    if (input_fill(r->in, skip + TP_WIRE_CHUNK_BYTES) < skip + TP_WIRE_CHUNK_BYTES)
        return false;
    if (!header_sizes(input_at(r->in) + skip, h, swap))
        return false;
    if (input_fill(r->in, skip + h->header_bytes) < skip + h->header_bytes)
        return false;
    return header_whole(input_at(r->in) + skip, h);
}

static void chunk_skip(struct chunk_reader *r, size_t n)
{
    if (r->in->offset >= r->quiet_end) {
        if (!r->skipped)
            r->skipped_at = r->in->offset;
        r->skipped += n;
    }
    if (!r->diag->quiet) /* else it is read again */
        cooked_skipped(&r->hint.cooked, input_at(r->in), n);
    input_skip(r->in, n);
}

static void chunk_report_skipped(struct chunk_reader *r)
{
    if (r->skipped && r->index)
        diag_damage(r->diag, "%" PRIu64 " bytes at 0x%" PRIx64 " are not part of any chunk",
                    r->skipped, r->skipped_at);
    if (r->index)
        r->skipped = 0;
}

/* Moves on to the next place where a chunk may start, at least one byte. */
static void chunk_seek(struct chunk_reader *r)
{
    size_t n = input_fill(r->in, TP_WIRE_CHUNK_BYTES);
    const uint8_t *p = input_at(r->in);
    const uint8_t *next = n > 1 ? memchr(p + 1, TP_WIRE_MAGIC0, n - 1) : NULL;

    chunk_skip(r, next ? (size_t)(next - p) : n);
}

/* Bytes at the end that are too few for a header. */
static void chunk_tail(struct chunk_reader *r)
{
    size_t n = input_fill(r->in, TP_WIRE_CHUNK_BYTES);
    size_t magic = n < sizeof(header_magic) ? n : sizeof(header_magic);
    /* After other chunks, the start of a magic is the start of one more. */
    bool started = (r->index || magic == sizeof(header_magic)) &&
                   memcmp(input_at(r->in), header_magic, magic) == 0;

    if (!started) {
        chunk_seek(r); /* it may start among them */
        return;
    }
    /* With a magic it is a dump, although one that is cut very short. */
    r->index++;
    chunk_report_skipped(r);
    diag_cut(r->diag,
             "ends inside the header of chunk %" PRIu64 " at byte 0x%" PRIx64 " (%zu bytes)",
             r->index - 1, r->in->offset, n);
    input_skip(r->in, n);
}

/* Does another chunk start inside this one, of which n bytes are there? */
static bool chunk_has_another(struct chunk_reader *r, const struct tp_wire_chunk *h, size_t n)
{
    struct tp_wire_chunk other;
    size_t have; /* the other one may reach beyond this one */
    bool swap;

    if (r->work > CHUNK_WORK_FREE + CHUNK_WORK_TIMES * r->in->offset)
        return false;
    r->work += n;
    have = input_fill(r->in, n + HEADER_BYTES_MAX);
    for (size_t i = h->header_bytes; i < n; i++) {
        const uint8_t *p = memchr(input_at(r->in) + i, TP_WIRE_MAGIC0, n - i);

        if (!p)
            return false;
        i = (size_t)(p - input_at(r->in));
        if (have - i < TP_WIRE_CHUNK_BYTES || !header_sizes(p, &other, &swap) ||
            other.header_bytes > have - i)
            continue;
        r->work += other.header_bytes;
        if (header_whole(p, &other))
            return true;
    }
    return false;
}

static const char *chunk_where(const struct chunk *c, char *text, size_t n)
{
    if (c->head.type == TP_CHUNK_DATA)
        snprintf(text, n, "chunk %" PRIu64 " (cpu %u) at byte 0x%" PRIx64, c->index, c->head.cpu,
                 c->at);
    else
        snprintf(text, n, "chunk %" PRIu64 " at byte 0x%" PRIx64, c->index, c->at);
    return text;
}

static void chunk_damaged(struct chunk_reader *r, struct chunk *c, const char *what)
{
    char where[80], records[40] = "";

    c->bad = true;
    if (r->in->image) /* what is wrong in a region was said when this was made of it */
        return;
    if (c->head.type == TP_CHUNK_DATA)
        snprintf(records, sizeof(records), " (%" PRIu32 " records)", c->head.records);
    diag_damage(r->diag, "%s: %s, %" PRIu32 " bytes skipped%s",
                chunk_where(c, where, sizeof(where)), what, c->head.size_bytes, records);
}

/* Was it changed on its way? What may have been added to it reaches beyond its size. */
static void chunk_look_at_payload(struct chunk_reader *r, const struct chunk *c)
{
    size_t size = c->head.size_bytes, most = size + HEADER_BYTES_MAX;
    size_t n = input_fill(r->in, most);

    cooked_payload(&r->hint.cooked, input_at(r->in) + c->head.header_bytes,
                   (n < most ? n : most) - c->head.header_bytes, size - c->head.header_bytes,
                   c->head.payload_crc);
}

/*
 * The payload does not fit its checksum, or is not all there. Where does the
 * next chunk start: after it, or, bytes having been lost, inside it?
 */
static void chunk_recover(struct chunk_reader *r, struct chunk *c, size_t n)
{
    size_t size = c->head.size_bytes;
    struct tp_wire_chunk next;
    bool swap, inside = false;

    if (n < size)
        inside = chunk_has_another(r, &c->head, n);
    else if (input_fill(r->in, size + 1) <= size || !chunk_header_at(r, size, &next, &swap))
        inside = chunk_has_another(r, &c->head, size);
    if (n > c->head.header_bytes && !r->diag->quiet)
        chunk_look_at_payload(r, c);
    c->payload = NULL; /* the buffer may have moved */
    r->quiet_end = c->at + (n < size ? n : size);
    if (n < size && !inside) {
        c->bad = true;
        diag_cut(r->diag, "ends inside chunk %" PRIu64 " at byte 0x%" PRIx64 " (%zu of %zu bytes)",
                 c->index, c->at, n, size);
    } else {
        chunk_damaged(r, c, "payload checksum wrong");
    }
    if (n >= size && c->head.type == TP_CHUNK_METADATA && !(c->head.flags & TP_CHUNK_MUST_KNOW) &&
        input_fill(r->in, size) >= size) {
        c->payload = input_at(r->in) + c->head.header_bytes;
        c->salvage = true;
    }
    r->consume = inside ? c->head.header_bytes : n < size ? n : size;
}

static void chunk_inflate(struct chunk_reader *r, struct chunk *c)
{
    const char *problem = "compressed data damaged";
    uint32_t want = c->payload_bytes >= 4 ? load_u32(c->payload, c->swap) : 0;

    if (want > TP_LIMIT_CHUNK_BYTES)
        problem = "declares too large a payload";
    else if (c->payload_bytes >= 4)
        problem = zip_inflate(c->payload + 4, c->payload_bytes - 4, want, &r->inflated);
    if (problem) {
        chunk_damaged(r, c, problem);
        return;
    }
    c->payload = r->inflated;
    c->payload_bytes = want;
}

/* The header is good; look at the rest. */
static void chunk_payload(struct chunk_reader *r, struct chunk *c)
{
    size_t size = c->head.size_bytes;
    size_t n = input_fill(r->in, size);

    c->payload = input_at(r->in) + c->head.header_bytes;
    c->payload_bytes = size - c->head.header_bytes;
    r->consume = size;
    if (n < size ||
        (!r->trusted && crc_add(0, c->payload, c->payload_bytes) != c->head.payload_crc))
        chunk_recover(r, c, n);
    else if (c->head.flags & TP_CHUNK_LIVE)
        chunk_damaged(r, c, "was still being written");
    else if (c->head.flags & TP_CHUNK_MUST_KNOW & ~(TP_CHUNK_CONTEXT | TP_CHUNK_ZLIB))
        chunk_damaged(r, c, "has a flag that this tpdecode does not know");
    else if (c->head.type == TP_CHUNK_DATA && c->head.cpu == TP_CHUNK_NO_CPU)
        chunk_damaged(r, c, "has no CPU");
    else if (c->head.flags & TP_CHUNK_ZLIB)
        chunk_inflate(r, c);
}

/* Moves past the chunk that was returned. */
static void chunk_consume(struct chunk_reader *r)
{
    input_skip(r->in, r->consume);
    r->consume = 0;
    chunk_close(r);
}

bool chunk_peek(struct chunk_reader *r, struct tp_wire_chunk *h)
{
    bool swap;

    chunk_consume(r);
    return chunk_header_at(r, 0, h, &swap) && h->major == TP_WIRE_MAJOR;
}

void chunk_pass(struct chunk_reader *r, const struct tp_wire_chunk *h)
{
    r->index++;
    if (input_fill(r->in, TP_WIRE_CHUNK_BYTES) >= h->size_bytes)
        input_skip(r->in, h->size_bytes);
    else
        input_seek(r->in, r->in->offset + h->size_bytes);
}

void chunk_leap(struct chunk_reader *r, uint64_t n, uint64_t offset)
{
    uint64_t far;

    chunk_consume(r);
    chunk_report_skipped(r);
    far = offset - r->in->offset;
    r->index += n;
    if (far <= r->in->end - r->in->start)
        input_skip(r->in, (size_t)far);
    else
        input_seek(r->in, offset);
}

void chunk_move(struct chunk_reader *r, uint64_t offset)
{
    chunk_consume(r);
    chunk_report_skipped(r);
    input_seek(r->in, offset);
}

enum chunk_status chunk_next(struct chunk_reader *r, struct chunk *c)
{
    chunk_consume(r);
    *c = (struct chunk){0};
    while (input_fill(r->in, 1)) {
        if (chunk_header_at(r, 0, &c->head, &c->swap)) {
            c->at = r->in->offset;
            c->index = r->index++;
            r->hint.dump = r->hint.dump || !c->at;
            chunk_report_skipped(r);
            if (c->head.major != TP_WIRE_MAJOR)
                return CHUNK_REFUSED;
            chunk_payload(r, c);
            return CHUNK_FOUND;
        }
        hint_place(&r->hint, r->in);
        if (r->hint.region && !r->index)
            break;
        if (input_fill(r->in, TP_WIRE_CHUNK_BYTES) < TP_WIRE_CHUNK_BYTES)
            chunk_tail(r);
        else
            chunk_seek(r);
    }
    chunk_report_skipped(r);
    return CHUNK_NONE;
}
