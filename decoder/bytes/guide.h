/* SPDX-License-Identifier: MIT */
/*
 * guide.h - the index beside a dump, dump.tp.tpi: what its chunks have, without reading them (doc/index-file.md).
 *
 *     s->guide = guide_open("dump.tp");
 *     if (guide_ready(s->guide, &s->in, &s->diag))
 *         chunk = guide_at(s->guide, offset);
 *
 * It is never needed: what is wrong with it is reported, and the dump is read. What it says is checked by checksums,
 * and against the dump by its size, its time and samples of its bytes.
 */
#ifndef GUIDE_H
#define GUIDE_H

#include <stdbool.h>
#include <stdint.h>

struct diag_file;
struct guide;
struct input;

#define GUIDE_SUFFIX ".tpi"
#define GUIDE_MAGIC "tpindex\n"
#define GUIDE_MAGIC_BYTES 8u
#define GUIDE_VERSION 1u
#define GUIDE_ORDER 0x0102u      /* in the byte order of the machine that wrote it */
#define GUIDE_BLOCK_CHUNKS 1024u /* in each block but the last */
#define GUIDE_BLOCKS_MAX 262144u /* 2^28 chunks */
#define GUIDE_SUMS_MAX 131072u   /* CPUs times events */
#define GUIDE_LOSSES_MAX 65536u  /* CPUs */
#define GUIDE_OTHERS_MAX 262144u
#define GUIDE_CAPTURES_MAX 256u
#define GUIDE_PAIRS_MAX 16384u
#define GUIDE_CAUSES 7u
#define GUIDE_SAMPLES 64u       /* places of the dump that are compared, */
#define GUIDE_SAMPLE_BYTES 512u /* each of so many bytes */

enum guide_flag {
    GUIDE_SINGLE = 1,  /* as struct survey has it */
    GUIDE_ORDERED = 2, /* the same */
    /* One capture, in which nothing is damaged, late or out of order, and each event is defined: its chunks can be
     * left out, and sums are exact. */
    GUIDE_REGULAR = 4
};

enum guide_chunk_flag {
    GUIDE_KEEP = 1,  /* it is more than its records: it is not left out */
    GUIDE_REPEAT = 2 /* metadata as that before it: it is left out, and not in guide_other */
};

struct guide_head {
    char magic[GUIDE_MAGIC_BYTES];
    uint32_t version;
    uint16_t order, zero;
};

struct guide_chunk {
    uint64_t at;
    uint64_t first, last; /* of data: no record is earlier, or later; counter */
    uint64_t events;      /* bit id % 64 is set for each event that it has */
    uint32_t size_bytes, records;
    uint32_t header_crc;
    uint16_t cpu;
    uint8_t type;
    uint8_t flags;
};

struct guide_block {
    uint64_t at; /* of its first chunk */
    uint32_t count, crc;
};

/* A chunk that is not data, and not GUIDE_REPEAT. */
struct guide_other {
    uint64_t at;
    uint32_t index; /* number of the chunk, from 0 */
    uint32_t header_crc;
};

/* All records of one event on one CPU. */
struct guide_sum {
    uint32_t cpu, id;
    uint64_t count, bytes, first, last;
};

struct guide_loss {
    uint64_t cpu;
    uint64_t lost[GUIDE_CAUSES];
};

struct guide_capture {
    uint64_t at, stream, zero, hz;
    uint64_t pairs; /* so many of the table are its */
};

struct guide_pair {
    uint64_t ticks, wall_ns;
};

struct guide_foot {
    char magic[GUIDE_MAGIC_BYTES];
    uint32_t version;
    uint16_t order, zero;
    uint64_t dump_bytes, dump_mtime_ns; /* of the dump */
    uint64_t chunks;
    uint32_t dump_crc, flags;
    uint32_t blocks, others, sums, losses, captures, pairs;
    uint32_t tables_crc;
    uint32_t crc; /* of the foot up to here */
};

/* What is the same for all of the dump. */
struct guide_tables {
    const struct guide_block *blocks;
    const struct guide_other *others;
    const struct guide_sum *sums;
    const struct guide_loss *losses;
    const struct guide_capture *captures;
    const struct guide_pair *pairs;
};

/* Opens the index of the dump of this path, if there is one; else NULL. Nothing is read. */
struct guide *guide_open(const char *path);
void guide_close(struct guide *g);
/* Is it good, and the index of this input, of which something was read? `g` may be NULL. That it is not is said once. */
bool guide_ready(struct guide *g, const struct input *in, struct diag_file *diag);
/* The dump is found to be another: it is not used any more. */
void guide_drop(struct guide *g, struct diag_file *diag, const char *why);

/* Good after guide_ready(). */
const struct guide_foot *guide_foot(const struct guide *g);
const struct guide_tables *guide_tables(const struct guide *g);
/* The chunks of a block; NULL: they cannot be read, or are damaged. Good until the next call of this or guide_at(). */
const struct guide_chunk *guide_chunks(struct guide *g, uint32_t block);
/* The first of these from an offset of the dump on; NULL: there is none. */
const struct guide_other *guide_next_other(const struct guide *g, uint64_t at);
/* The chunk at an offset of the dump; NULL: it is not known that there is one. */
const struct guide_chunk *guide_at(struct guide *g, uint64_t at);

/* --- what writes one --- */

/* Size and time of the dump. False: it is no plain file, read from its start. */
bool guide_identify(const struct input *in, struct guide_foot *foot);
/* The checksum of samples of it. */
uint32_t guide_sample(const struct input *in, uint64_t size);
/* Is there no file of this path, or an index? */
bool guide_may_replace(const char *path);

#endif
