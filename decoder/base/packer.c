/* SPDX-License-Identifier: MIT */
/* packer.c - makes gzip files of bytes in memory: all that libdeflate does here. */
#include "base/packer.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "base/mem.h"

#define PACKER_LEVEL 1

struct packer {
    struct libdeflate_compressor *of;
    uint8_t *bytes;
    size_t room;
};

struct packer *packer_new(void)
{
    struct packer *p = mem_zero(sizeof(*p));

    p->of = libdeflate_alloc_compressor(PACKER_LEVEL);
    if (p->of)
        return p;
    free(p);
    mem_failed();
}

void packer_free(struct packer *p)
{
    if (!p)
        return;
    libdeflate_free_compressor(p->of);
    free(p->bytes);
    free(p);
}

size_t packer_pack(struct packer *p, const uint8_t *from, size_t n, const uint8_t **to)
{
    size_t most = libdeflate_gzip_compress_bound(p->of, n);

    if (most > p->room) {
        p->bytes = mem_grow(p->bytes, most);
        p->room = most;
    }
    *to = p->bytes;
    return libdeflate_gzip_compress(p->of, from, n, p->bytes, most);
}
