/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/declare.h - what TP_EVENT is in each file that includes a header of events.
 *
 * trace_x(), trace_x_enabled(), register_trace_x() and unregister_trace_x(), all inline, and the
 * declarations of what create.h defines.
 */
#ifndef TP_INNER_DECLARE_H
#define TP_INNER_DECLARE_H

#include <stdbool.h>
#include <stdint.h>
#include <tp/filter.h>
#include <tp/inner/check.h>
#include <tp/inner/fields.h>

#ifdef TP_PATCH
#include <tp/inner/patch.h>
#endif

struct tp_event;
struct tp_slot; /* a record in the making; tp/inner/ring.h */

/* Bits of `mask`, the word that a call tests. Bit i: trace i records the event now. With other
 * bits, or several, the event takes a longer path: */
#define TP_MASK_RULE(i) (0x100u << (i)) /* the rule of trace i decides, whatever bit i is */
#define TP_MASK_RULES 0xff00u
#define TP_MASK_PROBES 0x10000u

#ifdef __cplusplus
#define TP_EXTERN extern "C" __attribute__((__visibility__("hidden")))
#else
#define TP_EXTERN extern __attribute__((__visibility__("hidden")))
#endif

/* --- called by generated code --- */
#ifdef __cplusplus
extern "C" {
#endif
/* In engine/control/emit.c: all but the simple case. value[TP_FILTER_VALUES], of which one for each
 * field is set; `number` of a str or bytes is the number in its fixed part. `bytes`: of the fields,
 * with tails; slot->more is 0. True: a record is begun in *slot; the caller stores the fields, ends
 * it, and, if slot->more is not 0 then, calls again. */
bool tp_emit(struct tp_event *event, struct tp_filter_value *value, uint32_t bytes,
             struct tp_slot *slot);
/* In engine/control/probe.c: for register_trace_x and unregister_trace_x; tp/control.h. */
int tp_probe_typed_add(struct tp_event *event, void (*fn)(void), void *data);
int tp_probe_typed_remove(struct tp_event *event, void (*fn)(void), void *data);
#ifdef __cplusplus
}
#endif

/* parameters of the call */
#define TP_P_TPNUM(X, ctype, code, cast, name) , ctype name
#define TP_P_TPSYM(X, ctype, code, table, name) , ctype name
#define TP_P_TPSTR(X, max, b, c, name) , const char *name
#define TP_P_TPBYT(X, max, b, c, name) , const void *name, size_t name##_bytes
#define TP_P_TPARR(X, T, N, c, name) TP_P_TPARR_(TP_JOIN(TP_E_, T), N, name)
#define TP_P_TPARR_(...) TP_P_TPARR__(__VA_ARGS__)
#define TP_P_TPARR__(ctype, code, cast, N, name) , ctype const name[N]
#define TP_P_TPFLT TP_P_TPNUM
#define TP_P_TPSEQ(X, T, N, c, name) TP_P_TPSEQ_(TP_JOIN(TP_E_, T), name)
#define TP_P_TPSEQ_(...) TP_P_TPSEQ__(__VA_ARGS__)
#define TP_P_TPSEQ__(ctype, code, cast, name) , ctype const *name, size_t name##_count
#define TP_P_TPBAD(X, a, b, c, name) , int name
#define TP_P_TPUNK(X, a, b, c, name) , int tp_unknown
#define TP_P_TPX(X) , int tp_many

#define TP_P_TPPTR TP_P_TPNUM

/* the same as arguments of another call */
#define TP_A_TPPTR TP_A_TPNUM
#define TP_A_TPNUM(X, ctype, code, cast, name) , name
#define TP_A_TPSYM(X, ctype, code, table, name) , name
#define TP_A_TPSTR(X, max, b, c, name) , name
#define TP_A_TPBYT(X, max, b, c, name) , name, name##_bytes
#define TP_A_TPARR(X, T, N, c, name) , name
#define TP_A_TPFLT TP_A_TPNUM
#define TP_A_TPSEQ(X, T, N, c, name) , name, name##_count
#define TP_A_TPBAD(X, a, b, c, name) , name
#define TP_A_TPUNK(X, a, b, c, name) , tp_unknown
#define TP_A_TPX(X) , tp_many

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

/* Is the event on? With TP_PATCH the mask is loaded only after a jump, and while that is a nop it is
 * not. */
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

/* The section that has a pointer to each event of the image. Pointers, because compilers pad
 * structs in sections; `retain`, because linkers drop sections that no code refers to. */
#ifndef TP_RETAIN
#if defined(__has_attribute)
/* gcc for arm-none-eabi says that it has the attribute, whether its assembler knows it or not. */
#if __has_attribute(__retain__) && (defined(__clang__) || defined(__linux__) || !defined(__ARM_EABI__))
#define TP_RETAIN __attribute__((__used__, __retain__))
#endif
#endif
#ifndef TP_RETAIN
#define TP_RETAIN __attribute__((__used__))
#endif
#endif
#define TP_SECTION __attribute__((__section__("tp_events"))) TP_RETAIN

#endif
