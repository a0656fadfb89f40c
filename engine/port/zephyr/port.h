/* SPDX-License-Identifier: MIT */
/*
 * The port for Zephyr. Compiled against headers of our own that are like Zephyr's; it was never run on
 * Zephyr itself.
 *
 * The counter is k_cycle_get_64(). Where the timer has 32 bits only, something must fire an event, or call
 * tp_clock_tick(), twice in each wrap. Records have the thread that was running, as the low half of its
 * address, and whether it was an interrupt.
 */
#ifndef TP_PORT_ZEPHYR_H
#define TP_PORT_ZEPHYR_H

#include <zephyr/kernel.h>
#include <zephyr/kernel_structs.h>

#define TP_PORT_NAME zephyr
#define tp_port_leaf

#ifdef CONFIG_SMP
/* Not k_sched_lock(): that may be traced, and must not be called from an interrupt. */
struct tp_zephyr_pin {
    unsigned int key; /* of the outermost pin */
    unsigned int depth;
};
extern struct tp_zephyr_pin tp_zephyr_pins[CONFIG_MP_MAX_NUM_CPUS];

#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return arch_curr_cpu()->id;
}

/* An NMI between the lines finds a depth that it leaves as it was. */
#define tp_port_pin tp_port_pin
static inline void tp_port_pin(void)
{
    unsigned int key = arch_irq_lock();
    struct tp_zephyr_pin *pin = &tp_zephyr_pins[tp_port_cpu()];

    if (!pin->depth++)
        pin->key = key;
}

#define tp_port_unpin tp_port_unpin
static inline void tp_port_unpin(void)
{
    struct tp_zephyr_pin *pin = &tp_zephyr_pins[tp_port_cpu()];
    unsigned int key = pin->key;

    if (!--pin->depth)
        arch_irq_unlock(key);
}
#else
#define tp_port_cpu tp_port_cpu
static inline uint32_t tp_port_cpu(void)
{
    return 0;
}
#endif

#ifdef CONFIG_TIMER_HAS_64BIT_CYCLE_COUNTER
#define tp_port_clock tp_port_clock
static inline uint64_t tp_port_clock(void)
{
    return k_cycle_get_64();
}
#else
#define tp_port_clock_bits 32
static inline uint32_t tp_port_counter(void)
{
    return k_cycle_get_32();
}
#endif

#define tp_port_clock_hz tp_port_clock_hz
static inline uint64_t tp_port_clock_hz(void)
{
    return (uint64_t)sys_clock_hw_cycles_per_sec();
}

#define tp_port_clock_name "k_cycle"

#define tp_port_context tp_port_context
static inline uint64_t tp_port_context(void)
{
    return tp_context((uint32_t)(uintptr_t)_current, k_is_in_isr() ? TP_CTX_HARDIRQ : 0, 0);
}

#endif
