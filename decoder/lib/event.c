/* SPDX-License-Identifier: MIT */
/* event.c - the library: what can be asked about an event. */
#include <string.h>
#include <tpdecode.h>

#include "lib/dump.h"
#include "model/schema.h"

static const struct metadata_event *event_metadata(const struct tp_dump_event *event)
{
    return (const struct metadata_event *)event;
}

/* Texts of metadata have a NUL after them. */
const char *tp_dump_event_system(const struct tp_dump_event *event)
{
    return event_metadata(event)->sys.bytes;
}

const char *tp_dump_event_name(const struct tp_dump_event *event)
{
    return event_metadata(event)->name.bytes;
}

const char *tp_dump_event_format(const struct tp_dump_event *event)
{
    return event_metadata(event)->fmt.bytes;
}

uint32_t tp_dump_event_id(const struct tp_dump_event *event)
{
    return event_metadata(event)->id;
}

uint32_t tp_dump_event_fields(const struct tp_dump_event *event)
{
    return event_metadata(event)->field_count;
}

int tp_dump_event_field(const struct tp_dump_event *event, uint32_t field, struct tp_dump_field *to)
{
    const struct metadata_event *e = event_metadata(event);
    const struct metadata_field *f;
    struct tp_dump_field d;

    if (field >= e->field_count)
        return TP_DUMP_ENONE;
    f = &e->fields[field];
    d = (struct tp_dump_field){.name = f->name.bytes,
                               .type_name = f->type_name.bytes,
                               .type = (enum tp_dump_type)f->type,
                               .width_bytes = f->width,
                               .count = f->array ? f->count : 0,
                               .is_sequence = f->sequence};
    if (f->table) {
        d.table = f->table->name.bytes ? f->table->name.bytes : "";
        d.is_flags = f->table->flags;
    }
    return dump_put(to, &d, sizeof(d), sizeof(d)) ? 0 : TP_DUMP_ESIZE;
}

int tp_dump_event_find(const struct tp_dump_event *event, const char *name)
{
    const struct metadata_event *e = event_metadata(event);

    for (uint32_t i = 0; i < e->field_count; i++)
        if (strcmp(e->fields[i].name.bytes, name) == 0)
            return (int)i;
    return TP_DUMP_ENONE;
}

uint64_t tp_dump_event_hash(const struct tp_dump_event *event)
{
    /* The caller that has an event has its dump, which only one thread uses. */
    struct metadata_event *e = (struct metadata_event *)(uintptr_t)event;

    struct schema sum = SCHEMA_START;

    if (!e->hash) {
        schema_add(&sum, e);
        e->hash = sum.hash;
    }
    return e->hash;
}
