/* SPDX-License-Identifier: MIT */
/* region_help.c - memory of a tracer, as doc/region.md gives it. */
#include "region_help.h"

#include <string.h>

#include "tp_test.h"

void memory_put(struct memory *m, size_t at, uint64_t v, size_t n)
{
    const uint16_t one = 1;
    bool little = *(const uint8_t *)&one;

    TP_ASSERT(at + n <= m->b.n);
    for (size_t i = 0; i < n; i++)
        m->b.p[at + i] = (uint8_t)(v >> 8 * (little != m->swap ? i : n - 1 - i));
}

static void memory_zeros(struct memory *m, size_t n)
{
    static const uint8_t zeros[4096];

    for (; n > sizeof(zeros); n -= sizeof(zeros))
        help_add(&m->b, zeros, sizeof(zeros));
    help_add(&m->b, zeros, n);
}

void memory_header_crc(struct memory *m, unsigned copy)
{
    size_t at = 128u * copy;
    uint8_t without[124];

    memcpy(without, m->b.p + at, 12);
    memcpy(without + 12, m->b.p + at + 16, 112);
    memory_put(m, at + 12, help_crc(without, sizeof(without)), 4);
}

void memory_header(struct memory *m, unsigned copy, uint32_t generation)
{
    static const uint8_t magic[4] = {0xf5, 0x74, 0x70, 0xfb};
    const struct {
        size_t at, bytes;
        uint64_t v;
    } fields[] = {
        {4, 2, 0x0102},
        {6, 1, 1},
        {7, 1, 0},
        {8, 1, copy},
        {9, 1, m->word_bytes},
        {10, 2, 128},
        {16, 4, generation},
        {20, 2, m->flags},
        {24, 8, m->stream},
        {32, 8, m->b.n},
        {40, 4, m->cpus},
        {44, 4, m->subbuf_bytes},
        {48, 4, m->subbufs},
        {52, 4, m->metadata_bytes},
        {56, 4, help_crc(m->b.p + m->metadata_at, m->metadata_bytes)},
        {60, 4, MEMORY_RING_BYTES},
        {64, 8, m->metadata_at},
        {72, 8, m->tasks_at},
        {80, 8, m->rings_at},
        {88, 8, m->data_at},
        {96, 2, 0},   /* cursor */
        {98, 2, 8},   /* limit */
        {100, 2, 16}, /* gone */
        {102, 2, 32}, /* lost */
        {108, 4, MEMORY_TASKS},
    };
    size_t at = 128u * copy;

    memset(m->b.p + at, 0, 128);
    memcpy(m->b.p + at, magic, sizeof(magic));
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        memory_put(m, at + fields[i].at, fields[i].v, fields[i].bytes);
    memory_header_crc(m, copy);
}

void memory_make(struct memory *m)
{
    struct help_bytes chunk = {0};

    m->word_bytes = m->word_bytes ? m->word_bytes : 8;
    m->cpus = m->cpus ? m->cpus : 1;
    m->subbuf_bytes = m->subbuf_bytes ? m->subbuf_bytes : 512;
    m->subbufs = m->subbufs ? m->subbufs : 4;
    m->stream = m->stream ? m->stream : 0x5eed;
    memory_zeros(m, 256);
    m->metadata_at = m->b.n;
    help_add_metadata(&chunk, (uint8_t)m->cpus);
    help_add(&m->b, chunk.p + 104, chunk.n - 104);
    help_free(&chunk);
    m->metadata_bytes = m->b.n - m->metadata_at;
    m->tasks_at = m->b.n;
    memory_zeros(m, 40 + MEMORY_TASKS * 32);
    m->rings_at = m->b.n;
    memory_zeros(m, (size_t)m->cpus * MEMORY_RING_BYTES);
    m->data_at = m->b.n;
    memory_zeros(m, (size_t)m->cpus * m->subbufs * m->subbuf_bytes);
    memory_header(m, 0, 1);
    memory_header(m, 1, 2);
}

void memory_ring(struct memory *m, uint32_t cpu, struct memory_ring r)
{
    size_t at = m->rings_at + (size_t)cpu * MEMORY_RING_BYTES;

    memory_put(m, at, r.cursor * m->subbuf_bytes + r.offset, m->word_bytes);
    memory_put(m, at + 8, r.limit * m->subbuf_bytes, m->word_bytes);
    for (size_t i = 0; i < 2; i++)
        memory_put(m, at + 16 + 8 * i, r.gone[i], 8);
    for (size_t i = 0; i < 4; i++) {
        memory_put(m, at + 32 + 8 * i, r.lost[i] & 0xffffffffu, 4);
        memory_put(m, at + 36 + 8 * i, r.lost[i] >> 32, 4);
    }
}

size_t memory_subbuf_at(const struct memory *m, uint32_t cpu, uint64_t number)
{
    return m->data_at + ((size_t)cpu * m->subbufs + number % m->subbufs) * m->subbuf_bytes;
}

void memory_subbuf(struct memory *m, uint32_t cpu, struct memory_subbuf s)
{
    static const uint8_t magic[4] = {0xf5, 0x74, 0x70, 0xfa};
    size_t at = memory_subbuf_at(m, cpu, s.number);

    memset(m->b.p + at, 0, m->subbuf_bytes);
    memcpy(m->b.p + at, magic, sizeof(magic));
    memory_put(m, at + 4, 0x0102, 2);
    m->b.p[at + 6] = 1;
    m->b.p[at + 8] = 2;
    m->b.p[at + 9] = m->word_bytes;
    memory_put(m, at + 10, 104, 2);
    memory_put(m, at + 12, m->flags | 0x0004, 2);
    memory_put(m, at + 14, cpu, 2);
    memory_put(m, at + 16, s.size_bytes, 4);
    memory_put(m, at + 24, s.events << 16 | s.units, 4);
    memory_put(m, at + 32, m->stream, 8);
    memory_put(m, at + 40, s.number, 8);
    memory_put(m, at + 48, s.time, 8);
    for (size_t i = 0; i < 4; i++)
        memory_put(m, at + 64 + 8 * i, s.lost[i], 8);
}

uint32_t memory_record(struct memory *m, uint32_t cpu, uint64_t number, uint32_t offset,
                       uint64_t time, uint32_t word, uint32_t value)
{
    size_t at = memory_subbuf_at(m, cpu, number) + offset;

    memory_put(m, at, time & 0xffffffffu, 4);
    memory_put(m, at + 4, word, 4);
    memory_put(m, at + (m->flags & MEMORY_CONTEXT ? 16 : 8), value, 4);
    return offset + (word >> 16 & 0xfff) * 8;
}

static uint32_t memory_records(struct memory *m, uint32_t cpu, uint64_t number, uint32_t value,
                               uint32_t count)
{
    uint32_t at = 104;

    for (uint32_t i = 0; i < count; i++)
        at = memory_record(m, cpu, number, at, 1000u * (value + i), MEMORY_EVENT(2), value + i);
    return at;
}

void memory_full(struct memory *m, uint32_t cpu, uint64_t number, uint32_t value, uint32_t count)
{
    memory_subbuf(m, cpu,
                  (struct memory_subbuf){.number = number,
                                         .time = 1000u * value,
                                         .units = m->subbuf_bytes / 8,
                                         .events = count,
                                         .size_bytes = 104 + 16 * count});
    memory_records(m, cpu, number, value, count);
}

uint32_t memory_current(struct memory *m, uint32_t cpu, uint64_t number, uint32_t value,
                        uint32_t count)
{
    memory_subbuf(
        m, cpu,
        (struct memory_subbuf){
            .number = number, .time = 1000u * value, .units = 13 + 2 * count, .events = count});
    return memory_records(m, cpu, number, value, count);
}

void memory_ready(struct memory *m, uint32_t cpu, uint64_t number)
{
    memory_subbuf(m, cpu, (struct memory_subbuf){.number = number});
}

struct help_bytes memory_turns(uint64_t stream, uint32_t first, uint32_t ahead,
                               const uint64_t *pair, uint32_t hz)
{
    struct memory m = {.stream = stream};
    uint32_t at = 0;

    memory_make(&m);
    for (size_t i = m.metadata_at; hz && i < m.tasks_at; i++)
        if (memcmp(m.b.p + i, "\x62hz\x1a", 4) == 0)
            memcpy(m.b.p + i + 4, (uint8_t[4]){hz >> 24, hz >> 16, hz >> 8, hz}, 4);
    memory_header(&m, 0, 1);
    memory_header(&m, 1, 2);
    if (pair) {
        memory_put(&m, m.tasks_at, pair[0], 8);
        memory_put(&m, m.tasks_at + 8, pair[1], 8);
        memory_put(&m, m.tasks_at + 32, 1, 4);
    }
    for (uint32_t i = 1; i <= MEMORY_TURNS;
         i++) { /* one in each sub-buffer, of which the first had none */
        uint32_t v = 2 * (i - 1) + first, time = 1000000 + 1000 * v + ahead;
        bool full = i < MEMORY_TURNS;

        memory_subbuf(&m, 0,
                      (struct memory_subbuf){.number = i,
                                             .time = time,
                                             .units = full ? m.subbuf_bytes / 8 : 15,
                                             .events = 1,
                                             .size_bytes = full ? 120 : 0});
        at = memory_record(&m, 0, i, 104, time, MEMORY_EVENT(2), v);
    }
    memory_ring(
        &m, 0,
        (struct memory_ring){.cursor = MEMORY_TURNS, .offset = at, .limit = MEMORY_TURNS + 1});
    return m.b;
}

struct help_bytes memory_two(void)
{
    static const uint64_t pair[2] = {5, MEMORY_WALL_NS};
    struct help_bytes image = memory_turns(1, 0, 0, pair, 0), odd = memory_turns(2, 1, 0, pair, 0);

    help_add(&image, odd.p, odd.n);
    help_free(&odd);
    return image;
}
