/* SPDX-License-Identifier: MIT */
/*
 * tool.c - what the shell tests of the decoder need and sh cannot do: writes dumps as doc/format.md
 * describes them, changes bits in them, measures.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/crc32c.h"

enum { HEADER = 104, METADATA = 1, DATA = 2, TASKS = 3, CLOCK = 4, END = 5, ROOM = 1 << 24 };

static unsigned char bytes[ROOM], payload[1 << 20];
static size_t size;

static void put(unsigned char *to, int n, uint64_t v)
{
    for (int i = 0; i < n; i++)
        to[i] = (unsigned char)(v >> 8 * i);
}

static uint64_t get(const unsigned char *from, int n)
{
    uint64_t v = 0;

    for (int i = 0; i < n; i++)
        v = v << 8 | from[n - 1 - i];
    return v;
}

static void load(const char *path)
{
    FILE *f = fopen(path, "rb");

    if (!f)
        exit((perror(path), 1));
    size = fread(bytes, 1, ROOM, f);
    fclose(f);
}

static void write_chunk(int type, size_t n, unsigned count, uint64_t seq, uint64_t time,
                        uint64_t first)
{
    unsigned char h[HEADER] = {0xf5, 't', 'p', 0xfa};

    put(h + 4, 2, 0x0102);
    h[6] = 1;
    h[8] = (unsigned char)type;
    h[9] = 8;
    put(h + 10, 2, HEADER);
    put(h + 12, 2, type == DATA);
    put(h + 14, 2, type == DATA ? 0 : 0xffff);
    put(h + 16, 4, HEADER + n);
    put(h + 20, 4, count);
    put(h + 24, 4, crc32c(0, payload, n));
    put(h + 32, 8, 0x7e57);
    put(h + 40, 8, seq);
    put(h + 48, 8, time);
    put(h + 56, 8, first);
    put(h + 28, 4, crc32c(crc32c(0, h, 28), h + 32, HEADER - 32));
    if (fwrite(h, 1, HEADER, stdout) != HEADER || fwrite(payload, 1, n, stdout) != n)
        exit(1);
}

/* Metadata (that of `bytes`), the name of task 7, a clock pair. */
static void write_start(uint64_t *seq, uint64_t time, int metadata)
{
    size_t n = get(bytes + 16, 4) - HEADER;

    memcpy(payload, bytes + HEADER, n);
    if (metadata)
        write_chunk(METADATA, n, 0, (*seq)++, time, 0);
    memset(payload, 0, 32);
    put(payload, 4, 7);
    memcpy(payload + 8, "seven", 5);
    write_chunk(TASKS, 32, 1, (*seq)++, time, 0);
    put(payload, 8, time);
    put(payload + 8, 8, 1700000000000000000 + time);
    write_chunk(CLOCK, 16, 1, (*seq)++, time, 0);
}

/* Record n holds n and is of time 1024 n; count is a power of two. */
static void dump(uint64_t chunks, unsigned count, int metadata)
{
    uint64_t n = 0, seq = 0;

    for (uint64_t c = 0; c < chunks; c++) {
        if (c % 40 == 0)
            write_start(&seq, n * 1024, metadata);
        for (unsigned i = 0; i < count; i++, n++) {
            unsigned char *p = payload + 24 * i;

            memset(p, 0, 24);
            put(p, 4, n * 1024);
            put(p + 4, 4, 0x80030001);
            put(p + 8, 4, 7);
            put(p + 16, 4, n);
        }
        write_chunk(DATA, 24 * count, count, c, (n - count) * 1024, n - count);
    }
    write_chunk(DATA, 0, 0, chunks, n * 1024, n);
    write_chunk(END, 0, 0, seq, n * 1024, 0);
}

static void write_flipped(FILE *to, size_t at, int bit)
{
    bytes[at] ^= 1 << bit;
    fwrite(bytes, 1, size, to);
    bytes[at] ^= 1 << bit;
}

static int peak(const char *path, char **command)
{
    struct rusage used;
    FILE *f = fopen(path, "w");
    pid_t pid = fork();
    int status;

    if (!f || pid < 0)
        return 99;
    if (!pid) {
        execv(*command, command);
        _exit(127);
    }
    wait4(pid, &status, 0, &used);
    fprintf(f, "%ld\n", used.ru_maxrss);
    fclose(f);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    if (argc > 4 && strcmp(argv[1], "dump") == 0) {
        load(argv[2]);
        dump(strtoull(argv[3], NULL, 0), (unsigned)strtoul(argv[4], NULL, 0), argc == 5);
    } else if (argc > 3 && strcmp(argv[1], "flip") == 0) {
        size_t at = strtoull(argv[2], NULL, 0);

        load(argv[3]);
        write_flipped(stdout, at, (int)(at % 8));
    } else if (argc > 3 && strcmp(argv[1], "peak") == 0) {
        return peak(argv[2], argv + 3);
    } else if (argc > 2 && strcmp(argv[1], "default_sigpipe") == 0) {
        signal(SIGPIPE, SIG_DFL);
        execv(argv[2], argv + 2);
        return 127;
    } else {
        return 2;
    }
    return fflush(stdout) != 0;
}
