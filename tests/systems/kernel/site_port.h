/* SPDX-License-Identifier: MIT */
/*
 * site_port.h - the port for the hooks alone (engine/option/site.c on x86_64, shadow.c elsewhere): a hook pins once for each record that it
 * begins or that is refused, so here the kernel counts what its functions fire.
 */
#ifndef KERNEL_SITE_PORT_H
#define KERNEL_SITE_PORT_H

#include "port.h"

#include "tests/systems/kernel/kernel.h"

static inline void site_port_pin(void)
{
    tp_port_pin();
    if (books_open)
        count_fired(EV_fn_call);
}
#undef tp_port_pin
#define tp_port_pin site_port_pin

#endif
