/* SPDX-License-Identifier: MIT */
/* mutate.c - random numbers, and chunks that are changed and sealed again. */
#include "mutate.h"

#include <stdlib.h>
#include <string.h>
#include <tp/wire.h>

#include "base/crc.h"
#include "base/zip.h"
#include "fuzz.h"

static uint64_t mutate_state = 1;

void mutate_seed(unsigned seed)
{
    mutate_state = seed * 0x9e3779b97f4a7c15ull | 1;
}

uint32_t mutate_random(uint32_t n)
{
    mutate_state ^= mutate_state << 13;
    mutate_state ^= mutate_state >> 7;
    mutate_state ^= mutate_state << 17;
    return n ? (uint32_t)(mutate_state >> 20) % n : 0;
}

/* --- fields in the byte order of a chunk --- */

static bool mutate_big(const uint8_t *chunk)
{
    return chunk[4] == TP_WIRE_ORDER >> 8;
}

static uint64_t mutate_get(const uint8_t *p, size_t n, bool big)
{
    uint64_t v = 0;

    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[big ? i : n - 1 - i];
    return v;
}

static void mutate_put(uint8_t *p, size_t n, bool big, uint64_t v)
{
    for (size_t i = 0; i < n; i++)
        p[big ? n - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

/* A value that is near a limit, near what was there, or any. */
static uint64_t mutate_value(uint64_t was)
{
    static const uint64_t edges[] = {0,          1,          7,         8,          15,
                                     16,         104,        0x7f,      0x80,       0xff,
                                     0x100,      0x7fff,     0x8000,    0xfeff,     0xff00,
                                     0xfffd,     0xffff,     0x10000,   0x7fffffff, 0x80000000,
                                     0xffffffff, 1ull << 32, INT64_MAX, 1ull << 63, UINT64_MAX};

    switch (mutate_random(4)) {
    case 0:
        return edges[mutate_random(sizeof(edges) / sizeof(edges[0]))];
    case 1:
        return was + mutate_random(17) - 8;
    case 2:
        return was ^ 1ull << mutate_random(64);
    default:
        return (uint64_t)mutate_random(UINT32_MAX) << 32 | mutate_random(UINT32_MAX);
    }
}

static void mutate_field(uint8_t *p, size_t n, bool big)
{
    mutate_put(p, n, big, mutate_value(mutate_get(p, n, big)));
}

/* --- chunks --- */

#define MUTATE_CHUNKS_MAX 256u
#define CHUNK TP_WIRE_CHUNK_BYTES

struct mutate_place {
    size_t at, bytes;
};

static bool mutate_is_chunk(const uint8_t *p, size_t left)
{
    static const uint8_t magic[4] = {TP_WIRE_MAGIC0, TP_WIRE_MAGIC1, TP_WIRE_MAGIC2,
                                     TP_WIRE_MAGIC3};

    return left >= CHUNK && memcmp(p, magic, 4) == 0;
}

/* Where chunks are; one whose size cannot be right goes to the next one, or to the end. */
static uint32_t mutate_find(const uint8_t *data, size_t size, struct mutate_place *places)
{
    uint32_t count = 0;

    for (size_t at = 0; at < size && count < MUTATE_CHUNKS_MAX;) {
        size_t bytes;

        if (!mutate_is_chunk(data + at, size - at)) {
            at++;
            continue;
        }
        bytes = mutate_get(data + at + 16, 4, mutate_big(data + at));
        if (bytes < CHUNK || bytes > size - at)
            for (bytes = CHUNK;
                 at + bytes < size && !mutate_is_chunk(data + at + bytes, size - at - bytes);)
                bytes++;
        places[count++] = (struct mutate_place){at, bytes};
        at += bytes;
    }
    return count;
}

static void mutate_seal_chunk(uint8_t *p, size_t bytes)
{
    bool big = mutate_big(p);
    size_t header = mutate_get(p + 10, 2, big);

    if (header < CHUNK || header > bytes)
        header = CHUNK;
    mutate_put(p + 24, 4, big, crc_add(0, p + header, bytes - header));
    mutate_put(p + 28, 4, big, crc_add(crc_add(0, p, 28), p + 32, header - 32));
}

void mutate_seal_dump(uint8_t *data, size_t size)
{
    struct mutate_place places[MUTATE_CHUNKS_MAX];
    uint32_t n = mutate_find(data, size, places);

    for (uint32_t i = 0; i < n; i++)
        mutate_seal_chunk(data + places[i].at, places[i].bytes);
}

size_t mutate_make_chunk(uint8_t *to, struct mutate_chunk c, const void *payload, size_t n)
{
    struct tp_wire_chunk h = {
        .magic = {TP_WIRE_MAGIC0, TP_WIRE_MAGIC1, TP_WIRE_MAGIC2, TP_WIRE_MAGIC3},
        .order = TP_WIRE_ORDER,
        .major = TP_WIRE_MAJOR,
        .minor = TP_WIRE_MINOR,
        .type = c.type,
        .word_bytes = 8,
        .header_bytes = CHUNK,
        .flags = c.flags,
        .cpu = c.type == TP_CHUNK_DATA ? c.cpu : TP_CHUNK_NO_CPU,
        .records = c.records,
        .stream = 0x5eed,
        .seq = c.seq,
        .time = c.time,
        .first_record = c.first_record};
    size_t padded = (n + 7) & ~(size_t)7;

    h.size_bytes = (uint32_t)(CHUNK + padded);
    memset(to + CHUNK, 0, padded);
    if (n)
        memmove(to + CHUNK, payload, n);
    memcpy(to, &h, sizeof(h));
    mutate_seal_chunk(to, h.size_bytes);
    return h.size_bytes;
}

/* Puts n bytes in the place of `was` bytes at `at`; false: there is no room. */
static bool mutate_replace(uint8_t *data, size_t *size, size_t max, size_t at, size_t was,
                           const uint8_t *with, size_t n)
{
    if (*size - was + n > max)
        return false;
    memmove(data + at + n, data + at + was, *size - at - was);
    if (n)
        memcpy(data + at, with, n);
    *size = *size - was + n;
    return true;
}

/* The payload of one chunk by `change`, with its size. */
static void mutate_payload(uint8_t *data, size_t *size, size_t max, struct mutate_place c,
                           size_t (*change)(uint8_t *, size_t, size_t))
{
    bool big = mutate_big(data + c.at);
    size_t had = c.bytes - CHUNK, room = max - *size + had, n;
    uint8_t *payload = calloc(1, room + 8);

    fuzz_require(payload, "no memory");
    memcpy(payload, data + c.at + CHUNK, had);
    n = change(payload, had, room & ~(size_t)7);
    memset(payload + n, 0, -n & 7);
    n = (n + 7) & ~(size_t)7;
    if (mutate_replace(data, size, max, c.at + CHUNK, had, payload, n))
        mutate_put(data + c.at + 16, 4, big, CHUNK + n);
    free(payload);
}

static size_t mutate_any(uint8_t *p, size_t n, size_t room)
{
    return LLVMFuzzerMutate(p, n, room);
}

static size_t mutate_map(uint8_t *p, size_t n, size_t room)
{
    return mutate_cbor(p, n, room, mutate_random(UINT32_MAX));
}

/* As a writer that compresses would have it. */
static size_t mutate_deflate(uint8_t *p, size_t n, size_t room)
{
    uint8_t *packed = malloc(room + 64);
    size_t got = packed && room > 8 ? zip_deflate(p, n, packed, room - 4) : 0;

    if (got) {
        mutate_put(p, 4, false, n);
        memcpy(p + 4, packed, got);
        n = got + 4;
    }
    free(packed);
    return n;
}

static void mutate_header(uint8_t *p)
{
    static const struct {
        uint8_t at, bytes;
    } fields[] = {{6, 1},  {7, 1},  {8, 1},  {9, 1},  {10, 2}, {12, 2}, {14, 2}, {16, 4}, {20, 4},
                  {32, 8}, {40, 8}, {48, 8}, {56, 8}, {64, 8}, {72, 8}, {80, 8}, {88, 8}, {96, 8}};
    uint32_t i = mutate_random(sizeof(fields) / sizeof(fields[0]));

    mutate_field(p + fields[i].at, fields[i].bytes, mutate_big(p));
}

/* One field of one record: its time, its word, the context, a value. */
static void mutate_record(uint8_t *p, size_t bytes)
{
    bool big = mutate_big(p);
    uint32_t turns = mutate_random(16);
    size_t at = CHUNK;

    while (turns-- && at + 8 <= bytes) {
        size_t units = TP_RECORD_UNITS(mutate_get(p + at + 4, 4, big));

        if (!units || at + units * 8 + 8 > bytes)
            break;
        at += units * 8;
    }
    if (at + 8 > bytes)
        return;
    at += mutate_random(3) ? mutate_random(2) * 4 : mutate_random(8) * 4;
    if (at + 4 <= bytes)
        mutate_field(p + at, mutate_random(2) ? 2 : 4, big);
}

static void mutate_copy(uint8_t *data, size_t *size, size_t max, struct mutate_place from,
                        size_t to)
{
    uint8_t *copy = malloc(from.bytes);

    fuzz_require(copy, "no memory");
    memcpy(copy, data + from.at, from.bytes);
    (void)mutate_replace(data, size, max, to, 0, copy, from.bytes);
    free(copy);
}

static void mutate_chunk_of(uint8_t *data, size_t *size, size_t max, struct mutate_place c,
                            struct mutate_place other)
{
    uint8_t *p = data + c.at;

    switch (mutate_random(10)) {
    case 0:
        mutate_header(p);
        break;
    case 1:
        mutate_payload(data, size, max, c, mutate_any);
        break;
    case 2:
        mutate_copy(data, size, max, c, other.at);
        break;
    case 3:
        (void)mutate_replace(data, size, max, c.at, c.bytes, NULL, 0);
        break;
    case 4:
        if (!(p[mutate_big(p) ? 13 : 12] & TP_CHUNK_ZLIB)) {
            p[mutate_big(p) ? 13 : 12] |= TP_CHUNK_ZLIB;
            mutate_payload(data, size, max, c, mutate_deflate);
        }
        break;
    default:
        if (p[8] == TP_CHUNK_METADATA)
            mutate_payload(data, size, max, c, mutate_map);
        else if (p[8] == TP_CHUNK_DATA)
            mutate_record(p, c.bytes);
        else
            mutate_header(p);
    }
}

size_t mutate_dump(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    struct mutate_place places[MUTATE_CHUNKS_MAX];
    uint32_t n, turns;

    mutate_seed(seed);
    turns = 1 + mutate_random(3);
    while (turns--) {
        n = mutate_find(data, size, places);
        if (!n || !mutate_random(24))
            size = LLVMFuzzerMutate(data, size, max);
        else
            mutate_chunk_of(data, &size, max, places[mutate_random(n)], places[mutate_random(n)]);
    }
    /* Damage as it is, now and then. */
    if (mutate_random(16))
        mutate_seal_dump(data, size);
    return size;
}

/* --- regions --- */

void mutate_seal_region(uint8_t *data, size_t size)
{
    struct tp_wire_region h;

    for (unsigned copy = 0; copy < 2; copy++) {
        uint8_t *p = data + copy * TP_REGION_COPY_BYTES;

        if (size < 2 * TP_REGION_COPY_BYTES)
            return;
        memcpy(&h, p, sizeof(h));
        if (h.order != TP_WIRE_ORDER)
            return; /* of the other byte order: left as it is */
        if (h.metadata_at < size && h.metadata_bytes <= size - h.metadata_at)
            h.metadata_crc = crc_add(0, data + h.metadata_at, h.metadata_bytes);
        memcpy(p, &h, sizeof(h));
        h.header_crc = crc_add(crc_add(0, p, 12), p + 16, sizeof(h) - 16);
        memcpy(p, &h, sizeof(h));
    }
}

/* Somewhere in what the header says is a table of so many things of `each` bytes. */
static void mutate_in(uint8_t *data, size_t size, uint64_t at, uint64_t each, uint64_t count,
                      uint32_t most)
{
    uint64_t where = at + each * mutate_random((uint32_t)(count ? count : 1)) +
                     (mutate_random(most) & ~3u);
    size_t bytes = mutate_random(2) ? 4 : 8;

    if (where < size && bytes <= size - where)
        mutate_field(data + where, bytes, false);
}

size_t mutate_region(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    struct tp_wire_region h;

    mutate_seed(seed);
    if (size < 2 * TP_REGION_COPY_BYTES)
        return LLVMFuzzerMutate(data, size, max);
    memcpy(&h, data, sizeof(h));
    for (uint32_t turns = 1 + mutate_random(4); turns--;)
        switch (mutate_random(8)) {
        case 0:
            mutate_in(data, size, 0, TP_REGION_COPY_BYTES, 2, sizeof(h));
            break;
        case 1:
            mutate_in(data, size, h.metadata_at, 1, h.metadata_bytes, 8);
            break;
        case 2:
            mutate_in(data, size, h.tasks_at, sizeof(struct tp_wire_task), h.tasks + 1, 40);
            break;
        case 3:
            mutate_in(data, size, h.rings_at, h.ring_bytes, h.cpus, h.ring_bytes);
            break;
        case 4:
        case 5:
            mutate_in(data, size, h.data_at, h.subbuf_bytes, (uint64_t)h.cpus * h.subbufs, CHUNK);
            break;
        case 6:
            mutate_in(data, size, h.data_at + CHUNK, h.subbuf_bytes, (uint64_t)h.cpus * h.subbufs,
                      h.subbuf_bytes);
            break;
        default:
            size = mutate_random(4) ? size : LLVMFuzzerMutate(data, size, max);
        }
    if (mutate_random(16))
        mutate_seal_region(data, size);
    return size;
}

/* --- lines --- */

size_t mutate_lines(uint8_t *data, size_t size, size_t max, unsigned seed,
                    size_t (*make)(char *to, size_t room))
{
    char line[512];
    size_t n, at, end;

    mutate_seed(seed);
    for (uint32_t turns = 1 + mutate_random(3); turns--;) {
        if (!mutate_random(3)) {
            size = LLVMFuzzerMutate(data, size, max);
            continue;
        }
        at = mutate_random((uint32_t)size + 1);
        while (at && data[at - 1] != '\n')
            at--;
        for (end = at; end < size && data[end] != '\n';)
            end++;
        end += end < size;
        n = make(line, sizeof(line) - 1);
        line[n++] = '\n';
        (void)mutate_replace(data, &size, max, at, mutate_random(2) ? end - at : 0, (uint8_t *)line,
                             mutate_random(4) ? n : 0);
    }
    return size;
}
