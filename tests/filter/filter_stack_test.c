/* SPDX-License-Identifier: MIT */
/*
 * How deep the stack of a thread is, by what is no longer painted, after a filter was compiled and
 * run: against what tp/filter.h says.
 */
#include "tp_test.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <tp/filter.h>

#define STACK_BYTES (256u << 10)
#define PAINT 0xa5
/* What paint_and_call() itself may take, and what is not painted: a little is measured too much. */
#define OWN_BYTES 128

/* tp/filter.h promises for code that is optimised. */
#ifdef __OPTIMIZE__
#define COMPILE_BYTES 1024
#define RUN_BYTES 256
#else
#define COMPILE_BYTES 2048
#define RUN_BYTES 512
#endif

static uint8_t stack[STACK_BYTES] __attribute__((aligned(4096)));
static uint64_t program[TP_FILTER_BYTES_MAX / 8];
static char text[TP_FILTER_TEXT_MAX + 1];
static struct tp_filter_value value[TP_FILTER_VALUES];
static long result;

static const char *name_at(const void *table, uint32_t i, int64_t *v)
{
    (void)table;
    *v = i;
    return i ? "SECOND" : "FIRST";
}

static const struct tp_filter_field fields[] = {
    {"a", TP_FILTER_SIGNED, 4, true, 2, ""},
    {"b", TP_FILTER_UNSIGNED, 8, false, 0, NULL},
    {"name", TP_FILTER_TEXT, 0, false, 0, NULL},
};
static const struct tp_filter_schema schema = {fields, 3, name_at};

static void do_nothing(void)
{
}

static void do_compile(void)
{
    struct tp_filter_error error;

    result = tp_filter_compile((struct tp_filter *)program, sizeof(program), text, strlen(text),
                               &schema, &error);
}

static void do_run(void)
{
    result = tp_filter_run((const struct tp_filter *)program, value);
}

struct measure {
    void (*what)(void);
    size_t bytes;
};

/* Paints what is below this frame, calls, and looks how far down it was written to. */
static __attribute__((noinline)) void *paint_and_call(void *arg)
{
    struct measure *m = arg;
    volatile uint8_t *frame = __builtin_frame_address(0), *low = stack, *top = frame - OWN_BYTES;

    for (volatile uint8_t *p = low; p < top; p++)
        *p = PAINT;
    m->what();
    while (low < top && *low == PAINT)
        low++;
    m->bytes = (size_t)(frame - low);
    return NULL;
}

static size_t stack_of(void (*what)(void))
{
    struct measure m = {what, 0};
    pthread_attr_t attr;
    pthread_t thread;

    pthread_attr_init(&attr);
    TP_ASSERT_EQ(pthread_attr_setstack(&attr, stack, sizeof(stack)), 0);
    TP_ASSERT_EQ(pthread_create(&thread, &attr, paint_and_call, &m), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attr);
    return m.bytes;
}

static void use_512_bytes(void)
{
    volatile uint8_t room[512];

    for (unsigned i = 0; i < sizeof(room); i++)
        room[i] = 1;
}

/* A yardstick that measures nothing would let everything pass. */
TP_TEST(FilterStack, IsMeasured)
{
    size_t least = stack_of(do_nothing), some = stack_of(use_512_bytes);

    TP_CHECK_LE(least, OWN_BYTES + 64);
    TP_CHECK_GE(some, 512);
    TP_CHECK_LE(some, 512 + OWN_BYTES + 64);
}

static const char *const texts[] = {
    "a == -5",
    "a & 0x7fffffffffffffff != -'x' || b >= a && !(a < b)",
    "a == FIRST | SECOND || a & 'SECOND|FIRST' == \"SECOND\"",
    "name == name",
    "name == \"a\\\"b\" && name != name && name ~ \"*[a-z]?*\\\\x*[!q]\"",
    "((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))",
    "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!a",
    "(a &&",
    "a == 0x10000000000000000",
    "a == 'xx",
    "'",
};

TP_TEST(FilterStack, StaysBelowWhatIsPromised)
{
    size_t compile = 0, run = 0;

    value[2].text = "a text of some letters";
    value[2].text_bytes = 22;
    for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t bytes;

        snprintf(text, sizeof(text), "%s", texts[i]);
        bytes = stack_of(do_compile);
        compile = bytes > compile ? bytes : compile;
        if (result < 0)
            continue;
        bytes = stack_of(do_run);
        run = bytes > run ? bytes : run;
    }
    printf("# stack: %zu bytes to compile, %zu to run\n", compile, run);
    TP_CHECK_LE(compile, COMPILE_BYTES);
    TP_CHECK_LE(run, RUN_BYTES);
}

static uint32_t any(uint32_t n)
{
    static uint64_t state = 0x9e3779b97f4a7c15;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % n;
}

static struct {
    uint32_t accepted, refused, outside; /* the last: with a column that is not in the text */
} random_texts;

/* Words of the language in any order: nearly in the one they belong in, so that some are accepted.
 */
static void random_text(void)
{
    static const char *const word[] = {
        "(", "!", "a", "b",  "name", "FIRST", "CPU",     "COMM",   "==", "!=", "<", ">=",
        "&", "~", "7", "-1", "0x1F", "'x'",   "\"*a*\"", "[a-c]?", "&&", "||", ")", "@"};
    static const uint8_t usual[] = {2, 3, 5, 8, 8, 10, 12, 14, 15, 16, 20, 21};
    uint32_t words = 1 + any(any(50) ? 16 : 300);
    size_t bytes = 0;

    for (uint32_t i = 0; i < words; i++) {
        uint32_t kind = any(4) ? usual[i % 4 * 3 + any(3)] : any(sizeof(word) / sizeof(word[0]));
        size_t n = strlen(word[kind]);

        if (bytes + n + 1 > TP_FILTER_TEXT_MAX)
            break;
        memcpy(text + bytes, word[kind], n);
        bytes += n;
        text[bytes++] = ' ';
    }
    text[bytes] = 0;
}

static void compile_and_run_many(void)
{
    for (uint32_t i = 0; i < 1000000; i++) {
        struct tp_filter_error error;
        size_t bytes;

        random_text();
        bytes = strlen(text);
        if (tp_filter_compile((struct tp_filter *)program, sizeof(program), text, bytes, &schema,
                              &error) < 0) {
            random_texts.refused++;
            random_texts.outside += error.column > bytes;
            continue;
        }
        random_texts.accepted++;
        do_run();
    }
}

/* All on one stack that is painted once, with the frames of what calls them: 256 bytes at most. */
TP_TEST(FilterStack, RandomTexts)
{
    TP_CHECK_LE(stack_of(compile_and_run_many), COMPILE_BYTES + 256);
    printf("# %u accepted, %u refused\n", random_texts.accepted, random_texts.refused);
    TP_CHECK_EQ(random_texts.outside, 0);
    TP_CHECK_GE(random_texts.accepted, 10000);
    TP_CHECK_GE(random_texts.refused, 100000);
}

/* The largest text there may be: 64 tests, joined both ways. */
TP_TEST(FilterStack, DoesNotGrowWithTheText)
{
    text[0] = 0;
    for (unsigned i = 0; i < 64; i++)
        strcat(text, i == 63 ? "b" : i & 1 ? "b||" : "name~*x*&&");
    TP_CHECK_LE(stack_of(do_compile), COMPILE_BYTES);
    TP_CHECK(result > 0);
}
