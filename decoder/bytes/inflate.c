/* SPDX-License-Identifier: MIT */
/* inflate.c - the plain bytes of an input that is compressed by gzip: this process inflates it, or another one does. */
#include "bytes/inflate.h"

#include <stdlib.h>

#include "base/mem.h"

struct inflate *inflate_new(bool slow)
{
    struct inflate *i = mem_zero(sizeof(*i));

    i->slow = slow;
    return i;
}

void inflate_here(struct inflate *i, zip_read_fn *read, void *context, const uint8_t *start,
                  size_t n)
{
    i->zip = zip_input_new(read, context, start, n);
}

void inflate_free(struct inflate *i)
{
    if (!i)
        return;
    zip_input_free(i->zip);
    if (i->close)
        i->close(i);
    free(i);
}

size_t inflate_read(struct inflate *i, uint8_t *to, size_t n, uint64_t *taken, int *error)
{
    return i->zip ? zip_input_read(i->zip, to, n) : i->read(i, to, n, taken, error);
}

enum zip_problem inflate_found(const struct inflate *i)
{
    return i->zip ? zip_input_problem(i->zip) : i->problem;
}

const char *inflate_problem(const struct inflate *i)
{
    return zip_problem_text(inflate_found(i));
}

bool inflate_is_cut(const struct inflate *i)
{
    return inflate_found(i) == ZIP_CUT;
}
