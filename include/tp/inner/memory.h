/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/memory.h - the memory functions, as a kernel declares them.
 *
 * In parentheses, because kernels have macros of these names.
 *
 * Compilers that take the kernel for a hosted program (no -ffreestanding) turn some loops and
 * comparisons into calls of strlen and bcmp, which a kernel need not have. They do not do that to a
 * value that goes through an empty asm.
 */
#ifndef TP_INNER_MEMORY_H
#define TP_INNER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

void *(memcpy)(void *to, const void *from, size_t bytes);
void *(memset)(void *to, int byte, size_t bytes);
int(memcmp)(const void *a, const void *b, size_t bytes);

static inline bool tp_memory_same(const void *a, const void *b, size_t bytes)
{
    int order = memcmp(a, b, bytes);

    __asm__("" : "+r"(order)); /* else clang calls bcmp */
    return !order;
}

/* Bytes before the NUL. */
static inline size_t tp_memory_text(const char *text)
{
    size_t n = 0;

    while (text[n]) {
        n++;
        __asm__("" : "+r"(n)); /* else gcc calls strlen */
    }
    return n;
}

#endif
