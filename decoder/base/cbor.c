/* SPDX-License-Identifier: MIT */
/* cbor.c - CBOR item by item, with our own bounds; the only user of libcbor. */
#include "base/cbor.h"

#include <cbor/callbacks.h>
#include <cbor/streaming.h>

/* What a callback leaves for cbor_next(). */
struct cbor_catch {
    struct cbor_item item;
    bool indefinite;
};

static void cbor_on_number(struct cbor_catch *c, enum cbor_kind type, uint64_t v)
{
    c->item.type = type;
    c->item.number = v;
}

static void cbor_on_u8(void *c, uint8_t v) { cbor_on_number(c, CBOR_UNSIGNED, v); }
static void cbor_on_u16(void *c, uint16_t v) { cbor_on_number(c, CBOR_UNSIGNED, v); }
static void cbor_on_u32(void *c, uint32_t v) { cbor_on_number(c, CBOR_UNSIGNED, v); }
static void cbor_on_u64(void *c, uint64_t v) { cbor_on_number(c, CBOR_UNSIGNED, v); }
static void cbor_on_n8(void *c, uint8_t v) { cbor_on_number(c, CBOR_NEGATIVE, v); }
static void cbor_on_n16(void *c, uint16_t v) { cbor_on_number(c, CBOR_NEGATIVE, v); }
static void cbor_on_n32(void *c, uint32_t v) { cbor_on_number(c, CBOR_NEGATIVE, v); }
static void cbor_on_n64(void *c, uint64_t v) { cbor_on_number(c, CBOR_NEGATIVE, v); }
static void cbor_on_tag(void *c, uint64_t v) { cbor_on_number(c, CBOR_TAG, v); }

static void cbor_on_run(struct cbor_catch *c, enum cbor_kind type, cbor_data bytes, size_t n)
{
    c->item.type = type;
    c->item.bytes = bytes;
    c->item.count = n;
}

static void cbor_on_text(void *c, cbor_data s, size_t n) { cbor_on_run(c, CBOR_TEXT, s, n); }
static void cbor_on_bytes(void *c, cbor_data s, size_t n) { cbor_on_run(c, CBOR_BYTES, s, n); }
static void cbor_on_array(void *c, size_t n) { cbor_on_run(c, CBOR_ARRAY, NULL, n); }
static void cbor_on_map(void *c, size_t n) { cbor_on_run(c, CBOR_MAP, NULL, n); }
static void cbor_on_float(void *c, float v) { (void)v; cbor_on_number(c, CBOR_OTHER, 0); }
static void cbor_on_double(void *c, double v) { (void)v; cbor_on_number(c, CBOR_OTHER, 0); }
static void cbor_on_bool(void *c, bool v) { (void)v; cbor_on_number(c, CBOR_OTHER, 0); }
static void cbor_on_simple(void *c) { cbor_on_number(c, CBOR_OTHER, 0); }
static void cbor_on_indefinite(void *c) { ((struct cbor_catch *)c)->indefinite = true; }

static const struct cbor_callbacks cbor_calls = {
    .uint8 = cbor_on_u8, .uint16 = cbor_on_u16, .uint32 = cbor_on_u32, .uint64 = cbor_on_u64,
    .negint8 = cbor_on_n8, .negint16 = cbor_on_n16, .negint32 = cbor_on_n32, .negint64 = cbor_on_n64,
    .string = cbor_on_text, .byte_string = cbor_on_bytes,
    .array_start = cbor_on_array, .map_start = cbor_on_map, .tag = cbor_on_tag,
    .float2 = cbor_on_float, .float4 = cbor_on_float, .float8 = cbor_on_double,
    .undefined = cbor_on_simple, .null = cbor_on_simple, .boolean = cbor_on_bool,
    .byte_string_start = cbor_on_indefinite, .string_start = cbor_on_indefinite,
    .indef_array_start = cbor_on_indefinite, .indef_map_start = cbor_on_indefinite,
    .indef_break = cbor_on_indefinite,
};

void cbor_open(struct cbor_reader *r, const uint8_t *bytes, size_t n)
{
    *r = (struct cbor_reader){.at = bytes, .end = n ? bytes + n : bytes};
    r->left[0] = 1;
}

/* Keeps account of the containers that are open. */
static bool cbor_account(struct cbor_reader *r, const struct cbor_item *item)
{
    uint64_t inside = item->type == CBOR_TAG ? 1 : item->type == CBOR_ARRAY ? item->count : 0;
    uint64_t bytes_left = (uint64_t)(r->end - r->at);

    r->left[r->depth]--;
    if (item->type == CBOR_MAP) {
        if (item->count > bytes_left / 2)
            return cbor_stop(r, "metadata declares more than it holds");
        inside = 2 * item->count;
    }
    if (inside > bytes_left)
        return cbor_stop(r, "metadata declares more than it holds");
    if (inside) {
        if (r->depth == CBOR_DEPTH_MAX)
            return cbor_stop(r, "metadata nested too deep");
        r->left[++r->depth] = inside;
    }
    while (r->depth && !r->left[r->depth])
        r->depth--;
    return true;
}

bool cbor_next(struct cbor_reader *r, struct cbor_item *item)
{
    struct cbor_catch c = {0};
    struct cbor_decoder_result got;

    if (r->problem)
        return false;
    if (!r->left[r->depth])
        return cbor_stop(r, "metadata ends too early");
    if (r->at == r->end)
        return cbor_stop(r, "metadata ends too early");
    got = cbor_stream_decode(r->at, (size_t)(r->end - r->at), &cbor_calls, &c);
    if (got.status == CBOR_DECODER_NEDATA)
        return cbor_stop(r, "metadata ends too early");
    if (got.status != CBOR_DECODER_FINISHED || !got.read)
        return cbor_stop(r, "metadata is not CBOR");
    if (c.indefinite)
        return cbor_stop(r, "metadata has an item of indefinite length");
    r->at += got.read;
    *item = c.item;
    return cbor_account(r, item);
}

bool cbor_skip_inside(struct cbor_reader *r, const struct cbor_item *item)
{
    struct cbor_item in = *item;
    uint64_t todo = 0;

    for (;;) {
        /* Bounded by the bytes that are left, as cbor_account() saw to. */
        todo += in.type == CBOR_TAG ? 1 : in.type == CBOR_ARRAY ? in.count : in.type == CBOR_MAP ? 2 * in.count : 0;
        if (!todo)
            return true;
        todo--;
        if (!cbor_next(r, &in))
            return false;
    }
}

bool cbor_skip(struct cbor_reader *r)
{
    struct cbor_item item;

    return cbor_next(r, &item) && cbor_skip_inside(r, &item);
}

bool cbor_expect(struct cbor_reader *r, enum cbor_kind type, struct cbor_item *item)
{
    if (!cbor_next(r, item))
        return false;
    return item->type == type || cbor_stop(r, "metadata has a value of the wrong type");
}

bool cbor_unsigned(struct cbor_reader *r, uint64_t *v)
{
    struct cbor_item item;

    if (!cbor_expect(r, CBOR_UNSIGNED, &item))
        return false;
    *v = item.number;
    return true;
}

bool cbor_small(struct cbor_reader *r, uint32_t *v)
{
    uint64_t big;

    if (!cbor_unsigned(r, &big))
        return false;
    *v = big < UINT32_MAX ? (uint32_t)big : UINT32_MAX;
    return true;
}
