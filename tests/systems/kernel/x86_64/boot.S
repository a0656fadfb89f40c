/* SPDX-License-Identifier: MIT */
/*
 * From the PVH entry of the first CPU and the start-up IPI of the second to C in
 * 64-bit mode, and the entry points of all interrupts.
 *
 * PVH starts us in 32-bit protected mode, paging off, %ebx = start info. The
 * first 4 GiB are mapped one to one, all but page 0, so that a NULL is a fault.
 */
#define CR0_PE 1
#define CR0_WP (1 << 16)
#define CR0_PG (1 << 31)
#define CR4_PAE (1 << 5)
#define MSR_EFER 0xc0000080
#define MSR_GS_BASE 0xc0000101
#define EFER_LME (1 << 8)
#define CODE32 0x08
#define DATA 0x10
#define CODE64 0x18
#define AP_CODE 0x8000          /* where the start-up IPI begins, below 1 MiB */
#define AT_AP(label) ((label) - ap_code + AP_CODE)

    .section .note.pvh, "a", @note
    .align 4
    .long 4, 8, 18              /* XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz "Xen"
    .quad pvh_entry

    .section .text.boot, "ax"
    .code32
    .globl pvh_entry
pvh_entry:
    cli
    cld
    lgdt gdt_pointer
    ljmp $CODE32, $1f
1:  mov $DATA, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $boot_stack_top, %esp

    /* 2 MiB pages for 4 GiB; the first of them in 4 KiB pages. */
    mov $page_directory, %edi
    mov $0x83, %eax             /* present, writable, large */
2:  mov %eax, (%edi)
    add $8, %edi
    add $0x200000, %eax
    jnc 2b
    mov $page_table + 8, %edi
    mov $0x1003, %eax
3:  mov %eax, (%edi)
    add $8, %edi
    add $0x1000, %eax
    cmp $0x200003, %eax
    jne 3b
    movl $page_table + 3, page_directory
    mov $page_pointers, %edi
    mov $page_directory + 3, %eax
    mov $4, %ecx
4:  mov %eax, (%edi)
    add $8, %edi
    add $0x1000, %eax
    loop 4b
    movl $page_pointers + 3, page_root

    mov $boot_main, %esi

/* %esi: where to go on in 64-bit mode. %ebx is kept. Both CPUs pass here. */
long_mode:
    mov $CR4_PAE, %eax
    mov %eax, %cr4
    mov $page_root, %eax
    mov %eax, %cr3
    mov $MSR_EFER, %ecx
    rdmsr
    or $EFER_LME, %eax
    wrmsr
    mov $(CR0_PE | CR0_WP | CR0_PG), %eax
    mov %eax, %cr0
    ljmp $CODE64, $1f
    .code64
1:  mov %esi, %esi              /* the upper halves are undefined after the switch */
    mov %ebx, %ebx
    mov %esp, %esp
    jmp *%rsi

boot_main:
    mov $MSR_GS_BASE, %ecx      /* events may be fired from the first line of C on */
    mov $cpu_early, %eax
    xor %edx, %edx
    wrmsr
    mov %rbx, %rdi
    call pvh_main
    ud2

ap_main:
    mov ap_stack_top, %rsp
    call cpu_ap_main
    ud2

/* Copied to AP_CODE, so it reaches the rest of the kernel by absolute addresses only. */
    .globl ap_code, ap_code_end
    .code16
ap_code:
    cli
    cld
    xor %ax, %ax
    mov %ax, %ds
    lgdtl AT_AP(ap_gdt_pointer)
    mov $CR0_PE, %eax
    mov %eax, %cr0
    ljmpl $CODE32, $AT_AP(1f)
    .code32
1:  mov $DATA, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $ap_main, %esi
    mov $long_mode, %eax
    jmp *%eax
ap_gdt_pointer:
    .word gdt_end - gdt - 1
    .long gdt
ap_code_end:
    .code64

/* --- interrupts: 256 entries of 16 bytes, each leaves a struct regs on the stack --- */

    .text
    .globl trap_entries
    .balign 16
trap_entries:
    .set vector, 0
    .rept 256
    .balign 16
    /* the processor has pushed an error code for these */
    .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21)
    pushq $0
    .endif
    pushq $vector
    jmp trap_common
    .set vector, vector + 1
    .endr

trap_common:
    push %rax
    push %rbx
    push %rcx
    push %rdx
    push %rsi
    push %rdi
    push %rbp
    push %r8
    push %r9
    push %r10
    push %r11
    push %r12
    push %r13
    push %r14
    push %r15
    cld
    mov %rsp, %rdi
    call trap_dispatch
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rbp
    pop %rdi
    pop %rsi
    pop %rdx
    pop %rcx
    pop %rbx
    pop %rax
    add $16, %rsp               /* vector and error code */
    iretq

/* void thread_switch(uint64_t *save_rsp, uint64_t rsp): goes on with another stack. */
    .globl thread_switch
thread_switch:
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret

    .section .rodata
    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff    /* CODE32, accessed already: it is read-only */
    .quad 0x00cf93000000ffff    /* DATA */
    .quad 0x00af9b000000ffff    /* CODE64 */
gdt_end:
gdt_pointer:
    .word gdt_end - gdt - 1
    .long gdt

    .bss
    .balign 4096
page_root:
    .skip 4096
page_pointers:
    .skip 4096
page_directory:
    .skip 4 * 4096
page_table:
    .skip 4096
boot_stack:
    .skip 16384
boot_stack_top:
    .globl ap_stack_top
ap_stack_top:
    .skip 8

    .section .note.GNU-stack, "", @progbits
