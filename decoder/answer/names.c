/* SPDX-License-Identifier: MIT */
/* names.c - numbers for names. */
#include "answer/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NAMES_HEADS (2 * NAMES_MAX)

static uint32_t names_add(struct names *n, const char *text, size_t bytes, uint32_t kind)
{
    struct names_one *one;

    if (n->count == n->room) {
        n->room *= 2;
        n->at = mem_grow(n->at, n->room * sizeof(*n->at));
    }
    one = &n->at[n->count];
    *one = (struct names_one){.bytes = (uint32_t)bytes, .kind = kind};
    memcpy(one->text, text, bytes);
    return n->count++;
}

void names_open(struct names *n)
{
    *n = (struct names){.room = 64};
    n->heads = mem_zero(NAMES_HEADS * sizeof(*n->heads));
    n->at = mem_zero(n->room * sizeof(*n->at));
    names_add(n, "", 0, 0);
    names_add(n, "(others)", 8, 0);
}

uint32_t names_number(struct names *n, const char *text, size_t bytes, uint32_t kind)
{
    uint32_t hash = 2166136261u ^ kind, *head, i;

    bytes = bytes < NAMES_BYTES ? bytes : NAMES_BYTES;
    for (size_t k = 0; k < bytes; k++)
        hash = (hash ^ (uint8_t)text[k]) * 16777619u;
    head = &n->heads[(hash ^ hash >> 15) % NAMES_HEADS];
    for (i = *head; i; i = n->at[i].next)
        if (n->at[i].kind == kind && n->at[i].bytes == bytes &&
            memcmp(n->at[i].text, text, bytes) == 0)
            return i;
    if (n->count == NAMES_OTHERS + 1 + NAMES_MAX)
        return NAMES_OTHERS;
    i = names_add(n, text, bytes, kind);
    n->at[i].next = *head;
    return *head = i;
}

int names_compare(const struct names_one *a, const struct names_one *b)
{
    int by_text = memcmp(a->text, b->text, a->bytes < b->bytes ? a->bytes : b->bytes);

    if (by_text)
        return by_text;
    if (a->bytes != b->bytes)
        return a->bytes > b->bytes ? 1 : -1;
    return (a->kind > b->kind) - (a->kind < b->kind);
}

void names_close(struct names *n)
{
    free(n->at);
    free(n->heads);
}
