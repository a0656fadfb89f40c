/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/arch.h - the few instructions the ring is built on, for each processor.
 *
 * Against whatever may interrupt this CPU (interrupt, NMI, signal), not against other CPUs; only
 * the CPU that owns the word calls these, others only load it:
 *   tp_arch_local_cas(p, old, new_)  store new_ if *p is old; true if it did. Orders nothing
 *   tp_arch_local_add(p, n)          add n. Releases: what this CPU stored before is visible to
 *                                    whoever loads the new value with acquire
 *   tp_arch_local_count(p)           add 1; true if that made it 0 or 2^31
 *
 * Against other CPUs too:
 *   tp_arch_swap(p, v)               store v, return what was there; acquires and releases
 *   tp_arch_add(p, n)                add n, return what was there; releases
 *   tp_arch_word_cas(p, old, new_)   as tp_arch_local_cas; acquires and releases
 *   tp_arch_set(p, bits, on)         or them in, or take them out; releases
 *   tp_arch_fence()                  loads behind it come after stores in front of it
 *   tp_arch_fence_acquire()          loads and stores behind it come after loads in front of it
 *   tp_arch_fence_release()          stores behind it come after loads and stores in front of it
 *   tp_arch_barrier()                the compiler moves no access over it. No instruction, unlike
 *                                    __atomic_signal_fence, which clang 14 makes one of on RISC-V
 *   tp_arch_clear(p, bytes)          zeroes memory that another CPU may be copying
 *
 * x86 does the first two without the lock prefix. Elsewhere the compiler's atomic builtins are
 * used. A processor that has none for a word, or a port that wants none, masks interrupts:
 * see tp_port_mask in tp/port.h, which this file follows.
 */
#ifndef TP_INNER_ARCH_H
#define TP_INNER_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A word the processor can compare and swap; large enough for a pointer. */
#define tp_word uintptr_t

/* A thread sanitizer sees no inline assembly: it gets the builtins. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TP_ARCH_BUILTINS 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define TP_ARCH_BUILTINS 1
#endif

static inline void tp_arch_barrier(void)
{
    __asm__ __volatile__("" ::: "memory");
}

#if defined(tp_port_mask)

/* One of the owning CPU's contexts at a time, and one CPU. */
static inline bool tp_arch_local_cas(tp_word *p, tp_word old, tp_word new_)
{
    uintptr_t was = tp_port_mask();
    bool done = __atomic_load_n(p, __ATOMIC_RELAXED) == old;

    if (done)
        __atomic_store_n(p, new_, __ATOMIC_RELAXED);
    tp_port_unmask(was);
    return done;
}

static inline bool tp_arch_word_cas(tp_word *p, tp_word old, tp_word new_)
{
    return tp_arch_local_cas(p, old, new_);
}

static inline uint32_t tp_arch_add(uint32_t *p, uint32_t n)
{
    uintptr_t was = tp_port_mask();
    uint32_t old = __atomic_load_n(p, __ATOMIC_RELAXED);

    __atomic_store_n(p, old + n, __ATOMIC_RELEASE);
    tp_port_unmask(was);
    return old;
}

static inline uint32_t tp_arch_swap(uint32_t *p, uint32_t v)
{
    uintptr_t was = tp_port_mask();
    uint32_t old = __atomic_load_n(p, __ATOMIC_ACQUIRE);

    __atomic_store_n(p, v, __ATOMIC_RELEASE);
    tp_port_unmask(was);
    return old;
}

static inline void tp_arch_set(uint32_t *p, uint32_t bits, bool on)
{
    uintptr_t was = tp_port_mask();
    uint32_t old = __atomic_load_n(p, __ATOMIC_RELAXED);

    __atomic_store_n(p, on ? old | bits : old & ~bits, __ATOMIC_RELEASE);
    tp_port_unmask(was);
}

#else

#if __GCC_ATOMIC_INT_LOCK_FREE != 2 || __GCC_ATOMIC_POINTER_LOCK_FREE != 2
#error "tracepoint: this processor has no atomic word; its port must define tp_port_mask()"
#endif

static inline bool tp_arch_word_cas(tp_word *p, tp_word old, tp_word new_)
{
    return __atomic_compare_exchange_n(p, &old, new_, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static inline uint32_t tp_arch_add(uint32_t *p, uint32_t n)
{
    return __atomic_fetch_add(p, n, __ATOMIC_RELEASE);
}

static inline uint32_t tp_arch_swap(uint32_t *p, uint32_t v)
{
    return __atomic_exchange_n(p, v, __ATOMIC_ACQ_REL);
}

static inline void tp_arch_set(uint32_t *p, uint32_t bits, bool on)
{
    if (on)
        __atomic_fetch_or(p, bits, __ATOMIC_RELEASE);
    else
        __atomic_fetch_and(p, ~bits, __ATOMIC_RELEASE);
}

#endif

/* The number of the only bit that is set, of the lowest eight. Where the processor has no
 * instruction for it the builtin is a call of the compiler's library. */
static inline unsigned tp_arch_bit(uint32_t one)
{
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__) ||                            \
    defined(__ARM_FEATURE_CLZ) || defined(__riscv_zbb) || defined(__powerpc__)
    return (unsigned)__builtin_ctz(one);
#else
    return (one > 0xf) * 4u + ((one & 0xcc) != 0) * 2u + ((one & 0xaa) != 0);
#endif
}

/* What is stored to before it is read: compilers that are asked to clear locals leave it alone. */
#if defined(__has_attribute)
#if __has_attribute(__uninitialized__)
#define TP_ARCH_UNCLEARED __attribute__((__uninitialized__))
#endif
#endif
#ifndef TP_ARCH_UNCLEARED
#define TP_ARCH_UNCLEARED
#endif

/* The function that records an event. At other places in a line of code it can take a cycle more.
 */
#ifdef __x86_64__
#define TP_ARCH_EMITTER __attribute__((__noinline__, __aligned__(32)))
#else
#define TP_ARCH_EMITTER __attribute__((__noinline__))
#endif

#if (defined(__x86_64__) || defined(__i386__)) && !defined(TP_ARCH_BUILTINS)

#ifndef tp_port_mask
static inline bool tp_arch_local_cas(tp_word *p, tp_word old, tp_word new_)
{
    bool done;

    __asm__ __volatile__("cmpxchg %3, %1"
                         : "=@cce"(done), "+m"(*p), "+a"(old)
                         : "r"(new_)
                         : "memory");
    return done;
}
#endif

/* One instruction, so no port needs to mask for it. */
static inline void tp_arch_local_add(uint32_t *p, uint32_t n)
{
    __asm__ __volatile__("addl %1, %0" : "+m"(*p) : "ri"(n) : "memory", "cc");
}

static inline bool tp_arch_local_count(uint32_t *p)
{
    bool zero, half;

    __asm__ __volatile__("addl $1, %2" : "=@ccz"(zero), "=@cco"(half), "+m"(*p) : : "memory");
    return zero | half;
}

#else

#ifndef tp_port_mask
static inline bool tp_arch_local_cas(tp_word *p, tp_word old, tp_word new_)
{
    return __atomic_compare_exchange_n(p, &old, new_, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
#endif

static inline void tp_arch_local_add(uint32_t *p, uint32_t n)
{
    tp_arch_add(p, n);
}

static inline bool tp_arch_local_count(uint32_t *p)
{
    return (tp_arch_add(p, 1) | 1u << 31) == UINT32_MAX;
}

#endif

#ifdef TP_ARCH_BUILTINS

/* What reads memory that is being written, and throws away what it read. */
#define TP_ARCH_RACY __attribute__((__no_sanitize__("thread"), __noinline__))

/* The sanitizer knows no fences. These are some for the processor, and tell it nothing. */
static inline void tp_arch_fence(void)
{
    uint32_t word = 0;

    __atomic_exchange_n(&word, 1, __ATOMIC_SEQ_CST);
}

static inline void tp_arch_fence_acquire(void)
{
    tp_arch_fence();
}

static inline void tp_arch_fence_release(void)
{
    tp_arch_fence();
}

static inline void tp_arch_clear(void *p, size_t bytes)
{
    uint32_t *word = (uint32_t *)p;

    for (size_t i = 0; i < bytes / sizeof(*word); i++)
        __atomic_store_n(&word[i], 0, __ATOMIC_RELAXED);
}

#else

#define TP_ARCH_RACY

static inline void tp_arch_fence(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static inline void tp_arch_fence_acquire(void)
{
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static inline void tp_arch_fence_release(void)
{
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void tp_arch_clear(void *p, size_t bytes)
{
    __builtin_memset(p, 0, bytes);
}

#endif
#endif
