/* SPDX-License-Identifier: MIT */
/* hand_test.c - export/hand.c: pages that other processes make are those that one makes. */
#include <errno.h>
#include <string.h>

#include "decoder/export/hand.h"
#include "tp_test.h"

#define HAND_TEST_CPUS 300u

struct hand_test {
    struct spill spills[1 + CREW_MAX];
    struct crew crew;
    struct page page;
    struct hand hand;
    uint64_t bytes, hash;
};

static int hand_test_write(void *context, const void *bytes, size_t n)
{
    struct hand_test *t = context;

    for (size_t i = 0; i < n; i++)
        t->hash = (t->hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3ull;
    t->bytes += n;
    return 0;
}

static void hand_test_files(struct hand_test *t, uint32_t members)
{
    *t = (struct hand_test){.bytes = 0};
    for (uint32_t i = 0; i <= members; i++)
        TP_ASSERT(spill_open(&t->spills[i]));
}

/* After hand_test_files(). */
static void hand_test_start(struct hand_test *t, uint32_t members)
{
    if (members)
        TP_ASSERT(crew_open(&t->crew, members, HAND_RING_BYTES));
    if (t->crew.role == CREW_MEMBER) {
        struct hand_member m;

        hand_join(&m, t->spills, t->crew.self);
        crew_work(&t->crew, hand_work, &m);
    }
    page_open(&t->page, t->spills, members ? &t->crew : NULL);
    hand_open(&t->hand, &t->page, members ? &t->crew : NULL);
}

static void hand_test_open(struct hand_test *t, uint32_t members)
{
    hand_test_files(t, members);
    hand_test_start(t, members);
}

static void hand_test_free(struct hand_test *t)
{
    hand_close(&t->hand);
    page_close(&t->page);
    crew_close(&t->crew);
    for (uint32_t i = 0; i <= CREW_MAX; i++)
        spill_close(&t->spills[i]);
}

/* What is left to do here is done: losses that nothing follows are before a record of eight bytes. */
static void hand_test_close(struct hand_test *t)
{
    static const uint8_t last[8] = {0xee};
    struct out out;

    hand_settle(&t->hand);
    for (uint32_t i = 0; i < HAND_TEST_CPUS; i++)
        if (page_lost(&t->page, i))
            page_add(&t->page, i, page_lost_ns(&t->page, i), last, sizeof(last));
    page_end(&t->page);
    out_open(&out, (struct out_sink){hand_test_write, t});
    out_u64(&out, t->page.used);
    for (uint32_t i = 0; i < HAND_TEST_CPUS; i++)
        out_u64(&out, page_count(&t->page, i));
    page_write(&t->page, &out);
    out_flush(&out);
    out_close(&out);
    TP_CHECK_EQ(t->spills[0].error, 0);
    hand_test_free(t);
}

static uint32_t hand_test_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*state >> 33);
}

/* Records of up to `most` bytes, and losses, of CPUs in any order; `gap`: of some of them there is nothing. */
static void hand_test_items(struct hand_test *t, uint32_t items, uint32_t most, uint32_t gap)
{
    static uint8_t record[PAGE_RECORD_BYTES];
    uint64_t state = items, ns = 1000;

    for (uint32_t i = 0; i < items; i++) {
        uint32_t cpu = hand_test_random(&state) % (HAND_TEST_CPUS / gap) * gap;
        uint32_t n = 8 + hand_test_random(&state) % (most - 7);

        ns += hand_test_random(&state) % 3000;
        if (hand_test_random(&state) % 500 == 0)
            ns += 1u << 28;
        if (hand_test_random(&state) % 100 == 0)
            ns -= 2000;
        memset(record, (int)i, n);
        if (hand_test_random(&state) % 60)
            hand_made(&t->hand, cpu, ns, record, n);
        else
            hand_lose(&t->hand, cpu, ns, hand_test_random(&state) % 3);
    }
}

/* What one process makes, and others: how many of these there are does not matter. */
static void hand_test_same(uint32_t items, uint32_t most, uint32_t gap, uint64_t least)
{
    struct hand_test one, others;

    hand_test_open(&one, 0);
    hand_test_items(&one, items, most, gap);
    hand_test_close(&one);
    TP_CHECK(one.bytes >= least);
    for (uint32_t members = 1; members <= CREW_MAX; members++) {
        hand_test_open(&others, members);
        TP_CHECK_EQ(others.crew.count, members);
        hand_test_items(&others, items, most, gap);
        hand_test_close(&others);
        TP_CHECK_EQ(others.bytes, one.bytes);
        TP_CHECK_EQ(others.hash, one.hash);
    }
}

TP_TEST(DecoderHand, SmallPages)
{
    hand_test_same(200000, 300, 1, HAND_TEST_CPUS * 4096 * 10);
}

/* More than all rings have room for, of a CPU more pages than are read at a time; of most members nothing. */
TP_TEST(DecoderHand, MoreThanIsUnderWay)
{
    hand_test_same(20000, 4000, 60, 2 * CREW_BYTES);
}

TP_TEST(DecoderHand, LargePages)
{
    hand_test_same(3000, PAGE_RECORD_BYTES, 1, 1500 * PAGE_LARGE_BYTES);
}

TP_TEST(DecoderHand, Nothing)
{
    hand_test_same(0, 8, 1, 1);
}

/* Where pages are is given in as many parts as are needed, and those go on that takes them. */
TP_TEST(DecoderHand, MarksInParts)
{
    static uint8_t record[4000], state[PAGE_STATE_BYTES];
    struct hand_test whole, parts, *t;
    struct page taken;
    uint64_t first = 0;
    uint32_t rounds = 0;

    hand_test_open(&whole, 0);
    hand_test_open(&parts, 0);
    parts.page.marks = true;
    for (uint32_t i = 0; i < 60 * SPILLED_SEGMENT; i++)
        for (t = &whole;; t = &parts) {
            page_add(&t->page, 7, i, record, sizeof(record));
            if (t == &parts)
                break;
        }
    page_end(&parts.page);
    page_open(&taken, parts.spills, NULL);
    taken.marks = true;
    do {
        size_t n = page_give(&parts.page, 7, first, state, sizeof(state));

        TP_ASSERT(n <= sizeof(state));
        first = page_take(&taken, 7, 0, first, state, n);
        rounds++;
    } while (first && rounds < 100);
    TP_CHECK(rounds >= 2 && rounds < 60);
    TP_CHECK_EQ(
        page_take(&taken, 8, 0, 0, state, page_give(&parts.page, 8, 0, state, sizeof(state))), 0);
    TP_CHECK_EQ(taken.used, 8);
    page_close(&parts.page);
    parts.page = taken;
    hand_test_close(&whole);
    hand_test_close(&parts);
    TP_CHECK_EQ(parts.bytes, whole.bytes);
    TP_CHECK_EQ(parts.hash, whole.hash);
}

/* A member that ends takes its pages with it, and the run ends. */
TP_TEST(DecoderHand, OneThatHasEnded)
{
    struct hand_test t;

    hand_test_open(&t, 2);
    child_close(&t.crew.member[1].at);
    hand_test_items(&t, 1000, 300, 1);
    hand_settle(&t.hand);
    TP_CHECK(t.crew.lost);
    TP_CHECK_EQ(t.spills[0].error, ECHILD);
    hand_test_free(&t);
}

/* One that has no room says so, at the latest in the end. */
TP_TEST(DecoderHand, NoRoom)
{
    struct hand_test t;

    hand_test_files(&t, 2);
    t.spills[2].error = ENOSPC;
    hand_test_start(&t, 2);
    hand_test_items(&t, 1000, 300, 1);
    hand_settle(&t.hand);
    TP_CHECK(!t.crew.lost);
    TP_CHECK_EQ(t.spills[0].error, ENOSPC);
    hand_test_free(&t);
}

/* Records of two events of one id: the first has the first four bytes, the second the last ones. `one_place`: each is where the
 * other was. */
static void hand_test_events(struct hand_test *t, uint32_t members, bool one_place)
{
    static const uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct metadata_field fields[2] = {
        {.type = METADATA_UNSIGNED, .width = 4, .at = 0, .size = 4, .count = 1},
        {.type = METADATA_UNSIGNED, .width = 4, .at = 4, .size = 4, .count = 1}};
    struct metadata_event events[2] = {{.id = 1, .bytes = 8, .field_count = 1},
                                       {.id = 1, .bytes = 8, .field_count = 1}};
    struct record r = {.fields = bytes, .bytes = 8};

    hand_test_open(t, members);
    for (uint32_t i = 0; i < 100; i++) {
        struct metadata_event *e = &events[one_place ? 0 : i % 2];

        e->fields = &fields[i % 2];
        if (one_place)
            hand_forget(&t->hand);
        TP_CHECK(hand_record(&t->hand, i / 2 % 3, i, 0, hand_layout(&t->hand, e, false), &r));
    }
    hand_test_close(t);
}

/* Events that are gone are forgotten: what is at their place in memory is laid out as it says. */
TP_TEST(DecoderHand, AnEventAtThePlaceOfAnother)
{
    for (uint32_t members = 0; members <= 2; members++) {
        struct hand_test two, one;

        hand_test_events(&two, members, false);
        hand_test_events(&one, members, true);
        TP_CHECK_EQ(one.bytes, two.bytes);
        TP_CHECK_EQ(one.hash, two.hash);
    }
}
