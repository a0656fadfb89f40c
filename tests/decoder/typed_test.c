/* SPDX-License-Identifier: MIT */
/* typed_test.c - numbers with a point and sequences, and metadata whose parts have checksums. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/wire.h>

#include "help.h"
#include "tp_test.h"

static void typed_head(struct help_bytes *b, unsigned major, uint32_t n)
{
    uint8_t h[5] = {(uint8_t)(major << 5 | 26), (uint8_t)(n >> 24), (uint8_t)(n >> 16),
                    (uint8_t)(n >> 8), (uint8_t)n};

    if (n < 24)
        h[0] = (uint8_t)(major << 5 | n);
    help_add(b, h, n < 24 ? 1 : 5);
}

static void typed_text(struct help_bytes *b, const char *text)
{
    typed_head(b, 3, (uint32_t)strlen(text));
    help_add(b, text, strlen(text));
}

static void typed_number(struct help_bytes *b, const char *key, uint32_t v)
{
    typed_text(b, key);
    typed_head(b, 0, v);
}

/* A field at the start of the fixed part. */
struct typed_field {
    const char *type, *key; /* "count", "max" or NULL */
    uint32_t size, elements;
};

static void typed_sum(struct help_bytes *b, size_t from)
{
    uint32_t sum = help_crc(b->p + from, b->n - from);

    typed_number(b, "crc", sum);
}

static void typed_event(struct help_bytes *b, uint32_t id, const char *name, const char *fmt,
                        uint32_t bytes, const struct typed_field *f)
{
    size_t from = b->n;

    typed_head(b, 5, 7);
    typed_number(b, "id", id);
    typed_text(b, "sys");
    typed_text(b, "s");
    typed_text(b, "name");
    typed_text(b, name);
    typed_text(b, "fmt");
    typed_text(b, fmt);
    typed_number(b, "bytes", bytes);
    typed_text(b, "fields");
    typed_head(b, 4, 1);
    typed_head(b, 5, f->key ? 5 : 4);
    typed_text(b, "name");
    typed_text(b, "v");
    typed_text(b, "type");
    typed_text(b, f->type);
    typed_number(b, "at", 0);
    typed_number(b, "size", f->size);
    if (f->key)
        typed_number(b, f->key, f->elements);
    typed_sum(b, from);
}

static void typed_start(struct help_bytes *b, uint32_t events)
{
    size_t from;

    typed_head(b, 5, 6);
    typed_text(b, "tool");
    typed_text(b, "x");
    typed_text(b, "clock");
    from = b->n;
    typed_head(b, 5, 2);
    typed_number(b, "hz", 1000);
    typed_sum(b, from);
    typed_number(b, "cpus", 1);
    typed_text(b, "buffer");
    typed_head(b, 5, 0);
    typed_text(b, "tables");
    typed_head(b, 4, 0);
    typed_text(b, "events");
    typed_head(b, 4, events);
}

static void typed_record(struct help_bytes *b, uint32_t id, const void *fields, size_t n)
{
    uint8_t record[4096] = {0};
    uint32_t units = (uint32_t)(8 + n + 7) / 8,
             word = TP_RECORD_WORD(id, units) | TP_RECORD_COMMITTED;

    memcpy(record + 4, &word, 4);
    memcpy(record + 8, fields, n);
    help_add(b, record, 8 * units);
}

/* What is printed of one record: after the name of the event, or in JSON after `"fields":`. */
static void typed_expect(const struct typed_field *f, const char *fmt, uint32_t bytes,
                         const void *fields, size_t n, enum help_mode mode, const char *want)
{
    const char *mark = mode == HELP_JSON ? "\"fields\":{\"v\":" : ": s_e: ", *at;
    struct help_bytes meta = {0}, data = {0}, dump = {0};
    struct help_run run;

    typed_start(&meta, 1);
    typed_event(&meta, 1, "e", fmt, bytes, f);
    typed_record(&data, 1, fields, n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, meta.p, meta.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_DATA, .records = 1}, data.p, data.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    run = help_decode("x", dump.p, dump.n, mode);
    at = strstr(run.out, mark);
    if (!at || strncmp(at + strlen(mark), want, strlen(want)) != 0)
        TP_FAIL("%s of %s: wanted %s, got %s", fmt, f->type, want,
                at ? at + strlen(mark) : run.out);
    help_run_free(&run);
    help_free(&dump);
    help_free(&data);
    help_free(&meta);
}

/* By hand from what C says of printf. */
TP_TEST(DecoderTyped, ConversionsOfNumbersWithAPoint)
{
    static const struct {
        double v;
        const char *fmt, *want;
    } shown[] = {{1.5, "%f|", "1.500000|"},
                 {-2.25, "%.1f|", "-2.2|"},
                 {1234.5, "%.2e|", "1.23e+03|"},
                 {1234.5, "%G|", "1234.5|"},
                 {1e-7, "%g|", "1e-07|"},
                 {1.5, "%8.2f|", "    1.50|"},
                 {1.5, "%-8.2f|", "1.50    |"},
                 {1.5, "%08.2f|", "00001.50|"},
                 {1.5, "%+.1f|", "+1.5|"},
                 {1.5, "% .1f|", " 1.5|"},
                 {2, "%#.0f|", "2.|"},
                 {1, "%a|", "0x1p+0|"},
                 {1, "%lf|", "1.000000|"},
                 {NAN, "%f|", "nan|"},
                 {-NAN, "%+5F|", "  NAN|"},
                 {INFINITY, "%f|", "inf|"},
                 {-INFINITY, "%06E|", "  -INF|"},
                 {0.5, "%d|", "%d|"},
                 {0.5, "%x|", "%x|"},
                 {0.5, "%s|", "%s|"}};

    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        typed_expect(&(struct typed_field){"f64", NULL, 8, 0}, shown[i].fmt, 8, &shown[i].v, 8,
                     HELP_TEXT, shown[i].want);
}

/* In JSON the shortest that is read as the same number again. */
TP_TEST(DecoderTyped, ShortestNumbers)
{
    static const struct {
        double v;
        const char *f64, *f32;
    } shown[] = {{0.1, "0.1}", "0.1}"},
                 {1.0 / 3, "0.3333333333333333}", "0.33333334}"},
                 {1e23, "1e+23}", "1e+23}"},
                 {16777216, "16777216}", "16777216}"},
                 {5e-324, "4.94065645841247e-324}", "0}"},
                 {NAN, "\"nan\"}", "\"nan\"}"},
                 {-INFINITY, "\"-inf\"}", "\"-inf\"}"}};

    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        float narrow = (float)shown[i].v;

        typed_expect(&(struct typed_field){"f64", NULL, 8, 0}, "", 8, &shown[i].v, 8, HELP_JSON,
                     shown[i].f64);
        typed_expect(&(struct typed_field){"f32", NULL, 4, 0}, "", 4, &narrow, 4, HELP_JSON,
                     shown[i].f32);
    }
}

/* The u16 in the fixed part, then the tail. */
TP_TEST(DecoderTyped, Sequences)
{
    static const struct {
        struct typed_field f;
        const char *fmt;
        uint8_t bytes[20];
        size_t n;
        const char *text, *json;
    } shown[] = {
        {{"u16", "max", 2, 3}, "%u|", {4, 0, 1, 0, 2, 1}, 6, "{1,258}|", "[1,258]}"},
        {{"u16", "max", 2, 3}, "%3u|", {2, 0, 7, 0}, 4, "{  7}|", "[7]}"},
        {{"u16", "max", 2, 3}, "%u|", {0, 0}, 2, "{}|", "[]}"},
        {{"u16", "max", 2, 3}, "%u|", {2, 0x80, 7, 0}, 4, "{7,...}|", "[7,\"...\"]}"},
        {{"u16", "max", 2, 3}, "%u|", {0, 0x80}, 2, "{...}|", "[\"...\"]}"},
        {{"ptr", "max", 4, 9}, "%p|", {4, 0, 0x10, 0, 0, 1}, 6, "{0x1000010}|", "[\"0x1000010\"]}"},
        {{"ptr", "max", 8, 9}, "%p|", {8, 0, 0x10}, 10, "{0x10}|", "[\"0x10\"]}"},
        {{"char", "max", 1, 9}, "%s|", {3, 0, 'a', 'b', 'c'}, 5, "abc|", "\"abc\"}"},
        {{"char", "max", 1, 9}, "%s|", {2, 0x80, 'a', 'b'}, 4, "ab...|", "\"ab...\"}"},
        {{"f32", "max", 4, 9}, "%.1f|", {4, 0, 0, 0, 0xc0, 0x3f}, 6, "{1.5}|", "[1.5]}"},
        {{"s8", "max", 1, 9}, "%d|", {2, 0, 0xff, 1}, 4, "{-1,1}|", "[-1,1]}"},
    };

    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        typed_expect(&shown[i].f, shown[i].fmt, 2, shown[i].bytes, shown[i].n, HELP_TEXT,
                     shown[i].text);
        typed_expect(&shown[i].f, shown[i].fmt, 2, shown[i].bytes, shown[i].n, HELP_JSON,
                     shown[i].json);
    }
}

/* Exit code and messages of a dump with this field and the bytes of a record. */
static void typed_refused(const struct typed_field *f, uint32_t bytes, const void *fields, size_t n,
                          int code, const char *message)
{
    struct help_bytes meta = {0}, data = {0}, dump = {0};
    struct help_run run;

    typed_start(&meta, 1);
    typed_event(&meta, 1, "e", "%u", bytes, f);
    typed_record(&data, 1, fields, n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, meta.p, meta.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_DATA, .records = 1}, data.p, data.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    run = help_decode("x", dump.p, dump.n, HELP_TEXT);
    TP_CHECK_EQ(run.code, code);
    if (!strstr(run.err, message))
        TP_FAIL("wanted %s, got %s", message, run.err);
    help_run_free(&run);
    help_free(&dump);
    help_free(&data);
    help_free(&meta);
}

TP_TEST(DecoderTyped, WhatNoFieldCanBe)
{
    static const uint8_t odd[16] = {3, 0, 1, 2, 3};

    typed_refused(&(struct typed_field){"u16", "max", 2, 9}, 2, odd, 8, 1, "shown as bytes");
    typed_refused(&(struct typed_field){"u16", "max", 2, 16001}, 2, odd, 8, 1,
                  "sequence that is too long");
    typed_refused(&(struct typed_field){"u16", "max", 2, 0}, 2, odd, 8, 1,
                  "field that is too large");
    typed_refused(&(struct typed_field){"u16", "max", 4, 9}, 2, odd, 8, 1, "size does not fit");
    typed_refused(&(struct typed_field){"str", "max", 2, 9}, 2, odd, 8, 1, "type that has none");
    typed_refused(&(struct typed_field){"u32", "max", 4, 9}, 1, odd, 8, 1,
                  "outside of its fixed part");
    typed_refused(&(struct typed_field){"f64", NULL, 4, 0}, 8, odd, 8, 1, "size does not fit");
}

/* --- metadata whose own checksum is wrong --- */

/* Flips each bit of the payload. An event that is printed is printed right; the flip of a bit in one
 * event does not cost the other, and no flip costs both unless it is in the head of it all. */
TP_TEST(DecoderTyped, DamagedMetadataCostsWhatIsDamaged)
{
    static const struct typed_field u32 = {"u32", NULL, 4, 0};
    struct help_bytes meta = {0}, data = {0}, dump = {0};
    size_t first, second, costs[3] = {0};

    typed_start(&meta, 2);
    first = meta.n;
    typed_event(&meta, 1, "one", "v=%u", 4, &u32);
    second = meta.n;
    typed_event(&meta, 2, "two", "w=%u", 4, &u32);
    typed_record(&data, 1, "\7\0\0", 4);
    typed_record(&data, 2, "\11\0\0", 4);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, meta.p, meta.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_DATA, .records = 2}, data.p, data.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    for (size_t bit = 0; bit < 8 * meta.n; bit++) {
        struct help_run run;
        bool one, two;

        dump.p[TP_WIRE_CHUNK_BYTES + bit / 8] ^= (uint8_t)(1 << bit % 8);
        run = help_decode("x", dump.p, dump.n, HELP_TEXT);
        dump.p[TP_WIRE_CHUNK_BYTES + bit / 8] ^= (uint8_t)(1 << bit % 8);
        one = strstr(run.out, ": s_one: v=7\n");
        two = strstr(run.out, ": s_two: w=9\n");
        TP_CHECK_EQ(run.code, bit / 8 < first && !one && !two ? 3 : 1);
        if (bit / 8 >= first && (bit / 8 < second ? !two || one : !one || two))
            TP_FAIL("bit %zu", bit);
        if (bit / 8 < first)
            costs[one + two]++;
        help_run_free(&run);
    }
    TP_CHECK_EQ(costs[1], 0);
    TP_CHECK(costs[2] > costs[0]);
    help_free(&dump);
    help_free(&data);
    help_free(&meta);
}
