/* SPDX-License-Identifier: MIT */
/* mode.h - S mode, or M mode with TP_RISCV64_MACHINE: names of registers and bits. For C and assembly. */
#ifndef RISCV64_MODE_H
#define RISCV64_MODE_H

#ifdef TP_RISCV64_MACHINE
#define MODE(name) m##name
#define STATUS_ON 0x8      /* interrupts */
#define STATUS_WAS_ON 0x80 /* and what it will be when the trap ends */
#define STATUS_STAY 0x1800 /* the trap ends in the mode it came from */
#define CAUSE_SOFTWARE 3
#define CAUSE_TIMER 7
#else
#define MODE(name) s##name
#define STATUS_ON 0x2
#define STATUS_WAS_ON 0x20
#define STATUS_STAY 0x100
#define CAUSE_SOFTWARE 1
#define CAUSE_TIMER 5
#endif

#endif
