/* SPDX-License-Identifier: MIT */
/* watch.c - waits for more of an input that is still being written. */
#include "bytes/watch.h"

#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/diag.h"

uint64_t watch_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Is the file still the one of that name, and as long as what was read? If not, its end is here. */
static bool watch_same(struct watch *w, const struct stat *file, off_t at)
{
    struct stat named;

    if (file->st_size < at) {
        diag_fail(w->diag, "the file was cut while it was followed, reading ends");
        return false;
    }
    if (!w->path || w->gone)
        return true;
    if (stat(w->path, &named) != 0) {
        w->gone = true;
        diag_note(w->diag, "the file was removed, what is written to it is still read");
    } else if (named.st_dev != file->st_dev || named.st_ino != file->st_ino) {
        diag_fail(w->diag, "another file has taken its name, reading ends");
        return false;
    }
    return true;
}

/* More in a regular file? *end: and there never will be. */
static bool watch_grown(struct watch *w, int fd, bool *end)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    struct stat st;

    if (at < 0 || fstat(fd, &st) != 0)
        return true; /* the read will say why */
    if (st.st_size > at)
        return true;
    *end = !watch_same(w, &st, at);
    return false;
}

static bool watch_ready(struct watch *w, int fd, bool *end)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    if (w->regular)
        return watch_grown(w, fd, end);
    return poll(&p, 1, 0) > 0;
}

/* Until the next turn, or a pipe has something, or a signal comes. */
static void watch_sleep(const struct watch *w, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    (void)poll(&p, w->regular ? 0 : 1, WATCH_TICK_MS);
}

bool watch_turn(struct watch *w)
{
    uint64_t now = watch_now(), passed = now - w->last;

    w->clock_ms += passed < WATCH_PASS_MS ? passed : WATCH_PASS_MS;
    w->last = now;
    return (!w->stop || !*w->stop) && w->tick(w->context);
}

bool watch_wait(struct watch *w, int fd)
{
    bool end = false;
    struct stat st;

    if (!w->known) {
        w->known = true;
        w->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    }
    for (;;) {
        bool wanted = !w->stop || !*w->stop;

        w->dry = wanted && !watch_ready(w, fd, &end);
        if (wanted && !w->dry) {
            if (watch_now() - w->last < WATCH_TICK_MS || watch_turn(w))
                return true;
            wanted = false;
        }
        if (wanted && (end || w->ended))
            return false;
        if (!wanted || !watch_turn(w)) {
            /* A chunk that ends in the middle is then not damage. */
            w->diag->quiet = true;
            return false;
        }
        watch_sleep(w, fd);
    }
}
