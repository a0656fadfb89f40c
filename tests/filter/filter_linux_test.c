/* SPDX-License-Identifier: MIT */
/*
 * The same filters on the same records by libtraceevent, which has the language of Linux' filters
 * for the tools. Compared is what both have; the test Deviations says where they differ, and that
 * they still do. The kernel's own ~ is not in libtraceevent.
 */
#include "tp_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/filter.h>
#include <traceevent/event-parse.h>

static const char format[] =
    "name: one\n"
    "ID: 7\n"
    "format:\n"
    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
    "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
    "\n"
    "\tfield:unsigned int a;\toffset:8;\tsize:4;\tsigned:0;\n"
    "\tfield:int b;\toffset:12;\tsize:4;\tsigned:1;\n"
    "\tfield:unsigned long c;\toffset:16;\tsize:8;\tsigned:0;\n"
    "\tfield:unsigned char d;\toffset:24;\tsize:1;\tsigned:0;\n"
    "\tfield:char name[16];\toffset:32;\tsize:16;\tsigned:0;\n"
    "\tfield:char other[8];\toffset:48;\tsize:8;\tsigned:0;\n"
    "\n"
    "print fmt: \"a=%u\", REC->a\n";

struct bytes {
    uint16_t type;
    uint8_t flags, preempt;
    int32_t pid;
    uint32_t a;
    int32_t b;
    uint64_t c;
    uint8_t d, gap[7];
    char name[16], other[8];
};

static const struct tp_filter_field fields[] = {
    {"a", TP_FILTER_UNSIGNED, 4, false, 0, NULL}, {"b", TP_FILTER_SIGNED, 4, false, 0, NULL},
    {"c", TP_FILTER_UNSIGNED, 8, false, 0, NULL}, {"d", TP_FILTER_UNSIGNED, 1, false, 0, NULL},
    {"name", TP_FILTER_TEXT, 0, false, 0, NULL},  {"other", TP_FILTER_TEXT, 0, false, 0, NULL}};
static const struct tp_filter_schema schema = {fields, 6, NULL};

static struct tep_handle *tep;

static void open_tep(void)
{
    if (tep)
        return;
    tep = tep_alloc();
    TP_ASSERT(tep != NULL);
    tep_set_long_size(tep, 8);
    tep_set_file_bigendian(tep, TEP_LITTLE_ENDIAN);
    tep_set_local_bigendian(tep, TEP_LITTLE_ENDIAN);
    TP_ASSERT_EQ(tep_parse_event(tep, format, strlen(format), "sys"), 0);
    TP_ASSERT_EQ(tep_register_comm(tep, "bash", 42), 0);
    TP_ASSERT_EQ(tep_register_comm(tep, "sh", 43), 0);
}

/* 1, 0, or less if libtraceevent does not take the text. */
static int by_linux(const char *text, const struct bytes *of, uint32_t cpu)
{
    struct tep_event_filter *f = tep_filter_alloc(tep);
    struct tep_record r = {
        .data = (void *)(uintptr_t)of, .size = sizeof(*of), .cpu = (int)cpu, .ref_count = 1};
    char all[4200];
    int err;

    snprintf(all, sizeof(all), "sys/one: %s", text);
    err = tep_filter_add_filter_str(f, all);
    if (err == 0) {
        err = tep_filter_match(f, &r);
        err = err == TEP_ERRNO__FILTER_MATCH ? 1 : err == TEP_ERRNO__FILTER_MISS ? 0 : -1;
    }
    tep_filter_free(f);
    return err;
}

static int by_us(const char *text, const struct bytes *of, uint32_t cpu)
{
    static uint64_t program[TP_FILTER_BYTES_MAX / 8];
    struct tp_filter *f = (struct tp_filter *)program;
    const char *comm = of->pid == 42 ? "bash" : of->pid == 43 ? "sh" : "<...>";
    struct tp_filter_value v[TP_FILTER_VALUES] = {
        {.number = of->a},
        {.number = (uint64_t)(int64_t)of->b},
        {.number = of->c},
        {.number = of->d},
        {.text = of->name, .text_bytes = 16},
        {.text = of->other, .text_bytes = 8},
        [TP_FILTER_ID] = {.number = of->type},
        [TP_FILTER_FLAGS] = {.number = of->flags},
        [TP_FILTER_PREEMPT] = {.number = of->preempt},
        [TP_FILTER_PID] = {.number = (uint64_t)(int64_t)of->pid},
        [TP_FILTER_CPU] = {.number = cpu},
        [TP_FILTER_COMM] = {.text = comm, .text_bytes = (uint32_t)strlen(comm)},
    };
    struct tp_filter_error error;

    if (tp_filter_compile(f, sizeof(program), text, strlen(text), &schema, &error) < 0) {
        TP_FAIL("%s: %s at column %u", text, error.what, error.column);
        return error.code;
    }
    return tp_filter_run(f, v);
}

/* --- made at random --- */

static uint64_t seed = 0x2545f4914f6cdd1d;

static uint32_t any(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32) % below;
}

static const char *one_of(const char *const *all, unsigned n)
{
    return all[any(n)];
}

#define ONE_OF(...)                                                                                \
    one_of((const char *const[]){__VA_ARGS__},                                                     \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static char made[4096];

static void say(const char *s)
{
    strcat(made, s);
    if (any(2))
        strcat(made, " ");
}

static void say_number(bool is_signed)
{
    char text[32];
    uint64_t n = any(3) ? any(6) : 1ull << any(64);

    n -= !any(4);
    if (is_signed)
        n >>= 1;
    snprintf(text, sizeof(text),
             any(2)   ? "%llu"
             : any(2) ? "0x%llx"
                      : "0%llo",
             (unsigned long long)n);
    say(text);
}

/* b and common_pid may be negative: they are not put in an order, nor compared with 2^63 and more.
 */
static void say_term(void)
{
    static const char *const signed_ones[] = {"b", "common_pid"};
    static const char *const others[] = {
        "a", "c", "d", "CPU", "common_type", "common_flags", "common_preempt_count"};
    bool is_signed = !any(4);
    unsigned shape = any(8);

    if (shape == 0) {
        say(ONE_OF("name", "other", "COMM"));
        say(ONE_OF("==", "!="));
        say(ONE_OF("\"bash\"", "'bash'", "\"sh\"", "'ba'", "\"\"", "'bash '", "'0123456789abcdef'",
                   "'01234567'"));
        return;
    }
    say(is_signed ? one_of(signed_ones, 2) : one_of(others, 7));
    if (shape < 3) {
        say("&");
        say_number(is_signed);
        return;
    }
    say(is_signed || !any(3) ? ONE_OF("==", "!=") : ONE_OF("<", "<=", ">", ">="));
    say_number(is_signed);
}

/* Operands joined by one operator; others only in parentheses. */
static void say_joined(unsigned depth)
{
    const char *joint = ONE_OF("&&", "||");
    unsigned operands = 1 + any(3);

    while (operands--) {
        bool inverted = !any(4), nested = depth && !any(2);

        if (inverted)
            say("!");
        if (inverted || nested)
            say("(");
        if (nested)
            say_joined(depth - 1);
        else
            say_term();
        if (inverted || nested)
            say(")");
        if (operands)
            say(joint);
    }
}

static void make_bytes(struct bytes *b)
{
    memset(b, 0, sizeof(*b));
    b->type = 7;
    b->flags = (uint8_t)any(4);
    b->preempt = (uint8_t)any(3);
    b->pid = any(5) ? 41 + (int32_t)any(3) : any(2) ? -1 : 0;
    b->a = any(2) ? any(6) : 1u << any(32);
    b->b = any(2) ? (int32_t)any(4) - 2 : (int32_t)(1u << any(32));
    b->c = any(2) ? any(6) : any(2) ? 0 - (uint64_t)any(4) : 1ull << any(64);
    b->d = (uint8_t)(any(2) ? any(6) : any(256));
    memcpy(b->name,
           ONE_OF("bash\0\0\0\0\0\0\0\0\0\0\0\0", "sh\0junk\0\0\0\0\0\0\0\0\0", "0123456789abcdef",
                  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
           16);
    memcpy(b->other, ONE_OF("bash\0\0\0\0", "sh\0\0\0\0\0", "01234567", "\0\0\0\0\0\0\0\0"), 8);
}

TP_TEST(FilterLinux, SameAnswers)
{
    unsigned passed = 0, answers = 0, failures = 0;

    open_tep();
    for (unsigned round = 0; round < 5000 && failures < 10; round++) {
        made[0] = 0;
        say_joined(any(3));
        if (strlen(made) > TP_FILTER_TEXT_MAX)
            continue;
        for (unsigned i = 0; i < 4; i++) {
            uint32_t cpu = any(4);
            struct bytes b;
            int theirs, ours;

            make_bytes(&b);
            theirs = by_linux(made, &b, cpu);
            ours = by_us(made, &b, cpu);
            answers++;
            passed += theirs == 1;
            if (theirs != ours) {
                TP_FAIL("%d by libtraceevent, %d by us: %s", theirs, ours, made);
                failures++;
            }
        }
    }
    TP_CHECK_GE(passed, answers / 4);
    TP_CHECK_GE(answers - passed, answers / 4);
}

/* Of one record: libtraceevent's answer, less than 0 for a refusal, and what ours must be. */
TP_TEST(FilterLinux, Deviations)
{
    static const struct {
        const char *text;
        int theirs, ours;
    } all[] = {
        /* All its numbers are unsigned in an order; the kernel's are not. */
        {"b < 0", 0, 1},
        {"b > 5", 1, 0},
        {"b == 18446744073709551613", 1, 0}, /* which the kernel refuses */
        /* && and || are as strong as each other, from the left; the kernel's && is stronger. */
        {"a == 5 || a == 5 && a == 4", 0, 1},
        /* It has no globs but regular expressions, =~ and !~, which are not ours nor the kernel's.
         */
        {"name ~ \"b*\"", -1, 1},
        /* What is left by & cannot be compared; the kernel neither. */
        {"a & 4 == 4", -1, 1},
        /* Two fields cannot; the kernel neither. */
        {"a != c", -1, 1},
        {"name == other", -1, 1},
        /* Only COMM and CPU in capitals: it takes what it does not know for never true. */
        {"comm == \"bash\"", 0, 1},
        {"cpu == 3", 0, 1},
        /* A field alone is left out: its refusal frees twice, seen with valgrind in 1.7.1. */
    };
    static const struct bytes b = {
        .type = 7, .pid = 42, .a = 5, .b = -3, .c = 9, .name = "bash", .other = "bash"};

    open_tep();
    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        int theirs = by_linux(all[i].text, &b, 3);

        if ((theirs < 0 ? -1 : theirs) != all[i].theirs)
            TP_FAIL("%d by libtraceevent: %s", theirs, all[i].text);
        if (by_us(all[i].text, &b, 3) != all[i].ours)
            TP_FAIL("not %d by us: %s", all[i].ours, all[i].text);
    }
}
