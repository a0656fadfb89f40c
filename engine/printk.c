/* SPDX-License-Identifier: MIT */
/* tp_printk: its arguments as values; the rest is any event's (emit.c). */
#include "engine.h"

void tp_printk_emit(struct tp_event *e, const struct tp_arg *args)
{
    struct tp_filter_value value[TP_FILTER_VALUES];

    for (uint32_t i = 0; i < e->fields; i++) {
        if (e->field[i].type == TP_TYPE_STR) {
            const char *text = args[i].value.text;

            value[i].number = tp_str_measure(&text, TP_STR_MAX);
            value[i].text = text;
            value[i].text_bytes = (uint32_t)TP_TAIL_BYTES(value[i].number);
        } else {
            value[i].number = args[i].value.number;
        }
    }
    tp_emit(e, value);
}
