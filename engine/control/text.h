/* SPDX-License-Identifier: MIT */
/*
 * A sink for text that is made again for each read: it drops what comes before the reader's offset
 * and what does not fit after it. So a reader with a buffer of one byte gets the same text as any
 * other, and no text is kept. It knows no file and no event.
 *
 *     struct tp_text t = {.out = buffer, .room = bytes, .skip = offset};
 *     tp_text_put(&t, "entries: ");
 *     tp_text_number(&t, entries);
 *     return tp_text_bytes(&t);
 */
#ifndef TP_TEXT_H
#define TP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tp_text {
    char *out;
    size_t room;
    uint64_t skip; /* bytes before those that are wanted */
    uint64_t at;   /* bytes so far, with those that were dropped */
};

void tp_text_char(struct tp_text *t, char c);
void tp_text_put(struct tp_text *t, const char *text);
void tp_text_number(struct tp_text *t, uint64_t value); /* decimal */

/* True if all that follows is dropped, so that a loop may end. */
static inline bool tp_text_full(const struct tp_text *t)
{
    return t->at >= t->skip && t->at - t->skip >= t->room;
}

/* Bytes in `out`. */
static inline size_t tp_text_bytes(const struct tp_text *t)
{
    if (t->at <= t->skip)
        return 0;
    return t->at - t->skip < t->room ? (size_t)(t->at - t->skip) : t->room;
}

static inline bool tp_text_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Small helpers for names and paths. `a` is n bytes long, `b` ends in a NUL. */
size_t tp_text_length(const char *text);
bool tp_text_is(const char *a, size_t n, const char *b);
/* Reads the decimal number at the start of text[n]. Returns how many bytes it has; 0: there is
 * none, or it has more than 32 bits. */
size_t tp_text_parse(const char *text, size_t n, uint32_t *value);

#endif
