/* SPDX-License-Identifier: MIT */
/*
 * keys.h - the bytes that a terminal sends, as keys.
 *
 *     key = keys_take(&k, byte);      KEYS_NONE: more bytes are needed
 *     key = keys_idle(&k);            nothing came for KEYS_WAIT_MS: what waits is all there is
 *
 * A key is a byte, a letter by itself, or one of the following. What no key sends is dropped as a whole.
 */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stdint.h>

#define KEYS_WAIT_MS 100  /* between the bytes of one key, over a slow line */
#define KEYS_BYTES_MAX 16 /* of one; what is longer is dropped up to its end */

#define KEYS_CTRL(letter) ((letter)&0x1f)

enum keys_name {
    KEYS_NONE = 0,
    KEYS_TAB = 9,
    KEYS_ENTER = 13,
    KEYS_ESCAPE = 27,
    KEYS_BACKSPACE = 127,
    KEYS_UP = 256,
    KEYS_DOWN,
    KEYS_RIGHT,
    KEYS_LEFT,
    KEYS_HOME,
    KEYS_END,
    KEYS_PAGE_UP,
    KEYS_PAGE_DOWN,
    KEYS_DELETE,
    KEYS_BACK_TAB
};

struct keys {
    uint8_t bytes[KEYS_BYTES_MAX]; /* of a key that is not complete */
    unsigned count;
    uint8_t held; /* came after an escape that is a key by itself; 0: none did */
};

int keys_take(struct keys *k, uint8_t byte);
int keys_idle(struct keys *k);
/* The key after the one that was given, if its byte was needed to see the end of that. */
int keys_held(struct keys *k);

static inline bool keys_wait(const struct keys *k)
{
    return k->count;
}

#endif
