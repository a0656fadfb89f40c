/* SPDX-License-Identifier: MIT */
/* Fires every event of events.h, and tp_printk with arguments of every type. */
#include "events.h"

void fire_all(const char *text, const void *data, size_t bytes, uint64_t n);
void fire_printk(char *text, void *data, long n, const volatile int *where);

void fire_all(const char *text, const void *data, size_t bytes, uint64_t n)
{
    static const uint8_t u8s[6];
    static const uint16_t u16s[3];
    static const uint64_t u64s[2];
    static const int32_t s32s[4];
    static const int64_t s64s[1];
    static const bool bools[2];
    static const void *const ptrs[2];
    static const char chars[16] = "no NUL: sixteen";

    trace_all_none();
    trace_all_unsigned_(1, 2, 3, n, 'x');
    trace_all_signed_(-1, -2, -3, -(int64_t)n);
    trace_all_small(n != 0, 'c', data);
    trace_all_text(text, "literal", 0);
    trace_all_raw(data, bytes, "raw", 3);
    trace_all_arrays(u8s, u16s, u64s, s32s, s64s, bools, ptrs);
    trace_all_name(chars, chars);
    trace_all_names(-1, 3);
    if (trace_all_mixed_enabled())
        trace_all_mixed(-1, text, data, bytes, n, 1, "z");
    trace_all_sixteen(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, n);
    trace_all_many_texts(text, text, text, text, text, text, text, text, text, text, text, text,
                         text, text, text, text);
    trace_sched_switch(1, 2, text);
}

/* A function of a header, in several places of one file. */
static inline void fire_inline(int n)
{
    tp_printk("inline %d", n);
}

void fire_printk(char *text, void *data, long n, const volatile int *where)
{
    struct {
        unsigned low : 3;
        int high : 29;
    } bits = {1, 2};
    signed char sc = -1;
    unsigned char uc = 1;
    short s = -2;
    unsigned short us = 2;
    bool b = n != 0;
    const char *ct = text;
    char array[4] = "abc";

    tp_printk("nothing");
    tp_printk("%s", "one");
    tp_printk("%d %d %hhd %hhu %hd %hu %c", b, 'c', sc, uc, s, us, array[0]);
    tp_printk("%d %u %ld %lu %lld %llu", 1, 2u, n, (unsigned long)n, 3ll, 4ull);
    tp_printk("%s %s %s %s", text, ct, array, "literal");
    tp_printk("%p %p %p %p", data, (void *)text, (const void *)where, (void *)0);
    tp_printk("%u %d", (unsigned)bits.low, (int)bits.high);
    tp_printk("%zu %x %#llx %%", sizeof(n), 0x10u, 1ull << 40);
    tp_printk("%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
              12, 13, 14, 15, 16);
    if (b)
        tp_printk("before else");
    else
        tp_printk("after else");
    fire_inline(s++);
    fire_inline(1);
    for (int i = 0; i < 2; i++)
        tp_printk("i=%d", i++);
}
