/* SPDX-License-Identifier: MIT */
/* boot.S - from QEMU's loader to C, and the entry point of exceptions. All is in kseg0: cached, not mapped. */
#define STATUS_CU0 0x10000000   /* all other bits off: no interrupts, exceptions by EBase */
#define ARGUMENTS_BYTES 16      /* a function may store its arguments above its frame */
#define REGS_BYTES (ARGUMENTS_BYTES + 152)

    .set noreorder
    .set noat

    .section .text.boot, "ax"
    .globl start
start:
    la $t0, vectors
    mtc0 $t0, $15, 1            /* EBase */
    li $t0, STATUS_CU0
    mtc0 $t0, $12
    ehb
    la $sp, boot_stack_top - ARGUMENTS_BYTES
    la $t0, bss_start
    la $t1, kernel_end
1:  sw $zero, ($t0)
    addiu $t0, $t0, 4
    bne $t0, $t1, 1b
    nop
    la $gp, cpus                /* events may be fired from the first line of C on */
    sw $gp, ($gp)               /* local.cpu */
    j board_main
    nop

    .text
    .balign 4096
vectors:
    j trap_entry                /* an address that is not mapped */
    nop
    .org vectors + 0x180
    j trap_entry
    nop

/* What is left in $26 and $27 is nobody's. $28 is the thread's, which goes on where it was. */
trap_entry:
    addiu $sp, $sp, -REGS_BYTES
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,30,31
    sw $\n, ARGUMENTS_BYTES + 4*\n($sp)
    .endr
    addiu $t0, $sp, REGS_BYTES
    sw $t0, ARGUMENTS_BYTES + 4*29($sp)
    mfc0 $t0, $14
    sw $t0, ARGUMENTS_BYTES($sp)
    mfhi $t1
    sw $t1, ARGUMENTS_BYTES + 128($sp)
    mflo $t2
    sw $t2, ARGUMENTS_BYTES + 132($sp)
    mfc0 $t0, $12
    sw $t0, ARGUMENTS_BYTES + 136($sp)
    mfc0 $t1, $13
    sw $t1, ARGUMENTS_BYTES + 140($sp)
    mfc0 $t2, $8
    sw $t2, ARGUMENTS_BYTES + 144($sp)
    ins $t0, $zero, 0, 5        /* out of the exception's level, with interrupts off */
    mtc0 $t0, $12
    ehb
    jal trap_dispatch
    addiu $a0, $sp, ARGUMENTS_BYTES
    lw $t0, ARGUMENTS_BYTES + 136($sp)
    mtc0 $t0, $12               /* at that level again */
    ehb
    lw $t1, ARGUMENTS_BYTES($sp)
    mtc0 $t1, $14
    lw $t1, ARGUMENTS_BYTES + 128($sp)
    mthi $t1
    lw $t2, ARGUMENTS_BYTES + 132($sp)
    mtlo $t2
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,30,31
    lw $\n, ARGUMENTS_BYTES + 4*\n($sp)
    .endr
    addiu $sp, $sp, REGS_BYTES
    ehb
    eret

/* void thread_switch(uintptr_t *save_sp, uintptr_t sp): goes on with another stack. */
    .globl thread_switch
thread_switch:
    addiu $sp, $sp, -40
    sw $ra, ($sp)
    .irp n, 16,17,18,19,20,21,22,23
    sw $\n, 4*(\n - 15)($sp)
    .endr
    sw $30, 36($sp)
    sw $sp, ($a0)
    move $sp, $a1
    lw $ra, ($sp)
    .irp n, 16,17,18,19,20,21,22,23
    lw $\n, 4*(\n - 15)($sp)
    .endr
    lw $30, 36($sp)
    jr $ra
    addiu $sp, $sp, 40

    .bss
    .balign 16
boot_stack:
    .skip 16384
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
