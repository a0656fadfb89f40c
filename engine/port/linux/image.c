// SPDX-License-Identifier: MIT
/*
 * image.c - which build of Linux runs, and where: for `tpdecode --symbols vmlinux`.
 *
 * Neither is exported. A probe of the kernel that is never armed is asked for by name, and the kernel
 * looks the address up before it decides whether it may be probed.
 */
#include "parts.h"

#include <linux/kprobes.h>
#include <linux/printk.h>
#include <asm/elf.h>
#include <tp/trace.h>

#define IMAGE_BUILD_ID_BYTES 20

#ifdef CONFIG_KPROBES
static unsigned long image_address(const char *symbol)
{
    struct kprobe probe = {.symbol_name = symbol, .flags = KPROBE_FLAG_DISABLED};
    unsigned long address;
    int err = register_kprobe(&probe);

    address = (unsigned long)probe.addr;
    if (!err)
        unregister_kprobe(&probe);
    return address;
}
#else
static unsigned long image_address(const char *symbol)
{
    return 0;
}
#endif

const struct tp_image_id *image_find(void)
{
    static struct tp_image_id image = {.machine = ELF_ARCH};

    image.base = image_address("_text");
    image.build_id = (const uint8_t *)image_address("vmlinux_build_id");
    image.build_id_bytes = image.build_id ? IMAGE_BUILD_ID_BYTES : 0;
    return image.base ? &image : NULL;
}
