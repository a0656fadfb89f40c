/* SPDX-License-Identifier: MIT */
/*
 * hooks.S - the hooks of functions that are traced by patching, on aarch64: what a site calls, and where a
 * function returns to whose return is traced. They save what a caller and a function may have in registers
 * there, but no vector registers, which a kernel that is compiled with -mgeneral-regs-only does not
 * touch.
 */
#define ENTER_BYTES 112
#define RETURN_BYTES 80

    .text
    .balign 4

/* x9: where the function returns to; x30: in the function, after its two instructions. */
    .globl tp_site_enter
    .type tp_site_enter, %function
tp_site_enter:
    stp x29, x30, [sp, #-ENTER_BYTES]!
    mov x29, sp
    stp x0, x1, [sp, #16]
    stp x2, x3, [sp, #32]
    stp x4, x5, [sp, #48]
    stp x6, x7, [sp, #64]
    stp x8, x18, [sp, #80]
    str x9, [sp, #96]
    sub x0, x30, #8
    mov x1, x9
    add x2, sp, #ENTER_BYTES
    bl tp_shadow_enter
    ldr x9, [sp, #96]
    adr x10, tp_site_return
    cmp x0, #0
    csel x9, x9, x10, eq
    ldp x0, x1, [sp, #16]
    ldp x2, x3, [sp, #32]
    ldp x4, x5, [sp, #48]
    ldp x6, x7, [sp, #64]
    ldp x8, x18, [sp, #80]
    ldp x29, x10, [sp], #ENTER_BYTES
    mov x30, x9
    ret x10
    .size tp_site_enter, . - tp_site_enter

    .globl tp_site_return
    .type tp_site_return, %function
tp_site_return:
    stp x29, x30, [sp, #-RETURN_BYTES]!
    mov x29, sp
    stp x0, x1, [sp, #16]
    stp x2, x3, [sp, #32]
    stp x4, x5, [sp, #48]
    stp x6, x7, [sp, #64]
    add x0, sp, #RETURN_BYTES
    bl tp_shadow_leave
    mov x30, x0
    ldp x0, x1, [sp, #16]
    ldp x2, x3, [sp, #32]
    ldp x4, x5, [sp, #48]
    ldp x6, x7, [sp, #64]
    ldr x29, [sp], #RETURN_BYTES
    ret
    .size tp_site_return, . - tp_site_return

    .section .note.GNU-stack, "", %progbits
