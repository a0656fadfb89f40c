/* SPDX-License-Identifier: MIT */
/* What the engine's own files share. */
#ifndef TP_ENGINE_H
#define TP_ENGINE_H

#include <tp/event.h>
#include <tp/ring.h>
#include <tp/trace.h>
#include <tp/wire.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TP_VERSION "0.1.0"

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);

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

/* trace.c */
extern uint32_t tp_running; /* bit i: trace i is started */

/* ring.c */
void tp_ring_init(struct tp_ring *r, uint16_t cpu, uint8_t *data, uint32_t subbuf_bytes,
                  uint32_t subbufs, bool context);
uint64_t tp_count_read(const struct tp_count *c);
bool tp_ring_pin(struct tp_slot *s, unsigned index); /* sets s->ring; tp_port_unpin follows */
bool tp_ring_reserve(struct tp_slot *s); /* reserves s->word in s->ring; false: refused, counted */

/* event.c: the events of the image have the ids 1 to count. */
int tp_events_init(void);
uint32_t tp_events_count(void);
struct tp_event *tp_events_get(uint32_t id);
int tp_events_choose(uint32_t bit, const char *pattern, bool want, bool running);
void tp_events_run(uint32_t bit, bool running);
extern const struct tp_type_info {
    const char *name;
    uint8_t bytes; /* in the fixed part */
} tp_types[]; /* by enum tp_type */

/* metadata.c: writes the CBOR to out[room] and returns its length, which may be more. */
size_t tp_metadata_write(uint8_t *out, size_t room, const struct tp_config *config);

/* crc.c: CRC-32 as zlib's crc32(); start with 0. */
uint32_t tp_crc(uint32_t crc, const void *bytes, size_t count);
void tp_crc_init(void);

/* task.c: the names and the wall time as last told. */
#define TP_TASKS_MAX 64
struct tp_told {
    struct tp_wire_task task[TP_TASKS_MAX];
    struct tp_wire_clock clock;
    uint32_t tasks, clocks; /* valid entries */
};
void tp_told_copy(struct tp_told *out);

/* pipe.c: what the reader knows of one CPU. All of it is the reader's own. */
struct tp_reader {
    uint64_t records; /* events exported: the number of the next one */
    uint64_t lost[TP_LOST_CAUSES]; /* as last exported; they never go back */
    uint32_t offset;  /* sub-buffer `consumed` is exported up to here */
    uint32_t events;  /* events of it exported */
    uint32_t high;    /* upper half of the counter there */
    bool idle; /* nothing was recorded behind idle_cursor since idle_time */
    tp_word idle_cursor;
    uint64_t idle_time;
};

/* What is to be exported before more data. */
enum { TP_DUE_METADATA = 1, TP_DUE_TASKS = 2, TP_DUE_CLOCK = 4, TP_DUE_END = 8 };
#define TP_DUE_START (TP_DUE_METADATA | TP_DUE_TASKS | TP_DUE_CLOCK)

/* The export: one chunk in the making at a time. */
struct tp_pipe {
    struct tp_reader *reader; /* one for each CPU */
    const uint8_t *metadata;
    uint32_t metadata_bytes; /* padded to 8 */
    uint64_t stream;
    uint32_t flush;          /* asked for, by anybody */
    bool flushing, ended;
    uint32_t busy;           /* somebody is inside */

    struct tp_wire_chunk head; /* the chunk's header ... */
    const uint8_t *payload;    /* ... and its payload, where it lies */
    uint32_t done;             /* bytes consumed of both; head.size_bytes 0: no chunk */
    struct tp_slice {          /* what to do when it is consumed */
        struct tp_ring *ring;  /* NULL: nothing, it is no data */
        struct tp_reader *reader;
        uint32_t from, to, events, high;
        uint64_t time;
        bool whole; /* the sub-buffer is complete, this is its rest */
    } data;

    uint64_t side_seq;       /* chunks that are not data */
    uint32_t since_metadata; /* bytes exported since the last one */
    uint8_t due;             /* TP_DUE_* */
    uint32_t since_marks;    /* bytes of data exported since the last round of marks */
    bool ending;             /* the final marks are being made */
    uint32_t mark_cpu;       /* next one of the round */
    struct tp_told told;     /* a copy that stays as it is while it is exported */
};

struct tp_trace {
    struct tp_ring *ring; /* one for each CPU */
    uint32_t cpus;
    uint8_t index; /* of tp_rings */
    bool running;
    struct tp_pipe pipe;
};

#endif
