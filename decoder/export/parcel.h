/* SPDX-License-Identifier: MIT */
/*
 * parcel.h - the packets of a CTF trace: records of a CPU, and how much was lost before their end.
 *
 * A packet says in its header how long it is, so it is in memory until then. A loss is a packet of its own: the time
 * from the packet before it to its end is when records were lost. Times of a CPU do not go back.
 */
#ifndef PARCEL_H
#define PARCEL_H

#include "base/folder.h"
#include "export/pile.h"
#include "order/stream.h"

#define PARCEL_BYTES 32768u          /* of a packet: it ends with the record that exceeds them */
#define PARCEL_HELD_BYTES (7u << 20) /* memory of those that are not written */
#define PARCEL_UUID_BYTES 16u

struct parcel_cpu {
    struct pile records;
    bool made, begun, owed; /* the file is there, a packet was written, a loss is in none yet */
    uint32_t file;
    uint64_t number;            /* of the packet */
    uint64_t begin_ns, last_ns; /* of the packet, of all */
    uint64_t discarded;         /* records, in all */
};

/* Those of a trace. */
struct parcel {
    struct folder *folder;
    uint8_t uuid[PARCEL_UUID_BYTES];
    char *path; /* of the directory, with / at its end, or "" */
    struct parcel_cpu *cpus;
    uint32_t count;
    size_t held_bytes;
    uint64_t back; /* times that went back, and are those before */
    uint64_t late; /* beyond what readers take */
};

/* What the description of the trace says of its packets. */
void parcel_describe(const struct parcel *p, struct out *o);
void parcel_close(struct parcel *p);
/* A record of this time: what is added to the result is in it, up to parcel_done(). *ns becomes the time that
 * the record gets. */
struct pile *parcel_start(struct parcel *p, uint32_t cpu, uint64_t *ns);
void parcel_done(struct parcel *p, uint32_t cpu);
/* So many records were lost. Records that are added up to parcel_lost() tell of it, */
void parcel_lose(struct parcel *p, uint32_t cpu, uint64_t ns, uint64_t lost);
/* and it was before this time, or, if it is open, before the next record. */
void parcel_lost(struct parcel *p, uint32_t cpu, bool open);
/* There are no more records. */
void parcel_end(struct parcel *p);

#endif
