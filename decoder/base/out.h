/* SPDX-License-Identifier: MIT */
/*
 * out.h - a buffered writer: numbers, escaped text, padding.
 *
 * The buffer goes to a function, so that a test can look at it. After the
 * first error everything is discarded and `error` holds the errno.
 */
#ifndef OUT_H
#define OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Takes all bytes and returns 0, or an errno. */
struct out_sink {
    int (*write)(void *context, const void *bytes, size_t n);
    void *context;
};

/* Writes all bytes to a file: 0, or an errno. For a sink that is a file. */
int out_write(int fd, const void *bytes, size_t n);

#define OUT_BUFFER_BYTES (124u << 10) /* malloc() maps 128 KiB and more anew each time */
/* What is written so much later is fetched: one of several processes (jobs.h) fills more than its cache has room for. */
#define OUT_FETCH_BYTES 1024
#define OUT_ROOM_MAX (16u << 10) /* most that out_room() gives at once */

/* The most that the elements of one array may print (doc/format.md annex A): with a width, or
 * with names, a few bytes of a record would become gigabytes. */
#define OUT_ARRAY_BYTES (1u << 20)

struct symbols;

struct out {
    char *at, *end; /* free part of the buffer */
    char *buffer;
    struct out_sink sink;
    int error;
    uint64_t flushed;        /* bytes that have left the buffer */
    uint64_t cut_arrays;     /* that were longer than OUT_ARRAY_BYTES */
    bool wide_quoted;        /* out_wide_u64 and out_wide_s64 put numbers into quotes */
    struct symbols *symbols; /* names of addresses; NULL: they are shown as numbers */
};

/* How text from a dump is made harmless. */
enum out_escape {
    OUT_TEXT, /* \n \t \r \\ and \xNN */
    OUT_JSON, /* inside a JSON string; bytes that are no UTF-8 become U+FFFD */
    OUT_RAW   /* out_escaped only: as it is, since it will be escaped later */
};

/* Bytes so far. */
static inline uint64_t out_position(const struct out *o)
{
    return o->flushed + (uint64_t)(o->at - o->buffer);
}

/* Has an array that began at the position `start` no room for more? Counted, so that it is said. */
bool out_array_full(struct out *o, uint64_t start);

void out_open(struct out *o, struct out_sink sink);
void out_flush(struct out *o);
void out_close(struct out *o); /* frees, does not flush */

/* At least n (at most OUT_ROOM_MAX) free bytes at the result; move o->at on after. */
static inline char *out_room(struct out *o, size_t n)
{
    if ((size_t)(o->end - o->at) < n)
        out_flush(o);
    __builtin_prefetch(o->at + OUT_FETCH_BYTES, 1);
    return o->at;
}

void out_bytes_long(struct out *o, const void *bytes, size_t n); /* of any length */

static inline void out_bytes(struct out *o, const void *bytes, size_t n)
{
    if (n > OUT_ROOM_MAX) {
        out_bytes_long(o, bytes, n);
    } else if (n) {
        memcpy(out_room(o, n), bytes, n);
        o->at += n;
    }
}

static inline void out_text(struct out *o, const char *text)
{
    out_bytes(o, text, strlen(text));
}

void out_pad(struct out *o, char c, size_t n);
void out_u64(struct out *o, uint64_t v);
void out_s64(struct out *o, int64_t v);
/* What may have 64 bits, as a value of JSON: many of its readers keep 53. */
void out_wide_u64(struct out *o, uint64_t v);
void out_wide_s64(struct out *o, int64_t v);
void out_hex(struct out *o, uint64_t v); /* 0x... */
void out_hex_bytes(struct out *o, const uint8_t *bytes, size_t n, bool upper);
void out_base64(struct out *o, const void *bytes, size_t n); /* RFC 4648, padded */
void out_escaped(struct out *o, const void *text, size_t n, enum out_escape how);

/* As out_escaped, into memory: at most 6 * n bytes. Returns how many. */
size_t out_escape(char *to, const void *text, size_t n, enum out_escape how);
/* How many bytes out_escaped(.., OUT_TEXT) will print. */
size_t out_escaped_bytes(const void *text, size_t n);

/* Length of the valid UTF-8 character at s, or 0; its code point in *code. */
size_t out_utf8(const uint8_t *s, size_t n, uint32_t *code);

/* How many bytes of a text are valid UTF-8, up to the first that is in no character. */
size_t out_valid(const void *text, size_t n);

extern const char out_pairs[200]; /* 00 01 02 .. 99 */

/* The eight digits of v < 10^8, the first in the lowest byte: at first its two halves, then the
 * halves of these, all at once. */
static inline uint64_t out_eight(uint32_t v)
{
    uint64_t fours = v / 10000 | (uint64_t)(v % 10000) << 32;
    uint64_t hundreds = fours * 5243 >> 19 & 0x0000007f0000007full;
    uint64_t twos = hundreds | (fours - hundreds * 100) << 16;
    uint64_t tens = twos * 103 >> 10 & 0x000f000f000f000full;

    return tens | (twos - tens * 10) << 8;
}

/* Of eight digits all but the first `skip`, of which there is one at least. Writes eight bytes. */
static inline char *out_put_digits(char *p, uint64_t digits, unsigned skip)
{
    digits = (digits | 0x3030303030303030ull) >> 8 * skip;
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
        digits = __builtin_bswap64(digits);
    memcpy(p, &digits, sizeof(digits));
    return p + sizeof(digits) - skip;
}

#define OUT_EIGHT 100000000u

/* Decimal at p; returns the end. Needs 20 bytes of room, whatever v is. */
static inline char *out_put_u32(char *p, uint32_t v)
{
    uint32_t top = v / OUT_EIGHT;
    uint64_t digits = out_eight(v % OUT_EIGHT);

    if (!top)
        return out_put_digits(p, digits, (unsigned)__builtin_ctzll(digits | 1ull << 56) / 8);
    if (top >= 10)
        *p++ = (char)('0' + top / 10);
    *p++ = (char)('0' + top % 10);
    return out_put_digits(p, digits, 0);
}

static inline char *out_put_u64(char *p, uint64_t v)
{
    if (v <= UINT32_MAX)
        return out_put_u32(p, (uint32_t)v);
    if (v / OUT_EIGHT >= OUT_EIGHT) {
        p = out_put_u32(p, (uint32_t)(v / OUT_EIGHT / OUT_EIGHT));
        v %= (uint64_t)OUT_EIGHT * OUT_EIGHT;
        p = out_put_digits(p, out_eight((uint32_t)(v / OUT_EIGHT)), 0);
    } else {
        p = out_put_u32(p, (uint32_t)(v / OUT_EIGHT));
    }
    return out_put_digits(p, out_eight((uint32_t)(v % OUT_EIGHT)), 0);
}

static inline char *out_put_s64(char *p, int64_t v)
{
    if (v >= 0)
        return out_put_u64(p, (uint64_t)v);
    *p++ = '-';
    return out_put_u64(p, 0 - (uint64_t)v);
}

/* Exactly six digits of v < 1000000. */
static inline char *out_put_six(char *p, uint32_t v)
{
    memcpy(p, out_pairs + 2 * (v / 10000), 2);
    memcpy(p + 2, out_pairs + 2 * (v / 100 % 100), 2);
    memcpy(p + 4, out_pairs + 2 * (v % 100), 2);
    return p + 6;
}

/* Nine digits. */
static inline char *out_put_nine(char *p, uint32_t v)
{
    p = out_put_six(p, v / 1000);
    *p++ = (char)('0' + v / 100 % 10);
    memcpy(p, out_pairs + 2 * (v % 100), 2);
    return p + 2;
}

#endif
