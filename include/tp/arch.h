/* SPDX-License-Identifier: MIT */
/*
 * tp/arch.h - the few instructions the ring is built on, for each processor.
 *
 * tp_arch_local_cas(p, old, new_)  store new_ if *p is old; true if it did
 * tp_arch_local_add(p, n)          add n
 * tp_arch_acquire(seen, p)         what was loaded from *p, as if it had been with acquire
 *
 * The first two are atomic against whatever may interrupt this CPU (interrupt, NMI,
 * signal), not against other CPUs: only the CPU that owns the word calls them,
 * others only load it. The add releases: what this CPU stored before it is
 * visible to whoever loads the new value with acquire. The cas orders nothing.
 *
 * x86 does both without the lock prefix. Elsewhere the compiler's atomic
 * builtins are used; a processor that has none for a word needs a port that
 * masks interrupts.
 */
#ifndef TP_ARCH_H
#define TP_ARCH_H

#include <stdbool.h>
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

#if (defined(__x86_64__) || defined(__i386__)) && !defined(TP_ARCH_BUILTINS)

static inline bool tp_arch_local_cas(tp_word *p, tp_word old, tp_word new_)
{
    bool done;

    __asm__ __volatile__("cmpxchg %3, %1"
                         : "=@cce"(done), "+m"(*p), "+a"(old)
                         : "r"(new_)
                         : "memory");
    return done;
}

/* Every load of this processor is one. */
static inline uint32_t tp_arch_acquire(uint32_t seen, const uint32_t *p)
{
    (void)p;
    __atomic_signal_fence(__ATOMIC_ACQUIRE);
    return seen;
}

static inline void tp_arch_local_add(uint32_t *p, uint32_t n)
{
    __asm__ __volatile__("addl %1, %0" : "+m"(*p) : "ri"(n) : "memory", "cc");
}

#else

#if __GCC_ATOMIC_INT_LOCK_FREE != 2 || __GCC_ATOMIC_POINTER_LOCK_FREE != 2
#error "tracepoint: this processor has no atomic word; its port must mask interrupts (not supported yet)"
#endif

static inline bool tp_arch_local_cas(tp_word *p, tp_word old, tp_word new_)
{
    return __atomic_compare_exchange_n(p, &old, new_, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static inline uint32_t tp_arch_acquire(uint32_t seen, const uint32_t *p)
{
    return seen & __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void tp_arch_local_add(uint32_t *p, uint32_t n)
{
    __atomic_fetch_add(p, n, __ATOMIC_RELEASE);
}

#endif
#endif
