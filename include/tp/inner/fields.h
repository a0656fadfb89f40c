/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/fields.h - takes the fields of a TP_EVENT apart.
 *
 * `u32 prev` becomes KIND, a, b, c, name, and TP_EACH(P, X, format, fields...) expands to
 * P##KIND(X, a, b, c, name) for each field: one family of macros P is a pass over the fields.
 * declare.h and create.h have the passes.
 *
 * Pasting TP_T_ before a field changes only its first token.
 */
#ifndef TP_INNER_FIELDS_H
#define TP_INNER_FIELDS_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/knobs.h>

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
#ifdef TP_FLOAT
#define TP_E_f32 float, TP_TYPE_F32, double
#define TP_E_f64 double, TP_TYPE_F64, double
#define TP_T_f32 TPFLT, TP_E_f32,
#define TP_T_f64 TPFLT, TP_E_f64,
#else
#define TP_T_f32 TPBAD, "f32 and f64 need TP_FLOAT; see tp/event.h", 0, 0,
#define TP_T_f64 TP_T_f32
#endif
/* If the kernel has macros of the short names, the fields arrive with these types. */
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
#define TP_T_seq(T, N) TP_SEQ_A(TP_ONE(TP_ARR_E(T)), T, N)
#define TP_SEQ_A(n, T, N) TP_SEQ_B(n, T, N)
#define TP_SEQ_B(n, T, N) TP_SEQ_##n(T, N)
#define TP_SEQ_TPN(T, N) TPSEQ, T, N, 0,
#define TP_SEQ_1(T, N) TPBAD, "seq takes numbers, bool, char and ptr", 0, 0,
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

/* 1 for one argument, TPN for several; kernels have no macros of such names */
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

/* P for each field after the format; TPX: more than 16 */
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

#endif
