/* SPDX-License-Identifier: MIT */
/* proto.c - writes protobuf. */
#include "export/proto.h"

#include "base/out.h"

/* The kinds of values that a tag tells of. */
enum { PROTO_VARINT = 0, PROTO_64 = 1, PROTO_LENGTH = 2, PROTO_32 = 5 };

static uint64_t proto_tag(uint32_t field, unsigned kind)
{
    return (uint64_t)field << 3 | kind;
}

size_t proto_head(uint8_t to[PROTO_HEAD_BYTES], uint32_t field, uint64_t n)
{
    size_t tag = pile_varint(to, proto_tag(field, PROTO_LENGTH));

    return tag + pile_varint(to + tag, n);
}

void proto_u64(struct pile *p, uint32_t field, uint64_t v)
{
    uint8_t *to = pile_room(p, PROTO_HEAD_BYTES);
    size_t tag = pile_varint(to, proto_tag(field, PROTO_VARINT));

    p->n += tag + pile_varint(to + tag, v);
}

void proto_s64(struct pile *p, uint32_t field, int64_t v)
{
    proto_u64(p, field, (uint64_t)v);
}

/* The lowest byte first. */
static void proto_fixed(struct pile *p, uint32_t field, unsigned kind, uint64_t bits, size_t n)
{
    uint8_t *to = pile_room(p, PROTO_HEAD_BYTES);
    size_t tag = pile_varint(to, proto_tag(field, kind));

    little_put(to + tag, bits, (uint32_t)n);
    p->n += tag + n;
}

void proto_fixed64(struct pile *p, uint32_t field, uint64_t bits)
{
    proto_fixed(p, field, PROTO_64, bits, 8);
}

void proto_fixed32(struct pile *p, uint32_t field, uint32_t bits)
{
    proto_fixed(p, field, PROTO_32, bits, 4);
}

void proto_text(struct pile *p, uint32_t field, const void *text, size_t n)
{
    const uint8_t *s = text;
    size_t valid = out_valid(s, n), at;

    if (valid == n) {
        p->n += proto_head(pile_room(p, PROTO_HEAD_BYTES), field, n);
        pile_add(p, text, n);
        return;
    }
    at = proto_open(p, field);
    while (valid < n) {
        pile_add(p, s, valid);
        pile_add(p, "\xef\xbf\xbd", 3);
        s += valid + 1;
        n -= valid + 1;
        valid = out_valid(s, n);
    }
    pile_add(p, s, n);
    proto_close(p, at);
}

/* Most are short: room for a length of one byte, and what does not fit is moved. */
size_t proto_open(struct pile *p, uint32_t field)
{
    p->n += proto_head(pile_room(p, PROTO_HEAD_BYTES), field, 0);
    return p->n;
}

void proto_close(struct pile *p, size_t at)
{
    size_t n = p->n - at, more;
    uint8_t length[PILE_VARINT_BYTES];

    more = pile_varint(length, n) - 1;
    if (more) {
        (void)pile_room(p, more);
        memmove(p->bytes + at + more, p->bytes + at, n);
        p->n += more;
    }
    memcpy(p->bytes + at - 1, length, more + 1);
}
