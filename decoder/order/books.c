/* SPDX-License-Identifier: MIT */
/* books.c - the numbers and counts of one CPU. */
#include "order/books.h"

#include <string.h>

/* If everything before was overwritten, or there was nothing, the books start at 0. Otherwise the dump
 * starts in mid-stream: they start here. */
void books_start(struct books *b, const struct tp_wire_chunk *h, bool middle)
{
    if (!b->synced && (middle || h->first_record != h->lost[TP_LOST_OVERWRITTEN])) {
        b->expected = h->first_record;
        memcpy(b->lost, h->lost, sizeof(b->lost));
        gap_add(&b->gaps, (struct gap){0, h->first_record, false});
    }
    b->synced = true;
}

struct books_entry books_enter(struct books *b, const struct tp_wire_chunk *h)
{
    struct books_entry e = {.missing = books_miss(b, b->expected, h->first_record)};
    uint64_t end = h->first_record + h->records;

    for (unsigned i = 0; i < TP_LOST_CAUSES; i++) {
        e.lost[i] = h->lost[i] > b->lost[i] ? h->lost[i] - b->lost[i] : 0;
        b->lost[i] += e.lost[i];
    }
    /* Records that were overwritten have numbers: they are part of the gap. */
    if (e.lost[TP_LOST_OVERWRITTEN] > e.missing)
        e.lost[TP_LOST_OVERWRITTEN] = e.missing;
    e.missing -= e.lost[TP_LOST_OVERWRITTEN];
    e.skip = end <= b->expected              ? h->records
             : h->first_record < b->expected ? (uint32_t)(b->expected - h->first_record)
                                             : 0;
    if (end > b->expected)
        b->expected = end;
    return e;
}

uint64_t books_miss(struct books *b, uint64_t first, uint64_t end)
{
    if (first >= end)
        return 0;
    gap_add(&b->gaps, (struct gap){first, end, true});
    if (end > b->expected)
        b->expected = end;
    return end - first;
}

bool books_record(struct books *b, uint64_t number, bool *late)
{
    struct gap gap;

    *late = false;
    if (number < b->expected) {
        if (!gap_take(&b->gaps, number, number + 1, &gap))
            return false;
        *late = gap.counted;
        return true;
    }
    books_miss(b, b->expected, number); /* cannot be: its chunk was entered */
    b->expected = number + 1;
    return true;
}
