/* SPDX-License-Identifier: MIT */
/* object.c - the fields of a record as an object of JSON. */
#include "model/object.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/field.h"

static char *object_put(char *p, const char *before, const struct metadata_text *name,
                        const char *after)
{
    p = stpcpy(p, before);
    p += out_escape(p, name->bytes, name->n, OUT_JSON);
    return stpcpy(p, after);
}

/* The head, with names in place of %s and %e. Its bytes: none is written if `to` is NULL. */
static size_t object_put_head(char *to, const char *head, const struct metadata_event *e)
{
    size_t n = 0;

    for (; head && *head; head++) {
        const struct metadata_text *name = head[1] == 's' ? &e->sys : &e->name;

        if (*head != '%') {
            if (to)
                to[n] = *head;
            n++;
            continue;
        }
        n += to ? out_escape(to + n, name->bytes, name->n, OUT_JSON) : 6 * (size_t)name->n;
        head++;
    }
    return n;
}

static struct object *object_make(const char *head, const struct metadata_event *e)
{
    size_t room = object_put_head(NULL, head, e) + OBJECT_UNIT;
    struct object *in;
    char *p;

    for (uint32_t i = 0; i < e->field_count; i++)
        room += 6 * (size_t)e->fields[i].name.n + 4;
    in = mem_zero(sizeof(*in) + room);
    in->event = e;
    p = in->text + object_put_head(in->text, head, e);
    in->end[0] = (uint32_t)(p - in->text);
    for (uint32_t i = 0; i < e->field_count; i++) {
        p = object_put(p, i ? ",\"" : "\"", &e->fields[i].name, "\":");
        in->end[i + 1] = (uint32_t)(p - in->text);
    }
    return in;
}

const struct object *object_find(struct object_list *l, const struct metadata_event *e)
{
    struct object **in = &l->events[e->id % OBJECT_EVENTS];

    if (*in && (*in)->event == e)
        return *in;
    free(*in);
    *in = NULL; /* memory may run out */
    return *in = object_make(l->head, e);
}

void object_forget(struct object_list *l)
{
    for (uint32_t i = 0; i < OBJECT_EVENTS; i++) {
        free(l->events[i]);
        l->events[i] = NULL;
    }
}

static inline void object_value(struct out *o, const struct metadata_field *f,
                                const struct record *r, const struct value_tail *tails)
{
    const uint8_t *p = r->fields + f->at;

    if (f->type > METADATA_SIGNED || f->array || f->table || (f->width == 8 && o->wide_quoted))
        field_print(o, f, r, tails, OUT_JSON);
    else if (f->type == METADATA_SIGNED)
        o->at = out_put_s64(out_room(o, 21), (int64_t)value_load(p, f->width, true, r->swap));
    else
        o->at = out_put_u64(out_room(o, 20), value_load(p, f->width, false, r->swap));
}

void object_fields(struct out *o, const struct object *in, const struct record *r,
                   const struct value_tail *tails)
{
    const struct metadata_event *e = in->event;

    for (uint32_t i = 0; i < e->field_count; i++) {
        object_piece(o, in->text + in->end[i], in->end[i + 1] - in->end[i]);
        object_value(o, &e->fields[i], r, tails);
    }
}
