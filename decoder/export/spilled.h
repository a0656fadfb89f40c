/* SPDX-License-Identifier: MIT */
/*
 * spilled.h - small pages in a temporary file, each with where the next one of its CPU is.
 *
 * If there are other processes (base/crew.h) each writes a file, and in the end all read all of them.
 */
#ifndef SPILLED_H
#define SPILLED_H

#include "base/crew.h"
#include "base/out.h"
#include "base/spill.h"

/* A page as it is in the output. */
#define SPILLED_PAGE_BYTES 4096u
#define SPILLED_HEAD_BYTES 16u
#define SPILLED_LOST_BYTES 8u /* after the events: how many were lost */
#define SPILLED_ROOM (SPILLED_PAGE_BYTES - SPILLED_HEAD_BYTES - SPILLED_LOST_BYTES)

/* Pages that another process reads at a time. */
#define SPILLED_SEGMENT 128u

/* A page in the temporary file, at the start of a place that was kept for it. */
struct spilled_page {
    uint64_t next;        /* where that of the same CPU will be, if this is not the last */
    uint64_t data_at;     /* of one that is larger than its place; 0: its data follows */
    uint64_t first, last; /* times */
    uint64_t lost;
    uint32_t is_lost, bytes;
};

#define SPILLED_PLACE_BYTES (sizeof(struct spilled_page) + SPILLED_ROOM)

/* What a piece of work begins with, if it is for spilled_work(). */
#define SPILLED_ASKED 0u

struct spilled {
    struct spill *spills;
    struct crew *crew;         /* NULL: there is no other process */
    struct crew_piece *pieces; /* that others have */
    uint32_t piece_first, piece_count;
};

/* What goes wrong when others read is the error of the first. */
void spilled_open(struct spilled *p, struct spill *spills, struct crew *crew);
void spilled_close(struct spilled *p);

uint64_t spilled_commit(const struct spilled_page *page);
uint64_t spilled_lost_count(const struct spilled_page *page);
/* Makes a page of what is in its place. Returns where the next one of its CPU is, plus 1; 0: it cannot be read. */
uint64_t spilled_read(struct spill *spill, uint64_t at, uint8_t to[SPILLED_PAGE_BYTES]);
/* Asks a member for so many pages, at most SPILLED_SEGMENT. False: no member has room for them now. */
bool spilled_ask(struct spilled *p, uint32_t file, uint64_t at, uint32_t count);
/* Writes what was asked for first. */
void spilled_copy(struct spilled *p, struct out *o);
/* A member does it, and returns the bytes of its answer. */
size_t spilled_work(struct spill *spills, uint8_t *bytes);

#endif
