/* SPDX-License-Identifier: MIT */
/* Linux's format text and record; expected from Documentation/trace/events.rst and trace_events.c
 * of Linux, by hand. tests/systems/linux has libtraceevent's opinion. */
#include "support.h"

#include <tp/control.h>
#include <tp/linux.h>

#define COMMON                                                                                     \
    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"                         \
    "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"                         \
    "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"                 \
    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static const struct tp_config config = {.cpus = 1, .subbuf_bytes = 512, .subbufs = 2};

/* Compilers put events in an order of their own, so their ids are not known: "ID: 0" is what is
 * returned. */
static char *format(const struct tp_event *e)
{
    char id[20];
    static char text[4000];
    size_t n = tp_linux_format(e, 0, text, sizeof(text) - 1);

    text[n] = 0;
    snprintf(id, sizeof(id), "\nID: %u\n", e->id);
    TP_ASSERT(strstr(text, id));
    n = (size_t)(strstr(text, id) - text) + 5;
    text[n] = '0';
    memmove(text + n + 1, text + n - 6 + strlen(id), strlen(text + n - 6 + strlen(id)) + 1);
    return text;
}

TP_TEST(Linux, FormatOfNumbers)
{
    struct tp_trace *t = test_open(&config);

    TP_CHECK_STREQ(format(&tp_event_sched_none),
                   "name: none\nID: 0\nformat:\n" COMMON "\nprint fmt: \"nothing to say\"\n");
    TP_CHECK_STREQ(format(&tp_event_sched_mute),
                   "name: mute\nID: 0\nformat:\n" COMMON "\nprint fmt: \"\"\n");
    TP_CHECK_STREQ(format(&tp_event_sched_pair), "name: pair\nID: 0\nformat:\n" COMMON
                                                 "\tfield:u32 a;\toffset:8;\tsize:4;\tsigned:0;\n"
                                                 "\tfield:u32 b;\toffset:12;\tsize:4;\tsigned:0;\n"
                                                 "\nprint fmt: \"a=%u b=%u\", REC->a, REC->b\n");
    TP_CHECK_STREQ(format(&tp_event_sched_odd),
                   "name: odd\nID: 0\nformat:\n" COMMON
                   "\tfield:u8 x;\toffset:8;\tsize:1;\tsigned:0;\n"
                   "\tfield:u16 y;\toffset:10;\tsize:2;\tsigned:0;\n"
                   "\tfield:u32 z;\toffset:12;\tsize:4;\tsigned:0;\n"
                   "\nprint fmt: \"x=%x y=%u z=%u\", REC->x, REC->y, REC->z\n");
    TP_CHECK_STREQ(format(&tp_event_mm_signed),
                   "name: signed\nID: 0\nformat:\n" COMMON
                   "\tfield:s8 a;\toffset:8;\tsize:1;\tsigned:1;\n"
                   "\tfield:s16 b;\toffset:10;\tsize:2;\tsigned:1;\n"
                   "\tfield:s32 c;\toffset:12;\tsize:4;\tsigned:1;\n"
                   "\tfield:s64 d;\toffset:16;\tsize:8;\tsigned:1;\n"
                   "\nprint fmt: \"a=%hhd b=%hd c=%d d=%lld\", REC->a, REC->b, REC->c, REC->d\n");
    TP_CHECK_STREQ(
        format(&tp_event_mm_small),
        "name: small\nID: 0\nformat:\n" COMMON "\tfield:bool t;\toffset:8;\tsize:1;\tsigned:0;\n"
        "\tfield:char c;\toffset:9;\tsize:1;\tsigned:1;\n"
        "\tfield:void * p;\toffset:16;\tsize:8;\tsigned:0;\n"
        "\nprint fmt: \"t=%u c=%s p=0x%llx\", REC->t, REC->c, (unsigned long long)REC->p\n");
    test_close(t);
}

TP_TEST(Linux, FormatOfTexts)
{
    struct tp_trace *t = test_open(&config);

    TP_CHECK_STREQ(
        format(&tp_event_fs_open),
        "name: open\nID: 0\nformat:\n" COMMON
        "\tfield:__data_loc char[] path;\toffset:8;\tsize:4;\tsigned:1;\n"
        "\tfield:u32 flags;\toffset:12;\tsize:4;\tsigned:0;\n"
        "\tfield:s32 why;\toffset:16;\tsize:4;\tsigned:1;\n"
        "\nprint fmt: \"path=%s flags=%s why=%s\", __get_str(path), REC->flags ? "
        "__print_flags(REC->flags, \"|\", {1, \"ATOMIC\"}, {2, \"ZERO\"}, {4, \"HIGH\"}) : \"0\", "
        "__print_symbolic(REC->why, {4294967295, \"error\"}, {0, \"idle\"}, {1, \"wake\"})\n");
    TP_CHECK_STREQ(
        format(&tp_event_fs_tails),
        "name: tails\nID: 0\nformat:\n" COMMON
        "\tfield:__data_loc char[] s;\toffset:8;\tsize:4;\tsigned:1;\n"
        "\tfield:__data_loc u8[] b;\toffset:12;\tsize:4;\tsigned:0;\n"
        "\tfield:__data_loc char[] t;\toffset:16;\tsize:4;\tsigned:1;\n"
        "\tfield:__data_loc u8[] c;\toffset:20;\tsize:4;\tsigned:0;\n"
        "\nprint fmt: \"%s %s %s %s\", __get_str(s), "
        "__print_hex_str(__get_dynamic_array(b), __get_dynamic_array_len(b)), __get_str(t), "
        "__print_hex_str(__get_dynamic_array(c), __get_dynamic_array_len(c))\n");
    TP_CHECK_STREQ(format(&tp_event_fs_arrays),
                   "name: arrays\nID: 0\nformat:\n" COMMON
                   "\tfield:u32 n[3];\toffset:8;\tsize:12;\tsigned:0;\n"
                   "\tfield:s8 m[2];\toffset:20;\tsize:2;\tsigned:1;\n"
                   "\tfield:char name[6];\toffset:22;\tsize:6;\tsigned:1;\n"
                   "\nprint fmt: \"{%u,%u,%u} {%hhd,%hhd} %s\", REC->n[0], REC->n[1], REC->n[2], "
                   "REC->m[0], REC->m[1], REC->name\n");
    test_close(t);
}

/* Events that no header has. */
static struct tp_field field[3] = {
    {.name = "a", .at = 0, .type = TP_TYPE_U32},
    {.name = "b", .at = 4, .type = TP_TYPE_S64},
    {.name = "c", .at = 12, .type = TP_TYPE_U8, .count = 17},
};
static struct tp_event made = {
    .id = 65279, .bytes = 29, .fields = 3, .sys = "test", .name = "made", .field = field};

static const char *print_of(const char *fmt)
{
    made.fmt = fmt;
    return strstr(format(&made), "print fmt: ") + 11;
}

TP_TEST(Linux, PrintFormats)
{
    field[2].count = 0;
    TP_CHECK_STREQ(print_of("%08lx|%-4lu|%#hho|%.3d %i"),
                   "\"%08x|%-4lld|%#o|%%.3d %%i\", REC->a, REC->b, REC->c\n");
    field[2].count = 17;
    TP_CHECK_STREQ(print_of("100%% \"quoted\" \\ \t\n%u"),
                   "\"100%% \\\"quoted\\\" \\\\ \\t\\n%u\", REC->a\n");
    TP_CHECK_STREQ(print_of("%s %d"),
                   "\"%%s %lld\", REC->b\n"); /* a number is no %s: as tpdecode */
    TP_CHECK_STREQ(print_of("%f %q %5% %"), "\"%%f %%q %%5%% %%\"\n");
    TP_CHECK_STREQ(print_of("%u %u %x"),
                   "\"%u %lld %s\", REC->a, REC->b, __print_array(REC->c, 17, 1)\n");
    TP_CHECK_STREQ(print_of("%p %20p"),
                   "\"0x%llx %#20llx\", (unsigned long long)REC->a, (unsigned long long)REC->b\n");
    TP_CHECK_STREQ(print_of("%+d % d"), "\"%u %lld\", REC->a, REC->b\n");
    field[2].count = 2;
    TP_CHECK_STREQ(print_of("%c %c %c"),
                   "\"%c %c {%c,%c}\", REC->a, REC->b, REC->c[0], REC->c[1]\n");
    field[2].count = 17;
}

/* The longest there is: 16 fields, names of 127 bytes; read from its end, byte by byte. */
TP_TEST(Linux, FormatAtAnyOffset)
{
    struct tp_trace *t = test_open(&config);
    char whole[4000], c;
    size_t n = tp_linux_format(&tp_event_fs_all, 0, whole, sizeof(whole));

    TP_CHECK(n > 1000);
    for (size_t i = n; i--;) {
        TP_CHECK_EQ(tp_linux_format(&tp_event_fs_all, i, &c, 1), 1);
        TP_CHECK_EQ(c, whole[i]);
    }
    TP_CHECK_EQ(tp_linux_format(&tp_event_fs_all, n, &c, 1), 0);
    test_close(t);
}

/* Gives it that id, or (0) its own again. */
static void id_of(struct tp_event *e, uint16_t id)
{
    static uint16_t own;

    if (id)
        own = e->id;
    e->id = id ? id : own;
}

TP_TEST(Linux, RecordOfNumbers)
{
    static const uint8_t fields[] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0}; /* and padding */
    static const uint8_t expected[] = {0x34, 0x12, 0x15, 3,    7,    0,    0,    0,
                                       0x11, 0,    0x22, 0x33, 0x44, 0x55, 0x66, 0x77};
    struct tp_trace *t = test_open(&config);
    uint8_t out[17];

    id_of(&tp_event_sched_odd, 0x1234);
    memset(out, 0xa5, sizeof(out));
    TP_CHECK_EQ(
        tp_linux_record(&tp_event_sched_odd,
                        tp_context(7, TP_CTX_IRQS_OFF | TP_CTX_NEED_RESCHED | TP_CTX_SOFTIRQ, 3),
                        fields, 8, out, 16),
        16);
    TP_CHECK_MEMEQ(out, expected, 16);
    TP_CHECK_EQ(out[16], 0xa5);
    TP_CHECK_EQ(tp_linux_record(&tp_event_sched_odd, 0, fields, 8, out, 15), TP_ESPACE);
    TP_CHECK_EQ(tp_linux_record(&tp_event_sched_odd, 0, fields, 6, out, 16), TP_EINVAL);
    tp_linux_record(&tp_event_sched_odd, tp_context(0, TP_CTX_HARDIRQ | TP_CTX_NMI, 0), fields, 7,
                    out, 17);
    TP_CHECK_EQ(out[2], 0x48);
    id_of(&tp_event_sched_odd, 0);
    test_close(t);
}

/* sched_none and the like have no fields. */
TP_TEST(Linux, RecordOfNothing)
{
    struct tp_trace *t = test_open(&config);
    uint8_t out[8];

    TP_CHECK_EQ(tp_linux_record(&tp_event_sched_none, 0, NULL, 0, out, 8), 8);
    TP_CHECK_EQ(tp_linux_record(&tp_event_sched_none, 0, NULL, 0, out, 7), TP_ESPACE);
    test_close(t);
}

TP_TEST(Linux, RecordOfTexts)
{
    /* "abcd" that was longer, 2 bytes, "x", 3 bytes that were more */
    static const uint8_t fields[] = {4,   0x80, 2,   0, 1, 0,   3, 0x80, 'a',
                                     'b', 'c',  'd', 1, 2, 'x', 3, 4,    5};
    static const uint8_t expected[] = {0x34, 0x12, 0,   0,   0,   0, 0, 0,  24,  0, 8, 0,   32,
                                       0,    2,    0,   34,  0,   2, 0, 36, 0,   3, 0, 'a', 'b',
                                       'c',  'd',  '.', '.', '.', 0, 1, 2,  'x', 0, 3, 4,   5};
    struct tp_trace *t = test_open(&config);
    uint8_t out[40];

    id_of(&tp_event_fs_tails, 0x1234);
    memset(out, 0xa5, sizeof(out));
    TP_CHECK_EQ(tp_linux_record(&tp_event_fs_tails, 0, fields, 18, out, 39), 39);
    TP_CHECK_MEMEQ(out, expected, 39);
    TP_CHECK_EQ(out[39], 0xa5);
    for (size_t room = 0; room < 39; room++)
        TP_CHECK_EQ(tp_linux_record(&tp_event_fs_tails, 0, fields, 18, out, room), TP_ESPACE);
    for (uint32_t bytes = 0; bytes < 18; bytes++)
        TP_CHECK_EQ(tp_linux_record(&tp_event_fs_tails, 0, fields, bytes, out, 40), TP_EINVAL);
    id_of(&tp_event_fs_tails, 0);
    test_close(t);
}

/* As a kernel with perf would have it: each record, when it is fired. */
static uint8_t perf[64];
static long perf_bytes;

static void on_record(void *data, const struct tp_event *event, uint64_t time, const void *record,
                      uint32_t bytes)
{
    (void)data;
    (void)time;
    perf_bytes = tp_linux_record(event, tp_port_context(), (const uint8_t *)record + 8, bytes - 8,
                                 perf, sizeof(perf));
}

TP_TEST(Linux, RecordOfAProbe)
{
    static const uint8_t expected[] = {0x34, 0x12, 1,    9,    7,    0,    0,    0,
                                       0x11, 0,    0x22, 0x33, 0x44, 0x55, 0x66, 0x77};
    static uint8_t memory[32768] __attribute__((aligned(16)));
    struct tp_trace *t = test_open(&config);

    tp_control_set_memory(memory, sizeof(memory), 1);
    test_context = tp_context(7, TP_CTX_IRQS_OFF, 9);
    TP_ASSERT_EQ(tp_probe_record_add("sched:odd", on_record, NULL, NULL, NULL), 0);
    id_of(&tp_event_sched_odd, 0x1234);
    perf_bytes = 0;
    trace_sched_odd(0x11, 0x3322, 0x77665544);
    id_of(&tp_event_sched_odd, 0);
    TP_CHECK_EQ(perf_bytes, 16);
    TP_CHECK_MEMEQ(perf, expected, 16);
    TP_CHECK_EQ(tp_probe_record_remove("sched:odd", on_record, NULL), 0);
    test_close(t);
}
