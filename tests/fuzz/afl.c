/* SPDX-License-Identifier: MIT */
/*
 * afl.c - the mutator of a target as AFL++ wants it (AFL_CUSTOM_MUTATOR_LIBRARY): linked with the target
 * into a library of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "mutate.h"

#define AFL_MAX (1u << 20)

struct afl {
    unsigned seed;
    uint8_t bytes[AFL_MAX];
};

void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(struct afl *a, uint8_t *data, size_t size, uint8_t **out, uint8_t *add,
                       size_t add_size, size_t max);
void afl_custom_deinit(struct afl *a);

/* Instead of libFuzzer's. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max)
{
    if (!size || (size < max && !mutate_random(4))) {
        size_t at = mutate_random((uint32_t)size + 1);

        memmove(data + at + 1, data + at, size - at);
        data[at] = (uint8_t)mutate_random(256);
        return size + 1;
    }
    data[mutate_random((uint32_t)size)] ^= (uint8_t)(1 + mutate_random(255));
    return size > 1 && !mutate_random(4) ? size - 1 : size;
}

void *afl_custom_init(void *afl, unsigned seed)
{
    struct afl *a = calloc(1, sizeof(*a));

    (void)afl;
    if (a)
        a->seed = seed;
    return a;
}

size_t afl_custom_fuzz(struct afl *a, uint8_t *data, size_t size, uint8_t **out, uint8_t *add,
                       size_t add_size, size_t max)
{
    (void)add;
    (void)add_size;
    max = max < AFL_MAX ? max : AFL_MAX;
    size = size < max ? size : max;
    memcpy(a->bytes, data, size);
    *out = a->bytes;
    return LLVMFuzzerCustomMutator(a->bytes, size, max, ++a->seed);
}

void afl_custom_deinit(struct afl *a)
{
    free(a);
}
