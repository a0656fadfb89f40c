/* SPDX-License-Identifier: MIT */
/* syscall.h - the names of system calls, from the kernel's own list of them. */
#ifndef TP_SAMPLE_SYSCALL_H
#define TP_SAMPLE_SYSCALL_H

#include <linux/kernel.h>
#include <tp/event.h>

/* After "sys_" and its kin, which each name in that list begins with. */
static const struct tp_name syscall_names[] = {
#define __SYSCALL(nr, entry) TP_NAME(nr, #entry + 4),
#ifdef CONFIG_X86_64
#include <asm/syscalls_64.h>
#else
#include <asm/unistd.h>
#endif
#undef __SYSCALL
};

static struct tp_table tp_table_syscall_name = {
    .name = "syscall_name",
    .value = syscall_names,
    .values = ARRAY_SIZE(syscall_names),
};

#endif
