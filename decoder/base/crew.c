/* SPDX-License-Identifier: MIT */
/* crew.c - other processes that do pieces of work for this one. */
#include "base/crew.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

/* What a member says; that there is a piece is CREW_PIECE. */
#define CREW_PIECE 'P'
#define CREW_DONE 'D'
#define CREW_FAILED 'F' /* it has no memory, and ends */

#define CREW_ALIGN 16u
/* An answer may be so much larger than its question. */
#define CREW_MORE(n) ((n) / 32 + 1024)

/* Before the ring of each member. The leader writes `at` to `room` before it tells of a piece, the member `answer` before it
 * says that it is done. */
struct crew_page {
    struct crew_task {
        uint32_t at, bytes, room, answer;
    } task[CREW_PIECES];
};

static size_t crew_each(const struct crew *c)
{
    return sizeof(struct crew_page) + c->ring_bytes;
}

static struct crew_task *crew_task(const struct crew *c, uint32_t member, uint64_t number)
{
    struct crew_page *page = (struct crew_page *)(c->shared + member * crew_each(c));

    return &page->task[number % CREW_PIECES];
}

static uint8_t *crew_ring(const struct crew *c, uint32_t member)
{
    return c->shared + member * crew_each(c) + sizeof(struct crew_page);
}

/* --- starting --- */

bool crew_open(struct crew *c, uint32_t count, uint32_t bytes)
{
    *c = (struct crew){.role = CREW_NONE};
    count = count < CREW_MAX ? count : CREW_MAX;
    if (bytes > CREW_BYTES / count)
        bytes = CREW_BYTES / count;
    c->ring_bytes = bytes / CREW_ALIGN * CREW_ALIGN;
    c->shared_bytes = count * crew_each(c);
    c->shared = mmap(NULL, c->shared_bytes, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (c->shared == MAP_FAILED) {
        c->shared = NULL;
        return false;
    }
    c->role = CREW_LEADER;
    for (uint32_t i = 0; i < count; i++) {
        struct child at;

        switch (child_start(&at)) {
        case CHILD_ITSELF:
            for (uint32_t k = 0; k < i; k++)
                child_close(&c->member[k].at);
            c->role = CREW_MEMBER;
            c->self = i;
            c->member[i].at = at;
            return true;
        case CHILD_PARENT:
            c->member[c->count++].at = at;
            break;
        case CHILD_NONE:
            crew_close(c);
            return false;
        }
    }
    return true;
}

void crew_close(struct crew *c)
{
    for (uint32_t i = 0; i < c->count; i++)
        child_close(&c->member[i].at);
    if (c->shared)
        (void)munmap(c->shared, c->shared_bytes);
    c->shared = NULL;
    c->count = 0;
    c->role = CREW_NONE;
}

size_t crew_written(const struct crew *c, int fd[CREW_MAX])
{
    if (c->role == CREW_MEMBER) {
        fd[0] = c->member[c->self].at.tell;
        return 1;
    }
    for (uint32_t i = 0; i < c->count; i++)
        fd[i] = c->member[i].at.tell;
    return c->count;
}

/* --- a member --- */

void crew_work(struct crew *c, crew_worker *work, void *context)
{
    const struct child *at = &c->member[c->self].at;

    for (uint64_t i = 0; child_hear(at) == CREW_PIECE; i++) {
        struct crew_task *t = crew_task(c, c->self, i);

        t->answer = (uint32_t)work(context, crew_ring(c, c->self) + t->at, t->bytes, t->room);
        if (!child_tell(at, CREW_DONE))
            break;
    }
    _exit(0);
}

void crew_end(struct crew *c, bool no_memory)
{
    if (no_memory)
        (void)child_tell(&c->member[c->self].at, CREW_FAILED);
    _exit(0);
}

/* --- the leader --- */

/* Where so many bytes in a row are free in a ring; UINT32_MAX: nowhere. */
static uint32_t crew_find(const struct crew *c, const struct crew_member *m, size_t n)
{
    if (m->given - m->freed == CREW_PIECES)
        return UINT32_MAX;
    if (m->given == m->freed)
        return n <= c->ring_bytes ? 0 : UINT32_MAX;
    if (m->head <= m->tail)
        return n < m->tail - m->head ? m->head : UINT32_MAX;
    if (n <= c->ring_bytes - m->head)
        return m->head;
    return n < m->tail ? 0 : UINT32_MAX;
}

static size_t crew_needs(size_t n)
{
    return (n + CREW_MORE(n) + CREW_ALIGN - 1) / CREW_ALIGN * CREW_ALIGN;
}

bool crew_room(struct crew *c, size_t n, struct crew_piece *p)
{
    size_t room = crew_needs(n);
    uint64_t least = UINT64_MAX;
    uint32_t best = 0;

    for (uint32_t i = 0; i < c->count && !c->lost; i++) {
        const struct crew_member *m = &c->member[i];

        if (crew_find(c, m, room) == UINT32_MAX || m->given - m->answered >= least)
            continue;
        least = m->given - m->answered;
        best = i;
    }
    return least != UINT64_MAX && crew_room_of(c, best, n, p);
}

bool crew_room_of(struct crew *c, uint32_t member, size_t n, struct crew_piece *p)
{
    struct crew_member *m = &c->member[member];
    size_t room = crew_needs(n);
    uint32_t at = c->lost ? UINT32_MAX : crew_find(c, m, room);

    if (at == UINT32_MAX)
        return false;
    *p = (struct crew_piece){m->given, member, at, (uint32_t)room};
    crew_task(c, member, p->number)->bytes = (uint32_t)n;
    return true;
}

bool crew_oldest(const struct crew *c, uint32_t member, struct crew_piece *p)
{
    const struct crew_member *m = &c->member[member];
    const struct crew_task *t = crew_task(c, member, m->freed);

    *p = (struct crew_piece){m->freed, member, t->at, t->room};
    return m->freed != m->given;
}

uint8_t *crew_bytes(const struct crew *c, const struct crew_piece *p)
{
    return crew_ring(c, p->member) + p->at;
}

void crew_give(struct crew *c, const struct crew_piece *p)
{
    struct crew_member *m = &c->member[p->member];
    struct crew_task *t = crew_task(c, p->member, p->number);

    t->at = p->at;
    t->room = p->room;
    t->answer = 0;
    if (m->given == m->freed)
        m->tail = p->at;
    m->head = p->at + p->room;
    m->given++;
    /* One that is not there any more is seen when it is listened to. */
    (void)child_tell(&m->at, CREW_PIECE);
}

/* One answer of a member. */
static void crew_listen(struct crew *c, struct crew_member *m)
{
    switch (child_hear(&m->at)) {
    case CREW_DONE:
        m->answered++;
        break;
    case CREW_FAILED:
        mem_failed();
    default:
        c->lost = true;
    }
}

bool crew_ready(struct crew *c, const struct crew_piece *p)
{
    struct crew_member *m = &c->member[p->member];

    while (m->answered <= p->number && !c->lost && child_has(&m->at))
        crew_listen(c, m);
    return m->answered > p->number || c->lost;
}

size_t crew_wait(struct crew *c, const struct crew_piece *p)
{
    struct crew_member *m = &c->member[p->member];

    while (m->answered <= p->number && !c->lost)
        crew_listen(c, m);
    return c->lost ? 0 : crew_task(c, p->member, p->number)->answer;
}

void crew_free(struct crew *c, const struct crew_piece *p)
{
    struct crew_member *m = &c->member[p->member];

    m->freed++;
    if (m->given != m->freed)
        m->tail = crew_task(c, p->member, m->freed)->at;
}
