/* SPDX-License-Identifier: MIT */
/*
 * tp/tree.h - the control tree: the state of tracing as text files in a tree of names.
 *
 *     struct tp_filter_error error;
 *     int err = tp_tree_write("events/sched/switch/filter", "prev == 7\n", 10, &error);
 *
 *     if (!err)
 *         err = tp_tree_write("events/sched/enable", "1\n", 2, NULL);
 *     if (!err)
 *         n = tp_tree_read("per_cpu/cpu0/stats", offset, buffer, sizeof(buffer));
 *
 * For a kernel that wants Linux's tracefs, over any file system, shell or protocol that it has: a
 * file system's open, read, write and readdir are tp_tree_stat, _read, _write and _list. The tree
 * is virtual: nothing is allocated or kept, and a text is made again for each read. It uses tp/trace.h
 * and tp/control.h, and can do nothing that they cannot. It does not know the file system. A kernel
 * has it with $(TP_TREE) of engine/tp.mk.
 *
 * Paths are names with / between them; "" and "/" are the top, and repeated slashes count as one.
 * The top is the first open trace (the one with the lowest tp_trace_number); while no trace is
 * open, no path exists. The other traces are below instances/, by the name in their configuration;
 * by their number where that name is empty, contains a /, or is also that of another trace.
 *
 *     tracing_on              0 1       tp_trace_stop, tp_trace_start
 *     available_events        read      sys:event, a line each
 *     set_event               patterns  read: the events chosen. Write: patterns as tp_trace_enable takes
 *                                       them, blanks between; !pattern disables. All or none
 *     functions               read      the functions that can be traced, an address a line, and its name
 *                                       if the port has tp_port_symbol. In a kernel with option/site.c
 *                                       (tp/fn.h), and for all traces, so not below instances/
 *     set_function            ranges    read: those that are traced. Write: 0x1000-0x2000, or patterns of
 *                                       names, blanks between; !0x1000-0x2000 no longer
 *     events/enable           0 1 X     all, a subsystem, an event. X: some are, some are not
 *     events/SYS/enable
 *     events/SYS/EVENT/enable
 *     events/SYS/filter       a filter  as tp/filter.h; 0 clears; "none". Of a subsystem: the one
 *     events/SYS/EVENT/filter           that all its events have, or X
 *     events/SYS/EVENT/trigger          a trigger as tp_trigger_set takes it; read: the present ones
 *     events/SYS/EVENT/format read      as Linux has it, see tp/linux.h
 *     events/SYS/EVENT/id     read      the number in the dump, and common_type
 *     trace_clock             [name]    the only clock; writing its name does nothing
 *     buffer_size_kb          KiB       of each CPU. Write: rounded up to what a ring can have
 *     buffer_total_size_kb    read      of all CPUs
 *     options/overwrite       0 1       TP_DISCARD, TP_OVERWRITE
 *     per_cpu/cpuN/stats      read      tp_trace_stats of a CPU
 *     per_cpu/cpuN/trace_pipe_raw       as below, of one CPU: tp_cpu_pipe_read. For a trace with
 *                                       tp_config.cpu_pipes (or one CPU), else TP_EINVAL
 *     saved_cmdlines          read      id name, a line each: the tasks that this trace has names of
 *     saved_cmdlines_size     0..65536  how many there can be in this trace: tp_config.tasks
 *     snapshot                1         tp_snapshot_begin; read: its bytes, one after the other
 *     trace_pipe_raw          read      the dump, consumed. A read at offset 0 also asks for what
 *                                       is in unfinished sub-buffers (tp_pipe_flush). TP_EINVAL
 *                                       for a trace with tp_config.cpu_pipes (of several CPUs)
 *
 * buffer_size_kb, options/overwrite and saved_cmdlines_size can be written while the trace is stopped,
 * else the answer is TP_EBUSY; records that were not read are then lost.
 *
 * Calls of tp_printk in one function are one directory: enable, filter and trigger are for all of
 * them, format and id of the first. An event whose name is also that of a file in its directory is
 * not in the tree, only in tp/control.h.
 *
 * A write of nothing, or of nothing but blanks, does nothing: that is how a shell truncates a file.
 * Calls may overlap with each other and with those of tp/trace.h and tp/control.h: then one of them
 * may answer TP_EBUSY. A module is not removed while one of these calls runs (TP_EBUSY).
 */
#ifndef TP_TREE_H
#define TP_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tp/filter.h>
#include <tp/trace.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tp_tree_info {
    bool directory;
    uint16_t mode; /* suggested, as in chmod: for owner and group only */
};

/* 0, or TP_ENOENT. It has no size: that of a file is only known by reading it. */
int tp_tree_stat(const char *path, struct tp_tree_info *info);

/* The name of entry `index` of a directory, with a NUL at its end, cut to `room`. Returns its length;
 * 0: the directory has no such entry; TP_ENOENT; TP_EINVAL: not a directory. */
long tp_tree_list(const char *path, uint32_t index, char *name, size_t room);

/* Reads from byte `offset` of a file on. Returns how many bytes; 0: its end; TP_ENOENT; TP_EINVAL: a
 * directory; TP_EBUSY: another call is reading its pipe. snapshot and each trace_pipe_raw are
 * streams:
 * a read continues where the last one ended, whatever the offset. */
long tp_tree_read(const char *path, uint64_t offset, void *buffer, size_t bytes);

/*
 * Writes the complete new text of a file; a newline at its end is dropped. 0; TP_ENOENT; TP_EINVAL: a
 * directory, or a value that the file does not know; TP_EACCES: the file is read-only; TP_EBUSY: stop
 * the trace first; or an error of the call that the file is for. After an error nothing was changed.
 *
 * With TP_EFILTER *error (may be NULL) is as tp_filter_compile filled it in, its column one of
 * `text`. With any other error its code is 0, its column 0, and `what` says it in words.
 */
int tp_tree_write(const char *path, const char *text, size_t bytes, struct tp_filter_error *error);

#ifdef __cplusplus
}
#endif
#endif
