/* SPDX-License-Identifier: MIT */
/* decoder_metadata.c - the limits of metadata and formats, from both sides. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/wire.h>

#include "decoder/model/metadata.h"
#include "decoder/base/diag.h"
#include "help.h"
#include "tp_test.h"

/* What may be changed in a dump with one event and one record of it. */
struct limits {
    uint32_t fields, name_bytes, values, tables;
    const char *fmt; /* NULL: "" */
    uint32_t id, bytes;
    const char *type; /* of each field; NULL: u8 */
    uint32_t size, count;
    uint64_t hz, cpus;
};

static void metadata_head(struct help_bytes *b, unsigned major, uint64_t n)
{
    uint8_t h[9] = {(uint8_t)(major << 5 | 27)};

    for (unsigned i = 0; i < 8; i++)
        h[8 - i] = (uint8_t)(n >> 8 * i);
    help_add(b, h, sizeof(h));
}

static void metadata_text(struct help_bytes *b, const char *text)
{
    metadata_head(b, 3, strlen(text));
    help_add(b, text, strlen(text));
}

static void metadata_number(struct help_bytes *b, const char *key, uint64_t v)
{
    metadata_text(b, key);
    metadata_head(b, 0, v);
}

static void metadata_long(struct help_bytes *b, const char *key, uint32_t n)
{
    metadata_text(b, key);
    metadata_head(b, 3, n);
    for (uint32_t i = 0; i < n; i++)
        help_add(b, "n", 1);
}

static void metadata_tables(struct help_bytes *b, const struct limits *l)
{
    metadata_text(b, "tables");
    metadata_head(b, 4, l->tables);
    for (uint32_t i = 0; i < l->tables; i++) {
        metadata_head(b, 5, 3);
        metadata_long(b, "name", 3);
        metadata_text(b, "kind");
        metadata_text(b, "enum");
        metadata_text(b, "values");
        metadata_head(b, 4, 2 * l->values);
        for (uint32_t k = 0; k < l->values; k++) {
            metadata_head(b, 0, l->values - k);
            metadata_text(b, "v");
        }
    }
}

static void add_event(struct help_bytes *b, const struct limits *l)
{
    uint32_t size = l->size ? l->size : 1;

    metadata_head(b, 5, 6);
    metadata_number(b, "id", l->id ? l->id : 1);
    metadata_long(b, "sys", 3);
    metadata_long(b, "name", l->name_bytes ? l->name_bytes : 4);
    metadata_text(b, "fmt");
    metadata_text(b, l->fmt ? l->fmt : "");
    metadata_number(b, "bytes", l->bytes ? l->bytes : (uint64_t)l->fields * size);
    metadata_text(b, "fields");
    metadata_head(b, 4, l->fields);
    for (uint32_t i = 0; i < l->fields; i++) {
        metadata_head(b, 5, l->count ? 5 : 4);
        metadata_long(b, "name", 2);
        metadata_text(b, "type");
        metadata_text(b, l->type ? l->type : "u8");
        metadata_number(b, "at", (uint64_t)i * size);
        metadata_number(b, "size", size);
        if (l->count)
            metadata_number(b, "count", l->count);
    }
}

/* Decodes a dump with that metadata and one record; the exit code. */
static int metadata_code(struct limits l, struct help_run *run)
{
    struct help_bytes b = {0}, dump = {0};
    uint8_t record[256] = {0};
    uint32_t word = TP_RECORD_WORD(l.id ? l.id : 1, sizeof(record) / 8) | TP_RECORD_COMMITTED;

    metadata_head(&b, 5, 6);
    metadata_text(&b, "tool");
    metadata_text(&b, "x");
    metadata_text(&b, "clock");
    metadata_head(&b, 5, 1);
    metadata_number(&b, "hz", l.hz ? l.hz : 1000);
    metadata_number(&b, "cpus", l.cpus ? l.cpus : 1);
    metadata_text(&b, "buffer");
    metadata_head(&b, 5, 0);
    metadata_tables(&b, &l);
    metadata_text(&b, "events");
    metadata_head(&b, 4, 1);
    add_event(&b, &l);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, b.p, b.n);
    memcpy(record + 4, &word, 4);
    record[8] = 7;
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_DATA, .records = 1}, record,
                   sizeof(record));
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    *run = help_decode("x", dump.p, dump.n, HELP_TEXT);
    help_free(&b);
    help_free(&dump);
    return run->code;
}

static void metadata_expect(struct limits l, int code, const char *err)
{
    struct help_run run;

    TP_CHECK_EQ(metadata_code(l, &run), code);
    if (!strstr(run.err, err))
        TP_FAIL("stderr has no \"%s\":\n%s", err, run.err);
    help_run_free(&run);
}

TP_TEST(DecoderMetadata, Limits)
{
    metadata_expect((struct limits){0}, 0, "1 records");
    metadata_expect((struct limits){.fields = 16}, 0, "1 records");
    metadata_expect((struct limits){.fields = 17}, 1, "too many fields");
    metadata_expect((struct limits){.name_bytes = 127}, 0, "1 records");
    metadata_expect((struct limits){.name_bytes = 128}, 1, "too long or empty");
    metadata_expect((struct limits){.tables = 2, .values = 4096}, 0, "1 records");
    metadata_expect((struct limits){.tables = 1, .values = 4097}, 1, "table of a wrong length");
    metadata_expect((struct limits){.id = 65279}, 0, "1 records");
    metadata_expect((struct limits){.id = 65280}, 1, "an id that is not for events");
    metadata_expect((struct limits){.fields = 1, .bytes = 32760}, 1,
                    "1 records of events"); /* record too short */
    metadata_expect((struct limits){.fields = 1, .bytes = 32761}, 1, "too large a fixed part");
    metadata_expect((struct limits){.fields = 1, .size = 2}, 1, "size does not fit its type");
    metadata_expect((struct limits){.fields = 2, .bytes = 1}, 1, "outside of its fixed part");
    metadata_expect((struct limits){.fields = 1, .type = "double"}, 1, "unknown type");
    metadata_expect((struct limits){.fields = 1, .type = "ptr", .size = 8}, 0, "1 records");
    metadata_expect((struct limits){.fields = 1, .type = "ptr", .size = 4}, 0, "1 records");
    metadata_expect((struct limits){.fields = 1, .type = "ptr", .size = 2}, 1,
                    "size does not fit its type");
    metadata_expect((struct limits){.fields = 1, .size = 3, .count = 3}, 0, "1 records");
    metadata_expect((struct limits){.fields = 1, .size = 4, .count = 3}, 1,
                    "size does not fit its type");
    metadata_expect((struct limits){.fields = 1, .type = "str", .size = 2, .count = 1}, 1,
                    "array of a type that has none");
    metadata_expect((struct limits){.hz = UINT64_MAX, .cpus = UINT64_MAX}, 0, "1 records");
}

TP_TEST(DecoderMetadata, FormatLimits)
{
    char fmt[1026], line[1200];
    struct help_run run;

    memset(fmt, 'f', sizeof(fmt));
    fmt[1023] = 0;
    TP_CHECK_EQ(metadata_code((struct limits){.fmt = fmt}, &run), 0);
    snprintf(line, sizeof(line),
             "           <...>-0       [000] .....     0.000000: nnn_nnnn: %s\n", fmt);
    TP_CHECK_STREQ(run.out, line);
    help_run_free(&run);
    fmt[1023] = 'f';
    fmt[1024] = 0;
    metadata_expect((struct limits){.fmt = fmt}, 1, "too long or empty");
    /* Every byte escaped: the longest that a format can become. */
    memset(fmt, 1, 1023);
    fmt[1023] = 0;
    TP_CHECK_EQ(metadata_code((struct limits){.fmt = fmt}, &run), 0);
    TP_CHECK_EQ(run.out_bytes, 61 + 4 * 1023 + 1);
    help_run_free(&run);
    TP_CHECK_EQ(metadata_code((struct limits){.fmt = "%4096u", .fields = 1}, &run), 0);
    TP_CHECK_EQ(run.out_bytes, 61 + 4096 + 1);
    help_run_free(&run);
    TP_CHECK_EQ(
        metadata_code((struct limits){.fmt = "%4097u %.4097u %99999999999999999999d", .fields = 1},
                      &run),
        0);
    TP_CHECK(strstr(run.out, ": %4097u %.4097u %99999999999999999999d\n") != NULL);
    help_run_free(&run);
    TP_CHECK_EQ(metadata_code((struct limits){.fmt = "%.4096u", .fields = 1}, &run), 0);
    TP_CHECK_EQ(run.out_bytes, 61 + 4096 + 1);
    help_run_free(&run);
}

/* --- text and names, with width and precision --- */

/* Prints a number with a table of `kind`, in which `names` are those of 1, 2, 4 or of `values`, and a
 * text. */
struct metadata_shown {
    const char *fmt, *kind;
    const char *names[3];
    uint8_t values[3], v;
    const char *text, *want;
};

static void metadata_shown_event(struct help_bytes *b, const struct metadata_shown *p)
{
    static const char *const type[] = {"u8", "str"};

    metadata_head(b, 5, 6);
    metadata_text(b, "tool");
    metadata_text(b, "x");
    metadata_text(b, "clock");
    metadata_head(b, 5, 1);
    metadata_number(b, "hz", 1000);
    metadata_number(b, "cpus", 1);
    metadata_text(b, "buffer");
    metadata_head(b, 5, 0);
    metadata_text(b, "tables");
    metadata_head(b, 4, 1);
    metadata_head(b, 5, 3);
    metadata_text(b, "name");
    metadata_text(b, "t");
    metadata_text(b, "kind");
    metadata_text(b, p->kind);
    metadata_text(b, "values");
    metadata_head(b, 4, 6);
    for (unsigned i = 0; i < 3; i++) {
        metadata_head(b, 0, p->values[i] ? p->values[i] : 1u << i);
        metadata_text(b, p->names[i] ? p->names[i] : "other");
    }
    metadata_text(b, "events");
    metadata_head(b, 4, 1);
    metadata_head(b, 5, 6);
    metadata_number(b, "id", 1);
    metadata_text(b, "sys");
    metadata_text(b, "s");
    metadata_text(b, "name");
    metadata_text(b, "e");
    metadata_text(b, "fmt");
    metadata_text(b, p->fmt);
    metadata_number(b, "bytes", 3);
    metadata_text(b, "fields");
    metadata_head(b, 4, 2);
    for (unsigned i = 0; i < 2; i++) {
        metadata_head(b, 5, i ? 4 : 5);
        metadata_text(b, "name");
        metadata_text(b, i ? "b" : "a");
        metadata_text(b, "type");
        metadata_text(b, type[i]);
        metadata_number(b, "at", i);
        metadata_number(b, "size", 1 + i);
        if (!i)
            metadata_number(b, "table", 0);
    }
}

static void metadata_shows(const struct metadata_shown *p)
{
    struct help_bytes b = {0}, dump = {0};
    size_t n = strlen(p->text);
    uint32_t units = (uint32_t)(8 + 3 + n + 7) / 8, word;
    uint8_t record[128] = {0};
    struct help_run run;
    const char *at;

    metadata_shown_event(&b, p);
    word = TP_RECORD_WORD(1, units) | TP_RECORD_COMMITTED;
    memcpy(record + 4, &word, 4);
    record[8] = p->v;
    record[9] = (uint8_t)n;
    memcpy(record + 11, p->text, n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, b.p, b.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_DATA, .records = 1}, record,
                   units * 8);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    run = help_decode("x", dump.p, dump.n, HELP_TEXT);
    TP_CHECK_EQ(run.code, 0);
    at = strstr(run.out, " s_e: ");
    TP_ASSERT(at != NULL);
    TP_CHECK_STREQ(at + 6, p->want);
    help_run_free(&run);
    help_free(&dump);
    help_free(&b);
}

/* Both count the bytes that the dump has; then what is left is escaped, whole. */
TP_TEST(DecoderMetadata, WidthAndPrecisionAreOfBytes)
{
    static const struct metadata_shown shown[] = {
        {"[%4s][%5s]", "enum", {"a\x1b"}, {0}, 1, "b\x1b", "[  a\\x1b][   b\\x1b]\n"},
        {"[%-4s][%-5s]", "enum", {"a\x1b"}, {0}, 1, "b\x1b", "[a\\x1b  ][b\\x1b   ]\n"},
        {"[%.2s][%.2s]", "enum", {"a\x1b]"}, {0}, 1, "b\x1b]", "[a\\x1b][b\\x1b]\n"},
        {"[%.2s][%.2s]", "enum", {"a\xc3\xa9"}, {0}, 1, "b\xc3\xa9", "[a\\xc3][b\\xc3]\n"},
        {"[%4s][%5s]", "flags", {"a\x1b"}, {0}, 1, "", "[  a\\x1b][     ]\n"},
        {"[%-7s][%s]", "flags", {"a\x1b", "c"}, {0}, 3, "", "[a\\x1b|c   ][]\n"},
        {"[%.2s][%s]", "flags", {"a\x1b]"}, {0}, 1, "", "[a\\x1b][]\n"},
        {"[%.3s][%s]", "flags", {"\xf0\x9f\x98\x80"}, {0}, 1, "", "[\\xf0\\x9f\\x98][]\n"},
        {"[%.2s][%s]", "flags", {"\\"}, {0}, 3, "", "[\\\\|][]\n"},
    };

    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        metadata_shows(&shown[i]);
}

/* A bit is in one name at most, as in Linux. */
TP_TEST(DecoderMetadata, NamesOfFlagsThatOverlap)
{
    static const struct metadata_shown shown[] = {
        {"%s%s", "flags", {"AB", "BC", "B"}, {3, 6, 2}, 7, "", "AB|0x4\n"},
        {"%s%s", "flags", {"AB", "BC", "B"}, {3, 6, 2}, 6, "", "BC\n"},
        {"%s%s", "flags", {"AB", "BC", "B"}, {3, 6, 2}, 2, "", "B\n"},
        {"%s%s", "flags", {"B", "AB", "C"}, {2, 3, 4}, 7, "", "B|C|0x1\n"},
    };

    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        metadata_shows(&shown[i]);
}

/* --- more maps, as of modules --- */

/* The first map of a payload, with event 1; what follows is added at the next multiple of 8. */
static void metadata_first_with(struct help_bytes *b, uint32_t fields)
{
    metadata_head(b, 5, 6);
    metadata_text(b, "tool");
    metadata_text(b, "x");
    metadata_text(b, "clock");
    metadata_head(b, 5, 1);
    metadata_number(b, "hz", 1000);
    metadata_number(b, "cpus", 1);
    metadata_text(b, "buffer");
    metadata_head(b, 5, 0);
    metadata_tables(b, &(struct limits){0});
    metadata_text(b, "events");
    metadata_head(b, 4, 1);
    add_event(b, &(struct limits){.id = 1, .fields = fields});
}

static void metadata_first(struct help_bytes *b)
{
    metadata_first_with(b, 0);
}

static void metadata_pad(struct help_bytes *b)
{
    while (b->n % 8)
        help_add(b, "", 1);
}

/* A further map with one event. `fields` 17 is too many, `pairs` above 2 more than there are. */
static void metadata_further(struct help_bytes *b, uint32_t id, uint32_t fields, uint64_t pairs)
{
    metadata_pad(b);
    metadata_head(b, 5, pairs);
    metadata_tables(b, &(struct limits){.tables = 1, .values = 1});
    metadata_text(b, "events");
    metadata_head(b, 4, 1);
    add_event(b, &(struct limits){.id = id, .fields = fields});
}

/* Decodes the payload with a record of each event 1 to `events`: the exit code. */
static int metadata_maps(const struct help_bytes *b, uint32_t events, struct help_run *run)
{
    struct help_bytes dump = {0}, records = {0};

    for (uint32_t id = 1; id <= events; id++) {
        uint32_t record[4] = {id, TP_RECORD_WORD(id, 2) | TP_RECORD_COMMITTED};

        help_add(&records, record, sizeof(record));
    }
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, b->p, b->n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_DATA, .records = events}, records.p,
                   records.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    *run = help_decode("x", dump.p, dump.n, HELP_TEXT);
    help_free(&dump);
    help_free(&records);
    return run->code;
}

/* So many events are unknown, and that is said. */
static void metadata_expect_maps(struct help_bytes *b, uint32_t events, uint32_t unknown,
                                 const char *err)
{
    struct help_run run;
    unsigned found = 0;

    TP_CHECK_EQ(metadata_maps(b, events, &run), unknown || err[0] ? 1 : 0);
    for (const char *at = run.out; (at = strstr(at, "unknown event")); at++)
        found++;
    TP_CHECK_EQ(found, unknown);
    if (!strstr(run.err, err))
        TP_FAIL("stderr has no \"%s\":\n%s", err, run.err);
    help_run_free(&run);
    help_free(b);
}

TP_TEST(DecoderMetadata, FurtherMaps)
{
    struct help_bytes b = {0};

    metadata_first(&b);
    for (uint32_t id = 2; id <= 50; id++)
        metadata_further(&b, id, 0, 2);
    metadata_expect_maps(&b, 50, 0, "");
    /* Keys that only the first has say nothing in others: no other clock. */
    metadata_first(&b);
    metadata_pad(&b);
    metadata_head(&b, 5, 4);
    metadata_number(&b, "cpus", 7);
    metadata_number(&b, "new", 7);
    metadata_tables(&b, &(struct limits){0});
    metadata_text(&b, "events");
    metadata_head(&b, 4, 1);
    add_event(&b, &(struct limits){.id = 2});
    metadata_expect_maps(&b, 2, 0, "");
}

static int metadata_quiet(void *context, const void *bytes, size_t n)
{
    (void)context;
    (void)bytes;
    (void)n;
    return 0;
}

/* Modules that come one after the other: all of them are told each time, which must not add up. */
TP_TEST(DecoderMetadata, WhatIsToldAgainCostsNothing)
{
    struct diag diag = {.sink.write = metadata_quiet};
    struct diag_file file = {.diag = &diag, .name = "dump"};
    struct help_bytes b = {0};
    struct metadata m = {0};
    uint32_t maps = 400;

    metadata_first(&b);
    for (uint32_t id = 2; id <= maps; id++) {
        metadata_further(&b, id, 0, 2);
        TP_CHECK(metadata_read(&m, b.p, b.n, id, &file, id));
    }
    TP_CHECK_EQ(diag.damage, 0);
    for (uint32_t id = 1; id <= maps; id++)
        TP_CHECK(metadata_event(&m, id) != NULL);
    TP_CHECK(m.arena.bytes < 4u << 20);
    metadata_free(&m);
    free(b.p);
}

/* Tables are those of the map: the second has none, though the first has one. */
TP_TEST(DecoderMetadata, TablesAreOfOneMap)
{
    for (unsigned own = 0; own < 2; own++) {
        struct help_bytes b = {0};

        metadata_first(&b);
        metadata_further(&b, 2, 0, 2); /* with a table */
        metadata_pad(&b);
        metadata_head(&b, 5, 2);
        metadata_tables(&b, &(struct limits){.tables = own, .values = 1});
        metadata_text(&b, "events");
        metadata_head(&b, 4, 1);
        metadata_head(&b, 5, 6);
        metadata_number(&b, "id", 3);
        metadata_long(&b, "sys", 3);
        metadata_long(&b, "name", 4);
        metadata_text(&b, "fmt");
        metadata_text(&b, "%s");
        metadata_number(&b, "bytes", 4);
        metadata_text(&b, "fields");
        metadata_head(&b, 4, 1);
        metadata_head(&b, 5, 5);
        metadata_long(&b, "name", 1);
        metadata_text(&b, "type");
        metadata_text(&b, "u32");
        metadata_number(&b, "at", 0);
        metadata_number(&b, "size", 4);
        metadata_number(&b, "table", 0);
        metadata_expect_maps(&b, 3, own ? 0 : 1, own ? "" : "a table that is not there");
    }
}

TP_TEST(DecoderMetadata, DamageInOneMapCostsThatOne)
{
    struct help_bytes b = {0};

    /* Well formed, and wrong: the next is found. */
    metadata_first(&b);
    metadata_further(&b, 2, 17, 2);
    metadata_further(&b, 3, 0, 2);
    metadata_expect_maps(&b, 3, 1, "too many fields");
    /* The first one, too, may be wrong behind its clock. */
    metadata_first_with(&b, 17);
    metadata_further(&b, 2, 0, 2);
    metadata_expect_maps(&b, 2, 1, "too many fields");
    /* Its end is not known: what follows is lost, what was before stands. */
    metadata_first(&b);
    metadata_further(&b, 2, 0, 2);
    metadata_further(&b, 3, 0, 1000);
    metadata_further(&b, 4, 0, 2);
    metadata_expect_maps(&b, 4, 2, "declares more than it holds");
}

/* An item of any kind: a number, a text, bytes, an array, a tag, true. Its end is known. */
TP_TEST(DecoderMetadata, WhatIsNoMapCostsOnlyItself)
{
    static const char *const items[] = {"\x18\x20\0\0\0\0\0\0",
                                        "\x63two\0\0\0\0",
                                        "\x42"
                                        "ab\0\0\0\0\0",
                                        "\x82\1\2\0\0\0\0\0",
                                        "\xc1\xa0\0\0\0\0\0\0",
                                        "\xf5\0\0\0\0\0\0\0"};

    for (unsigned i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        struct help_bytes b = {0};

        metadata_first(&b);
        metadata_pad(&b);
        help_add(&b, items[i], 8);
        metadata_further(&b, 2, 0, 2);
        metadata_expect_maps(&b, 2, 0, "chunk 0: metadata has a value of the wrong type");
    }
}

/* Not a message for each byte of a payload. */
TP_TEST(DecoderMetadata, BadMapsUpToALimit)
{
    for (unsigned bad = 7; bad < 9; bad++) {
        struct help_bytes b = {0};

        metadata_first(&b);
        for (unsigned i = 0; i < bad; i++)
            metadata_further(&b, 2, 17, 2);
        metadata_further(&b, 2, 0, 2);
        metadata_expect_maps(&b, 2, bad == 8, "too many fields");
    }
}

TP_TEST(DecoderMetadata, WhatIsNoFurtherMap)
{
    static const char *const rest[] = {"\0\0\0\0\0\0\0\0", "\x80\0\0\0\0\0\0\0",
                                       "\xff\0\0\0\0\0\0\0", "\xa0\0\0\0\0\0\0\0",
                                       "\xa0\0\0\0\0\0\0\1"};
    struct help_bytes b = {0};

    for (unsigned i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
        metadata_first(&b);
        metadata_pad(&b);
        help_add(&b, rest[i], 8);
        metadata_expect_maps(&b, 1, 0, "chunk 0: metadata");
    }
    metadata_first(&b);
    metadata_pad(&b);
    b.p[b.n - 1] = 1; /* where padding is to be */
    metadata_expect_maps(&b, 1, 0, "something follows the metadata");
}

/* The programs of a filter: of more events than there are slots at first, in turns. */
TP_TEST(DecoderMetadata, FilterOfManyEvents)
{
    enum { EVENTS = 300, TURNS = 3 };
    struct help_bytes b = {0}, dump = {0}, records = {0};
    struct decode_input in = {.path = "x"};
    struct decode_options o = {.inputs = &in, .input_count = 1};
    struct help_run run;

    metadata_first_with(&b, 1);
    for (uint32_t id = 2; id <= EVENTS; id++)
        metadata_further(&b, id, 1, 2);
    for (uint32_t i = 0; i < TURNS * EVENTS; i++) {
        uint32_t id = 1 + i % EVENTS;
        uint32_t record[4] = {i, TP_RECORD_WORD(id, 2) | TP_RECORD_COMMITTED};

        memcpy(record + 2, &(uint8_t){(uint8_t)id}, 1);
        help_add(&records, record, sizeof(record));
    }
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, b.p, b.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_DATA, .records = TURNS * EVENTS},
                   records.p, records.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    in.bytes = dump.p;
    in.size = dump.n;
    o.select.filter = "nn >= 200 || nn == 7";
    run = help_run(o);
    TP_CHECK_EQ(run.code, 0);
    /* 200 to 255, 7, and 263, whose low byte is 7. */
    TP_CHECK_STREQ(run.err, "174 of 900 records shown, 0 lost\n");
    help_run_free(&run);
    help_free(&b);
    help_free(&dump);
    help_free(&records);
}
