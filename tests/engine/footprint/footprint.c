/* SPDX-License-Identifier: MIT */
/*
 * What tracing costs a small kernel, as it uses it: EVENTS events of two u32, one trace, a pipe.
 * Without EVENTS: the same program without tracing, to be subtracted. Prints a line `NAME BYTES`
 * for the smallest region and for the stack of each call, which is painted before it.
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
static uint8_t memory[8192] __attribute__((aligned(64)));
static struct tp_filter_error error;

static void do_filter(void)
{
    must(tp_filter_set(trace, "small:e2", "a > 1 && b < 5", &error));
}

static void do_trigger(void)
{
    must(tp_trigger_set(trace, "small:e3", "traceoff:1 if a == 77", &error));
}

static void do_fire_filtered(void)
{
    trace_small_e2(2, 3);
}

static void do_fire_triggered(void)
{
    trace_small_e3(2, 3);
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
    must(CONTROL_MEMORY);
    report("stack of tp_filter_set", stack_of(do_filter));
    report("stack of tp_trigger_set", stack_of(do_trigger));
    must(register_trace_small_e4(on_typed, NULL));
    report("stack of an event with a filter", stack_of(do_fire_filtered));
    report("stack of an event with a trigger", stack_of(do_fire_triggered));
    report("stack of an event with a typed probe", stack_of(do_fire_probed));
}
#endif

#ifdef TREE
static void do_tree_write(void)
{
    must(tp_tree_write("events/small/e5/filter", "a == 5", 6, &error));
}

static void do_tree_read(void)
{
    must(tp_tree_read("events/small/e5/format", 0, buffer, sizeof(buffer)) <= 0);
}
#endif

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
    report("stack of tp_tree_write", stack_of(do_tree_write));
    report("stack of tp_tree_read", stack_of(do_tree_read));
#endif
    report("stack of tp_trace_stop", stack_of(do_stop));
    do_read();
    must(!tp_pipe_ended(trace));
    must(tp_trace_close(trace));
    if (failed)
        put("a call failed\n");
}
#endif

int main(void)
{
    base = stack_of(nothing);
#ifdef EVENTS
    measure();
    return failed;
#else
    report("base", base);
    return 0;
#endif
}
