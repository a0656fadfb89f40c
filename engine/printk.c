/* SPDX-License-Identifier: MIT */
/* tp_printk: its arguments as values; the rest is any event's (emit.c). */
#include "engine.h"

void tp_printk_emit(struct tp_event *e, const struct tp_arg *args)
{
    struct tp_filter_value value[TP_FILTER_VALUES];
    uint32_t bytes = e->bytes;
    struct tp_slot slot;

    for (uint32_t i = 0; i < e->fields; i++) {
        if (e->field[i].type == TP_TYPE_STR) {
            const char *text = (const char *)(uintptr_t)args[i].number;

            value[i].number = tp_str_measure(&text, e->str_max);
            value[i].text = text;
            value[i].text_bytes = (uint32_t)TP_TAIL_BYTES(value[i].number);
            bytes += value[i].text_bytes;
        } else {
            value[i].number = args[i].number;
        }
    }
    if (!tp_emit(e, value, bytes, &slot))
        return;
    tp_emit_fill(slot.fields, e, value);
    tp_record_end(&slot);
}
