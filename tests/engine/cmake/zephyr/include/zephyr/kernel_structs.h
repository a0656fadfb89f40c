/* SPDX-License-Identifier: MIT */
/* kernel_structs.h - as kernel.h. */
#ifndef STUB_KERNEL_STRUCTS_H
#define STUB_KERNEL_STRUCTS_H

#include <stdint.h>

typedef struct _cpu {
    uint8_t id;
} _cpu_t;

extern _cpu_t stub_cpu;

static inline _cpu_t *arch_curr_cpu(void)
{
    return &stub_cpu;
}

#endif
