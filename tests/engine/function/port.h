/* SPDX-License-Identifier: MIT */
/* port.h - the hosted port, and code that can be patched: one thread, so it is simply written. */
#ifndef FUNCTION_PORT_H
#define FUNCTION_PORT_H

#include "engine/port/hosted/port.h"

#include <stddef.h>

bool text_write(void *site, const void *bytes, size_t n);
const char *text_symbol(uintptr_t address);

#define tp_port_patch tp_port_patch
static inline bool tp_port_patch(void *site, const void *bytes, size_t n)
{
    return text_write(site, bytes, n);
}

struct tp_shadow *text_shadow(void);

#define tp_port_shadow tp_port_shadow
static inline struct tp_shadow *tp_port_shadow(void)
{
    return text_shadow();
}

#define tp_port_symbol tp_port_symbol
static inline const char *tp_port_symbol(uintptr_t address)
{
    return text_symbol(address);
}

#endif
