/* SPDX-License-Identifier: MIT */
/* smp.c - with CONFIG_SMP: how each CPU's interrupts were before an event is recorded. */
#include <tp/port.h>

struct tp_zephyr_pin tp_zephyr_pins[CONFIG_MP_MAX_NUM_CPUS];
