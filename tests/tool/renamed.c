/* SPDX-License-Identifier: MIT */
/*
 * renamed.c - makes a dump in which tasks change their names, and CPUs lose records, by doc/format.md alone.
 *
 *     renamed CPUS RECORDS EVERY [CHUNK_RECORDS [BACK [plain|all [RARE]]]] >dump
 *
 * Each EVERY-th record comes after one that gives a task a new name. A chunk has CHUNK_RECORDS records; now and then
 * metadata is repeated, and a tasks chunk names a task that no record names. The last record of a full chunk is BACK later
 * than it would be: of each, or, if BACK is negative, of the first one after the middle. `plain`: nothing is lost, and nothing
 * but metadata is between chunks of records. RARE: all records but each RARE-th are of one task, which gets no name.
 */
#include <stdbool.h>

#include "../export/chunk.h"

enum { CPUS = 2000, ROOM = 1 << 20, TASK_BYTES = 40, PIDS = 50 };

static struct cpu {
    unsigned char *bytes;
    size_t n;
    unsigned records;
    uint64_t first, time, lost, seq;
} cpus[CPUS];

static unsigned cpu_count;
static int back;
static bool plain;
static uint64_t half, rare;
static unsigned char *metadata;
static size_t metadata_bytes;

static void describe(void)
{
    head(5, 5);
    text("tool"), text("renamed"), text("clock"), head(5, 2), text("hz"), head(0, 1000000000);
    text("name"), text("t"), text("cpus"), head(0, cpu_count);
    text("buffer"), head(5, 4), text("name"), text("m"), text("mode"), text("discard");
    text("subbuf_bytes"), head(0, 4096), text("subbufs"), head(0, 4);
    text("events"), head(4, 1), head(5, 6), text("id"), head(0, 1), text("sys"), text("n");
    text("name"), text("e"), text("fmt"), text("v=%u"), text("bytes"), head(0, 4);
    text("fields"), head(4, 1), head(5, 4);
    text("name"), text("v"), text("type"), text("u32"), text("at"), head(0, 0), text("size"),
        head(0, 4);
    want(8);
    memset(buffer + used, 0, 8);
    metadata = buffer;
    metadata_bytes = (used + 7) / 8 * 8;
}

static void name(unsigned char *to, unsigned pid, uint64_t number)
{
    put(to, 4, pid);
    put(to + 4, 4, pid / 10);
    memset(to + 8, 0, 24);
    snprintf((char *)to + 8, 24, "n%u.%" PRIu64, pid, number);
}

/* What is not data. */
static void sides(uint64_t i)
{
    unsigned char entry[32];

    chunk(METADATA, 0xffff, metadata, metadata_bytes, 0, side++, 0, 0, 0);
    if (plain)
        return;
    name(entry, 1000 + i / 1000 % 7, i);
    chunk(TASKS, 0xffff, entry, sizeof(entry), 1, side++, 0, 0, 0);
    name(entry, i / 1000 % PIDS, i);
    chunk(TASKS, 0xffff, entry, sizeof(entry), 1, side++, 0, 0, 0);
}

static void flush(unsigned i)
{
    struct cpu *c = &cpus[i];

    if (c->records)
        chunk(DATA, i, c->bytes, c->n, c->records, c->seq++, c->time, c->first, c->lost);
    c->first += c->records;
    c->records = 0;
    c->n = 0;
}

/* By how much a record is later than it would be. */
static unsigned late(bool second_half, bool full)
{
    unsigned by = full && (back > 0 || second_half) ? (unsigned)(back < 0 ? -back : back) : 0;

    if (by && back < 0)
        back = 0;
    return by;
}

static void record(uint64_t i, uint64_t every, unsigned most)
{
    /* Of many CPUs, each as often as any other. */
    uint64_t turn = cpu_count > 64 ? i : i * i / 7;
    unsigned number = (unsigned)(turn % cpu_count), pid = (unsigned)(i % (PIDS + 7));
    struct cpu *c = &cpus[number];
    uint64_t time = 500 * i + 1;
    unsigned char *r;

    if (c->records >= most || (c->records && time >> 32 != c->time >> 32))
        flush(number);
    if (!plain && i % 3000 == 2999) {
        flush(number);
        c->lost += 3;
    }
    if (!c->records)
        c->time = time;
    if (every && i % every == 0) {
        r = c->bytes + c->n;
        put(r, 4, time);
        put(r + 4, 4, 0xfffe | TASK_BYTES / 8 << 16 | 0x80000000u);
        name(r + 8, (unsigned)(i / every % PIDS), i);
        c->n += TASK_BYTES;
    }
    r = c->bytes + c->n;
    memset(r, 0, 24);
    put(r, 4, time + late(i > half, c->records + 1 == most));
    put(r + 4, 4, 1 | 3 << 16 | 0x80000000u);
    if (rare)
        pid = i % rare ? 5000 : (unsigned)(i / rare % PIDS);
    else if (pid >= PIDS)
        pid += 1000 - PIDS;
    put(r + 8, 4, pid);
    put(r + 16, 4, i);
    c->n += 24;
    c->records++;
}

int main(int argc, char **argv)
{
    uint64_t records = argc > 2 ? strtoull(argv[2], NULL, 0) : 0, every;
    unsigned most = argc > 4 ? (unsigned)atoi(argv[4]) : 100;

    cpu_count = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    back = argc > 5 ? atoi(argv[5]) : 0;
    plain = argc > 6 && strcmp(argv[6], "plain") == 0;
    rare = argc > 7 ? strtoull(argv[7], NULL, 0) : 0;
    if (!cpu_count || cpu_count > CPUS || argc < 4 || most > 10000)
        return fprintf(
                   stderr,
                   "usage: renamed CPUS RECORDS EVERY [CHUNK_RECORDS [BACK [plain|all [RARE]]]]\n"),
               2;
    every = strtoull(argv[3], NULL, 0);
    half = records / 2;
    describe();
    for (unsigned i = 0; i < cpu_count; i++)
        if (!(cpus[i].bytes = malloc(ROOM)))
            return perror("renamed"), 1;
    for (uint64_t i = 0; i < records; i++) {
        if (i % 5000 == 0)
            sides(i);
        record(i, every, most);
    }
    for (unsigned i = 0; i < cpu_count; i++) {
        flush(i);
        chunk(DATA, i, NULL, 0, 0, cpus[i].seq, 500 * records + 1, cpus[i].first, cpus[i].lost);
    }
    chunk(END, 0xffff, NULL, 0, 0, side, 500 * records + 1, 0, 0);
    return 0;
}
