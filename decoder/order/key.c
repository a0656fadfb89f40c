/* SPDX-License-Identifier: MIT */
/* key.c - what records are grouped by. */
#include "order/key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "model/field.h"
#include "model/float.h"

const char *key_check(size_t n)
{
    return n && n <= NAMED_BYTES ? NULL : "not the name of a field";
}

void key_open(struct key_by *by, const char *name, size_t n)
{
    memset(by, 0, sizeof(*by));
    by->name = (struct metadata_text){name, (uint32_t)n};
    by->common = common_find(name, n);
    by->always = common_always(name, n);
    columns_add(&by->columns, name, n);
}

static uint8_t key_column(struct key_by *by, const struct metadata_event *e)
{
    return by->always ? COLUMNS_NONE : columns_find(&by->columns, e)->field[0];
}

bool key_is_field(struct key_by *by, const struct metadata_event *e)
{
    return key_column(by, e) != COLUMNS_NONE;
}

bool key_numeric(const struct metadata_field *f)
{
    return f->type <= METADATA_PTR && !f->array;
}

static __int128 key_load(const struct metadata_field *f, const uint8_t *at, bool swap)
{
    uint64_t bits = value_load(at, f->width, f->type == METADATA_SIGNED, swap);

    return f->type == METADATA_SIGNED ? (__int128)(int64_t)bits : (__int128)bits;
}

bool key_number(const struct metadata_field *f, const struct record *r, __int128 *v)
{
    if (!key_numeric(f))
        return false;
    *v = key_load(f, r->fields + f->at, r->swap);
    return true;
}

static void key_clear(struct key *k)
{
    k->number = 0;
    k->is_text = false;
    k->stream = k->bytes = 0;
}

static void key_add(struct key *k, const void *text, size_t n)
{
    if (n > KEY_TEXT_BYTES - k->bytes)
        n = KEY_TEXT_BYTES - k->bytes;
    memcpy(k->text + k->bytes, text, n);
    k->bytes += (uint32_t)n;
}

/* The name of a value of an enum, or NULL. */
static const struct metadata_text *key_enum(const struct metadata_field *f, __int128 number)
{
    return f->table && !f->table->flags ? value_enum(f, (uint64_t)number) : NULL;
}

static void key_element(struct key *k, const struct metadata_field *f, const uint8_t *at, bool swap)
{
    __int128 number = f->type == METADATA_FLOAT ? 0 : key_load(f, at, swap);
    const struct metadata_text *name = key_enum(f, number);
    char text[FLOAT_TEXT_BYTES > NUMBER_BYTES ? FLOAT_TEXT_BYTES : NUMBER_BYTES];

    if (name) {
        key_add(k, name->bytes, name->n);
        return;
    }
    if (f->type == METADATA_FLOAT)
        text[float_text(float_load(at, f->width, swap), f->width, text)] = '\0';
    else if (f->type == METADATA_PTR)
        snprintf(text, sizeof(text), "0x%" PRIx64, (uint64_t)number);
    else
        number_put(text, number);
    key_add(k, text, strlen(text));
}

/* As text has them: {1,2,3}. In memory they are in the order of the machine that wrote them. */
static void key_elements(struct key *k, const struct metadata_field *f, const struct value_tail *t,
                         bool swap)
{
    key_add(k, "{", 1);
    for (uint32_t i = 0; i < t->bytes && k->bytes < KEY_TEXT_BYTES; i += f->width) {
        key_add(k, ",", i != 0);
        key_element(k, f, t->at + i, swap);
    }
    key_add(k, "}", 1);
}

static void key_bytes(struct key *k, const struct value_tail *t)
{
    static const char digits[] = "0123456789abcdef";

    for (uint32_t i = 0; i < t->bytes && k->bytes < KEY_TEXT_BYTES; i++)
        key_add(k, (char[]){digits[t->at[i] >> 4], digits[t->at[i] & 15]}, 2);
}

void key_value(const struct metadata_field *f, const struct record *r,
               const struct value_tail *tails, struct key *k)
{
    struct value_tail t = value_bytes(f, r, tails);
    const struct metadata_text *name;
    char text[FLOAT_TEXT_BYTES];

    key_clear(k);
    if (key_number(f, r, &k->number)) {
        name = key_enum(f, k->number);
        if (name)
            key_add(k, name->bytes, name->n);
        return;
    }
    k->is_text = true;
    if (f->type == METADATA_FLOAT && !f->array)
        key_add(k, text, float_text(float_load(t.at, f->width, r->swap), f->width, text));
    else if (f->type == METADATA_STR || f->type == METADATA_CHAR)
        key_add(k, t.at, value_text_bytes(t.at, t.bytes));
    else if (f->type == METADATA_BYTES)
        key_bytes(k, &t);
    else
        key_elements(k, f, &t, r->swap);
}

size_t key_name(const struct metadata_field *f, const struct record *r,
                const struct value_tail *tails, struct symbols *symbols, char to[KEY_NAME_BYTES],
                bool *number)
{
    struct key k;
    size_t n = 0;

    key_value(f, r, tails, &k);
    *number = false;
    if (k.bytes || k.is_text) {
        memcpy(to, k.text, k.bytes);
        return k.bytes;
    }
    if (f->type != METADATA_PTR) {
        *number = true;
        number_put(to, k.number);
        return strlen(to);
    }
    if (symbols)
        n = symbols_function(symbols, (uint64_t)k.number, to);
    return n ? n : (size_t)snprintf(to, KEY_NAME_BYTES, "0x%" PRIx64, (uint64_t)k.number);
}

bool key_find(struct key_by *by, struct stream_lane *lane, const struct metadata_event *e,
              const struct value_tail *tails, struct key *k)
{
    uint8_t column = key_column(by, e);
    char joined[METADATA_JOINED_BYTES];
    struct metadata_text name;
    const char *comm;
    uint64_t number;
    size_t n;

    if (column != COLUMNS_NONE) {
        key_value(&e->fields[column], &lane->record, tails, k);
        return true;
    }
    key_clear(k);
    if (!by->common)
        return false;
    if (common_is_number(by->common)) {
        if (!common_number(by->common, lane, &number))
            return false;
        k->number = number;
        return true;
    }
    k->is_text = true;
    if (by->common == COMMON_EVENT) {
        name = metadata_join(e, ':', joined);
        key_add(k, name.bytes, name.n);
        return true;
    }
    comm = common_comm(lane, &n);
    if (comm)
        key_add(k, comm, n);
    return comm;
}

uint32_t key_hash(const struct key *k)
{
    uint64_t h = ((uint64_t)k->number + k->stream) * 0x9e3779b97f4a7c15u;

    for (uint32_t i = 0; k->is_text && i < k->bytes; i++)
        h = (h ^ (uint8_t)k->text[i]) * 0x100000001b3u;
    return (uint32_t)(h ^ h >> 32);
}

bool key_equal(const struct key *a, const struct key *b)
{
    if (a->number != b->number || a->is_text != b->is_text || a->stream != b->stream)
        return false;
    return !a->is_text || (a->bytes == b->bytes && memcmp(a->text, b->text, a->bytes) == 0);
}

int key_compare(const struct key *a, const struct key *b)
{
    uint32_t n = a->bytes < b->bytes ? a->bytes : b->bytes;
    int by_text;

    if (a->is_text != b->is_text)
        return a->is_text ? 1 : -1;
    if (!a->is_text)
        return (a->number > b->number) - (a->number < b->number);
    by_text = memcmp(a->text, b->text, n);
    return by_text ? by_text : (a->bytes > b->bytes) - (a->bytes < b->bytes);
}

void key_print(struct out *o, const struct key *k, enum out_escape how)
{
    if (k->is_text || k->bytes)
        field_text(o, k->text, k->bytes, how);
    else
        number_print(o, k->number);
}
