/* SPDX-License-Identifier: MIT */
/* What compilers and the engine expect of any kernel. */
#include "kernel.h"

void *memcpy(void *to, const void *from, size_t n)
{
    void *start = to;

    __asm__ __volatile__("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
    return start;
}

void *memset(void *to, int byte, size_t n)
{
    void *start = to;

    __asm__ __volatile__("rep stosb" : "+D"(to), "+c"(n) : "a"(byte) : "memory");
    return start;
}

void *memmove(void *to, const void *from, size_t n)
{
    uint8_t *t = to;
    const uint8_t *f = from;

    if (t <= f || t >= f + n)
        return memcpy(to, from, n);
    t += n - 1; /* from the end, so that nothing is overwritten before it is read */
    f += n - 1;
    __asm__ __volatile__("std; rep movsb; cld" : "+D"(t), "+S"(f), "+c"(n) : : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a, *y = b;

    for (size_t i = 0; i < n; i++)
        if (x[i] != y[i])
            return x[i] - y[i];
    return 0;
}
