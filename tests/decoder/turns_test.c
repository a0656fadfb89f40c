/* SPDX-License-Identifier: MIT */
/* turns_test.c - order/turns.c: where CPUs take turns, all items come as one by one, which is done without it. */
#include <stdio.h>
#include <string.h>

#include "jobs_help.h"
#include "order/merge.h"
#include "tp_test.h"

#define TURNS_TEST_CPUS 24u
#define TURNS_TEST_ROUNDS 30u
#define TURNS_TEST_EACH 25u
#define TURNS_TEST_MANY 1000u /* of all CPUs more than TURNS_RECORDS */
#define TURNS_TEST_UNITS 16u  /* of a record: of fewer than that more than TURNS_BYTES */
#define TURNS_TEST_DAMAGED 150u
#define TURNS_TEST_LEAST 500u /* records, of each dump that has turns at all */

/* --- what comes --- */

struct turns_test {
    struct sink sink;
    struct turns_test *direct; /* of the one that has this: all is counted there */
    uint64_t until;
    uint64_t items, hash, made;
    uint64_t records, lost, late, backwards;
};

static void turns_test_add(struct turns_test *t, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        t->hash = (t->hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3ull;
}

static void turns_test_lane(struct turns_test *t, char kind, const struct stream_lane *lane)
{
    t->items++;
    turns_test_add(t, &kind, 1);
    turns_test_add(t, &lane->time, sizeof(lane->time));
    turns_test_add(t, &lane->cpu, sizeof(lane->cpu));
    turns_test_add(t, lane->cpu_text, lane->cpu_text_bytes);
    turns_test_add(t, &lane->gap_open, 1);
}

static void turns_test_event(struct sink *k, struct stream_lane *lane,
                             const struct metadata_event *e)
{
    struct turns_test *t = (struct turns_test *)k;
    const struct record *r = &lane->record;

    turns_test_lane(t, e ? 'e' : '?', lane);
    turns_test_add(t, &r->time, sizeof(r->time));
    turns_test_add(t, &r->number, sizeof(r->number));
    turns_test_add(t, &lane->number, sizeof(lane->number));
    turns_test_add(t, &r->id, sizeof(r->id));
    turns_test_add(t, r->fields, r->bytes);
    if (r->context)
        turns_test_add(t, r->context, 4);
    t->made += lane != lane->stream->lanes[lane->cpu];
}

/* No item from there on is for it. */
static void turns_test_direct(struct sink *k, struct stream_lane *lane,
                              const struct metadata_event *e)
{
    struct turns_test *t = (struct turns_test *)k;

    TP_CHECK(lane->time < t->until);
    turns_test_event(&t->direct->sink, lane, e);
}

static void turns_test_unfinished(struct sink *k, struct stream_lane *lane,
                                  const struct metadata_event *e)
{
    (void)e;
    turns_test_lane((struct turns_test *)k, 'u', lane);
}

static void turns_test_loss(struct sink *k, struct stream_lane *lane)
{
    struct turns_test *t = (struct turns_test *)k;

    turns_test_lane(t, 'l', lane);
    turns_test_add(t, lane->loss, STREAM_LOST_CAUSES * sizeof(lane->loss[0]));
    turns_test_add(t, &lane->gap_from, sizeof(lane->gap_from));
}

static int turns_test_write(void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return 0;
}

static void turns_test_run(struct turns_test *t, const struct help_bytes *b, bool stepwise,
                           int64_t offset_ns, uint64_t until)
{
    struct turns_test direct = {.sink = {.event = turns_test_direct}, .direct = t, .until = until};
    struct diag diag = {.sink = {turns_test_write, NULL}};
    struct stream s = {.number = 0};
    struct merge m = {.streams = &s, .stream_count = 1, .sink = &t->sink};
    struct out o;

    out_open(&o, (struct out_sink){turns_test_write, NULL});
    *t = (struct turns_test){.sink = {.out = &o,
                                      .event = turns_test_event,
                                      .unfinished = turns_test_unfinished,
                                      .loss = turns_test_loss}};
    stream_open(&s, 0, "dump", &diag);
    s.offset_ns = offset_ns;
    s.until = until;
    direct.sink.out = &o;
    t->sink.direct = until ? &direct.sink : NULL;
    input_open_memory(&s.in, b->p, b->n);
    merge_start(&m);
    if (stepwise)
        while (merge_step(&m) == MERGE_MORE)
            ;
    else
        merge_go(&m);
    t->records = s.records;
    t->lost = s.lost;
    t->late = m.late;
    t->backwards = m.backwards;
    merge_free(&m);
    stream_close(&s);
    out_close(&o);
}

/* Returns how many records came by turns. */
static uint64_t turns_test_same(const struct help_bytes *b, int64_t offset_ns, uint64_t until,
                                const char *what)
{
    struct turns_test one, turns;

    turns_test_run(&one, b, true, offset_ns, 0);
    turns_test_run(&turns, b, false, offset_ns, until);
    if (turns.items != one.items || turns.hash != one.hash || turns.records != one.records ||
        turns.lost != one.lost || turns.late != one.late || turns.backwards != one.backwards)
        TP_FAIL("%s: %llu items in turns, %llu one by one; late %llu and %llu", what,
                (unsigned long long)turns.items, (unsigned long long)one.items,
                (unsigned long long)turns.late, (unsigned long long)one.late);
    TP_CHECK_EQ(one.made, 0);
    return turns.made;
}

/* --- dumps --- */

/* back: so much earlier is the eleventh record; broken: the 21st is not whole. */
struct turns_test_chunk {
    struct help_chunk head;
    uint32_t step, back, units;
    bool broken;
};

static void turns_test_chunk(struct help_bytes *b, const struct turns_test_chunk *c)
{
    static uint32_t words[TURNS_TEST_MANY * 2 * TURNS_TEST_UNITS];
    uint32_t n = 2 * c->units, count = c->head.records * n;

    memset(words, 0, count * sizeof(words[0]));
    for (uint32_t i = 0; i < c->head.records; i++) {
        uint32_t *r = words + i * n;

        r[0] = (uint32_t)c->head.time + i * c->step - (i == 10 ? c->back : 0);
        r[1] = TP_RECORD_WORD(1, c->units) | (c->broken && i == 20 ? 0 : TP_RECORD_COMMITTED);
        r[2] = 7u + c->head.cpu; /* a field, or the task */
        r[n - 2] = (uint32_t)c->head.first_record + i;
    }
    for (uint32_t i = 0; c->head.swap && i < count; i++)
        words[i] = __builtin_bswap32(words[i]);
    help_add_chunk(b, c->head, words, count * sizeof(words[0]));
}

enum turns_test_kind {
    TURNS_TEST_PLAIN,
    TURNS_TEST_CONTEXT, /* in each second chunk */
    TURNS_TEST_MIXED,   /* of half of the CPUs */
    TURNS_TEST_SWAP,
    TURNS_TEST_BACK,   /* within chunks, of all CPUs */
    TURNS_TEST_BROKEN, /* records that are not whole */
    TURNS_TEST_COPIES, /* chunks that begin with records that were there before */
    TURNS_TEST_LOST,
    TURNS_TEST_LATE,  /* chunks that begin before the end of the one before */
    TURNS_TEST_SAME,  /* records of all CPUs at the same times */
    TURNS_TEST_DENSE, /* after few records in a time, many, */
    TURNS_TEST_LARGE, /* which are large */
    TURNS_TEST_KINDS
};

static struct help_bytes turns_test_dump(enum turns_test_kind kind)
{
    struct help_bytes b = {0};

    help_add_metadata(&b, TURNS_TEST_CPUS);
    for (uint32_t i = 0; i < TURNS_TEST_CPUS * TURNS_TEST_ROUNDS; i++) {
        uint32_t cpu = i % TURNS_TEST_CPUS, round = i / TURNS_TEST_CPUS;
        bool some = (cpu + round) % 5 == 0;
        struct turns_test_chunk c = {
            .head = {.type = TP_CHUNK_DATA,
                     .cpu = (uint16_t)cpu,
                     .records = TURNS_TEST_EACH,
                     .time = 100000 + round * TURNS_TEST_EACH * 100 + 7 * cpu,
                     .first_record = (uint64_t)round * TURNS_TEST_EACH,
                     .swap = kind == TURNS_TEST_SWAP},
            .step = 100,
            .units = 3};

        if ((kind == TURNS_TEST_CONTEXT && round % 2) || (kind == TURNS_TEST_MIXED && cpu % 2))
            c.head.flags = TP_CHUNK_CONTEXT;
        if (kind == TURNS_TEST_BACK && round % 5 == 0)
            c.back = 150;
        c.broken = kind == TURNS_TEST_BROKEN && some;
        if (kind == TURNS_TEST_COPIES && some && round)
            c.head.first_record -= 5;
        if (kind == TURNS_TEST_LOST)
            c.head.lost[TP_LOST_FULL] = 3 * (cpu + round) / 5;
        if (kind == TURNS_TEST_LATE && some)
            c.head.time -= 300;
        if (kind == TURNS_TEST_SAME)
            c.head.time -= 7 * cpu;
        if (kind >= TURNS_TEST_DENSE && round == TURNS_TEST_ROUNDS - 1) {
            c.head.records = TURNS_TEST_MANY;
            c.step = 1;
            c.units = kind == TURNS_TEST_LARGE ? TURNS_TEST_UNITS : 3;
        }
        turns_test_chunk(&b, &c);
    }
    return b;
}

TP_TEST(Turns, AsOneByOne)
{
    static const char *const names[TURNS_TEST_KINDS] = {"plain", "context", "mixed",  "swap",
                                                        "back",  "broken",  "copies", "lost",
                                                        "late",  "same",    "dense",  "large"};

    for (int kind = 0; kind < TURNS_TEST_KINDS; kind++) {
        struct help_bytes b = turns_test_dump((enum turns_test_kind)kind);
        uint64_t made = turns_test_same(&b, 0, 0, names[kind]);

        if (kind == TURNS_TEST_SWAP || kind == TURNS_TEST_MIXED)
            TP_CHECK_EQ(made, 0);
        else
            TP_CHECK(made > TURNS_TEST_LEAST);
        TP_CHECK_EQ(turns_test_same(&b, 1000, 0, "moved"), 0);
        help_free(&b);
    }
}

TP_TEST(Turns, DumpsThatAreDamagedAtRandom)
{
    uint64_t state = 20261130;

    for (unsigned i = 0; i < TURNS_TEST_DAMAGED; i++) {
        struct help_bytes good = turns_test_dump((enum turns_test_kind)(i % TURNS_TEST_KINDS));
        struct help_bytes b = {0};
        char what[32];

        jobs_damage(&b, &good, &state);
        snprintf(what, sizeof(what), "damage %u", i);
        (void)turns_test_same(&b, 0, 0, what);
        help_free(&good);
        help_free(&b);
    }
}

/* Nothing from the end of a window on comes by turns. */
TP_TEST(Turns, UpToTheEndOfAWindow)
{
    struct help_bytes b = turns_test_dump(TURNS_TEST_SAME);

    for (uint64_t until = 110000; until < 112000; until += 50)
        TP_CHECK(turns_test_same(&b, 0, until, "a window") > TURNS_TEST_LEAST / 2);
    help_free(&b);
}
