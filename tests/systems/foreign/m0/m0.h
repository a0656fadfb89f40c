/* SPDX-License-Identifier: MIT */
/* What main.c and start.c share. */
#ifndef M0_H
#define M0_H

#include <stddef.h>
#include <stdint.h>

int main(void);
void on_wrap(void); /* SysTick */
void on_low(void);  /* TIMER0 */
void on_high(void); /* TIMER1 */

int32_t host_create(const char *name, uint32_t length);
void host_write(int32_t file, const void *bytes, uint32_t count);
__attribute__((noreturn)) void host_exit(const char *error); /* NULL: well */

#endif
