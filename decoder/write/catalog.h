/* SPDX-License-Identifier: MIT */
/*
 * catalog.h - the events of several captures as one metadata.
 *
 * An event keeps its id unless another has it; what is defined in the same way is one event.
 * What the struct metadata does not keep (where an event is in the source, the sizes of buffers) is
 * not in it.
 */
#ifndef CATALOG_H
#define CATALOG_H

#include "bytes/pack.h"
#include "order/stream.h"

#define CATALOG_TABLES_MAX 4096u

struct catalog_text { /* a piece of CBOR; NULL: none */
    uint8_t *bytes;
    uint32_t n;
    bool role; /* of an event: it has that key */
};

struct catalog {
    uint64_t version; /* changes when something is added */
    size_t bytes;     /* all of it */
    uint64_t cpus;
    struct catalog_text *events; /* by id, without it; TP_ID_EVENT_MAX + 1 of them */
    uint32_t free_id;            /* none below this is free */
    struct catalog_text tables[CATALOG_TABLES_MAX];
    uint32_t table_count;
    struct catalog_map {
        uint32_t *ids; /* by id in the capture; 0: none */
        uint32_t count;
        unsigned known; /* payloads of its metadata that are in here */
    } * maps;           /* by stream->number */
    uint32_t map_count;
    struct pack event, table; /* in the making */
};

/* Takes in what is new. False: there are too many. */
bool catalog_add(struct catalog *g, const struct stream *s);
/* The id that an event of this capture has here. One that nothing defines keeps its id. */
uint32_t catalog_id(const struct catalog *g, const struct stream *s, uint32_t id);
/* The capture is over. */
void catalog_forget(struct catalog *g, const struct stream *s);
/* Adds all of it, as a payload of metadata. */
void catalog_payload(const struct catalog *g, struct pack *p, const struct metadata_text *tool,
                     uint64_t clock_hz);
void catalog_close(struct catalog *g);

#endif
