/* SPDX-License-Identifier: MIT */
/*
 * libtraceevent reads our format texts and prints our records: the same as tpdecode does. Where it
 * does not, Differences has both texts, and why.
 */
#include "../../engine/unit/support.h"

#include "decoder/base/diag.h"
#include "decoder/export/layout.h"
#include "decoder/export/little.h"
#include "decoder/export/tracefs.h"

#include <traceevent/event-parse.h>
#include <tp/control.h>
#include <tp/linux.h>

/* Besides those of tests/engine/unit/events.h. */
#define TP_CREATE
#include <tp/event.h>
TP_FLAGS(named_zero, TP_NAME(0, "NONE"), TP_NAME(3, "BOTH"), TP_NAME(1, "ONE"),
         TP_NAME(0x80000000u, "HIGH"))
TP_EVENT(made, zero, "%s|%s", flags(named_zero) f, flags(gfp) g)
TP_EVENT(made, widths,
         "%5u|%-5u|%05d|%.3d|%5.3u|%#llx|%#o|%X|%10s|%-10s|%.2s|%4.1s|%16p|%-16p|%8s|%-8s", u8 a,
         u16 b, s32 c, u32 d, u8 e, u64 f, u32 g, u16 h, str i, arr(char, 4) j, str k, str l, ptr m,
         ptr n, enum(why) o, enum(why) p)
TP_EVENT(made, lengths, "%lld %i %hd %hhi %hhu %llx %hx %o", s64 a, s32 b, s16 c, s8 d, u8 e, s64 f,
         s16 g, s8 h)
TP_EVENT(made, quotes, "100%% \"%u\" %s '{}', %u", u32 a, enum(why) b, u32 c)
TP_EVENT(made, many, "%u|%d|%llx|%p", arr(u8, 16) a, arr(s16, 3) b, arr(s64, 2) c, arr(ptr, 2) d)
TP_EVENT(made, gaps, "%d %lld %d %s %d %lld", s8 a, s64 b, s16 c, str d, bool e, u64 f)
TP_EVENT(made, signs, "%+d|% d", s32 a, s32 b)
TP_EVENT(made, wide_char, "\\ %c", u32 a)
TP_EVENT(made, padded, "%8x|%12s", bytes a, flags(gfp) b)
TP_EVENT(made, long_array, "%u", arr(u16, 17) a)

static const struct tp_config config = {
    .name = "t", .cpus = 1, .subbuf_bytes = 65536, .subbufs = 8, .context = true};

static struct tep_handle *tep_begin(void)
{
    struct tep_handle *tep = tep_alloc();
    char text[8000];

    tep_set_long_size(tep, sizeof(long));
    tep_set_page_size(tep, 4096);
    tep_set_file_bigendian(tep, TEP_LITTLE_ENDIAN);
    tep_set_local_bigendian(tep, TEP_LITTLE_ENDIAN);
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        const struct tp_event *e = tp_event_get(id);
        size_t n = tp_linux_format(e, 0, text, sizeof(text));
        const struct tep_event *parsed;

        TP_CHECK(n < sizeof(text));
        TP_CHECK_EQ(tep_parse_event(tep, text, n, e->sys), 0);
        parsed = tep_find_event_by_name(tep, e->sys, e->name);
        TP_ASSERT(parsed);
        TP_CHECK_EQ(parsed->flags, 0); /* TEP_EVENT_FL_FAILED */
        TP_CHECK_EQ(parsed->id, id);
        TP_CHECK_EQ(parsed->format.nr_fields, e->fields);
    }
    return tep;
}

/* What it makes of a record. */
static void tep_message(struct tep_handle *tep, void *bytes, size_t size, char *to, size_t room)
{
    struct tep_record record = {.data = bytes, .size = (int)size};
    struct trace_seq s;

    trace_seq_init(&s);
    tep_print_event(tep, &s, &record, "%s", TEP_PRINT_INFO);
    trace_seq_terminate(&s);
    snprintf(to, room, "%s", s.buffer);
    trace_seq_destroy(&s);
}

#define MESSAGE_BYTES 65536
#define MESSAGES 2048
static char *ours[MESSAGES], *theirs[MESSAGES];
static unsigned messages;

static void common_fields(struct tep_handle *tep, const uint8_t *bytes)
{
    struct tep_record record = {.data = (void *)bytes, .size = 8};

    TP_CHECK_EQ(tep_data_pid(tep, &record), 4711);
    TP_CHECK_EQ(tep_data_flags(tep, &record), 0x19); /* TRACE_FLAG_IRQS_OFF, _HARDIRQ, _SOFTIRQ */
    TP_CHECK_EQ(tep_data_preempt_count(tep, &record), 2);
}

/* --- the export of tpdecode has the same texts and records, made of the dump --- */

static struct metadata exported;
static char export_text[8000];
static size_t export_bytes;

static int export_take(void *context, const void *bytes, size_t n)
{
    (void)context;
    TP_ASSERT_EQ(export_bytes + n <= sizeof(export_text), true);
    memcpy(export_text + export_bytes, bytes, n);
    export_bytes += n;
    return 0;
}

static void export_begin(const struct test_dump *dump)
{
    static struct diag diag = {.sink = {export_take, NULL}};
    struct diag_file file = {.diag = &diag, .name = "dump"};
    const struct tp_wire_chunk *h = test_chunk(dump, TP_CHUNK_METADATA, 0);
    char text[8000];
    struct out o;

    TP_ASSERT(h);
    memset(&exported, 0, sizeof(exported));
    TP_ASSERT(metadata_read(&exported, (const uint8_t *)(h + 1), h->size_bytes - sizeof(*h), 0,
                            &file, 0));
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        const struct metadata_event *e = metadata_event(&exported, id);
        size_t n = tp_linux_format(tp_event_get(id), 0, text, sizeof(text));

        TP_ASSERT(e);
        export_bytes = 0;
        out_open(&o, (struct out_sink){export_take, NULL});
        tracefs_format(&o, e, tp_event_get(id)->name, id);
        out_flush(&o);
        out_close(&o);
        TP_ASSERT_EQ(export_bytes < sizeof(export_text), true);
        text[n] = export_text[export_bytes] = '\0';
        TP_CHECK_STREQ(export_text, text);
    }
}

/* A record of a trace: its fields and the context before them. */
static void export_same(uint32_t id, const uint8_t *context, const uint8_t *fields, uint32_t bytes,
                        const uint8_t *want, uint32_t n)
{
    const struct metadata_event *e = metadata_event(&exported, id);
    struct record r = {.id = id, .bytes = bytes, .fields = fields, .context = context};
    struct value_tail tails[TP_LIMIT_FIELDS];
    static uint8_t got[40000];
    struct layout layout;

    TP_ASSERT(value_tails(e, &r, tails));
    little_u64(got, tracefs_header(id, context, (int32_t)load_u32(context, false)));
    layout_make(&layout, e, false, sizeof(got));
    TP_CHECK_EQ(layout_bytes(&layout, fields, sizeof(got)), n);
    layout_fill(&layout, got, fields);
    TP_CHECK_EQ(memcmp(got, want, n), 0);
    /* It fits in this room, and in no byte less. */
    layout_make(&layout, e, false, n);
    TP_CHECK_EQ(layout_bytes(&layout, fields, n), n);
    layout_make(&layout, e, false, n - 1);
    TP_CHECK_EQ(layout_bytes(&layout, fields, n - 1), 0);
}

/* Each record of the dump, as Linux has it. */
static void render_theirs(struct tep_handle *tep, const struct test_dump *dump)
{
    const struct tp_wire_chunk *h;
    static uint8_t record[40000];

    messages = 0;
    export_begin(dump);
    for (unsigned i = 0; (h = test_chunk(dump, TP_CHUNK_DATA, i)); i++) {
        const uint8_t *p = (const uint8_t *)(h + 1), *end = (const uint8_t *)h + h->size_bytes;

        while (p < end) {
            const struct tp_wire_record *r = (const struct tp_wire_record *)(const void *)p;
            uint32_t bytes = TP_RECORD_UNITS(r->word) * 8;
            uint64_t context;
            long n;

            if (TP_RECORD_ID(r->word) <= TP_ID_EVENT_MAX && messages < MESSAGES) {
                memcpy(&context, p + 8, 8);
                n = tp_linux_record(tp_event_get(TP_RECORD_ID(r->word)), context, p + 16,
                                    bytes - 16, record, sizeof(record));
                TP_ASSERT(n > 0);
                common_fields(tep, record);
                export_same(TP_RECORD_ID(r->word), p + 8, p + 16, bytes - 16, record, (uint32_t)n);
                theirs[messages] = malloc(MESSAGE_BYTES);
                tep_message(tep, record, (size_t)n, theirs[messages++], MESSAGE_BYTES);
            }
            p += bytes;
        }
    }
    metadata_free(&exported);
}

/* And as tpdecode prints it: what is behind the second ": " of a line. */
static void render_ours(const struct test_dump *dump)
{
    struct test_dump out = {0}, diag = {0};
    unsigned n = 0;

    TP_ASSERT_EQ(test_decode(dump, &out, &diag), 0);
    for (char *line = strtok((char *)out.bytes, "\n"); line; line = strtok(NULL, "\n")) {
        const char *text = strstr(line, ": ");

        text = text ? strstr(text + 2, ": ") : NULL;
        if (text && n < MESSAGES)
            ours[n++] = strdup(text + 2);
    }
    TP_CHECK_EQ(n, messages);
    messages = n < messages ? n : messages;
    test_dump_free(&out);
    test_dump_free(&diag);
}

static void forget(void)
{
    for (unsigned i = 0; i < messages; i++) {
        free(ours[i]);
        free(theirs[i]);
    }
    messages = 0;
}

/* What `fire` fires, rendered by both. */
static void render(void (*fire)(void))
{
    struct tp_trace *t = test_open(&config);
    struct tep_handle *tep = tep_begin();
    struct test_dump dump = {0};

    test_context = tp_context(4711, TP_CTX_IRQS_OFF | TP_CTX_HARDIRQ | TP_CTX_SOFTIRQ, 2);
    fire();
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    render_theirs(tep, &dump);
    render_ours(&dump);
    test_dump_free(&dump);
    tep_free(tep);
    test_close(t);
}

static void same(void (*fire)(void), unsigned least)
{
    render(fire);
    TP_CHECK_GE(messages, least);
    for (unsigned i = 0; i < messages; i++)
        TP_CHECK_STREQ(theirs[i], ours[i]);
    forget();
}

/* --- every event, with values at the edges and any --- */

static uint64_t seed = 1;

static uint64_t next_random(void)
{
    static const uint64_t edges[] = {0,          1,         0x7f,       0x80,      0xff,
                                     0x7fff,     0x8000,    0xffff,     INT32_MAX, 0x80000000u,
                                     UINT32_MAX, INT64_MAX, 1ull << 63, UINT64_MAX};

    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % 3 ? seed : edges[seed / 3 % (sizeof(edges) / sizeof(edges[0]))];
}

/* A text of printable characters without a backslash, which tpdecode doubles. */
static const char *next_text(unsigned most)
{
    static char text[4][300];
    static unsigned turn;
    char *t = text[turn++ % 4];
    unsigned n = (unsigned)(next_random() % (most + 1));

    for (unsigned i = 0; i < n; i++) {
        t[i] = (char)(' ' + next_random() % 95);
        t[i] = t[i] == '\\' ? '/' : t[i];
    }
    memset(t + n, 0, 16);
    return t;
}

static int32_t next_why(void)
{
    return (int32_t)(next_random() % 3) - 1;
}

static void fire_units(void)
{
    static uint8_t data[32000];

    for (unsigned i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)next_random();
    trace_sched_none();
    trace_sched_mute();
    trace_fs_long(data, 0);
    trace_fs_long(data, 1);
    trace_fs_long(data, 31000);
    for (unsigned i = 0; i < 100; i++) {
        const uint32_t n[3] = {(uint32_t)next_random(), (uint32_t)next_random(), 0};
        const int8_t m[2] = {(int8_t)next_random(), (int8_t)next_random()};
        const uint16_t o[2] = {(uint16_t)next_random(), (uint16_t)next_random()};
        char c = (char)('!' + next_random() % 90);

        c = c == '\\' ? '/' : c;
        trace_sched_pair((uint32_t)next_random(), (uint32_t)next_random());
        trace_sched_odd((uint8_t)next_random(), (uint16_t)next_random(), (uint32_t)next_random());
        trace_mm_wide(next_random(), (int64_t)next_random());
        trace_mm_signed((int8_t)next_random(), (int16_t)next_random(), (int32_t)next_random(),
                        (int64_t)next_random());
        trace_mm_small(next_random() & 1, c, (void *)(uintptr_t)next_random());
        trace_fs_open(next_text(280), (uint32_t)next_random(), next_why());
        trace_fs_tails(next_text(6), data + i, next_random() % 200, next_text(20), data,
                       next_random() % 4);
        trace_fs_arrays(n, m, next_text(6));
        trace_fs_all((uint8_t)next_random(), (uint16_t)next_random(), (uint32_t)next_random(),
                     next_random(), (int8_t)next_random(), (int16_t)next_random(),
                     (int32_t)next_random(), (int64_t)next_random(), next_random() & 1, c,
                     (void *)(uintptr_t)next_random(), next_text(40), next_text(12), data + i,
                     next_random() % 30, o, (uint32_t)next_random());
    }
}

TP_TEST(TraceEvent, EveryEventOfTheUnitTests)
{
    same(fire_units, 905);
}

static void fire_made(void)
{
    for (unsigned i = 0; i < 50; i++) {
        uint8_t a[16];
        const int16_t b[3] = {(int16_t)next_random(), (int16_t)next_random(),
                              (int16_t)next_random()};
        const int64_t c[2] = {(int64_t)next_random(), (int64_t)next_random()};
        const void *const d[2] = {(void *)(uintptr_t)next_random(), NULL};

        for (unsigned k = 0; k < sizeof(a); k++)
            a[k] = (uint8_t)next_random();
        trace_made_zero((uint32_t)next_random(), (uint32_t)next_random());
        trace_made_widths((uint8_t)next_random(), (uint16_t)next_random(), (int32_t)next_random(),
                          (uint32_t)next_random() & INT32_MAX, (uint8_t)next_random(),
                          next_random() | 1, (uint32_t)next_random(), (uint16_t)next_random(),
                          next_text(12), next_text(4), next_text(5), next_text(5),
                          (void *)(uintptr_t)(next_random() | 1),
                          (void *)(uintptr_t)(next_random() | 1), next_why(), next_why());
        trace_made_lengths((int64_t)next_random(), (int32_t)next_random(), (int16_t)next_random(),
                           (int8_t)next_random(), (uint8_t)next_random(), (int64_t)next_random(),
                           (int16_t)next_random(), (int8_t)next_random());
        trace_made_quotes((uint32_t)next_random(), next_why(), (uint32_t)next_random());
        trace_made_many(a, b, c, d);
        trace_made_gaps((int8_t)next_random(), (int64_t)next_random(), (int16_t)next_random(),
                        next_text(9), next_random() & 1, next_random());
    }
}

TP_TEST(TraceEvent, WidthsLengthsArraysAndGaps)
{
    same(fire_made, 300);
}

/* --- and where they differ --- */

static void fire_different(void)
{
    const uint16_t numbers[17] = {1, 2};

    trace_fs_open("/", 0, 7);
    trace_fs_tails("a\tb", "", 0, "\\", "\1\2\3\4", 4);
    trace_mm_small(true, 0, NULL);
    trace_made_signs(1, 1);
    trace_made_wide_char('x');
    trace_made_padded("\x12", 1, 3);
    trace_made_long_array(numbers);
}

TP_TEST(TraceEvent, Differences)
{
    static const struct {
        const char *ours, *theirs, *why;
    } different[] = {
        {"path=/ flags=0 why=7", "path=/ flags=0 why=0x7", "numbers without a name"},
        {"a\\tb  \\\\ 010203...", "a\tb  \\ 010203",
         "harmless control characters; bytes that were cut"},
        {"t=1 c=\\x00 p=0x0", "t=1 c= p=0x0", "a NUL"},
        {"+1| 1", "1|1", "1.7 knows neither flag: they are left out"},
        {"\\\\ x", "\\ >c<",
         "1.7 knows no %c: chars are printed as %s, which needs a field of one byte"},
        {"      12| ATOMIC|ZERO", "12|      ATOMIC|        ZERO",
         "widths: of hex none, of flags each name's"},
        {"{1,2,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}", "1 2 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
         "over 16 elements: __print_array"},
    };
    const unsigned count = sizeof(different) / sizeof(different[0]);

    render(fire_different);
    TP_ASSERT_EQ(messages, count);
    for (unsigned i = 0; i < count; i++) {
        TP_CHECK_STREQ(ours[i], different[i].ours);
        TP_CHECK_STREQ(theirs[i], different[i].theirs);
    }
    forget();
}
