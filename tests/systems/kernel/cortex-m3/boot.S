/* SPDX-License-Identifier: MIT */
/*
 * boot.S - from reset to C, and the entry points of exceptions. Threads and handlers have one stack pointer. What may switch
 * to another thread (PendSV, system calls) cannot do so in a handler: the handler returns to a function of
 * thread mode, by a frame of its own, which ends with a system call that returns from the first exception.
 */
#define MASKED 0x40             /* BOARD_MASKED */
#define FRAME_BYTES 32          /* what the processor pushes: r0 to r3, r12, lr, pc, xpsr */
#define FRAME_PC 24
#define FRAME_XPSR 28
#define XPSR_THUMB 0x01000000
#define CALL_RETURN 1           /* the system call that is such an end */

    .syntax unified
    .cpu cortex-m3
    .thumb

    .section .vectors, "a"
    .word boot_stack_top, start, nmi_entry, fault_entry, fault_entry, fault_entry, fault_entry, 0, 0, 0, 0
    .word call_entry, 0, 0, interrupt_entry, tick_entry

    .text
    .globl start
    .thumb_func
start:
    movs r0, #MASKED
    msr basepri, r0
    ldr r0, =bss_start
    ldr r1, =kernel_end
    movs r2, #0
1:  str r2, [r0], #4
    cmp r0, r1
    blo 1b
    bl cpu_clock_start
    b board_main

    .thumb_func
nmi_entry:
    mov r0, sp
    b trap_nmi

    .thumb_func
tick_entry:
    b trap_tick

    .thumb_func
fault_entry:
    push {r4-r11}
    mrs r0, basepri
    push {r0, r1}
    mov r0, sp
    bl trap_fault

    .thumb_func
interrupt_entry:
    movs r0, #MASKED
    msr basepri, r0
    ldr r1, =interrupt
    b enter

    .thumb_func
call_entry:
    ldr r1, [sp, #FRAME_PC]
    ldrb r1, [r1, #-2]          /* the number in the instruction */
    cmp r1, #CALL_RETURN
    beq leave
    ldr r1, =call
enter:
    bic r1, r1, #1
    sub sp, #FRAME_BYTES
    str r1, [sp, #FRAME_PC]
    mov r1, #XPSR_THUMB
    str r1, [sp, #FRAME_XPSR]
    bx lr
leave:                          /* its own frame is not needed: the one above it is of what goes on */
    ldr r0, [sp]
    add sp, #FRAME_BYTES
    msr basepri, r0
    bx lr

    .thumb_func
interrupt:
    push {r4-r11}
    movs r0, #0                 /* else it would not have come */
    push {r0, r1}
    mov r0, sp
    bl trap_interrupt
    b return

    .thumb_func
call:
    push {r4-r11}
    mrs r0, basepri
    push {r0, r1}
    mov r0, sp
    bl trap_call
return:
    pop {r0, r1}
    pop {r4-r11}
    svc #CALL_RETURN

/* void thread_switch(uintptr_t *save_sp, uintptr_t sp): goes on with another stack. */
    .globl thread_switch
    .thumb_func
thread_switch:
    push {r3-r11, lr}
    str sp, [r0]
    mov sp, r1
    pop {r3-r11, pc}

    .pool

    .bss
    .balign 16
boot_stack:
    .skip 16384
boot_stack_top:

    .section .note.GNU-stack, "", %progbits
