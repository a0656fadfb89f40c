/* SPDX-License-Identifier: MIT */
/*
 * frames.h - who has called what was interrupted: a walk along frame pointers, for samples of a profile. To be
 * copied into a kernel, or included by it; the engine does not need it.
 *
 *     const void *from[32];
 *     size_t n = tp_frames((const void *)regs->rbp, stack, stack + STACK_BYTES, from, 32);
 *
 *     trace_prof_sample((void *)regs->rip, from, n);      ptr pc, seq(ptr, 32) from
 *
 * The kernel is compiled with -fno-omit-frame-pointer, and on x86_64 and AArch64 with -mno-omit-leaf-frame-pointer. Nothing outside
 * of the stack is read, whatever the frames say, and each one is above the one before it: the walk ends. It takes no
 * lock and calls nothing, so it may be done in an NMI.
 *
 * The caller of a function that is at its first or last instructions, where it has no frame, is missing; so is, on
 * RISC-V, that of a function that calls nothing, since compilers keep its return address in a register only.
 */
#ifndef TP_FRAMES_H
#define TP_FRAMES_H

#include <stddef.h>
#include <stdint.h>

/* Where a frame has the one before it, and where it returns to: words from where its pointer points. */
#if defined(__x86_64__) || defined(__aarch64__) /* rbp, x29 */
#define TP_FRAMES_BEFORE 0
#define TP_FRAMES_RETURN 1
#elif defined(__riscv) && __riscv_xlen == 64 /* s0 */
#define TP_FRAMES_BEFORE (-2)
#define TP_FRAMES_RETURN (-1)
#else
#error "tracepoint: frames.h knows x86_64, aarch64 and riscv64"
#endif

/* Bytes of it below and above there. */
#define TP_FRAMES_BELOW (TP_FRAMES_RETURN < 0 ? 16 : 0)
#define TP_FRAMES_ABOVE (TP_FRAMES_RETURN < 0 ? 0 : 16)

/*
 * The addresses that calls return to, the innermost first, at most `most`; how many there are. frame: the frame
 * pointer of what was interrupted. The stack is from `low` up to `high`; both NULL: it is not known, and there are none.
 */
static inline __attribute__((always_inline, no_instrument_function)) size_t
tp_frames(const void *frame, const void *low, const void *high, const void **from, size_t most)
{
    const uintptr_t bottom = (uintptr_t)low, top = (uintptr_t)high;
    uintptr_t at = (uintptr_t)frame;
    size_t n = 0;

    while (n < most) {
        const uintptr_t *words = (const uintptr_t *)at;
        uintptr_t to, before;

        if (at % sizeof(at) || at < bottom || at > top ||
            (intptr_t)(at - bottom) < TP_FRAMES_BELOW || (intptr_t)(top - at) < TP_FRAMES_ABOVE)
            break;
        to = words[TP_FRAMES_RETURN];
        before = words[TP_FRAMES_BEFORE];
        if (TP_FRAMES_RETURN < 0 && to >= bottom && to <= top)
            before = to;       /* of a function that calls nothing, which has kept this one only */
        else if (to && before) /* else it is a thread's first one, which returns nowhere */
            from[n++] = (const void *)to;
        if (before <= at)
            break;
        at = before;
    }
    return n;
}

#endif
