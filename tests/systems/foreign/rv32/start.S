/* SPDX-License-Identifier: MIT */
/* start.S - two harts come to main, each with its words (engine/port/riscv64/port.h) and a stack. */
#define STACK_BYTES 4096

    .section .text.start, "ax"
    .globl _start
_start:
    csrr a0, mhartid
    li t0, HARTS
    bgeu a0, t0, 1f
    la tp, hart_words
    slli t0, a0, 5
    add tp, tp, t0
    la sp, stacks + STACK_BYTES
    li t0, STACK_BYTES
    mul t0, t0, a0
    add sp, sp, t0
    la t0, on_trap
    csrw mtvec, t0
    call main
1:  wfi
    j 1b

    .section .bss
    .balign 16
stacks:
    .space 2 * STACK_BYTES
