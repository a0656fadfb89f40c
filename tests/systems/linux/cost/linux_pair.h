/* SPDX-License-Identifier: MIT */
/* linux_pair.h - the same fields as TRACE_EVENTs of Linux. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cost

#if !defined(COST_LINUX_PAIR_H) || defined(TRACE_HEADER_MULTI_READ)
#define COST_LINUX_PAIR_H

#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(cost_pair, TP_PROTO(u32 a, u32 b), TP_ARGS(a, b),
                    TP_STRUCT__entry(__field(u32, a) __field(u32, b)),
                    TP_fast_assign(__entry->a = a; __entry->b = b;),
                    TP_printk("a=%u b=%u", __entry->a, __entry->b));
DEFINE_EVENT(cost_pair, linux_pair, TP_PROTO(u32 a, u32 b), TP_ARGS(a, b));
DEFINE_EVENT(cost_pair, linux_off, TP_PROTO(u32 a, u32 b), TP_ARGS(a, b));

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE linux_pair
#include <trace/define_trace.h>
