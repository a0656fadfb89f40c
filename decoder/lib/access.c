/* SPDX-License-Identifier: MIT */
/* access.c - the library: what can be asked about the item that was given last. */
#include <string.h>

#include "base/mem.h"
#include "lib/dump.h"
#include "model/field.h"
#include "model/float.h"

_Static_assert((int)TP_DUMP_UNSIGNED == METADATA_UNSIGNED &&
                   (int)TP_DUMP_SIGNED == METADATA_SIGNED && (int)TP_DUMP_BOOL == METADATA_BOOL &&
                   (int)TP_DUMP_CHAR == METADATA_CHAR && (int)TP_DUMP_POINTER == METADATA_PTR &&
                   (int)TP_DUMP_STRING == METADATA_STR && (int)TP_DUMP_BYTES == METADATA_BYTES &&
                   (int)TP_DUMP_FLOAT == METADATA_FLOAT,
               "types have the numbers that the decoder gives them");
_Static_assert((int)TP_DUMP_IRQS_OFF == TP_CTX_IRQS_OFF &&
                   (int)TP_DUMP_NEED_RESCHED == TP_CTX_NEED_RESCHED &&
                   (int)TP_DUMP_SOFTIRQ == TP_CTX_SOFTIRQ &&
                   (int)TP_DUMP_HARDIRQ == TP_CTX_HARDIRQ && (int)TP_DUMP_NMI == TP_CTX_NMI,
               "and flags the bits that dumps have");

/* A field of the record that was given last, or NULL. */
static const struct metadata_field *access_field(const struct tp_dump *d, uint32_t field)
{
    return d->lane && d->event && field < d->event->field_count ? &d->event->fields[field] : NULL;
}

/* A number at p. */
static void access_number(const struct tp_dump *d, const struct metadata_field *f, const uint8_t *p,
                          struct tp_dump_value *v)
{
    bool swap = d->lane->record.swap;

    v->number = value_load(p, f->width, f->type == METADATA_SIGNED, swap);
    if (f->type == METADATA_FLOAT)
        v->real = float_load(p, f->width, swap);
}

bool access_value(const struct tp_dump *d, uint32_t field, struct tp_dump_value *v)
{
    const struct metadata_field *f = access_field(d, field);
    struct value_tail t;

    if (!f)
        return false;
    t = value_bytes(f, &d->lane->record, d->tails);
    *v = (struct tp_dump_value){.type = (enum tp_dump_type)f->type,
                                .width_bytes = f->width,
                                .count = f->array ? t.bytes / f->width : 0,
                                .cut = t.cut};
    if (f->type == METADATA_STR || f->type == METADATA_BYTES ||
        (f->array && f->type == METADATA_CHAR)) {
        v->bytes = (const char *)t.at;
        v->size_bytes = f->type == METADATA_BYTES ? t.bytes : value_text_bytes(t.at, t.bytes);
    } else if (!f->array) {
        access_number(d, f, t.at, v);
    }
    return true;
}

static int access_put(struct tp_dump_value *to, const struct tp_dump_value *v)
{
    return dump_put(to, v, sizeof(*v), sizeof(*v)) ? 0 : TP_DUMP_ESIZE;
}

int tp_dump_get(struct tp_dump *d, uint32_t field, struct tp_dump_value *to)
{
    struct tp_dump_value v;

    return access_value(d, field, &v) ? access_put(to, &v) : TP_DUMP_ENONE;
}

int tp_dump_get_named(struct tp_dump *d, const char *name, struct tp_dump_value *v)
{
    int field = d->lane && d->event
                    ? tp_dump_event_find((const struct tp_dump_event *)d->event, name)
                    : TP_DUMP_ENONE;

    return field < 0 ? field : tp_dump_get(d, (uint32_t)field, v);
}

/* Where an element is, and the same as if it were a field; NULL: there is none. */
static const uint8_t *access_element(const struct tp_dump *d, uint32_t field, uint32_t element,
                                     struct metadata_field *one)
{
    const struct metadata_field *f = access_field(d, field);
    struct value_tail t;

    if (!f || !f->array)
        return NULL;
    t = value_bytes(f, &d->lane->record, d->tails);
    if (element >= t.bytes / f->width)
        return NULL;
    *one = *f;
    one->array = one->sequence = false;
    one->at = (uint32_t)(t.at - d->lane->record.fields) + element * f->width;
    one->size = f->width;
    return d->lane->record.fields + one->at;
}

bool access_element_value(const struct tp_dump *d, uint32_t field, uint32_t element,
                          struct tp_dump_value *v)
{
    struct metadata_field one;
    const uint8_t *p = access_element(d, field, element, &one);

    if (!p)
        return false;
    *v = (struct tp_dump_value){.type = (enum tp_dump_type)one.type, .width_bytes = one.width};
    access_number(d, &one, p, v);
    return true;
}

int tp_dump_get_element(struct tp_dump *d, uint32_t field, uint32_t element,
                        struct tp_dump_value *to)
{
    struct tp_dump_value v;

    return access_element_value(d, field, element, &v) ? access_put(to, &v) : TP_DUMP_ENONE;
}

/* --- texts --- */

static int access_write(void *context, const void *bytes, size_t n)
{
    struct dump_bytes *t = context;

    if (n >= t->room - t->n) {
        t->room = 2 * (t->n + n + 1);
        t->at = mem_grow(t->at, t->room);
    }
    memcpy(t->at + t->n, bytes, n);
    t->n += n;
    return 0;
}

static void access_begin(struct tp_dump *d)
{
    struct symbols *symbols = d->out.symbols;

    if (!d->out.buffer)
        out_open(&d->out, (struct out_sink){access_write, &d->text});
    d->out.symbols = symbols; /* they may have been there before */
    d->text.n = 0;
}

/* A field, or all as the format has it if that is NULL. */
static int access_print(struct tp_dump *d, void *context)
{
    const struct metadata_field *f = context;
    const struct record *r = &d->lane->record;

    access_begin(d);
    if (f)
        field_print(&d->out, f, r, d->tails, OUT_TEXT);
    else
        value_message(&d->out, d->event, r, d->tails);
    out_bytes(&d->out, "", 1);
    out_flush(&d->out);
    return 0;
}

static const char *access_text(struct tp_dump *d, const struct metadata_field *f, size_t *size)
{
    struct metadata_field copy;

    if (f)
        copy = *f;
    if (dump_guard(d, access_print, f ? &copy : NULL) != 0)
        return NULL;
    if (size)
        *size = d->text.n - 1;
    return d->text.at;
}

const char *tp_dump_text(struct tp_dump *d, size_t *size)
{
    return d->lane && d->event ? access_text(d, NULL, size) : NULL;
}

const char *tp_dump_field_text(struct tp_dump *d, uint32_t field, size_t *size)
{
    const struct metadata_field *f = access_field(d, field);

    return f ? access_text(d, f, size) : NULL;
}

const char *tp_dump_element_text(struct tp_dump *d, uint32_t field, uint32_t element, size_t *size)
{
    struct metadata_field one;

    return access_element(d, field, element, &one) ? access_text(d, &one, size) : NULL;
}

static int access_symbol(struct tp_dump *d, void *context)
{
    const uint64_t *address = context;
    bool any;

    access_begin(d);
    any = symbols_print(&d->symbols, &d->out, *address, OUT_TEXT);
    out_bytes(&d->out, "", 1);
    out_flush(&d->out);
    return any ? 0 : TP_DUMP_ENONE;
}

const char *tp_dump_symbol(struct tp_dump *d, uint64_t address, size_t *size)
{
    if (!d->symbols_path || dump_guard(d, access_symbol, &address) != 0)
        return NULL;
    if (size)
        *size = d->text.n - 1;
    return d->text.at;
}

const char *tp_dump_comm(struct tp_dump *d)
{
    const struct task *t;

    if (!d->lane || d->item.kind == TP_DUMP_LOSS || !d->item.record.has_context)
        return NULL;
    t = task_find(&d->stream->tasks, d->item.record.pid);
    if (!t)
        return d->item.record.pid ? NULL : "<idle>";
    memcpy(d->comm, t->name, t->name_bytes);
    d->comm[t->name_bytes] = '\0';
    return d->comm;
}

int tp_dump_wall_ns(const struct tp_dump *d, uint64_t *wall_ns)
{
    if (!d->lane || !d->stream->day_known)
        return TP_DUMP_ENONE;
    *wall_ns = clock_wall_ns(&d->stream->pairs, d->stream->clock.hz, d->item.ticks);
    return 0;
}

const struct tp_dump_event *tp_dump_event_next(const struct tp_dump *d,
                                               const struct tp_dump_event *event)
{
    const struct metadata *m = d->stream ? &d->stream->metadata : NULL;
    uint32_t id = event ? tp_dump_event_id(event) : 0;

    while (m && ++id < m->event_slots)
        if (m->events[id])
            return (const struct tp_dump_event *)m->events[id];
    return NULL;
}
