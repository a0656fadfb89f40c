/* SPDX-License-Identifier: MIT */
/*
 * uart_16550.h - a dump's way out over a serial line: a 16550, polled, 8 bits without parity.
 *
 * Made to be copied. What its registers are reached by is said before the include: x86 has ports,
 * others have memory, where registers may be further apart than a byte.
 *
 *     #define TP_UART_16550_READ(at) (*(volatile uint8_t *)(0x10000000 + (at)))
 *     #define TP_UART_16550_WRITE(at, value) (*(volatile uint8_t *)(0x10000000 + (at)) = (value))
 *     #include "uart_16550.h"
 *
 *     tp_uart_16550_open(1);
 *     tp_uart_16550_write(bytes, n);
 *
 * Dumps are bytes of all values: the line must be raw, on the other side as well (`stty raw -echo`),
 * and carry nothing else. The text of a boot before the dump does no harm: tpdecode leaves it out and says so.
 */
#ifndef TP_PORT_TRANSPORT_UART_16550_H
#define TP_PORT_TRANSPORT_UART_16550_H

#include <stddef.h>
#include <stdint.h>

#define TP_UART_16550_FIFO_BYTES 16u
#define TP_UART_16550_EMPTY 0x20u

/* The divisor of the line's clock: 1 is 115200 baud where that is 1.8432 MHz. */
static inline void tp_uart_16550_open(uint16_t divisor)
{
    TP_UART_16550_WRITE(1, 0);    /* no interrupts */
    TP_UART_16550_WRITE(3, 0x80); /* the divisor ... */
    TP_UART_16550_WRITE(0, (uint8_t)divisor);
    TP_UART_16550_WRITE(1, (uint8_t)(divisor >> 8));
    TP_UART_16550_WRITE(3, 0x03); /* ... 8 bits, no parity, one stop bit */
    TP_UART_16550_WRITE(2, 0xc7); /* FIFOs on and empty */
}

static inline void tp_uart_16550_write(const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    for (size_t i = 0; i < n; i++) {
        if (i % TP_UART_16550_FIFO_BYTES == 0)
            while (!(TP_UART_16550_READ(5) & TP_UART_16550_EMPTY))
                ;
        TP_UART_16550_WRITE(0, p[i]);
    }
}

#endif
