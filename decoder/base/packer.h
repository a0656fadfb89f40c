/* SPDX-License-Identifier: MIT */
/*
 * packer.h - makes gzip files of bytes in memory, each a whole one, quickly rather than small.
 *
 * By libdeflate, which takes half of the time; where that is not there, zpacker.c is in its place, with zlib.
 */
#ifndef PACKER_H
#define PACKER_H

#include <stddef.h>
#include <stdint.h>

struct packer;

struct packer *packer_new(void);
void packer_free(struct packer *p); /* NULL: nothing */
/* Returns how many bytes there are now, at *to, until the next call. */
size_t packer_pack(struct packer *p, const uint8_t *from, size_t n, const uint8_t **to);

#endif
