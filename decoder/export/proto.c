/* SPDX-License-Identifier: MIT */
/* proto.c - writes protobuf. */
#include "export/proto.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"

#define PROTO_FIRST_BYTES 1024u
#define PROTO_VARINT_BYTES 10u

/* The kinds of values that a tag tells of. */
enum { PROTO_VARINT = 0, PROTO_64 = 1, PROTO_LENGTH = 2, PROTO_32 = 5 };

void proto_free(struct proto *p)
{
    free(p->bytes);
    *p = (struct proto){0};
}

static uint8_t *proto_room(struct proto *p, size_t n)
{
    size_t room = p->room ? p->room : PROTO_FIRST_BYTES;

    while (room - p->n < n)
        room *= 2;
    if (room > p->room) {
        p->bytes = mem_grow(p->bytes, room);
        p->room = room;
    }
    return p->bytes + p->n;
}

static size_t proto_put(uint8_t *to, uint64_t v)
{
    size_t n = 0;

    for (; v >= 0x80; v >>= 7)
        to[n++] = (uint8_t)(v | 0x80);
    to[n++] = (uint8_t)v;
    return n;
}

static uint64_t proto_tag(uint32_t field, unsigned kind)
{
    return (uint64_t)field << 3 | kind;
}

size_t proto_head(uint8_t to[PROTO_HEAD_BYTES], uint32_t field, uint64_t n)
{
    size_t tag = proto_put(to, proto_tag(field, PROTO_LENGTH));

    return tag + proto_put(to + tag, n);
}

void proto_u64(struct proto *p, uint32_t field, uint64_t v)
{
    uint8_t *to = proto_room(p, PROTO_HEAD_BYTES);
    size_t tag = proto_put(to, proto_tag(field, PROTO_VARINT));

    p->n += tag + proto_put(to + tag, v);
}

void proto_s64(struct proto *p, uint32_t field, int64_t v)
{
    proto_u64(p, field, (uint64_t)v);
}

/* The lowest byte first. */
static void proto_fixed(struct proto *p, uint32_t field, unsigned kind, uint64_t bits, size_t n)
{
    uint8_t *to = proto_room(p, PROTO_HEAD_BYTES);
    size_t tag = proto_put(to, proto_tag(field, kind));

    for (size_t i = 0; i < n; i++)
        to[tag + i] = (uint8_t)(bits >> 8 * i);
    p->n += tag + n;
}

void proto_fixed64(struct proto *p, uint32_t field, uint64_t bits)
{
    proto_fixed(p, field, PROTO_64, bits, 8);
}

void proto_fixed32(struct proto *p, uint32_t field, uint32_t bits)
{
    proto_fixed(p, field, PROTO_32, bits, 4);
}

void proto_add(struct proto *p, const void *bytes, size_t n)
{
    if (n)
        memcpy(proto_room(p, n), bytes, n);
    p->n += n;
}

void proto_text(struct proto *p, uint32_t field, const void *text, size_t n)
{
    const uint8_t *s = text;
    size_t valid = out_valid(s, n), at;

    if (valid == n) {
        p->n += proto_head(proto_room(p, PROTO_HEAD_BYTES), field, n);
        proto_add(p, text, n);
        return;
    }
    at = proto_open(p, field);
    while (valid < n) {
        proto_add(p, s, valid);
        proto_add(p, "\xef\xbf\xbd", 3);
        s += valid + 1;
        n -= valid + 1;
        valid = out_valid(s, n);
    }
    proto_add(p, s, n);
    proto_close(p, at);
}

/* Most are short: room for a length of one byte, and what does not fit is moved. */
size_t proto_open(struct proto *p, uint32_t field)
{
    p->n += proto_head(proto_room(p, PROTO_HEAD_BYTES), field, 0);
    return p->n;
}

void proto_close(struct proto *p, size_t at)
{
    size_t n = p->n - at, more;
    uint8_t length[PROTO_VARINT_BYTES];

    more = proto_put(length, n) - 1;
    if (more) {
        (void)proto_room(p, more);
        memmove(p->bytes + at + more, p->bytes + at, n);
        p->n += more;
    }
    memcpy(p->bytes + at - 1, length, more + 1);
}
