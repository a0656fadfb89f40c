/* SPDX-License-Identifier: MIT */
/*
 * pl011.h - a dump's way out over a serial line: ARM's PL011, polled.
 *
 *     tp_pl011_open(0x09000000, 0, 0);
 *     tp_pl011_write(0x09000000, bytes, n);
 *
 * Made to be copied. As uart_16550.h says: the line must be raw on both sides.
 */
#ifndef TP_PORT_TRANSPORT_PL011_H
#define TP_PORT_TRANSPORT_PL011_H

#include <stddef.h>
#include <stdint.h>

#define TP_PL011_DATA 0x00u
#define TP_PL011_FLAGS 0x18u
#define TP_PL011_BAUD_WHOLE 0x24u
#define TP_PL011_BAUD_PART 0x28u
#define TP_PL011_LINE 0x2cu
#define TP_PL011_CONTROL 0x30u
#define TP_PL011_INTERRUPTS 0x38u
#define TP_PL011_FULL (1u << 5) /* a flag */

static inline volatile uint32_t *tp_pl011_register(uintptr_t uart, uintptr_t at)
{
    return (volatile uint32_t *)(uart + at);
}

/* The line's clock, divided by 16 and the baud rate, as a whole number and 64ths; both 0: as it is. */
static inline void tp_pl011_open(uintptr_t uart, uint32_t whole, uint32_t part)
{
    *tp_pl011_register(uart, TP_PL011_CONTROL) = 0;
    *tp_pl011_register(uart, TP_PL011_INTERRUPTS) = 0;
    if (whole || part) {
        *tp_pl011_register(uart, TP_PL011_BAUD_WHOLE) = whole;
        *tp_pl011_register(uart, TP_PL011_BAUD_PART) = part;
    }
    *tp_pl011_register(uart, TP_PL011_LINE) = 0x70;     /* 8 bits, no parity, FIFO */
    *tp_pl011_register(uart, TP_PL011_CONTROL) = 0x301; /* on, both ways */
}

static inline void tp_pl011_write(uintptr_t uart, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    for (size_t i = 0; i < n; i++) {
        while (*tp_pl011_register(uart, TP_PL011_FLAGS) & TP_PL011_FULL)
            ;
        *tp_pl011_register(uart, TP_PL011_DATA) = p[i];
    }
}

#endif
