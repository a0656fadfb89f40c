/* SPDX-License-Identifier: MIT */
/*
 * forge.c - an index with another value in it and the checksums made right again, by doc/index-file.md alone.
 *
 *     forge AT VALUE FILE >forged     32 bits at an offset
 *
 * Fails where the offset is of a checksum.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/crc32c.h"

enum { HEAD = 16, CHUNK = 48, BLOCK = 16, FOOT = 80, BLOCK_CHUNKS = 1024 };

static unsigned char bytes[1 << 20];

static uint64_t get(size_t at, int n)
{
    uint64_t v = 0;

    memcpy(&v, bytes + at, (size_t)n);
    return v;
}

static void put(size_t at, uint32_t v)
{
    memcpy(bytes + at, &v, sizeof(v));
}

int main(int argc, char **argv)
{
    size_t n, at, foot, tables;
    uint64_t chunks;
    FILE *f;

    if (argc != 4 || !(f = fopen(argv[3], "rb")))
        return 2;
    n = fread(bytes, 1, sizeof(bytes), f);
    fclose(f);
    at = strtoull(argv[1], NULL, 0);
    foot = n - FOOT;
    chunks = get(foot + 32, 8);
    tables = HEAD + chunks * CHUNK;
    if (at + 4 > n || at == foot + 72 || at == foot + 76 ||
        (at >= tables && at < tables + (chunks + BLOCK_CHUNKS - 1) / BLOCK_CHUNKS * BLOCK &&
         (at - tables) % BLOCK == 12))
        return 3;
    put(at, (uint32_t)strtoull(argv[2], NULL, 0));
    for (uint64_t block = 0; block * BLOCK_CHUNKS < chunks; block++) {
        uint64_t left = chunks - block * BLOCK_CHUNKS;

        left = left < BLOCK_CHUNKS ? left : BLOCK_CHUNKS;
        put(tables + block * BLOCK + 12,
            crc32c(0, bytes + HEAD + block * BLOCK_CHUNKS * CHUNK, left * CHUNK));
    }
    put(foot + 72, crc32c(0, bytes + tables, foot - tables));
    put(foot + 76, crc32c(0, bytes + foot, FOOT - 4));
    return fwrite(bytes, 1, n, stdout) != n;
}
