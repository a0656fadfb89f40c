/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/create.h - what TP_EVENT is in the one file that creates the events (TP_CREATE).
 *
 * The event itself, its fields, and the functions that record it. For C only.
 */
#ifndef TP_INNER_CREATE_H
#define TP_INNER_CREATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/filter.h>
#include <tp/inner/declare.h>
#include <tp/inner/ring.h>
#include <tp/wire.h>

/* members of the record */
#define TP_M_TPPTR TP_M_TPNUM
#define TP_M_TPNUM(X, ctype, code, cast, name) ctype name;
#define TP_M_TPSYM(X, ctype, code, table, name) ctype name;
#define TP_M_TPSTR(X, max, b, c, name) uint16_t name;
#define TP_M_TPBYT(X, max, b, c, name) uint16_t name;
#define TP_M_TPARR(X, T, N, c, name) TP_M_TPARR_(TP_JOIN(TP_E_, T), N, name)
#define TP_M_TPARR_(...) TP_M_TPARR__(__VA_ARGS__)
#define TP_M_TPARR__(ctype, code, cast, N, name) ctype name[N];
#define TP_M_TPFLT TP_M_TPNUM
#define TP_M_TPSEQ(X, T, N, c, name) uint16_t name;
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
#define TP_F_TPFLT TP_F_TPNUM
#define TP_F_TPSEQ(X, T, N, c, name) TP_F_TPARR_(X, TP_JOIN(TP_E_, T), (N) | TP_FIELD_SEQUENCE, name)
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
#define TP_G_TPFLT TP_G_TPNUM
#define TP_G_TPSEQ TP_G_TPARR
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
        name = ""; /* the address of 0 bytes may be invalid, and memcpy needs a valid one */
#define TP_L_TPARR(X, T, N, c, name)
#define TP_L_TPFLT TP_L_TPNUM
#define TP_L_TPSEQ(X, T, N, c, name)                                                              \
    const uint32_t tp_tail_##name =                                                               \
        name##_count > (N) ? (uint32_t)((N) * sizeof(*name)) | TP_TAIL_CUT                        \
                           : (uint32_t)(name##_count * sizeof(*name));                            \
    const void *tp_from_##name = name##_count ? (const void *)name : "";                          \
    tp_bytes_ += TP_TAIL_BYTES(tp_tail_##name);
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
#define TP_S_TPFLT TP_S_TPNUM
#define TP_S_TPSEQ(X, T, N, c, name)                                                              \
    tp_rec_->fixed.name = (uint16_t)tp_tail_##name;                                               \
    __builtin_memcpy(tp_end_, tp_from_##name, TP_TAIL_BYTES(tp_tail_##name));                     \
    tp_end_ += TP_TAIL_BYTES(tp_tail_##name);
#define TP_S_TPBAD(X, a, b, c, name)
#define TP_S_TPUNK(X, a, b, c, name)
#define TP_S_TPX(X)

/* values, for code that does not know the types: tp_value_ points to the next one */
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
#define TP_V_TPFLT(X, ctype, code, cast, name) TP_V_TPFLT_(name, code == TP_TYPE_F32)
#define TP_V_TPFLT_(name, narrow)                                                                 \
    if (narrow) {                                                                                 \
        uint32_t tp_bits_ = 0;                                                                    \
                                                                                                  \
        __builtin_memcpy(&tp_bits_, &name, sizeof(name) < 4 ? sizeof(name) : 4);                  \
        tp_value_++->number = tp_bits_;                                                           \
    } else {                                                                                      \
        tp_value_->number = 0;                                                                    \
        __builtin_memcpy(&tp_value_++->number, &name, sizeof(name));                              \
    }
#define TP_V_TPSEQ(X, T, N, c, name)                                                              \
    tp_value_->text = tp_from_##name;                                                             \
    tp_value_->text_bytes = TP_TAIL_BYTES(tp_tail_##name);                                        \
    tp_value_++->number = tp_tail_##name;
#define TP_V_TPBAD(X, a, b, c, name)
#define TP_V_TPUNK(X, a, b, c, name)
#define TP_V_TPX(X)

/* and from values back to arguments, for a probe */
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
#define TP_U_TPFLT(X, ctype, code, cast, name)                                                    \
    ctype name;                                                                                   \
    uint32_t tp_bits_##name = (uint32_t)tp_value_->number;                                        \
    __builtin_memcpy(&name, code == TP_TYPE_F32 ? (const void *)&tp_bits_##name : &tp_value_->number, \
                     sizeof(name));                                                               \
    tp_value_++;
#define TP_U_TPSEQ(X, T, N, c, name) TP_U_TPSEQ_(TP_JOIN(TP_E_, T), N, name)
#define TP_U_TPSEQ_(...) TP_U_TPSEQ__(__VA_ARGS__)
#define TP_U_TPSEQ__(ctype, code, cast, N, name)                                                  \
    ctype const *name = (ctype const *)tp_value_->text;                                           \
    size_t name##_count = tp_value_++->text_bytes / sizeof(ctype);
#define TP_U_TPBAD(X, a, b, c, name) int name = 0;
#define TP_U_TPUNK(X, a, b, c, name) int tp_unknown = 0;
#define TP_U_TPX(X) int tp_many = 0;

/* numbers of the fields, for roles */
#define TP_N_TPPTR TP_N_TPNUM
#define TP_N_TPNUM(X, a, b, c, name) tp_number_##X##_##name,
#define TP_N_TPSYM(X, a, b, c, name) tp_number_##X##_##name,
#define TP_N_TPSTR TP_N_TPNUM
#define TP_N_TPBYT TP_N_TPNUM
#define TP_N_TPARR TP_N_TPNUM
#define TP_N_TPSEQ TP_N_TPNUM
#define TP_N_TPFLT TP_N_TPNUM
#define TP_N_TPBAD TP_N_TPNUM
#define TP_N_TPUNK(X, a, b, c, name)
#define TP_N_TPX(X)

/* Length of *text up to `max`, with TP_TAIL_CUT if the text is longer. NULL becomes "(null)". */
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
    TP_RECORD_END(&tp_slot_);

/* One record in one trace, by calls of the engine. */
#define TP_EMIT_ONE_(tag, ...)                                                                    \
    uint32_t tp_bytes_ = (uint32_t)sizeof(struct tp_rec_##tag);                                   \
    TP_ARCH_UNCLEARED struct tp_slot tp_slot_;                                                    \
    enum tp_try tp_try_;                                                                          \
                                                                                                  \
    TP_EACH(TP_L_, tag, __VA_ARGS__)                                                              \
    tp_try_ = tp_record_start(&tp_slot_, &tp_event_##tag, tp_bytes_);                             \
    if (tp_try_ == TP_TRY_BEGUN) {                                                                \
        TP_STORES_(tag, __VA_ARGS__)                                                              \
    } else if (tp_try_ == TP_TRY_ALL) {                                                           \
        tp_emit_all_##tag(TP_GIVEN(tag TP_EACH(TP_A_, tag, __VA_ARGS__)));                         \
    }

#ifdef __OPTIMIZE_SIZE__
/* With -Os there is no other function for the simple case: an event takes half the code. */
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

/* tp_emit_x, which trace_x calls, does the simple case without a call. tp_emit_more_x is for one
 * record that does not simply fit, and takes little stack. tp_emit_all_x is for an event with a
 * rule, a probe or several traces: it has the fields as values on its stack, and stores them itself
 * if one record remains. Each of the three loads the mask: the acquire pairs with the release of
 * tp_trace_start, so that the trace of a bit is seen as tp_trace_open made it.
 *
 * `fixed` is packed, so that it has no padding, which would not be written; the struct around it is
 * aligned, so that each member that is on its own boundary is stored in one piece. */
#define TP_DEFINE_(tag, sysname, eventname, ...)                                                  \
    TP_F_CHECK(TP_FIRST(__VA_ARGS__), tp_f_##tag)                                                 \
    __extension__ struct tp_rec_##tag {                                                           \
        TP_EACH(TP_M_, tag, __VA_ARGS__)                                                          \
    } __attribute__((__packed__));                                                                \
    struct tp_aligned_##tag {                                                                     \
        struct tp_rec_##tag fixed;                                                                \
    } __attribute__((__aligned__(8), __may_alias__));                                             \
    enum {                                                                                        \
        TP_EACH(TP_N_, tag, __VA_ARGS__) tp_number_##tag##_TP_CPU = -1,                           \
        tp_number_##tag##_TP_TASK = -2                                                            \
    };                                                                                            \
    static const struct tp_role tp_role_##tag;                                                    \
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
        .role = &tp_role_##tag,                                                                   \
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
        tp_slot_.more = 0;                                                                        \
        do {                                                                                      \
            if (!tp_emit(&tp_event_##tag, tp_values_, tp_bytes_, &tp_slot_))                      \
                break;                                                                            \
            TP_STORES_(tag, __VA_ARGS__)                                                          \
        } while (tp_slot_.more);                                                                  \
    }                                                                                             \
    TP_EMITTER_(tag, __VA_ARGS__)                                                                 \
    struct tp_event tp_event_##tag

/* TP_ROLE completes what its event has begun: a map in CBOR, whose values are numbers of fields, -1 or
 * -2. A word that is no role or argument, or a field that the event has not, is undeclared. */
#define TP_ROLE_(tag, role, ...)                                                                  \
    static const uint8_t tp_roles_##tag[] = {                                                     \
        0xa0 + TP_COUNT(__VA_ARGS__) + 1, 0x62, 'i', 's', TP_IS_##role,                           \
        TP_ROLE_EACH(tag, __VA_ARGS__)};                                                          \
    static const struct tp_role tp_role_##tag = {tp_roles_##tag, sizeof(tp_roles_##tag)};
#define TP_ROLE_EACH(tag, ...) TP_ROLE_EACH_(tag, __VA_ARGS__, , , , , )
#define TP_ROLE_EACH_(tag, a, b, c, d, e, ...)                                                    \
    TP_ROLE_ONE(tag, a) TP_ROLE_ONE(tag, b) TP_ROLE_ONE(tag, c) TP_ROLE_ONE(tag, d)               \
    TP_ROLE_ONE(tag, e)
#define TP_ROLE_ONE(tag, a) TP_ROLE_ONE_(tag, TP_ROLE_OPEN a)
#define TP_ROLE_OPEN(key, field) field, TP_KEY_##key
#define TP_ROLE_ONE_(tag, ...) TP_JOIN(TP_ROLE_ARG_, TP_MORE(__VA_ARGS__))(tag, __VA_ARGS__)
#define TP_ROLE_ARG_1(tag, a)
#define TP_ROLE_ARG_TPN(tag, field, ...) __VA_ARGS__, TP_ROLE_VALUE(tp_number_##tag##_##field),
#define TP_ROLE_VALUE(n) (n) < 0 ? 0x1f - (n) : (n)
#define TP_IS_switch 0x66, 's', 'w', 'i', 't', 'c', 'h'
#define TP_IS_run 0x63, 'r', 'u', 'n'
#define TP_IS_stop 0x64, 's', 't', 'o', 'p'
#define TP_IS_wake 0x64, 'w', 'a', 'k', 'e'
#define TP_IS_new 0x63, 'n', 'e', 'w'
#define TP_IS_gone 0x64, 'g', 'o', 'n', 'e'
#define TP_IS_name 0x64, 'n', 'a', 'm', 'e'
#define TP_IS_begin 0x65, 'b', 'e', 'g', 'i', 'n'
#define TP_IS_end 0x63, 'e', 'n', 'd'
#define TP_IS_span 0x64, 's', 'p', 'a', 'n'
#define TP_IS_open 0x64, 'o', 'p', 'e', 'n'
#define TP_IS_close 0x65, 'c', 'l', 'o', 's', 'e'
#define TP_IS_step 0x64, 's', 't', 'e', 'p'
#define TP_IS_counter 0x67, 'c', 'o', 'u', 'n', 't', 'e', 'r'
#define TP_IS_sample 0x66, 's', 'a', 'm', 'p', 'l', 'e'
#define TP_IS_log 0x63, 'l', 'o', 'g'
#define TP_KEY_next 0x64, 'n', 'e', 'x', 't'
#define TP_KEY_prev 0x64, 'p', 'r', 'e', 'v'
#define TP_KEY_state 0x65, 's', 't', 'a', 't', 'e'
#define TP_KEY_name 0x64, 'n', 'a', 'm', 'e'
#define TP_KEY_task 0x64, 't', 'a', 's', 'k'
#define TP_KEY_cpu 0x63, 'c', 'p', 'u'
#define TP_KEY_parent 0x66, 'p', 'a', 'r', 'e', 'n', 't'
#define TP_KEY_track 0x65, 't', 'r', 'a', 'c', 'k'
#define TP_KEY_duration 0x68, 'd', 'u', 'r', 'a', 't', 'i', 'o', 'n'
#define TP_KEY_id 0x62, 'i', 'd'
#define TP_KEY_value 0x65, 'v', 'a', 'l', 'u', 'e'
#define TP_KEY_key 0x63, 'k', 'e', 'y'
#define TP_KEY_unit 0x64, 'u', 'n', 'i', 't'
#define TP_KEY_ip 0x62, 'i', 'p'
#define TP_KEY_stack 0x65, 's', 't', 'a', 'c', 'k'
#define TP_KEY_text 0x64, 't', 'e', 'x', 't'

#define TP_TABLE_(tag, is_flags, ...)                                                             \
    static const struct tp_name tp_names_##tag[] = {__VA_ARGS__};                                 \
    TP_EXTERN struct tp_table tp_table_##tag;                                                     \
    struct tp_table tp_table_##tag = {                                                            \
        .name = #tag,                                                                             \
        .value = tp_names_##tag,                                                                  \
        .values = sizeof(tp_names_##tag) / sizeof(tp_names_##tag[0]),                             \
        .flags = is_flags,                                                                        \
    };

#endif
