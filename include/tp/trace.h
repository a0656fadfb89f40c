/* SPDX-License-Identifier: MIT */
/*
 * tp/trace.h - what a kernel calls: open a trace, choose events, read the pipe.
 *
 *     static uint8_t region[1 << 20] __attribute__((aligned(64)));
 *     struct tp_trace *trace;
 *     struct tp_config config = {.name = "main", .cpus = 2, .context = true};
 *
 *     int err = tp_trace_open(&trace, region, sizeof(region), &config);
 *     if (!err)
 *         err = tp_trace_start(trace);
 *     ...
 *     long n;
 *     while ((n = tp_pipe_read(trace, buffer, sizeof(buffer))) > 0)
 *         uart_write(buffer, (size_t)n);
 *
 * Events are defined with tp/event.h. What the engine needs from the kernel is in tp/port.h, and
 * memcpy, memset, memmove and memcmp. It allocates nothing and never waits. Any call may be made in
 * any context, at the same time as any other: the two work together, or one answers TP_EBUSY and
 * has changed nothing (doc/design.md has a table). A call with a trace that is closed answers
 * TP_EINVAL. Events may be fired at any time, from any context.
 *
 * The name patterns below are `subsystem:event`, with * for any text and ? for one character:
 * "sched:*", "*:*_exit". A pattern without a colon is a subsystem: "sched" is "sched:*".
 */
#ifndef TP_TRACE_H
#define TP_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
/* A struct and the function that fills it in have one name: g++ would warn of a constructor that is hidden. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif

/* What control calls answer instead of 0. */
enum tp_error {
    TP_EINVAL = -1, /* an invalid argument or configuration: a number of sub-buffers that is
                       not a power of two, no CPUs, a region that is not aligned to 64 bytes */
    TP_ESPACE = -2, /* the region is too small for what the configuration asks */
    TP_ELIMIT = -3, /* over a limit of tp/wire.h: events, names, a format, too many traces */
    TP_EBUSY = -4,  /* the trace is running, or is not, or is being used or changed by another call:
                       call again; or a trace lies in that memory */
    TP_ENOENT = -5, /* no event of that name, no such trigger or probe, no trace there */
    TP_EFORMAT = -6,    /* the region is of another engine, byte order or word size; or an event was
                        compiled for another engine (TP_EVENT_LAYOUT) */
    TP_EEXIST = -7,     /* it is there already: an event of that name, a probe, a trigger */
    TP_EIMAGE = -8,     /* not a section of events: it is not aligned, or points to nothing; or an
                        event that cannot be: a field outside of it, %pS in its format */
    TP_EFILTER = -9,    /* a filter or trigger that is wrong: struct tp_filter_error says where */
    TP_EACCES = -10,    /* a file that is read-only: tp/tree.h */
    TP_ENOEVENTS = -11, /* there are no events: the linker script lacks the section tp_events */
    TP_EMEMORY = -12,   /* what tp_control_set_memory was given is full: tp/control.h */
    TP_EDAMAGED = -13   /* there is a region, and both copies of its header are damaged */
};

/* The text of an error: "region too small". Never NULL. */
const char *tp_strerror(int error);

enum tp_mode {
    TP_DISCARD = 0,  /* when the buffer is full new records are refused, and counted */
    TP_OVERWRITE = 1 /* flight recorder: new records replace the oldest, and those are counted */
};

/* Which image runs, and where: tpdecode --symbols finds names with it, and notices another build. */
struct tp_image_id {
    uint64_t base;           /* address of its lowest byte that is loaded; 0: as it was linked */
    const uint8_t *build_id; /* that of the linker (--build-id); NULL: none */
    uint8_t build_id_bytes;
    uint16_t machine; /* e_machine of ELF; 0: not said */
};

struct tp_config {
    const char *name;      /* written into the metadata; NULL: "trace" */
    uint32_t cpus;         /* tp_port_cpu() is below this; 1 .. 65535 */
    uint32_t subbuf_bytes; /* power of two, 512 .. 262144; 0: 16384, or less in a small region */
    uint32_t subbufs;      /* for each CPU, power of two, at least 2; 0: as many as fit */
    enum tp_mode mode;
    bool context;         /* record tp_port_context() with each event: 8 bytes more */
    uint32_t spare_bytes; /* room for what modules add to the metadata; see tp_events_add */
    uint32_t tasks;       /* names of tasks kept, 32 bytes each: TP_TASKS_NONE, or up to 65536;
                             0: 64 */
    bool cpu_pipes;       /* a pipe of each CPU (tp_cpu_pipe_read) instead of one of all */
    bool no_snapshot;     /* tp_snapshot_begin answers TP_EINVAL, and the region is smaller */
    bool no_metadata;     /* none is kept in the region: the pipe writes it from the events, and an
                             image needs that of another dump (tpdecode --metadata). `name` must
                             stay where it is, and modules cannot be added */
    const char *host;     /* which machine, for dumps of several; NULL: not said */
    const struct tp_image_id *image; /* or NULL. Both stay where they are while the trace is open */
};
#define TP_TASKS_NONE UINT32_MAX

/* One of eight that may be open at a time: each has its region, mode, sizes, choice of events. */
struct tp_trace;

/* What is wrong with a configuration, in words; NULL: nothing is. */
const char *tp_config_fault(const struct tp_config *config);

/* Bytes a region needs for this configuration (with subbufs 0: for the least, two), with the
 * events now in the image. 0: the configuration is not valid (tp_config_fault), or another call
 * opens or changes a trace now. */
size_t tp_region_bytes(const struct tp_config *config);

/* Makes a trace in region[bytes], aligned to 64, which the trace owns until tp_trace_close. The
 * first call numbers the events of the image. All events are chosen (tp_trace_enable), and it is
 * not started. 0 and *trace, or TP_EINVAL (tp_config_fault says which), TP_ESPACE, TP_ELIMIT,
 * TP_ENOEVENTS; TP_EBUSY: an open or attached trace lies in this memory, in whole or in part, or
 * another call opens or changes a trace now. Then region is as it was. */
int tp_trace_open(struct tp_trace **trace, void *region, size_t bytes,
                  const struct tp_config *config);

/* Ends a trace. It must not be running (else TP_EBUSY), and every task and interrupted context that
 * was inside a trace_ call when it was stopped must have left that call: a late one would write
 * into memory that is the caller's again. 0; TP_EINVAL: there is no such trace; TP_EBUSY: another
 * call uses it or changes traces now; then it is as it was. A trace with a traceon trigger may
 * never be found stopped while that event is fired: remove the trigger first. */
int tp_trace_close(struct tp_trace *trace);

/* Gives a trace that is not running another mode, number of CPUs or sizes, in the same region. What
 * was not read of it is gone, its numbers start again, the choice of events stays. The same care is
 * needed as with tp_trace_close. 0, or as tp_trace_open, or TP_EBUSY; then it is as it was. */
int tp_trace_configure(struct tp_trace *trace, const struct tp_config *config);

/*
 * Opens a region that was not closed, to be read: after a reset that kept the memory, or from
 * another kernel. Each sub-buffer is examined by itself; a damaged one is lost, or what comes after
 * the damage, and the dump says so (TP_CHUNK_DAMAGED); of damaged metadata tpdecode uses the events
 * that are whole. The trace cannot be started or configured:
 * read it by tp_pipe_read until tp_pipe_ended, then tp_trace_close it, and the region is free. Up
 * to TP_ATTACHED_MAX (4) at a time. The dump says that it is of an earlier boot. 0 and *trace;
 * TP_ENOENT: there is none; TP_EFORMAT: one that this engine cannot read (copy the memory out,
 * tpdecode may); TP_EDAMAGED: both copies of its header are damaged; TP_ESPACE: it
 * has more than `bytes`; TP_EINVAL: not aligned to 64; TP_EBUSY, TP_ELIMIT. Then region is as it
 * was.
 */
int tp_trace_attach(struct tp_trace **trace, void *region, size_t bytes);

/* Chooses the events that match, or removes them from the choice, whether the trace runs or not. 0;
 * TP_ENOENT: none matches. */
int tp_trace_enable(struct tp_trace *trace, const char *pattern);
int tp_trace_disable(struct tp_trace *trace, const char *pattern);

/* From tp_trace_start to tp_trace_stop chosen events are recorded. An event that is being fired by
 * another CPU during tp_trace_stop may still come after it; wait for that before the last read of
 * the pipe if the books must balance. 0; TP_EBUSY: it was started, or stopped, already, or (only
 * tp_trace_start) another call changes traces. At the same time as tp_trace_close or
 * tp_trace_configure one of the two answers TP_EBUSY. */
int tp_trace_start(struct tp_trace *trace);
int tp_trace_stop(struct tp_trace *trace);

/*
 * The pipe: the dump as a stream of bytes (doc/format.md), read once, by one
 * reader at a time, on any CPU, while events are fired or after tp_trace_stop. No
 * byte is lost or doubled however it is cut into reads. Calls that overlap are
 * refused with TP_EBUSY.
 *
 * While tracing, sub-buffers are exported when they are complete; tp_pipe_flush
 * asks for all that is committed now. After tp_trace_stop everything is exported,
 * then the end chunk, then nothing until tp_trace_start.
 */

/* Copies up to `bytes` bytes. Returns how many; 0: nothing now; or TP_EBUSY. TP_EINVAL: the
 * trace has a pipe of each CPU. */
long tp_pipe_read(struct tp_trace *trace, void *buffer, size_t bytes);

/* The same without the copy: *data are the next bytes of the stream, as many as returned (0: none
 * now; or TP_EBUSY), valid until they are consumed (or tp_trace_close, tp_trace_configure). Then
 * consume as many of them as were used: 0; TP_EINVAL: more than were shown; TP_EBUSY. */
long tp_pipe_peek(struct tp_trace *trace, const void **data);
int tp_pipe_consume(struct tp_trace *trace, size_t bytes);

/* Lets the next reads include sub-buffers that are not complete, as they are now. */
void tp_pipe_flush(struct tp_trace *trace);

/*
 * To be called before a reader sleeps. True: there is nothing to read, and the port's
 * tp_port_doorbell will be called when a sub-buffer becomes complete, at a flush, and at
 * tp_trace_stop, perhaps before this returns. False: read on. While a writer is interrupted in a
 * sub-buffer that others have left, it is false though nothing can be read: let some time pass.
 */
bool tp_pipe_sleep(struct tp_trace *trace);

/*
 * The pipe of one CPU, where tp_config.cpu_pipes asked for them, instead of tp_pipe_read: a dump in
 * itself, with the records and losses of that CPU, for a kernel that has a reader for each. Calls
 * for different CPUs may overlap, and do not disturb each other. tp_pipe_flush is for all of them.
 * Together the dumps of all CPUs are what the pipe of all would have been: tpdecode takes them as
 * several files. A trace with one CPU has both kinds, and they are the same pipe.
 *
 * TP_EINVAL: no such CPU, or the trace has the pipe of all. Otherwise as above. tp_port_doorbell
 * must wake all readers that sleep on the trace: each looks again. It may ring once too often.
 */
long tp_cpu_pipe_read(struct tp_trace *trace, uint32_t cpu, void *buffer, size_t bytes);
bool tp_cpu_pipe_sleep(struct tp_trace *trace, uint32_t cpu);
bool tp_cpu_pipe_ended(struct tp_trace *trace, uint32_t cpu);

/*
 * The snapshot: a dump of all that the buffer holds at this moment, records in unfinished
 * sub-buffers too, while tracing goes on or not. It takes nothing away from the pipe.
 * tp_snapshot_begin begins one; then tp_snapshot_read gives its bytes, and 0 at its end. What is
 * overwritten before its turn comes is counted in it. Events not yet whole are counted, not waited
 * for. 0; TP_EBUSY if another call is inside; TP_EINVAL for a trace made by tp_trace_attach, or
 * with tp_config.no_snapshot.
 *
 * From the first byte read until tp_snapshot_read has answered 0 a snapshot belongs to its reader: a
 * trigger does not begin another one. The reader gives it up, at any byte, by calling
 * tp_snapshot_begin, which always begins anew.
 */
int tp_snapshot_begin(struct tp_trace *trace);
long tp_snapshot_read(struct tp_trace *trace, void *buffer, size_t bytes);

/* True after the end chunk of a stopped trace was consumed. */
bool tp_pipe_ended(struct tp_trace *trace);

/* The books of one CPU, since tp_trace_open: fired = read + unread + lost + unfinished. Exact while
 * no event is being fired there. */
struct tp_trace_stats {
    uint64_t read;       /* events exported through a pipe */
    uint64_t lost[5];    /* by enum tp_wire_lost; overwritten: before the pipe had read them */
    uint64_t unfinished; /* begun, not finished after a second, and passed over */
    uint32_t unread;     /* events recorded and not exported yet */
};

/* 0; TP_EINVAL: there is no such CPU; TP_EBUSY: its pipe is being read now. */
int tp_trace_stats(struct tp_trace *trace, uint32_t cpu, struct tp_trace_stats *stats);

/* 0 .. 7, and from 8 on for one of tp_trace_attach: what tp_port_doorbell is called with. Larger
 * than the number of any trace: there is no such trace. */
unsigned tp_trace_number(const struct tp_trace *trace);

/* What it was opened with, or last configured to, with defaults filled in. The name is the
 * caller's, NULL for one of tp_trace_attach. 0, TP_EINVAL, TP_EBUSY. */
int tp_trace_config(const struct tp_trace *trace, struct tp_config *config);

/* Events that came from a CPU number outside 0 .. cpus - 1. They are lost; the dump has their
 * number. 0 for a trace of tp_trace_attach. */
uint32_t tp_trace_strangers(const struct tp_trace *trace);

/*
 * Names a task, at its start and when its name changes: `id` is what the context word has, `group`
 * its process or the like, 0 if there is none. From any context. At most 24 bytes are kept. The
 * name goes into each running trace as a record, and into the table of each open trace
 * (tp_config.tasks), which is exported again with the metadata. A trace that is opened later knows
 * what the others know; one that is configured keeps its table unless `tasks` changes. While a
 * trace is opened or configured, or the table is being changed by the context that this call has
 * interrupted, the table does not get the name.
 */
void tp_task_name(uint32_t id, uint32_t group, const char *name);

/* A task has ended: its name stays for the records that it has left, and its place in each table is
 * the first that another task gets. From any context; as tp_task_name for a table that cannot be
 * changed now. */
void tp_task_gone(uint32_t id);

struct tp_task {
    uint32_t id, group;
    char name[25]; /* ended by a NUL */
};

/* Entry i of the table of a trace, in no order. False: it is not used, or there is no such
 * entry. */
bool tp_task_read(struct tp_trace *trace, uint32_t i, struct tp_task *task);

/* For a port with tp_port_clock_bits: call it at least twice in each wrap of the counter. */
void tp_clock_tick(void);

/* Sets the wall time of this moment, in nanoseconds since 1970-01-01 00:00 UTC: when it is known,
 * and when it was changed. Each pipe exports it with its next chunk. 0; TP_EBUSY: a call that this
 * one has interrupted is changing it or a name. */
int tp_clock_set_wall(uint64_t wall_ns);

#ifdef __cplusplus
#pragma GCC diagnostic pop
}
#endif
#endif
