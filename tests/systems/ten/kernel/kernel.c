/* SPDX-License-Identifier: MIT */
/* kernel.c - jobs that take turns, each after so many ticks of the timer. */
#include "kernel.h"

#define TICKS_HZ 1000
#define TICKS_TO_RUN 500

static void work_small(struct job *self);
static void work_large(struct job *self);

static struct job jobs[] = {{0, "idle", 0, 0, 0, 0},
                            {1, "blink", 10, 0, 0, work_small},
                            {2, "sample", 25, 0, 0, work_large},
                            {3, "log", 100, 0, 0, work_small}};
#define JOBS (sizeof(jobs) / sizeof(jobs[0]))

struct job *current = &jobs[0];
uint64_t cycles_hz;
static volatile unsigned ticks;

/* --- the machine --- */

static void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

uint64_t cycles(void)
{
    uint64_t value;

    __asm__ volatile("rdtsc" : "=A"(value));
    return value;
}

void serial_write(uint16_t port, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;

    for (; n--; at++) {
        while (!(in8(port + 5) & 0x20))
            ;
        out8(port, *at);
    }
}

static void print(const char *text)
{
    while (*text)
        serial_write(COM1, text++, 1);
}

static void print_number(unsigned n)
{
    char digit = (char)('0' + n % 10);

    if (n >= 10)
        print_number(n / 10);
    serial_write(COM1, &digit, 1);
}

/* --- the timer --- */

void irq_entry(void);
void timer_interrupt(void);

void timer_interrupt(void)
{
    ticks++;
    out8(0x20, 0x20);
}

static void timer_start(void)
{
    static struct {
        uint16_t low, selector, type, high;
    } gates[256];
    struct __attribute__((packed)) {
        uint16_t limit;
        void *base;
    } idt = {sizeof(gates) - 1, gates};
    uint32_t entry = (uint32_t)irq_entry, divisor = 1193182 / TICKS_HZ;
    static const uint8_t pic[][2] = {{0x20, 0x11}, {0xa0, 0x11}, {0x21, 0x20}, {0xa1, 0x28},
                                     {0x21, 4},    {0xa1, 2},    {0x21, 1},    {0xa1, 1},
                                     {0x21, 0xfe}, {0xa1, 0xff}};

    gates[32].low = (uint16_t)entry;
    gates[32].selector = 8;
    gates[32].type = 0x8e00;
    gates[32].high = (uint16_t)(entry >> 16);
    __asm__ volatile("lidt %0" : : "m"(idt));
    for (unsigned i = 0; i < sizeof(pic) / sizeof(pic[0]); i++)
        out8(pic[i][0], pic[i][1]);
    out8(0x43, 0x34);
    out8(0x40, (uint8_t)divisor);
    out8(0x40, (uint8_t)(divisor >> 8));
    __asm__ volatile("sti");
}

/* In 20 ticks. */
static void cycles_calibrate(void)
{
    unsigned from = ticks;
    uint64_t began;

    while (ticks == from)
        ;
    began = cycles();
    while (ticks - from < 21)
        ;
    cycles_hz = (cycles() - began) * (TICKS_HZ / 20);
}

/* --- jobs --- */

static void spin(unsigned n)
{
    for (volatile unsigned i = 0; i < n; i++)
        ;
}

static void work_small(struct job *self)
{
    spin(2000 * (unsigned)self->id);
}

static void work_large(struct job *self)
{
    spin(20000 + self->turns);
}

static void switch_to(struct job *job)
{
    current = job;
}

static void run_jobs(void)
{
    for (struct job *j = jobs + 1; j < jobs + JOBS; j++) {
        if ((int)(ticks - j->next) < 0)
            continue;
        j->next = ticks + (unsigned)j->period;
        switch_to(j);
        j->turns++;
        j->work(j);
        switch_to(&jobs[0]);
    }
}

int main(void)
{
    timer_start();
    cycles_calibrate();
    ticks = 0;
    while (ticks < TICKS_TO_RUN) {
        run_jobs();
        __asm__ volatile("hlt");
    }
    __asm__ volatile("cli");
    for (struct job *j = jobs; j < jobs + JOBS; j++) {
        print(j->name);
        print(" ");
        print_number(j->turns);
        print("\n");
    }
    out8(0xf4, 0x10); /* QEMU ends with 33 */
    return 0;
}
