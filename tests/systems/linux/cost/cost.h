/* SPDX-License-Identifier: MIT */
/* cost.h - how much time so many calls take; where a nanosecond is an instruction, how many of these. */
#ifndef COST_H
#define COST_H

#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/printk.h>
#include <linux/types.h>

#define COST_TIMES 8192u
#define COST_BUFFER_BYTES (1u << 20) /* all of them fit */

int linux_measure(bool overwrite); /* linux.c */

/* The call is inlined into a loop of its own, whose cost is in it. */
#define COST_LOOP(call)                                                                            \
    ({                                                                                             \
        unsigned long flags_;                                                                      \
        u64 began_;                                                                                \
                                                                                                   \
        local_irq_save(flags_);                                                                    \
        began_ = ktime_get_ns();                                                                   \
        for (u32 n_ = 0; n_ < COST_TIMES; n_++) {                                                  \
            call(n_);                                                                              \
            barrier();                                                                             \
        }                                                                                          \
        began_ = ktime_get_ns() - began_;                                                          \
        local_irq_restore(flags_);                                                                 \
        began_;                                                                                    \
    })

/* The first round fills caches of translated code, and is not counted. */
#define COST_MEASURE(name, call)                                                                   \
    pr_info("%s ns=%llu times=%u\n", name, (COST_LOOP(call), COST_LOOP(call)), COST_TIMES)

#endif
