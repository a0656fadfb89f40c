/* SPDX-License-Identifier: MIT */
/* What the files of the core share, and the layers above it may use. */
#ifndef TP_ENGINE_H
#define TP_ENGINE_H

#include <tp/inner/memory.h>

#include <tp/control.h>
#include <tp/event.h>
#include <tp/inner/ring.h>
#include <tp/trace.h>
#include <tp/version.h>
#include <tp/wire.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What every chunk header begins with. */
static inline void tp_chunk_init(struct tp_wire_chunk *h, uint8_t type)
{
    h->magic[0] = TP_WIRE_MAGIC0;
    h->magic[1] = TP_WIRE_MAGIC1;
    h->magic[2] = TP_WIRE_MAGIC2;
    h->magic[3] = TP_WIRE_MAGIC3;
    h->order = TP_WIRE_ORDER;
    h->major = TP_WIRE_MAJOR;
    h->minor = TP_WIRE_MINOR;
    h->type = type;
    h->word_bytes = sizeof(void *);
    h->header_bytes = sizeof(*h);
}

/* --- what is used by several, and may be withdrawn while nobody uses it ---
 *
 * One word: bit 0, it may be used; above, how often it is in use. A new use and the end of all of
 * it are decided by one compare-and-swap, so there is no moment in between. */
#define TP_USE_ALLOWED ((tp_word)1)
static inline bool tp_use_begin(tp_word *use)
{
    tp_word old;

    do {
        old = __atomic_load_n(use, __ATOMIC_RELAXED);
        if (!(old & TP_USE_ALLOWED))
            return false;
    } while (!tp_arch_word_cas(use, old, old + 2));
    return true;
}

static inline void tp_use_end(tp_word *use)
{
    tp_word old;

    do
        old = __atomic_load_n(use, __ATOMIC_RELAXED);
    while (!tp_arch_word_cas(use, old, old - 2));
}

/* Nobody uses it, and until tp_use_allow nobody will. False: somebody does. */
static inline bool tp_use_deny(tp_word *use)
{
    return tp_arch_word_cas(use, TP_USE_ALLOWED, 0);
}

static inline void tp_use_allow(tp_word *use)
{
    __atomic_store_n(use, TP_USE_ALLOWED, __ATOMIC_RELEASE);
}

/* state.c: which traces there are. The first TP_TRACES_MAX are live, by the bits of an event's mask;
 * then those of tp_trace_attach. */
#define TP_SLOTS_MAX ((int)(TP_TRACES_MAX + TP_ATTACHED_MAX))
/* Between these two the trace stays where it is, and is neither closed nor configured. NULL: there
 * is none, or it is being closed or configured. From any context. */
struct tp_trace *tp_trace_get(unsigned index);
void tp_trace_put(unsigned index);
/* The same of one that a caller has named: its index, for tp_trace_put; TP_EINVAL: there is no such
 * trace; TP_EBUSY: it is being closed or configured. _live: TP_EINVAL also for one of tp_trace_attach. */
int tp_trace_hold(const struct tp_trace *trace);
int tp_trace_hold_live(const struct tp_trace *trace);
uint32_t tp_slot_generation(unsigned index); /* another one for each trace that has the slot */
/* For what opens, closes, starts, adds and removes. False: somebody has it. */
bool tp_change_lock(void);
void tp_change_unlock(void);
/* With that lock. A free slot for a trace in this memory; TP_EBUSY: a trace lies there; TP_ELIMIT. */
int tp_slot_find(const void *region, size_t bytes, bool previous);
int tp_slot_of(const struct tp_trace *trace); /* or TP_EINVAL; also without the lock */
void tp_slot_publish(struct tp_trace *trace); /* its region_bytes is set */
bool tp_slot_withdraw(unsigned index);        /* false: somebody uses it */
void tp_slot_restore(unsigned index);
void tp_slot_free(unsigned index); /* after it was withdrawn */

extern uint32_t tp_running; /* bit i: trace i is started */
static inline bool tp_trace_runs(unsigned index)
{
    return index < TP_TRACES_MAX && __atomic_load_n(&tp_running, __ATOMIC_ACQUIRE) & 1u << index;
}
/* From any context; does nothing if it is so already. */
void tp_trace_run(struct tp_trace *trace, bool running);

/* ring.c */
#ifndef TP_START_NUMBER
#define TP_START_NUMBER 0 /* of the first sub-buffer; tests start just below the wrap */
#endif
#define TP_HEAD_BYTES ((uint32_t)sizeof(struct tp_wire_chunk))
#define TP_COMMIT_UNITS(commit) ((commit)&0xffffu)
#define TP_COMMIT_EVENTS(commit) ((commit) >> 16)
/* Of a sub-buffer. */
static inline uint32_t tp_ring_bytes(const struct tp_ring *r)
{
    return (uint32_t)r->mask + 1;
}
static inline uint32_t tp_ring_units(const struct tp_ring *r)
{
    return tp_ring_bytes(r) / TP_RECORD_UNIT;
}
void tp_ring_init(struct tp_ring *r, uint16_t cpu, uint8_t *data, const struct tp_config *config,
                  uint64_t stream, struct tp_bell *bell);
/* The constant part of it. */
void tp_ring_setup(struct tp_ring *r, uint16_t cpu, uint8_t *data, const struct tp_config *config,
                   uint64_t stream, struct tp_bell *bell);
/* All that was reserved in it and its unused rest are committed, and what they were is visible. */
bool tp_ring_complete(const struct tp_ring *r, const struct tp_wire_chunk *h);
/* Makes the memory of the oldest sub-buffer, which must be complete or untouched, into the one at
 * `position`, which must be `limit`, and moves that on. One caller at a time. */
void tp_ring_prepare(struct tp_ring *r, tp_word position);
uint64_t tp_count_read(const struct tp_count *c);
void tp_count_add(struct tp_count *c);
bool tp_ring_pin(struct tp_slot *s, unsigned index); /* sets s->ring; tp_ring_unpin follows */
void tp_ring_unpin(const struct tp_slot *s);
void tp_ring_bell(struct tp_bell *bell); /* wakes a reader; after what it is to see was stored */
bool tp_ring_reserve(struct tp_slot *s); /* reserves s->word in s->ring; false: refused, counted */

/* event.c: the registry, the rest of which is in tp/control.h. Pipes and triggers go along the
 * sections at any time. One that has gone stays in the list, to be used again. */
struct tp_section {
    struct tp_section *next;
    struct tp_event *const *start;
    uint32_t first, count; /* ids */
    uint32_t gone;         /* the epoch when it went */
    bool used, linked;
};
extern struct tp_section tp_image; /* the image's, and the first */
extern tp_word tp_walks;           /* by who walks along the events of modules: tp_use_begin */
bool tp_events_alone(void);        /* no module has any now; with tp_change_lock */
void tp_section_number(struct tp_event *const *start, uint32_t count); /* the next ids */
void tp_section_enter(struct tp_section *s, struct tp_event *const *start, uint32_t count);
/* Between these two no module is removed: for who walks along the events. False: one is being. */
bool tp_events_begin(void);
void tp_events_end(void);
extern const struct tp_type_info {
    const char *name;
    uint8_t bytes; /* in the fixed part */
    bool tail;
} tp_types[]; /* by enum tp_type */

/* check.c */
/* Numbers the events of the image; with tp_change_lock. */
int tp_events_init(void);
int tp_section_check(struct tp_event *const *start, struct tp_event *const *stop);

/* choose.c: the events that match. */
/* The next one after `id`, which becomes its own, or NULL. */
struct tp_event *tp_event_next_match(uint32_t *id, const char *pattern);
int tp_events_choose(unsigned trace, const char *pattern, bool want);
/* values.c */
uint32_t tp_emit_bytes(const struct tp_event *e, const struct tp_filter_value *v);
void tp_emit_fill(uint8_t *fields, const struct tp_event *e, const struct tp_filter_value *v);
void tp_emit_store(uint8_t *to, uint8_t bytes, uint64_t value); /* 1, 2, 4 or 8 of them */
/* A record in each of these traces. */
void tp_emit_all(const struct tp_event *e, const struct tp_filter_value *v, uint32_t bytes,
                 uint32_t traces);

/* metadata.c: writes the CBOR from byte `from` on to out[room] and returns its length, which may be
 * more. */
size_t tp_metadata_write(uint8_t *out, size_t from, size_t room, const struct tp_config *config);
/* The same for what follows it: events of a module. */
size_t tp_metadata_more(uint8_t *out, size_t room, struct tp_event *const *start, uint32_t count);
/* The checksum of all of it, padded; out[room] is used for that. */
uint32_t tp_metadata_crc(uint8_t *out, size_t room, const struct tp_config *config);
uint32_t tp_metadata_events_crc(void); /* which events there are: doc/format.md section 11 */

/* crc.c: CRC-32 as zlib's crc32(); start with 0. */
uint32_t tp_crc(uint32_t crc, const void *bytes, size_t count);
void tp_crc_init(void);

/* task.c: the names of tasks that a trace knows, and the wall time. */
struct tp_tasks {
    struct tp_wire_told *told; /* in the region */
    uint32_t room, sets;       /* entries, and sets of them */
    uint32_t changes;          /* odd: one is being changed */
    uint32_t changing;         /* then: which */
    struct tp_wire_task kept;  /* and what it was */
    uint8_t *oldest;           /* by set: its entry that is replaced next */
};
extern struct tp_tasks *tp_task_tables[TP_TRACES_MAX]; /* of open traces, or NULL */
void tp_tasks_init(struct tp_tasks *n, struct tp_wire_told *told, uint32_t room);
size_t tp_tasks_bytes(uint32_t room);
void tp_tasks_inherit(struct tp_trace *trace); /* what other traces know */
void tp_tasks_wall(struct tp_trace *trace);    /* the wall time, if it is known */
/* name[TP_TASK_NAME_BYTES]: of a task, or zeros. The caller records into the trace, so it stays open. */
void tp_task_find(unsigned trace, uint32_t id, uint8_t *name);
void tp_task_find_any(uint32_t id, uint8_t *name);
/* False: it is unused. */
bool tp_task_entry(const struct tp_tasks *n, uint32_t entry, struct tp_wire_task *out);
/* False: not now. */
bool tp_clock_entry(const struct tp_wire_told *told, struct tp_wire_clock *out);

/* read.c: how far one reader has come on one CPU. All of it is the reader's own. */
struct tp_reader {
    struct tp_ring *ring;
    tp_word place; /* position where the sub-buffer starts that is read */
    tp_word until; /* snapshot: the cursor when it was begun, and what was lost till then */
    uint64_t until_lost[TP_LOST_OVERWRITTEN];
    uint64_t seq;                     /* number of that sub-buffer, without wrapping */
    uint64_t records;                 /* number of the next event */
    uint64_t lost[TP_LOST_CAUSES];    /* as last exported; they never go back */
    uint64_t read, unfinished;        /* events exported, and passed over */
    uint32_t offset;                  /* of it, this much is exported */
    uint32_t events;                  /* and so many events */
    uint32_t hole_events, hole_bytes; /* and these were passed over, being unfinished */
    uint32_t passed; /* whole events among hole_events, behind what has no length */
    uint32_t high;   /* upper half of the counter there */
    uint16_t flags;  /* for the next chunk: TP_CHUNK_UNFINISHED */
    bool snapshot;   /* reads what is there, gives nothing back, waits for nobody */
    bool told;       /* the dump has a number to count from */
    bool stuck;      /* an unfinished record is next, since stuck_time */
    bool idle;       /* nothing was recorded behind idle_cursor since idle_time */
    uint64_t stuck_time, idle_time;
    tp_word stuck_end;     /* up to where records were reserved in the sub-buffer then */
    uint32_t stuck_commit; /* its commit word then */
    uint32_t stuck_looks;
    tp_word idle_cursor;
};

/* The next records of a CPU, whole, in a row. */
struct tp_slice {
    struct tp_reader *reader;           /* NULL: none */
    uint64_t lost[TP_LOST_OVERWRITTEN]; /* before their sub-buffer */
    uint64_t time;                      /* of the first */
    uint32_t from, to;                  /* offsets in the sub-buffer */
    uint32_t events, high;              /* upper half of the counter behind them */
    uint32_t word;                      /* of the record at `from`, looked at before `head` */
    uint32_t end;                       /* offset where its records end, 0: not known yet */
    uint32_t missing;                   /* what tp_trace_attach found after them, */
    uint16_t flags;                     /* and what that means for the next chunk */
    bool whole;                         /* the sub-buffer is complete, this is its rest */
};
void tp_read_init(struct tp_reader *d, struct tp_ring *r, bool snapshot);
/* False: there is nothing now. */
bool tp_read_find(struct tp_reader *d, bool stopped, struct tp_slice *s);
/* Copies the records out; false: they were overwritten meanwhile. */
bool tp_read_copy(const struct tp_slice *s, uint8_t *to);
void tp_read_done(const struct tp_slice *s);
/* Nothing is recorded behind the reader's place. */
bool tp_read_drained(const struct tp_reader *d);
/* Events that are recorded and not read. Moves d on to what is left. */
uint32_t tp_read_unread(struct tp_reader *d);
/* Brings d->lost up to now; a snapshot's to when it was begun. */
void tp_read_lost(struct tp_reader *d);

/* chunk.c: what is to be exported before more data. */
enum {
    TP_DUE_METADATA = 1,
    TP_DUE_TASKS = 2,
    TP_DUE_CLOCK = 4,
    TP_DUE_END = 8,
    TP_DUE_COUNTS = 16
};
#define TP_DUE_START (TP_DUE_METADATA | TP_DUE_TASKS | TP_DUE_CLOCK | TP_DUE_COUNTS)

/* The export: one chunk in the making at a time. */
struct tp_pipe {
    struct tp_reader *reader;    /* one for each CPU of the trace */
    uint32_t first_cpu, end_cpu; /* those that it reads */
    uint8_t *copy;    /* room for a sub-buffer; NULL: records are taken from where they are */
    uint16_t flags;   /* of all chunks */
    uint32_t flushes; /* of the trace, as last seen */
    bool flushing, ended;
    bool reading;   /* the snapshot: from its first byte until it was read to its end */
    uint32_t busy;  /* a call is inside */
    uint32_t turns; /* calls so far */

    struct tp_wire_chunk head; /* the chunk's header ... */
    const uint8_t *payload;    /* ... and its payload, where it lies; NULL: metadata that is not
                                  kept, of which a window is in `side` */
    uint32_t done;             /* bytes consumed of both; head.size_bytes 0: no chunk */
    struct tp_slice data;      /* what is read when it is consumed */

    uint64_t side_seq;       /* chunks that are not data */
    uint32_t since_metadata; /* bytes exported since the last one */
    uint32_t metadata_bytes; /* of that */
    uint8_t due;             /* TP_DUE_* */
    uint32_t since_marks;    /* bytes of data exported since the last round of marks */
    bool ending;             /* the final marks are being made */
    uint32_t starts;         /* of the trace, as last seen */
    uint32_t mark_cpu;       /* next one of the round */
    uint32_t clocks;         /* pairs of wall time told, as last exported */
    uint32_t task;           /* next entry of the table to be exported */
    uint32_t counted;        /* events up to this id have been counted */
    uint32_t window;         /* where in the metadata `side` is from */
    /* Payloads that are made for the pipe: tasks, counts, a clock pair, a window. */
    uint8_t side[TP_SIDE_BYTES] __attribute__((__aligned__(8)));
};

/* In the region, behind the two headers. */
struct tp_trace {
    struct tp_ring *ring;    /* one for each CPU */
    uint8_t *metadata;       /* NULL: it is not kept */
    uint32_t metadata_bytes; /* padded to 8; grows by modules, release; pipes acquire */
    uint32_t spare_bytes;    /* room behind it */
    uint32_t cpus;
    uint64_t stream;
    size_t region_bytes;
    uint8_t index; /* its slot; of tp_rings, if it is live */
    bool running;
    uint32_t starts;         /* times it was started */
    bool previous;           /* tp_trace_attach has made it: to be read only */
    struct tp_config config; /* nothing left to choose */
    struct tp_bell bell;
    uint32_t flushes;         /* times that one was asked for, by anybody */
    struct tp_pipe *pipe;     /* one of all CPUs, or one of each */
    struct tp_pipe *snapshot; /* NULL: there is none */
    struct tp_tasks tasks;
    uint32_t metadata_crc; /* if it is not kept */
};
#define TP_TRACE_AT (2 * TP_REGION_COPY_BYTES) /* in the region */

/* Makes the chunk that comes next in p->head and p->payload. False: there is none now. */
bool tp_chunk_make(struct tp_trace *t, struct tp_pipe *p);
/* The payload from `at` on, as much as lies in one piece. */
uint32_t tp_chunk_part(const struct tp_trace *t, struct tp_pipe *p, uint32_t at, const void **data);
/* Events came to it since it was exported. */
bool tp_chunk_metadata_grew(const struct tp_trace *t, const struct tp_pipe *p);

/* pipe.c: all but the snapshot's begin. */
void tp_pipes_init(struct tp_trace *t);
/* A trigger's tp_snapshot_begin of a live trace that it uses: TP_EBUSY if one is being read. */
int tp_snapshot_offer(struct tp_trace *t);

/* layout.c: where things are in a region. */
struct tp_layout {
    struct tp_config config; /* nothing left to choose */
    size_t tasks, rings, readers, pipes, metadata, copies, data, total;
    size_t metadata_bytes;
};
void tp_layout_make(struct tp_layout *l, size_t metadata_bytes);
/* Its sums have not wrapped, as they may on 32-bit processors. */
bool tp_layout_fits(const struct tp_layout *l);
/* 0 and the layout; with subbufs 0 the largest number that fits into `room`. */
int tp_layout_plan(const struct tp_config *config, size_t room, struct tp_layout *l);
uint32_t tp_layout_pipes(const struct tp_config *c); /* without the snapshot */
uint32_t tp_layout_tasks(const struct tp_config *c); /* entries of the table */
size_t tp_layout_copies(const struct tp_config *c);  /* sub-buffers to copy to */
size_t tp_layout_padded(size_t bytes);               /* as what is in the metadata */

/* trace.c: all of the private part, without the rings and the header. */
struct tp_trace *tp_trace_build(uint8_t *base, const struct tp_layout *l, int slot,
                                uint64_t stream);

/* region.c: the header of a region. */
bool tp_region_has_magic(const struct tp_wire_region *h);
uint32_t tp_region_crc(const struct tp_wire_region *h);
const struct tp_wire_region *tp_region_find(const uint8_t *base); /* the copy that holds, or NULL */
void tp_region_fill(struct tp_wire_region *h, const struct tp_layout *l, uint64_t stream);
void tp_region_write(uint8_t *base, const struct tp_layout *l, uint64_t stream);
/* So many bytes more of its metadata are valid. */
void tp_region_grow(uint8_t *base, uint32_t bytes);

#endif
