/* SPDX-License-Identifier: MIT */
/* Makes records from values, by a loop over the fields of any event. */
#include "control.h"

uint32_t tp_emit_bytes(const struct tp_event *e, const struct tp_filter_value *v)
{
    uint32_t bytes = e->bytes;

    for (uint32_t i = 0; i < e->fields; i++)
        if (tp_field_has_tail(&e->field[i]))
            bytes += v[i].text_bytes;
    return bytes;
}

void tp_emit_fill(uint8_t *fields, const struct tp_event *e, const struct tp_filter_value *v)
{
    uint8_t *tail = fields + e->bytes;

    for (uint32_t i = 0; i < e->fields; i++) {
        const struct tp_field *f = &e->field[i];

        bool has_tail = tp_field_has_tail(f);

        if (f->count && !has_tail) {
            memcpy(fields + f->at, v[i].text, v[i].text_bytes);
            continue;
        }
        tp_store_number(fields + f->at, (uint8_t)tp_field_bytes(f), v[i].number);
        if (has_tail) {
            memcpy(tail, v[i].text, v[i].text_bytes);
            tail += v[i].text_bytes;
        }
    }
}

void tp_emit_all(const struct tp_event *e, const struct tp_filter_value *v, uint32_t bytes,
                 uint32_t traces)
{
    for (unsigned i = 0; traces; i++, traces >>= 1) {
        TP_ARCH_UNCLEARED struct tp_slot slot;

        if (!(traces & 1) || !tp_record_begin(&slot, i, e->id, bytes))
            continue;
        tp_emit_fill(slot.fields, e, v);
        tp_record_end(&slot);
    }
}
