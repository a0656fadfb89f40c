/* SPDX-License-Identifier: MIT */
/*
 * What tracing costs a small kernel, as it uses it: EVENTS events of two u32, one trace, a pipe.
 * With PLAIN it only makes these calls, for the sizes; without EVENTS: the same program without
 * tracing, to be subtracted. Otherwise it measures itself: With WORST: what is measured
 * is each call with what takes most stack, which no kernel needs to have in its image. Prints a line
 * `NAME BYTES` for the smallest region and for the stack of each call, which is painted before it.
 */
#include <stddef.h>
#include <stdint.h>

void put(const char *text); /* by the machine */

#ifdef EVENTS
#define TP_CREATE
#include <tp/event.h>

#include <tp/trace.h>
#ifdef CONTROL
#include <tp/control.h>
#endif
#ifdef TREE
#include <tp/tree.h>
#endif

/* clang-format off */
#define ONE(n) TP_EVENT(small, e##n, "a=%u b=%u", u32 a, u32 b)
ONE(0) ONE(1) ONE(2) ONE(3) ONE(4) ONE(5) ONE(6) ONE(7)
#if EVENTS > 8
ONE(8) ONE(9) ONE(10) ONE(11) ONE(12) ONE(13) ONE(14) ONE(15)
#endif
#ifdef WORST /* as many fields as there may be, and names to look up */
TP_FLAGS(bits, TP_NAME(1, "FIRST"), TP_NAME(2, "SECOND"))
TP_EVENT(wide, w0, "%u %u %u %llu %u %u %u %llu %u %p %u %u %u %s %s %s", u8 a, u16 b, u32 c, u64 d, s8 e,
         s16 f, s32 g, s64 h, bool i, ptr j, u32 k, u32 l, u32 m, str n, str(9) o, flags(bits) p)
#endif
/* clang-format on */
#endif

                volatile uint32_t footprint_clock;

/* --- stack --- */

#define PAINT_BYTES 16384u
#define PAINT 0xa5u

/* So that compilers do not see that nobody has written it, or reads it. */
static volatile uint8_t *hidden(volatile uint8_t *p)
{
    __asm__ __volatile__("" : "+r"(p) : : "memory");
    return p;
}

static __attribute__((noinline)) void paint(void)
{
    uint8_t room[PAINT_BYTES];
    volatile uint8_t *p = hidden(room);

    for (uint32_t i = 0; i < PAINT_BYTES; i++)
        p[i] = PAINT;
}

/* Bytes from the top of what was painted to the deepest that was written. */
static __attribute__((noinline)) uint32_t unpainted(void)
{
    uint8_t room[PAINT_BYTES];
    const volatile uint8_t *p = hidden(room);
    uint32_t i = 0;

    while (i < PAINT_BYTES && p[i] == PAINT)
        i++;
    return PAINT_BYTES - i;
}

static void put_number(uint32_t n)
{
    char digits[12];
    unsigned i = sizeof(digits) - 1;

    digits[i] = 0;
    do
        digits[--i] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    put(digits + i);
}

static void report(const char *name, uint32_t bytes)
{
    put(name);
    put(" ");
    put_number(bytes);
    put("\n");
}

static __attribute__((noinline)) void nothing(void)
{
    __asm__ __volatile__("");
}

static uint32_t base; /* of a call that does nothing */

static __attribute__((noinline)) uint32_t stack_of(void (*call)(void))
{
    paint();
    call();
    return unpainted() - base;
}

#ifdef EVENTS
static uint8_t region[65536] __attribute__((aligned(64)));
static struct tp_config config = {.cpus = 1, .subbuf_bytes = 512, .subbufs = 2 CONFIG};
static struct tp_trace *trace;
static uint8_t buffer[64];
static int failed;

static void must(int error)
{
    failed |= error != 0;
}

static void do_open(void)
{
    must(tp_trace_open(&trace, region, sizeof(region), &config));
}

static void do_start(void)
{
    must(tp_trace_start(trace));
}

static void do_stop(void)
{
    must(tp_trace_stop(trace));
}

static void do_fire(void)
{
    trace_small_e0(1, 2);
}

/* Until the sub-buffer changes, and until it is refused. */
static void do_fire_many(void)
{
    for (unsigned i = 0; i < 200; i++)
        trace_small_e1(i, 2);
}

static void do_read(void)
{
    while (tp_pipe_read(trace, buffer, sizeof(buffer)) > 0)
        ;
}

static uint32_t smallest(void)
{
    uint32_t bytes = 64;

    while (tp_trace_open(&trace, region, bytes, &config) && bytes < sizeof(region))
        bytes += 64;
    must(tp_trace_close(trace));
    return bytes;
}

#ifdef CONTROL
#ifdef WORST
#define MEMORY_BYTES 16384
#else
#define MEMORY_BYTES 8192
#endif
static uint8_t memory[MEMORY_BYTES] __attribute__((aligned(64)));
static struct tp_filter_error error;

/* What is asked of a call that takes a text. */
struct text {
    const char *where, *text;
    int answer;
};
static const struct text *it; /* the one that is measured */

/* The most that a call takes of these. */
static uint32_t most_of(void (*call)(void), const struct text *texts, uint32_t count)
{
    uint32_t most = 0;

    for (it = texts; it < texts + count; it++) {
        uint32_t bytes = stack_of(call);

        most = bytes > most ? bytes : most;
    }
    return most;
}
#define MOST_OF(call, texts) most_of(call, texts, sizeof(texts) / sizeof((texts)[0]))

#ifdef WORST
/* A trigger with the largest program, 64 tests and 512 bytes of texts, and the longest text. */
#define ACTION "snapshot:999999999 if "
static char longest_trigger[sizeof(ACTION) + TP_FILTER_TEXT_MAX];
static const char *const longest_filter = longest_trigger + sizeof(ACTION) - 1;

static void make_longest(void)
{
    static const char term[] = "||comm~*1234567";
    char *to = longest_trigger;

    for (const char *from = ACTION; *from; from++)
        *to++ = *from;
    for (unsigned i = 0; i < TP_FILTER_OPS_MAX; i++)
        for (const char *from = i ? term : term + 2; *from; from++)
            *to++ = *from;
    while (to < longest_trigger + sizeof(longest_trigger) - 1)
        *to++ = ' ';
}

#define DEEP(n) n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n
#define WORST_FILTERS(deep, longest, wide, wrong)                                                  \
    {deep, DEEP("(") "comm ~ \"*[a-z]?*\\\\x*[!q]\" && a != -'x'" DEEP(")"), 0},                   \
        {deep, DEEP("!") "a & 0x7fffffff >= b", 0}, {longest, longest_filter, 0},                  \
        {longest, "0", 0},                                                                         \
        {wide, "p & 'SECOND|FIRST' == \"SECOND | FIRST\" || p == FIRST|SECOND", 0},                \
        {wide, "n == o && n != \"a\\\"b\" && h < d && o == bare-word", 0},                         \
        {wrong, "a == 0x10000000000000000", TP_EFILTER}, {wrong, DEEP("!") "!a", TP_EFILTER},      \
        {wrong, "p == \"FIRST | THIRD\"", TP_EFILTER},
#else
#define WORST_FILTERS(deep, longest, wide, wrong)
#endif

static void do_filter(void)
{
    must(tp_filter_set(trace, it->where, it->text, &error) != it->answer);
}

static void do_trigger(void)
{
    must(tp_trigger_set(trace, it->where, it->text, &error) != it->answer);
}

static void do_fire_filtered(void)
{
    trace_small_e2(2, 3);
}

static void do_fire_triggered(void)
{
    trace_small_e3(2, 3);
}

static void measure_texts(void)
{
    const struct text filters[] = {
        WORST_FILTERS("small:e6", "small:e6", "wide:w0", "*"){"small:e2", "a > 1 && b < 5", 0}};
    const struct text triggers[] = {
#ifdef WORST
        {"small:e6", longest_trigger, 0},
        {"small:e6", "!snapshot", 0},
        {"*", "count:1000 if " DEEP("(") "common_pid == -1" DEEP(")"), 0},
        {"*", "!count", 0},
        {"*", "count if a == 'xx", TP_EFILTER},
#endif
        {"small:e3", "traceoff:1 if a == 77", 0}};

    report("stack of tp_filter_set", MOST_OF(do_filter, filters));
    report("stack of tp_trigger_set", MOST_OF(do_trigger, triggers));
}

static void on_typed(void *data, uint32_t a, uint32_t b)
{
    (void)data;
    footprint_clock += a + b;
}

static void do_fire_probed(void)
{
    trace_small_e4(2, 3);
}

static void measure_control(void)
{
#ifdef WORST
    make_longest();
#endif
    must(CONTROL_MEMORY);
    measure_texts();
    must(register_trace_small_e4(on_typed, NULL));
    report("stack of an event with a filter", stack_of(do_fire_filtered));
    report("stack of an event with a trigger", stack_of(do_fire_triggered));
    report("stack of an event with a typed probe", stack_of(do_fire_probed));
}
#endif

#ifdef TREE
static size_t length(const char *text)
{
    size_t n = 0;

    while (text[n])
        n++;
    return n;
}

static void do_tree_write(void)
{
    must(tp_tree_write(it->where, it->text, length(it->text), &error) != it->answer);
}

/* All of it. */
static void do_tree_read(void)
{
    long n, at = 0;

    do
        n = tp_tree_read(it->where, (uint64_t)at, buffer, sizeof(buffer));
    while (n > 0 && (at += n) > 0);
    must(n < 0);
}

#ifdef WORST
static void do_tree_list(void)
{
    char name[TP_LIMIT_NAME_BYTES + 1];
    uint32_t i = 0;

    while (tp_tree_list(it->where, i, name, sizeof(name)) > 0)
        i++;
    must(!i);
}

static void do_tree_stat(void)
{
    struct tp_tree_info info;

    must(tp_tree_stat(it->where, &info) != it->answer);
}

static const struct text paths[] = {
    {"events/small/e5/filter", NULL, 0},        {"//per_cpu///cpu0/stats", NULL, 0},
    {"instances/none", NULL, TP_ENOENT},        {"events/small/e99", NULL, TP_ENOENT},
    {"per_cpu/cpu4294967296", NULL, TP_ENOENT},
};
static const struct text directories[] = {{"", NULL, 0},
                                          {"events", NULL, 0},
                                          {"events/small", NULL, 0},
                                          {"events/wide/w0", NULL, 0},
                                          {"per_cpu", NULL, 0},
                                          {"per_cpu/cpu0", NULL, 0}};
#endif

static void measure_tree(void)
{
    const struct text writes[] = {
#ifdef WORST
        WORST_FILTERS("events/small/e7/filter", "events/small/e7/filter", "events/wide/w0/filter",
                      "events/wide/filter"){"events/small/e7/filter", "0", 0},
        {"events/small/e7/trigger", longest_trigger, 0},
        {"events/small/e7/trigger", "!snapshot", 0},
        {"events/small/e7/trigger", "dance", TP_EFILTER},
        {"tracing_on", "0", 0},
        {"options/overwrite", "1", 0},
        {"buffer_size_kb", "4", 0},
        {"saved_cmdlines_size", "3", 0},
        {"tracing_on", "1", 0},
        {"set_event", "!small:e1 small:* wide:w0", 0},
        {"events/enable", "0", 0},
        {"events/small/enable", "1", 0},
        {"events/small/e4/enable", "1", 0},
        {"snapshot", "1", 0},
#endif
        {"events/small/e5/filter", "a == 5", 0}};
    const struct text reads[] = {
#ifdef WORST
        {"tracing_on", NULL, 0},
        {"available_events", NULL, 0},
        {"set_event", NULL, 0},
        {"buffer_total_size_kb", NULL, 0},
        {"saved_cmdlines", NULL, 0},
        {"snapshot", NULL, 0},
        {"trace_pipe_raw", NULL, 0},
        {"per_cpu/cpu0/trace_pipe_raw", NULL, 0},
        {"per_cpu/cpu0/stats", NULL, 0},
        {"events/enable", NULL, 0},
        {"events/small/filter", NULL, 0},
        {"events/small/e3/trigger", NULL, 0},
        {"events/wide/w0/format", NULL, 0},
        {"events/wide/w0/id", NULL, 0},
#endif
        {"events/small/e5/format", NULL, 0}};

    report("stack of tp_tree_write", MOST_OF(do_tree_write, writes));
    report("stack of tp_tree_read", MOST_OF(do_tree_read, reads));
#ifdef WORST
    report("stack of tp_tree_stat", MOST_OF(do_tree_stat, paths));
    report("stack of tp_tree_list", MOST_OF(do_tree_list, directories));
#endif
}
#endif

#ifdef PLAIN
#define FIRE(n) trace_small_e##n(1, 2)

/* What a kernel calls, once each. */
static void use(void)
{
#ifdef CONTROL
    static const struct text one = {"small:e2", "a > 1 && b < 5", 0};
#endif
#ifdef TREE
    static const struct text file = {"events/small/e5/format", "", 0};
#endif

    do_open();
    do_start();
    FIRE(0);
    FIRE(1);
    FIRE(2);
    FIRE(3);
    FIRE(4);
    FIRE(5);
    FIRE(6);
    FIRE(7);
#if EVENTS > 8
    FIRE(8);
    FIRE(9);
    FIRE(10);
    FIRE(11);
    FIRE(12);
    FIRE(13);
    FIRE(14);
    FIRE(15);
#endif
#ifdef CONTROL
    must(CONTROL_MEMORY);
    it = &one;
    do_filter();
    do_trigger();
    must(register_trace_small_e4(on_typed, NULL));
#endif
#ifdef TREE
    it = &file;
    do_tree_read();
    do_tree_write();
#endif
    do_read();
    do_stop();
}
#else
static void measure(void)
{
    report("smallest region", smallest());
    report("stack of tp_trace_open", stack_of(do_open));
    report("stack of tp_trace_start", stack_of(do_start));
    do_fire();
    report("stack of an event", stack_of(do_fire));
    report("stack of an event at a new sub-buffer or refused", stack_of(do_fire_many));
    report("stack of tp_pipe_read", stack_of(do_read));
#ifdef CONTROL
    measure_control();
#endif
#ifdef TREE
    measure_tree();
#endif
    report("stack of tp_trace_stop", stack_of(do_stop));
    do_read();
    must(!tp_pipe_ended(trace));
    must(tp_trace_close(trace));
    if (failed)
        put("a call failed\n");
}
#endif
#endif

int main(void)
{
#ifdef PLAIN
#ifdef EVENTS
    use();
#endif
    return 0;
#else
    base = stack_of(nothing);
#ifdef EVENTS
    measure();
    return failed;
#else
    report("base", base);
    return 0;
#endif
#endif
}
