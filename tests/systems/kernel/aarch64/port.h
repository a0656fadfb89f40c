/* SPDX-License-Identifier: MIT */
/* port.h - the test kernel's port: that of AArch64 as it is, code patching, and what all boards add. */
#ifndef KERNEL_PORT_H
#define KERNEL_PORT_H

#define TP_AARCH64_SHADOW_OFFSET 32
#include "engine/port/aarch64/port.h"

bool patch_text(void *site, const void *bytes, size_t n); /* patch.c */

#define tp_port_patch tp_port_patch
static inline bool tp_port_patch(void *site, const void *bytes, size_t n)
{
    return patch_text(site, bytes, n);
}

#include "hooks.h"

#endif
