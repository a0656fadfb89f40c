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

#define IMAGE_REGIONS_MAX 16u /* that image_count() counts */

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

/* How many regions the image has, by their headers; 0: more than IMAGE_REGIONS_MAX. The whole image is searched, which is not
 * done again. */
uint32_t image_count(struct image *im);
/* One that has only the k-th of those that were counted, from 0. It is not read any more once the other is closed. */
struct image *image_part(const struct image *im, uint32_t k, struct diag_file *diag);
/* One that has only the region that this one is in, from its start. */
struct image *image_again(const struct image *im, struct diag_file *diag);
/* There is no other region after this one: each of them is in an image_part(). */
void image_alone(struct image *im);

/* On to the next region, at first to the first. False: no more that could be read. */
bool image_next(struct image *im);
/* The header of this region, in our byte order. */
const struct tp_wire_region *image_head(const struct image *im);
/* Bytes of the dump of this region: count, or 0 at its end. */
size_t image_read(struct image *im, uint8_t *to, size_t n);
/* Says what was found, the name being that in its metadata. */
void image_announce(const struct image *im, const char *name, size_t name_bytes);

#endif
