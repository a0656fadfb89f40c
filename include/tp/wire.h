/* SPDX-License-Identifier: MIT */
/*
 * tp/wire.h - the bytes of a dump: chunk header, record header, limits.
 *
 * This is doc/format.md in C. Engine and decoder both include it and share
 * nothing else. It knows no kernel, no libc and no byte order but the native
 * one: a reader on a foreign machine swaps after looking at `order`.
 *
 *     struct tp_wire_chunk h;
 *     memcpy(&h, bytes, sizeof(h));
 *     if (h.order == TP_WIRE_ORDER && h.major == TP_WIRE_MAJOR)
 *         payload = bytes + h.header_bytes;
 */
#ifndef TP_WIRE_H
#define TP_WIRE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define TP_WIRE_ASSERT(cond, text) static_assert(cond, text)
#else
#define TP_WIRE_ASSERT(cond, text) _Static_assert(cond, text)
#endif

/* The first four bytes of every chunk. F5 and FA occur in no UTF-8 text. */
#define TP_WIRE_MAGIC0 0xf5u
#define TP_WIRE_MAGIC1 0x74u /* 't' */
#define TP_WIRE_MAGIC2 0x70u /* 'p' */
#define TP_WIRE_MAGIC3 0xfau

#define TP_WIRE_ORDER 0x0102u         /* reads 0x0201 in the other byte order */
#define TP_WIRE_MAJOR 1u              /* a reader refuses a newer major */
#define TP_WIRE_MINOR 0u              /* and reads any minor of its major */

/* Why an event that was fired is not in the dump; index into lost[]. */
enum tp_wire_lost {
    TP_LOST_FULL = 0,        /* discard mode: no free sub-buffer */
    TP_LOST_NESTED = 1,      /* overwrite mode: the oldest sub-buffer still belongs to an
                                interrupted writer */
    TP_LOST_OVERSIZE = 2,    /* the record is larger than a sub-buffer or a length can hold */
    TP_LOST_RECURSION = 3,   /* fired by the tracer's own port hooks */
    TP_LOST_OVERWRITTEN = 4, /* overwrite mode: gone before it was read */
    TP_LOST_CAUSES = 5
};

enum tp_wire_chunk_type {
    TP_CHUNK_METADATA = 1, /* CBOR: clock, events, names of values */
    TP_CHUNK_DATA = 2,     /* records of one CPU; none: a mark with counts and time */
    TP_CHUNK_TASKS = 3,    /* struct tp_wire_task[] */
    TP_CHUNK_CLOCK = 4,    /* struct tp_wire_clock[] */
    TP_CHUNK_END = 5,      /* tracing stopped and everything was exported */
    TP_CHUNK_COUNTS = 6    /* struct tp_wire_count[] */
};

/* Chunk flags. A reader skips a chunk that has a flag of the low byte it does
 * not know, and ignores unknown flags of the high byte. */
#define TP_CHUNK_CONTEXT 0x0001u   /* data: each event carries a context word */
#define TP_CHUNK_ZLIB 0x0002u      /* the payload is u32 size, then a zlib stream */
#define TP_CHUNK_LIVE 0x0004u      /* in memory only: no CRCs, payload_crc is the commit word */
#define TP_CHUNK_OVERWRITE 0x0100u /* data: written in overwrite mode */
#define TP_CHUNK_UNFINISHED 0x0200u /* data: of those missing before it, some were begun */
#define TP_CHUNK_DAMAGED 0x0400u    /* data: before it memory was damaged, records uncounted */
#define TP_CHUNK_PREVIOUS 0x0800u   /* any: recovered from what an earlier boot left */
#define TP_CHUNK_SNAPSHOT 0x1000u   /* end: of a copy, tracing may have gone on */
#define TP_CHUNK_MUST_KNOW 0x00ffu

#define TP_CHUNK_NO_CPU 0xffffu /* cpu of chunks that are not data, in a dump of all CPUs */

struct tp_wire_chunk {
    uint8_t magic[4];
    uint16_t order;        /* TP_WIRE_ORDER in the writer's byte order */
    uint8_t major, minor;  /* TP_WIRE_MAJOR, TP_WIRE_MINOR */
    uint8_t type;          /* enum tp_wire_chunk_type */
    uint8_t word_bytes;    /* size of a pointer of the traced kernel: 4 or 8 */
    uint16_t header_bytes; /* offset of the payload; grows with the minor version */
    uint16_t flags;        /* TP_CHUNK_* */
    uint16_t cpu;          /* 0 .. 65534, or TP_CHUNK_NO_CPU */
    uint32_t size_bytes;   /* header and payload, a multiple of 8 */
    uint32_t records;      /* events in the payload (tasks, clock pairs) */
    uint32_t payload_crc;  /* CRC-32C of the bytes after the header */
    uint32_t header_crc;   /* CRC-32C of the header without these four bytes */
    uint64_t stream;       /* the same in all chunks of one capture */
    uint64_t seq;          /* data: number of the sub-buffer; else: running number */
    uint64_t time;         /* counter at the first record, or when the chunk was made */
    uint64_t first_record; /* data: number of the first event, counting from 0 per CPU */
    uint64_t lost[TP_LOST_CAUSES]; /* data: events lost on this CPU before first_record */
};

#define TP_WIRE_CHUNK_BYTES 104u

TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, order) == 4, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, major) == 6, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, minor) == 7, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, type) == 8, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, word_bytes) == 9, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, header_bytes) == 10, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, flags) == 12, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, cpu) == 14, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, size_bytes) == 16, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, records) == 20, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, payload_crc) == 24, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, header_crc) == 28, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, stream) == 32, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, seq) == 40, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, time) == 48, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, first_record) == 56, "chunk layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_chunk, lost) == 64, "chunk layout");
TP_WIRE_ASSERT(sizeof(struct tp_wire_chunk) == TP_WIRE_CHUNK_BYTES, "chunk layout");

/* Before each record. The word has id, length and whether the record is whole. */
struct tp_wire_record {
    uint32_t time_low; /* low half of the counter; see doc/format.md section 6 */
    uint32_t word;
};

TP_WIRE_ASSERT(sizeof(struct tp_wire_record) == 8, "record layout");

#define TP_RECORD_UNIT 8u                 /* lengths count units of 8 bytes */
#define TP_RECORD_ID(w) ((w) & 0xffffu)
#define TP_RECORD_UNITS(w) (((w) >> 16) & 0xfffu) /* header included */
#define TP_RECORD_COMMITTED 0x80000000u
#define TP_RECORD_WORD(id, units) ((uint32_t)(id) | (uint32_t)(units) << 16)
#define TP_RECORD_UNITS_MAX 4095u

#define TP_ID_NONE 0u            /* never an event */
#define TP_ID_EVENT_MAX 0xfeffu  /* ids above are the tracer's own: not counted, no context word */
#define TP_ID_UNFINISHED 0xfffdu /* a record that was in flight, as far as it was written */
#define TP_ID_TASK 0xfffeu       /* struct tp_wire_task */
#define TP_ID_TIME 0xffffu       /* uint64_t: the whole counter */

/* The context word: 8 bytes before an event's fields. */
struct tp_wire_context {
    uint32_t pid;
    uint8_t flags;         /* TP_CTX_* */
    uint8_t preempt_depth; /* 0: preemptible */
    uint16_t zero;
};

TP_WIRE_ASSERT(sizeof(struct tp_wire_context) == 8, "context layout");

#define TP_CTX_IRQS_OFF 0x01u
#define TP_CTX_NEED_RESCHED 0x02u
#define TP_CTX_SOFTIRQ 0x04u
#define TP_CTX_HARDIRQ 0x08u
#define TP_CTX_NMI 0x10u

/* str and bytes in the fixed part of a record: how much of the tail is theirs. */
#define TP_TAIL_BYTES(v) ((v) & 0x7fffu)
#define TP_TAIL_CUT 0x8000u /* the value was longer, and was cut to a limit */

#define TP_TASK_NAME_BYTES 24u
struct tp_wire_task {
    uint32_t id;                      /* of the task, as in the context word */
    uint32_t group;                   /* of its process or the like; 0: none */
    uint8_t name[TP_TASK_NAME_BYTES]; /* padded with NUL; not ended by one at full length */
};

TP_WIRE_ASSERT(offsetof(struct tp_wire_task, group) == 4, "task layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_task, name) == 8, "task layout");
TP_WIRE_ASSERT(sizeof(struct tp_wire_task) == 32, "task layout");

struct tp_wire_clock {
    uint64_t ticks;   /* counter */
    uint64_t wall_ns; /* nanoseconds since 1970-01-01 00:00 UTC at that moment */
};

TP_WIRE_ASSERT(sizeof(struct tp_wire_clock) == 16, "clock layout");

/* What was counted of an event instead of recording it, since the start. */
enum tp_wire_count_kind {
    TP_COUNT_SUPPRESSED = 1, /* it passed the filter; sampling or a rate left it out */
    TP_COUNT_UNKNOWN_CPU = 2 /* fired on a CPU that the trace does not have; id 0: all events */
};

struct tp_wire_count {
    uint32_t id;   /* of the event; 0: of all */
    uint32_t kind; /* enum tp_wire_count_kind; a reader ignores others */
    uint64_t count;
};

TP_WIRE_ASSERT(offsetof(struct tp_wire_count, kind) == 4, "count layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_count, count) == 8, "count layout");
TP_WIRE_ASSERT(sizeof(struct tp_wire_count) == 16, "count layout");

/*
 * A region of memory, as it can be found in an image of it; doc/region.md.
 * It starts with two copies of this header, so that one is good at any moment.
 */
#define TP_REGION_MAGIC3 0xfbu /* the other three are those of a chunk */
#define TP_REGION_COPY_BYTES 128u

struct tp_wire_region {
    uint8_t magic[4];
    uint16_t order;
    uint8_t major, minor;
    uint8_t copy;            /* 0, 1: it is at copy * TP_REGION_COPY_BYTES */
    uint8_t word_bytes;
    uint16_t header_bytes;
    uint32_t header_crc;     /* CRC-32C of the header without these four bytes */
    uint32_t generation;     /* the newer of two good copies holds */
    uint16_t flags;          /* TP_CHUNK_CONTEXT, TP_CHUNK_OVERWRITE */
    uint16_t zero;
    uint64_t stream;
    uint64_t region_bytes;
    uint32_t cpus;
    uint32_t subbuf_bytes;
    uint32_t subbufs;        /* for each CPU */
    uint32_t metadata_bytes; /* padded to 8; 0: the region has none */
    uint32_t metadata_crc;
    uint32_t ring_bytes;     /* from one ring state to the next */
    uint64_t metadata_at, tasks_at, rings_at, data_at;     /* offsets in the region */
    uint16_t cursor_at, limit_at, gone_at, lost_at;       /* offsets in a ring state */
    uint32_t spare_bytes;    /* zeros after the metadata, for more of it */
    uint32_t tasks;          /* entries of the table of tasks */
    uint32_t events, events_crc; /* of the kernel itself; doc/region.md */
    uint8_t reserved[8];
};

#define TP_REGION_HEADER_BYTES 128u

/* At tasks_at, followed by `tasks` of struct tp_wire_task. The pair of wall time that was set last is
 * clock[(clocks - 1) % 2]; entries without a name are not used. */
struct tp_wire_tasks {
    struct tp_wire_clock clock[2];
    uint32_t clocks; /* pairs set so far */
    uint32_t zero;
};

TP_WIRE_ASSERT(offsetof(struct tp_wire_tasks, clocks) == 32, "tasks layout");
TP_WIRE_ASSERT(sizeof(struct tp_wire_tasks) == 40, "tasks layout");

TP_WIRE_ASSERT(offsetof(struct tp_wire_region, copy) == 8, "region layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_region, header_crc) == 12, "region layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_region, generation) == 16, "region layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_region, stream) == 24, "region layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_region, cpus) == 40, "region layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_region, metadata_crc) == 56, "region layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_region, metadata_at) == 64, "region layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_region, data_at) == 88, "region layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_region, cursor_at) == 96, "region layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_region, lost_at) == 102, "region layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_region, spare_bytes) == 104, "region layout");
TP_WIRE_ASSERT(offsetof(struct tp_wire_region, events_crc) == 116, "region layout");
TP_WIRE_ASSERT(sizeof(struct tp_wire_region) == TP_REGION_HEADER_BYTES, "region layout");

/* Limits, which a writer keeps and a reader checks. */
#define TP_LIMIT_CHUNK_BYTES (16u << 20)
#define TP_LIMIT_METADATA_BYTES (4u << 20)
#define TP_LIMIT_FIELDS 16u
#define TP_LIMIT_NAME_BYTES 127u   /* subsystem, event, field, table, value */
#define TP_LIMIT_FORMAT_BYTES 1023u
#define TP_LIMIT_TABLE_VALUES 4096u
#define TP_LIMIT_TAIL_BYTES 32000u /* one str or bytes field */
#define TP_LIMIT_TASKS 65536u
#define TP_LIMIT_COUNT (1ull << 52) /* events and losses that a ring state counts: less than that */
#define TP_LIMIT_SUBBUF_BYTES_MIN 512u
#define TP_LIMIT_SUBBUF_BYTES_MAX (256u << 10)

#endif
