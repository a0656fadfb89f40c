// SPDX-License-Identifier: MIT
/* export.c - what other modules may call: the engine's public headers, and what TP_EVENT refers to. */
#include <linux/export.h>
#include <tp/control.h>
#include <tp/event.h>
#include <tp/inner/ring.h>

EXPORT_SYMBOL_GPL(tp_rings);
EXPORT_SYMBOL_GPL(tp_record_start);
EXPORT_SYMBOL_GPL(tp_record_close);
EXPORT_SYMBOL_GPL(tp_emit);
EXPORT_SYMBOL_GPL(tp_printk_emit);
EXPORT_SYMBOL_GPL(tp_probe_typed_add);
EXPORT_SYMBOL_GPL(tp_probe_typed_remove);

EXPORT_SYMBOL_GPL(tp_strerror);
EXPORT_SYMBOL_GPL(tp_config_fault);
EXPORT_SYMBOL_GPL(tp_region_bytes);
EXPORT_SYMBOL_GPL(tp_trace_open);
EXPORT_SYMBOL_GPL(tp_trace_close);
EXPORT_SYMBOL_GPL(tp_trace_configure);
EXPORT_SYMBOL_GPL(tp_trace_config);
EXPORT_SYMBOL_GPL(tp_trace_number);
EXPORT_SYMBOL_GPL(tp_trace_enable);
EXPORT_SYMBOL_GPL(tp_trace_disable);
EXPORT_SYMBOL_GPL(tp_trace_start);
EXPORT_SYMBOL_GPL(tp_trace_stop);
EXPORT_SYMBOL_GPL(tp_trace_stats);
EXPORT_SYMBOL_GPL(tp_trace_strangers);
EXPORT_SYMBOL_GPL(tp_pipe_read);
EXPORT_SYMBOL_GPL(tp_pipe_flush);
EXPORT_SYMBOL_GPL(tp_pipe_sleep);
EXPORT_SYMBOL_GPL(tp_pipe_ended);
EXPORT_SYMBOL_GPL(tp_snapshot_begin);
EXPORT_SYMBOL_GPL(tp_snapshot_read);
EXPORT_SYMBOL_GPL(tp_filter_set);
EXPORT_SYMBOL_GPL(tp_sample_set);
EXPORT_SYMBOL_GPL(tp_rate_set);
EXPORT_SYMBOL_GPL(tp_trigger_set);
EXPORT_SYMBOL_GPL(tp_probe_raw_add);
EXPORT_SYMBOL_GPL(tp_probe_raw_remove);
EXPORT_SYMBOL_GPL(tp_probe_record_add);
EXPORT_SYMBOL_GPL(tp_probe_record_remove);
EXPORT_SYMBOL_GPL(tp_probe_synchronize);
