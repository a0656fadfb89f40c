// SPDX-License-Identifier: MIT
/* clock.c - which clock records have, and what orders all CPUs. */
#include "parts.h"

#include <linux/ktime.h>
#include <tp/port.h>
#include <tp/trace.h>
#ifdef CONFIG_X86
#include <asm/tsc.h>
#endif

DEFINE_STATIC_KEY_FALSE(tp_linux_tsc);
EXPORT_SYMBOL_GPL(tp_linux_tsc);

/* The only clock of the kernel that an NMI may read and that user space can read as well. */
TP_LINUX_PRESERVES uint64_t notrace tp_linux_clock(void)
{
    return ktime_get_mono_fast_ns();
}
EXPORT_SYMBOL_GPL(tp_linux_clock);

#ifdef CONFIG_X86_64
/* Linux distrusts a TSC that is not the same on all CPUs, or does not count evenly. */
void clock_choose(void)
{
    if (tsc_khz && !check_tsc_unstable())
        static_branch_enable(&tp_linux_tsc);
}

uint64_t tp_linux_clock_hz(void)
{
    return static_key_enabled(&tp_linux_tsc) ? tsc_khz * 1000ull : NSEC_PER_SEC;
}
#else
void clock_choose(void)
{
}

uint64_t tp_linux_clock_hz(void)
{
    return NSEC_PER_SEC;
}
#endif

const char *tp_linux_clock_name(void)
{
    return static_key_enabled(&tp_linux_tsc) ? "tsc" : "monotonic";
}

/* With interrupts off, so that both clocks are of one moment. */
void clock_pair(void)
{
    unsigned long flags;

    local_irq_save(flags);
    tp_clock_set_wall(ktime_get_real_ns());
    local_irq_restore(flags);
}

static void clock_fence(void *unused)
{
    smp_mb();
}

bool tp_linux_barrier_all(void)
{
    if (irqs_disabled() || in_interrupt())
        return false;
    smp_call_function(clock_fence, NULL, 1);
    smp_mb();
    return true;
}
