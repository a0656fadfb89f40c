/* SPDX-License-Identifier: MIT */
/* A process that inflates for the one that decodes gives what one process gives, whatever is wrong with the gzip. */
#include <stdio.h>
#include <unistd.h>

#include "base/feed.h"
#include "jobs_help.h"
#include "tool/unpack.h"
#include "tp_test.h"

#define UNPACK_TEST_MEMBERS 60u /* several times what two processes share */

/* The dump again and again, each time as a gzip member. */
static struct help_bytes unpack_test_members(void)
{
    struct help_bytes dump = jobs_dump(), one = help_gzip(dump.p, dump.n), all = {0};

    for (unsigned i = 0; i < UNPACK_TEST_MEMBERS; i++)
        help_add(&all, one.p, one.n);
    help_free(&dump);
    help_free(&one);
    return all;
}

TP_TEST(Unpack, GzipThatIsDamagedAtRandom)
{
    struct help_bytes good = unpack_test_members(), b = {0};
    uint64_t state = 20261130;

    for (unsigned i = 0; i < JOBS_DAMAGED; i++) {
        struct decode_options text = {.format = DECODE_TEXT};
        struct decode_options stats = {.answer.kind = ANSWER_STATS};
        char what[32];

        if (i)
            jobs_damage(&b, &good, &state);
        else
            help_add(&b, good.p, good.n);
        snprintf(what, sizeof(what), "gzip, damage %u", i);
        jobs_same_bytes(i % 8 ? stats : text, &b, what, "gzip");
    }
    help_free(&good);
    help_free(&b);
}

/* A dump, memory and what is neither, cut at each byte and with a wrong bit in each byte. */
TP_TEST(Unpack, GzipThatIsCutOrWrongAnywhere)
{
    static const char *const names[] = {"types", "region", NULL};

    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        struct help_bytes plain = {0}, b;
        struct decode_options o = {.format = DECODE_TEXT};
        char what[64];

        if (names[k])
            plain = help_golden(names[k]);
        else
            help_add(&plain, "GIF89a, which is no dump", 24);
        b = help_gzip(plain.p, plain.n);
        for (size_t i = 0; i < b.n; i++) {
            struct help_bytes cut = {.p = b.p, .n = i};

            snprintf(what, sizeof(what), "%s, byte %zu", names[k] ? names[k] : "GIF", i);
            jobs_same_bytes(o, &cut, what, "cut");
            b.p[i] ^= (uint8_t)(1u << i % 8);
            jobs_same_bytes(o, &b, what, "flipped");
            b.p[i] ^= (uint8_t)(1u << i % 8);
        }
        help_free(&plain);
        help_free(&b);
    }
}

#define UNPACK_TEST_STEP_BYTES 150u /* more than half of one is left of a block */
#define UNPACK_TEST_STEPS 100000u

struct unpack_test_step {
    uint64_t taken;
    size_t have;
};

/* What an input has and has taken after each step to its end. Returns how many steps. */
static size_t unpack_test_steps(struct input *in, struct unpack_test_step *steps)
{
    size_t n = 0, have;

    while ((have = input_fill(in, UNPACK_TEST_STEP_BYTES)) > 0 && n < UNPACK_TEST_STEPS) {
        steps[n++] = (struct unpack_test_step){in->taken, have};
        input_skip(in, have < UNPACK_TEST_STEP_BYTES ? have : UNPACK_TEST_STEP_BYTES);
    }
    return n;
}

/* A member of exactly as much as is read at once, of which whole blocks come: two of zeros. Its header has an extra field (RFC 1952). */
static struct help_bytes unpack_test_whole_blocks(void)
{
    static uint8_t zeros[2 * FEED_BLOCK_BYTES], extra[65536];
    struct help_bytes run = help_gzip(zeros, sizeof(zeros)), b = {0};
    size_t n = 65536 - run.n - 2;
    uint8_t xlen[2] = {(uint8_t)n, (uint8_t)(n >> 8)};

    run.p[3] |= 4;
    help_add(&b, run.p, 10);
    help_add(&b, xlen, 2);
    help_add(&b, extra, n);
    help_add(&b, run.p + 10, run.n - 10);
    TP_CHECK_EQ(b.n, 65536);
    help_free(&run);
    return b;
}

/* What the limits of output and temporary files are made of is the same at each byte: how much of the file has been read. Long
 * runs of zeros give several blocks for what is read at once. */
TP_TEST(Unpack, AsMuchOfGzipIsReadByTwoProcesses)
{
    static struct unpack_test_step one[UNPACK_TEST_STEPS], two[UNPACK_TEST_STEPS];
    static uint8_t zeros[3 << 20];
    struct help_bytes b = unpack_test_whole_blocks(), members = unpack_test_members();
    struct help_bytes run = help_gzip(zeros, sizeof(zeros));
    struct stream s = {.in.fd = -1};
    struct unpack u = {.count = 0};
    struct input in;
    size_t n, m;
    char path[32];

    help_add(&b, members.p, members.n);
    help_add(&b, run.p, run.n);
    jobs_write(path, b.p, b.n);
    TP_ASSERT(input_open(&in, path) == 0 && input_open(&s.in, path) == 0);
    unpack_open(&u, &s, 1, 1, false);
    if (u.to)
        unpack_work(&u);
    TP_CHECK_EQ(u.count, 1);
    n = unpack_test_steps(&in, one);
    m = unpack_test_steps(&s.in, two);
    TP_CHECK(n > sizeof(zeros) / UNPACK_TEST_STEP_BYTES && n < UNPACK_TEST_STEPS);
    TP_CHECK_EQ(m, n);
    for (size_t i = 0; i < n; i++)
        if (one[i].taken != two[i].taken || one[i].have != two[i].have)
            TP_FAIL("step %zu: %llu bytes taken and %zu there, by one process %llu and %zu", i,
                    (unsigned long long)two[i].taken, two[i].have, (unsigned long long)one[i].taken,
                    one[i].have);
    TP_CHECK_EQ(in.taken, b.n);
    input_close(&in);
    input_close(&s.in);
    unlink(path);
    help_free(&b);
    help_free(&members);
    help_free(&run);
}
