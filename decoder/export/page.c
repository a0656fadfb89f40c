/* SPDX-License-Identifier: MIT */
/* page.c - records in the pages of Linux's ring buffer. */
#include "export/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "export/little.h"

#define PAGE_SHORT_MAX 112u /* bytes of a record whose length is in the word before it */
#define PAGE_DELTA_BITS 27u
#define PAGE_EXTEND 30u /* a word for the upper bits of a time follows */
#define PAGE_EXTEND_BYTES 8u
#define PAGE_FAR (1ull << (32 + PAGE_DELTA_BITS)) /* as much later as no event of a page can be */

struct page_cpu {
    struct spilled_page now;
    uint8_t *place, *data; /* as it goes to the file, and where its data begins there */
    uint64_t head, tail,
        next; /* where the first and last are and one more will be, plus 1; 0: none */
    uint64_t pages;
    uint64_t *marks; /* as `head` is, of each SPILLED_SEGMENT-th page, if others read them */
    uint32_t mark_slots;
    uint32_t file; /* which one they are in */
};

void page_open(struct page *p, struct spill *spills, struct crew *crew)
{
    *p = (struct page){.spills = spills, .bytes = PAGE_SMALL_BYTES, .marks = crew};
    spilled_open(&p->spilled, spills, crew);
}

void page_close(struct page *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        free(p->cpus[i].place);
        free(p->cpus[i].marks);
    }
    free(p->cpus);
    free(p->build);
    spilled_close(&p->spilled);
    *p = (struct page){.spills = NULL};
}

static struct page_cpu *page_cpu(struct page *p, uint32_t cpu)
{
    p->cpus = mem_reach(p->cpus, &p->count, cpu, 1, sizeof(*p->cpus));
    p->used = cpu < p->used ? p->used : cpu + 1;
    return &p->cpus[cpu];
}

static struct spill *page_spill(const struct page *p, const struct page_cpu *c)
{
    return &p->spills[c->file];
}

static uint64_t page_keep(struct spill *s)
{
    uint64_t at = s->bytes;

    s->bytes += SPILLED_PLACE_BYTES;
    return at + 1;
}

static void page_mark(struct page_cpu *c)
{
    uint64_t i = c->pages / SPILLED_SEGMENT;

    c->marks = mem_reach(c->marks, &c->mark_slots, (uint32_t)i, 4, sizeof(*c->marks));
    c->marks[i] = c->tail;
}

/* The page goes to the file by one write, as it knows where the next one will be. large: its data, if it has no room in
 * its place. */
static void page_flush(struct page *p, struct page_cpu *c, const uint8_t *large)
{
    struct spill *spill = page_spill(p, c);

    if (!c->now.bytes)
        return;
    if (!c->next)
        c->head = c->next = page_keep(spill);
    c->tail = c->next;
    c->now.next = c->next = page_keep(spill);
    if (large)
        c->now.data_at = spill_add(spill, large, c->now.bytes);
    memcpy(c->place, &c->now, sizeof(c->now));
    spill_put(spill, c->tail - 1, c->place, SPILLED_PLACE_BYTES);
    if (p->marks && c->pages % SPILLED_SEGMENT == 0)
        page_mark(c);
    c->now = (struct spilled_page){.bytes = 0};
    c->pages++;
}

static uint32_t page_extend(uint8_t *to, uint64_t delta)
{
    little_u32(to, (uint32_t)(delta << (32 - PAGE_DELTA_BITS)) | PAGE_EXTEND);
    little_u32(to + 4, (uint32_t)(delta >> PAGE_DELTA_BITS));
    return PAGE_EXTEND_BYTES;
}

/* Before an event: what is left of the time, and the length. After it zeros, up to a whole word. */
static uint32_t page_event(uint8_t *to, uint32_t delta, uint32_t n)
{
    uint32_t whole = (n + 3) & ~3u, at = 4;

    if (whole <= PAGE_SHORT_MAX) {
        little_u32(to, delta << (32 - PAGE_DELTA_BITS) | whole / 4);
    } else {
        little_u32(to, delta << (32 - PAGE_DELTA_BITS));
        little_u32(to + 4, whole + 4);
        at = 8;
    }
    for (to += at; n < whole; n++)
        to[n] = 0;
    return at;
}

/* A record that no small page has room for, which is empty: a page by itself. */
static uint8_t *page_place_large(struct page *p, struct page_cpu *c, uint32_t n)
{
    uint32_t at;

    if (!p->build)
        p->build = mem_alloc(PAGE_LARGE_BYTES);
    p->bytes = PAGE_LARGE_BYTES;
    p->large = true;
    at = page_event(p->build, 0, n);
    c->now.bytes = at + ((n + 3) & ~3u);
    return p->build + at;
}

uint8_t *page_place(struct page *p, uint32_t cpu, uint64_t ns, uint32_t n)
{
    struct page_cpu *c = page_cpu(p, cpu);
    uint32_t whole = (n + 3) & ~3u, most = whole + 8;
    uint64_t delta;
    uint8_t *to;

    if (!c->place) {
        c->place = mem_zero(SPILLED_PLACE_BYTES);
        c->data = c->place + sizeof(c->now);
    }
    if (c->now.bytes && (ns < c->now.last || ns - c->now.last >= PAGE_FAR ||
                         c->now.bytes + PAGE_EXTEND_BYTES + most > SPILLED_ROOM))
        page_flush(p, c, NULL);
    if (!c->now.bytes)
        c->now.first = c->now.last = ns;
    delta = ns - c->now.last;
    c->now.last = ns;
    if (most > SPILLED_ROOM)
        return page_place_large(p, c, n);
    to = c->data + c->now.bytes;
    if (delta >> PAGE_DELTA_BITS) {
        to += page_extend(to, delta);
        delta = 0;
    }
    to += page_event(to, (uint32_t)delta, n);
    c->now.bytes = (uint32_t)(to - c->data) + whole;
    return to;
}

void page_placed_large(struct page *p, uint32_t cpu)
{
    p->large = false;
    page_flush(p, &p->cpus[cpu], p->build);
}

void page_lose(struct page *p, uint32_t cpu, uint64_t ns, uint64_t lost)
{
    struct page_cpu *c = page_cpu(p, cpu);

    if (c->now.bytes)
        page_flush(p, c, NULL);
    c->now.is_lost = true;
    c->now.first = ns;
    c->now.lost = number_add(c->now.lost, lost);
}

bool page_lost(const struct page *p, uint32_t cpu)
{
    return cpu < p->count && p->cpus[cpu].now.is_lost && !p->cpus[cpu].now.bytes;
}

uint64_t page_lost_ns(const struct page *p, uint32_t cpu)
{
    return p->cpus[cpu].now.first;
}

void page_end(struct page *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        page_flush(p, &p->cpus[i], NULL);
        free(p->cpus[i].place);
        p->cpus[i].place = NULL;
    }
    if (!p->build)
        p->build = mem_alloc(PAGE_LARGE_BYTES);
}

/* --- from one process to another --- */

struct page_state {
    struct spilled_page now;
    uint64_t head, tail, next, pages;
};

static uint64_t page_marks(uint64_t pages)
{
    return (pages + SPILLED_SEGMENT - 1) / SPILLED_SEGMENT;
}

size_t page_give(const struct page *p, uint32_t cpu, uint64_t first, uint8_t *to, size_t room)
{
    struct page_state state = {.pages = 0};
    uint64_t n = (room - sizeof(state)) / sizeof(uint64_t);
    const struct page_cpu *c;

    if (cpu < p->count) {
        c = &p->cpus[cpu];
        state = (struct page_state){c->now, c->head, c->tail, c->next, c->pages};
    }
    memcpy(to, &state, sizeof(state));
    if (first >= page_marks(state.pages))
        return sizeof(state);
    if (n > page_marks(state.pages) - first)
        n = page_marks(state.pages) - first;
    memcpy(to + sizeof(state), p->cpus[cpu].marks + first, n * sizeof(uint64_t));
    return sizeof(state) + n * sizeof(uint64_t);
}

uint64_t page_take(struct page *p, uint32_t cpu, uint32_t file, uint64_t first, const uint8_t *from,
                   size_t bytes)
{
    struct page_state state;
    uint64_t n = (bytes - sizeof(state)) / sizeof(uint64_t);
    struct page_cpu *c;

    memcpy(&state, from, sizeof(state));
    if (!state.pages && !state.now.is_lost)
        return 0;
    c = page_cpu(p, cpu);
    c->now = state.now;
    c->head = state.head;
    c->tail = state.tail;
    c->next = state.next;
    c->pages = state.pages;
    c->file = file;
    if (!n)
        return 0;
    c->marks = mem_reach(c->marks, &c->mark_slots, (uint32_t)(first + n - 1), 4, sizeof(*c->marks));
    memcpy(c->marks + first, from + sizeof(state), n * sizeof(uint64_t));
    return first + n < page_marks(state.pages) ? first + n : 0;
}

/* --- pages as they are in the file --- */

/* Errors of all files are that of the first. */
static void page_fail(struct page *p, const struct spill *spill)
{
    if (!p->spills->error)
        p->spills->error = spill->error;
}

static void page_put(const struct page *p, const struct spilled_page *page, struct out *o)
{
    uint32_t used = PAGE_HEAD_BYTES + page->bytes;
    uint8_t word[8];

    little_u64(word, page->first);
    out_bytes(o, word, sizeof(word));
    little_u64(word, spilled_commit(page));
    out_bytes(o, word, sizeof(word));
    out_bytes(o, p->build, page->bytes);
    if (page->lost) {
        little_u64(word, spilled_lost_count(page));
        out_bytes(o, word, sizeof(word));
        used += PAGE_LOST_BYTES;
    }
    out_pad(o, '\0', p->bytes - used);
}

/* Does a page fit after what there is in one? */
static bool page_joins(const struct page *p, const struct spilled_page *page,
                       const struct spilled_page *next)
{
    return !next->is_lost && next->first >= page->last && next->first - page->last < PAGE_FAR &&
           page->bytes + PAGE_EXTEND_BYTES + next->bytes <=
               p->bytes - PAGE_HEAD_BYTES - PAGE_LOST_BYTES;
}

/* Puts it there: its first event has no time but that of its page, and gets one. */
static bool page_join(struct page *p, struct spill *spill, struct spilled_page *page,
                      const struct spilled_page *next, const uint8_t *data, bool read)
{
    uint64_t delta = next->first - page->last;
    bool far = delta >> PAGE_DELTA_BITS;
    uint8_t *to = p->build + page->bytes;

    if (far)
        to += page_extend(to, delta);
    if (read && next->data_at && !spill_read(spill, next->data_at, to, next->bytes))
        return false;
    if (read && !next->data_at)
        memcpy(to, data, next->bytes);
    if (read && !far)
        little_u32(to, little_load_u32(to) | (uint32_t)delta << (32 - PAGE_DELTA_BITS));
    page->bytes += next->bytes + (far ? PAGE_EXTEND_BYTES : 0);
    page->last = next->last;
    return true;
}

/* Of pages that were too small for a record: writes large ones; o is NULL: counts them. */
static uint64_t page_write_large(struct page *p, const struct page_cpu *c, struct out *o)
{
    struct spilled_page page = {.bytes = 0}, next;
    struct spill *spill = page_spill(p, c);
    uint64_t pages = 0;
    uint8_t place[SPILLED_PLACE_BYTES];
    bool any = false;

    for (uint64_t at = c->head; at && !(o && o->error); at = at == c->tail ? 0 : next.next) {
        if (!spill_read(spill, at - 1, place, sizeof(place)))
            break;
        memcpy(&next, place, sizeof(next));
        if (!any || !page_joins(p, &page, &next)) {
            if (any && o)
                page_put(p, &page, o);
            page = next;
            page.bytes = 0;
            page.last = page.first;
            pages++;
            any = true;
        }
        if (!page_join(p, spill, &page, &next, place + sizeof(next), o))
            break;
    }
    if (any && o)
        page_put(p, &page, o);
    page_fail(p, spill);
    return pages;
}

/* --- pages of all CPUs, some of them by others --- */

/* Pages of one CPU in a row. */
struct page_segment {
    uint32_t cpu;
    uint64_t first, number; /* of the CPU's pages; among all segments */
};

/* The next one. False: there is none. */
static bool page_step(const struct page *p, struct page_segment *s)
{
    while (s->cpu < p->count && s->first >= p->cpus[s->cpu].pages) {
        s->cpu++;
        s->first = 0;
    }
    return s->cpu < p->count;
}

static void page_pass(struct page_segment *s)
{
    s->first += SPILLED_SEGMENT;
    s->number++;
}

static uint32_t page_segment_pages(const struct page *p, const struct page_segment *s)
{
    uint64_t left = p->cpus[s->cpu].pages - s->first;

    return left < SPILLED_SEGMENT ? (uint32_t)left : SPILLED_SEGMENT;
}

/* Every so many is read here, the others by others. */
static bool page_is_own(const struct page *p, const struct page_segment *s)
{
    return !p->spilled.crew || s->number % (p->spilled.crew->count + 1) == 0;
}

/* As many as there is room for are asked for. */
static void page_ask(struct page *p, struct page_segment *ahead)
{
    for (; page_step(p, ahead); page_pass(ahead)) {
        const struct page_cpu *c = &p->cpus[ahead->cpu];

        if (!page_is_own(p, ahead) &&
            !spilled_ask(&p->spilled, c->file, c->marks[ahead->first / SPILLED_SEGMENT],
                         page_segment_pages(p, ahead)))
            break;
    }
}

static void page_write_small(struct page *p, struct out *o)
{
    struct page_segment now = {.cpu = 0}, ahead = now;
    uint64_t at = 0;

    for (; page_step(p, &now) && !o->error && !p->spills->error; page_pass(&now)) {
        const struct page_cpu *c = &p->cpus[now.cpu];

        if (p->spilled.crew)
            page_ask(p, &ahead);
        if (!page_is_own(p, &now)) {
            spilled_copy(&p->spilled, o);
            continue;
        }
        at = p->spilled.crew ? c->marks[now.first / SPILLED_SEGMENT] : now.first ? at : c->head;
        for (uint32_t i = page_segment_pages(p, &now); i && at; i--) {
            at = spilled_read(page_spill(p, c), at, p->build);
            if (at)
                out_bytes(o, p->build, PAGE_SMALL_BYTES);
        }
        page_fail(p, page_spill(p, c));
    }
    while (p->spilled.piece_count)
        spilled_copy(&p->spilled, o);
}

uint64_t page_count(struct page *p, uint32_t cpu)
{
    if (cpu >= p->count)
        return 0;
    return p->bytes == PAGE_SMALL_BYTES ? p->cpus[cpu].pages
                                        : page_write_large(p, &p->cpus[cpu], NULL);
}

void page_write(struct page *p, struct out *o)
{
    if (p->bytes == PAGE_SMALL_BYTES) {
        page_write_small(p, o);
        return;
    }
    for (uint32_t i = 0; i < p->count; i++)
        (void)page_write_large(p, &p->cpus[i], o);
}
