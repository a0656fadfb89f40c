/* SPDX-License-Identifier: MIT */
/*
 * Reading a ring: finds the next records for one reader on one CPU, while writers go on. It never
 * waits for them, and takes a bounded time.
 *
 * What writers have committed is seen through the acquire loads of the commit word and of each
 * record's word. In overwrite mode a sub-buffer may be overwritten while it is being read: what was
 * read of it counts only if `seq` is still its number afterwards.
 */
#include "core.h"

#define TRIES 4
#define LOOKS 1000 /* at an unfinished record: some microseconds */

/* By difference, so that positions may wrap. */
static bool read_before(tp_word a, tp_word b)
{
    return (a - b) >> (sizeof(a) * 8 - 1);
}

static bool read_is_there(const struct tp_ring *r, tp_word place)
{
    tp_word seq = __atomic_load_n(tp_ring_seq(tp_ring_subbuf(r, place)), __ATOMIC_ACQUIRE);

    return seq == place >> r->shift;
}

/* After reads that a writer may have spoiled: was the sub-buffer there until their end? */
static bool read_still_there(const struct tp_ring *r, tp_word place)
{
    tp_arch_fence_acquire();
    return read_is_there(r, place);
}

/* Copies what a writer may be changing; in units of 8 bytes. */
static TP_ARCH_RACY void read_copy_racy(void *to, const volatile void *from, size_t bytes)
{
    struct unit {
        uint64_t u;
    } __attribute__((__may_alias__)) *out = (struct unit *)to;
    const volatile struct unit *in = (const volatile struct unit *)from;

    for (size_t i = 0; i < bytes / sizeof(*out); i++)
        out[i].u = in[i].u;
}

static const uint8_t *read_byte_at(const struct tp_slice *s, uint32_t offset)
{
    return (const uint8_t *)tp_ring_subbuf(s->reader->ring, s->reader->place) + offset;
}

static TP_ARCH_RACY uint32_t read_load_racy(const uint32_t *p)
{
    return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/* Where writers may reuse the sub-buffer, what was a word may now be in the middle of fields. */
static uint32_t read_word_at(const struct tp_slice *s, uint32_t offset)
{
    const struct tp_reader *d = s->reader;
    const struct tp_wire_record *rec = (const void *)read_byte_at(s, offset);

    return d->snapshot || d->ring->overwrite ? read_load_racy(&rec->word)
                                             : __atomic_load_n(&rec->word, __ATOMIC_ACQUIRE);
}

static uint64_t read_stamp_at(const struct tp_slice *s, uint32_t offset)
{
    uint64_t time;

    read_copy_racy(&time, read_byte_at(s, offset + sizeof(struct tp_wire_record)), sizeof(time));
    return time;
}

/* Bytes of the record; 0: it has no length yet, or an impossible one. */
static uint32_t read_bytes_at(const struct tp_slice *s, uint32_t offset, uint32_t word)
{
    uint32_t bytes = TP_RECORD_UNITS(word) * TP_RECORD_UNIT;

    return bytes && offset + bytes <= tp_ring_bytes(s->reader->ring) - TP_RECORD_UNIT ? bytes : 0;
}

/* The same for the first record if that is unfinished. The length of an unfinished time stamp is of
 * no use: records after it cannot be dated. */
static uint32_t read_hole_bytes(const struct tp_slice *s)
{
    return TP_RECORD_ID(s->word) == TP_ID_TIME ? 0 : read_bytes_at(s, s->from, s->word);
}

/* A snapshot ends in the sub-buffer where it was begun. */
static bool read_is_last(const struct tp_reader *d)
{
    return d->snapshot && !((d->until ^ d->place) & ~d->ring->mask);
}

/* Extends the slice over the committed records before the first that is not. */
static void read_walk(struct tp_slice *s)
{
    const struct tp_reader *d = s->reader;
    uint32_t end = tp_ring_bytes(d->ring) - TP_RECORD_UNIT, word, bytes;

    if (read_is_last(d))
        end = (uint32_t)(d->until & d->ring->mask);
    while (s->to < end) {
        word = read_word_at(s, s->to);
        bytes = read_bytes_at(s, s->to, word);
        if (!(word & TP_RECORD_COMMITTED) || !bytes)
            return;
        if (TP_RECORD_ID(word) == TP_ID_TIME)
            s->high = (uint32_t)(read_stamp_at(s, s->to) >> 32);
        if (TP_RECORD_ID(word) <= TP_ID_EVENT_MAX)
            s->events++;
        s->to += bytes;
    }
}

/* Goes to the oldest sub-buffer that is left. False: writers were faster, several times. */
static bool read_catch_up(struct tp_reader *d)
{
    struct tp_ring *r = d->ring;

    for (unsigned i = 0; i < TRIES; i++) {
        tp_word limit = __atomic_load_n(&r->limit, __ATOMIC_ACQUIRE);
        tp_word oldest = limit - tp_ring_bytes(r) - r->subbuf_mask;
        uint64_t first;

        if (read_is_there(r, limit))
            oldest += tp_ring_bytes(r); /* the one that is being made has taken its place */
        read_copy_racy(&first, &r->gone[((oldest + r->subbuf_mask) >> r->shift) & 1],
                       sizeof(first));
        tp_arch_fence_acquire();
        if (__atomic_load_n(&r->limit, __ATOMIC_RELAXED) != limit)
            continue;
        if (r->overwrite)
            d->lost[TP_LOST_OVERWRITTEN] += first - d->records;
        d->seq += (tp_word)(oldest - d->place) >> r->shift;
        d->place = oldest;
        d->records = first;
        d->offset = d->events = d->hole_events = d->hole_bytes = d->passed = 0;
        return true;
    }
    return false;
}

/* Discard mode: gives back what the pipe has read, as far as no writer is still in it. */
static void read_give_back(struct tp_reader *d)
{
    struct tp_ring *r = d->ring;
    tp_word ring_bytes = r->subbuf_mask + tp_ring_bytes(r);

    for (;;) {
        d->owes = read_before(r->limit - ring_bytes, d->place);
        if (!d->owes || !tp_ring_complete(r, tp_ring_subbuf(r, r->limit)))
            return;
        tp_ring_prepare(r, r->limit);
    }
}

#define CUT (TP_CHUNK_DAMAGED | TP_CHUNK_UNFINISHED)

static void read_leave(struct tp_reader *d, const struct tp_slice *s)
{
    d->flags |= s->flags;
    d->records += s->missing;
    d->unfinished += s->missing;
    d->place += tp_ring_bytes(d->ring);
    d->seq++;
    d->offset = d->events = d->hole_events = d->hole_bytes = d->passed = 0;
    if (!d->snapshot && !d->ring->overwrite)
        read_give_back(d);
}

static tp_word read_cursor_of(const struct tp_reader *d)
{
    return __atomic_load_n(&d->ring->cursor, __ATOMIC_ACQUIRE);
}

static uint32_t read_offset_of(const struct tp_reader *d)
{
    return d->offset ? d->offset : TP_HEAD_BYTES;
}

bool tp_read_was_left(const struct tp_reader *d)
{
    return (read_cursor_of(d) ^ d->place) & ~d->ring->mask;
}

/* What is needed of a sub-buffer's header. DAMAGED or UNFINISHED: tp_trace_attach has ended it, and
 * `records` events are missing after its records. */
static void read_take_head(struct tp_slice *s, const struct tp_wire_chunk *head)
{
    memcpy(s->lost, head->lost, sizeof(s->lost));
    s->end = head->size_bytes;
    s->flags = head->flags & CUT;
    s->missing = s->flags ? head->records : 0;
}

enum look { LOOK_FOUND, LOOK_NONE, LOOK_AGAIN, LOOK_HOLE };
static enum look read_look(struct tp_reader *d, struct tp_slice *s)
{
    struct tp_ring *r = d->ring;
    const struct tp_wire_chunk *h = tp_ring_subbuf(r, d->place);
    TP_ARCH_UNCLEARED struct tp_wire_chunk head;
    uint32_t commit;

    if (!read_before(d->place, __atomic_load_n(&r->limit, __ATOMIC_ACQUIRE)) ||
        (d->snapshot && !read_before(d->place | read_offset_of(d), d->until)))
        return LOOK_NONE;
    if (!read_is_there(r, d->place))
        return read_catch_up(d) ? LOOK_AGAIN : LOOK_NONE;
    s->reader = d;
    commit = __atomic_load_n(&h->payload_crc, __ATOMIC_ACQUIRE);
    s->whole = TP_COMMIT_UNITS(commit) == tp_ring_units(r) && !read_is_last(d);
    s->from = s->to = read_offset_of(d);
    s->word = read_word_at(s, s->from);
    read_copy_racy(&head, h, sizeof(head));
    read_take_head(s, &head);
    s->high = d->offset || !head.time ? d->high : (uint32_t)(head.time >> 32);
    s->time = (uint64_t)s->high << 32;
    s->events = 0;
    if (s->whole) {
        s->to = s->end;
        s->events = TP_COMMIT_EVENTS(commit) - d->events;
    } else if (s->word & TP_RECORD_COMMITTED) {
        /* Not if committed after the header's copy, which may be older than the record. */
        read_walk(s);
    }
    if (s->to > s->from) {
        struct tp_wire_record first;

        read_copy_racy(&first, read_byte_at(s, s->from), sizeof(first));
        s->time |= first.time_low;
        if (TP_RECORD_ID(s->word) == TP_ID_TIME)
            s->time = read_stamp_at(s, s->from);
    }
    if (!read_still_there(r, d->place))
        return LOOK_AGAIN;
    if (s->to > s->from)
        return LOOK_FOUND;
    if (s->whole || s->from == s->end) { /* closed: what is not whole was passed over */
        read_leave(d, s);
        return LOOK_AGAIN;
    }
    if (read_cursor_of(d) == (d->place | s->from))
        return LOOK_NONE;
    /* A record that was committed since then is no hole. */
    if (tp_ring_complete(r, h) || read_word_at(s, s->from) & TP_RECORD_COMMITTED)
        return LOOK_AGAIN;
    return LOOK_HOLE;
}

/* Something is recorded after the unfinished record. */
static bool read_something_after(const struct tp_slice *s)
{
    const struct tp_reader *d = s->reader;
    uint32_t bytes = read_hole_bytes(s);

    return tp_read_was_left(d) || (bytes && read_cursor_of(d) != (d->place | (s->from + bytes)));
}

/* The writer of the next record was interrupted, or is dead. The pipe takes it for dead when
 * nothing has changed in the sub-buffer for a second, so that no other writer is inside, and
 * something is recorded after it or tracing has stopped. A snapshot looks as often as a writer on
 * another CPU needs to finish. If the writer goes on after all, its record is in no dump, and was
 * counted. */
static bool read_given_up(struct tp_reader *d, bool stopped, const struct tp_slice *s)
{
    uint32_t commit = __atomic_load_n(&tp_ring_subbuf(d->ring, d->place)->payload_crc,
                                      __ATOMIC_ACQUIRE);
    tp_word end = tp_read_was_left(d) ? d->place + tp_ring_bytes(d->ring) : read_cursor_of(d);
    uint64_t now = d->snapshot ? 0 : tp_port_clock();

    d->stuck_looks = d->stuck ? d->stuck_looks + 1 : 0;
    if (!d->stuck || d->stuck_commit != commit || d->stuck_end != end)
        d->stuck_time = now;
    d->stuck = true;
    d->stuck_commit = commit;
    d->stuck_end = end;
    if (d->snapshot)
        return d->stuck_looks >= LOOKS;
    return now - d->stuck_time >= tp_clock_second() && (stopped || read_something_after(s));
}

static void read_count_hole(struct tp_reader *d, uint32_t events)
{
    d->events += events;
    d->hole_events += events;
    d->records += events;
    d->unfinished += events;
    d->flags |= TP_CHUNK_UNFINISHED;
}

/* After a record without a length only the number of committed events is known. If the size is
 * missing because the writer that had to close the sub-buffer is dead as well, this may be its end.
 * Skips what was reserved when the record was given up, and not what came since. */
static void read_skip_rest(struct tp_reader *d, const struct tp_slice *s)
{
    uint32_t committed_bytes = TP_COMMIT_UNITS(d->stuck_commit) * TP_RECORD_UNIT;
    uint32_t seen = d->events - d->hole_events + d->passed;
    uint32_t unseen = TP_COMMIT_EVENTS(d->stuck_commit) - seen;
    bool left = !(d->stuck_end & d->ring->mask);

    if (!left || s->end || committed_bytes != s->from - d->hole_bytes)
        read_count_hole(d, unseen + 1);
    d->passed += unseen;
    if (left) {
        read_leave(d, s);
    } else {
        d->offset = (uint32_t)(d->stuck_end & d->ring->mask);
        d->hole_bytes = d->offset - committed_bytes;
        /* A later record with another upper half has a stamp of its own. */
        d->high = __atomic_load_n(&d->ring->time_high, __ATOMIC_RELAXED);
    }
}

static void read_skip_hole(struct tp_reader *d, const struct tp_slice *s)
{
    uint32_t bytes = read_hole_bytes(s);

    d->stuck = false;
    d->high = s->high;
    if (!bytes) {
        read_skip_rest(d, s);
        return;
    }
    d->offset = s->from + bytes;
    d->hole_bytes += bytes;
    if (TP_RECORD_ID(s->word) <= TP_ID_EVENT_MAX)
        read_count_hole(d, 1);
}

/* A turn that finds nothing passes over a record or leaves a sub-buffer, or a writer was faster.
 * `turns` is the most that a ring allows. */
bool tp_read_find(struct tp_reader *d, bool stopped, struct tp_slice *s)
{
    tp_word turns = (d->ring->subbuf_mask + tp_ring_bytes(d->ring)) / TP_RECORD_UNIT + TRIES;

    for (; turns; turns--) {
        /* Of many CPUs most are silent, each time. */
        switch (!d->snapshot && tp_read_drained(d) ? LOOK_NONE : read_look(d, s)) {
        case LOOK_FOUND:
            return true;
        case LOOK_NONE:
            /* The reader may have left a sub-buffer a moment before its last writer did. */
            if (d->owes)
                read_give_back(d);
            return false;
        case LOOK_AGAIN:
            break;
        case LOOK_HOLE:
            if (read_given_up(d, stopped, s))
                read_skip_hole(d, s);
            else if (!d->snapshot)
                return false;
            else
                turns++; /* LOOKS is the limit of these */
        }
    }
    return false;
}

bool tp_read_copy(const struct tp_slice *s, uint8_t *to)
{
    read_copy_racy(to, read_byte_at(s, s->from), s->to - s->from);
    return read_still_there(s->reader->ring, s->reader->place);
}

void tp_read_done(const struct tp_slice *s)
{
    struct tp_reader *d = s->reader;

    d->records += s->events;
    d->read += s->events;
    d->high = s->high;
    d->stuck = false;
    if (s->whole) {
        read_leave(d, s);
    } else {
        d->offset = s->to;
        d->events += s->events;
    }
}

bool tp_read_drained(const struct tp_reader *d)
{
    return d->snapshot || read_cursor_of(d) == (d->place | read_offset_of(d));
}

uint32_t tp_read_unread(struct tp_reader *d)
{
    struct tp_ring *r = d->ring;
    uint32_t unread;

    if (!read_is_there(r, d->place))
        read_catch_up(d);
    unread = d->hole_events - d->events - d->passed;
    for (tp_word at = d->place;
         at - d->place <= r->subbuf_mask && read_before(at, read_cursor_of(d));
         at += tp_ring_bytes(r))
        unread += TP_COMMIT_EVENTS(
            __atomic_load_n(&tp_ring_subbuf(r, at)->payload_crc, __ATOMIC_RELAXED));
    return (int32_t)unread < 0 ? 0 : unread; /* a record is read before it is counted */
}

void tp_read_lost(struct tp_reader *d)
{
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
        d->lost[i] = d->snapshot ? d->until_lost[i] : tp_count_read(&d->ring->lost[i]);
}

void tp_read_init(struct tp_reader *d, struct tp_ring *r, bool snapshot)
{
    memset(d, 0, sizeof(*d));
    d->ring = r;
    d->snapshot = snapshot;
    for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
        d->until_lost[i] = tp_count_read(&r->lost[i]);
    d->until = read_cursor_of(d);
    d->place = (tp_word)TP_START_NUMBER << r->shift;
    read_catch_up(d);
}
