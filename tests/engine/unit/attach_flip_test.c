/* SPDX-License-Identifier: MIT */
/*
 * tp_trace_attach of regions in which a bit or a byte is wrong: it comes to an end, stays inside of the
 * region (which the sanitizer sees), and says that something is wrong where that can be known.
 */
#include "../../../engine/core/seam.h"
#include "support.h"

#define SUBBUF_BYTES 512u
#define SUBBUFS 4u

/* --- the region --- */

static uint8_t *good, *flipped; /* as large as the region, so that nothing may be read after it */
static size_t region_bytes;

static const struct tp_wire_region *head_of(const uint8_t *region)
{
    return (const void *)region;
}

static struct tp_wire_chunk *subbuf_at(uint8_t *region, const struct tp_ring *r, tp_word position)
{
    return (void *)(region + head_of(region)->data_at + (position & r->subbuf_mask));
}

/* Events until the cursor is in the next sub-buffer. */
static void fill(const struct tp_ring *r)
{
    tp_word was = r->cursor;

    while (!((r->cursor ^ was) & ~r->mask))
        trace_sched_pair(1, 2);
}

/* Laps, then: a sub-buffer with a dead writer, one that was left and not closed, and the current
 * one, with a whole record that is not yet in the commit word and one in flight. */
static void make_region(enum tp_mode mode, bool context)
{
    struct tp_config c = {.name = "t", .cpus = 2, .subbuf_bytes = SUBBUF_BYTES, .subbufs = SUBBUFS};
    struct test_dump dump = {0};
    struct tp_trace *t;
    struct tp_ring *r;
    struct tp_wire_chunk *h;
    struct tp_slot dead, nested, flight;
    tp_word open;

    c.mode = mode;
    c.context = context;
    t = test_open(&c);
    r = &t->ring[0];
    tp_task_name(7, 0, "seven");
    tp_clock_set_wall(1000);
    for (unsigned i = 0; i < SUBBUFS + 1; i++) {
        fill(r);
        if (mode == TP_DISCARD)
            test_drain(t, &dump, 4096);
    }
    test_dump_free(&dump);
    trace_sched_pair(3, 4);
    TP_CHECK(tp_record_begin(&dead, tp_trace_number(t), tp_event_sched_pair.id, 8));
    fill(r);
    open = r->cursor;
    fill(r);
    TP_CHECK(tp_record_begin(&nested, tp_trace_number(t), tp_event_sched_pair.id, 8));
    TP_CHECK(tp_record_begin(&flight, tp_trace_number(t), tp_event_sched_pair.id, 8));
    nested.rec->word |= TP_RECORD_COMMITTED;
    test_cpu = 1;
    trace_sched_pair(5, 6);
    test_cpu = 0;
    region_bytes = tp_region_bytes(&c);
    good = aligned_alloc(64, region_bytes);
    flipped = aligned_alloc(64, region_bytes);
    memcpy(good, test_region(t), region_bytes);
    h = subbuf_at(good, r, open);
    h->payload_crc -= SUBBUF_BYTES / TP_RECORD_UNIT - h->size_bytes / TP_RECORD_UNIT;
    h->size_bytes = 0;
    tp_record_end(&flight);
    tp_record_end(&nested);
    tp_record_end(&dead);
    test_close(t);
}

static void free_region(void)
{
    free(good);
    free(flipped);
}

/* --- what is read of it --- */

struct told {
    uint64_t records, lost, missing; /* lost: by its counts. missing: by its numbers */
    uint32_t crc;                    /* of all data: the times of chunks, and their payloads */
    bool damaged;
};
static uint8_t out[1 << 16];

static void tell_data(const struct tp_wire_chunk *h, const uint8_t *payload, struct told *told)
{
    uint32_t bytes = h->size_bytes - (uint32_t)sizeof(*h);

    told->records += h->records;
    told->damaged |= h->flags & TP_CHUNK_DAMAGED;
    told->crc = tp_crc(told->crc, (const uint8_t *)&h->time, bytes ? sizeof(h->time) : 0);
    told->crc = tp_crc(told->crc, payload, bytes);
}

/* At most as many chunks as there can be are read; each has at least a record, or is one of the few
 * others. */
static void read_all(struct tp_trace *t, struct told *told)
{
    uint64_t next[2] = {0}, lost[2] = {0};
    long n = tp_pipe_read(t, out, sizeof(out));

    memset(told, 0, sizeof(*told));
    TP_CHECK(n > 0 && n < (long)sizeof(out));
    TP_CHECK(tp_pipe_ended(t));
    for (long at = 0; at < n;) {
        struct tp_wire_chunk h;

        memcpy(&h, out + at, sizeof(h));
        TP_ASSERT(h.size_bytes >= sizeof(h) && h.size_bytes <= n - at);
        if (h.type == TP_CHUNK_DATA) {
            TP_ASSERT(h.cpu < 2);
            tell_data(&h, out + at + sizeof(h), told);
            next[h.cpu] = h.first_record + h.records;
            lost[h.cpu] = 0;
            for (unsigned i = 0; i < TP_LOST_OVERWRITTEN; i++)
                lost[h.cpu] += h.lost[i];
        } else {
            uint32_t crc = tp_crc(0, out + at + sizeof(h), h.size_bytes - sizeof(h));

            told->damaged |= crc != h.payload_crc;
            told->crc = tp_crc(told->crc, &crc, sizeof(crc));
        }
        at += h.size_bytes;
    }
    told->lost = lost[0] + lost[1];
    told->missing = next[0] + next[1] - told->records;
}

/* --- flips --- */

enum place {
    PLACE_COVERED, /* by a checksum, or by a second copy: the header and the metadata */
    PLACE_TOLD,    /* names of tasks, the wall time */
    PLACE_RING,
    PLACE_SUBBUF, /* the header of one */
    PLACE_RECORD, /* its word, its time */
    PLACE_FIELDS, /* its payload and what follows the last */
    PLACE_OTHER,  /* what is the engine's own */
    PLACES
};
static const char *const place_name[] = {"covered",        "names and wall time",
                                         "ring states",    "sub-buffer headers",
                                         "record headers", "fields",
                                         "private"};

enum effect { EFFECT_NONE, EFFECT_REFUSED, EFFECT_DAMAGED, EFFECT_LOSS, EFFECT_SILENT, EFFECTS };
static unsigned long count[PLACES][EFFECTS];

/* Which bytes of sub-buffers are record headers: by a walk over the good ones. */
static bool is_record[1 << 16];

static void find_records(void)
{
    const size_t data = head_of(good)->data_at;

    memset(is_record, 0, sizeof(is_record));
    for (unsigned i = 0; i < 2 * SUBBUFS; i++)
        for (uint32_t at = sizeof(struct tp_wire_chunk); at < SUBBUF_BYTES - 8;) {
            size_t rec = data + i * SUBBUF_BYTES + at;
            uint32_t word;

            memcpy(&word, good + rec + 4, sizeof(word));
            memset(is_record + rec, 1, 8);
            if (!word)
                break;
            at += TP_RECORD_UNITS(word) * TP_RECORD_UNIT;
        }
}

static enum place place_of(size_t at)
{
    const struct tp_wire_region *h = head_of(good);

    if (at < 2 * TP_REGION_COPY_BYTES)
        return at % TP_REGION_COPY_BYTES < sizeof(*h) ? PLACE_COVERED : PLACE_OTHER;
    if (at >= h->metadata_at && at < h->metadata_at + h->metadata_bytes)
        return PLACE_COVERED;
    if (at >= h->tasks_at && at < h->tasks_at + tp_tasks_bytes(h->tasks))
        return PLACE_TOLD;
    if (at >= h->rings_at && at < h->rings_at + 2 * h->ring_bytes)
        return PLACE_RING;
    if (at < h->data_at)
        return PLACE_OTHER;
    if ((at - h->data_at) % SUBBUF_BYTES < sizeof(struct tp_wire_chunk))
        return PLACE_SUBBUF;
    return is_record[at] ? PLACE_RECORD : PLACE_FIELDS;
}

static enum effect effect_of(const struct told *want)
{
    struct tp_trace *t;
    struct told told;
    int err = tp_trace_attach(&t, flipped, region_bytes);

    if (err) {
        TP_CHECK(err == TP_EFORMAT || err == TP_EDAMAGED || err == TP_ENOENT || err == TP_ESPACE);
        return EFFECT_REFUSED;
    }
    read_all(t, &told);
    TP_CHECK_EQ(tp_trace_close(t), 0);
    if (memcmp(&told, want, sizeof(told)) == 0)
        return EFFECT_NONE;
    if (told.damaged)
        return EFFECT_DAMAGED;
    return told.lost != want->lost || told.missing != want->missing ? EFFECT_LOSS : EFFECT_SILENT;
}

static void flip(size_t at, uint8_t bits, const struct told *want)
{
    memcpy(flipped, good, region_bytes);
    flipped[at] ^= bits;
    count[place_of(at)][effect_of(want)]++;
}

/* All with TP_LONG; else each in one of the four regions, and of the private part every 16th. */
static void flip_all(unsigned turn, bool all)
{
    struct told want;
    struct tp_trace *t;

    find_records();
    memcpy(flipped, good, region_bytes);
    TP_ASSERT_EQ(tp_trace_attach(&t, flipped, region_bytes), 0);
    read_all(t, &want);
    TP_CHECK_EQ(tp_trace_close(t), 0);
    TP_CHECK(!want.damaged && want.missing > 0 && want.records > 20);
    for (size_t at = 0; at < region_bytes; at++) {
        enum place place = place_of(at);
        size_t data = head_of(good)->data_at;
        unsigned turns = place == PLACE_OTHER ? 64 : place == PLACE_FIELDS ? 16 : 4;

        if (at >= head_of(good)->metadata_at + 64 && at < data && !all)
            at += 7;
        for (unsigned bit = 0; bit < 8; bit++)
            if (all || (at * 8 + bit + at / 8) % turns == turn)
                flip(at, (uint8_t)(1u << bit), &want);
        if (place == PLACE_OTHER || place == PLACE_FIELDS)
            continue;
        for (unsigned bits = 1; bits < 256; bits++)
            if (all || (at * 255 + bits) % 257 == turn)
                flip(at, (uint8_t)bits, &want);
    }
}

TP_TEST(AttachFlip, EveryBitAndByte)
{
    bool all = getenv("TP_LONG") != NULL;

    for (unsigned i = 0; i < 4; i++) {
        make_region(i & 1 ? TP_OVERWRITE : TP_DISCARD, i & 2);
        flip_all(i, all);
        free_region();
    }
    for (unsigned i = 0; i < PLACES; i++)
        printf("# %-20s %6lu without effect, %6lu refused, %6lu damaged, %6lu lost, %6lu silent\n",
               place_name[i], count[i][EFFECT_NONE], count[i][EFFECT_REFUSED],
               count[i][EFFECT_DAMAGED], count[i][EFFECT_LOSS], count[i][EFFECT_SILENT]);
    TP_CHECK_EQ(count[PLACE_COVERED][EFFECT_SILENT], 0);
    TP_CHECK_EQ(count[PLACE_COVERED][EFFECT_LOSS], 0);
    TP_CHECK_EQ(count[PLACE_OTHER][EFFECT_LOSS] + count[PLACE_OTHER][EFFECT_SILENT] +
                    count[PLACE_OTHER][EFFECT_DAMAGED],
                0);
}
