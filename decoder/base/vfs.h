/* SPDX-License-Identifier: MIT */
/*
 * vfs.h - the files of SQLite, a part of sqlite.c.
 *
 * SQLite asks its files of a struct sqlite3_vfs, which here opens none: the database is a descriptor that is open, or, as
 * everything temporary, blocks of the spill. What SQLite asks beyond that, such as locks, it gets without a system call.
 */
#ifndef VFS_H
#define VFS_H

#include "base/spill.h"

struct vfs;

/* fd: of the database, or -1. The spill may be NULL. NULL: there is no memory. */
struct vfs *vfs_new(int fd, struct spill *spill);
/* Its name for SQLite; NULL: it takes no more. */
const char *vfs_register(struct vfs *v);
/* The errno of a file that could not be written or read, or 0. */
int vfs_error(const struct vfs *v);
void vfs_close(struct vfs *v);

#endif
