/* SPDX-License-Identifier: MIT */
/* locate.c - where in the memory of a machine its trace is. */
#include "bytes/locate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/load.h"
#include "bytes/image.h"
#include "bytes/region.h"

#define LOCATE_ALIGN 4u
#define LOCATE_HEAD_BYTES (2u * TP_REGION_COPY_BYTES)

/* Is there a region, by either copy of its header? */
static bool locate_is(struct remote *g, uint64_t at)
{
    uint8_t bytes[LOCATE_HEAD_BYTES];
    struct tp_wire_region h;
    bool swap;

    if (!remote_read(g, at, bytes, sizeof(bytes)))
        return false;
    return (region_header(bytes, sizeof(bytes), &h, &swap) && !h.copy) ||
           image_second_copy(bytes, sizeof(bytes));
}

static bool locate_by_table(struct remote *g, const struct probe_options *o, uint64_t *at,
                            unsigned *others, char problem[CHASE_PROBLEM_BYTES])
{
    uint8_t table[LOCATE_TRACES_MAX * LOCATE_ENTRY_WORDS * sizeof(uint64_t)];
    size_t entry = LOCATE_ENTRY_WORDS * o->word_bytes;
    unsigned found = 0;
    uint64_t strange = 0;
    bool swap = o->big != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);

    if (!remote_read(g, o->table, table, LOCATE_TRACES_MAX * entry)) {
        snprintf(problem, CHASE_PROBLEM_BYTES,
                 "tp_traces at 0x%" PRIx64 " cannot be read: is this the kernel that runs, and "
                 "where it was linked (--slide)?",
                 o->table);
        return false;
    }
    for (unsigned i = 0; i < LOCATE_TRACES_MAX; i++) {
        uint64_t v = o->word_bytes == 8 ? load_u64(table + i * entry, swap)
                                        : load_u32(table + i * entry, swap);

        if (v <= LOCATE_TRACE_AT)
            continue;
        if (!locate_is(g, v - LOCATE_TRACE_AT))
            strange = v;
        else if (!found++)
            *at = v - LOCATE_TRACE_AT;
    }
    *others = found ? found - 1 : 0;
    if (!found && strange)
        snprintf(problem, CHASE_PROBLEM_BYTES,
                 "tp_traces at 0x%" PRIx64 " has 0x%" PRIx64
                 ", where no trace is: is this the kernel that runs?",
                 o->table, strange);
    else if (!found)
        snprintf(problem, CHASE_PROBLEM_BYTES,
                 "no trace is open: tp_traces at 0x%" PRIx64 " is empty", o->table);
    return found;
}

/* In a block, of which the first n bytes are there; or UINT64_MAX. */
static uint64_t locate_in_block(struct remote *g, const uint8_t *block, size_t n, uint64_t at)
{
    for (size_t i = 0; i + LOCATE_ALIGN <= n; i += LOCATE_ALIGN) {
        if (!image_is_region(block + i, n - i))
            continue;
        if (locate_is(g, at + i))
            return at + i;
        /* It may be the second copy of one whose first is damaged. */
        if (at + i >= TP_REGION_COPY_BYTES && locate_is(g, at + i - TP_REGION_COPY_BYTES))
            return at + i - TP_REGION_COPY_BYTES;
    }
    return UINT64_MAX;
}

static bool locate_by_search(struct remote *g, const struct probe_options *o, uint64_t *at,
                             char problem[CHASE_PROBLEM_BYTES])
{
    uint64_t start = (o->at + LOCATE_ALIGN - 1) & ~(uint64_t)(LOCATE_ALIGN - 1), unread = 0;
    uint8_t block[LOCATE_BLOCK_BYTES];

    while (start < o->end && g->state < REMOTE_EXITED) {
        uint64_t n = LOCATE_BLOCK_BYTES - start % LOCATE_BLOCK_BYTES;

        n = n < o->end - start ? n : o->end - start;
        if (!remote_read(g, start, block, (size_t)n))
            unread += n;
        else if ((*at = locate_in_block(g, block, (size_t)n, start)) != UINT64_MAX)
            return true;
        start += n;
    }
    snprintf(problem, CHASE_PROBLEM_BYTES, "no trace between 0x%" PRIx64 " and 0x%" PRIx64 "%s",
             o->at, o->end,
             unread == o->end - o->at ? ", where no memory can be read"
             : unread                 ? ", parts of which cannot be read"
                                      : "");
    return false;
}

bool locate_region(struct remote *g, const struct probe_options *o, uint64_t *at, unsigned *others,
                   char problem[CHASE_PROBLEM_BYTES])
{
    *others = 0;
    if (o->has_at && o->end)
        return locate_by_search(g, o, at, problem);
    if (!o->has_at && o->has_table)
        return locate_by_table(g, o, at, others, problem);
    *at = o->at;
    if (!o->has_at) {
        snprintf(
            problem, CHASE_PROBLEM_BYTES,
            "where is the trace? --symbols KERNEL, an ELF file that has tp_traces; --at ADDRESS "
            "of the region; or --at START-END of the memory that is searched for it");
        return false;
    }
    if (locate_is(g, o->at))
        return true;
    snprintf(problem, CHASE_PROBLEM_BYTES,
             g->refused ? "memory at 0x%" PRIx64 " cannot be read"
                        : "no trace at 0x%" PRIx64 ": the region of one starts with f5 74 70 fb",
             o->at);
    return false;
}
