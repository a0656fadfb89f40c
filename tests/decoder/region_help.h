/* SPDX-License-Identifier: MIT */
/*
 * region_help.h - memory of a tracer, field by field as doc/region.md
 * gives it, for any word size and byte order. Shares nothing with the decoder.
 */
#ifndef REGION_HELP_H
#define REGION_HELP_H

#include "help.h"

struct memory {
    /* Set before memory_make(); what is 0 becomes 8, 1, 512, 4. */
    uint8_t word_bytes;
    uint32_t cpus, subbuf_bytes, subbufs;
    uint16_t flags;
    uint64_t stream;
    bool swap; /* byte order that is not ours */
    /* Set by it. */
    struct help_bytes b;
    size_t metadata_at, metadata_bytes, tasks_at, rings_at, data_at;
};

#define MEMORY_RING_BYTES 64u
#define MEMORY_TASKS 3u
#define MEMORY_CONTEXT 0x0001u
#define MEMORY_OVERWRITE 0x0100u
#define MEMORY_EVENT(units) (0x80000001u | (uint32_t)(units) << 16)  /* word of a whole record */
#define MEMORY_FLIGHT(units) (0x00000001u | (uint32_t)(units) << 16) /* of one that is not */

/* Both copies of the header, metadata, and rings in which nothing was prepared. */
void memory_make(struct memory *m);
void memory_put(struct memory *m, size_t at, uint64_t v, size_t n);
/* Once more after a change: a copy of the header with its checksum. */
void memory_header(struct memory *m, unsigned copy, uint32_t generation);
void memory_header_crc(struct memory *m, unsigned copy);

/* cursor and limit: number and offset. */
struct memory_ring {
    uint64_t cursor, offset, limit, gone[2], lost[4];
};
void memory_ring(struct memory *m, uint32_t cpu, struct memory_ring r);

size_t memory_subbuf_at(const struct memory *m, uint32_t cpu, uint64_t number);
struct memory_subbuf {
    uint64_t number, time, lost[4];
    uint32_t units, events, size_bytes;
};
/* Zeros it and writes its header. */
void memory_subbuf(struct memory *m, uint32_t cpu, struct memory_subbuf s);
/* time_low, word, the value behind them. Returns the offset behind it. */
uint32_t memory_record(struct memory *m, uint32_t cpu, uint64_t number, uint32_t offset,
                       uint64_t time, uint32_t word, uint32_t value);
/* A complete sub-buffer with `count` events of 16 bytes: values from `value` on, at 1000 times
 * that. */
void memory_full(struct memory *m, uint32_t cpu, uint64_t number, uint32_t value, uint32_t count);
/* The same, but the current one: not closed. Returns where the next record would go. */
uint32_t memory_current(struct memory *m, uint32_t cpu, uint64_t number, uint32_t value,
                        uint32_t count);
/* A trace with every second value from `first` on, MEMORY_TURNS of them, a sub-buffer each: value v is at
 * 1,000,000 + 1000 * v + ahead. pair: counter and time of day; NULL: none. hz: 0 is 1 GHz. */
#define MEMORY_TURNS 4u
#define MEMORY_WALL_NS 1700000000000000000u
struct help_bytes memory_turns(uint64_t stream, uint32_t first, uint32_t ahead,
                               const uint64_t *pair, uint32_t hz);
/* Two such of one boot, as their clock pairs say: the even values, and the odd ones. */
struct help_bytes memory_two(void);
/* Ready and empty. */
void memory_ready(struct memory *m, uint32_t cpu, uint64_t number);

#endif
