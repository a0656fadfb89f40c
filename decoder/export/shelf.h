/* SPDX-License-Identifier: MIT */
/*
 * shelf.h - records as Apache Parquet, a file for each event, whose fields are columns.
 *
 *     sched.switch.parquet      and so on, sched.switch.2.parquet if another capture has other fields
 *     others.parquet            records that fit no event, and those of events beyond SHELF_FILES: fields are JSON
 *     losses.parquet, tasks.parquet
 */
#ifndef SHELF_H
#define SHELF_H

#include "base/folder.h"
#include "export/notes.h"
#include "export/sheet.h"

#define SHELF_FILES 4096u       /* of events */
#define SHELF_BYTES (24u << 20) /* memory of their columns; of more, a group is written */
#define SHELF_NAME_BYTES 100u   /* of a subsystem and of an event, in a file's name */

struct shelf_file;
struct shelf_stream;

struct shelf {
    struct sink sink;
    struct diag *diag;
    struct folder *folder;
    struct sheet sheet;
    struct notes notes;
    struct shelf_file **files;
    uint32_t count;
    struct shelf_file *others, *losses, *tasks;
    struct shelf_stream *streams; /* by number */
    uint32_t stream_count;
    uint32_t *pids; /* while tasks are put in order */
};

/* The spill and the folder are open, and stay the caller's. */
struct sink *shelf_open(struct shelf *h, struct out *o, const struct constant_list *constants,
                        bool compress, struct crew *crew, struct spill *spill,
                        struct folder *folder, struct diag *diag);

#endif
