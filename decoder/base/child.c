/* SPDX-License-Identifier: MIT */
/* child.c - another process of the same run. */
#include "base/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "base/undo.h"

/* One that has ended must not end this one: SIGPIPE waits, and is taken. */
bool child_tell(const struct child *c, char what)
{
    const struct timespec now = {0, 0};
    sigset_t gone, old;
    ssize_t n;

    sigemptyset(&gone);
    sigaddset(&gone, SIGPIPE);
    (void)sigprocmask(SIG_BLOCK, &gone, &old);
    do
        n = write(c->tell, &what, 1);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EPIPE)
        (void)sigtimedwait(&gone, NULL, &now);
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
    return n == 1;
}

char child_hear(const struct child *c)
{
    char what = 0;
    ssize_t n;

    do
        n = read(c->hear, &what, 1);
    while (n < 0 && errno == EINTR);
    return n == 1 ? what : 0;
}

bool child_has(const struct child *c)
{
    struct pollfd fd = {.fd = c->hear, .events = POLLIN};

    return c->hear >= 0 && poll(&fd, 1, 0) > 0;
}

void child_close(struct child *c)
{
    if (c->hear >= 0)
        (void)close(c->hear);
    if (c->tell >= 0)
        (void)close(c->tell);
    c->hear = c->tell = -1;
}

enum child_side child_start(struct child *c)
{
    int from[2], to[2];
    pid_t pid;

    if (pipe(from) != 0)
        return CHILD_NONE;
    if (pipe(to) != 0) {
        (void)close(from[0]);
        (void)close(from[1]);
        return CHILD_NONE;
    }
    pid = fork();
    if (!pid) {
        *c = (struct child){to[0], from[1]};
        (void)close(from[0]);
        (void)close(to[1]);
        for (size_t k = 0; k < UNDO_SIGNALS; k++)
            (void)signal(undo_signals[k], SIG_DFL);
        return CHILD_ITSELF;
    }
    *c = (struct child){from[0], to[1]};
    (void)close(from[1]);
    (void)close(to[0]);
    if (pid > 0)
        return CHILD_PARENT;
    child_close(c);
    return CHILD_NONE;
}
