/* SPDX-License-Identifier: MIT */
/*
 * Names that kernels have as macros, made so that each use of one outside of a kernel's meaning is
 * an error. Linux: attributes without underscores, functions of memory with checks, the helpers that
 * every file gets, the macros of linux/tracepoint.h. FreeRTOS and Zephyr: theirs.
 */
#ifndef LINUX_LIKE_TAKEN_H
#define LINUX_LIKE_TAKEN_H

#define noinline @ a macro of the kernel
#define cold @ a macro of the kernel
#define aligned @ a macro of the kernel
#define always_inline @ a macro of the kernel
#define unused @ a macro of the kernel
#define weak @ a macro of the kernel
#define packed @ a macro of the kernel
#define may_alias @ a macro of the kernel
#define retain @ a macro of the kernel
#define no_sanitize @ a macro of the kernel
#define notrace @ a macro of the kernel
#define current @ a macro of the kernel
#define unix 1
#define linux 1

#define memcpy(to, from, bytes)                                                                   \
    __builtin___memcpy_chk(to, from, bytes, __builtin_object_size(to, 0))
#define memset(to, byte, bytes)                                                                   \
    __builtin___memset_chk(to, byte, bytes, __builtin_object_size(to, 0))
#define memcmp(a, b, bytes) __builtin_memcmp(a, b, bytes)
#define memmove(to, from, bytes)                                                                  \
    __builtin___memmove_chk(to, from, bytes, __builtin_object_size(to, 0))

#define min(a, b) @ a macro of the kernel
#define max(a, b) @ a macro of the kernel
#define clamp(v, a, b) @ a macro of the kernel
#define swap(a, b) @ a macro of the kernel
#define abs(a) @ a macro of the kernel
#define likely(a) @ a macro of the kernel
#define unlikely(a) @ a macro of the kernel
#define barrier() @ a macro of the kernel
#define container_of(p, type, member) @ a macro of the kernel
#define ARRAY_SIZE(a) @ a macro of the kernel
#define BIT(n) @ a macro of the kernel
#define ALIGN(x, a) @ a macro of the kernel
#define READ_ONCE(x) @ a macro of the kernel
#define WRITE_ONCE(x, v) @ a macro of the kernel
#define cmpxchg(p, old, new) @ a macro of the kernel
#define xchg(p, v) @ a macro of the kernel
#define pr_fmt(fmt) @ a macro of the kernel
#define get_cpu() @ a macro of the kernel
#define put_cpu() @ a macro of the kernel

/* linux/tracepoint.h */
#define TP_PROTO(args...) @ a macro of the kernel
#define TP_ARGS(args...) @ a macro of the kernel
#define TP_CONDITION(args...) @ a macro of the kernel
#define TP_STRUCT__entry(args...) @ a macro of the kernel
#define TP_fast_assign(args...) @ a macro of the kernel
#define TP_perf_assign(args...) @ a macro of the kernel
#define TP_printk(args...) @ a macro of the kernel
#define TRACE_EVENT(name, args...) @ a macro of the kernel
#define DECLARE_TRACE(name, args...) @ a macro of the kernel

/* FreeRTOS, Zephyr */
#define pdTRUE @ a macro of the kernel
#define traceSTART() @ a macro of the kernel
#define PRIVILEGED_DATA @ a macro of the kernel
#define MIN(a, b) @ a macro of the kernel
#define MAX(a, b) @ a macro of the kernel
#define ARG_UNUSED(a) @ a macro of the kernel
#define CONTAINER_OF(p, type, member) @ a macro of the kernel
#define IS_ENABLED(a) @ a macro of the kernel
#define LOG_LEVEL @ a macro of the kernel
#define ROUND_UP(x, a) @ a macro of the kernel

#endif
