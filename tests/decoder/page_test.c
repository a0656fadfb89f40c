/* SPDX-License-Identifier: MIT */
/* page_test.c - export/page.c, read back as Linux's documentation of its ring buffer has it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/export/page.h"
#include "tp_test.h"

#define PAGE_TEST_BYTES (4u << 20)

struct page_test {
    struct spill spill;
    struct page page;
    struct out out;
    uint8_t *bytes;
    size_t n;
};

static int page_test_write(void *context, const void *bytes, size_t n)
{
    struct page_test *t = context;

    TP_ASSERT_EQ(t->n + n <= PAGE_TEST_BYTES, true);
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
    return 0;
}

static void page_test_open(struct page_test *t)
{
    *t = (struct page_test){.bytes = malloc(PAGE_TEST_BYTES)};
    TP_ASSERT(spill_open(&t->spill));
    page_open(&t->page, &t->spill, NULL);
    out_open(&t->out, (struct out_sink){page_test_write, t});
}

/* A record of so many bytes, the first of which is the lowest of its time. */
static void page_test_add(struct page_test *t, uint32_t cpu, uint64_t ns, uint32_t n)
{
    static uint8_t record[PAGE_LARGE_BYTES];

    memset(record, (int)n, n);
    record[0] = (uint8_t)ns;
    page_add(&t->page, cpu, ns, record, n);
}

/* The pages of a CPU as text: [TIME lost N: +TIME BYTES, ...]. Numbers are decimal. */
static const char *page_test_text(struct page_test *t, uint32_t cpu, uint32_t page_bytes)
{
    static char text[8000];
    char *to = text;
    const uint8_t *start;
    uint64_t pages = page_count(&t->page, cpu), before = 0, all = 0;

    for (uint32_t i = 0; i < t->page.used; i++) {
        before += i < cpu ? page_count(&t->page, i) : 0;
        all += page_count(&t->page, i);
    }
    t->n = 0;
    *to = '\0';
    page_write(&t->page, &t->out);
    out_flush(&t->out);
    TP_CHECK_EQ(t->page.bytes, page_bytes);
    TP_CHECK_EQ(t->n, all * page_bytes);
    start = t->bytes + before * page_bytes;
    for (const uint8_t *p = start; p < start + pages * page_bytes; p += page_bytes) {
        uint64_t time, commit, now;
        const uint8_t *at = p + 16, *end;

        memcpy(&time, p, 8);
        memcpy(&commit, p + 8, 8);
        end = at + (commit & 0xfffff);
        TP_CHECK_EQ(end <= p + page_bytes, true);
        to += sprintf(to, "[%llu", (unsigned long long)time);
        if (commit & 1u << 31)
            to += sprintf(to, " lost");
        if (commit & 1u << 30) {
            int64_t lost;

            TP_CHECK_EQ(end + 8 <= p + page_bytes, true);
            memcpy(&lost, end, 8);
            to += sprintf(to, " %lld", (long long)lost);
        }
        for (now = time; at < end;) {
            uint32_t word, more, n;

            memcpy(&word, at, 4);
            memcpy(&more, at + 4, 4);
            now += word >> 5;
            if ((word & 31) == 30) {
                now += (uint64_t)more << 27;
                to += sprintf(to, " extend");
                at += 8;
                continue;
            }
            n = word & 31 ? 4 * (word & 31) : more - 4;
            at += word & 31 ? 4 : 8;
            TP_CHECK_EQ(*at, (uint8_t)now);
            to += sprintf(to, " %llu:%u", (unsigned long long)now, n);
            at += n;
        }
        TP_CHECK_EQ(at == end, true);
        to += sprintf(to, "]");
    }
    return text;
}

static void page_test_close(struct page_test *t)
{
    TP_CHECK_EQ(t->spill.error, 0);
    out_close(&t->out);
    page_close(&t->page);
    spill_close(&t->spill);
    free(t->bytes);
}

/* Up to 112 bytes have their length in the first word, in whole words; 27 bits are for the time. */
TP_TEST(DecoderPage, LengthsAndTimes)
{
    struct page_test t;

    page_test_open(&t);
    page_test_add(&t, 0, 1000, 8);
    page_test_add(&t, 0, 1000, 9);
    page_test_add(&t, 0, 1000 + 134217727, 112);
    page_test_add(&t, 0, 1000 + 134217727 + 134217728, 113);
    page_test_add(&t, 0, 1000 + 134217727 + 134217728 + ((1ull << 59) - 1), 8);
    page_test_add(&t, 0, 1000 + 134217727 + 134217728 + ((1ull << 59) - 1) + (1ull << 59), 8);
    page_test_add(&t, 2, UINT64_MAX, 8);
    page_end(&t.page);
    TP_CHECK_STREQ(page_test_text(&t, 0, 4096),
                   "[1000 1000:8 1000:12 134218727:112 extend 268436455:116 extend "
                   "576460752571859942:8][1152921504875283430 1152921504875283430:8]");
    TP_CHECK_STREQ(page_test_text(&t, 1, 4096), "");
    TP_CHECK_STREQ(page_test_text(&t, 2, 4096), "[18446744073709551615 18446744073709551615:8]");
    TP_CHECK_STREQ(page_test_text(&t, 3, 4096), "");
    page_test_close(&t);
}

TP_TEST(DecoderPage, LossesAndTimesThatGoBack)
{
    struct page_test t;

    page_test_open(&t);
    page_lose(&t.page, 1, 5, 7);
    TP_CHECK(page_lost(&t.page, 1));
    TP_CHECK_EQ(page_lost_ns(&t.page, 1), 5);
    page_lose(&t.page, 1, 6, 8);
    TP_CHECK(!page_lost(&t.page, 0));
    TP_CHECK(!page_lost(&t.page, 9));
    page_test_add(&t, 1, 10, 8);
    TP_CHECK(!page_lost(&t.page, 1));
    page_test_add(&t, 1, 9, 8);
    page_lose(&t.page, 1, 11, 0);
    page_test_add(&t, 1, 12, 8);
    page_end(&t.page);
    TP_CHECK_STREQ(page_test_text(&t, 1, 4096), "[10 lost 15 10:8][9 9:8][12 lost 12:8]");
    page_test_close(&t);
}

/* 4096 bytes less head, room for a number of losses, two words before the record. */
TP_TEST(DecoderPage, OneByteMoreMakesAllPagesLarge)
{
    struct page_test t;

    page_test_open(&t);
    page_test_add(&t, 0, 1, 4064);
    page_test_add(&t, 0, 2, 8);
    page_end(&t.page);
    TP_CHECK_STREQ(page_test_text(&t, 0, 4096), "[1 1:4064][2 2:8]");
    page_test_close(&t);
    page_test_open(&t);
    page_test_add(&t, 0, 1, 4064);
    page_test_add(&t, 1, 2, 4000);
    page_test_add(&t, 1, 3, 4000);
    page_test_add(&t, 0, 200000000, 4065);
    page_test_add(&t, 0, 200000001, 8);
    page_lose(&t.page, 0, 200000002, 1);
    page_test_add(&t, 0, 200000003, 8);
    page_test_add(&t, 0, 200000000, 8);
    page_end(&t.page);
    TP_CHECK_STREQ(page_test_text(&t, 0, 65536),
                   "[1 1:4064 extend 200000000:4068 200000001:8][200000003 lost 1 200000003:8]"
                   "[200000000 200000000:8]");
    TP_CHECK_STREQ(page_test_text(&t, 1, 65536), "[2 2:4000 3:4000]");
    page_test_close(&t);
}

TP_TEST(DecoderPage, TheLargestRecordFills)
{
    struct page_test t;

    page_test_open(&t);
    page_test_add(&t, 0, 1, 8);
    page_test_add(&t, 0, 2, PAGE_RECORD_BYTES);
    page_lose(&t.page, 0, 2, UINT64_MAX);
    page_test_add(&t, 0, 3, PAGE_RECORD_BYTES);
    page_end(&t.page);
    TP_CHECK_EQ(PAGE_RECORD_BYTES, 65504);
    TP_CHECK_STREQ(page_test_text(&t, 0, 65536),
                   "[1 1:8][2 2:65504][3 lost 9223372036854775807 3:65504]");
    page_test_close(&t);
}
