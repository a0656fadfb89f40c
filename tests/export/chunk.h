/* SPDX-License-Identifier: MIT */
/* chunk.h - chunks and the CBOR of metadata, by doc/format.md alone, for the programs that make dumps. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/crc32c.h"

enum { METADATA = 1, DATA = 2, TASKS = 3, CLOCK = 4, END = 5, HEADER = 104 };

static unsigned char *buffer;
static size_t used, room;
static uint64_t stream = 1, side;

static void put(unsigned char *to, unsigned n, uint64_t v)
{
    for (unsigned i = 0; i < n; i++)
        to[i] = (unsigned char)(v >> 8 * i);
}

static void chunk(int type, unsigned cpu, const void *payload, size_t n, unsigned records,
                  uint64_t seq, uint64_t time, uint64_t first, uint64_t lost)
{
    unsigned char h[HEADER] = {0xf5, 't', 'p', 0xfa}, without[HEADER - 4];

    put(h + 4, 2, 0x0102);
    h[6] = 1;
    h[8] = (unsigned char)type;
    h[9] = 8;
    put(h + 10, 2, HEADER);
    put(h + 12, 2, type == DATA);
    put(h + 14, 2, cpu);
    put(h + 16, 4, HEADER + n);
    put(h + 20, 4, records);
    put(h + 24, 4, crc32c(0, payload, n));
    put(h + 32, 8, stream);
    put(h + 40, 8, seq);
    put(h + 48, 8, time);
    put(h + 56, 8, first);
    put(h + 64, 8, lost);
    memcpy(without, h, 28);
    memcpy(without + 28, h + 32, HEADER - 32);
    put(h + 28, 4, crc32c(0, without, sizeof(without)));
    fwrite(h, 1, HEADER, stdout);
    fwrite(payload, 1, n, stdout);
}

/* --- metadata, as CBOR --- */

static void want(size_t n)
{
    if (used + n <= room)
        return;
    room = 2 * (used + n);
    buffer = realloc(buffer, room);
}

static void head(int major, uint64_t v)
{
    want(5);
    buffer[used++] = (unsigned char)(major << 5 | 26);
    for (int i = 24; i >= 0; i -= 8)
        buffer[used++] = (unsigned char)(v >> i);
}

static void text(const char *t)
{
    head(3, strlen(t));
    want(strlen(t));
    memcpy(buffer + used, t, strlen(t));
    used += strlen(t);
}

/* What is in the buffer. */
static void metadata_chunk(void)
{
    want(8);
    memset(buffer + used, 0, 8);
    chunk(METADATA, 0xffff, buffer, (used + 7) / 8 * 8, 0, side++, 0, 0, 0);
}
