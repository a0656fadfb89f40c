/* SPDX-License-Identifier: MIT */
/* payload.h - one payload of metadata while it is read. */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include "base/cbor.h"
#include "model/metadata.h"

#define PAYLOAD_FULL "metadata takes more than 19 MiB to keep"

/* One payload while it is read. */
struct payload {
    struct metadata *m;
    struct cbor_reader r;
    struct diag_file *diag;
    uint64_t chunk;
    struct metadata_table *tables;
    uint32_t table_count;
    uint32_t bad;   /* maps */
    uint32_t taken; /* events */
    bool whole;     /* the last event */
    bool have_cpus, have_clock, have_events;
    bool clock;   /* of any of the maps */
    bool further; /* not the first map of the payload: it has no more than tables and events */
    bool damaged; /* the checksum of it all is wrong: only what has a right one of its own counts */
    bool added;   /* something that is kept, by this map */
};

/* A map that may have a checksum of its own. */
struct payload_map {
    const uint8_t *from; /* its first byte */
    uint64_t left;       /* pairs still to come */
    bool whole;          /* the checksum was there, and right */
};

/* Memory that stays as long as the metadata; NULL: there is a problem. */
void *payload_get(struct payload *p, size_t bytes);
/* A text of min to max bytes, still inside the payload. */
bool payload_text(struct payload *p, struct metadata_text *t, uint32_t min, uint32_t max);
bool payload_name(struct payload *p, struct metadata_text *t);
/* A copy that stays after the payload is gone. */
bool payload_keep(struct payload *p, struct metadata_text *t);
bool payload_is(const struct metadata_text *t, const char *text);
/* The next key of a map. Keys longer than a name are none that we know. */
bool payload_key(struct payload *p, struct metadata_text *key);

bool payload_open_map(struct payload *p, struct payload_map *map);
/* The next key; false: the last was that, or there is a problem. The checksum is taken here. */
bool payload_map_key(struct payload *p, struct payload_map *map, struct metadata_text *key);
/*
 * A text that is only shown, from beside the reader. False: it is none, it is too long, or there is no
 * memory, which is the only problem of the payload.
 */
bool payload_note(struct payload *p, struct cbor_reader *look, struct metadata_text *to);

#endif
