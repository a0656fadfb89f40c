/* SPDX-License-Identifier: MIT */
/*
 * metadata.h - what the metadata of a stream says: clock, events, names.
 *
 * Later metadata may add events and never changes one. What is broken about
 * one event costs that event only.
 */
#ifndef METADATA_H
#define METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <tp/wire.h>

#include "base/mem.h"

struct diag_file;

#define METADATA_MEMORY_BYTES (19u << 20) /* events and tables of one stream */
#define METADATA_SALVAGES_MAX 8u          /* damaged payloads that are looked at, of one stream */

enum metadata_type {
    METADATA_UNSIGNED,
    METADATA_SIGNED,
    METADATA_BOOL,
    METADATA_CHAR,
    METADATA_PTR,
    METADATA_STR,
    METADATA_BYTES,
    METADATA_FLOAT
};

struct metadata_text {
    const char *bytes;
    uint32_t n;
};

struct metadata_value {
    bool negative;
    uint64_t bits;  /* two's complement */
    uint32_t index; /* place in the definition */
    struct metadata_text name;
};

struct metadata_table {
    struct metadata_text name;
    bool flags;
    bool damaged; /* its events are not to be used */
    uint32_t count;
    struct metadata_value *values; /* enum: sorted; flags: as defined */
};

struct metadata_field {
    struct metadata_text name;
    struct metadata_text type_name;
    enum metadata_type type;
    uint8_t width; /* bytes of one element */
    uint8_t tail;  /* str, bytes, sequences: which tail it is */
    bool array;    /* a sequence as well */
    bool sequence; /* `count` is the most that there are */
    uint32_t at, size, count;
    const struct metadata_table *table;
};

/* Where the kernel was, and which it was: as far as `known`, by METADATA_BASE and so on. */
#define METADATA_BASE 1u
#define METADATA_BUILD_ID 2u
#define METADATA_MACHINE 4u
#define METADATA_ID_BYTES 64u /* of a build id; a longer one is not read */

struct metadata_image {
    uint32_t known;
    uint64_t base;    /* of the lowest byte that is loaded */
    uint64_t machine; /* e_machine of ELF */
    uint32_t build_id_bytes;
    uint8_t build_id[METADATA_ID_BYTES]; /* as in the GNU note */
};

struct format; /* the compiled fmt, see format.h */

struct metadata_event {
    uint32_t id;
    uint32_t bytes; /* fixed part */
    uint32_t field_count, tail_count;
    struct metadata_text sys, name, fmt;
    struct metadata_field *fields;
    uint16_t tail_at[TP_LIMIT_FIELDS];  /* where the u16 of each tail is */
    uint8_t tail_mask[TP_LIMIT_FIELDS]; /* bits that are clear in its length */
    struct metadata_text role;          /* CBOR, a map; n is 0 if it has none */
    const struct format *format;
    uint64_t hash; /* of schema.h; 0: not asked for yet */
    bool told;     /* the library has given a row of it */
};

struct metadata {
    bool known;          /* there was one */
    uint64_t clock_told; /* counts a second; 0: not known yet */
    uint64_t clock_hz;   /* what is taken for it (stream.c) */
    uint64_t cpus;
    struct metadata_text tool;
    struct metadata_text clock_name; /* what is counted; n is 0 if that is not said, as below */
    struct metadata_text buffer;     /* its name */
    struct metadata_text mode;       /* of the buffer: discard, overwrite */
    uint64_t subbuf_bytes, subbufs;  /* of each CPU; 0: not said */
    struct metadata_text host;       /* which machine */
    struct metadata_image image;
    struct metadata_event **events; /* by id */
    uint32_t event_slots;
    struct mem_arena arena;
    uint32_t salvaged; /* payloads */
    uint32_t last_crc; /* of the payload that was read last */
    size_t last_bytes;
};

/* Is a payload that one which was read last? The engine repeats it every MiB: it need not be read again. */
bool metadata_repeats(const struct metadata *m, size_t n, uint32_t crc);
/* Adds what a payload says. False if it cannot be used; the reason was reported. */
bool metadata_read(struct metadata *m, const uint8_t *payload, size_t n, uint32_t crc,
                   struct diag_file *diag, uint64_t chunk_index);
/* The same of a payload whose checksum is wrong: the clock, and events and tables with a checksum of
 * their own, if that is right. False: nothing new. */
bool metadata_salvage_read(struct metadata *m, const uint8_t *payload, size_t n,
                           struct diag_file *diag, uint64_t chunk_index);
void metadata_free(struct metadata *m);

static inline const struct metadata_event *metadata_event(const struct metadata *m, uint32_t id)
{
    return id < m->event_slots ? m->events[id] : NULL;
}

static inline bool metadata_same(const struct metadata_text *a, const struct metadata_text *b)
{
    return a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}

/* sys and name of an event with something between, as sys:name or sys_name, and a NUL. */
#define METADATA_JOINED_BYTES (2 * TP_LIMIT_NAME_BYTES + 2)
static inline struct metadata_text metadata_join(const struct metadata_event *e, char between,
                                                 char to[METADATA_JOINED_BYTES])
{
    memcpy(to, e->sys.bytes, e->sys.n);
    to[e->sys.n] = between;
    memcpy(to + e->sys.n + 1, e->name.bytes, e->name.n);
    to[e->sys.n + 1 + e->name.n] = '\0';
    return (struct metadata_text){to, e->sys.n + 1 + e->name.n};
}

/* Are its bytes in a tail of the record? */
static inline bool metadata_has_tail(const struct metadata_field *f)
{
    return f->type == METADATA_STR || f->type == METADATA_BYTES || f->sequence;
}

/* Name of an enum value, or NULL. */
const struct metadata_text *metadata_enum_name(const struct metadata_table *t, bool negative,
                                               uint64_t bits);

#endif
