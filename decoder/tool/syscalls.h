/* SPDX-License-Identifier: MIT */
/* syscalls.h - the system calls that are left: all that libseccomp does here. */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * From here on only what a run needs whose files are open: reading, writing to these descriptors, memory that
 * is never executed, time, the settings of a terminal; `renames`: and a file may be renamed or removed; `folder`, a
 * directory that is open, or -1: and files be opened by it to be appended to, written if their descriptors are above
 * it, and removed.
 * What else has to do with files fails with EPERM; what has to do with other processes, with networks or with
 * the kernel ends the process by SIGSYS. There is no way back. 0 or an errno.
 */
int syscalls_enter(const int *written, size_t count, bool renames, int folder);

#endif
