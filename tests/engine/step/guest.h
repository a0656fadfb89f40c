/* SPDX-License-Identifier: MIT */
/*
 * guest.h - runs a function one instruction at a time, by the processor's trap flag.
 *
 * Between two instructions the test (the host) has control, and the guest is data: its registers
 * and its stack. Copied and put back, it goes on from the same instruction again.
 *
 *     guest_start(&g, function);
 *     while (!g.done)
 *         guest_step(&g);
 */
#ifndef STEP_GUEST_H
#define STEP_GUEST_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

struct guest {
    gregset_t regs;
    bool done;
    uint32_t fp_bytes;
    uint8_t fp[4096] __attribute__((aligned(64))); /* as the kernel saves it */
    uint8_t stack[6144] __attribute__((aligned(64)));
};

void guest_init(void);
void guest_start(struct guest *g, void (*function)(void));
void guest_step(struct guest *g); /* one instruction; a call of tp_crc counts as one */
void guest_run(struct guest *g);  /* to its end */

#endif
