/* SPDX-License-Identifier: MIT */
/*
 * tp/tree.h - the control tree: what tracing is set to, as text files in a tree of names.
 *
 *     tp_tree_write("events/sched/switch/filter", "prev_pid == 7\n", 14, &error);
 *     tp_tree_write("events/sched/enable", "1\n", 2, NULL);
 *     n = tp_tree_read("per_cpu/cpu0/stats", offset, buffer, sizeof(buffer));
 *
 * For a kernel that wants Linux's tracefs, over whatever file system, shell or protocol it has: a
 * file system's open, read, write and readdir are tp_tree_stat, _read, _write and _list. The tree
 * is virtual: nothing is allocated or kept, a text is made anew for each read. It sits on top of
 * tp/trace.h and tp/control.h and can do nothing that they cannot.
 *
 * Paths are names with / between them; "" and "/" are the top, more slashes than needed do no harm.
 * The top is the first open trace (that with the lowest tp_trace_number); without any there is no path at
 * all. The others are below instances/, by the name in their configuration; by their number where
 * that name is empty, has a /, or is another's.
 *
 *     tracing_on              0 1       tp_trace_stop, tp_trace_start
 *     available_events        read      sys:event, a line each
 *     set_event               patterns  read: the events chosen. Write: patterns as tp_trace_enable takes
 *                                       them, blanks between; !pattern takes back. All or none
 *     events/enable           0 1 X     all, a subsystem, an event. X: some are, some are not
 *     events/SYS/enable
 *     events/SYS/EVENT/enable
 *     events/SYS/filter       a filter  as tp/filter.h; 0 clears; "none". Of a subsystem: the one
 *     events/SYS/EVENT/filter           that all its events have, or X
 *     events/SYS/EVENT/trigger          a trigger as tp_trigger_set takes it; read: those there are
 *     events/SYS/EVENT/format read      as Linux has it, see tp/linux.h
 *     events/SYS/EVENT/id     read      the number in the dump, and common_type
 *     trace_clock             [name]    there is one; writing its name does nothing
 *     buffer_size_kb          KiB       of each CPU. Write: rounded up to what a ring can have
 *     buffer_total_size_kb    read      of all CPUs
 *     options/overwrite       0 1       TP_DISCARD, TP_OVERWRITE
 *     per_cpu/cpuN/stats      read      the books of a CPU
 *     per_cpu/cpuN/trace_pipe_raw       as below, of one CPU: tp_cpu_pipe_read
 *     saved_cmdlines          read      pid name, a line each
 *     saved_cmdlines_size     1 .. 64   how many there can be, of all traces: tp_tasks_keep
 *     snapshot                1         tp_snapshot_begin; read: its bytes, one after the other
 *     trace_pipe_raw          read      the dump, consumed. A read at offset 0 also asks for what
 *                                       is in unfinished sub-buffers (tp_pipe_flush)
 *
 * buffer_size_kb and options/overwrite are written while the trace is stopped, else TP_EBUSY; what
 * was not read of it is then gone.
 *
 * Calls of tp_printk in one function are one directory: enable, filter and trigger are for all of
 * them, format and id of the first. An event that has the name of a file beside it can be had by
 * tp/control.h only.
 *
 * A write of nothing, or of nothing but blanks, does nothing: that is how a shell truncates a file.
 * Calls may overlap with each other and with those of tp/trace.h and tp/control.h: then one of them
 * may answer TP_EBUSY. A module is not removed while one of these calls is inside (TP_EBUSY).
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
    uint16_t mode; /* suggested, as in chmod: owner and group, nobody else */
};

/* 0, or TP_ENOENT. The size of a file is not known before it is read. */
int tp_tree_stat(const char *path, struct tp_tree_info *info);

/* The name of entry `index` of a directory, ended by a NUL and cut to room. Returns its length; 0:
 * there are not so many; TP_ENOENT; TP_EINVAL: not a directory. */
long tp_tree_list(const char *path, uint32_t index, char *name, size_t room);

/* From byte `offset` of a file on. Returns how many bytes; 0: its end; TP_ENOENT; TP_EINVAL: a
 * directory; TP_EBUSY: somebody is in its pipe. snapshot and each trace_pipe_raw are streams: they
 * go on where the last read has ended, whatever the offset. */
long tp_tree_read(const char *path, uint64_t offset, void *buffer, size_t bytes);

/*
 * The whole of what is written in one call; a newline at its end is dropped. 0; TP_ENOENT;
 * TP_EINVAL: a directory, or a value that the file does not know; TP_EACCES: not to be written;
 * TP_EBUSY: stop the trace first; or what the call behind it answers. Then nothing was changed.
 *
 * With TP_EFILTER *error (may be NULL) is as tp_filter_compile left it, its column one of `text`.
 * With any other error its code is 0, its column 0, and `what` says it in words.
 */
int tp_tree_write(const char *path, const char *text, size_t bytes, struct tp_filter_error *error);

#ifdef __cplusplus
}
#endif
#endif
