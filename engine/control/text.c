/* SPDX-License-Identifier: MIT */
/* Text for readers that take it in pieces. */
#include "text.h"
#include "../core/core.h"

void tp_text_char(struct tp_text *t, char c)
{
    if (t->at >= t->skip && t->at - t->skip < t->room)
        t->out[t->at - t->skip] = c;
    t->at++;
}

void tp_text_put(struct tp_text *t, const char *text)
{
    while (*text)
        tp_text_char(t, *text++);
}

/* By subtraction: 32-bit processors have no division of 64 bits, and some none at all. */
void tp_text_number(struct tp_text *t, uint64_t value)
{
    static const uint64_t powers[] = {
        10000000000000000000u, 1000000000000000000u, 100000000000000000u, 10000000000000000u,
        1000000000000000u,     100000000000000u,     10000000000000u,     1000000000000u,
        100000000000u,         10000000000u,         1000000000u,         100000000u,
        10000000u,             1000000u,             100000u,             10000u,
        1000u,                 100u,                 10u,                 1u};
    const uint32_t count = sizeof(powers) / sizeof(powers[0]);
    bool begun = false;

    for (uint32_t i = 0; i < count; i++) {
        char digit = '0';

        for (; value >= powers[i]; value -= powers[i])
            digit++;
        begun |= digit != '0' || i == count - 1;
        if (begun)
            tp_text_char(t, digit);
    }
}

size_t tp_text_length(const char *text)
{
    return tp_memory_text(text);
}

bool tp_text_is(const char *a, size_t n, const char *b)
{
    return tp_text_length(b) == n && tp_memory_same(a, b, n);
}

size_t tp_text_parse(const char *text, size_t n, uint32_t *value)
{
    size_t used = 0;

    *value = 0;
    for (; used < n && text[used] >= '0' && text[used] <= '9'; used++) {
        uint64_t next = (uint64_t)10 * *value + (uint32_t)(text[used] - '0');

        if (next > UINT32_MAX)
            return 0;
        *value = (uint32_t)next;
    }
    return used;
}
