/* SPDX-License-Identifier: MIT */
/*
 * Going over to the guest is a return from a signal (int3) with the guest's registers put into its
 * frame; coming back is a signal (the trap flag, or the int3 at its end) and a longjmp.
 */
#if defined(__x86_64__) && defined(__linux__)
#include "guest.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define TRAP_FLAG 0x100

uint32_t tp_crc(uint32_t crc, const void *bytes, size_t count);

static struct guest *volatile current;
static volatile bool entering, single;
static jmp_buf host;

/* The kernel says in the frame how long it is: word 1 of the 48 bytes for software. */
static uint32_t frame_bytes(const void *fpregs)
{
    uint32_t bytes;

    memcpy(&bytes, (const uint8_t *)fpregs + 464 + 4, sizeof(bytes));
    return bytes < 512 || bytes > sizeof(current->fp) ? 512 : bytes;
}

static void on_trap(int number, siginfo_t *info, void *context)
{
    mcontext_t *m = &((ucontext_t *)context)->uc_mcontext;
    struct guest *g = current;

    (void)number;
    (void)info;
    if (!g)
        abort();
    if (!entering) {
        g->fp_bytes = frame_bytes(m->fpregs);
        memcpy(g->regs, m->gregs, sizeof(g->regs));
        memcpy(g->fp, m->fpregs, g->fp_bytes);
        current = NULL;
        _longjmp(host, 1);
    }
    entering = false;
    if (!g->fp_bytes) { /* a new one: what it needs not have is as it is here */
        m->gregs[REG_RIP] = g->regs[REG_RIP];
        m->gregs[REG_RSP] = g->regs[REG_RSP];
        m->gregs[REG_RDI] = g->regs[REG_RDI];
        m->gregs[REG_RSI] = g->regs[REG_RSI];
    } else {
        memcpy(m->gregs, g->regs, sizeof(g->regs));
        memcpy(m->fpregs, g->fp, g->fp_bytes);
    }
    m->gregs[REG_EFL] &= ~(long long)TRAP_FLAG;
    if (single)
        m->gregs[REG_EFL] |= TRAP_FLAG;
}

void guest_init(void)
{
    static uint8_t stack[65536];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction action = {.sa_sigaction = on_trap,
                               .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};

    if (sigaltstack(&alternate, NULL) || sigaction(SIGTRAP, &action, NULL))
        abort();
}

static void enter(struct guest *g, bool one)
{
    current = g;
    single = one;
    entering = true;
    if (!_setjmp(host))
        __asm__ __volatile__("int3" ::: "memory");
}

__attribute__((noreturn)) static void guest_main(void (*function)(void), struct guest *g)
{
    function();
    g->done = true;
    for (;;)
        __asm__ __volatile__("int3" ::: "memory");
}

void guest_start(struct guest *g, void (*function)(void))
{
    memset(g, 0, sizeof(*g));
    g->regs[REG_RIP] = (greg_t)(uintptr_t)guest_main;
    g->regs[REG_RSP] = (greg_t)(uintptr_t)(g->stack + sizeof(g->stack) - 8);
    g->regs[REG_RDI] = (greg_t)(uintptr_t)function;
    g->regs[REG_RSI] = (greg_t)(uintptr_t)g;
}

void guest_step(struct guest *g)
{
    const uint64_t *top = (const uint64_t *)(uintptr_t)g->regs[REG_RSP];

    if (g->regs[REG_RIP] != (greg_t)(uintptr_t)tp_crc) {
        enter(g, true);
        return;
    }
    g->regs[REG_RAX] = tp_crc((uint32_t)g->regs[REG_RDI], (void *)(uintptr_t)g->regs[REG_RSI],
                              (size_t)g->regs[REG_RDX]);
    g->regs[REG_RIP] = (greg_t)*top;
    g->regs[REG_RSP] += 8;
}

void guest_run(struct guest *g)
{
    if (!g->done)
        enter(g, false);
}

#endif
