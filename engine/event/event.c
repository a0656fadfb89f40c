/* SPDX-License-Identifier: MIT */
/*
 * The registry: events are found through the sections of pointers that TP_EVENT fills, that of the
 * image and those of modules. Each section gets the next ids in its order. A module that is removed
 * leaves a hole: no id is given twice.
 */
#include "events.h"

const struct tp_type_info tp_types[] = {
    [TP_TYPE_U8] = {"u8", 1, false},
    [TP_TYPE_U16] = {"u16", 2, false},
    [TP_TYPE_U32] = {"u32", 4, false},
    [TP_TYPE_U64] = {"u64", 8, false},
    [TP_TYPE_S8] = {"s8", 1, false},
    [TP_TYPE_S16] = {"s16", 2, false},
    [TP_TYPE_S32] = {"s32", 4, false},
    [TP_TYPE_S64] = {"s64", 8, false},
    [TP_TYPE_BOOL] = {"bool", 1, false},
    [TP_TYPE_CHAR] = {"char", 1, false},
    [TP_TYPE_PTR] = {"ptr", sizeof(void *), false},
    [TP_TYPE_STR] = {"str", 2, true}, /* a length; the text is in the tail */
    [TP_TYPE_BYTES] = {"bytes", 2, true},
    [TP_TYPE_F32] = {"f32", 4, false},
    [TP_TYPE_F64] = {"f64", 8, false},
};

struct tp_section tp_image = {.used = false};
static uint32_t event_last;

tp_word tp_walks = TP_USE_ALLOWED;

bool tp_events_begin(void)
{
    return tp_use_begin(&tp_walks);
}

void tp_events_end(void)
{
    tp_use_end(&tp_walks);
}

uint32_t tp_event_last(void)
{
    return __atomic_load_n(&event_last, __ATOMIC_ACQUIRE);
}

struct tp_event *tp_event_get(uint32_t id)
{
    for (const struct tp_section *s = &tp_image; s; s = __atomic_load_n(&s->next, __ATOMIC_ACQUIRE))
        if (__atomic_load_n(&s->used, __ATOMIC_ACQUIRE) && id - s->first < s->count)
            return s->start[id - s->first];
    return NULL;
}

bool tp_events_alone(void)
{
    const struct tp_section *s = tp_image.next;

    while (s && !s->used)
        s = s->next;
    return !s;
}

void tp_section_number(struct tp_event *const *start, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        start[i]->id = (uint16_t)(event_last + 1 + i);
}

void tp_section_enter(struct tp_section *s, struct tp_event *const *start, uint32_t count)
{
    s->start = start;
    s->first = event_last + 1;
    s->count = count;
    __atomic_store_n(&s->used, true, __ATOMIC_RELEASE);
    __atomic_store_n(&event_last, event_last + count, __ATOMIC_RELEASE);
}
