/* SPDX-License-Identifier: MIT */
/*
 * tp/linux.h - an event as Linux describes it, and its record as that description says.
 *
 *     // a record probe: tp_probe_record_add of tp/control.h
 *     void on_record(void *data, const struct tp_event *event, uint64_t time, const void *record,
 *                    uint32_t bytes)
 *     {
 *         const uint8_t *fields = (const uint8_t *)record + 8;
 *         long n = tp_linux_record(event, context(), fields, bytes - 8, out, sizeof(out));
 *
 *         if (n > 0)
 *             perf_output(out, (size_t)n);
 *     }
 *
 * For consumers that were made for Linux: perf, eBPF or libtraceevent. The text is that of tracefs'
 * events/<sys>/<event>/format, which libtraceevent parses. The record begins with Linux's common
 * fields, then has the event's fields on their natural boundaries, then what is of variable length.
 * It knows events (tp/event.h), and no trace: the records of a trace differ (doc/format.md).
 *
 * How our types appear in Linux:
 *
 *     u8 .. u64, s8 .. s64, bool, char   under these names
 *     ptr                                void *
 *     arr(T, N)                          T name[N]
 *     str                                __data_loc char[]: u32 length << 16 | offset; with a NUL
 *     bytes                              __data_loc u8[], the same without a NUL
 *     enum(table), flags(table)          s32, u32; __print_symbolic, __print_flags
 *
 * A str that was cut ends in "...", since Linux has no other place for that; bytes that were cut just
 * end. Flags of the context: irqs off, need resched, hardirq, softirq, NMI, as in Linux's
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

/* Copies the text from byte `offset` on, up to `room` bytes. Returns how many; 0: `offset` is at the
 * end of the text, or after it. No NUL is written. */
size_t tp_linux_format(const struct tp_event *event, uint64_t offset, char *out, size_t room);

/*
 * Makes the record. `context` is a word of tp_context(). fields[bytes] are the fields of a record of
 * a trace, after its header and context word; its length is padded to 8, so `bytes` may be up to 7
 * more than the fields take. Returns the length; TP_EINVAL: these cannot be fields of the event;
 * TP_ESPACE: the record does not fit in out[room]. `out` needs no alignment.
 */
long tp_linux_record(const struct tp_event *event, uint64_t context, const void *fields,
                     uint32_t bytes, void *out, size_t room);

#ifdef __cplusplus
}
#endif
#endif
