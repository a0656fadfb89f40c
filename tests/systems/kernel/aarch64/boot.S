/* SPDX-License-Identifier: MIT */
/*
 * boot.S - from QEMU's entry, at EL1 with the MMU off, to C with memory mapped one to one, and the
 * entry points of exceptions. The first GiB is of devices, the second is memory; the rest is a fault.
 */
#define SCTLR_ON 0x1005         /* M, C, I */
#define TCR_4_GIB 0x500803520   /* T0SZ 32, cacheable, inner shareable, 4 KiB, no TTBR1, 40 bits */
#define MAIR 0xff00             /* 0: device, 1: memory */
#define BLOCK_DEVICE 0x401
#define BLOCK_MEMORY 0x40000705 /* inner shareable, attributes 1 */
#define REGS_BYTES 288

    .section .text.boot, "ax"
    .globl start
start:
    msr daifset, #0xf
    adrp x0, boot_stack_top
    add sp, x0, :lo12:boot_stack_top
    adrp x0, bss_start
    add x0, x0, :lo12:bss_start
    adrp x1, kernel_end
1:  stp xzr, xzr, [x0], #16
    cmp x0, x1
    b.lo 1b
    adrp x0, page_table
    ldr x1, =BLOCK_DEVICE
    ldr x2, =BLOCK_MEMORY
    stp x1, x2, [x0]
    adrp x19, cpus              /* events may be fired from the first line of C on */
    add x19, x19, :lo12:cpus
    str x19, [x19]              /* local.cpu */
    adr x30, board_main
    b mapped

/* CPU 1, from PSCI: x0 is its area. */
    .globl start_second
start_second:
    msr daifset, #0xf
    mov x19, x0
    adrp x0, second_stack
    ldr x0, [x0, :lo12:second_stack]
    mov sp, x0
    adr x30, cpu_second

/* x19: the area; x30: where to go on. */
mapped:
    msr tpidr_el1, x19
    adrp x0, vectors
    add x0, x0, :lo12:vectors
    msr vbar_el1, x0
    ldr x0, =MAIR
    msr mair_el1, x0
    ldr x0, =TCR_4_GIB
    msr tcr_el1, x0
    adrp x0, page_table
    msr ttbr0_el1, x0
    dsb sy
    tlbi vmalle1
    dsb sy
    isb
    mrs x0, sctlr_el1
    ldr x1, =SCTLR_ON
    orr x0, x0, x1
    msr sctlr_el1, x0
    isb
    ret

    .text
    .macro entry to
    .balign 128
    sub sp, sp, #REGS_BYTES
    stp x0, x1, [sp]
    adr x0, \to
    b trap_common
    .endm

    .balign 2048
    .globl vectors
vectors:
    .rept 4                     /* with SP_EL0, which is not used */
    entry trap_unexpected
    .endr
    entry trap_exception
    entry trap_interrupt
    entry trap_unexpected
    entry trap_unexpected
    .rept 8                     /* from EL0, which is not used either */
    entry trap_unexpected
    .endr

trap_common:
    stp x2, x3, [sp, #16]
    stp x4, x5, [sp, #32]
    stp x6, x7, [sp, #48]
    stp x8, x9, [sp, #64]
    stp x10, x11, [sp, #80]
    stp x12, x13, [sp, #96]
    stp x14, x15, [sp, #112]
    stp x16, x17, [sp, #128]
    stp x18, x19, [sp, #144]
    stp x20, x21, [sp, #160]
    stp x22, x23, [sp, #176]
    stp x24, x25, [sp, #192]
    stp x26, x27, [sp, #208]
    stp x28, x29, [sp, #224]
    mrs x1, elr_el1
    mrs x2, spsr_el1
    stp x30, x1, [sp, #240]
    mrs x3, esr_el1
    stp x2, x3, [sp, #256]
    mrs x4, far_el1
    str x4, [sp, #272]
    mov x1, x0
    mov x0, sp
    blr x1
    ldp x30, x1, [sp, #240]
    ldr x2, [sp, #256]
    msr elr_el1, x1
    msr spsr_el1, x2
    ldp x28, x29, [sp, #224]
    ldp x26, x27, [sp, #208]
    ldp x24, x25, [sp, #192]
    ldp x22, x23, [sp, #176]
    ldp x20, x21, [sp, #160]
    ldp x18, x19, [sp, #144]
    ldp x16, x17, [sp, #128]
    ldp x14, x15, [sp, #112]
    ldp x12, x13, [sp, #96]
    ldp x10, x11, [sp, #80]
    ldp x8, x9, [sp, #64]
    ldp x6, x7, [sp, #48]
    ldp x4, x5, [sp, #32]
    ldp x2, x3, [sp, #16]
    ldp x0, x1, [sp]
    add sp, sp, #REGS_BYTES
    eret

/* void thread_switch(uint64_t *save_sp, uint64_t sp): goes on with another stack. */
    .globl thread_switch
thread_switch:
    stp x29, x30, [sp, #-96]!
    stp x19, x20, [sp, #16]
    stp x21, x22, [sp, #32]
    stp x23, x24, [sp, #48]
    stp x25, x26, [sp, #64]
    stp x27, x28, [sp, #80]
    mov x2, sp
    str x2, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #16]
    ldp x21, x22, [sp, #32]
    ldp x23, x24, [sp, #48]
    ldp x25, x26, [sp, #64]
    ldp x27, x28, [sp, #80]
    ldp x29, x30, [sp], #96
    ret

    .bss
    .balign 4096
page_table:
    .skip 4096
boot_stack:
    .skip 16384
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
