/* SPDX-License-Identifier: MIT */
/*
 * tp/event.h - defining events and firing them.
 *
 * A header of events:
 *
 *     #include <tp/event.h>
 *     TP_ENUM(why, TP_NAME(0, "idle"), TP_NAME(1, "wake"))
 *     TP_EVENT(sched, switch, "prev=%u next=%u why=%s comm=%s",
 *              u32 prev, u32 next, enum(why) why, str comm)
 *
 * One C file creates them:
 *
 *     #define TP_CREATE
 *     #include "my_events.h"
 *
 * and any C or C++ file that includes the header fires them:
 *
 *     trace_sched_switch(prev->pid, next->pid, 1, next->comm);
 *     if (trace_sched_switch_enabled()) ... work that only the event needs ...
 *     tp_printk("cpu%u took %llu ns", cpu, ns);     (C only; no definition needed)
 *
 * While nobody records an event, firing it is a load and a branch, or with TP_PATCH (doc/porting.md) a
 * nop. This file knows the record, not the ring: what creates events includes tp/inner/ring.h.
 *
 * Fields, 0 to 16 of them: TYPE NAME
 *
 *     type               argument                        conversions in the format
 *     u8 u16 u32 u64     uint8_t .. uint64_t             %u %x %o %c; u64: %llu %llx
 *     s8 s16 s32 s64     int8_t .. int64_t               %d %x;       s64: %lld
 *     bool char          bool, char                      %d, %c
 *     ptr                const void *, kept as a number  %p
 *     str   str(N)       const char *, at most 255, N    %s
 *     bytes bytes(N)     const void *, size_t, ditto     %x
 *     arr(T, N)          const T[N], T one of the above  %s for char, else that of T
 *     enum(table)        int32_t, see TP_ENUM            %s
 *     flags(table)       uint32_t, see TP_FLAGS          %s
 *
 * The compiler checks the format against the fields, and calls against both.
 * A str is read up to its NUL or its limit, whatever precision the format has.
 * Floating point is refused, and so are the %pS and %pI4 of Linux: %p prints the number. str, bytes,
 * arr, enum and flags must not be macros.
 * Where a kernel has trace_* names of its own, define TP_PREFIX before the first
 * include: TP_PREFIX_sched_switch().
 */
/* Compilers then report what is wrong at the user's line, and only there. Warnings about these macros
 * themselves are for the project's own tests. */
#ifndef TP_SHOW_WARNINGS
#pragma GCC system_header
#endif
#ifndef TP_EVENT_H
#define TP_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/filter.h>
#include <tp/knobs.h>
#include <tp/wire.h>

#ifdef TP_PATCH
#include <tp/inner/patch.h>
#endif

#ifndef TP_PREFIX
#define TP_PREFIX trace
#endif

enum tp_type {
    TP_TYPE_U8, TP_TYPE_U16, TP_TYPE_U32, TP_TYPE_U64,
    TP_TYPE_S8, TP_TYPE_S16, TP_TYPE_S32, TP_TYPE_S64,
    TP_TYPE_BOOL, TP_TYPE_CHAR, TP_TYPE_PTR, TP_TYPE_STR, TP_TYPE_BYTES
};

struct tp_name {
    int64_t value;
    const char *name;
};

struct tp_table {
    const char *name;
    const struct tp_name *value;
    uint32_t values;
    uint16_t index; /* in the metadata; the engine's */
    bool flags;
};

struct tp_field {
    const char *name;
    struct tp_table *table; /* or NULL */
    uint16_t at;            /* offset in the fixed part */
    uint16_t count;         /* elements; 0: not an array */
    uint8_t type;           /* enum tp_type */
};

struct tp_rule;  /* what a trace does with it besides recording; tp/control.h */
struct tp_probe; /* who is called */
struct tp_slot;  /* a record in the making; tp/inner/ring.h */

/* Bits of `mask`, the word that a call tests. Bit i: trace i records it now. What is not that alone
 * goes the long way round: */
#define TP_MASK_RULE(i) (0x100u << (i)) /* as the rule of trace i says, whatever bit i is */
#define TP_MASK_RULES 0xff00u
#define TP_MASK_PROBES 0x10000u

/* Changes with struct tp_event and what it points to: a module was compiled for this engine. */
#define TP_EVENT_LAYOUT 1

struct tp_event {
    uint32_t mask;
    uint32_t want; /* bit i: trace i has chosen it */
    uint16_t id;   /* given when the first trace is opened, or its module is added */
    uint16_t bytes; /* fixed part of the fields */
    uint16_t fields;
    uint16_t line; /* tp_printk: where; else 0 */
    uint16_t layout;  /* TP_EVENT_LAYOUT of the file that created it */
    uint16_t str_max; /* tp_printk: TP_STR_MAX there */
    const char *sys, *name, *fmt, *file;
    const struct tp_field *field;
    void (*call)(void (*fn)(void), void *data, const struct tp_filter_value *value);
    struct tp_rule *rules;   /* the engine's, as are the probes */
    struct tp_probe *probes;
};

#ifdef __cplusplus
#define TP_EXTERN extern "C" __attribute__((__visibility__("hidden")))
#define TP_STATIC_ASSERT(cond, text) static_assert(cond, text)
#else
#define TP_EXTERN extern __attribute__((__visibility__("hidden")))
#define TP_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#endif

/* What generated code calls. */
#ifdef __cplusplus
extern "C" {
#endif
/* In engine/control/emit.c: what is not simple. value[TP_FILTER_VALUES], one a field set; of str and bytes
 * `number` is what the fixed part says of them. `bytes`: of the fields, with tails. True: one record
 * is left to be made, which the slot has begun; the caller stores the fields and ends it. */
bool tp_emit(struct tp_event *event, struct tp_filter_value *value, uint32_t bytes,
             struct tp_slot *slot);
/* In engine/control/probe.c: see tp/control.h. */
int tp_probe_typed_add(struct tp_event *event, void (*fn)(void), void *data);
int tp_probe_typed_remove(struct tp_event *event, void (*fn)(void), void *data);
#ifdef __cplusplus
}
#endif

/* --- from `u32 prev` to KIND, a, b, c, name ---
 * Pasting TP_T_ in front of a field touches its first token only. */

#define TP_CAT(a, b) TP_CAT_(a, b)
#define TP_CAT_(a, b) a##b
#define TP_JOIN(a, b) TP_JOIN_(a, b) /* a second one, for use inside the first */
#define TP_JOIN_(a, b) a##b
#define TP_FIRST(...) TP_FIRST_(__VA_ARGS__, 0)
#define TP_FIRST_(a, ...) a

/*                 C type,       type code,    cast for the format check */
#define TP_E_u8 uint8_t, TP_TYPE_U8, unsigned int
#define TP_E_u16 uint16_t, TP_TYPE_U16, unsigned int
#define TP_E_u32 uint32_t, TP_TYPE_U32, unsigned int
#define TP_E_u64 uint64_t, TP_TYPE_U64, unsigned long long
#define TP_E_s8 int8_t, TP_TYPE_S8, int
#define TP_E_s16 int16_t, TP_TYPE_S16, int
#define TP_E_s32 int32_t, TP_TYPE_S32, int
#define TP_E_s64 int64_t, TP_TYPE_S64, long long
#define TP_E_bool bool, TP_TYPE_BOOL, int
#define TP_E_char char, TP_TYPE_CHAR, int
#define TP_E_ptr const void *, TP_TYPE_PTR, const void *
/* Where the kernel has made macros of the short names, these are what arrives. */
#define TP_E_uint8_t TP_E_u8
#define TP_E_uint16_t TP_E_u16
#define TP_E_uint32_t TP_E_u32
#define TP_E_uint64_t TP_E_u64
#define TP_E_int8_t TP_E_s8
#define TP_E_int16_t TP_E_s16
#define TP_E_int32_t TP_E_s32
#define TP_E_int64_t TP_E_s64
#define TP_E__Bool TP_E_bool

#define TP_T_u8 TPNUM, TP_E_u8,
#define TP_T_u16 TPNUM, TP_E_u16,
#define TP_T_u32 TPNUM, TP_E_u32,
#define TP_T_u64 TPNUM, TP_E_u64,
#define TP_T_s8 TPNUM, TP_E_s8,
#define TP_T_s16 TPNUM, TP_E_s16,
#define TP_T_s32 TPNUM, TP_E_s32,
#define TP_T_s64 TPNUM, TP_E_s64,
#define TP_T_bool TPNUM, TP_E_bool,
#define TP_T_char TPNUM, TP_E_char,
#define TP_T_ptr TPPTR, TP_E_ptr,
#define TP_T_uint8_t TPNUM, TP_E_u8,
#define TP_T_uint16_t TPNUM, TP_E_u16,
#define TP_T_uint32_t TPNUM, TP_E_u32,
#define TP_T_uint64_t TPNUM, TP_E_u64,
#define TP_T_int8_t TPNUM, TP_E_s8,
#define TP_T_int16_t TPNUM, TP_E_s16,
#define TP_T_int32_t TPNUM, TP_E_s32,
#define TP_T_int64_t TPNUM, TP_E_s64,
#define TP_T__Bool TPNUM, TP_E_bool,
#define TP_T_enum(table) TPSYM, int32_t, TP_TYPE_S32, table,
#define TP_T_flags(table) TPSYM, uint32_t, TP_TYPE_U32, table,
#define TP_T_arr(T, N) TP_ARR_A(TP_ONE(TP_ARR_E(T)), T, N)
#define TP_ARR_E(T) TP_ARR_E_(T)
#define TP_ARR_E_(T) TP_E_##T
#define TP_ARR_A(n, T, N) TP_ARR_B(n, T, N)
#define TP_ARR_B(n, T, N) TP_ARR_##n(T, N)
#define TP_ARR_TPN(T, N) TPARR, T, N, 0,
#define TP_ARR_1(T, N) TPBAD, "arr takes numbers, bool, char and ptr", 0, 0,
#define TP_T_str(N) TPSTR, N, 0, 0,
#define TP_T_bytes(N) TPBYT, N, 0, 0,
/* `str comm` is not a call of TP_T_str, stays as it is, and is pasted once more. */
#define TP_D_TP_T_str TPSTR, TP_STR_MAX, 0, 0,
#define TP_D_TP_T_bytes TPBYT, TP_STR_MAX, 0, 0,
#define TP_T_float TPBAD, "floating point fields are not recorded", 0, 0,
#define TP_T_double TP_T_float

/* 1 for one argument, TPN for several; names that no kernel has made a macro of */
#define TP_ONE(...) TP_ONE_(__VA_ARGS__, TPN, TPN, TPN, TPN, TPN, 1, 0)
#define TP_ONE_(a, b, c, d, e, f, n, ...) n

#define TP_FIELD(P, X, f) TP_FIELD_A(P, X, TP_CAT(TP_T_, f))
#define TP_FIELD_A(P, X, ...) TP_JOIN(TP_FIELD_A, TP_ONE(__VA_ARGS__))(P, X, __VA_ARGS__)
#define TP_FIELD_ATPN(P, X, ...) TP_FIELD_C(P, X, __VA_ARGS__)
#define TP_FIELD_A1(P, X, f) TP_FIELD_B(P, X, TP_CAT(TP_D_, f))
#define TP_FIELD_B(P, X, ...) TP_JOIN(TP_FIELD_B, TP_ONE(__VA_ARGS__))(P, X, __VA_ARGS__)
#define TP_FIELD_BTPN(P, X, ...) TP_FIELD_C(P, X, __VA_ARGS__)
#define TP_FIELD_B1(P, X, f) P##TPUNK(X, 0, 0, 0, 0)
#define TP_FIELD_C(P, X, KIND, a, b, c, name) P##KIND(X, a, b, c, name)

/* P applied to each field behind the format; TPX: more than 16 */
#define TP_EACH(P, X, ...) TP_EACH_A(P, X, TP_COUNT(__VA_ARGS__), __VA_ARGS__)
#define TP_EACH_A(P, X, n, ...) TP_EACH_B(P, X, n, __VA_ARGS__)
#define TP_EACH_B(P, X, n, ...) TP_EACH_##n(P, X, __VA_ARGS__)
#define TP_COUNT(...)                                                                             \
    TP_COUNT_(__VA_ARGS__, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX,       \
    TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX,     \
    TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, TPX, 17,      \
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define TP_COUNT_(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13,                     \
                  a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28,      \
                  a29, a30, a31, a32, a33, a34, a35, a36, a37, a38, a39, a40, a41, a42, a43,      \
                  a44, a45, a46, a47, a48, a49, a50, a51, a52, a53, a54, a55, a56, a57, a58,      \
                  a59, a60, a61, a62, a63, a64, n, ...)                                           \
    n
#define TP_EACH_TPX(P, X, ...) P##TPX(X)
#define TP_EACH_1(P, X, fmt)
#define TP_EACH_2(P, X, fmt, f1)                                                                  \
    TP_EACH_1(P, X, fmt) TP_FIELD(P, X, f1)
#define TP_EACH_3(P, X, fmt, f1, f2)                                                              \
    TP_EACH_2(P, X, fmt, f1) TP_FIELD(P, X, f2)
#define TP_EACH_4(P, X, fmt, f1, f2, f3)                                                          \
    TP_EACH_3(P, X, fmt, f1, f2) TP_FIELD(P, X, f3)
#define TP_EACH_5(P, X, fmt, f1, f2, f3, f4)                                                      \
    TP_EACH_4(P, X, fmt, f1, f2, f3) TP_FIELD(P, X, f4)
#define TP_EACH_6(P, X, fmt, f1, f2, f3, f4, f5)                                                  \
    TP_EACH_5(P, X, fmt, f1, f2, f3, f4) TP_FIELD(P, X, f5)
#define TP_EACH_7(P, X, fmt, f1, f2, f3, f4, f5, f6)                                              \
    TP_EACH_6(P, X, fmt, f1, f2, f3, f4, f5) TP_FIELD(P, X, f6)
#define TP_EACH_8(P, X, fmt, f1, f2, f3, f4, f5, f6, f7)                                          \
    TP_EACH_7(P, X, fmt, f1, f2, f3, f4, f5, f6) TP_FIELD(P, X, f7)
#define TP_EACH_9(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8)                                      \
    TP_EACH_8(P, X, fmt, f1, f2, f3, f4, f5, f6, f7) TP_FIELD(P, X, f8)
#define TP_EACH_10(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9)                                 \
    TP_EACH_9(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8) TP_FIELD(P, X, f9)
#define TP_EACH_11(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10)                            \
    TP_EACH_10(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9) TP_FIELD(P, X, f10)
#define TP_EACH_12(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11)                       \
    TP_EACH_11(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10) TP_FIELD(P, X, f11)
#define TP_EACH_13(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12)                  \
    TP_EACH_12(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11) TP_FIELD(P, X, f12)
#define TP_EACH_14(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13)             \
    TP_EACH_13(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12) TP_FIELD(P, X, f13)
#define TP_EACH_15(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14)        \
    TP_EACH_14(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13) TP_FIELD(P, X, f14)
#define TP_EACH_16(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15)   \
    TP_EACH_15(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14) TP_FIELD(P, X, f15)
#define TP_EACH_17(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16) \
    TP_EACH_16(P, X, fmt, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15) TP_FIELD(P, X, f16)

/* --- the passes: PREFIX_KIND(tag, a, b, c, name) --- */

/* parameters of the call */
#define TP_P_TPNUM(X, ctype, code, cast, name) , ctype name
#define TP_P_TPSYM(X, ctype, code, table, name) , ctype name
#define TP_P_TPSTR(X, max, b, c, name) , const char *name
#define TP_P_TPBYT(X, max, b, c, name) , const void *name, size_t name##_bytes
#define TP_P_TPARR(X, T, N, c, name) TP_P_TPARR_(TP_JOIN(TP_E_, T), N, name)
#define TP_P_TPARR_(...) TP_P_TPARR__(__VA_ARGS__)
#define TP_P_TPARR__(ctype, code, cast, N, name) , ctype const name[N]
#define TP_P_TPBAD(X, a, b, c, name) , int name
#define TP_P_TPUNK(X, a, b, c, name) , int tp_unknown
#define TP_P_TPX(X) , int tp_many

#define TP_P_TPPTR TP_P_TPNUM

/* and the same handed on */
#define TP_A_TPPTR TP_A_TPNUM
#define TP_A_TPNUM(X, ctype, code, cast, name) , name
#define TP_A_TPSYM(X, ctype, code, table, name) , name
#define TP_A_TPSTR(X, max, b, c, name) , name
#define TP_A_TPBYT(X, max, b, c, name) , name, name##_bytes
#define TP_A_TPARR(X, T, N, c, name) , name
#define TP_A_TPBAD(X, a, b, c, name) , name
#define TP_A_TPUNK(X, a, b, c, name) , tp_unknown
#define TP_A_TPX(X) , tp_many

/* --- complaints in words; they come first, so that compilers say them first --- */

#ifdef __cplusplus
#define TP_MUST(cond, text) static_assert(cond, "tracepoint: " text);
#else
#define TP_MUST(cond, text) __extension__ _Static_assert(cond, "tracepoint: " text);
#endif

/* Bytes from the first C in TEXT, at offset AT or later, to the end: a constant. It must be there. */
#define TP_FROM(text, at, c) __builtin_strlen(__builtin_strchr(&("" text)[at], c))
#define TP_LACKS(text, c, letter) (TP_FROM(text letter, 0, c) == 1)

/* A name is one word, and none of C's. */
#define TP_C_NAME(name) TP_C_NAME_A(TP_ONE(TP_RESERVED_##name), name)
#define TP_C_NAME_A(n, name) TP_C_NAME_B(n, #name)
#define TP_C_NAME_B(n, text) TP_C_NAME_##n(text)
#define TP_C_NAME_1(text)                                                                         \
    TP_MUST(sizeof(text) > 1, "a field without a name")                                           \
    TP_MUST(TP_LACKS(text, ' ', " ") && TP_LACKS(text, '*', "*") && TP_LACKS(text, '[', "["),     \
             "a field is TYPE NAME, with a comma before the next; ptr is a pointer, arr(T, N) an array")
#define TP_C_NAME_TPN(text) TP_MUST(0, "the name of a field is a keyword of C: " text)
#define TP_RESERVED_auto ,
#define TP_RESERVED_break ,
#define TP_RESERVED_case ,
#define TP_RESERVED_char ,
#define TP_RESERVED_const ,
#define TP_RESERVED_continue ,
#define TP_RESERVED_default ,
#define TP_RESERVED_do ,
#define TP_RESERVED_double ,
#define TP_RESERVED_else ,
#define TP_RESERVED_enum ,
#define TP_RESERVED_extern ,
#define TP_RESERVED_float ,
#define TP_RESERVED_for ,
#define TP_RESERVED_goto ,
#define TP_RESERVED_if ,
#define TP_RESERVED_inline ,
#define TP_RESERVED_int ,
#define TP_RESERVED_long ,
#define TP_RESERVED_register ,
#define TP_RESERVED_restrict ,
#define TP_RESERVED_return ,
#define TP_RESERVED_short ,
#define TP_RESERVED_signed ,
#define TP_RESERVED_sizeof ,
#define TP_RESERVED_static ,
#define TP_RESERVED_struct ,
#define TP_RESERVED_switch ,
#define TP_RESERVED_typedef ,
#define TP_RESERVED_union ,
#define TP_RESERVED_unsigned ,
#define TP_RESERVED_void ,
#define TP_RESERVED_volatile ,
#define TP_RESERVED_while ,
#define TP_RESERVED__Bool ,
#define TP_RESERVED_asm ,
#define TP_RESERVED_typeof ,

#define TP_C_FORMAT(text)                                                                         \
    TP_MUST(__builtin_strncmp(text, "\"", 1) == 0,                                                \
             "the format, a literal in quotes, comes before the fields")

#define TP_C_TPPTR TP_C_TPNUM
#define TP_C_TPNUM(X, ctype, code, cast, name) TP_C_NAME(name)
#define TP_C_TPSYM(X, ctype, code, table, name) TP_C_NAME(name)
#define TP_C_TPSTR(X, max, b, c, name)                                                            \
    TP_C_NAME(name)                                                                               \
    TP_MUST((max) > 0 && (max) <= TP_LIMIT_TAIL_BYTES, "limit of a str")
#define TP_C_TPBYT(X, max, b, c, name)                                                            \
    TP_C_NAME(name)                                                                               \
    TP_MUST((max) > 0 && (max) <= TP_LIMIT_TAIL_BYTES, "limit of a bytes")
#define TP_C_TPARR(X, T, N, c, name)                                                              \
    TP_C_NAME(name)                                                                               \
    TP_MUST((N) > 0, "an array without elements")
#define TP_C_TPBAD(X, text, b, c, name) TP_MUST(0, text)
#define TP_C_TPUNK(X, a, b, c, name) TP_MUST(0, "unknown field type; tp/event.h lists them")
#define TP_C_TPX(X) TP_MUST(0, "an event has at most 16 fields")

#define TP_DROP(a, ...) __VA_ARGS__
#define TP_VOID_1(...) void
#define TP_VOID_TPN(...) TP_DROP(__VA_ARGS__)
/* `name, u32 a, u32 b` gives `u32 a, u32 b`, and `name` gives `void` */
#define TP_PARAMS(...) TP_PARAMS_(TP_MORE(__VA_ARGS__), __VA_ARGS__)
#define TP_PARAMS_(n, ...) TP_JOIN(TP_VOID_, n)(__VA_ARGS__)
/* `name, a, b` gives `a, b`, and `name` nothing */
#define TP_GIVEN(...) TP_GIVEN_(TP_MORE(__VA_ARGS__), __VA_ARGS__)
#define TP_GIVEN_(n, ...) TP_JOIN(TP_REST_, n)(__VA_ARGS__)
#define TP_REST_1(...)
#define TP_REST_TPN(...) TP_DROP(__VA_ARGS__)
#define TP_MORE(...)                                                                              \
    TP_COUNT_(__VA_ARGS__, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN,       \
    TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN,     \
    TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN,     \
    TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, TPN, 1, 0)

/* Is it on? With TP_PATCH the question is asked only behind a jump that was a nop. */
#define TP_MASKED_(tag) (__atomic_load_n(&tp_event_##tag.mask, __ATOMIC_RELAXED) != 0)
#ifdef TP_PATCH
#define TP_IS_ON_(tag) (__builtin_expect(tp_jumps_##tag(), 0) && TP_MASKED_(tag))
#else
#define TP_SITE_DEFINE(tag)
#define TP_IS_ON_(tag) TP_MASKED_(tag)
#endif

#define TP_TEXT(a) TP_TEXT_(a)
#define TP_TEXT_(a) #a
#define TP_DECLARE_(tag, ...)                                                                     \
    TP_C_FORMAT(TP_TEXT(TP_FIRST(__VA_ARGS__)))                                                   \
    TP_EACH(TP_C_, tag, __VA_ARGS__)                                                              \
    TP_EXTERN struct tp_event tp_event_##tag;                                                     \
    TP_SITE_DEFINE(tag)                                                                           \
    TP_EXTERN void tp_emit_##tag(TP_PARAMS(tag TP_EACH(TP_P_, tag, __VA_ARGS__)));                \
    static inline __attribute__((__unused__)) bool TP_JOIN(TP_PREFIX, _##tag##_enabled)(void)     \
    {                                                                                             \
        return __builtin_expect(TP_IS_ON_(tag), 0);                                               \
    }                                                                                             \
    static inline __attribute__((__unused__)) void TP_JOIN(TP_PREFIX, _##tag)(                    \
        TP_PARAMS(tag TP_EACH(TP_P_, tag, __VA_ARGS__)))                                          \
    {                                                                                             \
        if (__builtin_expect(TP_IS_ON_(tag), 0))                                                  \
            tp_emit_##tag(TP_GIVEN(tag TP_EACH(TP_A_, tag, __VA_ARGS__)));                        \
    }                                                                                             \
    static inline __attribute__((__unused__)) int TP_CAT(register_, TP_JOIN(TP_PREFIX, _##tag))(  \
        void (*tp_fn_)(void *tp_data_ TP_EACH(TP_P_, tag, __VA_ARGS__)), void *tp_data_)          \
    {                                                                                             \
        return tp_probe_typed_add(&tp_event_##tag, (void (*)(void))tp_fn_, tp_data_);             \
    }                                                                                             \
    static inline __attribute__((__unused__)) int TP_CAT(unregister_, TP_JOIN(TP_PREFIX, _##tag))(    \
        void (*tp_fn_)(void *tp_data_ TP_EACH(TP_P_, tag, __VA_ARGS__)), void *tp_data_)          \
    {                                                                                             \
        return tp_probe_typed_remove(&tp_event_##tag, (void (*)(void))tp_fn_, tp_data_);          \
    }                                                                                             \
    TP_STATIC_ASSERT(sizeof(#tag) <= TP_LIMIT_NAME_BYTES, "tracepoint: name too long")

/* The section that holds a pointer to each event of the image. Pointers, because
 * compilers pad structs in sections; `retain`, because linkers drop them. */
#ifndef TP_RETAIN
#if defined(__has_attribute)
/* gcc says it has it even where its assembler was not asked: arm-none-eabi. */
#if __has_attribute(__retain__) && (defined(__clang__) || defined(__linux__) || !defined(__ARM_EABI__))
#define TP_RETAIN __attribute__((__used__, __retain__))
#endif
#endif
#ifndef TP_RETAIN
#define TP_RETAIN __attribute__((__used__))
#endif
#endif
#define TP_SECTION __attribute__((__section__("tp_events"))) TP_RETAIN

/* --- what a format says, as constants ---
 * %p is printed as a number, and a letter after it would be text: who writes %pS, %pI4 or another of
 * Linux expects otherwise. `tag`_restN is what follows the Nth % and the byte after it, counted from
 * the end of the format with "%%" appended, where the search stays when it gets there. */

#ifndef __cplusplus
#define TP_F_END(fmt) (sizeof("" fmt "%%") - 1)
#define TP_F_NEXT(fmt, rest)                                                                      \
    (TP_FROM(fmt "%%", TP_F_END(fmt) - ((rest) > 2 ? (rest) : 2), '%') - 2)
/* Is the byte after the % this one? Is the next not below it? */
#define TP_F_IS(fmt, rest, text) (__builtin_strncmp(&("" fmt "%%")[TP_F_END(fmt) - (rest)-1], text, 1) == 0)
#define TP_F_FROM(fmt, rest, text) (__builtin_strncmp(&("" fmt "%%")[TP_F_END(fmt) - (rest)], text, 1) >= 0)
#define TP_F_LETTER(fmt, rest)                                                                    \
    ((TP_F_FROM(fmt, rest, "A") && !TP_F_FROM(fmt, rest, "[")) ||                                 \
     (TP_F_FROM(fmt, rest, "a") && !TP_F_FROM(fmt, rest, "{")))
#define TP_F_STEP(fmt, tag, before, now)                                                          \
    enum {                                                                                        \
        tag##_rest##now = TP_F_NEXT(fmt, tag##_rest##before),                                     \
        tag##_args##now = tag##_args##before + !TP_F_IS(fmt, tag##_rest##now, "%"),               \
        tag##_kind##now = TP_F_IS(fmt, tag##_rest##now, "p") && TP_F_LETTER(fmt, tag##_rest##now) \
    };                                                                                            \
    TP_MUST(!tag##_kind##now,                                                                     \
             "%pS, %pI4 and their kind are not printed: write %p, and no letter after it")
#define TP_F_CHECK(fmt, tag)                                                                      \
    enum { tag##_rest0 = TP_F_END(fmt), tag##_args0 = 0 };                                        \
    TP_F_STEP(fmt, tag, 0, 1) TP_F_STEP(fmt, tag, 1, 2) TP_F_STEP(fmt, tag, 2, 3)                 \
    TP_F_STEP(fmt, tag, 3, 4) TP_F_STEP(fmt, tag, 4, 5) TP_F_STEP(fmt, tag, 5, 6)                 \
    TP_F_STEP(fmt, tag, 6, 7) TP_F_STEP(fmt, tag, 7, 8) TP_F_STEP(fmt, tag, 8, 9)                 \
    TP_F_STEP(fmt, tag, 9, 10) TP_F_STEP(fmt, tag, 10, 11) TP_F_STEP(fmt, tag, 11, 12)            \
    TP_F_STEP(fmt, tag, 12, 13) TP_F_STEP(fmt, tag, 13, 14) TP_F_STEP(fmt, tag, 14, 15)           \
    TP_F_STEP(fmt, tag, 15, 16) TP_F_STEP(fmt, tag, 16, 17) TP_F_STEP(fmt, tag, 17, 18)           \
    TP_F_STEP(fmt, tag, 18, 19) TP_F_STEP(fmt, tag, 19, 20)

/* One conversion for each value. A format with more than 20 % is not looked at to its end. */
#define TP_F_COUNT(tag, fields)                                                                   \
    TP_MUST(tag##_args20 == (int)(fields) || tag##_rest20 > 0,                                    \
             "a format has one conversion for each value")

/* Which arguments %p prints: bit N of tp_ptrs20, that of the Nth. What comes first of p and s is the
 * conversion's letter, if it is one of the two. */
#define TP_F_PTR(fmt, rest)                                                                       \
    (TP_FROM(fmt "%%ps", TP_F_END(fmt) - (rest)-1, 'p') > TP_FROM(fmt "%%ps", TP_F_END(fmt) - (rest)-1, 's'))
#define TP_F_ARG(fmt, tag, before, now)                                                           \
    enum {                                                                                        \
        tag##_ptrs##now = tag##_ptrs##before |                                                    \
                          (!TP_F_IS(fmt, tag##_rest##now, "%") && TP_F_PTR(fmt, tag##_rest##now)) \
                              << (tag##_args##before)                                             \
    };
#define TP_F_ARGS(fmt, tag)                                                                       \
    enum { tag##_ptrs0 = 0 };                                                                     \
    TP_F_ARG(fmt, tag, 0, 1) TP_F_ARG(fmt, tag, 1, 2) TP_F_ARG(fmt, tag, 2, 3)                    \
    TP_F_ARG(fmt, tag, 3, 4) TP_F_ARG(fmt, tag, 4, 5) TP_F_ARG(fmt, tag, 5, 6)                    \
    TP_F_ARG(fmt, tag, 6, 7) TP_F_ARG(fmt, tag, 7, 8) TP_F_ARG(fmt, tag, 8, 9)                    \
    TP_F_ARG(fmt, tag, 9, 10) TP_F_ARG(fmt, tag, 10, 11) TP_F_ARG(fmt, tag, 11, 12)               \
    TP_F_ARG(fmt, tag, 12, 13) TP_F_ARG(fmt, tag, 13, 14) TP_F_ARG(fmt, tag, 14, 15)              \
    TP_F_ARG(fmt, tag, 15, 16) TP_F_ARG(fmt, tag, 16, 17) TP_F_ARG(fmt, tag, 17, 18)              \
    TP_F_ARG(fmt, tag, 18, 19) TP_F_ARG(fmt, tag, 19, 20)
#endif

/* --- tp_printk --- */

#ifndef __cplusplus

struct tp_arg {
    uint64_t number; /* of a text its address */
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

/* In engine/option/printk.c: records the arguments as e->field says. */
void tp_printk_emit(struct tp_event *e, const struct tp_arg *args);

/* Never called: its prototype is the check of the format. */
__attribute__((__format__(__printf__, 1, 2))) void tp_format_check(const char *fmt, ...);

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

/* The subsystem of the events that tp_printk makes: a module may have one of its own. */
#ifndef TP_PRINTK_SYS
#define TP_PRINTK_SYS "printk"
#endif

/* Records the arguments of a printf-like format, up to 16 integers, pointers and strings, each
 * evaluated once and only while some trace records it. %p records the number of any pointer, %s the
 * text. The event is `printk:<function>`, or what TP_PRINTK_SYS says instead of printk. */
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

/* --- what the creating file gets besides --- */

/* members of the record */
#define TP_M_TPPTR TP_M_TPNUM
#define TP_M_TPNUM(X, ctype, code, cast, name) ctype name;
#define TP_M_TPSYM(X, ctype, code, table, name) ctype name;
#define TP_M_TPSTR(X, max, b, c, name) uint16_t name;
#define TP_M_TPBYT(X, max, b, c, name) uint16_t name;
#define TP_M_TPARR(X, T, N, c, name) TP_M_TPARR_(TP_JOIN(TP_E_, T), N, name)
#define TP_M_TPARR_(...) TP_M_TPARR__(__VA_ARGS__)
#define TP_M_TPARR__(ctype, code, cast, N, name) ctype name[N];
#define TP_M_TPBAD(X, a, b, c, name) int name;
#define TP_M_TPUNK(X, a, b, c, name)
#define TP_M_TPX(X)

/* descriptions of the fields */
#define TP_F_TPPTR TP_F_TPNUM
#define TP_F_TPNUM(X, ctype, code, cast, name) {#name, 0, offsetof(struct tp_rec_##X, name), 0, code},
#define TP_F_TPSYM(X, ctype, code, table, name)                                                   \
    {#name, &tp_table_##table, offsetof(struct tp_rec_##X, name), 0, code},
#define TP_F_TPSTR(X, max, b, c, name)                                                            \
    {#name, 0, offsetof(struct tp_rec_##X, name), 0, TP_TYPE_STR},
#define TP_F_TPBYT(X, max, b, c, name)                                                            \
    {#name, 0, offsetof(struct tp_rec_##X, name), 0, TP_TYPE_BYTES},
#define TP_F_TPARR(X, T, N, c, name) TP_F_TPARR_(X, TP_JOIN(TP_E_, T), N, name)
#define TP_F_TPARR_(...) TP_F_TPARR__(__VA_ARGS__)
#define TP_F_TPARR__(X, ctype, code, cast, N, name)                                               \
    {#name, 0, offsetof(struct tp_rec_##X, name), N, code},
#define TP_F_TPBAD(X, a, b, c, name)
#define TP_F_TPUNK(X, a, b, c, name)
#define TP_F_TPX(X)

/* arguments of the format check */
#define TP_G_TPPTR TP_G_TPNUM
#define TP_G_TPNUM(X, ctype, code, cast, name) , (cast)(name)
#define TP_G_TPSYM(X, ctype, code, table, name) , ""
#define TP_G_TPSTR(X, max, b, c, name) , (name)
#define TP_G_TPBYT(X, max, b, c, name) , 0u
#define TP_G_TPARR(X, T, N, c, name) TP_G_TPARR_(TP_JOIN(TP_E_, T), N, name)
#define TP_G_TPARR_(...) TP_G_TPARR__(__VA_ARGS__)
#define TP_G_TPARR__(ctype, code, cast, N, name)                                                  \
    , _Generic((name), const char *: (name), default: (cast)(name)[0])
#define TP_G_TPBAD(X, a, b, c, name) , (name)
#define TP_G_TPUNK(X, a, b, c, name)
#define TP_G_TPX(X)

/* sizes of the tails, before anything is reserved */
#define TP_L_TPPTR TP_L_TPNUM
#define TP_L_TPNUM(X, ctype, code, cast, name)
#define TP_L_TPSYM(X, ctype, code, table, name)
#define TP_L_TPSTR(X, max, b, c, name)                                                            \
    const uint32_t tp_tail_##name = tp_str_measure(&name, max);                                   \
    tp_bytes_ += TP_TAIL_BYTES(tp_tail_##name);
#define TP_L_TPBYT(X, max, b, c, name)                                                            \
    const uint32_t tp_tail_##name =                                                               \
        name##_bytes > (max) ? (uint32_t)(max) | TP_TAIL_CUT : (uint32_t)name##_bytes;            \
    tp_bytes_ += TP_TAIL_BYTES(tp_tail_##name);                                                   \
    if (!tp_tail_##name)                                                                          \
        name = ""; /* of no bytes the address may be any, and memcpy takes not any */
#define TP_L_TPARR(X, T, N, c, name)
#define TP_L_TPBAD(X, a, b, c, name)
#define TP_L_TPUNK(X, a, b, c, name)
#define TP_L_TPX(X)

/* stores */
#define TP_S_TPPTR TP_S_TPNUM
#define TP_S_TPNUM(X, ctype, code, cast, name) tp_rec_->fixed.name = name;
#define TP_S_TPSYM(X, ctype, code, table, name) tp_rec_->fixed.name = name;
#define TP_S_TPSTR(X, max, b, c, name) TP_S_TPBYT(X, max, b, c, name)
#define TP_S_TPBYT(X, max, b, c, name)                                                            \
    tp_rec_->fixed.name = (uint16_t)tp_tail_##name;                                               \
    __builtin_memcpy(tp_end_, name, TP_TAIL_BYTES(tp_tail_##name));                               \
    tp_end_ += TP_TAIL_BYTES(tp_tail_##name);
#define TP_S_TPARR(X, T, N, c, name)                                                              \
    __builtin_memcpy(tp_rec_->fixed.name, name, sizeof(tp_rec_->fixed.name));
#define TP_S_TPBAD(X, a, b, c, name)
#define TP_S_TPUNK(X, a, b, c, name)
#define TP_S_TPX(X)

/* values, for who does not know the types: tp_value_ points to the next one */
#define TP_V_TPNUM(X, ctype, code, cast, name)                                                    \
    tp_value_++->number = code == TP_TYPE_CHAR ? (uint8_t)name : (uint64_t)name;
#define TP_V_TPPTR(X, ctype, code, cast, name) tp_value_++->number = (uintptr_t)name;
#define TP_V_TPSYM(X, ctype, code, table, name) tp_value_++->number = (uint64_t)name;
#define TP_V_TPSTR(X, max, b, c, name) TP_V_TPBYT(X, max, b, c, name)
#define TP_V_TPBYT(X, max, b, c, name)                                                            \
    tp_value_->text = name;                                                                       \
    tp_value_->text_bytes = TP_TAIL_BYTES(tp_tail_##name);                                        \
    tp_value_++->number = tp_tail_##name;
#define TP_V_TPARR(X, T, N, c, name) TP_V_TPARR_(TP_JOIN(TP_E_, T), N, name)
#define TP_V_TPARR_(...) TP_V_TPARR__(__VA_ARGS__)
#define TP_V_TPARR__(ctype, code, cast, N, name)                                                  \
    tp_value_->text = name;                                                                       \
    tp_value_++->text_bytes = (uint32_t)sizeof(ctype) * (N);
#define TP_V_TPBAD(X, a, b, c, name)
#define TP_V_TPUNK(X, a, b, c, name)
#define TP_V_TPX(X)

/* and back, for a probe */
#define TP_U_TPNUM(X, ctype, code, cast, name) ctype name = (ctype)tp_value_++->number;
#define TP_U_TPPTR(X, ctype, code, cast, name)                                                    \
    ctype name = (ctype)(uintptr_t)tp_value_++->number;
#define TP_U_TPSYM(X, ctype, code, table, name) ctype name = (ctype)tp_value_++->number;
#define TP_U_TPSTR(X, max, b, c, name) const char *name = (const char *)tp_value_++->text;
#define TP_U_TPBYT(X, max, b, c, name)                                                            \
    const void *name = tp_value_->text;                                                           \
    size_t name##_bytes = tp_value_++->text_bytes;
#define TP_U_TPARR(X, T, N, c, name) TP_U_TPARR_(TP_JOIN(TP_E_, T), N, name)
#define TP_U_TPARR_(...) TP_U_TPARR__(__VA_ARGS__)
#define TP_U_TPARR__(ctype, code, cast, N, name)                                                  \
    ctype const *name = (ctype const *)tp_value_++->text;
#define TP_U_TPBAD(X, a, b, c, name) int name = 0;
#define TP_U_TPUNK(X, a, b, c, name) int tp_unknown = 0;
#define TP_U_TPX(X) int tp_many = 0;

/* Length of *text up to `max`, with TP_TAIL_CUT if there is more. NULL reads "(null)". */
static inline uint32_t tp_str_measure(const char **text, uint32_t max)
{
    uint32_t n = 0;

    if (!*text)
        *text = "(null)";
    while (n < max && (*text)[n])
        n++;
    return n == max && (*text)[n] ? n | TP_TAIL_CUT : n;
}

#define TP_STORES_(tag, ...)                                                                      \
    struct tp_aligned_##tag *tp_rec_ = (struct tp_aligned_##tag *)(void *)tp_slot_.fields;        \
    uint8_t *tp_end_ = tp_slot_.fields + sizeof(struct tp_rec_##tag);                             \
                                                                                                  \
    TP_EACH(TP_S_, tag, __VA_ARGS__)                                                              \
    (void)tp_rec_;                                                                                \
    (void)tp_end_;                                                                                \
    tp_record_end(&tp_slot_);

/* One record in one trace, by a call of the engine. */
#define TP_EMIT_ONE_(tag, ...)                                                                    \
    uint32_t tp_mask_ = __atomic_load_n(&tp_event_##tag.mask, __ATOMIC_ACQUIRE);                  \
                                                                                                  \
    if (!tp_mask_single(tp_mask_)) {                                                              \
        tp_emit_all_##tag(TP_GIVEN(tag TP_EACH(TP_A_, tag, __VA_ARGS__)));                         \
    } else {                                                                                      \
        uint32_t tp_bytes_ = (uint32_t)sizeof(struct tp_rec_##tag);                               \
        TP_ARCH_UNCLEARED struct tp_slot tp_slot_;                                                \
                                                                                                  \
        TP_EACH(TP_L_, tag, __VA_ARGS__)                                                          \
        if (tp_record_begin(&tp_slot_, tp_arch_bit(tp_mask_), tp_event_##tag.id, tp_bytes_)) {    \
            TP_STORES_(tag, __VA_ARGS__)                                                          \
        }                                                                                         \
    }

#ifdef __OPTIMIZE_SIZE__
/* Where small code is asked for this is all: an event takes half. */
#define TP_EMITTER_(tag, ...)                                                                     \
    TP_ARCH_EMITTER void tp_emit_##tag(TP_PARAMS(tag TP_EACH(TP_P_, tag, __VA_ARGS__)))           \
    {                                                                                             \
        TP_EMIT_ONE_(tag, __VA_ARGS__)                                                            \
        if (0)                                                                                    \
            tp_format_check(TP_FIRST(__VA_ARGS__) TP_EACH(TP_G_, tag, __VA_ARGS__));              \
    }
#else
#define TP_EMITTER_(tag, ...)                                                                     \
    static __attribute__((__noinline__, __cold__)) void tp_emit_more_##tag(                               \
        TP_PARAMS(tag TP_EACH(TP_P_, tag, __VA_ARGS__)))                                          \
    {                                                                                             \
        TP_EMIT_ONE_(tag, __VA_ARGS__)                                                            \
    }                                                                                             \
    TP_ARCH_EMITTER void tp_emit_##tag(TP_PARAMS(tag TP_EACH(TP_P_, tag, __VA_ARGS__)))           \
    {                                                                                             \
        uint32_t tp_mask_ = __atomic_load_n(&tp_event_##tag.mask, __ATOMIC_ACQUIRE);              \
        uint32_t tp_bytes_ = (uint32_t)sizeof(struct tp_rec_##tag);                               \
        TP_ARCH_UNCLEARED struct tp_slot tp_slot_;                                                \
        enum tp_try tp_try_;                                                                      \
                                                                                                  \
        TP_EACH(TP_L_, tag, __VA_ARGS__)                                                          \
        tp_try_ = tp_record_try(&tp_slot_, tp_mask_, &tp_event_##tag.id, tp_bytes_);              \
        if (__builtin_expect(tp_try_ == TP_TRY_BEGUN, 1)) {                                       \
            TP_STORES_(tag, __VA_ARGS__)                                                          \
        } else if (tp_try_ == TP_TRY_MORE) {                                                      \
            tp_emit_more_##tag(TP_GIVEN(tag TP_EACH(TP_A_, tag, __VA_ARGS__)));                    \
        } else if (tp_try_ == TP_TRY_ALL) {                                                       \
            tp_emit_all_##tag(TP_GIVEN(tag TP_EACH(TP_A_, tag, __VA_ARGS__)));                     \
        }                                                                                         \
        if (0)                                                                                    \
            tp_format_check(TP_FIRST(__VA_ARGS__) TP_EACH(TP_G_, tag, __VA_ARGS__));              \
    }
#endif

/* The emitter that calls reach does the simple case, without a call of its own, and leaves the rest
 * to `more`: one record that does not simply fit, which takes little stack. Whatever has a rule, a
 * probe or several traces is left to `all`, which has the fields as values on its stack, and stores
 * them itself if one record is what that comes to. Each looks at the mask itself: the acquire pairs
 * with tp_trace_start's release of it, so that the trace of a bit is seen as tp_trace_open made it.
 *
 * `fixed` is packed, so nothing in it is unwritten; what holds it is aligned, so that its
 * members are stored in one piece wherever they lie on their own boundary. */
#define TP_DEFINE_(tag, sysname, eventname, ...)                                                  \
    TP_F_CHECK(TP_FIRST(__VA_ARGS__), tp_f_##tag)                                                 \
    __extension__ struct tp_rec_##tag {                                                           \
        TP_EACH(TP_M_, tag, __VA_ARGS__)                                                          \
    } __attribute__((__packed__));                                                                \
    struct tp_aligned_##tag {                                                                     \
        struct tp_rec_##tag fixed;                                                                \
    } __attribute__((__aligned__(8), __may_alias__));                                             \
    static const struct tp_field tp_field_##tag[] = {TP_EACH(TP_F_, tag, __VA_ARGS__){0}};        \
    static void tp_call_##tag(void (*tp_fn_)(void), void *tp_data_,                               \
                              const struct tp_filter_value *tp_value_)                            \
    {                                                                                             \
        TP_EACH(TP_U_, tag, __VA_ARGS__)                                                          \
        (void)tp_value_;                                                                          \
        ((void (*)(void *tp_data_ TP_EACH(TP_P_, tag, __VA_ARGS__)))tp_fn_)(                      \
            tp_data_ TP_EACH(TP_A_, tag, __VA_ARGS__));                                           \
    }                                                                                             \
    struct tp_event tp_event_##tag = {                                                            \
        .bytes = sizeof(struct tp_rec_##tag),                                                     \
        .fields = sizeof(tp_field_##tag) / sizeof(tp_field_##tag[0]) - 1,                         \
        .layout = TP_EVENT_LAYOUT,                                                                \
        .sys = sysname,                                                                           \
        .name = eventname,                                                                        \
        .fmt = "" TP_FIRST(__VA_ARGS__),                                                          \
        .field = tp_field_##tag,                                                                  \
        .call = tp_call_##tag,                                                                    \
    };                                                                                            \
    static struct tp_event *const tp_here_##tag TP_SECTION = &tp_event_##tag;                     \
    TP_F_COUNT(tp_f_##tag, sizeof(tp_field_##tag) / sizeof(tp_field_##tag[0]) - 1)                \
    TP_STATIC_ASSERT(sizeof("" TP_FIRST(__VA_ARGS__)) <= TP_LIMIT_FORMAT_BYTES + 1,               \
                     "tracepoint: format too long");                                              \
    TP_STATIC_ASSERT(sizeof(struct tp_rec_##tag) <= TP_LIMIT_TAIL_BYTES,                          \
                     "tracepoint: fields too long");                                              \
    static __attribute__((__noinline__, __cold__)) void tp_emit_all_##tag(                        \
        TP_PARAMS(tag TP_EACH(TP_P_, tag, __VA_ARGS__)))                                          \
    {                                                                                             \
        TP_ARCH_UNCLEARED struct tp_filter_value tp_values_[TP_FILTER_VALUES];                    \
        struct tp_filter_value *tp_value_ = tp_values_;                                           \
        uint32_t tp_bytes_ = (uint32_t)sizeof(struct tp_rec_##tag);                               \
        TP_ARCH_UNCLEARED struct tp_slot tp_slot_;                                                \
                                                                                                  \
        TP_EACH(TP_L_, tag, __VA_ARGS__)                                                          \
        TP_EACH(TP_V_, tag, __VA_ARGS__)                                                          \
        (void)tp_value_;                                                                          \
        if (tp_emit(&tp_event_##tag, tp_values_, tp_bytes_, &tp_slot_)) {                         \
            TP_STORES_(tag, __VA_ARGS__)                                                          \
        }                                                                                         \
    }                                                                                             \
    TP_EMITTER_(tag, __VA_ARGS__)                                                                 \
    struct tp_event tp_event_##tag
#endif /* !__cplusplus */
#endif /* TP_EVENT_H */

/*
 * From here on this file takes effect at each include: events are created where
 * TP_CREATE is defined, declared elsewhere.
 */
#undef TP_EVENT
#undef TP_ENUM
#undef TP_FLAGS
#undef TP_NAME

/* Names of values: TP_ENUM(table, TP_NAME(value, "text"), ...). In TP_FLAGS each value is a set
 * of bits, printed as A|B. */
#define TP_NAME(value, text) {(value), (text)}

#ifdef TP_CREATE
#ifdef __cplusplus
#error "tracepoint: events are created in a C file; C++ may include their header without TP_CREATE"
#endif
#include <tp/inner/ring.h>

#define TP_EVENT(sys, name, ...)                                                                  \
    TP_DECLARE_(sys##_##name, __VA_ARGS__);                                                       \
    TP_DEFINE_(sys##_##name, #sys, #name, __VA_ARGS__);
#define TP_TABLE_(tag, is_flags, ...)                                                             \
    static const struct tp_name tp_names_##tag[] = {__VA_ARGS__};                                 \
    TP_EXTERN struct tp_table tp_table_##tag;                                                     \
    struct tp_table tp_table_##tag = {                                                            \
        .name = #tag,                                                                             \
        .value = tp_names_##tag,                                                                  \
        .values = sizeof(tp_names_##tag) / sizeof(tp_names_##tag[0]),                             \
        .flags = is_flags,                                                                        \
    };
#define TP_ENUM(tag, ...) TP_TABLE_(tag, false, __VA_ARGS__)
#define TP_FLAGS(tag, ...) TP_TABLE_(tag, true, __VA_ARGS__)
#else
#define TP_EVENT(sys, name, ...) TP_DECLARE_(sys##_##name, __VA_ARGS__);
#define TP_ENUM(tag, ...) TP_EXTERN struct tp_table tp_table_##tag;
#define TP_FLAGS(tag, ...) TP_EXTERN struct tp_table tp_table_##tag;
#endif
