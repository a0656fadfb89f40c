/* SPDX-License-Identifier: MIT */
/* kernel.h - a small kernel for 32-bit PCs with one processor: jobs that take turns, a timer. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define COM1 0x3f8
#define COM2 0x2f8

struct job {
    int id;
    const char *name;
    int period; /* ticks from one turn to the next */
    unsigned next, turns;
    void (*work)(struct job *self);
};

extern struct job *current;
extern uint64_t cycles_hz;

uint64_t cycles(void);
void serial_write(uint16_t port, const void *bytes, size_t n);

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif
