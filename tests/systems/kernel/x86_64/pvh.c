/* SPDX-License-Identifier: MIT */
/* pvh.c - from what QEMU hands over, by the PVH protocol, to kernel_main. */
#include "kernel.h"

#include <tp/port.h>

#define PVH_MAGIC 0x336ec578u
#define PVH_RAM 1u
#define KERNEL_BASE 0x100000u

struct pvh_info {
    uint32_t magic, version, flags, modules;
    uint64_t module_list, command_line, rsdp, memory_map;
    uint32_t memory_ranges, reserved;
};

struct pvh_range {
    uint64_t start, bytes;
    uint32_t type, reserved;
};

_Noreturn void pvh_main(const struct pvh_info *info);

/* Of the memory that the kernel is in. */
static uint64_t pvh_memory_end(const struct pvh_info *info)
{
    const struct pvh_range *range = (const struct pvh_range *)info->memory_map;

    for (uint32_t i = 0; i < info->memory_ranges; i++, range++)
        if (range->type == PVH_RAM && range->start <= KERNEL_BASE &&
            range->start + range->bytes > KERNEL_BASE)
            return range->start + range->bytes;
    panic("no memory where the kernel is", NULL);
}

void pvh_main(const struct pvh_info *info)
{
    console_init();
    if (info->magic != PVH_MAGIC)
        panic("not booted by PVH", NULL);
    tp_x86_tsc_hz = tp_x86_tsc_calibrate();
    if (!tp_x86_tsc_hz)
        panic("no PIT to measure the TSC", NULL);
    kernel_main((const char *)info->command_line, pvh_memory_end(info));
}
