/* SPDX-License-Identifier: MIT */
/*
 * tp/inner/arch.h - the few instructions the ring is built on, for each processor.
 *
 * Against contexts that may interrupt this CPU (interrupt, NMI, signal), not against other CPUs. Only
 * the CPU that owns the word calls these; other CPUs only load the word:
 *   tp_arch_local_cas(p, old, new_)  stores new_ if *p is old; true if it did. Orders nothing
 *   tp_arch_local_add(p, n)          adds n. Releases: a CPU that loads the new value with acquire
 *                                    sees all that this CPU stored before
 *   tp_arch_local_count(p)           adds 1; true if the result is 0 or 2^31
 *
 * Against other CPUs too:
 *   tp_arch_swap(p, v)               stores v, returns the old value; acquires and releases
 *   tp_arch_add(p, n)                adds n, returns the old value; releases
 *   tp_arch_word_cas(p, old, new_)   as tp_arch_local_cas; acquires and releases
 *   tp_arch_set(p, bits, on)         sets the bits, or clears them; releases
 *   tp_arch_fence()                  loads after it come after stores before it
 *   tp_arch_fence_acquire()          loads and stores after it come after loads before it
 *   tp_arch_fence_release()          stores after it come after loads and stores before it
 *   tp_arch_barrier()                the compiler moves no access over it. No instruction, unlike
 *                                    __atomic_signal_fence, which clang 14 makes one of on RISC-V
 *   tp_arch_clear(p, bytes)          zeroes memory that another CPU may be copying
 *
 * x86 does the first two without the lock prefix. Other processors use the compiler's atomic
 * builtins. A processor that has none for a word, or a port that wants none, masks interrupts:
 * see tp_port_mask in tp/port.h, which must be included before this file.
 */
#ifndef TP_INNER_ARCH_H
#define TP_INNER_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A word the processor can compare and swap; large enough for a pointer. */
#define tp_word uintptr_t

/* The thread sanitizer does not see inline assembly, so it gets the builtins. */
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

/* There is one CPU, and one of its contexts at a time is in here. */
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

/* The number of the only bit that is set, of the lowest eight. Not the builtin on processors without
 * an instruction for it: there it is a call of the compiler's library. */
static inline unsigned tp_arch_bit(uint32_t one)
{
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__) ||                            \
    defined(__ARM_FEATURE_CLZ) || defined(__riscv_zbb) || defined(__powerpc__)
    return (unsigned)__builtin_ctz(one);
#else
    return (one > 0xf) * 4u + ((one & 0xcc) != 0) * 2u + ((one & 0xaa) != 0);
#endif
}

/* For a local that is stored to before it is read: a compiler that is asked to clear locals does not
 * clear this one. */
#if defined(__has_attribute)
#if __has_attribute(__uninitialized__)
#define TP_ARCH_UNCLEARED __attribute__((__uninitialized__))
#endif
#endif
#ifndef TP_ARCH_UNCLEARED
#define TP_ARCH_UNCLEARED
#endif

/* For the function that records an event. Where it is not aligned so it can take a cycle more. */
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

/* For a function that reads memory which may be written meanwhile, and then drops what it read. */
#define TP_ARCH_RACY __attribute__((__no_sanitize__("thread"), __noinline__))

/* The sanitizer knows no fences. These order accesses for the processor, not for the sanitizer. */
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
