/* SPDX-License-Identifier: MIT */
/*
 * tp/event.h - defines events and fires them.
 *
 *     // my_events.h: the events
 *     #include <tp/event.h>
 *     TP_ENUM(why, TP_NAME(0, "idle"), TP_NAME(1, "wake"))
 *     TP_EVENT(sched, switch, "prev=%u next=%u why=%s comm=%s",
 *              u32 prev, u32 next, enum(why) why, str comm)
 *
 *     // my_events.c: the one C file that creates them
 *     #define TP_CREATE
 *     #include "my_events.h"
 *
 *     // sched.c: any C or C++ file fires them
 *     #include "my_events.h"
 *
 *     void switch_to(struct task *prev, struct task *next)
 *     {
 *         trace_sched_switch(prev->pid, next->pid, 1, next->comm);
 *         if (trace_sched_switch_enabled())
 *             count_switches_of(next); // work that only the event needs
 *         tp_printk("cpu%u: %s", this_cpu(), next->comm); // C only; needs no definition
 *     }
 *
 * For each file of a kernel that has events. It knows the types of fields and the layout of an event,
 * and neither traces (tp/trace.h), nor the ring, nor, where events are only fired, the port
 * (tp/port.h). While no trace records an event, firing it is a load and a branch, or with TP_PATCH
 * (doc/porting.md) a nop. A file that creates events needs TP_PORT_HEADER.
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
 *     seq(T, N)          const T *, size_t: at most N    as arr
 *     f32 f64            float, double                   %f %e %g %a; with TP_FLOAT only
 *     enum(table)        int32_t, see TP_ENUM            %s
 *     flags(table)       uint32_t, see TP_FLAGS          %s
 *
 * The compiler checks the format against the fields, and calls against both. A str is read up to its
 * NUL or its limit, whatever precision the format has. f32 and f64 are refused unless TP_FLOAT is
 * defined before the first include, since a kernel may not touch the FPU; so are the %pS and %pI4 of
 * Linux: %p prints the number. str, bytes, arr, seq, enum and flags must not be macros. For
 * each event there are also register_trace_sched_switch() and unregister_trace_sched_switch()
 * (tp/control.h).
 */
/* So that compilers report a mistake at the user's line, and only there. The project's own tests see
 * the warnings about these macros themselves. The headers of tp/inner that this one includes are
 * treated alike. */
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

/* For a kernel with trace_* names of its own, defined before the first include: the events are then
 * fired by TP_PREFIX_sched_switch(). */
#ifndef TP_PREFIX
#define TP_PREFIX trace
#endif

enum tp_type {
    TP_TYPE_U8, TP_TYPE_U16, TP_TYPE_U32, TP_TYPE_U64,
    TP_TYPE_S8, TP_TYPE_S16, TP_TYPE_S32, TP_TYPE_S64,
    TP_TYPE_BOOL, TP_TYPE_CHAR, TP_TYPE_PTR, TP_TYPE_STR, TP_TYPE_BYTES,
    TP_TYPE_F32, TP_TYPE_F64
};

/* The name of a value, of a table that TP_ENUM or TP_FLAGS has defined. */
struct tp_name {
    int64_t value;
    const char *name;
};

struct tp_table {
    const char *name;
    const struct tp_name *value;
    uint32_t values;
    uint16_t index; /* in the metadata; set by the engine */
    bool flags;     /* each value is a set of bits */
};

struct tp_field {
    const char *name;
    struct tp_table *table; /* or NULL */
    uint16_t at;            /* offset in the fixed part */
    uint16_t count;         /* elements; 0: not an array. With TP_FIELD_SEQUENCE the most of them */
    uint8_t type;           /* enum tp_type */
};
#define TP_FIELD_SEQUENCE 0x8000u /* the elements are in the tail, as many as there are */

/* What an event is to viewers: the value of the key `role` of doc/format.md section 5. */
struct tp_role {
    const uint8_t *cbor;
    uint32_t bytes; /* 0: it has none */
};

struct tp_rule;  /* a filter, a sampling rate and triggers, of one trace; tp/control.h */
struct tp_probe; /* a function that is called */

/* Changes with struct tp_event and what it points to, so that the engine refuses a module that was
 * compiled for another one. */
#define TP_EVENT_LAYOUT 2

/* An event. Only `mask`, `want` and the two lists change after it has an id. */
struct tp_event {
    uint32_t mask;    /* which traces record it now, and whether rules or probes are involved; 0: off */
    uint32_t want;    /* bit i: trace i has chosen it */
    uint16_t id;      /* set by the first tp_trace_open, or by tp_events_add; 0: none yet */
    uint16_t bytes;   /* of the fixed part of its fields */
    uint16_t fields;
    uint16_t line;    /* of a tp_printk; else 0 */
    uint16_t layout;  /* TP_EVENT_LAYOUT of the file that created it */
    uint16_t str_max; /* of a tp_printk: TP_STR_MAX there */
    const char *sys, *name, *fmt, *file;
    const struct tp_field *field;
    const struct tp_role *role; /* of TP_ROLE; or NULL */
    /* Calls a typed probe with these values; NULL for a tp_printk. */
    void (*call)(void (*fn)(void), void *data, const struct tp_filter_value *value);
    struct tp_rule *rules; /* both lists belong to the engine */
    struct tp_probe *probes;
};

#include <tp/inner/declare.h>

/* The subsystem of the events of tp_printk; a module may define one of its own. */
#ifndef TP_PRINTK_SYS
#define TP_PRINTK_SYS "printk"
#endif

/*
 * tp_printk(format, ...) records the arguments of a printf-like format: up to 16 integers, pointers
 * and strings, each evaluated once, and only while a trace records the event. %p records the number
 * of any pointer, %s the text. The event is `printk:<function>`, with TP_PRINTK_SYS as its subsystem.
 */
#ifndef __cplusplus
#include <tp/inner/printk.h>
#endif
#endif /* TP_EVENT_H */

/*
 * The rest of this file takes effect at each include, so that a file may include one header of events
 * with TP_CREATE and another without: with it, events are created, else they are only declared.
 */
#undef TP_EVENT
#undef TP_ENUM
#undef TP_FLAGS
#undef TP_NAME
#undef TP_ROLE

/*
 * TP_ROLE(sys, name, ROLE, (ARGUMENT, FIELD) ...) after the TP_EVENT: what the event is to viewers and
 * to questions such as how long a task waited. FIELD is one of the event, or TP_CPU or TP_TASK, those of
 * the record. Nothing is added to records.
 *
 *     TP_ROLE(sched, switch, switch, (prev, prev), (next, next))
 *     TP_ROLE(irq, entry, begin, (track, TP_CPU), (name, irq))
 *
 *     ROLE       arguments                    ROLE       arguments
 *     switch     next [prev] [state] [name]   span       duration [name] [track]
 *     run        task [name]                  open       id [name]
 *     stop       task [state]                 close      id [name]
 *     wake       task [cpu]                   step       id
 *     new        task [parent] [name]         counter    value [key] [unit]
 *     gone       task                         sample     ip [stack]
 *     name       task name                    log        text
 *     begin      track [name]                 end        track [name]
 */

/* Names of values, for enum(table) and flags(table): TP_ENUM(table, TP_NAME(value, "text"), ...). In
 * TP_FLAGS each value is a set of bits, and several are printed as A|B. */
#define TP_NAME(value, text) {(value), (text)}

#ifdef TP_CREATE
#ifdef __cplusplus
#error "tracepoint: events are created in a C file; C++ may include their header without TP_CREATE"
#endif
#include <tp/inner/create.h>

#define TP_EVENT(sys, name, ...)                                                                  \
    TP_DECLARE_(sys##_##name, __VA_ARGS__);                                                       \
    TP_DEFINE_(sys##_##name, #sys, #name, __VA_ARGS__);
#define TP_ROLE(sys, name, role, ...) TP_ROLE_(sys##_##name, role, __VA_ARGS__)
#define TP_ENUM(tag, ...) TP_TABLE_(tag, false, __VA_ARGS__)
#define TP_FLAGS(tag, ...) TP_TABLE_(tag, true, __VA_ARGS__)
#else
#define TP_EVENT(sys, name, ...) TP_DECLARE_(sys##_##name, __VA_ARGS__);
#define TP_ROLE(sys, name, role, ...)
#define TP_ENUM(tag, ...) TP_EXTERN struct tp_table tp_table_##tag;
#define TP_FLAGS(tag, ...) TP_EXTERN struct tp_table tp_table_##tag;
#endif
