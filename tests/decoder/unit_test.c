/* SPDX-License-Identifier: MIT */
/* decoder_unit.c - parts of the decoder one by one, on both sides of their limits. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "decoder/base/cbor.h"
#include "decoder/model/clock.h"
#include "decoder/base/crc.h"
#include "decoder/base/mem.h"
#include "decoder/base/out.h"
#include "decoder/model/task.h"
#include "decoder/base/zip.h"
#include "help.h"
#include "tp_test.h"

static void unit_escape(const char *text, size_t n, const char *want, const char *json)
{
    char got[4096];

    got[out_escape(got, text, n, OUT_TEXT)] = 0;
    TP_CHECK_STREQ(got, want);
    TP_CHECK_EQ(out_escaped_bytes(text, n), strlen(want));
    got[out_escape(got, text, n, OUT_JSON)] = 0;
    TP_CHECK_STREQ(got, json);
}

/* How a byte by itself is shown. */
static void unit_byte(unsigned c, char want[8], char json[8])
{
    snprintf(want, 8, c >= 0x20 && c < 0x7f && c != '\\' ? "%c" : "\\x%02x", c);
    snprintf(json, 8, c < 0x80 ? "\\u%04x" : "\\ufffd", c);
    if (c >= 0x20 && c < 0x7f)
        snprintf(json, 8, c == '"' || c == '\\' ? "\\%c" : "%c", c);
    if (c == '\n' || c == '\t' || c == '\r' || c == '\\') {
        snprintf(want, 8, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : c == '\r' ? 'r' : c);
        strcpy(json, want);
    }
}

TP_TEST(DecoderOut, EscapesEveryByte)
{
    for (unsigned c = 0; c < 256; c++) {
        char byte = (char)c, want[8], json[8];

        unit_byte(c, want, json);
        unit_escape(&byte, 1, want, json);
    }
}

/* Bytes are looked at eight at a time: any at any place, with and without another behind it. */
TP_TEST(DecoderOut, EscapesAtEveryPlace)
{
    static const char plain[] = " !#[]^z{|}~/0a?@A `'$&";
    size_t n = sizeof(plain) - 1;

    for (unsigned c = 0; c < 256; c++) {
        for (size_t place = 0; place < n * n; place++) {
            size_t first = place / n, second = place % n;
            char text[sizeof(plain)], want[200] = "", json[200] = "", one[8], one_json[8];

            memcpy(text, plain, sizeof(plain));
            text[n] = '.'; /* is not theirs */
            text[second] = '\x1b';
            text[first] = (char)c;
            for (size_t i = 0; i < n; i++) {
                unit_byte((uint8_t)text[i], one, one_json);
                strcat(want, one);
                strcat(json, one_json);
            }
            unit_escape(text, n, want, json);
        }
    }
}

TP_TEST(DecoderOut, EscapesCharacters)
{
    unit_escape("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
                "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    unit_escape("\xc2\x80\xc2\x9f\xc2\xa0", 6, "\\xc2\\x80\\xc2\\x9f\xc2\xa0",
                "\\u0080\\u009f\xc2\xa0");
    unit_escape("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf", 12,
                "\xe2\x80\xa7\\xe2\\x80\\xa8\\xe2\\x80\\xae\xe2\x80\xaf",
                "\xe2\x80\xa7\\u2028\\u202e\xe2\x80\xaf");
    unit_escape("\xe2\x81\x9f\xe2\x81\xa0\xe2\x81\xaf\xe2\x81\xb0", 12,
                "\xe2\x81\x9f\\xe2\\x81\\xa0\\xe2\\x81\\xaf\xe2\x81\xb0",
                "\xe2\x81\x9f\\u2060\\u206f\xe2\x81\xb0");
    unit_escape("\xc2\xad\xd8\x9c\xe2\x80\x8b\xe2\x80\x8c", 10,
                "\\xc2\\xad\\xd8\\x9c\\xe2\\x80\\x8b\xe2\x80\x8c",
                "\\u00ad\\u061c\\u200b\xe2\x80\x8c");
    unit_escape("\xe3\x85\xa4\xef\xbb\xbf\xef\xbf\xbd", 9,
                "\\xe3\\x85\\xa4\\xef\\xbb\\xbf\xef\xbf\xbd", "\\u3164\\ufeff\xef\xbf\xbd");
    /* Beyond U+FFFF, in JSON as two surrogates. */
    unit_escape("\xf3\xa0\x81\x81\xf0\x9d\x85\xb3\xf0\x9d\x85\xb2", 12,
                "\\xf3\\xa0\\x81\\x81\\xf0\\x9d\\x85\\xb3\xf0\x9d\x85\xb2",
                "\\udb40\\udc41\\ud834\\udd73\xf0\x9d\x85\xb2");
    unit_escape("\xc0\xaf", 2, "\\xc0\\xaf", "\\ufffd\\ufffd");                 /* overlong */
    unit_escape("\xe0\x9f\xbf", 3, "\\xe0\\x9f\\xbf", "\\ufffd\\ufffd\\ufffd"); /* overlong */
    unit_escape("\xed\xa0\x80", 3, "\\xed\\xa0\\x80", "\\ufffd\\ufffd\\ufffd"); /* surrogate */
    unit_escape("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80", "\\ufffd\\ufffd\\ufffd\\ufffd");
    unit_escape("\xe2\x82", 2, "\\xe2\\x82", "\\ufffd\\ufffd"); /* cut */
}

static int unit_sink(void *context, const void *bytes, size_t n)
{
    help_add(context, bytes, n);
    return 0;
}

/* Text of any length comes out the same as in one piece. */
TP_TEST(DecoderOut, LongText)
{
    char text[5000], want[4 * sizeof(text)];

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = "a\xe2\x82\xac\x1b\xf0\x9f\x98\x80"[i % 9];
    for (size_t n = 1000; n < sizeof(text); n += 7) {
        struct help_bytes got = {0};
        struct out o;

        out_open(&o, (struct out_sink){unit_sink, &got});
        out_escaped(&o, text, n, OUT_TEXT);
        out_flush(&o);
        out_close(&o);
        TP_CHECK_EQ(got.n, out_escape(want, text, n, OUT_TEXT));
        TP_CHECK_MEMEQ(got.p, want, got.n);
        help_free(&got);
    }
}

TP_TEST(DecoderOut, Numbers)
{
    static const uint64_t edges[] = {0,
                                     1,
                                     9,
                                     10,
                                     99,
                                     100,
                                     999,
                                     1000,
                                     9999,
                                     10000,
                                     99999,
                                     100000,
                                     999999,
                                     1000000,
                                     9999999,
                                     10000000,
                                     99999999,
                                     100000000,
                                     999999999,
                                     1000000000,
                                     UINT32_MAX,
                                     (uint64_t)UINT32_MAX + 1,
                                     99999999999,
                                     INT64_MAX,
                                     (uint64_t)INT64_MAX + 1,
                                     9999999999999999999u,
                                     10000000000000000000u,
                                     UINT64_MAX};

    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
        char got[32], want[32];

        *out_put_u64(got, edges[i]) = 0;
        snprintf(want, sizeof(want), "%" PRIu64, edges[i]);
        TP_CHECK_STREQ(got, want);
        *out_put_s64(got, (int64_t)edges[i]) = 0;
        snprintf(want, sizeof(want), "%" PRId64, (int64_t)edges[i]);
        TP_CHECK_STREQ(got, want);
        if (edges[i] <= UINT32_MAX) {
            *out_put_u32(got, (uint32_t)edges[i]) = 0;
            snprintf(want, sizeof(want), "%" PRIu64, edges[i]);
            TP_CHECK_STREQ(got, want);
        }
    }
}

/* Numbers of any length, and no byte beyond the room they need. */
TP_TEST(DecoderOut, NumbersOfAllLengths)
{
    uint64_t random = 88172645463325252u;

    for (unsigned i = 0; i < 200000; i++) {
        char got[32], want[32];
        uint64_t v;

        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        v = random >> i % 64;
        memset(got, 0x55, sizeof(got));
        *out_put_u64(got, v) = 0;
        snprintf(want, sizeof(want), "%" PRIu64, v);
        TP_CHECK_STREQ(got, want);
        TP_CHECK(got[21] == 0x55);
        *out_put_s64(got, (int64_t)v) = 0;
        snprintf(want, sizeof(want), "%" PRId64, (int64_t)v);
        TP_CHECK_STREQ(got, want);
        TP_CHECK(got[22] == 0x55);
        *out_put_u32(got, (uint32_t)v) = 0;
        snprintf(want, sizeof(want), "%" PRIu32, (uint32_t)v);
        TP_CHECK_STREQ(got, want);
    }
}

/* Any length from any address, in one and in two parts. */
TP_TEST(DecoderCrc, AllLengths)
{
    static uint8_t bytes[10000]; /* more than three times three parts of crc.c */

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * i / 7 + i);
    for (size_t n = 0; n < sizeof(bytes) - 17; n += n < 400 ? 1 : 61) {
        const uint8_t *p = bytes + n % 17;
        uint32_t want = help_crc(p, n);

        TP_CHECK_EQ(crc_add(0, p, n), want);
        TP_CHECK_EQ(crc_add(crc_add(0, p, n / 3), p + n / 3, n - n / 3), want);
    }
    TP_CHECK_EQ(crc_add(0, "123456789", 9), 0xe3069283u); /* the check value of this CRC */
}

/* Exact against 128-bit division, for rates of all sizes. */
/* The counter ends within a second: 2^64 ns are 18446744073.709551616 s. */
TP_TEST(DecoderClock, BeforeAndAfterTheLastSecond)
{
    struct clock c;

    clock_set(&c, 1000000000);
    TP_CHECK_EQ(clock_micros(&c, UINT64_MAX), 709551);
    TP_CHECK_EQ(c.second, 18446744073);
    TP_CHECK_EQ(clock_micros(&c, 2000), 2);
    TP_CHECK_EQ(c.second, 0);
    TP_CHECK_EQ(clock_micros(&c, UINT64_MAX - 709551615), 0);
    TP_CHECK_EQ(c.second, 18446744073);
}

TP_TEST(DecoderClock, Exact)
{
    static const uint64_t rates[] = {1,
                                     2,
                                     3,
                                     1000,
                                     32768,
                                     999999,
                                     1000000,
                                     1000001,
                                     19200000,
                                     999999999,
                                     1000000000,
                                     1000000001,
                                     2399999999,
                                     3000000007,
                                     18446744072,
                                     18446744073,
                                     18446744074,
                                     18446744073708,
                                     18446744073710,
                                     UINT64_MAX / 3,
                                     UINT64_MAX};
    uint64_t random = 88172645463325252u;

    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct clock c;

        clock_set(&c, rates[i]);
        for (int k = 0; k < 20000; k++) {
            uint64_t t, rest;
            unsigned __int128 ns;

            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            /* Any size; and the last tick before, and the first of, each unit. */
            t = random >> (k % 64);
            if (k % 4 == 1)
                t = (uint64_t)((unsigned __int128)(k / 4) * rates[i] / 1000000);
            else if (k % 4 == 2)
                t = (uint64_t)((unsigned __int128)(k / 4) * rates[i] / 1000000000) + 1;
            rest = t % rates[i];
            TP_CHECK_EQ(clock_micros(&c, t),
                        (uint64_t)((unsigned __int128)rest * 1000000 / rates[i]));
            TP_CHECK_EQ(c.second, t / rates[i]);
            ns = (unsigned __int128)t * 1000000000 / rates[i];
            TP_CHECK_EQ(clock_ns(&c, t), ns > UINT64_MAX ? UINT64_MAX : (uint64_t)ns);
        }
    }
}

static const char *unit_cbor(const char *hex)
{
    struct help_bytes b = help_hex(hex, strlen(hex));
    struct cbor_reader r;

    cbor_open(&r, b.p, b.n);
    cbor_skip(&r);
    help_free(&b);
    return r.problem ? r.problem : "";
}

TP_TEST(DecoderCbor, Limits)
{
    static const char deep[] = "metadata nested too deep", early[] = "metadata ends too early";
    static const char more[] = "metadata declares more than it holds",
                      endless[] = "metadata has an item of indefinite length";

    TP_CHECK_STREQ(unit_cbor("81 81 81 81 81 81 00"), "");
    TP_CHECK_STREQ(unit_cbor("81 81 81 81 81 81 81 00"), deep);
    TP_CHECK_STREQ(unit_cbor("a1 61 61 a1 61 61 a1 61 61 a1 61 61 a1 61 61 a1 61 61 00"), "");
    TP_CHECK_STREQ(unit_cbor("c1 c1 c1 c1 c1 c1 c1 00"), deep);
    TP_CHECK_STREQ(unit_cbor(""), early);
    TP_CHECK_STREQ(unit_cbor("82 00"), more);
    TP_CHECK_STREQ(unit_cbor("9b ff ff ff ff ff ff ff ff 00"), more);
    TP_CHECK_STREQ(unit_cbor("bb 80 00 00 00 00 00 00 00 00"), more);
    TP_CHECK_STREQ(unit_cbor("7b ff ff ff ff ff ff ff ff 00"), early);
    TP_CHECK_STREQ(unit_cbor("63 61 62"), early);
    TP_CHECK_STREQ(unit_cbor("19 00"), early);
    TP_CHECK_STREQ(unit_cbor("9f 00 ff"), endless);
    TP_CHECK_STREQ(unit_cbor("bf ff"), endless);
    TP_CHECK_STREQ(unit_cbor("7f 61 61 ff"), endless);
    TP_CHECK_STREQ(unit_cbor("5f ff"), endless);
    TP_CHECK_STREQ(unit_cbor("ff"), endless);
    TP_CHECK_STREQ(unit_cbor("1c"), "metadata is not CBOR");
    TP_CHECK_STREQ(unit_cbor("88 f4 f5 f6 f7 f9 3c 00 fa 00 00 00 00 c0 00 42 01 02"), "");
}

TP_TEST(DecoderZip, InflatesWhatWasDeclaredAndNoMore)
{
    uint8_t plain[70000] = {1, 2, 3}, packed[4096], *got;
    uLongf n = sizeof(packed) - 8;

    TP_ASSERT_EQ(compress2(packed, &n, plain, sizeof(plain), 9), Z_OK);
    memset(packed + n, 0, 8);
    TP_CHECK_STREQ(zip_inflate(packed, n, sizeof(plain), &got), NULL);
    TP_CHECK_MEMEQ(got, plain, sizeof(plain));
    free(got);
    TP_CHECK_STREQ(zip_inflate(packed, n + 7, sizeof(plain), &got), NULL);
    free(got);
    TP_CHECK_STREQ(zip_inflate(packed, n + 8, sizeof(plain), &got),
                   "something follows the compressed data");
    TP_CHECK_STREQ(zip_inflate(packed, n, sizeof(plain) - 1, &got),
                   "expands beyond its declared size");
    TP_CHECK_STREQ(zip_inflate(packed, n, 0, &got), "expands beyond its declared size");
    TP_CHECK_STREQ(zip_inflate(packed, n, sizeof(plain) + 1, &got),
                   "expands to less than its declared size");
    TP_CHECK_STREQ(zip_inflate(packed, n - 1, sizeof(plain), &got), "compressed data damaged");
    TP_CHECK_STREQ(zip_inflate(packed, 0, sizeof(plain), &got), "compressed data damaged");
    TP_CHECK(got == NULL);
    packed[0] ^= 1;
    TP_CHECK_STREQ(zip_inflate(packed, n, sizeof(plain), &got), "compressed data damaged");
}

TP_TEST(DecoderTask, TableIsBounded)
{
    struct task_table t = {0};
    uint8_t name[TP_TASK_NAME_BYTES] = "x";
    uint32_t found = 0;

    for (uint32_t pid = 0; pid < 4 * TASK_SLOTS; pid++)
        task_name(&t, pid, 0, name, true);
    for (uint32_t pid = 0; pid < 4 * TASK_SLOTS; pid++)
        found += task_find(&t, pid) != NULL;
    TP_CHECK(found <= TASK_SLOTS && found > TASK_SLOTS / 2);
    memcpy(name, "twenty-four bytes are ok", 24);
    task_name(&t, 7, 0, name, true);
    TP_ASSERT(task_find(&t, 7) != NULL);
    TP_CHECK_EQ(task_find(&t, 7)->name_bytes, 24);
    task_name(&t, 7, 0, (const uint8_t *)"other\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", false);
    TP_CHECK_MEMEQ(task_find(&t, 7)->name, "twenty-four bytes are ok", 24);
    task_free(&t);
    TP_CHECK(task_find(&t, 7) == NULL);
    /* More than may be in one place, whatever the size: the last are known, and it stays bounded. */
    for (uint32_t i = 0; i < 1000; i++)
        task_name(&t, i << 24 << 1, 0, name, true); /* of 24 bits most give the same place */
    TP_CHECK(t.count <= TASK_SLOTS);
    TP_CHECK(task_find(&t, 999u << 24 << 1) != NULL);
    task_free(&t);
    /* None is lost while it grows. */
    for (uint32_t n = 1; n <= 4096; n++) {
        task_name(&t, n * 7919, n, name, true);
        found = 0;
        for (uint32_t i = 1; i <= n; i += 1 + n / 64)
            found += task_find(&t, i * 7919) && task_find(&t, i * 7919)->group == i;
        TP_CHECK_EQ(found, (n + n / 64) / (1 + n / 64));
    }
    TP_CHECK(t.count < TASK_SLOTS);
    task_free(&t);
}

/* doc/format.md: without a name, and the others of its row are still found. */
TP_TEST(DecoderTask, AnEmptyNameTakesTheName)
{
    struct task_table t = {0};
    uint8_t name[TP_TASK_NAME_BYTES] = "x", empty[TP_TASK_NAME_BYTES] = "";
    size_t n;

    task_name(&t, 1, 0, empty, false);
    TP_CHECK(task_find(&t, 1) == NULL);
    for (uint32_t pid = 0; pid < 1000; pid++)
        task_name(&t, pid, 0, name, false);
    for (uint32_t pid = 0; pid < 1000; pid += 2)
        task_name(&t, pid, 0, empty, pid % 4);
    for (uint32_t pid = 0; pid < 1000; pid++)
        TP_CHECK_EQ(task_find(&t, pid) != NULL, pid % 2);
    TP_CHECK_STREQ(task_comm(&t, 0, &n), "<idle>");
    TP_CHECK_STREQ(task_comm(&t, 2, &n), "<...>");
    /* A record is stronger than a tasks chunk, also where it took the name. */
    task_name(&t, 2, 0, name, false);
    TP_CHECK(task_find(&t, 2) == NULL);
    task_name(&t, 4, 0, name, false);
    TP_CHECK(task_find(&t, 4) != NULL);
    task_free(&t);
}

TP_TEST(DecoderMem, ArenaHasALimit)
{
    struct mem_arena a = {.limit = 200000}, mark;
    uint8_t *p;

    TP_CHECK(mem_arena_get(&a, 200001) == NULL);
    TP_CHECK(mem_arena_get(&a, 100) != NULL);
    mark = a;
    p = mem_arena_get(&a, 10);
    memset(p, 0xff, 10);
    TP_CHECK(mem_arena_get(&a, 100000) != NULL);
    TP_CHECK(mem_arena_get(&a, 100000) == NULL);
    mem_arena_rewind(&a, &mark);
    TP_CHECK(mem_arena_get(&a, 10) == p);
    TP_CHECK_EQ(p[0], 0);
    mem_arena_free(&a);
}

/* --- gzip, in pieces --- */

#define UNIT_PLAIN_BYTES 20000u

struct unit_packed {
    const uint8_t *at;
    size_t n, given, part; /* `part` at a time */
};

static long unit_packed_read(void *context, uint8_t *to, size_t n)
{
    struct unit_packed *p = context;
    size_t left = p->n - p->given;

    n = n < p->part ? n : p->part;
    n = n < left ? n : left;
    memcpy(to, p->at + p->given, n);
    p->given += n;
    return (long)n;
}

/* What comes out in pieces of so many bytes, and of each byte how much was read before it came. Returns how many bytes. */
static size_t unit_unpack(struct unit_packed p, size_t piece, uint8_t *plain, size_t *needed,
                          enum zip_problem *problem)
{
    struct zip_input *z = zip_input_new(unit_packed_read, &p, (const uint8_t *)"", 0);
    size_t n = 0, got;

    while ((got = zip_input_read(z, plain + n, piece)) > 0)
        for (size_t i = 0; i < got; i++)
            needed[n++] = p.given;
    *problem = zip_input_problem(z);
    zip_input_free(z);
    return n;
}

/* Long runs, of which much comes of one byte that was read, and what does not get smaller. */
static void unit_fill(uint8_t plain[UNIT_PLAIN_BYTES])
{
    uint32_t x = 1;

    for (size_t i = 0; i < UNIT_PLAIN_BYTES; i++) {
        x = x * 1664525u + 1013904223u;
        plain[i] = i / 1000 % 2 ? (uint8_t)(x >> 24) : 7;
    }
}

/* However large the pieces are, the same bytes come, also where the data is cut, and no more was read for any of them. */
TP_TEST(Zip, PiecesOfEachSizeAreTheSame)
{
    static const size_t pieces[] = {1, 2, 3, 7, 64, 257, 258, 259, 1000};
    static uint8_t plain[UNIT_PLAIN_BYTES], one[2 * UNIT_PLAIN_BYTES], other[2 * UNIT_PLAIN_BYTES];
    static size_t needed[2 * UNIT_PLAIN_BYTES], other_needed[2 * UNIT_PLAIN_BYTES];
    enum zip_problem problem, other_problem;
    struct help_bytes packed;

    unit_fill(plain);
    packed = help_gzip(plain, sizeof(plain));
    for (size_t cut = packed.n; cut > 0; cut -= cut > 29 ? 29 : cut) {
        struct unit_packed p = {packed.p, cut, 0, 64};
        size_t n = unit_unpack(p, sizeof(plain) + 1, one, needed, &problem), bad = 0;

        TP_CHECK(n == sizeof(plain) || cut < packed.n);
        TP_CHECK_EQ(problem, cut < packed.n ? ZIP_CUT : ZIP_GOOD);
        TP_CHECK(memcmp(one, plain, n) == 0);
        for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
            size_t m = unit_unpack(p, pieces[i], other, other_needed, &other_problem);

            bad += m != n || other_problem != problem || memcmp(one, other, n) != 0 ||
                   memcmp(needed, other_needed, n * sizeof(needed[0])) != 0;
        }
        if (bad)
            TP_FAIL("cut at %zu: %zu sizes of pieces give something else", cut, bad);
    }
    help_free(&packed);
}
