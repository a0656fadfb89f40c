/* SPDX-License-Identifier: MIT */
/*
 * Takes a region that an earlier boot has left. Only a header with a good checksum is trusted;
 * every other number in the region is checked before it is used.
 */
#include "../core/core.h"

/* --- the sub-buffers --- */

/* A walk over the records of a sub-buffer, and what ended it. */
enum walk_end {
    WALK_END,  /* no room for more, or a record that was not begun: what follows is unknown */
    WALK_HOLE, /* a time stamp in flight: what follows cannot be dated */
    WALK_BAD   /* not a record, or one in flight where all is committed */
};
struct walk {
    const struct tp_ring *ring;
    struct tp_wire_chunk *head;
    uint32_t at;            /* offset of the record that ended it */
    uint32_t events, units; /* of whole records */
    uint32_t own_units;     /* and of these units, those of the engine's own records */
    uint32_t missing;       /* events that were lost there */
    uint16_t flags;         /* of the chunk that follows: DAMAGED, UNFINISHED */
    bool complete, last;    /* complete: all is committed; last: it is the current one */
    enum walk_end end;
};

/* Bytes of the shortest record with this id. */
static uint32_t attach_least_bytes(const struct tp_ring *r, uint32_t id)
{
    uint32_t bytes = sizeof(struct tp_wire_record);

    if (id <= TP_ID_EVENT_MAX)
        return bytes + (uint32_t)r->context_units * TP_RECORD_UNIT;
    if (id == TP_ID_TIME)
        return bytes + (uint32_t)sizeof(uint64_t);
    return bytes + (id == TP_ID_TASK ? (uint32_t)sizeof(struct tp_wire_task) : 0);
}

/* Skips one record, which may be in flight. */
static bool attach_walk_record(struct walk *w, uint32_t room)
{
    const struct tp_wire_record *rec = (const void *)((const uint8_t *)w->head + w->at);
    uint32_t word = rec->word, id = TP_RECORD_ID(word);
    uint32_t units = TP_RECORD_UNITS(word), bytes = units * TP_RECORD_UNIT;
    bool whole = word & TP_RECORD_COMMITTED;

    w->end = word ? WALK_BAD : WALK_END;
    if (!word || (word & ~TP_RECORD_COMMITTED) >> 28 || id == TP_ID_NONE ||
        bytes < attach_least_bytes(w->ring, id) || bytes > room || (!whole && w->complete))
        return false;
    w->end = WALK_HOLE;
    if (!whole && id == TP_ID_TIME)
        return false;
    w->at += bytes;
    w->units += whole ? units : 0;
    w->events += whole && id <= TP_ID_EVENT_MAX;
    w->own_units += whole && id > TP_ID_EVENT_MAX ? units : 0;
    return true;
}

static bool attach_good_offset(const struct tp_ring *r, tp_word offset)
{
    return offset >= TP_HEAD_BYTES && offset <= r->mask + 1 - TP_RECORD_UNIT &&
           offset % TP_RECORD_UNIT == 0;
}

static void attach_walk_records(struct walk *w)
{
    uint32_t end = tp_ring_bytes(w->ring) - TP_RECORD_UNIT;

    if (w->complete && attach_good_offset(w->ring, w->head->size_bytes))
        end = w->head->size_bytes;
    w->at = TP_HEAD_BYTES;
    do
        w->end = WALK_END;
    while (w->at < end && attach_walk_record(w, end - w->at));
}

/* Events that the commit word counts and that the walk did not see; 0 if it counts more than there
 * can be. */
static uint32_t attach_unseen(const struct walk *w)
{
    uint32_t commit = w->head->payload_crc;
    uint32_t events = TP_COMMIT_EVENTS(commit), units = TP_COMMIT_UNITS(commit);
    uint32_t room = (tp_ring_bytes(w->ring) - w->at) / TP_RECORD_UNIT;

    events = events > w->events ? events - w->events : 0;
    units = units > w->units ? units - w->units : 0;
    return events <= units && events <= room ? events : 0;
}

/* True if the commit word is right for a sub-buffer that has `units`. It may lag, since a record is
 * marked whole before it is counted. */
static bool attach_commit_fits(const struct walk *w, uint32_t units)
{
    uint32_t events = TP_COMMIT_EVENTS(w->head->payload_crc);
    uint32_t committed = TP_COMMIT_UNITS(w->head->payload_crc);

    if (events == w->events)
        return committed <= units && units - committed <= w->own_units;
    return events < w->events && committed < units;
}

/* For a sub-buffer that was left. True: something after its last record is unknown; false: it was
 * only not closed yet. */
static bool attach_hole_at_end(const struct walk *w)
{
    const uint32_t head = TP_HEAD_BYTES / TP_RECORD_UNIT;
    uint32_t events = TP_COMMIT_EVENTS(w->head->payload_crc);
    uint32_t committed = TP_COMMIT_UNITS(w->head->payload_crc);

    if (w->at == w->head->size_bytes)
        return false;
    if (w->at == TP_HEAD_BYTES && committed < head)
        return true;
    return events > w->events || (events == w->events && committed > head + w->units);
}

/* All of it is committed, so all records must be whole, up to where it says that they end. */
static void attach_judge_complete(struct walk *w)
{
    bool sized = attach_good_offset(w->ring, w->head->size_bytes);

    if (w->end != WALK_END || (sized && w->at != w->head->size_bytes))
        w->missing = attach_unseen(w);
    else if (sized && TP_COMMIT_EVENTS(w->head->payload_crc) == w->events)
        return;
    w->flags |= TP_CHUNK_DAMAGED;
}

static void attach_judge(struct walk *w)
{
    uint32_t units = TP_HEAD_BYTES / TP_RECORD_UNIT + w->units;
    uint32_t rest = (tp_ring_bytes(w->ring) - w->at) / TP_RECORD_UNIT;
    uint32_t offset = (uint32_t)(w->ring->cursor & w->ring->mask);
    uint32_t end = w->last ? offset : 0;

    if (w->end == WALK_BAD) {
        w->missing = attach_unseen(w);
        w->flags |= TP_CHUNK_DAMAGED;
    } else if (end && w->at > end) {
        w->flags |= TP_CHUNK_DAMAGED;
    } else if (w->end == WALK_HOLE || (end ? w->at < end : attach_hole_at_end(w))) {
        w->missing = attach_unseen(w) + 1;
        w->flags |= TP_CHUNK_UNFINISHED;
        if (TP_COMMIT_EVENTS(w->head->payload_crc) > w->events && !attach_unseen(w))
            w->flags |= TP_CHUNK_DAMAGED;
    } else if (!attach_commit_fits(w, units) && (end || !attach_commit_fits(w, units + rest))) {
        w->flags |= TP_CHUNK_DAMAGED;
    }
}

static uint16_t attach_live_flags(const struct tp_ring *r)
{
    uint16_t flags = TP_CHUNK_LIVE;

    flags |= r->context_units ? TP_CHUNK_CONTEXT : 0;
    flags |= r->overwrite ? TP_CHUNK_OVERWRITE : 0;
    return flags;
}

/* True if this is a header of this ring, with any number. */
static bool attach_good_chunk(const struct tp_ring *r, const struct tp_wire_chunk *h)
{
    struct tp_wire_chunk want = *h;

    tp_chunk_init(&want, TP_CHUNK_DATA);
    want.cpu = r->cpu;
    want.stream = r->stream;
    want.flags = attach_live_flags(r) | (h->flags & (TP_CHUNK_DAMAGED | TP_CHUNK_UNFINISHED));
    return tp_memory_same(&want, h, sizeof(want)) && h->seq <= (tp_word)-1 >> r->shift;
}

static bool attach_holds(const struct tp_ring *r, tp_word position)
{
    const struct tp_wire_chunk *h = tp_ring_subbuf(r, position);

    return attach_good_chunk(r, h) && h->seq == position >> r->shift;
}

/* True if the first writer has come as far as its first record: then time and losses are
 * written. */
static bool attach_was_opened(const struct tp_wire_chunk *h)
{
    return ((const struct tp_wire_record *)(const void *)(h + 1))->word;
}

/* True if any writer has left something in it. */
static bool attach_was_touched(const struct tp_wire_chunk *h)
{
    return h->payload_crc || h->time || attach_was_opened(h);
}

/* Ends the sub-buffer at w->at, with zeros after that and the count of what was lost there. The
 * reader leaves it there because of its size_bytes, and skips records in flight before that as
 * usual. */
static void attach_cut(const struct walk *w, tp_word position)
{
    const struct tp_ring *r = w->ring;
    struct tp_wire_chunk *h = w->head;

    tp_chunk_init(h, TP_CHUNK_DATA);
    h->seq = position >> r->shift;
    h->flags = attach_live_flags(r) | w->flags;
    h->cpu = r->cpu;
    h->stream = r->stream;
    h->records = w->missing;
    h->size_bytes = w->at;
    h->payload_crc = (TP_HEAD_BYTES / TP_RECORD_UNIT + w->units) | w->events << 16;
    memset((uint8_t *)h + w->at, 0, tp_ring_bytes(r) - w->at);
}

/* The counts of losses never decrease from one sub-buffer to the next, and are never above those of
 * the ring. A header that disagrees is damaged. */
static uint16_t attach_recover_head(const struct tp_ring *r, struct tp_wire_chunk *h,
                                    uint64_t *lost)
{
    const struct tp_wire_record *first = (const void *)(h + 1);
    uint16_t flags = 0;

    if (!attach_was_opened(h))
        memcpy(h->lost, lost, sizeof(h->lost));
    h->lost[TP_LOST_OVERWRITTEN] = 0; /* this count is in `gone` */
    if (!attach_was_opened(h))
        return 0;
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++) {
        if (h->lost[i] < lost[i] || h->lost[i] > tp_count_read(&r->lost[i])) {
            flags = TP_CHUNK_DAMAGED;
            h->lost[i] = lost[i];
        }
        lost[i] = h->lost[i];
    }
    if (TP_RECORD_ID(first->word) != TP_ID_TIME && (uint32_t)h->time > first->time_low)
        flags = TP_CHUNK_DAMAGED;
    return flags;
}

/* Leaves the sub-buffer as it is if it is complete and right, else cuts it. */
static void attach_recover_subbuf(struct tp_ring *r, tp_word position, bool last, uint64_t *lost)
{
    struct tp_wire_chunk *h = tp_ring_subbuf(r, position);
    struct walk w = {.ring = r, .head = h, .at = TP_HEAD_BYTES, .flags = TP_CHUNK_DAMAGED};

    if (!attach_holds(r, position)) {
        memcpy(h->lost, lost, sizeof(h->lost));
        h->time = 0;
        attach_cut(&w, position);
        return;
    }
    w.flags = attach_recover_head(r, h, lost);
    w.complete = tp_ring_complete(r, h);
    w.last = last;
    attach_walk_records(&w);
    if (w.complete)
        attach_judge_complete(&w);
    else
        attach_judge(&w);
    if (h->flags & (TP_CHUNK_DAMAGED | TP_CHUNK_UNFINISHED)) { /* it was cut before */
        w.flags |= h->flags & (TP_CHUNK_DAMAGED | TP_CHUNK_UNFINISHED);
        w.missing += h->records < tp_ring_units(r) ? h->records : 0;
    }
    if (!w.complete || w.flags)
        attach_cut(&w, position);
    if (last)
        r->cursor = position + w.at;
}

static bool attach_before(tp_word a, tp_word b)
{
    return (a - b) >> (sizeof(a) * 8 - 1);
}

/* --- which sub-buffers are there: doc/region.md, as decoder/bytes/ring.c does it --- */

#define CANDIDATES 8u /* more than that are not worth the time */

static tp_word attach_ring_size(const struct tp_ring *r)
{
    return r->subbuf_mask + tp_ring_bytes(r);
}

/* How many sub-buffers are as they should be if `newest` is the one that was prepared last. */
static uint32_t attach_agreeing(const struct tp_ring *r, tp_word newest)
{
    uint32_t n = 0;

    for (tp_word back = 0; back < attach_ring_size(r); back += tp_ring_bytes(r))
        n += attach_holds(r, newest - back);
    return n;
}

/* Finds the newest sub-buffer by the numbers in the sub-buffers alone: the one that most of them
 * agree with. From one place to the next numbers go up by one, except after the newest. */
static uint32_t attach_vote(const struct tp_ring *r, tp_word *newest)
{
    uint32_t best = 0, tried = 0;

    for (tp_word at = 0; at < attach_ring_size(r) && tried < CANDIDATES; at += tp_ring_bytes(r)) {
        const struct tp_wire_chunk *h = tp_ring_subbuf(r, at);
        tp_word position = (tp_word)h->seq << r->shift;
        uint32_t agree;

        if (!attach_good_chunk(r, h) || (position & r->subbuf_mask) != at ||
            (r->subbuf_mask && attach_holds(r, position + tp_ring_bytes(r))))
            continue;
        tried++;
        agree = attach_agreeing(r, position);
        if (agree > best) {
            best = agree;
            *newest = position;
        }
    }
    return best;
}

/* True if the sub-buffer at `limit` is in the making. `gone` and then its number are written first,
 * so while its old commit word is there, `gone` has grown by the events of that word. */
static bool attach_in_making(const struct tp_ring *r, tp_word limit)
{
    struct tp_wire_chunk *h = tp_ring_subbuf(r, limit);
    tp_word number = limit >> r->shift;

    return *tp_ring_seq(h) == number &&
           (!h->payload_crc ||
            r->gone[number & 1] - r->gone[~number & 1] == TP_COMMIT_EVENTS(h->payload_crc));
}

/* The sub-buffer that was prepared last. *making: its preparation may not have ended, so only its
 * number counts. */
static tp_word attach_find_newest(const struct tp_ring *r, bool *making, bool *wrong)
{
    tp_word limit = r->limit & ~r->mask, n, voted = 0;
    uint32_t votes;

    *making = attach_in_making(r, limit);
    *wrong = r->limit & r->mask;
    n = *making ? limit : limit - tp_ring_bytes(r);
    if (!*wrong && attach_holds(r, n) && attach_holds(r, n - r->subbuf_mask))
        return n;
    /* The limit is wrong, or only one of these two sub-buffers. */
    votes = attach_vote(r, &voted);
    if (!votes || (!*wrong && votes <= attach_agreeing(r, n)))
        return n;
    *wrong = true;
    *making = false;
    return voted;
}

/* True if the cursor agrees with what is in the neighbours of its sub-buffer. What a sub-buffer in
 * the making holds is older. */
static bool attach_cursor_fits(const struct tp_ring *r, tp_word newest, bool making)
{
    const tp_word size = tp_ring_bytes(r), c = r->cursor & ~r->mask, next = c + size;
    tp_word ahead = newest - c;

    if (!attach_good_offset(r, r->cursor & r->mask) || ahead > attach_ring_size(r))
        return false;
    if (ahead && !(making && next == newest) && attach_holds(r, next) &&
        attach_was_touched(tp_ring_subbuf(r, next)))
        return false;
    if (making && !ahead)
        return false;
    /* A sub-buffer is entered when there is no room in the one before, so that one has been written
     * to. */
    return !attach_holds(r, c) || attach_was_touched(tp_ring_subbuf(r, c)) ||
           !attach_holds(r, c - size) || attach_was_touched(tp_ring_subbuf(r, c - size));
}

/* The end of the last sub-buffer that was touched, or else of the one before all. Where its records
 * end is found in it. */
static tp_word attach_guess_cursor(const struct tp_ring *r, tp_word newest)
{
    const tp_word size = tp_ring_bytes(r);
    tp_word back = 0;

    while (back < attach_ring_size(r) && !(attach_holds(r, newest - back) &&
                                           attach_was_touched(tp_ring_subbuf(r, newest - back))))
        back += size;
    return newest - back + size - TP_RECORD_UNIT;
}

/* The older entry of `gone` belongs to the sub-buffer before, so the two differ by no more than one
 * sub-buffer holds. */
static bool attach_recover_gone(struct tp_ring *r, tp_word newest)
{
    uint64_t *gone = &r->gone[newest >> r->shift & 1], other = r->gone[~(newest >> r->shift) & 1];
    uint64_t differ = *gone > other ? *gone - other : other - *gone;

    if (*gone < TP_LIMIT_COUNT && differ <= tp_ring_units(r))
        return true;
    *gone = other < *gone ? other : *gone;
    *gone = *gone < TP_LIMIT_COUNT ? *gone : 0;
    return false;
}

/* The count of one cause in the newest sub-buffer that has one which can be; else 0. */
static uint64_t attach_newest_lost(const struct tp_ring *r, tp_word newest, unsigned cause)
{
    const tp_word size = tp_ring_bytes(r);
    uint64_t lost = 0;

    for (tp_word back = 0; back < attach_ring_size(r) && !lost; back += size) {
        const struct tp_wire_chunk *h = tp_ring_subbuf(r, newest - back);

        if (!attach_before(r->cursor, newest - back) && attach_holds(r, newest - back) &&
            attach_was_opened(h) && h->lost[cause] < TP_LIMIT_COUNT)
            lost = h->lost[cause];
    }
    return lost;
}

/* False: a count of losses cannot be, and was taken from the sub-buffers. */
static bool attach_recover_lost(struct tp_ring *r, tp_word newest)
{
    bool good = true;

    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++) {
        uint64_t lost;

        if (tp_count_read(&r->lost[i]) < TP_LIMIT_COUNT)
            continue;
        good = false;
        lost = attach_newest_lost(r, newest, i);
        r->lost[i].low = (uint32_t)lost;
        r->lost[i].halves = (uint32_t)(lost >> 31);
    }
    return good;
}

/* What was lost before all that is there: the counts of the oldest sub-buffer that has some. If none has,
 * those of the ring, unless its first event is there. */
static void attach_first_lost(const struct tp_ring *r, tp_word newest, uint64_t *lost)
{
    const tp_word size = tp_ring_bytes(r), first = newest - r->subbuf_mask;
    const struct tp_wire_chunk *h = NULL;

    for (tp_word at = first;
         at - first < attach_ring_size(r) && !attach_before(r->cursor, at) && !h; at += size)
        if (attach_holds(r, at) && attach_was_opened(tp_ring_subbuf(r, at)))
            h = tp_ring_subbuf(r, at);
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++) {
        uint64_t most = tp_count_read(&r->lost[i]);

        lost[i] = h ? h->lost[i] : r->gone[newest >> r->shift & 1] ? most : 0;
        lost[i] = lost[i] <= most ? lost[i] : 0;
    }
}

/* False: what the ring says of itself cannot be right. */
static bool attach_recover_ring(struct tp_ring *r, const struct tp_ring *old)
{
    const tp_word size = tp_ring_bytes(r);
    uint64_t lost[TP_LOST_CAUSES] = {0};
    bool making, wrong, known;
    tp_word newest, first;

    r->cursor = old->cursor;
    r->limit = old->limit;
    memcpy(r->gone, old->gone, sizeof(r->gone));
    memcpy(r->lost, old->lost, sizeof(r->lost));
    newest = attach_find_newest(r, &making, &wrong);
    known = attach_cursor_fits(r, newest, making);
    if (!known)
        r->cursor = attach_guess_cursor(r, newest);
    wrong |= !known;
    wrong |= !attach_recover_gone(r, newest);
    wrong |= !attach_recover_lost(r, newest);
    r->limit = newest + size;
    first = newest - r->subbuf_mask;
    attach_first_lost(r, newest, lost);
    for (tp_word at = first; at - first < attach_ring_size(r); at += size)
        if (!attach_before(r->cursor, at))
            attach_recover_subbuf(r, at, known && !((r->cursor ^ at) & ~r->mask), lost);
        else
            *tp_ring_seq(tp_ring_subbuf(r, at)) = at >> r->shift;
    return !wrong;
}

/* --- the header --- */

/* True if this engine makes that layout with these two options. */
static bool attach_fits(const struct tp_wire_region *h, struct tp_layout *l, bool cpu_pipes,
                        bool no_snapshot)
{
    struct tp_wire_region want;

    l->config.cpu_pipes = cpu_pipes;
    l->config.no_snapshot = no_snapshot;
    tp_layout_make(l, h->metadata_bytes);
    tp_region_fill(&want, l, h->stream);
    want.copy = h->copy;
    want.generation = h->generation;
    want.metadata_crc = h->metadata_crc;
    want.header_crc = h->header_crc;
    want.events = h->events;
    want.events_crc = h->events_crc;
    return tp_layout_fits(l) && tp_memory_same(&want, h, sizeof(want));
}

/* True if this engine makes the same layout, with any choice of what the header does not record. */
static bool attach_same_layout(const struct tp_wire_region *h, struct tp_layout *l)
{
    bool fits = false;

    l->config.cpus = h->cpus;
    l->config.subbuf_bytes = h->subbuf_bytes;
    l->config.subbufs = h->subbufs;
    l->config.mode = h->flags & TP_CHUNK_OVERWRITE ? TP_OVERWRITE : TP_DISCARD;
    l->config.context = h->flags & TP_CHUNK_CONTEXT;
    l->config.spare_bytes = h->spare_bytes;
    l->config.tasks = h->tasks ? h->tasks : TP_TASKS_NONE;
    l->config.no_metadata = !h->metadata_bytes;
    if (!h->subbufs || h->metadata_bytes % 8 || tp_config_fault(&l->config) ||
        h->metadata_bytes > TP_LIMIT_METADATA_BYTES ||
        h->spare_bytes > TP_LIMIT_METADATA_BYTES - h->metadata_bytes)
        return false;
    for (unsigned i = 0; !fits && i < 4; i++)
        fits = attach_fits(h, l, i & 1, i & 2);
    return fits;
}

/* Why no copy of the header is valid: there is none, it is of another engine, or it is damaged. */
static int attach_why_not(const uint8_t *base)
{
    int err = TP_ENOENT;

    for (unsigned i = 0; i < 2; i++) {
        const struct tp_wire_region *h = (const void *)(base + i * TP_REGION_COPY_BYTES);

        if (!tp_region_has_magic(h))
            continue;
        if (h->order == __builtin_bswap16(TP_WIRE_ORDER) ||
            (h->header_bytes >= sizeof(*h) && h->header_bytes <= TP_REGION_COPY_BYTES &&
             h->header_crc == tp_region_crc(h)))
            return TP_EFORMAT;
        err = TP_EDAMAGED;
    }
    return err;
}

/* Finds the valid header and its layout, if all of the region is inside of bytes[]. */
static int attach_check_region(const uint8_t *base, size_t bytes, const struct tp_wire_region **h,
                               struct tp_layout *l)
{
    *h = tp_region_find(base);
    if (!*h)
        return attach_why_not(base);
    if (!attach_same_layout(*h, l))
        return TP_EFORMAT;
    return l->total > bytes ? TP_ESPACE : 0;
}

/* True if the events of the region are those of this kernel. */
static bool attach_same_events(const struct tp_wire_region *h)
{
    return !tp_events_init() && h->events == tp_image.count && h->events_crc == tp_events_crc();
}

static int attach_attach(struct tp_trace **trace, void *region, size_t bytes)
{
    int slot = tp_slot_find(region, bytes, true);
    uint8_t *base = region;
    const struct tp_wire_region *h;
    struct tp_layout l = {.config.cpus = 0};
    struct tp_wire_region head;
    struct tp_trace *t;
    int err;

    if (!region || (uintptr_t)region % TP_CACHE_LINE)
        return TP_EINVAL;
    if (slot < 0)
        return slot;
    tp_crc_init();
    err = bytes >= TP_TRACE_AT ? attach_check_region(base, bytes, &h, &l) : TP_ENOENT;
    if (err)
        return err;
    head = *h;
    l.config.cpu_pipes = false; /* whatever it had, it is read by the pipe of all CPUs */
    l.config.no_snapshot = true;
    t = tp_trace_build(base, &l, slot, head.stream);
    t->metadata_crc = head.metadata_crc; /* if it is wrong, it still is for who reads the dump */
    if (!t->metadata && attach_same_events(&head))
        tp_trace_describe(t);
    t->previous = true;
    t->region_bytes = bytes;
    for (uint32_t cpu = 0; cpu < t->cpus; cpu++) {
        struct tp_ring old = t->ring[cpu];
        struct tp_ring *r = &t->ring[cpu];

        tp_ring_setup(r, (uint16_t)cpu,
                      base + l.data + cpu * (size_t)l.config.subbufs * l.config.subbuf_bytes,
                      &l.config, t->stream, &t->bell);
        r->preparing = !attach_recover_ring(r, &old); /* which no writer needs any more */
    }
    tp_pipes_init(t);
    for (uint32_t cpu = 0; cpu < t->cpus; cpu++) {
        struct tp_reader *d = &t->pipe->reader[cpu];

        if (!attach_before(d->ring->cursor, d->place)) /* else there is nothing, and no count */
            memcpy(d->lost, tp_ring_subbuf(d->ring, d->place)->lost,
                   TP_LOST_OVERWRITTEN * sizeof(d->lost[0]));
        d->flags = d->ring->preparing ? TP_CHUNK_DAMAGED : 0;
        d->until = (d->until | d->ring->mask) + 1; /* the reader leaves the last sub-buffer as well,
                                                      and counts what is missing there */
    }
    tp_slot_publish(t);
    *trace = t;
    return 0;
}

int tp_trace_attach(struct tp_trace **trace, void *region, size_t bytes)
{
    int err;

    if (!tp_change_lock())
        return TP_EBUSY;
    err = attach_attach(trace, region, bytes);
    tp_change_unlock();
    return err;
}
