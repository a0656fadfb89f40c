/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/check.h - what is wrong with an event or a tp_printk, in words, from the compiler.
 *
 * The checks of an event expand before anything else of it, so that a compiler reports them first.
 */
#ifndef TP_INNER_CHECK_H
#define TP_INNER_CHECK_H

#include <tp/inner/fields.h>
#include <tp/wire.h>

#ifdef __cplusplus
#define TP_STATIC_ASSERT(cond, text) static_assert(cond, text)
#else
#define TP_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#endif

#ifdef __cplusplus
#define TP_MUST(cond, text) static_assert(cond, "tracepoint: " text);
#else
#define TP_MUST(cond, text) __extension__ _Static_assert(cond, "tracepoint: " text);
#endif

/* Bytes from the first C in TEXT, at offset AT or later, to the end: a constant. TEXT must have a
 * C. */
#define TP_FROM(text, at, c) __builtin_strlen(__builtin_strchr(&("" text)[at], c))
#define TP_LACKS(text, c, letter) (TP_FROM(text letter, 0, c) == 1)

/* A name is one word, and no keyword of C. */
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
#define TP_C_TPFLT TP_C_TPNUM
#define TP_C_TPSEQ(X, T, N, c, name) TP_C_TPSEQ_(TP_JOIN(TP_E_, T), N, name)
#define TP_C_TPSEQ_(...) TP_C_TPSEQ__(__VA_ARGS__)
#define TP_C_TPSEQ__(ctype, code, cast, N, name)                                                  \
    TP_C_NAME(name)                                                                               \
    TP_MUST((N) > 0 && (N) <= TP_LIMIT_TAIL_BYTES / sizeof(ctype), "limit of a seq")
#define TP_C_TPBAD(X, text, b, c, name) TP_MUST(0, text)
#define TP_C_TPUNK(X, a, b, c, name) TP_MUST(0, "unknown field type; tp/event.h lists them")
#define TP_C_TPX(X) TP_MUST(0, "an event has at most 16 fields")

/* --- the conversions of a format, as constants ---
 * %p prints a number, and a letter after it would be text: the author of %pS or %pI4 expects what
 * Linux prints. `tag`_restN is the number of bytes that follow the Nth % and its next byte, up to
 * the end of the format with "%%" appended; a search that reaches that "%%" stays there. */

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

/* One conversion for each value. Of a format with more than 20 % the rest is not checked. */
#define TP_F_COUNT(tag, fields)                                                                   \
    TP_MUST(tag##_args20 == (int)(fields) || tag##_rest20 > 0,                                    \
             "a format has one conversion for each value")

/* The arguments that %p prints: bit N of `tag`_ptrs20 is for argument N. If a conversion is p or s,
 * its letter is the first p or s that follows the %. */
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

/* Never called: its prototype is the check of the format. */
__attribute__((__format__(__printf__, 1, 2))) void tp_format_check(const char *fmt, ...);
#endif

#endif
