/* SPDX-License-Identifier: MIT */
/*
 * Prints the events that this image finds in its section, `image sys:event` a
 * line. Built as the program, and with -DMODULE as a shared object of its own.
 */
#define TP_CREATE
#include <tp/event.h>
#include <stdio.h>

#ifdef MODULE
#define IMAGE "module"
#define LIST list_module
TP_EVENT(module, own, "n=%u", u32 n)
#else
#define IMAGE "program"
#define LIST list_program
TP_EVENT(program, own, "n=%u", u32 n)
#endif

extern struct tp_event *const __start_tp_events[] __attribute__((visibility("hidden")));
extern struct tp_event *const __stop_tp_events[] __attribute__((visibility("hidden")));
void list_program(void);
void list_module(void);

void LIST(void)
{
    for (struct tp_event *const *e = __start_tp_events; e < __stop_tp_events; e++)
        printf(IMAGE " %s:%s\n", (*e)->sys, (*e)->name);
}

#ifndef MODULE
volatile uint32_t tp_port_stub_cpu, tp_port_stub_clock[2], tp_port_stub_pinned;

int main(void)
{
    list_program();
#ifdef WITH_MODULE
    list_module();
#endif
    return 0;
}
#endif
