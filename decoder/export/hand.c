/* SPDX-License-Identifier: MIT */
/* hand.c - records on their way into pages, which other processes make. */
#include "export/hand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "export/little.h"

#define HAND_BATCH_BYTES (128u << 10)
#define HAND_STATE_BYTES (64u << 10)
#define HAND_RAW_MAX                                                                               \
    8192u /* bytes of a record in the dump, and of one without tails: more is made here */

/* What a piece of work begins with; SPILLED_ASKED is another one. */
enum hand_what { HAND_BATCH = SPILLED_ASKED + 1, HAND_END, HAND_STATE };

struct hand_asked {
    uint32_t what;
    uint32_t bytes; /* of a batch, all */
    uint32_t cpu;
    uint64_t first; /* mark of it */
};

struct hand_answer {
    uint32_t error;       /* an errno */
    uint32_t used;        /* as those of struct page */
    uint32_t page_bytes;  /* of small or large pages */
    uint32_t state_bytes; /* that follow */
    uint64_t written;     /* bytes of its file */
};

/* What a batch has: each is this, and `bytes` after it, up to a whole HAND_ALIGN. */
enum hand_kind { HAND_LAYOUT, HAND_RAW, HAND_MADE, HAND_LOST };

#define HAND_ALIGN 8u
#define HAND_FETCH_BYTES 1024 /* what another process has had is not in the cache of this one */

struct hand_entry {
    uint64_t ns;
    uint64_t header; /* HAND_RAW */
    uint16_t kind, cpu, bytes;
    uint16_t id; /* HAND_LAYOUT, HAND_RAW */
};

struct hand_layout {
    struct layout layout;
    const struct metadata_event *event; /* it is of this one, */
    uint32_t generation;
    uint32_t sent; /* to these members, a bit each */
    bool raw;      /* others can make its records */
};

struct hand_batch {
    struct crew_piece piece;
    uint8_t *bytes; /* NULL: there is none */
    uint32_t used, left;
};

void hand_open(struct hand *h, struct page *page, struct crew *crew)
{
    *h = (struct hand){.page = page, .generation = 1};
    if (!crew || crew->role != CREW_LEADER)
        return;
    h->crew = crew;
    h->batches = mem_zero(CREW_MAX * sizeof(*h->batches));
}

void hand_close(struct hand *h)
{
    for (uint32_t i = 0; i < h->slots; i++)
        free(h->layouts[i]);
    free(h->layouts);
    free(h->batches);
    *h = (struct hand){.page = NULL};
}

/* --- what is given to others --- */

static void hand_fail(struct hand *h, int error)
{
    if (error && !h->page->spills->error)
        h->page->spills->error = error;
}

/* Waits for the answer to a piece, which is there until it is freed. False: the run ends. */
static bool hand_wait(struct hand *h, const struct crew_piece *piece, struct hand_answer *answer)
{
    (void)crew_wait(h->crew, piece);
    if (h->crew->lost) {
        hand_fail(h, ECHILD);
        return false;
    }
    memcpy(answer, crew_bytes(h->crew, piece), sizeof(*answer));
    hand_fail(h, (int)answer->error);
    h->bytes += answer->written - h->written[piece->member];
    h->written[piece->member] = answer->written;
    return true;
}

/* Frees what a member has done, and if `wait` all that it was given. */
static bool hand_reap(struct hand *h, uint32_t member, bool wait)
{
    struct hand_answer answer;
    struct crew_piece piece;

    while (crew_oldest(h->crew, member, &piece) && (wait || crew_ready(h->crew, &piece))) {
        if (!hand_wait(h, &piece, &answer))
            return false;
        crew_free(h->crew, &piece);
    }
    return true;
}

static void hand_give(struct hand *h, uint32_t member)
{
    struct hand_batch *b = &h->batches[member];
    struct hand_asked asked = {.what = HAND_BATCH, .bytes = b->used};

    if (!b->bytes)
        return;
    memcpy(b->bytes, &asked, sizeof(asked));
    crew_give(h->crew, &b->piece);
    *b = (struct hand_batch){.bytes = NULL};
}

/* Begins a batch, when the member has room for it. False: the run ends. */
static bool hand_begin(struct hand *h, uint32_t member)
{
    struct hand_batch *b = &h->batches[member];
    struct hand_answer answer;
    struct crew_piece piece;

    hand_give(h, member);
    if (!hand_reap(h, member, false))
        return false;
    while (!crew_room_of(h->crew, member, HAND_BATCH_BYTES, &b->piece)) {
        if (!crew_oldest(h->crew, member, &piece) || !hand_wait(h, &piece, &answer))
            return false;
        crew_free(h->crew, &piece);
    }
    b->bytes = crew_bytes(h->crew, &b->piece);
    b->used = sizeof(struct hand_asked);
    b->left = HAND_BATCH_BYTES - b->used;
    return true;
}

static inline uint32_t hand_member(const struct hand *h, uint32_t cpu)
{
    return h->crew->count == 1 ? 0 : cpu % h->crew->count;
}

/* The next one of a CPU, and room for its bytes after it. NULL: the run ends. */
static inline struct hand_entry *hand_entry(struct hand *h, enum hand_kind kind, uint32_t cpu,
                                            uint64_t ns, uint32_t bytes)
{
    uint32_t member = hand_member(h, cpu);
    struct hand_batch *b = &h->batches[member];
    struct hand_entry *e;
    uint32_t all = (uint32_t)sizeof(*e) + (bytes + HAND_ALIGN - 1) / HAND_ALIGN * HAND_ALIGN;

    if (all > b->left && !hand_begin(h, member))
        return NULL;
    e = (struct hand_entry *)(void *)(b->bytes + b->used);
    __builtin_prefetch((uint8_t *)e + HAND_FETCH_BYTES, 1);
    b->used += all;
    b->left -= all;
    e->ns = ns;
    e->kind = (uint16_t)kind;
    e->cpu = (uint16_t)cpu;
    e->bytes = (uint16_t)bytes;
    return e;
}

/* --- records --- */

struct hand_layout *hand_layout(struct hand *h, const struct metadata_event *e, bool swap)
{
    struct hand_layout **slot, *l;

    h->layouts = mem_reach(h->layouts, &h->slots, e->id, 16, sizeof(struct hand_layout *));
    slot = &h->layouts[e->id];
    l = *slot;
    if (l && l->event == e && l->generation == h->generation && l->layout.swap == swap)
        return l->layout.bytes ? l : NULL;
    if (!l)
        l = *slot = mem_alloc(sizeof(*l));
    *l = (struct hand_layout){.event = e, .generation = h->generation};
    layout_make(&l->layout, e, swap, PAGE_RECORD_BYTES);
    l->raw = h->crew && l->layout.bytes <= HAND_RAW_MAX && e->id <= UINT16_MAX;
    return l->layout.bytes ? l : NULL;
}

void hand_forget(struct hand *h)
{
    h->generation++;
}

static void hand_layout_put(struct hand *h, uint32_t cpu, struct hand_layout *l)
{
    struct hand_entry *e = hand_entry(h, HAND_LAYOUT, cpu, 0, layout_used(&l->layout));

    if (!e)
        return;
    e->id = (uint16_t)l->event->id;
    memcpy(e + 1, &l->layout, e->bytes);
    l->sent |= 1u << hand_member(h, cpu);
}

static void hand_raw(struct hand *h, uint32_t cpu, uint64_t ns, uint64_t header,
                     struct hand_layout *l, const struct record *r)
{
    struct hand_entry *e;

    if (!(l->sent >> hand_member(h, cpu) & 1))
        hand_layout_put(h, cpu, l);
    e = hand_entry(h, HAND_RAW, cpu, ns, r->bytes);
    if (!e)
        return;
    e->header = header;
    e->id = (uint16_t)l->event->id;
    layout_copy((uint8_t *)(e + 1), r->fields, r->bytes);
}

/* Where a record is to be written that is made here, before hand_placed(). NULL: the run ends. */
static uint8_t *hand_place(struct hand *h, uint32_t cpu, uint64_t ns, uint32_t n)
{
    struct hand_entry *e;

    if (!h->crew)
        return page_place(h->page, cpu, ns, n);
    e = hand_entry(h, HAND_MADE, cpu, ns, n);
    return e ? (uint8_t *)(e + 1) : NULL;
}

static void hand_placed(struct hand *h, uint32_t cpu)
{
    if (!h->crew)
        page_placed(h->page, cpu);
}

bool hand_record(struct hand *h, uint32_t cpu, uint64_t ns, uint64_t header, struct hand_layout *l,
                 const struct record *r)
{
    uint32_t n;
    uint8_t *to;

    if (l->raw && r->bytes <= HAND_RAW_MAX) {
        hand_raw(h, cpu, ns, header, l, r);
        return true;
    }
    n = layout_bytes(&l->layout, r->fields, PAGE_RECORD_BYTES);
    if (!n)
        return false;
    to = hand_place(h, cpu, ns, n);
    if (!to)
        return true;
    little_u64(to, header);
    layout_fill(&l->layout, to, r->fields);
    hand_placed(h, cpu);
    return true;
}

void hand_made(struct hand *h, uint32_t cpu, uint64_t ns, const uint8_t *record, uint32_t n)
{
    uint8_t *to = hand_place(h, cpu, ns, n);

    if (!to)
        return;
    memcpy(to, record, n);
    hand_placed(h, cpu);
}

void hand_lose(struct hand *h, uint32_t cpu, uint64_t ns, uint64_t lost)
{
    struct hand_entry *e;

    if (!h->crew) {
        page_lose(h->page, cpu, ns, lost);
        return;
    }
    e = hand_entry(h, HAND_LOST, cpu, ns, sizeof(lost));
    if (e)
        memcpy(e + 1, &lost, sizeof(lost));
}

/* --- what others have made --- */

/* False: the run ends. The piece is to be freed. */
static bool hand_ask(struct hand *h, uint32_t member, struct hand_asked asked,
                     struct crew_piece *piece, struct hand_answer *answer)
{
    if (!crew_room_of(h->crew, member, sizeof(struct hand_answer) + HAND_STATE_BYTES, piece))
        return false;
    memcpy(crew_bytes(h->crew, piece), &asked, sizeof(asked));
    crew_give(h->crew, piece);
    return hand_wait(h, piece, answer);
}

static bool hand_take(struct hand *h, uint32_t member, uint32_t cpu)
{
    struct hand_answer answer;
    struct crew_piece piece;
    uint64_t first = 0;

    do {
        if (!hand_ask(h, member,
                      (struct hand_asked){.what = HAND_STATE, .cpu = cpu, .first = first}, &piece,
                      &answer))
            return false;
        first = page_take(h->page, cpu, 1 + member, first,
                          crew_bytes(h->crew, &piece) + sizeof(answer), answer.state_bytes);
        crew_free(h->crew, &piece);
    } while (first);
    return true;
}

static bool hand_take_all(struct hand *h, uint32_t member)
{
    struct page *p = h->page;
    struct hand_answer answer;
    struct crew_piece piece;

    if (!hand_reap(h, member, true) ||
        !hand_ask(h, member, (struct hand_asked){.what = HAND_END}, &piece, &answer))
        return false;
    crew_free(h->crew, &piece);
    p->spills[1 + member].bytes = answer.written;
    if (answer.page_bytes > p->bytes)
        p->bytes = answer.page_bytes;
    for (uint32_t cpu = member; cpu < answer.used; cpu += h->crew->count)
        if (!hand_take(h, member, cpu))
            return false;
    return true;
}

void hand_settle(struct hand *h)
{
    if (!h->crew)
        return;
    for (uint32_t i = 0; i < h->crew->count; i++)
        hand_give(h, i);
    for (uint32_t i = 0; i < h->crew->count; i++)
        if (!hand_take_all(h, i))
            return;
}

/* --- a member --- */

void hand_join(struct hand_member *m, struct spill *spills, uint32_t self)
{
    *m = (struct hand_member){.spills = spills, .self = self};
    page_open(&m->page, &spills[1 + self], NULL);
    m->page.marks = true;
}

static void hand_learn(struct hand_member *m, const struct hand_entry *e, const uint8_t *bytes)
{
    m->layouts = mem_reach(m->layouts, &m->slots, e->id, 16, sizeof(struct layout *));
    if (!m->layouts[e->id])
        m->layouts[e->id] = mem_zero(sizeof(struct layout));
    memcpy(m->layouts[e->id], bytes, e->bytes);
}

static void hand_make(struct hand_member *m, const struct hand_entry *e, const uint8_t *bytes)
{
    const struct layout *l = m->layouts[e->id];
    uint32_t n = layout_bytes(l, bytes, PAGE_RECORD_BYTES);
    uint8_t *to = page_place(&m->page, e->cpu, e->ns, n);

    little_u64(to, e->header);
    layout_fill(l, to, bytes);
    page_placed(&m->page, e->cpu);
}

static void hand_work_entry(struct hand_member *m, const struct hand_entry *e, const uint8_t *bytes)
{
    uint64_t lost;

    switch (e->kind) {
    case HAND_LAYOUT:
        hand_learn(m, e, bytes);
        break;
    case HAND_RAW:
        hand_make(m, e, bytes);
        break;
    case HAND_MADE:
        page_add(&m->page, e->cpu, e->ns, bytes, e->bytes);
        break;
    default:
        memcpy(&lost, bytes, sizeof(lost));
        page_lose(&m->page, e->cpu, e->ns, lost);
    }
}

static void hand_work_batch(struct hand_member *m, const uint8_t *bytes, uint32_t n)
{
    for (uint32_t at = sizeof(struct hand_asked); at < n;) {
        const struct hand_entry *e = (const struct hand_entry *)(const void *)(bytes + at);

        __builtin_prefetch(bytes + at + HAND_FETCH_BYTES);
        hand_work_entry(m, e, (const uint8_t *)(e + 1));
        at += (uint32_t)sizeof(*e) + (e->bytes + HAND_ALIGN - 1) / HAND_ALIGN * HAND_ALIGN;
    }
}

size_t hand_work(void *member, uint8_t *bytes, size_t n, size_t room)
{
    struct hand_member *m = member;
    struct spill *spill = &m->spills[1 + m->self];
    struct hand_answer answer = {.error = 0};
    struct hand_asked asked;
    uint32_t what;

    (void)n;
    memcpy(&what, bytes, sizeof(what));
    if (what == SPILLED_ASKED)
        return spilled_work(m->spills, bytes);
    memcpy(&asked, bytes, sizeof(asked));
    if (what == HAND_BATCH)
        hand_work_batch(m, bytes, asked.bytes);
    else if (what == HAND_END)
        page_end(&m->page);
    else
        answer.state_bytes = (uint32_t)page_give(&m->page, asked.cpu, asked.first,
                                                 bytes + sizeof(answer), room - sizeof(answer));
    answer.error = (uint32_t)spill->error;
    answer.used = m->page.used;
    answer.page_bytes = m->page.bytes;
    answer.written = spill->bytes;
    memcpy(bytes, &answer, sizeof(answer));
    return sizeof(answer) + answer.state_bytes;
}
