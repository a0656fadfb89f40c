/* SPDX-License-Identifier: MIT */
/* Functions whose machine code tests/guard/disasm.sh reads. */
#include <tp/event.h>

TP_EVENT(site, none, "nothing")
TP_EVENT(site, some, "%u %s %llu", u32 a, str b, u64 c)

#define FOUR(x) x x x x
#define THIRTY_TWO(x) FOUR(x x x x x x x x)

void one_none(void);
void one_some(void);
void one_printk(void);
void one_enabled(void);
void many_none(void);
void many_some(void);
void wrong_load(void);
void wrong_store(void);
void wrong_layout(void);
void wrong_frame(void);

void one_none(void)
{
    trace_site_none();
}

void one_some(void)
{
    trace_site_some(1, "text", 2);
}

void one_printk(void)
{
    tp_printk("%d %s", 1, "text");
}

void costly(void);

void one_enabled(void)
{
    if (trace_site_none_enabled())
        costly();
}

/* 33 calls */
void many_none(void)
{
    trace_site_none();
    THIRTY_TWO(trace_site_none();)
}

void many_some(void)
{
    trace_site_some(1, "text", 2);
    THIRTY_TWO(trace_site_some(1, "text", 2);)
}

/* What the test must find wrong. */
extern volatile uint32_t wrong __attribute__((visibility("hidden")));

void wrong_load(void)
{
    (void)wrong;
    trace_site_none();
}

void wrong_store(void)
{
    wrong = 1;
    trace_site_none();
}

void wrong_layout(void)
{
    uint32_t mask = tp_event_site_none.mask;

    if (__builtin_expect(mask != 0, 1))
        tp_emit_site_none();
}

void wrong_frame(void)
{
    costly();
    trace_site_none();
}
