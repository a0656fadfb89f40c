/* SPDX-License-Identifier: MIT */
/*
 * tp/knobs.h - what is chosen when the engine is compiled, by -D; the same for all files of a kernel.
 *
 *     CFLAGS += -DTP_STR_MAX=63 -DTP_CRC_TABLE_BYTES=64u
 *
 * For the build of a kernel; the engine and tp/event.h include it. Each has a value that is good for
 * most kernels. What is chosen at run time is in struct tp_config (tp/trace.h).
 */
#ifndef TP_KNOBS_H
#define TP_KNOBS_H

/* Bytes of a str or bytes field without a limit of its own, 1 .. 32000. May differ from file to file:
 * the file that creates the event decides. */
#ifndef TP_STR_MAX
#define TP_STR_MAX 255
#endif

/* Sections of events at a time: that of the image, and one for each module (tp/module.h); 24 bytes
 * each, 32 on 64-bit processors. */
#ifndef TP_SECTIONS_MAX
#define TP_SECTIONS_MAX 32u
#endif

/* Traces of tp_trace_attach at a time, in addition to the eight of tp_trace_open; 32 bytes each. */
#ifndef TP_ATTACHED_MAX
#define TP_ATTACHED_MAX 4
#endif

/* Bytes of each pipe and of the snapshot for payloads that are made: names of tasks, counts, and the
 * metadata if it is not kept. A multiple of 32. */
#ifndef TP_SIDE_BYTES
#define TP_SIDE_BYTES (sizeof(void *) > 4 ? 1024u : 256u)
#endif

/* The table for the checksum of exported chunks: 64 (constant; half a byte in each step), 1024 (a
 * byte), 8192 (eight bytes), or 0: the processor's instruction, for x86 with SSE4.2 and AArch64 with
 * FEAT_CRC32, which needs neither a table nor FPU state. */
#ifndef TP_CRC_TABLE_BYTES
#if defined(__SSE4_2__) || (defined(__ARM_FEATURE_CRC32) && defined(__AARCH64EL__))
#define TP_CRC_TABLE_BYTES 0u
#else
#define TP_CRC_TABLE_BYTES (sizeof(void *) > 4 ? 8192u : 64u)
#endif
#endif

/* Also of this kind, defined or not: TP_PATCH (doc/porting.md), TP_PREFIX and TP_PRINTK_SYS
 * (tp/event.h), TP_PORT_HEADER (tp/port.h). */

#endif
