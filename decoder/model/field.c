/* SPDX-License-Identifier: MIT */
/* field.c - one field of a record by itself. */
#include "model/field.h"

#include "model/float.h"
#include "model/symbols.h"

static void field_quote(struct out *o, enum out_escape how)
{
    if (how == OUT_JSON)
        out_bytes(o, "\"", 1);
}

void field_text(struct out *o, const void *text, size_t n, enum out_escape how)
{
    field_quote(o, how);
    out_escaped(o, text, n, how);
    field_quote(o, how);
}

/* JSON has no numbers that are none. */
static void field_float(struct out *o, double v, uint32_t width, enum out_escape how)
{
    char text[FLOAT_TEXT_BYTES];
    size_t n = float_text(v, width, text);

    if (float_finite(v))
        out_bytes(o, text, n);
    else
        field_text(o, text, n, how);
}

static void field_element(struct out *o, const struct metadata_field *f, const uint8_t *p,
                          bool swap, enum out_escape how)
{
    uint64_t v = value_load(p, f->width, f->type == METADATA_SIGNED, swap);
    const struct metadata_text *name = f->table && !f->table->flags ? value_enum(f, v) : NULL;

    if (name) {
        field_text(o, name->bytes, name->n, how);
    } else if (f->table && f->table->flags) {
        field_quote(o, how);
        value_flags(o, f, v, how);
        field_quote(o, how);
    } else if (f->type == METADATA_BOOL && how == OUT_JSON) {
        out_text(o, v ? "true" : "false");
    } else if (f->type == METADATA_CHAR) {
        field_text(o, p, 1, how);
    } else if (f->type == METADATA_PTR) {
        field_quote(o, how);
        if (!o->symbols || !symbols_print(o->symbols, o, v, how))
            out_hex(o, v);
        field_quote(o, how);
    } else if (f->type == METADATA_FLOAT) {
        field_float(o, float_load(p, f->width, swap), f->width, how);
    } else if (f->width == 8 && how == OUT_JSON && f->type == METADATA_SIGNED) {
        out_wide_s64(o, (int64_t)v);
    } else if (f->width == 8 && how == OUT_JSON) {
        out_wide_u64(o, v);
    } else if (f->type == METADATA_SIGNED) {
        out_s64(o, (int64_t)v);
    } else {
        out_u64(o, v);
    }
}

static void field_tail(struct out *o, const struct metadata_field *f, const struct value_tail *t,
                       enum out_escape how)
{
    field_quote(o, how);
    if (f->type == METADATA_BYTES)
        out_hex_bytes(o, t->at, t->bytes, false);
    else
        out_escaped(o, t->at, value_text_bytes(t->at, t->bytes), how);
    if (t->cut)
        out_text(o, "...");
    field_quote(o, how);
}

/* What is left out shows in JSON as well: `[1,2,"..."]`. */
static void field_array(struct out *o, const struct metadata_field *f, const struct value_tail *t,
                        bool swap, enum out_escape how)
{
    uint64_t start = out_position(o);
    uint32_t i = 0;

    out_bytes(o, how == OUT_JSON ? "[" : "{", 1);
    for (; i < t->bytes; i += f->width) {
        if (i)
            out_bytes(o, ",", 1);
        if (out_array_full(o, start))
            break;
        field_element(o, f, t->at + i, swap, how);
    }
    if (t->cut || i < t->bytes) {
        if (i && i == t->bytes)
            out_bytes(o, ",", 1);
        field_text(o, "...", 3, how);
    }
    out_bytes(o, how == OUT_JSON ? "]" : "}", 1);
}

void field_print(struct out *o, const struct metadata_field *f, const struct record *r,
                 const struct value_tail *tails, enum out_escape how)
{
    struct value_tail t = value_bytes(f, r, tails);

    if (f->type == METADATA_STR || f->type == METADATA_BYTES ||
        (f->array && f->type == METADATA_CHAR))
        field_tail(o, f, &t, how);
    else if (f->array)
        field_array(o, f, &t, r->swap, how);
    else
        field_element(o, f, t.at, r->swap, how);
}
