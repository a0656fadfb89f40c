/* SPDX-License-Identifier: MIT */
/* folder.c - a directory that files are written into. */
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define FOLDER_SCAN 65536u /* descriptors that are looked at, if there may be more */

struct folder_file {
    struct folder_file *before;
    struct folder_slot *slot; /* NULL: it is not open */
    bool directory;
    char name[];
};

/* --- the directory --- */

/* Directories come before what is in them, and are after it here. */
static void folder_remove(void *context)
{
    struct folder *f = context;

    for (struct folder_file *file = f->first; file; file = file->before)
        (void)unlinkat(f->fd, file->name, file->directory ? AT_REMOVEDIR : 0);
}

static const char *folder_look(int fd)
{
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = again < 0 ? NULL : fdopendir(again);
    const char *problem = NULL;
    struct dirent *entry;

    if (!d) {
        problem = strerror(errno);
        if (again >= 0)
            (void)close(again);
        return problem;
    }
    while (!problem && (entry = readdir(d)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            problem = "there is something in this directory, and it is not written over";
    (void)closedir(d);
    return problem;
}

const char *folder_open(struct folder *f, const char *path)
{
    const char *problem;

    *f = (struct folder){.fd = -1};
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return strerror(errno);
    f->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->fd < 0)
        return errno == ENOTDIR ? "this format is a directory, and there is a file of this name"
                                : strerror(errno);
    problem = folder_look(f->fd);
    if (!problem && faccessat(f->fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
        problem = strerror(errno);
    if (problem) {
        (void)close(f->fd);
        f->fd = -1;
        return problem;
    }
    f->undo = (struct undo){.run = folder_remove, .context = f};
    undo_add(&f->undo);
    return NULL;
}

void folder_settle(struct folder *f)
{
    struct rlimit limit = {.rlim_cur = FOLDER_SCAN};
    int most, highest = f->fd, fd;

    (void)getrlimit(RLIMIT_NOFILE, &limit);
    most = limit.rlim_cur < FOLDER_SCAN ? (int)limit.rlim_cur : (int)FOLDER_SCAN;
    for (int i = f->fd; i < most; i++)
        if (fcntl(i, F_GETFD) >= 0)
            highest = i;
    if (highest == f->fd)
        return;
    fd = fcntl(f->fd, F_DUPFD_CLOEXEC, highest + 1);
    if (fd < 0) {
        f->error = errno;
        return;
    }
    (void)close(f->fd);
    f->fd = fd;
}

/* --- files --- */

static int folder_write(void *context, const void *bytes, size_t n)
{
    struct folder_slot *slot = context;
    struct folder *f = slot->folder;

    if (!f->error && f->allow)
        f->error = f->allow(f->context, n);
    if (!f->error)
        f->error = out_write(slot->fd, bytes, n);
    if (!f->error)
        f->bytes += n;
    return f->error;
}

static int folder_descriptor(struct folder *f, const char *name, int flags)
{
    int fd = openat(f->fd, name, FOLDER_FLAGS | flags, 0666);

    while (fd >= 0 && fd < f->fd) {
        f->holes = mem_reach(f->holes, &f->hole_room, f->hole_count, 16, sizeof(*f->holes));
        f->holes[f->hole_count++] = fd;
        fd = openat(f->fd, name, FOLDER_FLAGS);
    }
    return fd;
}

static void folder_release(struct folder_slot *slot)
{
    if (!slot->file)
        return;
    out_flush(&slot->out);
    if (slot->fd >= 0 && close(slot->fd) != 0 && !slot->folder->error)
        slot->folder->error = errno;
    slot->file->slot = NULL;
    slot->file = NULL;
}

/* The slot that was used least lately is for this file now. */
static void folder_take(struct folder *f, struct folder_file *file, int flags)
{
    struct folder_slot *slot = f->slots;

    for (uint32_t i = 1; i < FOLDER_OPEN; i++)
        if (f->slots[i].used < slot->used)
            slot = &f->slots[i];
    folder_release(slot);
    if (!slot->out.buffer)
        out_open(&slot->out, (struct out_sink){folder_write, slot});
    slot->folder = f;
    slot->file = file;
    slot->used = ++f->turn;
    file->slot = slot;
    slot->fd = f->error ? -1 : folder_descriptor(f, file->name, flags);
    if (slot->fd < 0 && !f->error)
        f->error = errno;
    slot->out.error = f->error;
}

/* It is there for writing even if it could not be made: then all is discarded. */
static uint32_t folder_name(struct folder *f, const char *name, bool directory)
{
    struct folder_file *file;

    if (f->count == FOLDER_FILES) {
        f->error = f->error ? f->error : EMFILE;
        return f->count - 1;
    }
    f->files = mem_reach(f->files, &f->room, f->count, 16, sizeof(struct folder_file *));
    file = mem_zero(sizeof(*file) + strlen(name) + 1);
    strcpy(file->name, name);
    file->directory = directory;
    file->before = f->first;
    f->files[f->count] = file;
    return f->count++;
}

void folder_make(struct folder *f, const char *name)
{
    uint32_t number = folder_name(f, name, true);

    if (!f->error && mkdirat(f->fd, name, 0777) != 0)
        f->error = errno;
    if (!f->error)
        f->first = f->files[number];
}

uint32_t folder_add(struct folder *f, const char *name)
{
    uint32_t number = folder_name(f, name, false);

    if (f->error)
        return number;
    folder_take(f, f->files[number], O_CREAT | O_EXCL);
    if (!f->error)
        f->first = f->files[number];
    return number;
}

struct out *folder_out(struct folder *f, uint32_t file)
{
    if (!f->files[file]->slot)
        folder_take(f, f->files[file], 0);
    f->files[file]->slot->used = ++f->turn;
    return &f->files[file]->slot->out;
}

void folder_flush(struct folder *f)
{
    for (uint32_t i = 0; i < FOLDER_OPEN; i++)
        if (f->slots[i].file)
            out_flush(&f->slots[i].out);
}

int folder_close(struct folder *f, bool keep)
{
    if (f->fd < 0)
        return 0;
    for (uint32_t i = 0; i < FOLDER_OPEN; i++) {
        if (keep)
            folder_release(&f->slots[i]);
        else if (f->slots[i].file && f->slots[i].fd >= 0)
            (void)close(f->slots[i].fd);
        out_close(&f->slots[i].out);
    }
    undo_remove(&f->undo);
    if (!keep || f->error)
        folder_remove(f);
    for (uint32_t i = 0; i < f->count; i++)
        free(f->files[i]);
    free(f->files);
    for (uint32_t i = 0; i < f->hole_count; i++)
        (void)close(f->holes[i]);
    free(f->holes);
    (void)close(f->fd);
    f->fd = -1;
    f->first = NULL;
    return f->error;
}
