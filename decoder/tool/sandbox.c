/* SPDX-License-Identifier: MIT */
/* sandbox.c - when all files are open, every right that is not needed is given up. */
#include "tool/sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/diag.h"
#include "tool/landlock.h"
#include "tool/syscalls.h"

/* The folder of a file, to be freed; NULL: no memory. */
static char *sandbox_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

static int sandbox_files(const char *path, int filled)
{
    char *folder = path ? sandbox_folder(path) : NULL;
    int error = landlock_enter(folder, filled);

    free(folder);
    return error;
}

bool sandbox_enter(const struct sandbox *s, struct diag *diag)
{
    int written[5 + SANDBOX_PIPES] = {STDOUT_FILENO, STDERR_FILENO, s->output, s->old, s->probe};
    bool required = s->mode == SANDBOX_REQUIRE;
    int files, calls;

    if (s->mode == SANDBOX_OFF)
        return true;
    for (size_t i = 0; i < s->pipe_count; i++)
        written[5 + i] = s->pipes[i];
    /* The file of the time zone is read now. */
    tzset();
    files = sandbox_files(s->path, s->folder);
    calls = syscalls_enter(written, 5 + s->pipe_count, s->path, s->folder);
    /* Without Landlock seccomp still lets no file be opened, but any be renamed, or reached from the directory. */
    if (!calls && (!files || (!required && !s->path && s->folder < 0)))
        return true;
    diag_line(diag, "%s: %s (%s)%s",
              required ? "--sandbox=require" : "not all rights could be given up",
              calls ? "seccomp" : "Landlock", strerror(calls ? calls : files),
              required ? ", nothing is read" : "");
    return !required;
}
