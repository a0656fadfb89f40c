/* SPDX-License-Identifier: MIT */
/* fuzz_region.c - an image of memory with regions in it, through the decoder: twice the same. */
#include <string.h>

#include "fuzz.h"
#include "mutate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_run one = fuzz_decode(fuzz_options(0), data, size), two;

    two = fuzz_decode(fuzz_options(0), data, size);
    fuzz_require(one.code == two.code && one.out.n == two.out.n &&
                     !memcmp(one.out.p, two.out.p, one.out.n) && one.err.n == two.err.n &&
                     !memcmp(one.err.p, two.err.p, one.err.n),
                 "decoded twice it gives something else");
    fuzz_run_free(&one);
    fuzz_run_free(&two);
    two = fuzz_decode(fuzz_options(1), data, size);
    fuzz_run_free(&two);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    return mutate_region(data, size, max, seed);
}
