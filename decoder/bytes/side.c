/* SPDX-License-Identifier: MIT */
/* side.c - what is in a region and is no record, as chunks: metadata, names of tasks, a clock pair. */
#include "bytes/side.h"

#include "base/crc.h"
#include "base/load.h"

bool side_metadata(struct pack *p, const struct region *r, const uint8_t *bytes)
{
    struct tp_wire_chunk h = {.type = TP_CHUNK_METADATA};
    bool good;

    p->wrong = crc_add(0, bytes, r->head.metadata_bytes) ^ r->head.metadata_crc;
    good = !p->wrong;
    pack_begin(p, &h);
    pack_add(p, bytes, r->head.metadata_bytes);
    pack_end(p, 0);
    p->wrong = 0;
    return good;
}

static void side_names(struct pack *p, const struct region *r, const uint8_t *at)
{
    struct tp_wire_chunk h = {.type = TP_CHUNK_TASKS};
    uint32_t count = 0;

    pack_begin(p, &h);
    for (uint32_t i = 0; i < r->head.tasks; i++, at += sizeof(struct tp_wire_task)) {
        if (!at[offsetof(struct tp_wire_task, name)])
            continue;
        pack_add(p, at, sizeof(struct tp_wire_task));
        count++;
    }
    pack_end(p, count);
}

static void side_clock(struct pack *p, const uint8_t *bytes, uint32_t clocks)
{
    struct tp_wire_chunk h = {.type = TP_CHUNK_CLOCK};

    if (!clocks)
        return;
    pack_begin(p, &h);
    pack_add(p, bytes + (clocks - 1) % 2 * sizeof(struct tp_wire_clock),
             sizeof(struct tp_wire_clock));
    pack_end(p, 1);
}

void side_tasks(struct pack *p, const struct region *r, const uint8_t *bytes)
{
    side_names(p, r, bytes + sizeof(struct tp_wire_tasks));
    side_clock(p, bytes, load_u32(bytes + offsetof(struct tp_wire_tasks, clocks), r->swap));
}
