/* SPDX-License-Identifier: MIT */
/* Programs: the compiled filters of an event with their texts, and the values that they read. */
#include "control.h"

static const char *program_name_at(const void *table, uint32_t i, int64_t *value)
{
    const struct tp_table *t = table;

    *value = t->value[i].value;
    return t->value[i].name;
}

static uint8_t program_kind_of(const struct tp_field *f)
{
    if (f->count && f->type != TP_TYPE_CHAR)
        return TP_FILTER_OPAQUE;
    switch (f->type) {
    case TP_TYPE_STR:
        return TP_FILTER_TEXT;
    case TP_TYPE_BYTES:
        return TP_FILTER_OPAQUE;
    case TP_TYPE_CHAR:
        return f->count ? TP_FILTER_TEXT : TP_FILTER_UNSIGNED;
    case TP_TYPE_S8:
    case TP_TYPE_S16:
    case TP_TYPE_S32:
    case TP_TYPE_S64:
        return TP_FILTER_SIGNED;
    case TP_TYPE_F32:
    case TP_TYPE_F64:
        return TP_FILTER_FLOAT;
    default:
        return TP_FILTER_UNSIGNED;
    }
}

static void program_describe(const struct tp_event *e, struct tp_filter_field *out)
{
    for (uint32_t i = 0; i < e->fields; i++) {
        const struct tp_field *f = &e->field[i];
        const struct tp_table *t = f->table;

        out[i] = (struct tp_filter_field){.name = f->name,
                                          .kind = program_kind_of(f),
                                          .bytes = tp_types[f->type].bytes,
                                          .flags = t && t->flags,
                                          .names = t ? t->values : 0,
                                          .table = t};
    }
}

/* The program and its text are in one piece, compiled in place, and the piece is trimmed to their
 * size. The description of the fields is at the end of the piece, because it is too large for a
 * stack. Only the compiler reads it, so that the text may be copied over it afterwards. */
int tp_program_make(const struct tp_event *e, struct tp_piece text, struct tp_program **out,
                    struct tp_filter_error *error)
{
    struct tp_filter_schema schema = {.fields = e->fields, .name_at = program_name_at};
    struct tp_filter_error ignored;
    size_t bytes = text.bytes > TP_FILTER_TEXT_MAX ? TP_FILTER_TEXT_MAX + 1 : text.bytes;
    size_t fields = e->fields * sizeof(struct tp_filter_field);
    size_t end = fields > bytes + 1 ? fields : bytes + 1;
    size_t room = sizeof(**out) + TP_FILTER_BYTES_MAX + end;
    struct tp_program *p = tp_store_most(sizeof(*p) + end, &room);
    struct tp_filter_field *field;
    long n;

    if (!p)
        return tp_store_full();
    room = (room - end) & ~(size_t)7; /* left for the program, a multiple of 8 */
    field = (struct tp_filter_field *)(void *)((char *)p + room);
    program_describe(e, field);
    schema.field = field;
    n = tp_filter_compile((struct tp_filter *)(void *)(p + 1), room - sizeof(*p), text.text, bytes,
                          &schema, error ? error : &ignored);
    if (n < 0) {
        tp_store_drop(p);
        return n == TP_FILTER_NO_ROOM ? tp_store_full() : TP_EFILTER;
    }
    p->text_at = (uint32_t)(sizeof(*p) + (size_t)n);
    memcpy((char *)p + p->text_at, text.text, bytes);
    ((char *)p)[p->text_at + bytes] = 0;
    tp_store_trim(p, p->text_at + bytes + 1);
    *out = p;
    return 0;
}

const char *tp_program_text(const struct tp_program *p)
{
    return (const char *)p + p->text_at;
}

void tp_program_fill(const struct tp_event *e, struct tp_filter_value *v, uint32_t uses,
                     uint8_t *comm)
{
    tp_program_common(e, v, uses, comm, TP_TRACES_MAX);
}
