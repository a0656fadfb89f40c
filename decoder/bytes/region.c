/* SPDX-License-Identifier: MIT */
/* region.c - one trace in an image of memory: its header, and where things are. */
#include "bytes/region.h"

#include <inttypes.h>
#include <string.h>

#include "base/diag.h"
#include "bytes/header.h"

static const uint8_t region_magic[4] = {TP_WIRE_MAGIC0, TP_WIRE_MAGIC1, TP_WIRE_MAGIC2,
                                        TP_REGION_MAGIC3};

static void region_swap(struct tp_wire_region *h)
{
    h->order = __builtin_bswap16(h->order);
    h->header_bytes = __builtin_bswap16(h->header_bytes);
    h->header_crc = __builtin_bswap32(h->header_crc);
    h->generation = __builtin_bswap32(h->generation);
    h->flags = __builtin_bswap16(h->flags);
    h->stream = __builtin_bswap64(h->stream);
    h->region_bytes = __builtin_bswap64(h->region_bytes);
    h->cpus = __builtin_bswap32(h->cpus);
    h->subbuf_bytes = __builtin_bswap32(h->subbuf_bytes);
    h->subbufs = __builtin_bswap32(h->subbufs);
    h->metadata_bytes = __builtin_bswap32(h->metadata_bytes);
    h->metadata_crc = __builtin_bswap32(h->metadata_crc);
    h->ring_bytes = __builtin_bswap32(h->ring_bytes);
    h->metadata_at = __builtin_bswap64(h->metadata_at);
    h->tasks_at = __builtin_bswap64(h->tasks_at);
    h->rings_at = __builtin_bswap64(h->rings_at);
    h->data_at = __builtin_bswap64(h->data_at);
    h->cursor_at = __builtin_bswap16(h->cursor_at);
    h->limit_at = __builtin_bswap16(h->limit_at);
    h->gone_at = __builtin_bswap16(h->gone_at);
    h->lost_at = __builtin_bswap16(h->lost_at);
    h->tasks = __builtin_bswap32(h->tasks);
    h->events = __builtin_bswap32(h->events);
    h->events_crc = __builtin_bswap32(h->events_crc);
}

bool region_header(const uint8_t *p, uint64_t n, struct tp_wire_region *h, bool *swap)
{
    if (n < sizeof(*h) || memcmp(p, region_magic, sizeof(region_magic)) != 0)
        return false;
    memcpy(h, p, sizeof(*h));
    *swap = h->order != TP_WIRE_ORDER;
    if (*swap)
        region_swap(h);
    if (h->order != TP_WIRE_ORDER || h->copy > 1 || h->header_bytes < TP_REGION_HEADER_BYTES ||
        h->header_bytes > TP_REGION_COPY_BYTES || h->header_bytes > n)
        return false;
    return header_sum(p, h->header_bytes, offsetof(struct tp_wire_region, header_crc),
                      h->header_crc, &h->major);
}

static bool region_power_of_two(uint32_t v)
{
    return v && !(v & (v - 1));
}

/* Does it have `n` bytes at `at`? 128 bits, so that no sum of declared numbers wraps. */
static bool region_has(const struct tp_wire_region *h, uint64_t at, unsigned __int128 n)
{
    return at + n <= h->region_bytes;
}

/* What is invalid in a header whose checksum is good; NULL: nothing. */
static const char *region_wrong(const struct tp_wire_region *h)
{
    uint64_t ring = (uint64_t)h->subbuf_bytes * h->subbufs;

    if (h->word_bytes != 4 && h->word_bytes != 8)
        return "word size";
    if (!h->cpus || h->cpus > TP_CHUNK_NO_CPU)
        return "number of CPUs";
    if (!region_power_of_two(h->subbuf_bytes) || h->subbuf_bytes < TP_LIMIT_SUBBUF_BYTES_MIN ||
        h->subbuf_bytes > TP_LIMIT_SUBBUF_BYTES_MAX)
        return "size of sub-buffers";
    /* Positions are compared by difference: half of their range must do. */
    if (!region_power_of_two(h->subbufs) || (h->word_bytes == 4 && ring > UINT32_MAX / 2 + 1))
        return "number of sub-buffers";
    if (h->metadata_bytes > TP_LIMIT_METADATA_BYTES || h->metadata_bytes % 8 ||
        !region_has(h, h->metadata_at, h->metadata_bytes))
        return "place of the metadata";
    if (h->tasks > TP_LIMIT_TASKS || !region_has(h, h->tasks_at, region_tasks_bytes(h)))
        return "place of the tasks";
    if (!region_has(h, h->rings_at, (unsigned __int128)h->ring_bytes * h->cpus) ||
        h->cursor_at + (uint32_t)h->word_bytes > h->ring_bytes ||
        h->limit_at + (uint32_t)h->word_bytes > h->ring_bytes ||
        h->gone_at + 2u * 8 > h->ring_bytes || h->lost_at + 4u * 8 > h->ring_bytes)
        return "place of the ring states";
    if (!region_has(h, h->data_at, (unsigned __int128)ring * h->cpus))
        return "place of the sub-buffers";
    return NULL;
}

/* One copy of the header, if it is good and can be used. */
static bool region_copy(struct region *r, const uint8_t *start, uint64_t left, unsigned copy,
                        struct tp_wire_region *h, bool *swap)
{
    uint64_t skip = copy * TP_REGION_COPY_BYTES;
    char made[HEADER_MADE_BYTES];
    const char *wrong;

    if (skip >= left || !region_header(start + skip, left - skip, h, swap) || h->copy != copy)
        return false;
    if (h->major != TP_WIRE_MAJOR) {
        diag_fail(r->diag, "region at 0x%" PRIx64 ": %s", r->at,
                  header_made_by(made, h->major, h->minor));
        r->diag->diag->refused = true;
        return false;
    }
    wrong = region_wrong(h);
    if (wrong)
        diag_damage(r->diag, "region at 0x%" PRIx64 ": its header is invalid: %s", r->at, wrong);
    return !wrong;
}

/* Of two good copies the newer one; what is said about a bad one is no more than that. */
static bool region_choose(struct region *r, const uint8_t *start, uint64_t left)
{
    struct tp_wire_region copies[2];
    bool swaps[2], good[2];
    unsigned use;

    for (unsigned i = 0; i < 2; i++)
        good[i] = region_copy(r, start, left, i, &copies[i], &swaps[i]);
    if (!good[0] && !good[1])
        return false;
    if (good[0] != good[1])
        diag_damage(r->diag,
                    "region at 0x%" PRIx64 ": the %s copy of its header is damaged, used the %s",
                    r->at, good[0] ? "second" : "first", good[0] ? "first" : "second");
    use = good[1] && (!good[0] || (int32_t)(copies[1].generation - copies[0].generation) > 0);
    r->head = copies[use];
    r->swap = swaps[use];
    return true;
}

bool region_head(struct region *r, const uint8_t *start, uint64_t n, uint64_t at,
                 struct diag_file *diag)
{
    *r = (struct region){.at = at, .diag = diag};
    if (!region_choose(r, start, n))
        return false;
    r->size = r->head.region_bytes;
    r->shift = (unsigned)__builtin_ctz(r->head.subbuf_bytes);
    r->number_mask = (r->head.word_bytes == 8 ? UINT64_MAX : UINT32_MAX) >> r->shift;
    return true;
}

bool region_open(struct region *r, const uint8_t *image, uint64_t image_bytes, uint64_t at,
                 struct diag_file *diag)
{
    if (!region_head(r, image + at, image_bytes - at, at, diag))
        return false;
    r->bytes = image + at;
    if (r->size <= image_bytes - at)
        return true;
    r->size = image_bytes - at;
    diag_damage(diag,
                "region at 0x%" PRIx64 ": the image ends inside it (%" PRIu64 " of %" PRIu64
                " bytes)",
                at, r->size, r->head.region_bytes);
    return true;
}
