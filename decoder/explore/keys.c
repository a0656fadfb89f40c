/* SPDX-License-Identifier: MIT */
/* keys.c - the bytes that a terminal sends, as keys. */
#include "explore/keys.h"

#include <stddef.h>

/* ESC [ number ~ */
static int keys_numbered(const struct keys *k)
{
    static const int numbers[] = {
        [1] = KEYS_HOME,      [3] = KEYS_DELETE, [4] = KEYS_END, [5] = KEYS_PAGE_UP,
        [6] = KEYS_PAGE_DOWN, [7] = KEYS_HOME,   [8] = KEYS_END};
    unsigned n = 0;

    for (unsigned i = 2; i < k->count && k->bytes[i] >= '0' && k->bytes[i] <= '9'; i++)
        n = 10 * n + (k->bytes[i] - '0') % 10u;
    return n < sizeof(numbers) / sizeof(numbers[0]) ? numbers[n] : KEYS_NONE;
}

/* A sequence is complete; a key with Shift, Ctrl or Alt is the key. */
static int keys_sequence(const struct keys *k)
{
    static const struct {
        char end;
        int key;
    } ends[] = {{'A', KEYS_UP},   {'B', KEYS_DOWN}, {'C', KEYS_RIGHT},   {'D', KEYS_LEFT},
                {'H', KEYS_HOME}, {'F', KEYS_END},  {'Z', KEYS_BACK_TAB}};
    uint8_t end = k->bytes[k->count - 1];

    if (end == '~')
        return keys_numbered(k);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (end == (uint8_t)ends[i].end)
            return ends[i].key;
    return KEYS_NONE;
}

static int keys_plain(uint8_t byte)
{
    return byte == '\n' ? KEYS_ENTER : byte == '\b' ? KEYS_BACKSPACE : byte;
}

int keys_take(struct keys *k, uint8_t byte)
{
    int key;

    if (!k->count && byte != KEYS_ESCAPE)
        return keys_plain(byte);
    if (k->count == 1 && byte == KEYS_ESCAPE)
        return KEYS_ESCAPE; /* the second one may begin something */
    if (k->count == 1 && byte != '[' && byte != 'O') {
        k->count = 0;
        k->held = byte;
        return KEYS_ESCAPE;
    }
    if (k->count < KEYS_BYTES_MAX)
        k->count++;
    k->bytes[k->count - 1] = byte;
    if (k->count < 3 || byte < 0x40 || byte > 0x7e)
        return KEYS_NONE;
    key = k->count < KEYS_BYTES_MAX ? keys_sequence(k) : KEYS_NONE;
    k->count = 0;
    return key;
}

int keys_held(struct keys *k)
{
    uint8_t byte = k->held;

    k->held = 0;
    return byte ? keys_plain(byte) : KEYS_NONE;
}

int keys_idle(struct keys *k)
{
    bool escape = k->count == 1;

    k->count = 0;
    return escape ? KEYS_ESCAPE : KEYS_NONE;
}
