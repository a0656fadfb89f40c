/* SPDX-License-Identifier: MIT */
/*
 * image.h - an image of memory: the regions in it, one after the other, each
 * read as the dump that recover.h makes of it.
 *
 * A file is mapped, not read. One that shrinks meanwhile ends the process
 * by SIGBUS.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct diag_file;
struct image;
struct tp_wire_region;

/* Is this how a region starts? For what cannot be an image because it is no file. */
bool image_is_region(const uint8_t *bytes, size_t n);

/* Is there a good second copy of a region's header, 128 bytes from here? Then it is no dump, whatever
 * has become of the first. */
bool image_second_copy(const uint8_t *bytes, size_t n);

/* NULL if there is no region in it, or, of a file, if it cannot be mapped. */
struct image *image_open(const void *bytes, size_t n, struct diag_file *diag);
struct image *image_open_file(int fd, struct diag_file *diag);
void image_close(struct image *im); /* NULL: nothing is done */

/* On to the next region, at first to the first. False: no more that could be read. */
bool image_next(struct image *im);
/* The header of this region, in our byte order. */
const struct tp_wire_region *image_head(const struct image *im);
/* Bytes of the dump of this region: count, or 0 at its end. */
size_t image_read(struct image *im, uint8_t *to, size_t n);
/* Says what was found, the name being that in its metadata. */
void image_announce(const struct image *im, const char *name, size_t name_bytes);

#endif
