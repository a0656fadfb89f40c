/* SPDX-License-Identifier: MIT */
/* check.h - reads dumps and images of a region by doc/format.md, with nothing of the engine's. */
#ifndef STEP_CHECK_H
#define STEP_CHECK_H

#include "world.h"

/* Of the records of a ring one after the other: events of a level by number, all by time. */
struct order {
    uint32_t next[LEVELS];
    uint64_t time;
    uint32_t high;
};
/* Checks a whole record. True: it is an event; *done_at is that of its number. */
bool check_record(const uint8_t *rec, struct order *o, uint32_t *done_at);

/* What a dump tells. */
struct told {
    uint64_t decoded, next;                 /* events seen; number of the one after the last */
    uint64_t lost[TP_LOST_CAUSES], refused; /* refused: without the overwritten */
    bool unfinished, damaged, ended, started, any;
};
void check_dump(const uint8_t *bytes, size_t size, struct told *t);

/* What an image tells: events gone, whole, not seen but counted as committed, refused. */
struct image {
    uint64_t gone, whole, hidden, refused;
};
extern unsigned long images;
void check_image(const uint8_t *region, struct image *i);
/* Between the events that were done and those that were begun. */
void check_images(void);

uint64_t image_word(const uint8_t *region, size_t at_field); /* of the ring state, by the header */

#endif
