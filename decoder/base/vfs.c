/* SPDX-License-Identifier: MIT */
/* vfs.c - the files of SQLite. */
#include "base/vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/blocks.h"
#include "base/mem.h"

#define VFS_NAME "tpdecode"

struct vfs {
    sqlite3_vfs calls;
    bool registered;
    struct spill *spill;
    struct spill main; /* the database, if it is a file */
    struct blocks blocks;
};

struct vfs_file {
    sqlite3_file base;
    struct vfs *of;
    bool main;
    struct blocks_file blocks;
};

static int vfs_file_close(sqlite3_file *file)
{
    struct vfs_file *f = (struct vfs_file *)file;

    if (!f->main)
        blocks_drop(&f->of->blocks, &f->blocks);
    return SQLITE_OK;
}

static int vfs_file_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
    struct vfs_file *f = (struct vfs_file *)file;
    uint64_t bytes = f->main ? f->of->main.bytes : f->blocks.bytes;
    uint64_t there = (uint64_t)at < bytes ? bytes - (uint64_t)at : 0;
    size_t have = (uint64_t)n < there ? (size_t)n : (size_t)there;
    bool good;

    memset((char *)to + have, 0, (size_t)n - have);
    good = f->main ? spill_read(&f->of->main, (uint64_t)at, to, have)
                   : blocks_read(&f->of->blocks, &f->blocks, (uint64_t)at, to, have);
    if (!good)
        return SQLITE_IOERR_READ;
    return have < (size_t)n ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int vfs_file_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
    struct vfs_file *f = (struct vfs_file *)file;
    struct spill *to = f->main ? &f->of->main : f->of->spill;
    bool good = true;

    if (f->main) {
        spill_put(to, (uint64_t)at, bytes, (size_t)n);
        to->bytes = (uint64_t)(at + n) > to->bytes ? (uint64_t)(at + n) : to->bytes;
    } else {
        good = blocks_write(&f->of->blocks, &f->blocks, (uint64_t)at, bytes, (size_t)n);
    }
    if (to->error)
        return to->error == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return good ? SQLITE_OK : SQLITE_IOERR_NOMEM;
}

static int vfs_file_truncate(sqlite3_file *file, sqlite3_int64 bytes)
{
    struct vfs_file *f = (struct vfs_file *)file;

    /* The database grows only. */
    if (!f->main)
        blocks_cut(&f->of->blocks, &f->blocks, (uint64_t)bytes);
    return SQLITE_OK;
}

static int vfs_file_size(sqlite3_file *file, sqlite3_int64 *bytes)
{
    struct vfs_file *f = (struct vfs_file *)file;

    *bytes = (sqlite3_int64)(f->main ? f->of->main.bytes : f->blocks.bytes);
    return SQLITE_OK;
}

static int vfs_file_nothing(sqlite3_file *file, int what)
{
    (void)file;
    (void)what;
    return SQLITE_OK;
}

static int vfs_file_reserved(sqlite3_file *file, int *is)
{
    (void)file;
    *is = 0;
    return SQLITE_OK;
}

static int vfs_file_control(sqlite3_file *file, int what, void *with)
{
    (void)file;
    (void)what;
    (void)with;
    return SQLITE_NOTFOUND;
}

static int vfs_file_zero(sqlite3_file *file)
{
    (void)file;
    return 0;
}

static const sqlite3_io_methods vfs_file_calls = {
    .iVersion = 1,
    .xClose = vfs_file_close,
    .xRead = vfs_file_read,
    .xWrite = vfs_file_write,
    .xTruncate = vfs_file_truncate,
    .xSync = vfs_file_nothing,
    .xFileSize = vfs_file_size,
    .xLock = vfs_file_nothing,
    .xUnlock = vfs_file_nothing,
    .xCheckReservedLock = vfs_file_reserved,
    .xFileControl = vfs_file_control,
    .xSectorSize = vfs_file_zero,
    .xDeviceCharacteristics = vfs_file_zero,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *got)
{
    struct vfs *v = vfs->pAppData;
    struct vfs_file *f = (struct vfs_file *)file;

    memset(f, 0, sizeof(*f));
    f->of = v;
    f->main = name && flags & SQLITE_OPEN_MAIN_DB;
    /* Nothing but the database has a name. */
    if ((name && !f->main) || (!name && !v->spill))
        return SQLITE_CANTOPEN;
    f->base.pMethods = &vfs_file_calls;
    if (got)
        *got = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    (void)name;
    (void)sync;
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int what, int *is)
{
    (void)vfs;
    (void)name;
    (void)what;
    *is = 0;
    return SQLITE_OK;
}

static int vfs_path(sqlite3_vfs *vfs, const char *name, int room, char *to)
{
    (void)vfs;
    snprintf(to, (size_t)room, "%s", name);
    return SQLITE_OK;
}

/* The same for each run: nothing here is a secret. */
static int vfs_random(sqlite3_vfs *vfs, int n, char *to)
{
    (void)vfs;
    memset(to, 0, (size_t)n);
    return n;
}

static int vfs_sleep(sqlite3_vfs *vfs, int micros)
{
    (void)vfs;
    return micros;
}

/* Julian days, in milliseconds. */
static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *to)
{
    (void)vfs;
    *to = 210866760000000 + (sqlite3_int64)time(NULL) * 1000;
    return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int room, char *to)
{
    (void)vfs;
    (void)room;
    (void)to;
    return 0;
}

struct vfs *vfs_new(int fd, struct spill *spill)
{
    struct vfs *v = mem_try_grow(NULL, sizeof(*v));

    if (!v)
        return NULL;
    memset(v, 0, sizeof(*v));
    v->spill = spill;
    v->main.fd = fd;
    blocks_open(&v->blocks, spill);
    return v;
}

const char *vfs_register(struct vfs *v)
{
    v->calls = (sqlite3_vfs){.iVersion = 2,
                             .szOsFile = sizeof(struct vfs_file),
                             .mxPathname = 64,
                             .zName = VFS_NAME,
                             .pAppData = v,
                             .xOpen = vfs_open,
                             .xDelete = vfs_delete,
                             .xAccess = vfs_access,
                             .xFullPathname = vfs_path,
                             .xRandomness = vfs_random,
                             .xSleep = vfs_sleep,
                             .xGetLastError = vfs_last_error,
                             .xCurrentTimeInt64 = vfs_time};
    v->registered = sqlite3_vfs_register(&v->calls, 0) == SQLITE_OK;
    return v->registered ? VFS_NAME : NULL;
}

int vfs_error(const struct vfs *v)
{
    return v->main.error ? v->main.error : v->spill ? v->spill->error : 0;
}

void vfs_close(struct vfs *v)
{
    if (v->registered)
        (void)sqlite3_vfs_unregister(&v->calls);
    blocks_close(&v->blocks);
    free(v);
}
