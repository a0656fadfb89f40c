/* SPDX-License-Identifier: MIT */
/* value.c - the fields of one record: finding them, printing them. */
#include "model/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/load.h"
#include "model/float.h"
#include "model/format.h"
#include "model/symbols.h"

bool value_tails(const struct metadata_event *e, const struct record *r,
                 struct value_tail tails[TP_LIMIT_FIELDS])
{
    uint32_t used = e->bytes;

    if (used > r->bytes)
        return false;
    for (uint32_t i = 0; i < e->tail_count; i++) {
        uint16_t v = load_u16(r->fields + e->tail_at[i], r->swap);
        uint32_t n = TP_TAIL_BYTES(v);

        if (n > TP_LIMIT_TAIL_BYTES || n > r->bytes - used || n & e->tail_mask[i])
            return false;
        tails[i] = (struct value_tail){.at = r->fields + used, .bytes = n, .cut = v & TP_TAIL_CUT};
        used += n;
    }
    return true;
}

uint64_t value_load(const uint8_t *p, uint32_t width, bool is_signed, bool swap)
{
    switch (width) {
    case 1:
        return is_signed ? (uint64_t)(int8_t)*p : *p;
    case 2: {
        uint16_t v = load_u16(p, swap);

        return is_signed ? (uint64_t)(int16_t)v : v;
    }
    case 4: {
        uint32_t v = load_u32(p, swap);

        return is_signed ? (uint64_t)(int32_t)v : v;
    }
    default:
        return load_u64(p, swap);
    }
}

struct value_tail value_bytes(const struct metadata_field *f, const struct record *r,
                              const struct value_tail *tails)
{
    if (metadata_has_tail(f))
        return tails[f->tail];
    return (struct value_tail){.at = r->fields + f->at, .bytes = f->size};
}

uint32_t value_text_bytes(const uint8_t *p, uint32_t n)
{
    return n ? (uint32_t)strnlen((const char *)p, n) : 0;
}

static uint64_t value_mask(const struct metadata_field *f)
{
    return f->width >= 8 ? UINT64_MAX : (1ull << 8 * f->width) - 1;
}

const struct metadata_text *value_enum(const struct metadata_field *f, uint64_t v)
{
    return metadata_enum_name(f->table, f->type == METADATA_SIGNED && v >> 63, v);
}

void value_flags(struct out *o, const struct metadata_field *f, uint64_t v, enum out_escape how)
{
    uint64_t rest = v & value_mask(f);
    bool zero = !rest, first = true;

    for (uint32_t i = 0; i < f->table->count; i++) {
        const struct metadata_value *t = &f->table->values[i];
        uint64_t bits = t->bits & value_mask(f);

        if (!t->negative && bits != t->bits)
            continue; /* more bits than the field has */
        if (zero ? bits || !first : !bits || (rest & bits) != bits)
            continue;
        if (!first)
            out_bytes(o, "|", 1);
        out_escaped(o, t->name.bytes, t->name.n, how);
        first = false;
        rest &= ~bits;
    }
    if (!first && !rest)
        return;
    if (!first)
        out_bytes(o, "|", 1);
    if (rest)
        out_hex(o, rest);
    else
        out_bytes(o, "0", 1);
}

/* Text of n bytes padded to the width of the step. */
static void value_text(struct out *o, const struct format_step *s, const void *text, size_t n,
                       bool cut)
{
    size_t pad, bytes;

    if (s->precision >= 0 && n > (size_t)s->precision)
        n = (size_t)s->precision;
    bytes = n + (cut ? 3 : 0);
    pad = bytes < s->width ? s->width - bytes : 0;
    if (!s->minus)
        out_pad(o, ' ', pad);
    out_escaped(o, text, n, OUT_TEXT);
    if (cut)
        out_bytes(o, "...", 3);
    if (s->minus)
        out_pad(o, ' ', pad);
}

/* Digits of v in a base, at the end of a buffer. */
static char *value_digits(char *end, uint64_t v, unsigned base, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

    while (v) {
        *--end = digits[v % base];
        v /= base;
    }
    return end;
}

/* An integer with all flags, width and precision of printf. */
static void value_integer(struct out *o, const struct format_step *s, uint64_t v)
{
    bool decimal = strchr("diu", s->letter), is_signed = s->field->type == METADATA_SIGNED;
    bool negative = decimal && is_signed && v >> 63;
    unsigned base = decimal ? 10 : s->letter == 'o' ? 8 : 16;
    char buffer[32], *end = buffer + sizeof(buffer), *p;
    const char *prefix = "";
    size_t n, least, pad;

    if (!decimal)
        v &= value_mask(s->field);
    p = value_digits(end, negative ? 0 - v : v, base, s->letter == 'X');
    n = (size_t)(end - p);
    least = s->precision >= 0 ? (size_t)s->precision : 1;
    if (s->hash && base == 8 && least <= n)
        least = v ? n + 1 : 1;
    if (negative)
        prefix = "-";
    else if (decimal && is_signed)
        prefix = s->plus ? "+" : s->space ? " " : "";
    else if (s->letter == 'p' || (s->hash && base == 16 && v))
        prefix = s->letter == 'X' ? "0X" : "0x";
    least = least > n ? least - n : 0;
    pad = strlen(prefix) + least + n;
    pad = pad < s->width ? s->width - pad : 0;
    if (!s->minus && !(s->zero && s->precision < 0))
        out_pad(o, ' ', pad);
    out_text(o, prefix);
    if (s->zero && !s->minus && s->precision < 0)
        out_pad(o, '0', pad);
    out_pad(o, '0', least);
    out_bytes(o, p, n);
    if (s->minus)
        out_pad(o, ' ', pad);
}

struct value_memory {
    char *at;
    size_t left;
};

static int value_collect(void *context, const void *bytes, size_t n)
{
    struct value_memory *t = context;

    if (n > t->left)
        n = t->left;
    memcpy(t->at, bytes, n);
    t->at += n;
    t->left -= n;
    return 0;
}

/* Names of flags where a width or precision is asked for: rare, so put together first. */
static void value_flags_padded(struct out *o, const struct format_step *s, uint64_t v)
{
    struct value_memory t;
    char text[64 * (TP_LIMIT_NAME_BYTES + 1) + 20];
    struct out inner;

    t.at = text;
    t.left = sizeof(text);
    out_open(&inner, (struct out_sink){value_collect, &t});
    value_flags(&inner, s->field, v, OUT_RAW);
    out_flush(&inner);
    out_close(&inner);
    value_text(o, s, text, sizeof(text) - t.left, false);
}

static void value_named(struct out *o, const struct format_step *s, uint64_t v)
{
    const struct metadata_text *name;

    if (s->field->table->flags) {
        if (s->width || s->precision >= 0)
            value_flags_padded(o, s, v);
        else
            value_flags(o, s->field, v, OUT_TEXT);
        return;
    }
    name = value_enum(s->field, v);
    if (name) {
        value_text(o, s, name->bytes, name->n, false);
    } else {
        struct format_step number = *s;

        number.letter = 'd';
        number.precision = -1;
        value_integer(o, &number, v);
    }
}

/* The name of an address, if it has one. */
static bool value_symbol(struct out *o, const struct format_step *s, uint64_t v)
{
    char text[SYMBOLS_TEXT_BYTES];
    size_t n = symbols_text(o->symbols, v, text);

    if (n)
        value_text(o, s, text, n, false);
    return n;
}

static void value_element(struct out *o, const struct format_step *s, const uint8_t *p, bool swap)
{
    const struct metadata_field *f = s->field;
    uint64_t v = value_load(p, f->width, f->type == METADATA_SIGNED, swap);
    struct format_step plain = *s;
    uint8_t byte = (uint8_t)v;

    switch (s->letter) {
    case 'c':
        plain.precision = -1;
        value_text(o, &plain, &byte, 1, false);
        break;
    case 's':
        value_named(o, s, v);
        break;
    case 'p':
        plain.precision = -1;
        if (o->symbols && value_symbol(o, &plain, v))
            break;
        plain.precision = 1;
        value_integer(o, &plain, v);
        break;
    default:
        if (f->type == METADATA_FLOAT)
            float_print(o, s, float_load(p, f->width, swap));
        else
            value_integer(o, s, v);
    }
}

static void value_array(struct out *o, const struct format_step *s, const struct value_tail *t,
                        bool swap)
{
    uint32_t width = s->field->width, i = 0;
    uint64_t start = out_position(o);

    out_bytes(o, "{", 1);
    for (; i < t->bytes; i += width) {
        if (i)
            out_bytes(o, ",", 1);
        if (out_array_full(o, start))
            break;
        value_element(o, s, t->at + i, swap);
    }
    if (i < t->bytes)
        out_text(o, "...");
    else if (t->cut)
        out_text(o, i ? ",..." : "...");
    out_bytes(o, "}", 1);
}

static void value_hex(struct out *o, const struct format_step *s, const struct value_tail *t)
{
    size_t bytes = 2 * (size_t)t->bytes + (t->cut ? 3 : 0);
    size_t pad = bytes < s->width ? s->width - bytes : 0;

    out_pad(o, ' ', s->minus ? 0 : pad);
    out_hex_bytes(o, t->at, t->bytes, s->letter == 'X');
    if (t->cut)
        out_bytes(o, "...", 3);
    out_pad(o, ' ', s->minus ? pad : 0);
}

static void value_any(struct out *o, const struct format_step *s, const struct record *r,
                      const struct value_tail *tails)
{
    const struct metadata_field *f = s->field;
    struct value_tail t = value_bytes(f, r, tails);

    if (f->type == METADATA_STR || (f->array && f->type == METADATA_CHAR && s->letter == 's'))
        value_text(o, s, t.at, value_text_bytes(t.at, t.bytes), t.cut);
    else if (f->type == METADATA_BYTES)
        value_hex(o, s, &t);
    else if (f->array)
        value_array(o, s, &t, r->swap);
    else
        value_element(o, s, t.at, r->swap);
}

static void value_str(struct out *o, const struct value_tail *t)
{
    out_escaped(o, t->at, value_text_bytes(t->at, t->bytes), OUT_TEXT);
    if (t->cut)
        out_bytes(o, "...", 3);
}

/* The longest text is an escaped fmt and name; a number needs less. */
#define VALUE_ROOM (4 * (TP_LIMIT_FORMAT_BYTES + TP_LIMIT_NAME_BYTES + 8) + 64)

/* Texts are mostly short. */
static inline char *value_literal(char *to, const char *text, uint32_t bytes)
{
    memcpy(to, text, FORMAT_TEXT_UNIT);
    for (uint32_t i = FORMAT_TEXT_UNIT; __builtin_expect(i < bytes, 0); i += FORMAT_TEXT_UNIT)
        memcpy(to + i, text + i, FORMAT_TEXT_UNIT);
    return to + bytes;
}

/* What is not a plain number. */
static char *value_other(struct out *o, const struct format_step *s, const struct record *r,
                         const struct value_tail *tails, char *to)
{
    o->at = to;
    if (s->kind == FORMAT_STR)
        value_str(o, &tails[s->field->tail]);
    else
        value_any(o, s, r, tails);
    return o->at;
}

/* All but the first `skip` bytes of the text before the first value. `to` is the writer's position while the steps are simple
 * ones; there is always room for one. */
static inline __attribute__((always_inline)) void value_steps(struct out *o, const struct format *f,
                                                              uint32_t skip, const struct record *r,
                                                              const struct value_tail *tails)
{
    const struct format_step *s = f->steps, *end = s + f->count;
    const uint8_t *fields = r->fields;
    bool swap = r->swap;
    char *to = out_room(o, VALUE_ROOM), *last = o->end - VALUE_ROOM;

    for (; s < end; s++, skip = 0) {
        const uint8_t *p = fields + s->at;

        to = value_literal(to, s->text + skip, s->text_bytes - skip);
        switch (s->kind) {
        case FORMAT_U8:
            to = out_put_u32(to, *p);
            break;
        case FORMAT_U16:
            to = out_put_u32(to, load_u16(p, swap));
            break;
        case FORMAT_U32:
            to = out_put_u32(to, load_u32(p, swap));
            break;
        case FORMAT_U64:
            to = out_put_u64(to, load_u64(p, swap));
            break;
        case FORMAT_S8:
            to = out_put_s64(to, (int8_t)*p);
            break;
        case FORMAT_S16:
            to = out_put_s64(to, (int16_t)load_u16(p, swap));
            break;
        case FORMAT_S32:
            to = out_put_s64(to, (int32_t)load_u32(p, swap));
            break;
        case FORMAT_S64:
            to = out_put_s64(to, (int64_t)load_u64(p, swap));
            break;
        case FORMAT_TEXT:
            break;
        case FORMAT_STR:
        case FORMAT_VALUE:
            to = value_other(o, s, r, tails, to);
            last = o->end - VALUE_ROOM;
            break;
        }
        if (__builtin_expect(to > last, 0)) {
            o->at = to;
            to = out_room(o, VALUE_ROOM);
            last = o->end - VALUE_ROOM;
        }
    }
    o->at = to;
}

void value_print(struct out *o, const struct metadata_event *e, const struct record *r,
                 const struct value_tail *tails)
{
    value_steps(o, e->format, 0, r, tails);
}

void value_message(struct out *o, const struct metadata_event *e, const struct record *r,
                   const struct value_tail *tails)
{
    value_steps(o, e->format, e->format->head_bytes, r, tails);
}
