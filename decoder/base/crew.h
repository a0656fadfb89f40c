/* SPDX-License-Identifier: MIT */
/*
 * crew.h - other processes that do pieces of work for this one.
 *
 *     crew_open(&c, 3, 1 << 20);   returns in each of them as well, which calls crew_work()
 *
 *     if (crew_room(&c, n, &piece)) {
 *         memcpy(crew_bytes(&c, &piece), question, n);
 *         crew_give(&c, &piece);
 *     }
 *     ...
 *     n = crew_wait(&c, &piece);   the answer is in place of the question
 *     crew_free(&c, &piece);
 *
 * Each of them has a ring of memory that it shares with the one that leads, and does its pieces in order. Pieces are freed in
 * the order in which they were given.
 */
#ifndef CREW_H
#define CREW_H

#include <stddef.h>
#include <stdint.h>

#include "base/child.h"

/* More than the one that leads can keep busy. */
#define CREW_MAX 4u
/* Of all rings together. */
#define CREW_BYTES (16u << 20)
#define CREW_PIECES 256u /* of a member, at a time */

enum crew_role { CREW_NONE, CREW_LEADER, CREW_MEMBER };

struct crew_page;

struct crew_member {
    struct child at;
    uint64_t given, answered, freed; /* pieces */
    uint32_t head, tail;             /* of its ring, in use */
};

struct crew {
    enum crew_role role;
    uint32_t count, self; /* members; which one this is */
    uint32_t ring_bytes;  /* of each */
    uint8_t *shared;
    size_t shared_bytes;
    struct crew_member member[CREW_MAX];
    bool lost; /* one has ended: nothing it was given is done */
};

struct crew_piece {
    uint64_t number; /* of its member's */
    uint32_t member, at, room;
};

/* bytes: of each ring, if it is not more than CREW_BYTES for all. False: there can be none. */
bool crew_open(struct crew *c, uint32_t count, uint32_t bytes);
void crew_close(struct crew *c);
/* The descriptors that this process writes. */
size_t crew_written(const struct crew *c, int fd[CREW_MAX]);

/* Puts the answer to n bytes in their place, of which there are `room`. Returns its bytes; 0: it has none. */
typedef size_t crew_worker(void *context, uint8_t *bytes, size_t n, size_t room);
/* A member: does what it is given, and ends with the one that leads. */
_Noreturn void crew_work(struct crew *c, crew_worker *work, void *context);
/* A member that cannot: it ends, and says so if it has no memory. */
_Noreturn void crew_end(struct crew *c, bool no_memory);

/* The leader finds room for a piece of n bytes and its answer, which may be a little larger. False: no member has room for
 * it now. */
bool crew_room(struct crew *c, size_t n, struct crew_piece *p);
/* The same of one of them. */
bool crew_room_of(struct crew *c, uint32_t member, size_t n, struct crew_piece *p);
/* The piece that a member was given first, of those that are not freed. False: there is none. */
bool crew_oldest(const struct crew *c, uint32_t member, struct crew_piece *p);
uint8_t *crew_bytes(const struct crew *c, const struct crew_piece *p);
void crew_give(struct crew *c, const struct crew_piece *p);
/* Is it done, or will it never be? */
bool crew_ready(struct crew *c, const struct crew_piece *p);
/* Waits until it is. Returns the bytes of the answer; 0: there is none, and the question is as it was, unless c->lost. */
size_t crew_wait(struct crew *c, const struct crew_piece *p);
void crew_free(struct crew *c, const struct crew_piece *p);

#endif
