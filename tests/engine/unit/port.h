/* SPDX-License-Identifier: MIT */
/* The port of the unit tests: CPU, time and context are what a test says. Only for those. */
#ifndef TEST_PORT_H
#define TEST_PORT_H

#include <stddef.h>
#include <stdint.h>

extern __thread uint32_t test_cpu;
extern uint64_t test_time;      /* what the clock shows next */
extern uint64_t test_time_step; /* and by how much it then goes on */
extern uint64_t test_context;
extern uint64_t test_hz;
extern int test_pinned;         /* pins not undone */
extern void (*test_hook)(void); /* called once, after the clock was next read: an interrupt
                                   between the load of the cursor and the compare-and-swap */

extern void (*test_context_hook)(void); /* called each time between reserve and commit of an event,
                                           in traces with a context word */
extern void (*test_pin_hook)(void);     /* called once, at the next pin */
extern unsigned test_rung;              /* by the doorbell */

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return test_cpu;
}

#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    uint64_t time = __atomic_fetch_add(&test_time, test_time_step, __ATOMIC_RELAXED);

    if (test_hook) {
        void (*hook)(void) = test_hook;

        test_hook = NULL;
        hook();
    }
    return time;
}

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return test_hz;
}
#define tp_port_clock_name "test"

#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    if (test_context_hook)
        test_context_hook();
    return test_context;
}

#define tp_port_doorbell tp_port_doorbell
static inline void tp_port_doorbell(unsigned trace)
{
    test_rung += 1 + 0 * trace;
}

#define tp_port_pin tp_port_pin
static inline void tp_port_pin(void)
{
    void (*hook)(void) = test_pin_hook;

    __atomic_fetch_add(&test_pinned, 1, __ATOMIC_RELAXED);
    test_pin_hook = NULL;
    if (hook)
        hook();
}
#define tp_port_unpin tp_port_unpin
static inline void tp_port_unpin(void)
{
    __atomic_fetch_sub(&test_pinned, 1, __ATOMIC_RELAXED);
}

/* A processor without compare-and-swap: the same tests, with signals blocked instead. */
#ifdef TEST_MASKED
uintptr_t test_mask(void);
void test_unmask(uintptr_t was);

#define tp_port_mask tp_port_mask
static inline uintptr_t tp_port_mask(void)
{
    return test_mask();
}

static inline void tp_port_unmask(uintptr_t was)
{
    test_unmask(was);
}
#endif

#endif
