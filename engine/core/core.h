/* SPDX-License-Identifier: MIT */
/* What the files of the core share, and the layers above it may use. */
#ifndef TP_ENGINE_CORE_H
#define TP_ENGINE_CORE_H

#include "../event/events.h"

#include <tp/inner/ring.h>
#include <tp/trace.h>
#include <tp/wire.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first 8 bytes of a header, of a chunk or a region; one has not the other's last byte of magic. */
static inline void tp_header_init(void *header, uint8_t magic3)
{
    const struct {
        uint8_t magic[4];
        uint16_t order;
        uint8_t major, minor;
    } start = {.magic = {TP_WIRE_MAGIC0, TP_WIRE_MAGIC1, TP_WIRE_MAGIC2, magic3},
               .order = TP_WIRE_ORDER,
               .major = TP_WIRE_MAJOR,
               .minor = TP_WIRE_MINOR};

    __builtin_memcpy(__builtin_assume_aligned(header, 8), &start, sizeof(start));
}

/* The constant start of a chunk header. */
static inline void tp_chunk_init(struct tp_wire_chunk *h, uint8_t type)
{
    tp_header_init(h, TP_WIRE_MAGIC3);
    h->type = type;
    h->word_bytes = sizeof(void *);
    h->header_bytes = sizeof(*h);
}

/* state.c: which traces there are. The first TP_TRACES_MAX slots are live traces, by the bits of an
 * event's mask; then come those of tp_trace_attach. */
#define TP_SLOTS_MAX ((int)(TP_TRACES_MAX + TP_ATTACHED_MAX))
/* Between these two the trace can be neither closed nor configured. NULL: there is no trace, or it
 * is being closed or configured. From any context. */
struct tp_trace *tp_trace_get(unsigned index);
void tp_trace_put(unsigned index);
/* The same for a caller's pointer. The index, for tp_trace_put; TP_EINVAL: there is no such trace;
 * TP_EBUSY: it is being closed or configured. _live: TP_EINVAL for one of tp_trace_attach too. */
int tp_trace_hold(const struct tp_trace *trace);
int tp_trace_hold_live(const struct tp_trace *trace);
uint32_t tp_slot_generation(unsigned index); /* differs for each trace that the slot has held */
/* The lock of calls that open, close or start traces or change modules. False: it is taken. */
bool tp_change_lock(void);
void tp_change_unlock(void);
/* Under that lock: a free slot. TP_EBUSY: a trace lies in this memory; TP_ELIMIT: none is free. */
int tp_slot_find(const void *region, size_t bytes, bool previous);
int tp_slot_of(const struct tp_trace *trace); /* or TP_EINVAL; also without the lock */
void tp_slot_publish(struct tp_trace *trace); /* region_bytes must be set */
bool tp_slot_withdraw(unsigned index);        /* false: it is in use */
void tp_slot_restore(unsigned index);
void tp_slot_free(unsigned index); /* after it was withdrawn */

extern uint32_t tp_running; /* bit i: trace i is started */
bool tp_trace_runs(unsigned index);
/* From any context; does nothing if the trace is in that state already. */
void tp_trace_run(struct tp_trace *trace, bool running);

/* ring.c */
#ifndef TP_START_NUMBER
#define TP_START_NUMBER 0 /* of the first sub-buffer; tests start just below the wrap */
#endif
#define TP_HEAD_BYTES ((uint32_t)sizeof(struct tp_wire_chunk))
#define TP_COMMIT_UNITS(commit) ((commit)&0xffffu)
#define TP_COMMIT_EVENTS(commit) ((commit) >> 16)
/* Sizes of one sub-buffer. */
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
/* Only the constant part of a ring. */
void tp_ring_setup(struct tp_ring *r, uint16_t cpu, uint8_t *data, const struct tp_config *config,
                   uint64_t stream, struct tp_bell *bell);
/* All that was reserved in the sub-buffer, and its unused rest, is committed and visible. */
bool tp_ring_complete(const struct tp_ring *r, const struct tp_wire_chunk *h);
/* Turns the memory of the oldest sub-buffer, which must be complete or untouched, into the one at
 * `position`, which must be `limit`, and moves `limit` on. One caller at a time. */
void tp_ring_prepare(struct tp_ring *r, tp_word position);
uint64_t tp_count_read(const struct tp_count *c);
void tp_count_add(struct tp_count *c);
bool tp_ring_pin(struct tp_slot *s, unsigned index); /* sets s->ring; tp_ring_unpin follows */
void tp_ring_unpin(const struct tp_slot *s);
void tp_ring_bell(struct tp_bell *bell); /* wakes readers; after the store that they are to see */
bool tp_ring_reserve(struct tp_slot *s); /* reserves s->word in s->ring; false: refused, counted */

/* Stores a number of 1, 2, 4 or 8 bytes. */
static inline void tp_store_number(uint8_t *to, uint8_t bytes, uint64_t value)
{
    uint8_t v1 = (uint8_t)value;
    uint16_t v2 = (uint16_t)value;
    uint32_t v4 = (uint32_t)value;

    switch (bytes) {
    case 1:
        memcpy(to, &v1, 1);
        break;
    case 2:
        memcpy(to, &v2, 2);
        break;
    case 4:
        memcpy(to, &v4, 4);
        break;
    default:
        memcpy(to, &value, 8);
    }
}

/* The names of tasks that a trace knows, and the wall time; seam.h has what the core asks of them. */
struct tp_tasks {
    struct tp_wire_tasks *wire; /* in the region */
    struct tp_wire_task *task;
    uint32_t room, sets;                                      /* entries, and sets of them */
    uint32_t changes;                                         /* odd: an entry is being changed */
    uint32_t changing;                                        /* its index */
    struct tp_wire_task kept __attribute__((__aligned__(8))); /* and its old value */
    uint8_t *oldest; /* for each set, the entry to be replaced next */
};

/* read.c: how far one reader has come on one CPU. Only that reader uses it. */
struct tp_reader {
    struct tp_ring *ring;
    tp_word place; /* where the sub-buffer starts that is being read */
    tp_word until; /* snapshot: the cursor at its beginning, and what was lost until then */
    uint64_t until_lost[TP_LOST_OVERWRITTEN];
    uint64_t seq;                     /* number of that sub-buffer, without wrapping */
    uint64_t records;                 /* number of the next event */
    uint64_t lost[TP_LOST_CAUSES];    /* as last exported; they only grow */
    uint64_t read, unfinished;        /* events exported, and passed over */
    uint32_t offset;                  /* how much of the sub-buffer is exported */
    uint32_t events;                  /* and how many events */
    uint32_t hole_events, hole_bytes; /* of both: passed over as unfinished */
    uint32_t passed; /* whole events among hole_events, after a record without a length */
    uint32_t high;   /* upper half of the counter there */
    uint16_t flags;  /* for the next chunk: TP_CHUNK_UNFINISHED */
    bool snapshot;   /* reads what is there, gives nothing back, waits for no writer */
    bool based;      /* the dump has a number to count from */
    bool stuck;      /* an unfinished record is next, since stuck_time */
    bool idle;       /* nothing was recorded after idle_cursor since idle_time */
    bool owes;       /* some of what it has read is not given back */
    uint64_t stuck_time, idle_time;
    tp_word stuck_end;     /* the end of what was reserved in the sub-buffer then */
    uint32_t stuck_commit; /* its commit word then */
    uint32_t stuck_looks;
    tp_word idle_cursor;
};

/* The next whole records of a CPU, without a gap. */
struct tp_slice {
    struct tp_reader *reader;           /* NULL: none */
    uint64_t lost[TP_LOST_OVERWRITTEN]; /* before their sub-buffer */
    uint64_t time;                      /* of the first */
    uint32_t from, to;                  /* offsets in the sub-buffer */
    uint32_t events, high;              /* upper half of the counter after them */
    uint32_t word;                      /* of the record at `from`, loaded before the header */
    uint32_t end;                       /* offset where its records end, 0: not known yet */
    uint32_t missing;                   /* events missing after them (tp_trace_attach) */
    uint16_t flags;                     /* the flags that this gives the next chunk */
    bool whole;                         /* the sub-buffer is complete, this is its rest */
};
void tp_read_init(struct tp_reader *d, struct tp_ring *r, bool snapshot);
/* False: nothing can be read now. */
bool tp_read_find(struct tp_reader *d, bool stopped, struct tp_slice *s);
/* Copies the records out; false: they were overwritten meanwhile. */
bool tp_read_copy(const struct tp_slice *s, uint8_t *to);
void tp_read_done(const struct tp_slice *s);
/* Nothing is recorded after the reader's place; of a snapshot, or nothing that belongs to it. */
bool tp_read_drained(const struct tp_reader *d);
bool tp_read_was_left(const struct tp_reader *d); /* writers have gone on to another sub-buffer */
/* Events recorded and not read. Moves a place that is overwritten on to the oldest that is left. */
uint32_t tp_read_unread(struct tp_reader *d);
/* Sets d->lost to the counts of now; for a snapshot, of its beginning. */
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

/* The export, which makes one chunk at a time. */
struct tp_pipe {
    struct tp_reader *reader;    /* one for each CPU of the trace */
    uint32_t first_cpu, end_cpu; /* those that it reads */
    uint8_t *copy;               /* room for a sub-buffer; NULL: records are exported in place */
    uint16_t flags;              /* of all chunks */
    uint32_t flushes;            /* of the trace, as last seen */
    bool flushing, ended;
    bool reading;   /* snapshot: read in part, and not to its end */
    uint32_t busy;  /* a call is inside */
    uint32_t turns; /* calls so far */

    struct tp_wire_chunk head; /* the chunk's header ... */
    const uint8_t *payload;    /* ... and its payload, where it lies; NULL: metadata that is not
                                  kept, of which a window is in `side` */
    uint32_t done;             /* bytes consumed of both; head.size_bytes 0: no chunk */
    struct tp_slice data;      /* what is read when it is consumed */

    uint64_t side_seq;       /* chunks that are not data */
    uint32_t since_metadata; /* bytes exported since the last metadata */
    uint32_t metadata_bytes; /* its size */
    uint8_t due;             /* TP_DUE_* */
    uint32_t since_marks;    /* bytes of data exported since the last round of marks */
    bool ending;             /* the final marks are being made */
    uint32_t starts;         /* of the trace, as last seen */
    uint32_t mark_cpu;       /* next one of the round */
    uint64_t marks_time;     /* when the last round was over */
    uint32_t clocks;         /* number of wall time pairs, as last exported */
    uint32_t task;           /* next entry of the table to be exported */
    uint32_t counted;        /* events up to this id have been counted */
    uint32_t window;         /* offset in the metadata of what is in `side` */
    /* Payloads that are made for the pipe: tasks, counts, a clock pair, a window. */
    uint8_t side[TP_SIDE_BYTES] __attribute__((__aligned__(8)));
};

/* In the region, after the two headers. */
struct tp_trace {
    struct tp_ring *ring;    /* one for each CPU */
    uint8_t *metadata;       /* NULL: it is not kept */
    uint32_t metadata_bytes; /* padded to 8; grows by modules, release; pipes acquire */
    uint32_t spare_bytes;    /* room after it */
    uint32_t cpus;
    uint64_t stream;
    size_t region_bytes;
    uint8_t index; /* its slot; of tp_rings, if it is live */
    bool running;
    uint32_t starts;         /* times it was started */
    bool previous;           /* made by tp_trace_attach: read only */
    struct tp_config config; /* with its defaults filled in */
    struct tp_bell bell;
    uint32_t flushes;         /* how many were asked for */
    struct tp_pipe *pipe;     /* one of all CPUs, or one of each */
    struct tp_pipe *snapshot; /* NULL: there is none */
    struct tp_tasks tasks;
    uint32_t metadata_crc; /* of metadata that is not kept or was found, perhaps damaged */
};
#define TP_TRACE_AT (2 * TP_REGION_COPY_BYTES) /* in the region */

/* Makes the next chunk in p->head and p->payload. False: there is none now. */
bool tp_chunk_make(struct tp_trace *t, struct tp_pipe *p);
/* A chunk that is not data, of `n` entries of p->side. False: there are none. */
bool tp_chunk_make_side(const struct tp_trace *t, struct tp_pipe *p, uint8_t type, uint32_t n,
                        uint32_t entry_bytes);
/* *data is the payload from `at` on; returns how many bytes lie in one piece. */
uint32_t tp_chunk_part(const struct tp_trace *t, struct tp_pipe *p, uint32_t at, const void **data);
/* Events were added since the pipe exported the metadata. */
bool tp_chunk_metadata_grew(const struct tp_trace *t, const struct tp_pipe *p);

/* pipe.c: starts all pipes but the snapshot. */
void tp_pipes_init(struct tp_trace *t);
/* tp_snapshot_begin by a trigger, which holds the trace: TP_EBUSY if a snapshot is being read. */
int tp_snapshot_offer(struct tp_trace *t);

/* layout.c: where things are in a region. */
struct tp_layout {
    struct tp_config config; /* with its defaults filled in */
    size_t tasks, rings, readers, pipes, metadata, copies, data, total;
    size_t metadata_bytes;
};
void tp_layout_make(struct tp_layout *l, size_t metadata_bytes);
/* False: a sum has wrapped, as it may on 32-bit processors. */
bool tp_layout_fits(const struct tp_layout *l);
/* 0, or as tp_trace_open; with subbufs 0 the largest number that fits into `room`. */
int tp_layout_plan(const struct tp_config *config, size_t room, struct tp_layout *l);
uint32_t tp_layout_pipes(const struct tp_config *c); /* without the snapshot */
size_t tp_layout_padded(size_t bytes);               /* of metadata, with its padding */

/* trace.c: builds what is private in a region, but for the rings. */
struct tp_trace *tp_trace_build(uint8_t *base, const struct tp_layout *l, int slot,
                                uint64_t stream);
void tp_trace_describe(struct tp_trace *t); /* the size and checksum of metadata that is not kept */

/* region.c: the header of a region. */
bool tp_region_has_magic(const struct tp_wire_region *h);
uint32_t tp_region_crc(const struct tp_wire_region *h);
const struct tp_wire_region *tp_region_find(const uint8_t *base); /* the valid copy, or NULL */
void tp_region_fill(struct tp_wire_region *h, const struct tp_layout *l, uint64_t stream);
void tp_region_write(uint8_t *base, const struct tp_layout *l, uint64_t stream);
/* So many more bytes of its metadata are valid. */
void tp_region_grow(uint8_t *base, uint32_t bytes);

#endif
