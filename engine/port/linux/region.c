// SPDX-License-Identifier: MIT
/*
 * region.c - the memory of the trace. In one piece where there is such a piece (up to 4 MiB on most
 * machines), so that tpdecode finds it in an image of physical memory; else only an image that has
 * virtual addresses shows it.
 */
#include "parts.h"

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/vmalloc.h>

static void *region_memory;
static size_t region_bytes;

void *region_get(size_t bytes)
{
    region_bytes = PAGE_ALIGN(bytes);
    region_memory = alloc_pages_exact(region_bytes, GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY);
    if (!region_memory) {
        region_memory = vmalloc(region_bytes);
        if (region_memory)
            pr_info("the region is not contiguous in physical memory\n");
    }
    return region_memory;
}

void region_put(void)
{
    if (is_vmalloc_addr(region_memory))
        vfree(region_memory);
    else if (region_memory)
        free_pages_exact(region_memory, region_bytes);
    region_memory = NULL;
}
