/* SPDX-License-Identifier: MIT */
/* format_test.c - model/format.c: fmt as steps, at the limits of what is a conversion (doc/format.md, annex A). */
#include <stdio.h>
#include <string.h>

#include "decoder/base/mem.h"
#include "decoder/model/format.h"
#include "decoder/model/metadata.h"
#include "tp_test.h"

#define FORMAT_TEST_HEAD ": s\\n_e: " /* the line feed in the subsystem's name is escaped */

/* An event s\n:e with the fields u32 a and f64 b. */
static const struct format *format_test(const char *fmt, size_t n, struct mem_arena *arena)
{
    static struct metadata_field fields[2] = {
        {.type = METADATA_UNSIGNED, .width = 4, .size = 4, .count = 1},
        {.type = METADATA_FLOAT, .width = 8, .at = 8, .size = 8, .count = 1}};
    struct metadata_event e = {.sys = {"s\n", 2},
                               .name = {"e", 1},
                               .fmt = {fmt, (uint32_t)n},
                               .fields = fields,
                               .field_count = 2};

    return format_compile(&e, arena);
}

/* Texts as they are, and each conversion as <letter width precision>. */
static void format_test_put(const struct format *f, char *to, size_t room)
{
    size_t n = 0;

    for (uint32_t i = 0; i < f->count; i++) {
        const struct format_step *s = &f->steps[i];

        n += (size_t)snprintf(to + n, room - n, "%.*s", (int)s->text_bytes, s->text);
        if (s->field)
            n += (size_t)snprintf(to + n, room - n, "<%c %u %d>", s->letter, s->width,
                                  s->precision);
    }
}

static void format_test_is(const char *fmt, size_t n, const char *want)
{
    struct mem_arena arena = {.limit = SIZE_MAX};
    const struct format *f = format_test(fmt, n, &arena);
    char got[256];

    TP_ASSERT(f != NULL);
    format_test_put(f, got, sizeof(got));
    TP_CHECK_STREQ(got, want);
    TP_CHECK_EQ(f->head_bytes, strlen(FORMAT_TEST_HEAD));
    mem_arena_free(&arena);
}
#define FORMAT_TEST_IS(fmt, want) format_test_is(fmt, sizeof(fmt) - 1, FORMAT_TEST_HEAD want)

TP_TEST(DecoderFormat, WidthAndPrecision)
{
    FORMAT_TEST_IS("a=%4096d %.4096f", "a=<d 4096 -1> <f 0 4096>");
    FORMAT_TEST_IS("%4097d %u", "%4097d <u 0 -1>");
    FORMAT_TEST_IS("%.4097d %u", "%.4097d <u 0 -1>");
    FORMAT_TEST_IS("%4097.3d %u", "%4097.3d <u 0 -1>");
    /* 2^32 + 10 */
    FORMAT_TEST_IS("%4294967306d %u", "%4294967306d <u 0 -1>");
    FORMAT_TEST_IS("%.4294967306d %u", "%.4294967306d <u 0 -1>");
    FORMAT_TEST_IS("%.d", "<d 0 0>");
}

TP_TEST(DecoderFormat, ANulIsNoLetter)
{
    FORMAT_TEST_IS("%\0 %d %f", "%\\x00 <d 0 -1> <f 0 -1>");
    FORMAT_TEST_IS("%d %\0 %f", "<d 0 -1> %\\x00 <f 0 -1>");
    FORMAT_TEST_IS("%\0d %u", "%\\x00d <u 0 -1>");
    FORMAT_TEST_IS("%l\0d %u", "%l\\x00d <u 0 -1>");
}

TP_TEST(DecoderFormat, LengthsAndEnds)
{
    FORMAT_TEST_IS("%hhd %lle", "<d 0 -1> <e 0 -1>");
    FORMAT_TEST_IS("%hd %zf", "<d 0 -1> <f 0 -1>");
    FORMAT_TEST_IS("%hhhd %u", "%hhhd <u 0 -1>");
    FORMAT_TEST_IS("%%%d%", "%<d 0 -1>%");
    FORMAT_TEST_IS("%5", "%5");
    FORMAT_TEST_IS("%5.", "%5.");
    FORMAT_TEST_IS("%ll", "%ll");
    FORMAT_TEST_IS("%d %f %d", "<d 0 -1> <f 0 -1> %d"); /* there is no third field */
    FORMAT_TEST_IS("", "");
}

/* Of an arena that is nearly full: nothing, or all of it, though there may be room for the program where there is none for its
 * texts. */
TP_TEST(DecoderFormat, AllOrNothing)
{
    static char fmt[TP_LIMIT_FORMAT_BYTES] = "%d", want[8192], got[8192];
    struct mem_arena all = {.limit = SIZE_MAX};
    const struct format *whole, *f;
    size_t made = 0, not_made = 0;

    memset(fmt + 2, 1, sizeof(fmt) - 4); /* shown as four bytes each */
    memcpy(fmt + sizeof(fmt) - 2, "%f", 2);
    whole = format_test(fmt, sizeof(fmt), &all);
    TP_ASSERT(whole != NULL && whole->count == 2);
    format_test_put(whole, want, sizeof(want));
    for (size_t left = 0; left < 2 * sizeof(want); left += 64) {
        struct mem_arena arena = {.limit = SIZE_MAX};

        do
            TP_ASSERT(mem_arena_get(&arena, 64) != NULL);
        while (arena.room - arena.used > left);
        arena.limit = arena.bytes;
        f = format_test(fmt, sizeof(fmt), &arena);
        made += f != NULL;
        not_made += f == NULL;
        if (f) {
            format_test_put(f, got, sizeof(got));
            TP_CHECK_STREQ(got, want);
        }
        mem_arena_free(&arena);
    }
    TP_CHECK(made && not_made);
    mem_arena_free(&all);
}
