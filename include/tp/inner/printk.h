/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/printk.h - tp_printk, which tp/event.h describes. For C only.
 *
 * Each call has an event of its own, static in the function that has the call.
 */
#ifndef TP_INNER_PRINTK_H
#define TP_INNER_PRINTK_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/inner/check.h>
#include <tp/inner/declare.h>

struct tp_arg {
    uint64_t number; /* for a text: its address */
};

static inline struct tp_arg tp_arg_signed(long long v)
{
    struct tp_arg a = {(uint64_t)v};

    return a;
}

static inline struct tp_arg tp_arg_unsigned(unsigned long long v)
{
    struct tp_arg a = {v};

    return a;
}

static inline struct tp_arg tp_arg_ptr(const volatile void *v)
{
    struct tp_arg a = {(uintptr_t)v};

    return a;
}

/* In engine/option/printk.c: records the arguments, with the types in e->field. */
void tp_printk_emit(struct tp_event *e, const struct tp_arg *args);

#define TP_ARG(a)                                                                                 \
    _Generic((a),                                                                                 \
        bool: tp_arg_unsigned, char: tp_arg_signed, unsigned char: tp_arg_unsigned,               \
        unsigned short: tp_arg_unsigned, unsigned int: tp_arg_unsigned,                           \
        unsigned long: tp_arg_unsigned, unsigned long long: tp_arg_unsigned,                      \
        signed char: tp_arg_signed, short: tp_arg_signed, int: tp_arg_signed,                     \
        long: tp_arg_signed, long long: tp_arg_signed, default: tp_arg_ptr)(a)
#define TP_ARG_TYPE(i, a)                                                                         \
    _Generic((a),                                                                                 \
        bool: TP_TYPE_BOOL, char: TP_TYPE_CHAR, unsigned char: TP_TYPE_U8,                        \
        unsigned short: TP_TYPE_U16, unsigned int: TP_TYPE_U32,                                   \
        unsigned long: sizeof(long) == 8 ? TP_TYPE_U64 : TP_TYPE_U32,                             \
        unsigned long long: TP_TYPE_U64, signed char: TP_TYPE_S8, short: TP_TYPE_S16,             \
        int: TP_TYPE_S32, long: sizeof(long) == 8 ? TP_TYPE_S64 : TP_TYPE_S32,                    \
        long long: TP_TYPE_S64, char *: TP_ARG_TEXT(i), const char *: TP_ARG_TEXT(i),             \
        default: TP_TYPE_PTR)

#define TP_ARG_TEXT(i) ((tp_printk_ptrs20 >> i) & 1 ? TP_TYPE_PTR : TP_TYPE_STR)
#define TP_ARG_FLOAT(a) _Generic((a), float: 1, double: 1, long double: 1, default: 0)

/* One slot of 8 bytes for each argument, so that offsets are constants. */
#define TP_K_FIELD(i, a) {"a" #i, 0, 8 * i, 0, TP_ARG_TYPE(i, a)},
#define TP_K_VALUE(i, a) TP_ARG(a),
#define TP_K_CHECK(i, a) TP_MUST(!TP_ARG_FLOAT(a), "tp_printk records no floating point")
#define TP_K(M, ...) TP_K_A(M, TP_COUNT(__VA_ARGS__), __VA_ARGS__)
#define TP_K_A(M, n, ...) TP_K_B(M, n, __VA_ARGS__)
#define TP_K_B(M, n, ...) TP_K_##n(M, __VA_ARGS__)
#define TP_K_TPX(M, ...) M##_TPX
#define TP_K_CHECK_TPX TP_MUST(0, "tp_printk takes at most 16 arguments")
#define TP_K_FIELD_TPX
#define TP_K_VALUE_TPX
#define TP_K_1(M, fmt)
#define TP_K_2(M, fmt, a0) TP_K_1(M, fmt) M(0, a0)
#define TP_K_3(M, fmt, a0, a1) TP_K_2(M, fmt, a0) M(1, a1)
#define TP_K_4(M, fmt, a0, a1, a2) TP_K_3(M, fmt, a0, a1) M(2, a2)
#define TP_K_5(M, fmt, a0, a1, a2, a3) TP_K_4(M, fmt, a0, a1, a2) M(3, a3)
#define TP_K_6(M, fmt, a0, a1, a2, a3, a4) TP_K_5(M, fmt, a0, a1, a2, a3) M(4, a4)
#define TP_K_7(M, fmt, a0, a1, a2, a3, a4, a5) TP_K_6(M, fmt, a0, a1, a2, a3, a4) M(5, a5)
#define TP_K_8(M, fmt, a0, a1, a2, a3, a4, a5, a6) TP_K_7(M, fmt, a0, a1, a2, a3, a4, a5) M(6, a6)
#define TP_K_9(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7) TP_K_8(M, fmt, a0, a1, a2, a3, a4, a5, a6) M(7, a7)
#define TP_K_10(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8) TP_K_9(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7) M(8, a8)
#define TP_K_11(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9) TP_K_10(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8) M(9, a9)
#define TP_K_12(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) TP_K_11(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9) M(10, a10)
#define TP_K_13(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11) TP_K_12(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10) M(11, a11)
#define TP_K_14(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12) TP_K_13(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11) M(12, a12)
#define TP_K_15(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13) TP_K_14(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12) M(13, a13)
#define TP_K_16(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14) TP_K_15(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13) M(14, a14)
#define TP_K_17(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15) TP_K_16(M, fmt, a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14) M(15, a15)

#define tp_printk(...)                                                                            \
    do {                                                                                          \
        TP_C_FORMAT(TP_TEXT(TP_FIRST(__VA_ARGS__)))                                               \
        TP_K(TP_K_CHECK, __VA_ARGS__)                                                             \
        TP_F_CHECK(TP_FIRST(__VA_ARGS__), tp_printk)                                              \
        TP_F_ARGS(TP_FIRST(__VA_ARGS__), tp_printk)                                               \
        static const struct tp_field tp_field_[] = {TP_K(TP_K_FIELD, __VA_ARGS__){0}};            \
        static struct tp_event tp_event_ = {                                                      \
            .bytes = 8 * (sizeof(tp_field_) / sizeof(tp_field_[0]) - 1),                          \
            .fields = sizeof(tp_field_) / sizeof(tp_field_[0]) - 1,                               \
            .line = __LINE__ & 0xffff,                                                            \
            .layout = TP_EVENT_LAYOUT,                                                            \
            .str_max = TP_STR_MAX,                                                                \
            .sys = TP_PRINTK_SYS,                                                                 \
            .name = __func__,                                                                     \
            .fmt = "" TP_FIRST(__VA_ARGS__),                                                      \
            .file = __FILE__,                                                                     \
            .field = tp_field_,                                                                   \
        };                                                                                        \
        static struct tp_event *const tp_here_ TP_SECTION = &tp_event_;                           \
        TP_F_COUNT(tp_printk, sizeof(tp_field_) / sizeof(tp_field_[0]) - 1)                       \
        TP_STATIC_ASSERT(sizeof("" TP_FIRST(__VA_ARGS__)) <= TP_LIMIT_FORMAT_BYTES + 1,           \
                         "tracepoint: format too long");                                          \
        if (__builtin_expect(__atomic_load_n(&tp_event_.mask, __ATOMIC_RELAXED) != 0, 0)) {       \
            const struct tp_arg tp_arg_[] = {TP_K(TP_K_VALUE, __VA_ARGS__){0}};                   \
                                                                                                  \
            tp_printk_emit(&tp_event_, tp_arg_);                                                  \
        }                                                                                         \
        if (0)                                                                                    \
            tp_format_check(__VA_ARGS__);                                                         \
    } while (0)

#endif
