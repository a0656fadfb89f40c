/* SPDX-License-Identifier: MIT */
/* cooked.c - was a dump on its way changed as text is? */
#include "bytes/cooked.h"

#include <string.h>

#include "base/crc.h"
#include "bytes/header.h"

#define COOKED_TRIES 64u         /* of an input: what is tried takes time */
#define COOKED_FLIPS 8u          /* bytes that may each have been another: 2^8 ways */
#define COOKED_BYTES 4096u       /* a payload that is tried with each of these ways */
#define COOKED_LOOK_BYTES 65536u /* in which keys are counted */
#define COOKED_LOOK_LEAST 1024u  /* less proves nothing; */
#define COOKED_LOOK_SOME 4096u   /* nor this, if some chunks are good */
#define COOKED_FEEDS_LEAST 16u   /* line feeds without a carriage return: chance is 1 in 65536 */

#define COOKED_CR 0x0du
#define COOKED_LF 0x0au

static const char cooked_crlf[] = "each line feed (0a) became two bytes (0d 0a)";
static const char cooked_cr[] = "carriage returns (0d) became line feeds (0a)";
static const char cooked_lf[] = "line feeds (0a) became carriage returns (0d)";
static const char cooked_keys[] = "bytes that are keys of a terminal are missing";

/* With each 0d before 0a left out: how many bytes there are, at most `room`. */
static size_t cooked_undo(const uint8_t *p, size_t n, uint8_t *to, size_t room)
{
    size_t out = 0;

    for (size_t i = 0; i < n && out < room; i++)
        if (p[i] != COOKED_CR || i + 1 == n || p[i + 1] != COOKED_LF)
            to[out++] = p[i];
    return out;
}

/* What is to be right: a header, or, with a checksum, all n bytes. */
static bool cooked_right(const uint8_t *p, size_t n, const uint32_t *crc)
{
    struct tp_wire_chunk h;
    bool swap;

    return crc ? crc_add(0, p, n) == *crc : header_good(p, n, &h, &swap);
}

/* Is it right if some of the bytes `is` were `was`? */
static bool cooked_were(const uint8_t *p, size_t n, uint8_t is, uint8_t was, const uint32_t *crc)
{
    size_t at[COOKED_FLIPS], count = 0;
    uint8_t b[COOKED_BYTES];

    memcpy(b, p, n);
    for (size_t i = 0; i < n; i++) {
        if (p[i] == was || (p[i] == is && count == COOKED_FLIPS))
            return false;
        if (p[i] == is)
            at[count++] = i;
    }
    for (uint32_t way = 1; way < 1u << count; way++) {
        for (size_t i = 0; i < count; i++)
            b[at[i]] = way >> i & 1 ? was : is;
        if (cooked_right(b, n, crc))
            return true;
    }
    return false;
}

static void cooked_try(struct cooked *c, const uint8_t *p, size_t n, const uint32_t *crc)
{
    if (cooked_were(p, n, COOKED_LF, COOKED_CR, crc))
        c->proof = cooked_cr;
    else if (cooked_were(p, n, COOKED_CR, COOKED_LF, crc))
        c->proof = cooked_lf;
}

/* Those that a terminal with its usual settings takes as keys, and 0d. */
void cooked_skipped(struct cooked *c, const uint8_t *p, size_t n)
{
    static const char keys[] = "\x03\x04\x0d\x11\x12\x13\x15\x17\x1a\x1c\x7f";

    if (n > COOKED_LOOK_BYTES - c->looked)
        n = COOKED_LOOK_BYTES - c->looked;
    c->looked += (uint32_t)n;
    for (size_t i = 0; i < n; i++)
        c->keys += p[i] && strchr(keys, p[i]);
}

void cooked_header(struct cooked *c, const uint8_t *p, size_t n)
{
    uint8_t b[TP_WIRE_CHUNK_BYTES];
    size_t got;

    c->places++;
    if (c->proof || c->tries++ >= COOKED_TRIES)
        return;
    got = cooked_undo(p, n < 2 * sizeof(b) ? n : 2 * sizeof(b), b, sizeof(b));
    if (got == sizeof(b) && cooked_right(b, got, NULL))
        c->proof = cooked_crlf;
    else if (n >= sizeof(b))
        cooked_try(c, p, sizeof(b), NULL);
}

/* The checksum of the first `size` bytes if each 0d before 0a is left out; false: there are not so many. */
static bool cooked_sum(const uint8_t *p, size_t n, size_t size, uint32_t *crc)
{
    uint8_t b[COOKED_BYTES];
    size_t out = 0;

    for (size_t i = 0; i < n && size; i++) {
        if (p[i] == COOKED_CR && i + 1 < n && p[i + 1] == COOKED_LF)
            continue;
        b[out++] = p[i];
        size--;
        if (out == sizeof(b) || !size) {
            *crc = crc_add(*crc, b, out);
            out = 0;
        }
    }
    return !size;
}

void cooked_payload(struct cooked *c, const uint8_t *p, size_t n, size_t size, uint32_t crc)
{
    size_t there = n < size ? n : size;
    uint32_t sum = 0;

    if (c->proof || c->tries++ >= COOKED_TRIES)
        return;
    for (size_t i = 0; i < there; i++) {
        c->feeds += p[i] == COOKED_LF;
        c->returns += p[i] == COOKED_CR;
    }
    c->places++;
    cooked_skipped(c, p, there);
    if (cooked_sum(p, n, size, &sum) && sum == crc)
        c->proof = cooked_crlf;
    else if (n >= size && size <= COOKED_BYTES)
        cooked_try(c, p, size, &crc);
}

const char *cooked_reason(const struct cooked *c, bool any)
{
    if (c->proof)
        return c->proof;
    if (c->places > 1 && c->looked >= (any ? COOKED_LOOK_SOME : COOKED_LOOK_LEAST) && !c->keys)
        return cooked_keys;
    if (c->feeds >= COOKED_FEEDS_LEAST && !c->returns)
        return cooked_cr;
    return NULL;
}
