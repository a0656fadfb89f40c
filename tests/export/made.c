/* SPDX-License-Identifier: MIT */
/*
 * made.c - makes a dump of lines, by doc/format.md alone: what the tests of exports ask about.
 *
 *     TIME CPU PID EVENT VALUE...      a record; times in ns, those of a CPU do not go back; EVENT may be its number
 *     TIME CPU - lost N                so many are lost before the next record of this CPU, at TIME at the earliest
 *     TIME - - task ID GROUP NAME      TIME - - clock WALL
 *
 *     made [STREAM [HOST [all]]] <lines >dump
 */
#include "chunk.h"

enum { CPUS = 2048, ROOM = 1 << 16 };

static const struct event {
    const char *sys, *name, *fields; /* TYPE:NAME, of unsigned ones u8 is of the states */
} events[] = {
    {"sched", "switch", "u32:prev u32:next u8:state"},
    {"sched", "wakeup", "u32:pid u32:cpu"},
    {"irq", "entry", "u32:vector"},
    {"irq", "exit", ""},
    {"syscall", "enter", "u32:nr"},
    {"syscall", "exit", "s64:ret"},
    {"dma", "start", "u32:chan u64:id"},
    {"dma", "done", "u64:id"},
    {"disk", "io", "u32:took_us u32:queue"},
    {"mem", "left", "s64:pages"},
    {"lock", "take", "u32:lock"},
    {"lock", "drop", "u32:lock"},
    /* With a third argument: names that are words of SQL, quotes, no ASCII, or those of others. */
    {"select", "table", "u32:where u32:from"},
    {"a\"b", "c'd", "u32:e\"f u32:g'h"},
    {"a]b", "c;d--", "u32:*"},
    {"gr\303\266\303\237e", "\346\231\202", "u32:\320\277\320\276\320\273\320\265"},
    {"clash", "common", "u32:time_ns u32:CPU u32:capture u32:cut_ u32:cut u32:rowid"},
    {"clash", "case", "u32:x s64:X"},
    {"CLASH", "Case", "u32:x u32:y"},
    {"a_b", "c", "u32:one"},
    {"a", "b_c", "u32:two"},
    {"sqlite", "schema", "u32:v"},
    {"twice", "same", "u32:v"},
    {"twice", "same", "u64:v u32:w"}};

#define EVENTS_ALL (sizeof(events) / sizeof(events[0]))
#define EVENTS_USUAL 12u
#define EVENTS event_count

static unsigned event_count = EVENTS_USUAL;

static struct cpu {
    unsigned char *bytes;
    size_t n;
    unsigned records;
    uint64_t first, time, lost, seq;
} cpus[CPUS];

/* --- metadata --- */

static void field(const char *type, const char *name, unsigned at, unsigned size)
{
    head(5, strcmp(type, "u8") ? 4 : 5);
    text("name"), text(name), text("type"), text(type), text("at"), head(0, at);
    text("size"), head(0, size);
    if (!strcmp(type, "u8"))
        text("table"), head(0, 0);
}

static unsigned event(unsigned id, const struct event *e, int write)
{
    char fields[128], *next = fields;
    unsigned n = 0, at = 0;

    snprintf(fields, sizeof(fields), "%s", e->fields);
    for (char *f; (f = strtok_r(next, " ", &next));) {
        char *name = strchr(f, ':');

        *name++ = 0;
        if (write)
            field(f, name, at, (unsigned)atoi(f + 1) / 8);
        at += (unsigned)atoi(f + 1) / 8;
        n++;
    }
    (void)id;
    return write ? at : n << 16 | at;
}

static void metadata(const char *host)
{
    static const char *const states[] = {"ready", "sleeping", "dead"};

    head(5, host ? 7 : 6);
    text("tool"), text("made"), text("clock"), head(5, 2), text("hz"), head(0, 1000000000);
    text("name"), text("t"), text("cpus"), head(0, CPUS);
    text("buffer"), head(5, 4), text("name"), text("m"), text("mode"), text("discard");
    text("subbuf_bytes"), head(0, 4096), text("subbufs"), head(0, 4);
    if (host)
        text("host"), text(host);
    text("tables"), head(4, 1), head(5, 3), text("name"), text("state"), text("kind");
    text("enum"), text("values"), head(4, 6);
    for (unsigned i = 0; i < 3; i++)
        head(0, i), text(states[i]);
    text("events"), head(4, EVENTS);
    for (unsigned i = 0; i < EVENTS; i++) {
        unsigned sums = event(i + 1, &events[i], 0);

        head(5, 6), text("id"), head(0, i + 1), text("sys"), text(events[i].sys);
        text("name"), text(events[i].name), text("fmt"), text(""), text("bytes");
        head(0, sums & 0xffff), text("fields"), head(4, sums >> 16);
        event(i + 1, &events[i], 1);
    }
    metadata_chunk();
}

/* --- records --- */

static void flush(unsigned number)
{
    struct cpu *c = &cpus[number];

    if (c->records)
        chunk(DATA, number, c->bytes, c->n, c->records, c->seq++, c->time, c->first, c->lost);
    c->first += c->records;
    c->records = 0;
    c->n = 0;
}

static void record(unsigned number, uint64_t time, uint32_t pid, unsigned id, char *values)
{
    struct cpu *c = &cpus[number];
    unsigned char *r;
    char fields[128], *next = fields;
    size_t at = 16;

    if (c->n + 64 > ROOM / 2 || (c->records && time >> 32 != c->time >> 32))
        flush(number);
    if (!c->bytes)
        c->bytes = malloc(ROOM);
    if (!c->records)
        c->time = time;
    r = c->bytes + c->n;
    memset(r, 0, 64);
    put(r + 8, 4, pid);
    snprintf(fields, sizeof(fields), "%s", events[id - 1].fields);
    for (char *f; (f = strtok_r(next, " ", &next));) {
        int bytes = atoi(f + 1) / 8;
        char *value = strtok_r(values, " \n", &values);

        if (!value)
            exit((fprintf(stderr, "made: a value is missing\n"), 1));
        put(r + at, bytes,
            *value == '-' ? (uint64_t)strtoll(value, NULL, 0) : strtoull(value, NULL, 0));
        at += (size_t)bytes;
    }
    at = (at + 7) / 8 * 8;
    put(r, 4, time);
    put(r + 4, 4, id | at / 8 << 16 | 0x80000000u);
    c->n += at;
    c->records++;
}

static void side_chunk(uint64_t time, const char *what, char *rest)
{
    unsigned char b[32] = {0};

    if (!strcmp(what, "task")) {
        put(b, 4, strtoul(rest, &rest, 0));
        put(b + 4, 4, strtoul(rest, &rest, 0));
        rest += strspn(rest, " ");
        memcpy(b + 8, rest, strcspn(rest, "\n") < 24 ? strcspn(rest, "\n") : 24);
        chunk(TASKS, 0xffff, b, 32, 1, side++, time, 0, 0);
    } else {
        put(b, 8, time);
        put(b + 8, 8, strtoull(rest, NULL, 0));
        chunk(CLOCK, 0xffff, b, 16, 1, side++, time, 0, 0);
    }
}

int main(int argc, char **argv)
{
    char line[256], what[32], pid[16], cpu[16];
    uint64_t time = 0;
    int at;

    if (argc > 1)
        stream = strtoull(argv[1], NULL, 0);
    if (argc > 3)
        event_count = EVENTS_ALL;
    metadata(argc > 2 ? argv[2] : NULL);
    while (fgets(line, sizeof(line), stdin)) {
        unsigned id = 0;

        if (sscanf(line, "%" SCNu64 " %15s %15s %31s%n", &time, cpu, pid, what, &at) < 4)
            return fprintf(stderr, "made: no line: %s", line), 1;
        for (unsigned i = 0; i < EVENTS; i++) {
            char name[32];

            snprintf(name, sizeof(name), "%s:%s", events[i].sys, events[i].name);
            id = strcmp(name, what) && atoi(what) != (int)i + 1 ? id : i + 1;
        }
        if (*cpu == '-') {
            side_chunk(time, what, line + at);
        } else if (!strcmp(what, "lost")) {
            flush((unsigned)atoi(cpu));
            cpus[atoi(cpu)].lost += strtoull(line + at, NULL, 0);
        } else if (id) {
            record((unsigned)atoi(cpu), time, (uint32_t)atoi(pid), id, line + at);
        } else {
            return fprintf(stderr, "made: no event: %s", line), 1;
        }
    }
    for (unsigned i = 0; i < CPUS; i++) {
        flush(i);
        if (cpus[i].bytes || cpus[i].first) /* a mark */
            chunk(DATA, i, NULL, 0, 0, cpus[i].seq, time, cpus[i].first, cpus[i].lost);
    }
    chunk(END, 0xffff, NULL, 0, 0, side, time, 0, 0);
    return 0;
}
