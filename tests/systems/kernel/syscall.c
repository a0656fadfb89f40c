/* SPDX-License-Identifier: MIT */
/* System calls from a kernel thread, since there is no user mode here: through a trap. */
#include "kernel.h"

#include <tp/port.h>

#include "events.h"

static uint64_t sys_getpid(uint64_t a, uint64_t b)
{
    (void)a;
    (void)b;
    return thread_pid();
}

static uint64_t sys_yield(uint64_t a, uint64_t b)
{
    (void)a;
    (void)b;
    thread_yield();
    return 0;
}

static uint64_t sys_sleep(uint64_t count, uint64_t b)
{
    (void)b;
    thread_sleep(count);
    return 0;
}

static uint64_t sys_alloc(uint64_t pages, uint64_t flags)
{
    return (uint64_t)mm_alloc((uint32_t)pages, (uint32_t)flags);
}

static uint64_t sys_free(uint64_t page, uint64_t pages)
{
    mm_free((void *)page, (uint32_t)pages);
    return 0;
}

static uint64_t sys_log(uint64_t text, uint64_t b)
{
    (void)b;
    FIRE(syscall_log, (const char *)text);
    return 0;
}

static uint64_t sys_data(uint64_t data, uint64_t bytes)
{
    FIRE(syscall_data, (const void *)data, bytes);
    return bytes;
}

static uint64_t sys_time(uint64_t a, uint64_t b)
{
    (void)a;
    (void)b;
    return tp_port_clock();
}

static uint64_t sys_sync(uint64_t blocks, uint64_t b)
{
    (void)b;
    return story_sync(blocks);
}

static uint64_t (*const syscalls[SYS_COUNT])(uint64_t, uint64_t) = {
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
    answer = number < SYS_COUNT ? syscalls[number](args[0], args[1]) : (uint64_t)-1;
    regs_answer(r, answer);
    FIRE(syscall_exit, (int32_t)number, (int64_t)answer);
}

uint64_t syscall(enum syscall number, uint64_t a, uint64_t b)
{
    return syscall_trap(number, a, b);
}
