/* SPDX-License-Identifier: MIT */
/* tp_printk: the one event whose record is put together by a loop instead of by a macro. */
#include "engine.h"

/* One slot of 8 bytes for each argument, the value at its start in its own size. */
static void store(uint8_t *to, uint8_t type, uint64_t value)
{
    uint8_t v1 = (uint8_t)value;
    uint16_t v2 = (uint16_t)value;
    uint32_t v4 = (uint32_t)value;

    memset(to, 0, 8);
    switch (tp_types[type].bytes) {
    case 1:
        memcpy(to, &v1, 1);
        break;
    case 2:
        memcpy(to, &v2, 2);
        break;
    case 4:
        memcpy(to, &v4, 4);
        break;
    default:
        memcpy(to, &value, 8);
    }
}

static void fill(uint8_t *fields, const struct tp_event *e, const char *const *text,
                 const uint64_t *value)
{
    uint8_t *tail = fields + e->bytes;

    for (uint32_t i = 0; i < e->fields; i++) {
        store(fields + e->field[i].at, e->field[i].type, value[i]);
        if (e->field[i].type == TP_TYPE_STR) {
            memcpy(tail, text[i], TP_TAIL_BYTES(value[i]));
            tail += TP_TAIL_BYTES(value[i]);
        }
    }
}

void tp_printk_emit(const struct tp_event *e, const struct tp_arg *args)
{
    const char *text[TP_LIMIT_FIELDS];
    uint64_t value[TP_LIMIT_FIELDS];
    uint32_t mask = __atomic_load_n(&e->mask, __ATOMIC_ACQUIRE); /* as in TP_DEFINE_ */
    uint32_t bytes = e->bytes;
    struct tp_slot slot;

    for (uint32_t i = 0; i < e->fields; i++) {
        if (e->field[i].type == TP_TYPE_STR) {
            text[i] = args[i].value.text;
            value[i] = tp_str_measure(&text[i], TP_STR_MAX);
            bytes += (uint32_t)TP_TAIL_BYTES(value[i]);
        } else {
            value[i] = args[i].value.number;
        }
    }
    for (unsigned i = 0; mask; i++, mask >>= 1)
        if ((mask & 1) && tp_record_begin(&slot, i, e->id, bytes)) {
            fill(slot.fields, e, text, value);
            tp_record_end(&slot);
        }
}
