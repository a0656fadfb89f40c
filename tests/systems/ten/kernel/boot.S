/* SPDX-License-Identifier: MIT */
/* boot.S - from QEMU's PVH entry to main(), and the way into interrupts. */
    .section .note.pvh, "a", @note
    .long 4, 4, 18
    .asciz "Xen"
    .long start

    .text
    .globl start, irq_entry
start:
    cli
    lgdt gdt_pointer
    ljmp $8, $1f
1:  mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $stack_top, %esp
    call main
2:  hlt
    jmp 2b

irq_entry:
    pushal
    cld
    call timer_interrupt
    popal
    iret

    .section .rodata
    .balign 8
gdt:
    .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
    .word gdt_pointer - gdt - 1
    .long gdt

    .bss
    .balign 16
    .skip 16384
stack_top:
    .section .note.GNU-stack, "", @progbits
