/* SPDX-License-Identifier: MIT */
/* image.c - an image of memory: the regions in it. */
#include "bytes/image.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"
#include "bytes/recover.h"

#define IMAGE_ALIGN 4u         /* where a region may start */
#define IMAGE_BLOCK 4096u      /* looked at in one go */
#define IMAGE_KEEP (16u << 20) /* pages of a mapped file are released after so much */
/* Regions may overlap, since what an old one has left may be in the way. All of them together may
 * not take more than this: a free part, then so many times the image. */
#define IMAGE_WORK_FREE (16u << 20)
#define IMAGE_WORK_TIMES 8u

struct image {
    const uint8_t *bytes;
    uint64_t size;
    void *map; /* NULL: it is no file */
    size_t map_bytes;
    int fd;
    off_t start;  /* in the file */
    uint64_t at;  /* nothing starts before, that is not known */
    bool part;    /* the mapping is another's */
    bool alone;   /* this region is the only one */
    bool counted; /* where regions start is known: */
    uint32_t count;
    uint64_t starts[IMAGE_REGIONS_MAX];
    uint64_t work; /* bytes of all regions so far */
    struct diag_file *diag;
    struct recover recover;
    size_t given; /* bytes of recover.pack that were returned */
};

static const uint8_t image_magic[4] = {TP_WIRE_MAGIC0, TP_WIRE_MAGIC1, TP_WIRE_MAGIC2,
                                       TP_REGION_MAGIC3};

bool image_is_region(const uint8_t *bytes, size_t n)
{
    return n >= sizeof(image_magic) && memcmp(bytes, image_magic, sizeof(image_magic)) == 0;
}

bool image_second_copy(const uint8_t *bytes, size_t n)
{
    struct tp_wire_region h;
    bool swap;

    return n > TP_REGION_COPY_BYTES &&
           region_header(bytes + TP_REGION_COPY_BYTES, n - TP_REGION_COPY_BYTES, &h, &swap) &&
           h.copy == 1;
}

/* Does a block hold the magic? All of it is compared, which compilers vectorize. */
static bool image_in_block(const uint8_t *p, uint32_t magic)
{
    uint32_t found = 0, word;

    for (size_t i = 0; i < IMAGE_BLOCK; i += IMAGE_ALIGN) {
        memcpy(&word, p + i, sizeof(word));
        found |= word == magic;
    }
    return found;
}

/* Called now and then while a file is searched: pages before this place are released, and a hole
 * after it is skipped. Returns where to continue. */
static uint64_t image_pass(const struct image *im, uint64_t at)
{
    uint64_t end = (uint64_t)im->start + at;
    off_t data;

    if (!im->map)
        return at;
    if (end >= IMAGE_KEEP)
        (void)madvise((uint8_t *)im->map + ((end - IMAGE_KEEP) & ~(uint64_t)(IMAGE_KEEP - 1)),
                      IMAGE_KEEP, MADV_DONTNEED);
    data = lseek(im->fd, (off_t)end, SEEK_DATA);
    if (data < 0)
        return errno == ENXIO ? im->size : at;
    at = (uint64_t)(data - im->start) & ~(uint64_t)(IMAGE_BLOCK - 1);
    return at < im->size ? at : im->size;
}

/* The next place from `at`, a multiple of 4, that has the magic; size if there is none. */
static uint64_t image_seek(const struct image *im, uint64_t at)
{
    uint32_t magic;

    memcpy(&magic, image_magic, sizeof(magic));
    while (im->size - at >= sizeof(magic)) {
        if (at % IMAGE_KEEP == 0) {
            uint64_t on = image_pass(im, at);

            if (on > at) {
                at = on;
                continue;
            }
        }
        if (at % IMAGE_BLOCK == 0 && im->size - at >= IMAGE_BLOCK &&
            !image_in_block(im->bytes + at, magic)) {
            at += IMAGE_BLOCK;
            continue;
        }
        if (memcmp(im->bytes + at, &magic, sizeof(magic)) == 0)
            return at;
        at += IMAGE_ALIGN;
    }
    return im->size;
}

/* The start of the next region that has a good header; size if there is none. */
static uint64_t image_search(struct image *im)
{
    struct tp_wire_region h, first;
    bool swap;

    for (uint64_t at; (at = image_seek(im, im->at)) < im->size;) {
        uint64_t start;

        im->at = at + IMAGE_ALIGN;
        if (!region_header(im->bytes + at, im->size - at, &h, &swap) ||
            (h.copy && at < TP_REGION_COPY_BYTES))
            continue;
        start = at - h.copy * TP_REGION_COPY_BYTES;
        /* With a good first copy it was found before. */
        if (h.copy && region_header(im->bytes + start, im->size - start, &first, &swap) &&
            !first.copy)
            continue;
        return start;
    }
    return im->size;
}

/* The same, as far as they were counted. */
static uint64_t image_find(struct image *im)
{
    if (im->alone)
        return im->size;
    if (!im->counted)
        return image_search(im);
    for (uint32_t i = 0; i < im->count; i++)
        if (im->starts[i] >= im->at) {
            im->at = im->starts[i] + IMAGE_ALIGN;
            return im->starts[i];
        }
    return im->size;
}

uint32_t image_count(struct image *im)
{
    struct image all = *im;
    uint64_t start;

    all.at = 0;
    im->count = 0;
    while ((start = image_search(&all)) < all.size) {
        if (im->count == IMAGE_REGIONS_MAX)
            return 0;
        im->starts[im->count++] = start;
    }
    im->counted = true;
    /* Where the first cannot be read, that is said while it is looked for. */
    return im->count && im->starts[0] == im->recover.region.at ? im->count : 0;
}

static struct image *image_from(const struct image *im, uint64_t start, struct diag_file *diag)
{
    struct image *part = mem_alloc(sizeof(*part));

    *part = *im;
    part->recover = (struct recover){.stage = RECOVER_DONE};
    part->diag = diag;
    part->part = true;
    part->alone = false;
    part->at = start;
    part->given = 0;
    part->work = 0;
    return part;
}

struct image *image_part(const struct image *im, uint32_t k, struct diag_file *diag)
{
    return image_from(im, im->starts[k], diag);
}

struct image *image_again(const struct image *im, struct diag_file *diag)
{
    return image_from(im, im->recover.region.at, diag);
}

void image_alone(struct image *im)
{
    im->alone = true;
}

static struct image *image_new(const uint8_t *bytes, uint64_t size, struct diag_file *diag)
{
    struct image *im = mem_zero(sizeof(*im));

    im->bytes = bytes;
    im->size = size;
    im->diag = diag;
    return im;
}

/* Is there a region in it? Then starts again from its beginning. */
static bool image_any(struct image *im)
{
    bool any = image_find(im) < im->size;

    im->at = 0;
    return any;
}

struct image *image_open(const void *bytes, size_t n, struct diag_file *diag)
{
    struct image *im = image_new(bytes, n, diag);

    if (image_any(im))
        return im;
    image_close(im);
    return NULL;
}

struct image *image_open_file(int fd, struct diag_file *diag)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    struct stat st;
    struct image *im;

    if (at < 0 || fstat(fd, &st) != 0 || st.st_size <= at || (uintmax_t)st.st_size > SIZE_MAX)
        return NULL;
    im = image_new(NULL, 0, diag);
    im->map_bytes = (size_t)st.st_size;
    im->map = mmap(NULL, im->map_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (im->map == MAP_FAILED)
        im->map = NULL;
    im->fd = fd;
    im->start = at;
    if (im->map) {
        (void)madvise(im->map, im->map_bytes, MADV_SEQUENTIAL);
        im->bytes = (const uint8_t *)im->map + at;
        im->size = (uint64_t)(st.st_size - at);
    }
    if (image_any(im))
        return im;
    image_close(im);
    return NULL;
}

void image_close(struct image *im)
{
    if (!im)
        return;
    recover_close(&im->recover);
    if (im->map && !im->part)
        munmap(im->map, im->map_bytes);
    free(im);
}

bool image_next(struct image *im)
{
    struct region r;
    uint64_t start;

    recover_close(&im->recover);
    im->given = 0;
    while ((start = image_find(im)) < im->size) {
        if (im->work > IMAGE_WORK_FREE + IMAGE_WORK_TIMES * im->size) {
            diag_damage(im->diag,
                        "too many regions that overlap, the rest of the image is skipped");
            im->at = im->size;
            return false;
        }
        if (!region_open(&r, im->bytes, im->size, start, im->diag))
            continue;
        im->work += r.size;
        recover_open(&im->recover, &r);
        return true;
    }
    return false;
}

const struct tp_wire_region *image_head(const struct image *im)
{
    return &im->recover.region.head;
}

size_t image_read(struct image *im, uint8_t *to, size_t n)
{
    struct pack *p = &im->recover.pack;

    if (im->given == p->n) {
        im->given = 0;
        if (!recover_next(&im->recover))
            return 0;
    }
    if (n > p->n - im->given)
        n = p->n - im->given;
    memcpy(to, p->bytes + im->given, n);
    im->given += n;
    return n;
}

void image_announce(const struct image *im, const char *name, size_t name_bytes)
{
    const struct region *r = &im->recover.region;
    const struct tp_wire_region *h = &r->head;

    diag_note(im->diag,
              "region at 0x%" PRIx64 ": recovered from memory: %.*s%s%" PRIu32 " cpus, %s, %" PRIu32
              " sub-buffers of %" PRIu32 " bytes each",
              r->at, (int)name_bytes, name_bytes ? name : "", name_bytes ? ", " : "", h->cpus,
              h->flags & TP_CHUNK_OVERWRITE ? "overwrite" : "discard", h->subbufs, h->subbuf_bytes);
}
