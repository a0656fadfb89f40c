/* SPDX-License-Identifier: MIT */
/*
 * folder.h - a directory that files are written into: for formats that are more than one file.
 *
 *     problem = folder_open(&f, path);        before rights are given up
 *     folder_settle(&f);                      when all that is read is open, right before that
 *     file = folder_add(&f, "cpu0");
 *     out_text(folder_out(&f, file), "...");  and again, after other files
 *     error = folder_close(&f, keep);
 *
 * The directory is made, or is there and empty: nothing is written over. A file is made when it is added, and
 * then only appended to. FOLDER_OPEN of them are open at once; one that is closed to open another is opened
 * again when it is written to. Files that are not kept, as after an error or a signal that ends the process, are
 * removed, and the directories in it; it stays, empty, since removing it would be a right beyond it.
 */
#ifndef FOLDER_H
#define FOLDER_H

#include <fcntl.h>

#include "base/out.h"
#include "base/undo.h"

#define FOLDER_FILES 65536u /* and directories in it */
#define FOLDER_OPEN 16u     /* files that are open at once, each with the buffer of a struct out */

/* How a file is opened: the sandbox allows no other way. Only what was added is opened again. */
#define FOLDER_FLAGS (O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)

struct folder_file;

struct folder {
    int fd; /* of the directory, below those of all its files; -1: none */
    /* Asked before bytes are written: 0, or an errno that ends it. May be NULL. */
    int (*allow)(void *context, size_t n);
    void *context;
    int error; /* the first errno; nothing is written after it */
    uint64_t bytes;
    struct folder_file **files; /* by number */
    uint32_t count, room;
    struct folder_slot {
        struct folder *folder;
        struct folder_file *file; /* NULL: it is free */
        struct out out;
        int fd;
        uint64_t used; /* when, of all turns */
    } slots[FOLDER_OPEN];
    uint64_t turn;
    int *
        holes; /* descriptors below fd, which are kept: else files would get them, and the sandbox lets none of
                   these be written to */
    uint32_t hole_count, hole_room;
    struct folder_file *volatile first; /* all of them, for a signal handler: the last one first */
    struct undo undo;
};

/* NULL, or what is wrong. */
const char *folder_open(struct folder *f, const char *path);
/* Moves the descriptor above all that are open, so that what is above it later are files of the directory. */
void folder_settle(struct folder *f);
/* A directory in it. */
void folder_make(struct folder *f, const char *name);
/* A file, by its path below the directory. Returns its number. */
uint32_t folder_add(struct folder *f, const char *name);
/* To write to a file, up to the next call. After an error what is written is discarded. */
struct out *folder_out(struct folder *f, uint32_t file);
/* Writes what is in buffers. */
void folder_flush(struct folder *f);
/* Closes all files, and removes them unless they are kept. 0 or an errno: the first one. */
int folder_close(struct folder *f, bool keep);

#endif
