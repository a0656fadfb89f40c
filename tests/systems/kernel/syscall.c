/* SPDX-License-Identifier: MIT */
/* System calls from a kernel thread, since there is no user mode here: through a trap. */
#include "kernel.h"

#include <tp/port.h>

#include "events.h"

static uintptr_t sys_getpid(uintptr_t a, uintptr_t b)
{
    (void)a;
    (void)b;
    return thread_pid();
}

static uintptr_t sys_yield(uintptr_t a, uintptr_t b)
{
    (void)a;
    (void)b;
    thread_yield();
    return 0;
}

static uintptr_t sys_sleep(uintptr_t count, uintptr_t b)
{
    (void)b;
    thread_sleep(count);
    return 0;
}

static uintptr_t sys_alloc(uintptr_t pages, uintptr_t flags)
{
    return (uintptr_t)mm_alloc((uint32_t)pages, (uint32_t)flags);
}

static uintptr_t sys_free(uintptr_t page, uintptr_t pages)
{
    mm_free((void *)page, (uint32_t)pages);
    return 0;
}

static uintptr_t sys_log(uintptr_t text, uintptr_t b)
{
    (void)b;
    FIRE(syscall_log, (const char *)text);
    return 0;
}

static uintptr_t sys_data(uintptr_t data, uintptr_t bytes)
{
    FIRE(syscall_data, (const void *)data, bytes);
    return bytes;
}

static uintptr_t sys_time(uintptr_t a, uintptr_t b)
{
    (void)a;
    (void)b;
    return (uintptr_t)tp_port_clock();
}

static uintptr_t sys_sync(uintptr_t blocks, uintptr_t b)
{
    (void)b;
    return (uintptr_t)story_sync(blocks);
}

static uintptr_t (*const syscalls[SYS_COUNT])(uintptr_t, uintptr_t) = {
    [SYS_GETPID] = sys_getpid, [SYS_YIELD] = sys_yield, [SYS_SLEEP] = sys_sleep,
    [SYS_ALLOC] = sys_alloc,   [SYS_FREE] = sys_free,   [SYS_LOG] = sys_log,
    [SYS_DATA] = sys_data,     [SYS_TIME] = sys_time,   [SYS_SYNC] = sys_sync,
};

/* A number that no call has is recorded too, as a number, and answered with -1. */
void syscall_dispatch(struct regs *r)
{
    uint64_t number, args[2], answer;

    regs_call(r, &number, args);
    FIRE(syscall_enter, (int32_t)number, args);
    answer = number < SYS_COUNT ? syscalls[number]((uintptr_t)args[0], (uintptr_t)args[1])
                                : (uint64_t)-1;
    regs_answer(r, answer);
    FIRE(syscall_exit, (int32_t)number, (int64_t)answer);
}

uintptr_t syscall(enum syscall number, uintptr_t a, uintptr_t b)
{
    return syscall_trap(number, a, b);
}
