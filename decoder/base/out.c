/* SPDX-License-Identifier: MIT */
/* out.c - a buffered writer: numbers, escaped text, padding. */
#include "base/out.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

const char out_pairs[200] = {
#define OUT_TEN(d) d, '0', d, '1', d, '2', d, '3', d, '4', d, '5', d, '6', d, '7', d, '8', d, '9'
    OUT_TEN('0'), OUT_TEN('1'), OUT_TEN('2'), OUT_TEN('3'), OUT_TEN('4'),
    OUT_TEN('5'), OUT_TEN('6'), OUT_TEN('7'), OUT_TEN('8'), OUT_TEN('9'),
};

static const char out_digits[] = "0123456789abcdef";

void out_open(struct out *o, struct out_sink sink)
{
    o->sink = sink;
    o->error = 0;
    o->flushed = o->cut_arrays = 0;
    o->symbols = NULL;
    o->buffer = mem_alloc(OUT_BUFFER_BYTES);
    o->at = o->buffer;
    o->end = o->buffer + OUT_BUFFER_BYTES;
}

void out_flush(struct out *o)
{
    size_t n = (size_t)(o->at - o->buffer);

    if (n && !o->error)
        o->error = o->sink.write(o->sink.context, o->buffer, n);
    o->flushed += n;
    o->at = o->buffer;
}

bool out_array_full(struct out *o, uint64_t start)
{
    if (out_position(o) - start < OUT_ARRAY_BYTES)
        return false;
    o->cut_arrays++;
    return true;
}

int out_write(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;

    while (n) {
        ssize_t got = write(fd, p, n);

        if (got < 0 && errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};

            (void)poll(&ready, 1, -1);
            continue;
        }
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        p += got;
        n -= (size_t)got;
    }
    return 0;
}

void out_close(struct out *o)
{
    free(o->buffer);
    o->buffer = o->at = o->end = NULL;
}

void out_bytes_long(struct out *o, const void *bytes, size_t n)
{
    const char *from = bytes;

    while (n) {
        size_t part = n < OUT_ROOM_MAX ? n : OUT_ROOM_MAX;

        memcpy(out_room(o, part), from, part);
        o->at += part;
        from += part;
        n -= part;
    }
}

void out_pad(struct out *o, char c, size_t n)
{
    while (n) {
        size_t part = n < OUT_ROOM_MAX ? n : OUT_ROOM_MAX;

        memset(out_room(o, part), c, part);
        o->at += part;
        n -= part;
    }
}

void out_u64(struct out *o, uint64_t v)
{
    o->at = out_put_u64(out_room(o, 20), v);
}

void out_s64(struct out *o, int64_t v)
{
    o->at = out_put_s64(out_room(o, 21), v);
}

static void out_quote(struct out *o)
{
    if (o->wide_quoted)
        out_bytes(o, "\"", 1);
}

void out_wide_u64(struct out *o, uint64_t v)
{
    out_quote(o);
    out_u64(o, v);
    out_quote(o);
}

void out_wide_s64(struct out *o, int64_t v)
{
    out_quote(o);
    out_s64(o, v);
    out_quote(o);
}

void out_hex(struct out *o, uint64_t v)
{
    char *p = out_room(o, 18);
    unsigned shift = 60;

    *p++ = '0';
    *p++ = 'x';
    while (shift && !(v >> shift))
        shift -= 4;
    for (;; shift -= 4) {
        *p++ = out_digits[v >> shift & 15];
        if (!shift)
            break;
    }
    o->at = p;
}

void out_hex_bytes(struct out *o, const uint8_t *bytes, size_t n, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : out_digits;

    for (size_t i = 0; i < n; i++) {
        char *p = out_room(o, 2);

        p[0] = digits[bytes[i] >> 4];
        p[1] = digits[bytes[i] & 15];
        o->at += 2;
    }
}

static const char out_sixty_four[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* One to three bytes as four characters. */
static void out_group(char to[4], const uint8_t *from, size_t n)
{
    uint32_t v = (uint32_t)from[0] << 16;

    v |= n > 1 ? (uint32_t)from[1] << 8 : 0;
    v |= n > 2 ? from[2] : 0u;
    to[0] = out_sixty_four[v >> 18];
    to[1] = out_sixty_four[v >> 12 & 63];
    to[2] = n > 1 ? out_sixty_four[v >> 6 & 63] : '=';
    to[3] = n > 2 ? out_sixty_four[v & 63] : '=';
}

void out_base64(struct out *o, const void *bytes, size_t n)
{
    const uint8_t *from = bytes;

    for (size_t i = 0; i < n; i += 3) {
        out_group(out_room(o, 4), from + i, n - i < 3 ? n - i : 3);
        o->at += 4;
    }
}

size_t out_utf8(const uint8_t *s, size_t n, uint32_t *code)
{
    size_t need = s[0] < 0x80   ? 1
                  : s[0] < 0xc2 ? 0
                  : s[0] < 0xe0 ? 2
                  : s[0] < 0xf0 ? 3
                  : s[0] < 0xf5 ? 4
                                : 0;
    static const uint8_t mask[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t c;

    if (!need || need > n)
        return 0;
    c = s[0] & mask[need];
    for (size_t i = 1; i < need; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3fu);
    }
    if (c < least[need] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *code = c;
    return need;
}

size_t out_valid(const void *text, size_t n)
{
    const uint8_t *s = text;
    size_t i = 0, took;
    uint32_t code;
    uint64_t eight;

    for (; n - i >= sizeof(eight); i += sizeof(eight)) {
        memcpy(&eight, s + i, sizeof(eight));
        if (eight & 0x8080808080808080ull)
            break;
    }
    while (i < n && (took = s[i] < 0x80 ? 1 : out_utf8(s + i, n - i, &code)) != 0)
        i += took;
    return i;
}

/* Characters that steer a terminal, break or reorder lines, or cannot be seen: the controls of
 * Unicode, and what it calls default ignorable, but for variation selectors and U+200C and U+200D,
 * which belong to the text of some languages. */
static bool out_steers(uint32_t c)
{
    static const struct {
        uint32_t from, to;
    } steers[] = {
        {0x0, 0x1f},        {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},
        {0x61c, 0x61c},     {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180e, 0x180e},
        {0x200b, 0x200b},   {0x200e, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
        {0x3164, 0x3164},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
        {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff}, {0xe01f0, 0xe0fff},
    };

    for (unsigned i = 0; i < sizeof(steers) / sizeof(steers[0]); i++)
        if (c <= steers[i].to)
            return c >= steers[i].from;
    return false;
}

static char *out_escape_short(char *p, uint32_t c)
{
    *p++ = '\\';
    *p++ = c == '\n' ? 'n' : c == '\t' ? 't' : c == '\r' ? 'r' : (char)c;
    return p;
}

static char *out_escape_u(char *p, uint32_t c)
{
    if (c > 0xffff) { /* two surrogates */
        p = out_escape_u(p, 0xd800 + ((c - 0x10000) >> 10));
        c = 0xdc00 + (c & 0x3ff);
    }
    *p++ = '\\';
    *p++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4)
        *p++ = out_digits[c >> shift & 15];
    return p;
}

static char *out_escape_x(char *p, const uint8_t *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        *p++ = '\\';
        *p++ = 'x';
        *p++ = out_digits[s[i] >> 4];
        *p++ = out_digits[s[i] & 15];
    }
    return p;
}

/* One character of s at p; moves p on and returns the bytes of s it took. */
static size_t out_escape_one(char **p, const uint8_t *s, size_t n, enum out_escape how)
{
    uint32_t c = 0xfffd;
    size_t took = out_utf8(s, n, &c);
    bool valid = took > 0;

    if (!valid)
        took = 1;
    if (valid &&
        (c == '\n' || c == '\t' || c == '\r' || c == '\\' || (how == OUT_JSON && c == '"')))
        *p = out_escape_short(*p, c);
    else if (valid && !out_steers(c)) {
        memcpy(*p, s, took);
        *p += took;
    } else if (how == OUT_JSON)
        *p = out_escape_u(*p, c);
    else
        *p = out_escape_x(*p, s, took);
    return took;
}

/* Are all eight of these bytes printed as they are? Borrows go to higher bytes only from ones that
 * are not. */
static bool out_plain(const uint8_t *s)
{
    const uint64_t ones = 0x0101010101010101ull;
    uint64_t x, quote, slash;

    memcpy(&x, s, sizeof(x));
    quote = x ^ ones * '"';
    slash = x ^ ones * '\\';
    /* In the top bit of a byte: above 0x7e, below 0x20, a quote, a backslash. */
    return !((x | (x + ones) | (x - ones * 0x20) | (quote - ones) | (slash - ones)) & ones * 0x80);
}

size_t out_escape(char *to, const void *text, size_t n, enum out_escape how)
{
    const uint8_t *s = text;
    char *p = to;

    for (size_t i = 0; i < n;) {
        uint8_t c = s[i];

        if (n - i >= 8 && out_plain(s + i)) {
            memcpy(p, s + i, 8);
            p += 8;
            i += 8;
        } else if (c >= 0x20 && c < 0x7f && c != '\\' && c != '"') {
            *p++ = (char)c;
            i++;
        } else {
            i += out_escape_one(&p, s + i, n - i, how);
        }
    }
    return (size_t)(p - to);
}

void out_escaped(struct out *o, const void *text, size_t n, enum out_escape how)
{
    const uint8_t *s = text;

    if (how == OUT_RAW) {
        out_bytes(o, text, n);
        return;
    }
    /* A piece may end inside a character only if it is taken apart here. */
    while (n > 1024) {
        size_t part = 0;

        while (part < 1024) {
            char *p = out_room(o, 32);

            part += out_escape_one(&p, s + part, n - part, how);
            o->at = p;
        }
        s += part;
        n -= part;
    }
    o->at += out_escape(out_room(o, 6 * n), s, n, how);
}

size_t out_escaped_bytes(const void *text, size_t n)
{
    const uint8_t *s = text;
    size_t sum = 0;
    char scratch[32];

    for (size_t i = 0; i < n;) {
        char *p = scratch;

        i += out_escape_one(&p, s + i, n - i, OUT_TEXT);
        sum += (size_t)(p - scratch);
    }
    return sum;
}
