/* SPDX-License-Identifier: MIT */
/*
 * inflate.h - the plain bytes of an input that is compressed by gzip: this process inflates it, or another one does.
 *
 * Both give the same bytes by the same reads, and say the same of what is wrong with it. How another one is started and read
 * is for tool/unpack.c: the library, which is used by programs of others, starts none.
 */
#ifndef INFLATE_H
#define INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/feed.h"
#include "base/zip.h"

struct inflate {
    struct zip_input *zip; /* of this process; NULL: another one inflates, and these are set */
    size_t (*read)(struct inflate *i, uint8_t *to, size_t n, uint64_t *taken, int *error);
    void (*close)(struct inflate *i);
    struct feed feed;
    uint32_t used; /* of its block */
    bool slow;     /* what there is is returned at once, whatever more comes of what was read; */
    bool more;     /* else this process fills the room that it has, if it can, as zip does */
    enum zip_problem problem;
};

struct inflate *inflate_new(bool slow);
/* This process does it. `start`: bytes that were read already. */
void inflate_here(struct inflate *i, zip_read_fn *read, void *context, const uint8_t *start,
                  size_t n);
void inflate_free(struct inflate *i);

/* Plain bytes: count, or 0 at the end. What another process has read and found is put into *taken and *error. */
size_t inflate_read(struct inflate *i, uint8_t *to, size_t n, uint64_t *taken, int *error);
enum zip_problem inflate_found(const struct inflate *i);
const char *inflate_problem(const struct inflate *i); /* in words; NULL: none */
bool inflate_is_cut(const struct inflate *i);         /* the problem is that it ends too early */

#endif
