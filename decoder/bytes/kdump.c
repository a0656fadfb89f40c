/* SPDX-License-Identifier: MIT */
/* kdump.c - an image of memory as makedumpfile and QEMU write it. */
#include "bytes/kdump.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tp/wire.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/load.h"
#include "base/mem.h"
#include "base/spill.h"
#include "base/zip.h"
#include "bytes/image.h"
#include "bytes/region.h"

#define KDUMP_BLOCK_MIN 4096u
#define KDUMP_BLOCK_MAX 65536u
#define KDUMP_VERSION_MAX 6u
#define KDUMP_SUB_MAX 1024u        /* blocks of the header that depends on the machine */
#define KDUMP_RANGES_MAX 64u       /* regions of one dump */
#define KDUMP_BYTES_MAX (1u << 30) /* of all of them: what is written to a temporary file */
#define KDUMP_PIECE 4096u          /* bytes of a bitmap that are read at once, */
#define KDUMP_TABLE_PAGES 128u     /* and descriptors */
#define KDUMP_PAGE_BYTES 24u /* a descriptor: offset 8, size 4, flags 4, flags of the page 8 */
#define KDUMP_HEAD_BYTES 512u

enum { KDUMP_ZLIB = 1, KDUMP_LZO = 2, KDUMP_SNAPPY = 4, KDUMP_ZSTD = 0x20 };

static const char kdump_sign[8] = "KDUMP   ";
static const char kdump_damaged[] = "a kdump that is damaged, was cut, or is newer than version 6";

struct kdump_range {
    uint64_t start, end;
};

struct kdump {
    int from, to;
    bool swap, wide; /* byte order; a machine of 64 bits */
    uint32_t version, block;
    uint64_t pages, bitmap_at, table_at, file_bytes;
    uint64_t unreadable, written;
    struct kdump_range ranges[KDUMP_RANGES_MAX];
    uint32_t range_count;
    uint8_t *window; /* two pages: one and that after it */
    uint64_t last;   /* number of the first of them, if `any` */
    bool any;
    uint8_t *packed;
    const char *problem;
};

struct kdump_page {
    uint64_t number, at;
    uint32_t bytes, flags;
};

bool kdump_is(int fd)
{
    char start[sizeof(kdump_sign)];
    off_t at = lseek(fd, 0, SEEK_CUR);

    return at == 0 && pread(fd, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
           memcmp(start, kdump_sign, sizeof(start)) == 0;
}

int kdump_scratch(const char **problem)
{
    int fd = spill_file();

    if (!fd)
        *problem = "a kdump needs a temporary file, and there can be none: set TMPDIR to a folder "
                   "that may be written";
    return fd;
}

static bool kdump_read(const struct kdump *k, void *to, size_t n, uint64_t at)
{
    return at <= k->file_bytes && pread(k->from, to, n, (off_t)at) == (ssize_t)n;
}

static uint32_t kdump_u32(const struct kdump *k, const uint8_t *p)
{
    return load_u32(p, k->swap);
}

/* Is the header laid out like this? Its fields come after a struct timeval, of which they do not have the
 * same size on all machines. */
static bool kdump_layout(struct kdump *k, const uint8_t *head, bool wide, bool swap)
{
    const uint8_t *p = head + (wide ? 428 : 416);
    uint32_t sub, bitmap;
    uint64_t half;

    k->wide = wide;
    k->swap = swap;
    k->version = kdump_u32(k, head + 8);
    k->block = kdump_u32(k, p);
    sub = kdump_u32(k, p + 4);
    bitmap = kdump_u32(k, p + 8);
    k->pages = kdump_u32(k, p + 12);
    if (!k->version || k->version > KDUMP_VERSION_MAX || k->block < KDUMP_BLOCK_MIN ||
        k->block > KDUMP_BLOCK_MAX || k->block & (k->block - 1) || !sub || sub > KDUMP_SUB_MAX ||
        !bitmap)
        return false;
    half = (uint64_t)bitmap / 2 * k->block;
    k->bitmap_at = (uint64_t)k->block * (1 + sub);
    k->table_at = k->bitmap_at + (uint64_t)k->block * bitmap;
    /* The second of two bitmaps says which pages are there. */
    if (half * 8 >= k->pages)
        k->bitmap_at += half;
    return true;
}

/* What came with later versions: of several files, and of machines with more pages than fit. */
static const char *kdump_more(struct kdump *k)
{
    uint8_t sub[104];

    if (!kdump_read(k, sub, sizeof(sub), k->block))
        return kdump_damaged;
    if (k->version >= 2 && kdump_u32(k, sub + (k->wide ? 12 : 8)))
        return "one of several files of a kdump: makedumpfile --reassemble FILE... vmcore && "
               "tpdecode vmcore";
    if (k->version >= 6 && k->wide && load_u64(sub + 96, k->swap))
        k->pages = load_u64(sub + 96, k->swap);
    if (k->pages > (k->table_at - k->bitmap_at) * 8)
        k->pages = (k->table_at - k->bitmap_at) * 8;
    return NULL;
}

static const char *kdump_open(struct kdump *k, int from, int to)
{
    uint8_t head[KDUMP_HEAD_BYTES];
    struct stat st;
    bool good = false;

    *k = (struct kdump){.from = from, .to = to};
    k->file_bytes = fstat(from, &st) == 0 ? (uint64_t)st.st_size : 0;
    if (!kdump_read(k, head, sizeof(head), 0))
        return kdump_damaged;
    for (unsigned i = 0; i < 4 && !good; i++)
        good = kdump_layout(k, head, !(i & 1), i & 2);
    return good ? kdump_more(k) : kdump_damaged;
}

static const char *kdump_packing(uint32_t flags)
{
    if (flags & KDUMP_LZO)
        return "a kdump compressed by lzo: makedumpfile -c -d 0 FILE vmcore && tpdecode vmcore";
    if (flags & KDUMP_SNAPPY)
        return "a kdump compressed by snappy: makedumpfile -c -d 0 FILE vmcore && tpdecode vmcore";
    if (flags & KDUMP_ZSTD)
        return "a kdump compressed by zstd: makedumpfile -c -d 0 FILE vmcore && tpdecode vmcore";
    return NULL;
}

/* The bytes of a page. False: they cannot be had. */
static bool kdump_load(struct kdump *k, const struct kdump_page *p, uint8_t *to)
{
    const char *problem;
    uint8_t *plain;

    k->problem = kdump_packing(p->flags);
    if (k->problem || p->bytes > k->block)
        return false;
    if (!(p->flags & KDUMP_ZLIB))
        return p->bytes == k->block && kdump_read(k, to, k->block, p->at);
    if (!kdump_read(k, k->packed, p->bytes, p->at))
        return false;
    problem = zip_inflate(k->packed, p->bytes, k->block, &plain);
    if (problem)
        return false;
    memcpy(to, plain, k->block);
    free(plain);
    return true;
}

static void kdump_add(struct kdump *k, uint64_t start, uint64_t end)
{
    if (k->range_count == KDUMP_RANGES_MAX)
        k->problem = "a kdump with more than 64 traces in its memory";
    else
        k->ranges[k->range_count++] = (struct kdump_range){start, end};
}

/* Regions whose header begins in the first page of the window, of which n bytes are there. */
static void kdump_search(struct kdump *k, size_t n)
{
    struct tp_wire_region h;
    bool swap;

    for (size_t i = 0; i < k->block && !k->problem; i += 4) {
        uint64_t at = k->last * k->block + i, copy;

        if (!image_is_region(k->window + i, n - i) ||
            !region_header(k->window + i, n - i, &h, &swap))
            continue;
        copy = h.copy ? TP_REGION_COPY_BYTES : 0;
        if (at >= copy)
            kdump_add(k, at - copy, at - copy + h.region_bytes);
    }
}

static void kdump_find(struct kdump *k, const struct kdump_page *p)
{
    uint8_t *second = k->window + k->block;
    bool next = k->any && p->number == k->last + 1;

    if (!kdump_load(k, p, second)) {
        k->unreadable++;
        return;
    }
    if (k->any)
        kdump_search(k, next ? 2 * (size_t)k->block : k->block);
    memcpy(k->window, second, k->block);
    k->last = p->number;
    k->any = true;
}

static void kdump_write(struct kdump *k, const struct kdump_page *p)
{
    uint64_t start = p->number * k->block, end = start + k->block;
    bool wanted = false;

    for (uint32_t i = 0; i < k->range_count && !wanted; i++)
        wanted = start < k->ranges[i].end && end > k->ranges[i].start;
    if (!wanted || !kdump_load(k, p, k->window))
        return;
    k->written += k->block;
    if (k->written > KDUMP_BYTES_MAX)
        k->problem = "a kdump whose traces take more than 1 GiB of memory: "
                     "makedumpfile -E -d 0 FILE vmcore && tpdecode vmcore";
    else if (pwrite(k->to, k->window, k->block, (off_t)start) != (ssize_t)k->block)
        k->problem =
            "a kdump needs a temporary file, and has no room for it: set TMPDIR to another "
            "folder";
}

/* The next descriptors. False: the file was cut. */
static bool kdump_table(const struct kdump *k, uint8_t *table, size_t n, uint64_t index)
{
    memset(table, 0, n);
    return pread(k->from, table, n, (off_t)(k->table_at + index * KDUMP_PAGE_BYTES)) > 0;
}

/* Calls `each` for the pages that are there, in order: as many descriptors follow each other as there are pages. */
static void kdump_walk(struct kdump *k, void (*each)(struct kdump *k, const struct kdump_page *p))
{
    uint8_t bits[KDUMP_PIECE], table[KDUMP_PAGE_BYTES * KDUMP_TABLE_PAGES];
    uint64_t index = 0;

    for (uint64_t number = 0; number < k->pages && !k->problem; number++) {
        uint64_t bit = number % (8 * KDUMP_PIECE), entry = index % KDUMP_TABLE_PAGES;
        const uint8_t *p = table + entry * KDUMP_PAGE_BYTES;

        if (!bit && !kdump_read(k, bits, sizeof(bits), k->bitmap_at + number / 8))
            k->problem = kdump_damaged;
        if (k->problem || !(bits[bit / 8] >> bit % 8 & 1))
            continue;
        if (!entry && !kdump_table(k, table, sizeof(table), index)) {
            k->unreadable++;
            k->pages = number;
            return;
        }
        index++;
        each(k, &(struct kdump_page){.number = number,
                                     .at = load_u64(p, k->swap),
                                     .bytes = kdump_u32(k, p + 8),
                                     .flags = kdump_u32(k, p + 12)});
    }
}

static void kdump_work(struct kdump *k, struct diag_file *diag)
{
    kdump_walk(k, kdump_find);
    if (k->any && !k->problem)
        kdump_search(k, k->block);
    if (k->unreadable && !k->problem)
        diag_damage(diag, "%" PRIu64 " pages of the kdump cannot be read", k->unreadable);
    if (!k->problem)
        kdump_walk(k, kdump_write);
}

const char *kdump_unpack(int from, int to, struct diag_file *diag)
{
    struct kdump k;
    const char *problem = kdump_open(&k, from, to);

    if (problem)
        return problem;
    k.window = mem_alloc(2 * (size_t)k.block);
    k.packed = mem_alloc(k.block);
    kdump_work(&k, diag);
    free(k.window);
    free(k.packed);
    return k.problem;
}
