/* SPDX-License-Identifier: MIT */
/*
 * tp/linux.h - an event as Linux describes it, and its record as that description says.
 *
 * For consumers that were made for Linux: what speaks perf, eBPF or libtraceevent. The text is that
 * of tracefs' events/<sys>/<event>/format, which libtraceevent parses; the record has Linux's
 * common fields in front, its fields on their natural boundaries, and behind them what is of
 * variable length. Neither is what a trace holds: doc/format.md tells that.
 *
 *     void on_record(void *data, const struct tp_event *event, uint64_t time, const void *record,
 *                    uint32_t bytes)                                  (a probe: tp/control.h)
 *     {
 *         const uint8_t *fields = (const uint8_t *)record + 8;
 *         long n = tp_linux_record(event, context(), fields, bytes - 8, out, sizeof(out));
 *
 *         if (n > 0)
 *             perf_output(out, (size_t)n);
 *     }
 *
 * It knows events (tp/event.h), and no trace.
 *
 * How our types appear there:
 *
 *     u8 .. u64, s8 .. s64, bool, char   under these names
 *     ptr                                void *
 *     arr(T, N)                          T name[N]
 *     str                                __data_loc char[]: u32 length << 16 | offset; with a NUL
 *     bytes                              __data_loc u8[], the same without
 *     enum(table), flags(table)          s32, u32; __print_symbolic, __print_flags
 *
 * A str that was cut ends in "..." there, since Linux has no other place to say so; bytes that were
 * cut just end. Flags of the context: irqs off, need resched, hardirq, softirq, NMI, as in Linux's
 * enum trace_flag_type.
 */
#ifndef TP_LINUX_H
#define TP_LINUX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tp_event;

#define TP_LINUX_HEADER_BYTES 8u /* common_type, common_flags, common_preempt_count, common_pid */

/* The text from byte `offset` on, as much as there is room for. Returns how many bytes; 0: it is at
 * its end. It does not end in a NUL. */
size_t tp_linux_format(const struct tp_event *event, uint64_t offset, char *out, size_t room);

/*
 * Makes the record. `context` is a word as tp_context() makes it; fields[bytes] are those of our
 * own record, behind its header and context word (a record's length is padded to 8, so `bytes` may
 * be up to 7 more than they are). Returns the length; TP_EINVAL: these cannot be the event's
 * fields; TP_ESPACE: it does not fit in out[room]. `out` may be aligned or not.
 */
long tp_linux_record(const struct tp_event *event, uint64_t context, const void *fields,
                     uint32_t bytes, void *out, size_t room);

#ifdef __cplusplus
}
#endif
#endif
