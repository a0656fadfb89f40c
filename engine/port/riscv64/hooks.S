/* SPDX-License-Identifier: MIT */
/*
 * hooks.S - the hooks of functions that are traced by patching, on riscv64: what a site calls, and where a
 * function returns to whose return is traced. They save what a caller and a function may have in registers
 * there, but no floating-point registers: compile with an ABI that has none (-mabi=lp64), or the files of the
 * engine without.
 */
#define ENTER_BYTES 96
#define RETURN_BYTES 32

    .text
    .balign 4

/* ra: where the function returns to; t0: in the function, after its two instructions. */
    .globl tp_site_enter
    .type tp_site_enter, %function
tp_site_enter:
    addi sp, sp, -ENTER_BYTES
    sd ra, 0(sp)
    sd t0, 8(sp)
    .irp n, 0,1,2,3,4,5,6,7
    sd a\n, 16+8*\n(sp)
    .endr
    sd t2, 80(sp)
    addi a0, t0, -8
    mv a1, ra
    addi a2, sp, ENTER_BYTES
    call tp_shadow_enter
    ld ra, 0(sp)
    beqz a0, 1f
    lla ra, tp_site_return
1:  ld t0, 8(sp)
    .irp n, 0,1,2,3,4,5,6,7
    ld a\n, 16+8*\n(sp)
    .endr
    ld t2, 80(sp)
    addi sp, sp, ENTER_BYTES
    jr t0
    .size tp_site_enter, . - tp_site_enter

    .globl tp_site_return
    .type tp_site_return, %function
tp_site_return:
    addi sp, sp, -RETURN_BYTES
    sd a0, 0(sp)
    sd a1, 8(sp)
    addi a0, sp, RETURN_BYTES
    call tp_shadow_leave
    mv ra, a0
    ld a0, 0(sp)
    ld a1, 8(sp)
    addi sp, sp, RETURN_BYTES
    ret
    .size tp_site_return, . - tp_site_return

    .section .note.GNU-stack, "", %progbits
