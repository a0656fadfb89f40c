/* SPDX-License-Identifier: MIT */
/* row.c - the fields of a record, one after the other. */
#include "export/row.h"

#include "model/symbols.h"

static void row_element(struct block *b, const struct metadata_field *f, const uint8_t *p,
                        bool swap)
{
    uint64_t v = value_load(p, f->width, false, swap);
    char name[SYMBOLS_TEXT_BYTES];
    size_t n;

    pile_put(&b->part[BLOCK_ROWS], v, f->width);
    if (f->type != METADATA_PTR || !b->out->symbols)
        return;
    n = symbols_text(b->out->symbols, v, name);
    pile_u64(&b->part[BLOCK_ROWS], n ? block_string(b, name, n) + 1u : 0);
}

static void row_field(struct block *b, const struct metadata_field *f, const struct record *r,
                      const struct value_tail *tails)
{
    struct value_tail t = value_bytes(f, r, tails);
    struct pile *rows = &b->part[BLOCK_ROWS];

    if (f->type == METADATA_STR || f->type == METADATA_BYTES ||
        (f->array && f->type == METADATA_CHAR)) {
        uint32_t n = f->type == METADATA_BYTES ? t.bytes : value_text_bytes(t.at, t.bytes);

        pile_u64(rows, 2u * (uint64_t)n + t.cut);
        pile_add(rows, t.at, n);
    } else if (f->array) {
        if (f->sequence)
            pile_u64(rows, 2u * (uint64_t)(t.bytes / f->width) + t.cut);
        for (uint32_t i = 0; i < t.bytes; i += f->width)
            row_element(b, f, t.at + i, r->swap);
    } else {
        row_element(b, f, t.at, r->swap);
    }
}

void row_add(struct block *b, const struct metadata_event *e, const struct record *r,
             const struct value_tail *tails)
{
    for (uint32_t i = 0; i < e->field_count; i++)
        row_field(b, &e->fields[i], r, tails);
}

void row_raw(struct block *b, const struct record *r)
{
    pile_u64(&b->part[BLOCK_ROWS], r->id);
    pile_add(&b->part[BLOCK_ROWS], r->fields, r->bytes);
}
