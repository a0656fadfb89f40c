/* SPDX-License-Identifier: MIT */
/* zip.c - all that zlib does here: gzip input, compressed payloads, CRC-32. */
#include "base/zip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"

#define ZIP_BUFFER_BYTES (64u << 10)
#define ZIP_QUICK 1                 /* level of compression */
#define ZIP_FIRST_BYTES (64u << 10) /* first room for an inflated payload */

struct zip_input {
    z_stream z;
    zip_read_fn *read;
    void *context;
    enum zip_problem problem;
    bool end;     /* of the compressed bytes */
    bool full;    /* the last piece was: some of what was read may not have come out yet */
    bool between; /* a member ended, another may start */
    bool done;
    uint8_t buffer[ZIP_BUFFER_BYTES];
};

uint32_t zip_crc(uint32_t crc, const void *bytes, size_t n)
{
    return (uint32_t)crc32_z(crc, bytes, n);
}

bool zip_is_gzip(const uint8_t *bytes, size_t n)
{
    return n >= 3 && bytes[0] == 0x1f && bytes[1] == 0x8b && bytes[2] == 8;
}

struct zip_input *zip_input_new(zip_read_fn *read, void *context, const uint8_t *start, size_t n)
{
    struct zip_input *z = mem_zero(sizeof(*z));

    z->read = read;
    z->context = context;
    if (n > sizeof(z->buffer))
        n = sizeof(z->buffer);
    memcpy(z->buffer, start, n);
    z->z.next_in = z->buffer;
    z->z.avail_in = (uInt)n;
    if (inflateInit2(&z->z, 15 + 16) != Z_OK) {
        free(z);
        mem_failed();
    }
    return z;
}

void zip_input_free(struct zip_input *z)
{
    if (z)
        inflateEnd(&z->z);
    free(z);
}

enum zip_problem zip_input_problem(const struct zip_input *z)
{
    return z->problem;
}

const char *zip_problem_text(enum zip_problem problem)
{
    static const char *const texts[ZIP_PROBLEMS] = {
        [ZIP_CUT] = "the gzip data ends too early",
        [ZIP_DAMAGED] = "the gzip data is damaged",
        [ZIP_FOLLOWED] = "something else follows the gzip data"};

    return texts[problem];
}

static void zip_input_refill(struct zip_input *z)
{
    long got = z->read(z->context, z->buffer, sizeof(z->buffer));

    z->end = got <= 0;
    z->z.next_in = z->buffer;
    z->z.avail_in = got > 0 ? (uInt)got : 0;
}

/* Between two members: go on with the next one, or find out why there is none. */
static void zip_input_next_member(struct zip_input *z)
{
    if (*z->z.next_in != 0x1f) {
        z->problem = ZIP_FOLLOWED;
        z->done = true;
        return;
    }
    inflateReset(&z->z);
    z->between = false;
}

size_t zip_input_read(struct zip_input *z, uint8_t *to, size_t n)
{
    if (n > 1u << 30)
        n = 1u << 30;
    z->z.next_out = to;
    z->z.avail_out = (uInt)n;
    while (!z->done && z->z.avail_out == (uInt)n) {
        int got;

        if (!z->z.avail_in && !z->full && !z->end)
            zip_input_refill(z);
        if (!z->z.avail_in && !z->full) {
            z->done = true;
            if (!z->between)
                z->problem = ZIP_CUT;
            break;
        }
        if (z->between) {
            zip_input_next_member(z);
            continue;
        }
        got = inflate(&z->z, Z_NO_FLUSH);
        if (got == Z_MEM_ERROR)
            mem_failed();
        if (got == Z_STREAM_END) {
            z->between = true;
        } else if (got != Z_OK && got != Z_BUF_ERROR) {
            z->problem = ZIP_DAMAGED;
            z->done = true;
        }
        z->full = !z->between && !z->z.avail_out;
    }
    return n - z->z.avail_out;
}

static bool zip_zeros(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return n < 8;
}

/* One step: room for more, then inflate into it. */
static int zip_inflate_step(z_stream *z, size_t want, uint8_t **to, size_t *room)
{
    size_t have = z->total_out;

    if (have == *room) {
        /* One byte more than is wanted shows whether it is too much or exactly that. */
        size_t more = *room ? 2 * *room : ZIP_FIRST_BYTES;
        uint8_t *larger;

        more = more < want + 1 ? more : want + 1;
        larger = mem_try_grow(*to, more);
        if (!larger)
            return Z_MEM_ERROR;
        *to = larger;
        *room = more;
    }
    z->next_out = *to + have;
    z->avail_out = (uInt)(*room - have);
    return inflate(z, Z_NO_FLUSH);
}

const char *zip_inflate(const uint8_t *from, size_t n, size_t want, uint8_t **to)
{
    z_stream z = {0};
    const char *problem = NULL;
    size_t room = 0;
    int got;

    *to = NULL;
    if (inflateInit2(&z, 15) != Z_OK)
        mem_failed();
    /* zlib takes a pointer to bytes that are not const, and does not write to them. */
    z.next_in = (Bytef *)(uintptr_t)from;
    z.avail_in = (uInt)n;
    do
        got = zip_inflate_step(&z, want, to, &room);
    while (got == Z_OK && z.total_out <= want && (z.avail_in || !z.avail_out));
    if (got == Z_MEM_ERROR) {
        inflateEnd(&z);
        free(*to);
        *to = NULL;
        mem_failed();
    }
    if (z.total_out > want)
        problem = "expands beyond its declared size";
    else if (got != Z_STREAM_END)
        problem = "compressed data damaged";
    else if (z.total_out < want)
        problem = "expands to less than its declared size";
    else if (!zip_zeros(z.next_in, z.avail_in))
        problem = "something follows the compressed data";
    inflateEnd(&z);
    if (problem) {
        free(*to);
        *to = NULL;
    }
    return problem;
}

size_t zip_deflate(const uint8_t *from, size_t n, uint8_t *to, size_t room)
{
    uLongf got = (uLongf)room;
    int result = compress2(to, &got, from, (uLong)n, Z_DEFAULT_COMPRESSION);

    if (result == Z_MEM_ERROR)
        mem_failed();
    return result == Z_OK ? (size_t)got : 0;
}

struct zip_packer {
    z_stream z;
    uint8_t *bytes;
    size_t room;
};

struct zip_packer *zip_packer_new(void)
{
    struct zip_packer *z = mem_zero(sizeof(*z));

    if (deflateInit2(&z->z, ZIP_QUICK, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(z);
        mem_failed();
    }
    return z;
}

void zip_packer_free(struct zip_packer *z)
{
    if (!z)
        return;
    deflateEnd(&z->z);
    free(z->bytes);
    free(z);
}

size_t zip_pack(struct zip_packer *z, const uint8_t *from, size_t n, const uint8_t **to)
{
    size_t most;

    deflateReset(&z->z); /* first: the bound depends on what the state is */
    most = deflateBound(&z->z, (uLong)n);
    if (most > z->room) {
        z->bytes = mem_grow(z->bytes, most);
        z->room = most;
    }
    /* As above. */
    z->z.next_in = (Bytef *)(uintptr_t)from;
    z->z.avail_in = (uInt)n;
    z->z.next_out = z->bytes;
    z->z.avail_out = (uInt)most;
    if (deflate(&z->z, Z_FINISH) != Z_STREAM_END)
        mem_failed(); /* cannot be: there is room for all of it */
    *to = z->bytes;
    return z->z.total_out;
}
