/* SPDX-License-Identifier: MIT */
/* mixed.c - the events that tpdecode is timed with. */
#define TP_CREATE
#include <tp/event.h>

TP_EVENT(mixed, two, "a=%u b=%u", u32 a, u32 b)
TP_EVENT(mixed, four, "a=%llu b=%llu c=%llu d=%llu", u64 a, u64 b, u64 c, u64 d)
TP_EVENT(mixed, text, "a=%u s=%s", u32 a, str s)
TP_EVENT(mixed, none, "nothing")
TP_EVENT(mixed, rare, "a=%u", u32 a)

#include "mixed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/trace.h>

#define MIXED_ROUND 8192u                  /* events a CPU before the pipe is read; */
#define MIXED_ROUND_MAX (32 * MIXED_ROUND) /* of more than 64 CPUs: half of what tpdecode holds */

uint64_t bench_now;

static void mixed_must(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

void mixed_event(struct mixed_event *e, uint32_t i, uint32_t cpus, uint64_t step_ns)
{
    uint64_t x = (i + 1) * 0x9e3779b97f4a7c15ull; /* any numbers, small and large */

    e->time = 1000000000u + i * step_ns;
    e->kind = cpus > 1 && i % MIXED_RARE_EACH == 1 ? MIXED_RARE : i % MIXED_KINDS;
    e->cpu = (uint32_t)(((x >> 32) * cpus) >> 32);
    e->a = i;
    e->b = (uint32_t)(x >> 40);
    e->q[0] = i;
    e->q[1] = x >> (x & 63);
    e->q[2] = e->time;
    e->q[3] = 0xffff888000000000u + i * 64ull;
    memcpy(e->text, "kworker/u8:00000", sizeof(e->text));
    for (uint32_t at = MIXED_TEXT_BYTES, v = i % 100000; v; v /= 10)
        e->text[--at] = (char)('0' + v % 10);
}

/* --- as the engine has it --- */

static void mixed_fire(const struct mixed_event *e)
{
    bench_now = e->time;
    tp_hosted_cpu = e->cpu;
    switch (e->kind) {
    case MIXED_TWO:
        trace_mixed_two(e->a, e->b);
        break;
    case MIXED_FOUR:
        trace_mixed_four(e->q[0], e->q[1], e->q[2], e->q[3]);
        break;
    case MIXED_TEXT:
        trace_mixed_text(e->a, e->text);
        break;
    case MIXED_RARE:
        trace_mixed_rare(e->a);
        break;
    default:
        trace_mixed_none();
    }
}

static void mixed_drain(struct tp_trace *trace, FILE *f)
{
    const void *data;
    long n;

    while ((n = tp_pipe_peek(trace, &data)) > 0) {
        mixed_must(fwrite(data, 1, (size_t)n, f) == (size_t)n, "cannot write the dump");
        tp_pipe_consume(trace, (size_t)n);
    }
}

void mixed_write(const char *path, uint32_t events, uint32_t cpus, uint64_t step_ns)
{
    static uint8_t region[128 << 20] __attribute__((aligned(64)));
    struct tp_config config = {.name = "bench", .cpus = cpus};
    struct tp_trace *trace;
    uint32_t round = cpus <= 64 ? cpus * MIXED_ROUND : MIXED_ROUND_MAX;
    struct mixed_event e;
    FILE *f = fopen(path, "w");
    int err;

    mixed_must(f != NULL, "cannot make the dump");
    tp_hosted_cpu = 0;
    err = tp_trace_open(&trace, region, sizeof(region), &config);
    mixed_must(!err && !tp_trace_start(trace), tp_strerror(err));
    for (uint32_t i = 0; i < events; i++) {
        mixed_event(&e, i, cpus, step_ns);
        mixed_fire(&e);
        if (i % round == 0)
            mixed_drain(trace, f);
    }
    tp_trace_stop(trace);
    mixed_drain(trace, f);
    tp_trace_close(trace);
    mixed_must(fclose(f) == 0, "cannot write the dump");
}

/* --- as the Common Trace Format has it --- */

static const bool mixed_little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

#define MIXED_PACKET_BYTES 65536u
#define MIXED_PACKET_HEAD 44u /* packet header and context, below */

/* Events as LTTng has them when there are few kinds: 4 bytes in front of the fields. */
static const char mixed_tsdl[] =
    "/* CTF 1.8 */\n"
    "typealias integer { size = 5; align = 1; signed = false; } := uint5_t;\n"
    "typealias integer { size = 32; align = 8; signed = false; } := uint32_t;\n"
    "typealias integer { size = 64; align = 8; signed = false; } := uint64_t;\n"
    "trace { major = 1; minor = 8; byte_order = %s;\n"
    "  packet.header := struct { uint32_t magic; uint32_t stream_id; };\n"
    "};\n"
    "clock { name = made; freq = %u; offset = 0; };\n"
    "typealias integer { size = 27; align = 1; signed = false; map = clock.made.value; }\n"
    "  := time27_t;\n"
    "typealias integer { size = 64; align = 8; signed = false; map = clock.made.value; }\n"
    "  := time64_t;\n"
    "struct header {\n"
    "  enum : uint5_t { compact = 0 ... 30, extended = 31 } id;\n"
    "  variant <id> {\n"
    "    struct { time27_t timestamp; } compact;\n"
    "    struct { uint32_t id; time64_t timestamp; } extended;\n"
    "  } v;\n"
    "} align(8);\n"
    "stream { id = 0; event.header := struct header;\n"
    "  packet.context := struct { time64_t timestamp_begin; time64_t timestamp_end;\n"
    "    uint64_t content_size; uint64_t packet_size; uint32_t cpu_id; };\n"
    "};\n"
    "event { name = \"mixed:two\"; id = 0; stream_id = 0;\n"
    "  fields := struct { uint32_t a; uint32_t b; }; };\n"
    "event { name = \"mixed:four\"; id = 1; stream_id = 0;\n"
    "  fields := struct { uint64_t a; uint64_t b; uint64_t c; uint64_t d; }; };\n"
    "event { name = \"mixed:text\"; id = 2; stream_id = 0;\n"
    "  fields := struct { uint32_t a; string s; }; };\n"
    "event { name = \"mixed:none\"; id = 3; stream_id = 0; };\n";

struct mixed_packet {
    FILE *f;
    size_t used;
    uint64_t first, last;
    uint8_t bytes[MIXED_PACKET_BYTES];
};

static void mixed_put(struct mixed_packet *p, const void *bytes, size_t n)
{
    memcpy(p->bytes + p->used, bytes, n);
    p->used += n;
}

static void mixed_packet_end(struct mixed_packet *p)
{
    static const uint32_t head[2] = {0xc1fc1fc1, 0}, cpu = 0;
    uint64_t context[4] = {p->first, p->last, p->used * 8, MIXED_PACKET_BYTES * 8};

    if (p->used == MIXED_PACKET_HEAD)
        return;
    memset(p->bytes + p->used, 0, sizeof(p->bytes) - p->used);
    p->used = 0;
    mixed_put(p, head, sizeof(head));
    mixed_put(p, context, sizeof(context));
    mixed_put(p, &cpu, sizeof(cpu));
    mixed_must(fwrite(p->bytes, 1, sizeof(p->bytes), p->f) == sizeof(p->bytes),
               "cannot write the CTF stream");
}

static void mixed_ctf_event(struct mixed_packet *p, const struct mixed_event *e)
{
    uint32_t time = (uint32_t)e->time & ((1u << 27) - 1);
    uint32_t head = mixed_little ? (uint32_t)e->kind | time << 5 : (uint32_t)e->kind << 27 | time;

    if (p->used + sizeof(*e) > sizeof(p->bytes))
        mixed_packet_end(p);
    if (p->used == MIXED_PACKET_HEAD)
        p->first = e->time;
    p->last = e->time;
    mixed_put(p, &head, sizeof(head));
    if (e->kind == MIXED_TWO || e->kind == MIXED_TEXT)
        mixed_put(p, &e->a, sizeof(e->a));
    if (e->kind == MIXED_TWO)
        mixed_put(p, &e->b, sizeof(e->b));
    if (e->kind == MIXED_TEXT)
        mixed_put(p, e->text, sizeof(e->text));
    if (e->kind == MIXED_FOUR)
        mixed_put(p, e->q, sizeof(e->q));
}

void mixed_write_ctf(const char *folder, uint32_t events, uint64_t step_ns)
{
    static struct mixed_packet p = {.used = MIXED_PACKET_HEAD};
    struct mixed_event e;
    char path[4096];
    FILE *f;

    snprintf(path, sizeof(path), "%s/metadata", folder);
    f = fopen(path, "w");
    mixed_must(f != NULL, "cannot make the CTF metadata");
    fprintf(f, mixed_tsdl, mixed_little ? "le" : "be", MIXED_HZ);
    mixed_must(fclose(f) == 0, "cannot write the CTF metadata");
    snprintf(path, sizeof(path), "%s/stream", folder);
    p.f = fopen(path, "w");
    mixed_must(p.f != NULL, "cannot make the CTF stream");
    for (uint32_t i = 0; i < events; i++) {
        mixed_event(&e, i, 1, step_ns);
        mixed_ctf_event(&p, &e);
    }
    mixed_packet_end(&p);
    mixed_must(fclose(p.f) == 0, "cannot write the CTF stream");
}
