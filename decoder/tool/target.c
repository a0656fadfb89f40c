/* SPDX-License-Identifier: MIT */
/* target.c - a file that is written and takes its name only when it is whole. */
#include "tool/target.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/out.h"

static const int target_signals[] = {SIGHUP, SIGINT, SIGTERM};

/* For the signal handler. */
static const char *volatile target_begun;

static void target_signal(int number)
{
    const char *path = target_begun;

    if (path)
        (void)unlink(path);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void target_catch(void (*handler)(int))
{
    for (size_t i = 0; i < sizeof(target_signals) / sizeof(target_signals[0]); i++) {
        struct sigaction old;

        /* A process in the background may have to ignore some; --follow has its own handlers. */
        if (sigaction(target_signals[i], NULL, &old) == 0 &&
            (old.sa_handler == SIG_DFL || old.sa_handler == target_signal))
            (void)signal(target_signals[i], handler);
    }
}

static bool target_is_input(const struct stat *file, char **inputs, size_t count)
{
    struct stat in;

    for (size_t i = 0; i < count; i++) {
        bool got = strcmp(inputs[i], "-") == 0 ? fstat(STDIN_FILENO, &in) == 0
                                               : stat(inputs[i], &in) == 0;

        if (got && in.st_dev == file->st_dev && in.st_ino == file->st_ino)
            return true;
    }
    return false;
}

static const char *target_open_direct(struct target *t)
{
    t->fd = open(t->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return t->fd < 0 ? strerror(errno) : NULL;
}

const char *target_open(struct target *t, const char *path, char **inputs, size_t count)
{
    size_t room = strlen(path) + 32;
    struct stat st;

    *t = (struct target){.fd = STDOUT_FILENO, .path = path};
    if (strcmp(path, "-") == 0)
        return NULL;
    if (stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return strerror(EISDIR);
        if (target_is_input(&st, inputs, count))
            return "it is an input";
        if (!S_ISREG(st.st_mode))
            return target_open_direct(t);
    }
    t->temporary = malloc(room);
    if (!t->temporary)
        return strerror(ENOMEM);
    snprintf(t->temporary, room, "%s.%ld.part", path, (long)getpid());
    t->fd = open(t->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (t->fd < 0) {
        const char *problem = strerror(errno);

        free(t->temporary);
        t->temporary = NULL;
        return problem;
    }
    target_begun = t->temporary;
    target_catch(target_signal);
    return NULL;
}

int target_write(void *context, const void *bytes, size_t n)
{
    struct target *t = context;
    int error = out_write(t->fd, bytes, n);

    if (!error)
        t->bytes += n;
    return error;
}

int target_close(struct target *t, bool keep)
{
    int error = 0;

    if (t->fd > STDERR_FILENO && close(t->fd) != 0)
        error = errno;
    if (!t->temporary)
        return error;
    if (keep && !error && rename(t->temporary, t->path) != 0)
        error = errno;
    if (!keep || error)
        (void)unlink(t->temporary);
    target_begun = NULL;
    target_catch(SIG_DFL);
    free(t->temporary);
    t->temporary = NULL;
    return error;
}
