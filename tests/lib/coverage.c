/* SPDX-License-Identifier: MIT */
/*
 * coverage.c - processes that do not end by exit() write their counts as well.
 *
 * Linked into all programs of coverage.sh: _exit() and raise() write the counts first. The sandbox is built and asked
 * for, but not entered: the counts are in files, which it would not let the process open.
 */
#include <sys/syscall.h>

void __gcov_dump(void);
void __gcov_reset(void);
_Noreturn void __real__exit(int code);
_Noreturn void __wrap__exit(int code);
int __real_raise(int number);
int __wrap_raise(int number);
int __wrap_seccomp_load(void *context);
long __real_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);

void __wrap__exit(int code)
{
    __gcov_dump();
    __real__exit(code);
}

/* The process may go on, after SIGTSTP: what it has written is not to be counted twice. */
int __wrap_raise(int number)
{
    __gcov_dump();
    __gcov_reset();
    return __real_raise(number);
}

int __wrap_seccomp_load(void *context)
{
    (void)context;
    return 0;
}

long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    return number == SYS_landlock_restrict_self ? 0 : __real_syscall(number, a, b, c, d, e, f);
}
