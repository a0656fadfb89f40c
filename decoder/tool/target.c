/* SPDX-License-Identifier: MIT */
/* target.c - a file that is written and takes its name only when it is whole. */
#include "tool/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/out.h"

#define TARGET_LINKS_MAX 40u /* as Linux follows */
#define TARGET_COPY_BYTES (64u << 10)

static const char target_terminal[] = "a dump is not text, it is not written to a terminal";
static const char target_read[] = "it is an input";

static void target_undo(void *context)
{
    const struct target *t = context;

    (void)unlink(t->temporary);
}

static bool target_is_read(const struct stat *file, const char *const *read, size_t count)
{
    struct stat in;

    for (size_t i = 0; i < count; i++) {
        bool got = strcmp(read[i], "-") == 0 ? fstat(STDIN_FILENO, &in) == 0
                                             : stat(read[i], &in) == 0;

        if (got && in.st_dev == file->st_dev && in.st_ino == file->st_ino)
            return true;
    }
    return false;
}

/* What is open is no file to be replaced: is it one to write a dump to? */
static const char *target_check(int fd, const char *const *read, size_t count)
{
    struct stat st;

    if (isatty(fd))
        return target_terminal;
    /* A pipe may well be read and written. */
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && target_is_read(&st, read, count))
        return target_read;
    return NULL;
}

static const char *target_open_direct(struct target *t, const char *path)
{
    t->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return t->fd < 0 ? strerror(errno) : target_check(t->fd, NULL, 0);
}

/* One link further, or not: the text it holds, beside the link if it is relative. NULL: errno. */
static char *target_step(char *path, const char *link)
{
    const char *slash = strrchr(path, '/');
    size_t folder = *link == '/' || !slash ? 0 : (size_t)(slash - path) + 1;
    char *next = malloc(folder + strlen(link) + 1);

    if (next) {
        memcpy(next, path, folder);
        strcpy(next + folder, link);
    }
    free(path);
    return next;
}

/* The path of the file that a name leads to, which need not exist. NULL: errno. */
static char *target_follow(const char *name)
{
    char *path = strdup(name), link[PATH_MAX + 1];

    for (unsigned i = 0; path; i++) {
        ssize_t n = readlink(path, link, sizeof(link) - 1);

        if (n < 0)
            return path;
        if (i == TARGET_LINKS_MAX) {
            free(path);
            errno = ELOOP;
            return NULL;
        }
        link[n] = '\0';
        path = target_step(path, link);
    }
    return NULL;
}

/* The new file is to be as the old one. Where it cannot be, or the old one has more names, that one is
 * written in the end. */
static const char *target_keep(struct target *t, const struct stat *st)
{
    bool alike = st->st_nlink == 1 && fchown(t->fd, st->st_uid, st->st_gid) == 0 &&
                 fchmod(t->fd, st->st_mode & 07777) == 0;

    if (alike)
        return NULL;
    t->old = open(t->path, O_WRONLY | O_CLOEXEC);
    if (t->old < 0)
        return strerror(errno);
    (void)fchmod(t->fd, 0600);
    return NULL;
}

static const char *target_begin(struct target *t, const char *name, const struct stat *st)
{
    size_t room;

    t->path = target_follow(name);
    if (!t->path)
        return strerror(errno);
    room = strlen(t->path) + 32;
    t->temporary = malloc(room);
    if (!t->temporary)
        return strerror(ENOMEM);
    snprintf(t->temporary, room, "%s.%ld.part", t->path, (long)getpid());
    t->fd = open(t->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, st ? 0600 : 0666);
    if (t->fd < 0)
        return strerror(errno);
    t->undo = (struct undo){.run = target_undo, .context = t};
    undo_add(&t->undo);
    return st ? target_keep(t, st) : NULL;
}

/* Without a file that is left. */
static void target_free(struct target *t)
{
    if (t->temporary && t->fd >= 0) {
        undo_remove(&t->undo);
        (void)unlink(t->temporary);
    }
    if (t->fd > STDERR_FILENO)
        (void)close(t->fd);
    if (t->old >= 0)
        (void)close(t->old);
    free(t->temporary);
    free(t->path);
    *t = (struct target){.fd = -1, .old = -1};
}

const char *target_open(struct target *t, const char *path, const char *const *read, size_t count)
{
    const char *problem;
    struct stat st;
    bool there;

    *t = (struct target){.fd = STDOUT_FILENO, .old = -1};
    if (strcmp(path, "-") == 0)
        return target_check(t->fd, read, count);
    t->fd = -1;
    there = stat(path, &st) == 0;
    if (!there && errno != ENOENT)
        return strerror(errno);
    if (there && S_ISDIR(st.st_mode))
        return strerror(EISDIR);
    if (there && target_is_read(&st, read, count))
        return target_read;
    if (there && !S_ISREG(st.st_mode))
        problem = target_open_direct(t, path);
    else
        problem = target_begin(t, path, there ? &st : NULL);
    if (problem)
        target_free(t);
    return problem;
}

int target_write(void *context, const void *bytes, size_t n)
{
    struct target *t = context;
    int error = out_write(t->fd, bytes, n);

    if (!error)
        t->bytes += n;
    return error;
}

/* The bytes of the new file into the old one. 0 or an errno. */
static int target_copy(const struct target *t)
{
    char bytes[TARGET_COPY_BYTES];
    off_t at = 0;
    ssize_t n;

    if (ftruncate(t->old, 0) != 0)
        return errno;
    while ((n = pread(t->fd, bytes, sizeof(bytes), at)) > 0) {
        int error = out_write(t->old, bytes, (size_t)n);

        if (error)
            return error;
        at += n;
    }
    return n < 0 ? errno : 0;
}

/* The old file gets the bytes, or the new one its name. 0 or an errno. */
static int target_finish(struct target *t, bool keep)
{
    int error = keep && t->old >= 0 ? target_copy(t) : 0;

    if (t->old >= 0 && close(t->old) != 0 && !error)
        error = errno;
    if (close(t->fd) != 0 && !error)
        error = errno;
    keep = keep && !error && t->old < 0;
    if (keep && rename(t->temporary, t->path) != 0)
        error = errno;
    undo_remove(&t->undo);
    if (!keep || error)
        (void)unlink(t->temporary);
    return error;
}

int target_close(struct target *t, bool keep)
{
    int error = 0;

    if (t->temporary)
        error = target_finish(t, keep);
    else if (t->fd > STDERR_FILENO && close(t->fd) != 0)
        error = errno;
    free(t->temporary);
    free(t->path);
    *t = (struct target){.fd = -1, .old = -1};
    return error;
}
