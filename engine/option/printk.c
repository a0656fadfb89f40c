/* SPDX-License-Identifier: MIT */
/* tp_printk: records its arguments as they are, or, where there are rules, passes them as values
 * like those of any event. */
#include "../core/core.h"

#include <tp/inner/create.h>

static const char *printk_text_of(const struct tp_arg *arg)
{
    const char *text = (const char *)(uintptr_t)arg->number;

    return text ? text : "(null)";
}

/* The lengths of the texts, with TP_TAIL_CUT; returns the bytes of the fields. Not inlined, like
 * printk_fill, so that its stack is free again while the record is begun. */
static __attribute__((__noinline__)) uint32_t
printk_measure(const struct tp_event *e, const struct tp_arg *args, uint16_t *tail)
{
    uint32_t bytes = e->bytes;

    for (uint32_t i = 0; i < e->fields; i++) {
        const char *text = printk_text_of(&args[i]);

        if (e->field[i].type != TP_TYPE_STR)
            continue;
        tail[i] = (uint16_t)tp_str_measure(&text, e->str_max);
        bytes += TP_TAIL_BYTES(tail[i]);
    }
    return bytes;
}

static __attribute__((__noinline__)) void printk_fill(uint8_t *fields, const struct tp_event *e,
                                                      const struct tp_arg *args,
                                                      const uint16_t *tail)
{
    uint8_t *end = fields + e->bytes;

    for (uint32_t i = 0; i < e->fields; i++) {
        const struct tp_field *f = &e->field[i];
        uint64_t number = args[i].number;

        if (f->type == TP_TYPE_STR) {
            memcpy(end, printk_text_of(&args[i]), TP_TAIL_BYTES(tail[i]));
            end += TP_TAIL_BYTES(tail[i]);
            number = tail[i];
        }
        tp_store_number(fields + f->at, tp_types[f->type].bytes, number);
    }
}

static __attribute__((__noinline__)) void printk_all(struct tp_event *e, const struct tp_arg *args,
                                                     uint32_t bytes, const uint16_t *tail)
{
    TP_ARCH_UNCLEARED struct tp_filter_value value[TP_FILTER_VALUES];
    TP_ARCH_UNCLEARED struct tp_slot slot;

    for (uint32_t i = 0; i < e->fields; i++) {
        value[i].number = args[i].number;
        if (e->field[i].type == TP_TYPE_STR) {
            value[i].number = tail[i];
            value[i].text = printk_text_of(&args[i]);
            value[i].text_bytes = (uint32_t)TP_TAIL_BYTES(tail[i]);
        }
    }
    slot.more = 0;
    do {
        if (!tp_emit(e, value, bytes, &slot))
            return;
        printk_fill(slot.fields, e, args, tail);
        tp_record_end(&slot);
    } while (slot.more);
}

void tp_printk_emit(struct tp_event *e, const struct tp_arg *args)
{
    uint32_t mask = __atomic_load_n(&e->mask, __ATOMIC_ACQUIRE);
    TP_ARCH_UNCLEARED uint16_t tail[TP_FILTER_FIELDS_MAX];
    uint32_t bytes = printk_measure(e, args, tail);
    TP_ARCH_UNCLEARED struct tp_slot slot;

    if (!tp_mask_single(mask)) {
        printk_all(e, args, bytes, tail);
    } else if (tp_record_begin(&slot, tp_arch_bit(mask), e->id, bytes)) {
        printk_fill(slot.fields, e, args, tail);
        tp_record_end(&slot);
    }
}
