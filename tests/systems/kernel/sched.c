/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: one queue of threads that are ready, for both CPUs, first come
 * first served, a tick each. A thread may go on on another CPU each time it is
 * switched to. One lock covers all that is in here.
 */
#include "kernel.h"

#include <tp/trace.h>

#include "events.h"

#define CANARY 0x5afe57ac5afe57acu

struct thread {
    struct local own;    /* first: boards that have one for each thread find the thread by it */
    uintptr_t sp;        /* while it does not run */
    uint64_t *stack;     /* the lowest word is CANARY; NULL: an idle thread's */
    struct thread *next; /* in the queue */
    void (*main)(void *);
    void *arg;
    uint64_t wake_tick, start_tick;
    uint32_t pid;
    enum thread_state state;
    int cpu;    /* it runs there only, or ANY_CPU */
    bool woken; /* thread_wake came before thread_wait */
    char name[TASK_NAME_BYTES];
    struct tp_shadow shadow;
};

static struct lock sched_lock;
static struct thread threads[THREADS_MAX];
static struct thread *queue_first, **queue_end = &queue_first;
static uint32_t queue_length, pid_last;
static unsigned long ticks;

void thread_switch(uintptr_t *save_sp, uintptr_t sp); /* boot.S */

static void queue_add(struct thread *t)
{
    t->state = THREAD_READY;
    t->next = NULL;
    *queue_end = t;
    queue_end = &t->next;
    queue_length++;
}

/* The first that may run on this CPU, or NULL. */
static struct thread *queue_take(const struct cpu *c)
{
    struct thread **link = &queue_first, *t;

    while (*link && (*link)->cpu != ANY_CPU && (uint32_t)(*link)->cpu != c->local.number)
        link = &(*link)->next;
    t = *link;
    if (t) {
        *link = t->next;
        if (!*link)
            queue_end = link;
        queue_length--;
    }
    return t;
}

/* Runs on the stack of the new thread: gives back the lock the old one took, and its remains. */
static void switch_finish(void)
{
    struct thread *prev = this_cpu()->previous;
    uint64_t *stack = NULL;

    if (prev && prev->state == THREAD_DEAD) {
        stack = prev->stack;
        prev->state = THREAD_FREE;
    }
    this_cpu()->previous = NULL;
    lock_give(&sched_lock, IRQ_LEFT_OFF);
    if (stack)
        mm_free(stack, STACK_PAGES);
}

/* Lock held, interrupts off. Returns without the lock when the caller runs again. */
static void switch_locked(void)
{
    struct local *local = this_local();
    struct cpu *c = local->cpu;
    struct thread *prev = c->current, *next;

    if (local->preempt_depth || (prev->stack && *prev->stack != CANARY))
        panic(local->preempt_depth ? "switch while preemption is off" : "stack overflow", NULL);
    local->need_resched = 0;
    if (prev->state == THREAD_RUNNING && prev != c->idle)
        queue_add(prev);
    next = queue_take(c);
    if (!next) {
        next = c->idle;
        FIRE(sched_idle);
    }
    next->state = THREAD_RUNNING;
    if (next == prev) {
        lock_give(&sched_lock, IRQ_LEFT_OFF);
        return;
    }
    FIRE(sched_switch, prev->pid, (int32_t)prev->state, next->pid, next->name);
    c->previous = prev;
    c->current = next;
    local_enter(c, &next->own, next->pid);
    thread_switch(&prev->sp, next->sp);
    switch_finish();
}

void thread_yield(void)
{
    uint64_t flags = lock_take(&sched_lock);

    switch_locked();
    irq_restore(flags);
}

/* With interrupts off the caller is in the scheduler or in a handler, which switches at its end. */
void sched_preempt(void)
{
    uint64_t flags = irq_save();
    const struct local *local = this_local();

    if (irq_was_on(flags) && local->need_resched && !local->preempt_depth)
        thread_yield();
    irq_restore(flags);
}

const void *thread_stack_low(void)
{
    return this_cpu()->current->stack;
}

static void name_copy(char *to, const char *from)
{
    int i = 0;

    for (; i < TASK_NAME_BYTES - 1 && from[i]; i++)
        to[i] = from[i];
    memset(to + i, 0, (size_t)(TASK_NAME_BYTES - i));
}

static struct thread *thread_claim(const char *name, int cpu)
{
    for (int i = 0; i < THREADS_MAX; i++) {
        struct thread *t = &threads[i];

        if (t->state != THREAD_FREE)
            continue;
        memset(t, 0, sizeof(*t));
        name_copy(t->name, name);
        t->cpu = cpu;
        t->own.shadow = &t->shadow;
        t->pid = ++pid_last;
        t->start_tick = ticks;
        t->state = THREAD_WAITING;
        return t;
    }
    return NULL;
}

void sched_init_cpu(void)
{
    uint64_t flags = lock_take(&sched_lock);
    struct cpu *c = this_cpu();
    struct thread *t = thread_claim(c->local.number ? "idle/1" : "idle/0", (int)c->local.number);

    t->state = THREAD_RUNNING;
    c->current = t;
    c->idle = t;
    local_enter(c, &t->own, t->pid);
    lock_give(&sched_lock, flags);
    tp_task_name(t->pid, 0, t->name);
}

/* Sees to it that a CPU that has nothing else to do runs `t`. Lock held. */
static void poke(const struct thread *t)
{
    for (uint32_t i = 0; i < CPUS; i++) {
        if (!cpus[i].up || cpus[i].current != cpus[i].idle || (t->cpu >= 0 && t->cpu != (int)i))
            continue;
        if (&cpus[i] == this_cpu())
            this_local()->need_resched = 1;
        else
            cpu_send(i, VECTOR_RESCHED);
        return;
    }
}

static void thread_ready(struct thread *t)
{
    queue_add(t);
    FIRE(sched_wakeup, t->pid, (uint8_t)this_local()->number, this_local()->irq_depth != 0);
    poke(t);
}

/* Where a new thread begins, with interrupts off. */
static void thread_begin(void)
{
    struct thread *t;

    switch_finish();
    t = this_cpu()->current;
    irq_on();
    t->main(t->arg);
    thread_exit(0);
}

struct thread *thread_start(const char *name, void (*main)(void *), void *arg, int cpu)
{
    uint64_t *stack = mm_alloc(STACK_PAGES, MM_STACK | MM_ZERO);
    uint64_t *top = stack + STACK_PAGES * PAGE_BYTES / sizeof(*stack);
    struct thread *t;
    uint64_t flags;

    if (!stack)
        return NULL;
    flags = lock_take(&sched_lock);
    t = thread_claim(name, cpu);
    if (t) {
        t->main = main;
        t->arg = arg;
        t->stack = stack;
        *stack = CANARY;
        t->sp = thread_stack(top, thread_begin);
        FIRE(sched_fork, thread_pid(), t->pid, t->name);
        tp_task_name(t->pid, 0, t->name);
        thread_ready(t);
    }
    lock_give(&sched_lock, flags);
    if (!t)
        mm_free(stack, STACK_PAGES);
    return t;
}

void thread_exit(int code)
{
    struct thread *t;

    FIRE(sched_exit, thread_pid(), code, sched_ticks() - thread_current()->start_tick);
    lock_take(&sched_lock);
    t = this_cpu()->current;
    t->state = THREAD_DEAD;
    switch_locked();
    panic("a dead thread runs", NULL);
}

void thread_sleep(uint64_t n)
{
    uint64_t flags;
    struct thread *t;

    FIRE(sched_sleep, thread_pid(), (int64_t)n);
    flags = lock_take(&sched_lock);
    t = this_cpu()->current;
    t->wake_tick = ticks + n;
    t->state = THREAD_SLEEPING;
    switch_locked();
    irq_restore(flags);
}

void thread_wait(void)
{
    uint64_t flags = lock_take(&sched_lock);
    struct thread *t = this_cpu()->current;

    if (t->woken) {
        t->woken = false;
        lock_give(&sched_lock, flags);
        return;
    }
    t->state = THREAD_WAITING;
    switch_locked();
    irq_restore(flags);
}

void thread_wake(struct thread *t)
{
    uint64_t flags = lock_take(&sched_lock);

    if (t->state == THREAD_WAITING)
        thread_ready(t);
    else
        t->woken = true;
    lock_give(&sched_lock, flags);
    sched_preempt();
}

static void wake_sleepers(void)
{
    for (int i = 0; i < THREADS_MAX; i++)
        if (threads[i].state == THREAD_SLEEPING && threads[i].wake_tick <= ticks)
            thread_ready(&threads[i]);
}

void sched_tick(void)
{
    struct cpu *c = this_cpu();
    uint64_t flags = lock_take(&sched_lock);

    c->ticks++;
    if (c->local.number == 0) {
        __atomic_store_n(&ticks, ticks + 1, __ATOMIC_RELAXED);
        wake_sleepers();
    }
    if (queue_length)
        this_local()->need_resched = 1;
    FIRE(sched_tick, (uint16_t)queue_length, c->ticks);
    lock_give(&sched_lock, flags);
}

uint64_t sched_ticks(void)
{
    return __atomic_load_n(&ticks, __ATOMIC_RELAXED);
}

uint32_t thread_pid(void)
{
    return thread_current()->pid;
}
