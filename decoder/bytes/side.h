/* SPDX-License-Identifier: MIT */
/* side.h - what is in a region and is no record, as chunks: metadata, names of tasks, a clock pair. */
#ifndef SIDE_H
#define SIDE_H

#include "bytes/pack.h"
#include "bytes/region.h"

/* Of metadata_bytes. False: their checksum is wrong, and so is that of the chunk. */
bool side_metadata(struct pack *p, const struct region *r, const uint8_t *bytes);
/* Of region_tasks_bytes(). */
void side_tasks(struct pack *p, const struct region *r, const uint8_t *bytes);

#endif
