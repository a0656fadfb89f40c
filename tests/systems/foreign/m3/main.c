/* SPDX-License-Identifier: MIT */
/*
 * How much stack an event takes on a small machine: what is below is painted before each event, and
 * looked at after it. The deepest of each kind goes to the host, in lines `KIND BYTES`.
 */
#define TP_CREATE
#include <tp/event.h>

#include "../m0/m0.h"
#include "port.h"
#include <tp/control.h>
#include <tp/inner/ring.h>
#include <tp/trace.h>

TP_EVENT(m3, two, "a=%u b=%u", u32 a, u32 b)
TP_EVENT(m3, text, "a=%u text=%s", u32 a, str text)

#define STACK_BYTES 3072u /* so much is painted */
#define PAINT 0xa5a5a5a5u

enum kind { FITS, STAMP, NEXT, REFUSED, KINDS };
static const char *const kind_name[] = {"fits", "stamp", "next", "refused"};

uint64_t m3_clock;
static uint8_t region[9216] __attribute__((aligned(64)));
static uint32_t deepest[KINDS];

void on_wrap(void)
{
}

void on_low(void)
{
}

void on_high(void)
{
}

/* What it calls begins at this function's stack pointer. */
static __attribute__((noinline)) uint32_t depth_of(void (*fire)(void))
{
    volatile uint32_t *top, *low;

    __asm__ __volatile__("mov %0, sp" : "=r"(top));
    for (low = top - STACK_BYTES / 4; low < top; low++)
        *low = PAINT;
    fire();
    for (low = top - STACK_BYTES / 4; low < top && *low == PAINT;)
        low++;
    return (uint32_t)((uintptr_t)top - (uintptr_t)low);
}

static void fire_two(void)
{
    trace_m3_two(1, 2);
}

static void fire_text(void)
{
    trace_m3_text(1, "a text of some letters");
}

static void fire_printk(void)
{
    tp_printk("%u %u", 1u, 2u);
}

/* By what has become of it. */
static enum kind kind_of(const struct tp_ring *r, tp_word before)
{
    if (r->cursor == before)
        return REFUSED;
    if ((r->cursor ^ before) > r->mask)
        return NEXT;
    return m3_clock >> 32 != (m3_clock - 1) >> 32 ? STAMP : FITS;
}

static void measure(void (*fire)(void), bool stamp)
{
    const struct tp_ring *r = tp_rings[0].ring;
    tp_word before = r->cursor;
    enum kind kind;
    uint32_t depth;

    m3_clock = stamp ? (m3_clock | UINT32_MAX) + 1 : m3_clock + 1;
    depth = depth_of(fire);
    kind = kind_of(r, before);
    if (depth > deepest[kind])
        deepest[kind] = depth;
}

static void say_text(int32_t file, const char *text)
{
    while (*text)
        host_write(file, text++, 1);
}

static void say(int32_t file, const char *what, const char *kind, uint32_t n)
{
    char digits[12];
    uint32_t at = sizeof(digits);

    digits[--at] = '\n';
    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    digits[--at] = ' ';
    say_text(file, what);
    say_text(file, " ");
    say_text(file, kind);
    host_write(file, digits + at, sizeof(digits) - at);
}

static struct tp_trace *start(enum tp_mode mode)
{
    struct tp_config config = {.cpus = 1, .subbuf_bytes = 512, .mode = mode};
    struct tp_trace *trace;

    if (tp_trace_open(&trace, region, sizeof(region), &config))
        host_exit("tp_trace_open\n");
    tp_trace_start(trace);
    return trace;
}

static void all_of(int32_t file, const char *name, void (*fire)(void))
{
    for (int i = 0; i < KINDS; i++)
        deepest[i] = 0;
    for (int mode = TP_DISCARD; mode <= TP_OVERWRITE; mode++) {
        struct tp_trace *trace = start((enum tp_mode)mode);

        for (unsigned i = 0; i < 400; i++)
            measure(fire, i % 29 == 0);
        tp_trace_stop(trace);
        tp_trace_close(trace);
    }
    for (int i = 0; i < KINDS; i++)
        say(file, name, kind_name[i], deepest[i]);
}

static void on_two(void *data, uint32_t a, uint32_t b)
{
    (void)data;
    (void)a;
    (void)b;
}

int main(void)
{
    static uint8_t memory[512] __attribute__((aligned(16)));
    int32_t file = host_create("depths", 6);

    all_of(file, "two", fire_two);
    all_of(file, "text", fire_text);
    all_of(file, "printk", fire_printk);
    if (tp_control_set_memory(memory, sizeof(memory), 1) || register_trace_m3_two(on_two, NULL))
        host_exit("a probe\n");
    start(TP_OVERWRITE);
    say(file, "two", "probe", depth_of(fire_two));
    return 0;
}
