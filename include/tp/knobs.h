/* SPDX-License-Identifier: MIT */
/*
 * tp/knobs.h - what is chosen when the engine is compiled, by -D; the same for all files of a kernel.
 *
 *     CFLAGS += -DTP_STR_MAX=63 -DTP_CRC_TABLE_BYTES=64u
 *
 * All of them have a value that does for most. What is chosen at run time is in struct tp_config.
 */
#ifndef TP_KNOBS_H
#define TP_KNOBS_H

/* Bytes of a str or bytes field without a limit of its own, 1 .. 32000. May differ from file to file:
 * it is that of the file that creates the event. */
#ifndef TP_STR_MAX
#define TP_STR_MAX 255
#endif

/* Sections of events at a time: the image's, and those of modules (option/module.c); 24 bytes each,
 * 32 on 64-bit processors. */
#ifndef TP_SECTIONS_MAX
#define TP_SECTIONS_MAX 32u
#endif

/* Traces of tp_trace_attach at a time, besides the eight that tp_trace_open makes; 32 bytes each. */
#ifndef TP_ATTACHED_MAX
#define TP_ATTACHED_MAX 4
#endif

/* Entries of a chunk of counts (what sampling left out); 16 bytes of each pipe for each. */
#ifndef TP_COUNTS_MAX
#define TP_COUNTS_MAX 64u
#endif

/* The table of the checksum that each exported chunk has: 64 (a constant; half a byte a step), 1024 (a
 * byte) or 4096 (four bytes). */
#ifndef TP_CRC_TABLE_BYTES
#define TP_CRC_TABLE_BYTES (sizeof(void *) > 4 ? 4096u : 64u)
#endif

/* Also of this kind, defined or not: TP_PATCH (doc/porting.md), TP_PREFIX and TP_PRINTK_SYS
 * (tp/event.h), TP_PORT_HEADER (tp/port.h). */

#endif
