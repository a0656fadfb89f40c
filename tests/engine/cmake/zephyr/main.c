/* SPDX-License-Identifier: MIT */
/*
 * main.c - a machine that calls the hooks of CONFIG_TRACING_USER as Zephyr does: two threads that take
 * turns, an interrupt that wakes one of them. Writes the dump.
 */
#include <stdio.h>
#include <stdlib.h>
#include <tp/trace.h>
#include <zephyr/kernel.h>
#include <zephyr/kernel_structs.h>

void sys_trace_thread_switched_in_user(void);
void sys_trace_thread_switched_out_user(void);
void sys_trace_thread_sched_ready_user(struct k_thread *thread);
void sys_trace_thread_create_user(struct k_thread *thread);
void sys_trace_isr_enter_user(void);
void sys_trace_isr_exit_user(void);

static struct k_thread threads[2] = {{"producer"}, {"consumer"}};
struct k_thread *stub_current = &threads[0];
uint64_t stub_cycles;
bool stub_isr;
unsigned int stub_irqs_off;
_cpu_t stub_cpu;

static uint8_t region[1 << 16] __attribute__((aligned(64)));

static void main_switch(struct k_thread *to)
{
    sys_trace_thread_switched_out_user();
    stub_current = to;
    sys_trace_thread_switched_in_user();
}

int main(void)
{
    struct tp_config config = {
        .name = "zephyr", .cpus = 1, .subbuf_bytes = 4096, .subbufs = 8, .context = true};
    struct tp_trace *t;
    char buffer[4096];
    long n;

    if (tp_trace_open(&t, region, sizeof(region), &config) || tp_trace_start(t))
        return 1;
    for (int i = 0; i < 2; i++)
        sys_trace_thread_create_user(&threads[i]);
    sys_trace_thread_switched_in_user();
    for (int i = 0; i < 50; i++) {
        stub_cycles += 1000; /* 10 us of the producer */
        stub_isr = true;
        sys_trace_isr_enter_user();
        sys_trace_thread_sched_ready_user(&threads[1]);
        sys_trace_isr_exit_user();
        stub_isr = false;
        main_switch(&threads[1]);
        stub_cycles += 2000;
        main_switch(&threads[0]);
    }
    tp_trace_stop(t);
    while ((n = tp_pipe_read(t, buffer, sizeof(buffer))) > 0)
        fwrite(buffer, 1, (size_t)n, stdout);
    return n || stub_irqs_off ? 1 : 0;
}
