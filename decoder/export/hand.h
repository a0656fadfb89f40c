/* SPDX-License-Identifier: MIT */
/*
 * hand.h - records on their way into pages, which other processes make if there are any.
 *
 *     hand_record(&h, cpu, ns, header, hand_layout(&h, e, swap), fields, bytes);
 *     ...
 *     hand_settle(&h);             from here on the pages are as if they had been made here
 *
 * Each of the others has some of the CPUs, and a temporary file. It is given the bytes of records as they are in the dump, and how
 * those of an event are laid out; what needs more than that to be made is made here.
 */
#ifndef HAND_H
#define HAND_H

#include "export/layout.h"
#include "export/page.h"
#include "export/tracefs.h"

/* Of a member, in which some batches are under way. More is not faster. */
#define HAND_RING_BYTES (4u << 20)

struct hand_layout;
struct hand_batch;

struct hand {
    struct page *page;
    struct crew *crew;            /* NULL: there is no other process */
    struct hand_layout **layouts; /* by id */
    uint32_t slots;
    uint32_t generation;        /* of what is known of events */
    struct hand_batch *batches; /* of each member, that is being filled */
    uint64_t written[CREW_MAX]; /* by each of them, as far as it is known; */
    uint64_t bytes;             /* by all */
};

void hand_open(struct hand *h, struct page *page, struct crew *crew);
void hand_close(struct hand *h);
/* How records of an event are laid out. NULL: they are larger than PAGE_RECORD_BYTES. */
struct hand_layout *hand_layout(struct hand *h, const struct metadata_event *e, bool swap);
/* Events may be at another place in memory now, and others at theirs. */
void hand_forget(struct hand *h);

/* A record that fits its event, with what tracefs_header() says of it. False: it would be larger than PAGE_RECORD_BYTES. */
bool hand_record(struct hand *h, uint32_t cpu, uint64_t ns, uint64_t header, struct hand_layout *l,
                 const struct record *r);
/* One that was made. */
void hand_made(struct hand *h, uint32_t cpu, uint64_t ns, const uint8_t *record, uint32_t n);
/* As page_lose(). */
void hand_lose(struct hand *h, uint32_t cpu, uint64_t ns, uint64_t lost);
/* Waits until all of it is done. Errors of others are that of the first file, ECHILD if one has ended. */
void hand_settle(struct hand *h);

/* A member. */
struct hand_member {
    struct spill *spills; /* of all, the leader's first */
    struct page page;
    struct layout **layouts; /* by id */
    uint32_t slots;
    uint32_t self;
};

void hand_join(struct hand_member *m, struct spill *spills, uint32_t self);
/* For crew_work(). */
size_t hand_work(void *member, uint8_t *bytes, size_t n, size_t room);

#endif
