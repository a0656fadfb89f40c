/* SPDX-License-Identifier: MIT */
/*
 * indexer.h - writes the index of a dump (bytes/guide.h, doc/index-file.md).
 *
 *     sink = indexer_open(&x, out, &streams[0]);
 *     merge_run(...);
 *     problem = indexer_end(&x, merge.late || merge.backwards);
 *
 * A sink: all records are decoded and put in order, so that it is known whether anything is wrong with them.
 */
#ifndef INDEXER_H
#define INDEXER_H

#include "bytes/guide.h"
#include "order/sink.h"

struct indexer_cpu {
    bool any;
    uint64_t expected, last;
    uint64_t lost[TP_LOST_CAUSES];
};

struct indexer {
    struct sink sink;
    struct stream *stream;
    bool identified; /* size and time of the dump are known */
    bool irregular;  /* something is not as it is in a regular dump */
    bool many;       /* or there are too many chunks, CPUs or events */
    bool unordered;  /* or chunks were not read in the order of the file */
    uint64_t end;    /* of the last chunk, in the file */
    struct guide_foot foot;
    struct guide_chunk chunks[GUIDE_BLOCK_CHUNKS]; /* of the block that is written next */
    uint32_t chunk_count;
    struct guide_block *blocks;
    uint32_t block_room;
    struct guide_other *others;
    uint32_t other_room;
    struct guide_sum *sums; /* a hash table, by CPU and event */
    uint32_t sum_slots, sum_count;
    struct guide_loss *losses; /* by CPU */
    uint32_t loss_slots;
    struct indexer_cpu *cpus;
    uint32_t cpu_slots;
};

struct sink *indexer_open(struct indexer *x, struct out *out, struct stream *s);
/* All was read. `late`: not all records came in order. NULL, or why there is no index. */
const char *indexer_end(struct indexer *x, bool late);

#endif
