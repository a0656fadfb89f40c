/* SPDX-License-Identifier: MIT */
/*
 * wide.c - makes a dump of many events, by doc/format.md alone, for the tests of what has columns.
 *
 *     wide EVENTS RECORDS [TEXT_BYTES [STREAM [EACH [CAPTURES]]]] >dump
 *
 * Events w:e0, w:e1 and so on, with fields of each type; the last has only a text, and so have all if TEXT_BYTES
 * is given and not 0. Of each integer the least and
 * the largest value are there. Four CPUs, 100 tasks, a microsecond from record to record; each 1,000th record (or
 * each EACH-th; 0: at none) two are lost. Values are made of the number of the record. Several CAPTURES, of streams
 * from STREAM on, are all the same, and name no tasks.
 */
#include "chunk.h"

enum { CPUS = 4, ROOM = 128 << 10 };

static const char *const types[] = {"u8",  "u16", "u32",  "u64", "s8",  "s16",
                                    "s32", "s64", "bool", "ptr", "f32", "f64"};
static const unsigned sizes[] = {1, 2, 4, 8, 1, 2, 4, 8, 1, 8, 4, 8};

#define TYPES 12u
#define FIXED 51u /* bytes of these, without room between them */

static unsigned text_bytes, loss_each = 1000;

static struct cpu {
    unsigned char bytes[ROOM];
    size_t n;
    unsigned records;
    uint64_t first, time, lost, seq;
} cpus[CPUS];

/* --- metadata --- */

static void field(const char *type, const char *name, unsigned at, unsigned size)
{
    head(5, 4), text("name"), text(name), text("type"), text(type);
    text("at"), head(0, at), text("size"), head(0, size);
}

static void event(unsigned i, unsigned events)
{
    unsigned fields = i + 1 == events || text_bytes ? 0 : TYPES, at = 0;
    char name[16];

    snprintf(name, sizeof(name), "e%u", i);
    head(5, 6), text("id"), head(0, i + 1), text("sys"), text("w"), text("name"), text(name);
    text("fmt"), text(""), text("bytes"), head(0, (fields ? FIXED : 0) + 2), text("fields");
    head(4, fields + 1);
    for (unsigned k = 0; k < fields; k++) {
        char f[16];

        snprintf(f, sizeof(f), "v_%s", types[k]);
        field(types[k], f, at, sizes[k]);
        at += sizes[k];
    }
    field("str", "s", at, 2);
}

static void metadata(unsigned events)
{
    head(5, 5);
    text("tool"), text("wide"), text("clock"), head(5, 2), text("hz"), head(0, 1000000000);
    text("name"), text("t"), text("cpus"), head(0, CPUS);
    text("buffer"), head(5, 4), text("name"), text("m"), text("mode"), text("discard");
    text("subbuf_bytes"), head(0, 4096), text("subbufs"), head(0, 4);
    text("events"), head(4, events);
    for (unsigned i = 0; i < events; i++)
        event(i, events);
    metadata_chunk();
}

/* --- records --- */

static void flush(unsigned i)
{
    struct cpu *c = &cpus[i];

    if (!c->records)
        return;
    chunk(DATA, i, c->bytes, c->n, c->records, c->seq++, c->time, c->first, c->lost);
    c->first += c->records;
    c->records = 0;
    c->n = 0;
}

/* Each kind of number now and then: its least, its largest, else something. */
static uint64_t value(uint64_t i, unsigned type)
{
    uint64_t mixed = i * 0x9e3779b97f4a7c15u;
    unsigned bits = 8 * sizes[type];
    double d = (double)i / 8 - 1e6;
    float f = (float)d;
    uint32_t small;

    if (type == 8)
        return i & 1;
    if (type == 10) {
        memcpy(&small, &f, sizeof(small));
        return small;
    }
    if (type == 11) {
        memcpy(&mixed, &d, sizeof(mixed));
        return mixed;
    }
    if (i % 5000 < 100)
        return types[type][0] == 's' ? 1ull << (bits - 1) : 0;
    if (i % 5000 < 200)
        return types[type][0] == 's' ? (1ull << (bits - 1)) - 1 : UINT64_MAX;
    return i % 3 ? mixed >> 20 : i % 100;
}

static void record(uint64_t i, unsigned id, unsigned events)
{
    unsigned number = i * 7 / 4 % CPUS, at = 16, n = text_bytes ? text_bytes : (unsigned)(i % 20);
    struct cpu *c = &cpus[number];
    int loss = loss_each && i % loss_each == loss_each - 1;
    uint64_t time = 1000 * i;
    unsigned char *r;

    if (c->n + 128 + n > ROOM || (c->records && time >> 32 != c->time >> 32) || loss)
        flush(number);
    if (loss)
        c->lost += 2;
    if (!c->records)
        c->time = time;
    r = c->bytes + c->n;
    memset(r, 0, 128 + n);
    put(r + 8, 4, i % 100);
    for (unsigned k = 0; id < events && !text_bytes && k < TYPES; k++) {
        put(r + at, sizes[k], value(i, k));
        at += sizes[k];
    }
    put(r + at, 2, n);
    at += 2;
    for (unsigned k = 0; k < n; k++, at++)
        r[at] = (unsigned char)('a' + (text_bytes ? k * i : i / 20 + k) % 26);
    at = (at + 7) / 8 * 8;
    put(r, 4, time);
    put(r + 4, 4, id | (uint64_t)at / 8 << 16 | 0x80000000u);
    c->n += at;
    c->records++;
}

static void tasks(void)
{
    unsigned char entry[32] = {0};

    for (unsigned i = 1; i < 100; i++) {
        put(entry, 4, i);
        put(entry + 4, 4, i / 10);
        snprintf((char *)entry + 8, 24, "task%u", i);
        chunk(TASKS, 0xffff, entry, 32, 1, side++, 0, 0, 0);
    }
}

static void capture(unsigned events, uint64_t records, int named)
{
    unsigned char entry[32] = {0};

    memset(cpus, 0, sizeof(cpus));
    used = side = 0;
    metadata(events);
    if (named)
        tasks();
    put(entry + 8, 8, 1700000000000000000u + stream);
    chunk(CLOCK, 0xffff, entry, 16, 1, side++, 0, 0, 0);
    for (uint64_t i = 0; i < records; i++)
        record(i, (unsigned)(1 + (text_bytes ? i : i * i) % events), events);
    for (unsigned i = 0; i < CPUS; i++) {
        flush(i);
        chunk(DATA, i, NULL, 0, 0, cpus[i].seq, 1000 * records, cpus[i].first, cpus[i].lost);
    }
    chunk(END, 0xffff, NULL, 0, 0, side, 1000 * records, 0, 0);
}

int main(int argc, char **argv)
{
    unsigned events = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    uint64_t records = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
    unsigned captures = argc > 6 ? (unsigned)atoi(argv[6]) : 1;

    if (!events || events > 60000 || argc < 3)
        return fprintf(stderr,
                       "usage: wide EVENTS RECORDS [TEXT_BYTES [STREAM [EACH [CAPTURES]]]]\n"),
               2;
    text_bytes = argc > 3 ? (unsigned)atoi(argv[3]) : 0;
    stream = argc > 4 ? strtoull(argv[4], NULL, 0) : 1;
    loss_each = argc > 5 ? (unsigned)atoi(argv[5]) : loss_each;
    for (unsigned i = 0; i < captures; i++, stream++)
        capture(events, records, captures == 1);
    return 0;
}
