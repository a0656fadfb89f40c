/* SPDX-License-Identifier: MIT */
/* The hosted port, and how live.c patches its own code. */
#include "../../../engine/port/hosted/port.h"

#include <stddef.h>

bool live_patch(void *site, const void *bytes, size_t n);

#define tp_port_patch tp_port_patch
static inline bool tp_port_patch(void *site, const void *bytes, size_t n)
{
    return live_patch(site, bytes, n);
}
