/* SPDX-License-Identifier: MIT */
/*
 * boot.S - from firmware (S mode) or reset (M mode) to C, and the entry point of traps. Memory is not
 * mapped: addresses are physical.
 */
#include "mode.h"

#define REGS_BYTES 288

    .section .text.boot, "ax"
    .globl start
start:
    csrci MODE(status), STATUS_ON
    la t0, boot_taken           /* the first hart that comes here boots */
    li t1, 1
    amoswap.w.aqrl t0, t1, (t0)
    bnez t0, second_waits
    la sp, boot_stack_top
    la t0, bss_start
    la t1, kernel_end
1:  sd zero, (t0)
    addi t0, t0, 8
    bltu t0, t1, 1b
    la tp, cpus                 /* events may be fired from the first line of C on */
    sd tp, (tp)                 /* local.cpu */
    la t0, trap_entry
    csrw MODE(tvec), t0
    la t0, boot_hart
    sd a0, (t0)
    call board_main

/*
 * The other one. In M mode it comes from reset, and is started by an interrupt that it does not take. In S
 * mode it comes here if it is started before the firmware (OpenSBI 1.1) has seen where it should go.
 */
    .globl second_waits
second_waits:
#ifdef TP_RISCV64_MACHINE
    li t0, 1 << CAUSE_SOFTWARE
    csrw mie, t0
1:  wfi
    csrr t0, mip
    andi t0, t0, 1 << CAUSE_SOFTWARE
    beqz t0, 1b
#endif

/* CPU 1. */
    .globl start_second
start_second:
    csrci MODE(status), STATUS_ON
    la tp, second_area
    ld tp, (tp)
    la t0, trap_entry
    csrw MODE(tvec), t0
    la t0, second_stack
    ld sp, (t0)
    call cpu_second

    .text
    .balign 4
trap_entry:
    addi sp, sp, -REGS_BYTES
    sd x1, 8(sp)
    .irp n, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sd x\n, 8*\n(sp)
    .endr
    addi t0, sp, REGS_BYTES
    sd t0, 16(sp)
    csrr t1, MODE(epc)
    sd t1, (sp)
    csrr t2, MODE(status)
    sd t2, 256(sp)
    csrr t3, MODE(cause)
    sd t3, 264(sp)
    csrr t4, MODE(tval)
    sd t4, 272(sp)
    mv a0, sp
    call trap_dispatch
    ld t1, (sp)
    csrw MODE(epc), t1
    ld t2, 256(sp)
    csrw MODE(status), t2
    ld x1, 8(sp)
    .irp n, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ld x\n, 8*\n(sp)
    .endr
    addi sp, sp, REGS_BYTES
    MODE(ret)

/* void thread_switch(uint64_t *save_sp, uint64_t sp): goes on with another stack. */
    .globl thread_switch
thread_switch:
    addi sp, sp, -112
    sd ra, (sp)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11
    sd s\n, 8+8*\n(sp)
    .endr
    sd sp, (a0)
    mv sp, a1
    ld ra, (sp)
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11
    ld s\n, 8+8*\n(sp)
    .endr
    addi sp, sp, 112
    ret

    .data
    .balign 4
boot_taken:                     /* a reset loads it again */
    .word 0

    .bss
    .balign 16
boot_stack:
    .skip 16384
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
