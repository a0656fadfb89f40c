/* SPDX-License-Identifier: MIT */
/*
 * site_words.h - what a site is on aarch64 and riscv64, for site.c: two instructions of one word each, of
 * which only the second ever changes while the kernel runs.
 *
 * The first one, which site_prepare writes at boot, is harmless by itself: it leaves in a register that no
 * caller and no callee uses here what the second one needs (aarch64: the return address, which bl
 * overwrites; riscv64: the upper half of the hooks' address). So a task that was interrupted between the two
 * always finds that register set, and one store of a word turns a site on or off. The hooks are the
 * port's: engine/port/aarch64/hooks.S, engine/port/riscv64/hooks.S.
 */
#ifndef TP_ENGINE_SITE_WORDS_H
#define TP_ENGINE_SITE_WORDS_H

#include "../control/control.h"
#include "../control/patch.h"

#define SITE_WORD 4

void tp_site_enter(void); /* the port's; called from patched code only */

#if defined(__aarch64__)
static const uint8_t site_nop[SITE_WORD] = TP_ARM64_NOP;

static inline bool site_encode(uint8_t *code, uintptr_t site, void (*hook)(void))
{
    static const uint8_t keep[SITE_WORD] = TP_ARM64_KEEP;

    __builtin_memcpy(code, keep, SITE_WORD);
    return tp_arm64_call(code + SITE_WORD, (int64_t)((uintptr_t)hook - site - SITE_WORD));
}

static inline bool site_is_raw(uintptr_t site)
{
    return tp_memory_same((const void *)site, site_nop, SITE_WORD);
}
#else
static const uint8_t site_nop[SITE_WORD] = TP_RISCV_NOP;

static inline bool site_encode(uint8_t *code, uintptr_t site, void (*hook)(void))
{
    return tp_riscv_call(code, (int64_t)((uintptr_t)hook - site));
}

/* The nops may be four of two bytes each, so at an address where a word is not written at once. */
static inline bool site_is_raw(uintptr_t site)
{
    return site % SITE_WORD || (*(const uint32_t *)site & 0xfffu) != TP_RISCV_KEEP;
}
#endif

static inline bool site_is_call(uintptr_t site)
{
    return !site_is_raw(site) &&
           !tp_memory_same((const void *)(site + SITE_WORD), site_nop, SITE_WORD);
}

static inline int site_patch_word(uintptr_t at, const uint8_t *word)
{
    return tp_port_patch((void *)at, word, SITE_WORD) ? 0 : TP_EBUSY;
}

static inline int site_prepare(uintptr_t site, void (*hook)(void))
{
    uint8_t code[2 * SITE_WORD];
    int err;

    if (site % SITE_WORD)
        return TP_EINVAL;
    if (!site_encode(code, site, hook))
        return TP_ELIMIT;
    err = site_patch_word(site + SITE_WORD, site_nop);
    return err ? err : site_patch_word(site, code);
}

static inline int site_write(uintptr_t site, void (*hook)(void), bool on)
{
    uint8_t code[2 * SITE_WORD];

    if (!site_encode(code, site, hook))
        return TP_ELIMIT;
    return site_patch_word(site + SITE_WORD, on ? code + SITE_WORD : site_nop);
}

#endif
