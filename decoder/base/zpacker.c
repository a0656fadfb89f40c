/* SPDX-License-Identifier: MIT */
/* zpacker.c - in the place of packer.c where there is no libdeflate: zlib does the same. */
#include "base/packer.h"
#include "base/zip.h"

struct packer *packer_new(void)
{
    return (struct packer *)zip_packer_new();
}

void packer_free(struct packer *p)
{
    zip_packer_free((struct zip_packer *)p);
}

size_t packer_pack(struct packer *p, const uint8_t *from, size_t n, const uint8_t **to)
{
    return zip_pack((struct zip_packer *)p, from, n, to);
}
