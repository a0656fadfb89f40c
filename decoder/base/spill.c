/* SPDX-License-Identifier: MIT */
/* spill.c - an unnamed temporary file. */
#include "base/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

int spill_file(void)
{
    const char *folder = getenv("TMPDIR");
    int fd, other;

    fd = open(folder && *folder ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd == 0) {
        other = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        (void)close(fd);
        fd = other;
    }
    return fd < 0 ? 0 : fd;
}

bool spill_open(struct spill *s)
{
    *s = (struct spill){.fd = spill_file()};
    return s->fd;
}

void spill_close(struct spill *s)
{
    if (s->fd)
        (void)close(s->fd);
    s->fd = 0;
}

void spill_put(struct spill *s, uint64_t at, const void *bytes, size_t n)
{
    const char *p = bytes;

    while (n && !s->error) {
        ssize_t done = pwrite(s->fd, p, n, (off_t)at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            s->error = done ? errno : ENOSPC;
            break;
        }
        p += done;
        at += (uint64_t)done;
        n -= (size_t)done;
    }
}

uint64_t spill_add(struct spill *s, const void *bytes, size_t n)
{
    uint64_t at = s->bytes;

    spill_put(s, at, bytes, n);
    s->bytes += n;
    return at;
}

bool spill_read(struct spill *s, uint64_t at, void *to, size_t n)
{
    char *p = to;

    while (n && !s->error) {
        ssize_t done = pread(s->fd, p, n, (off_t)at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            s->error = done ? errno : EIO;
            break;
        }
        p += done;
        at += (uint64_t)done;
        n -= (size_t)done;
    }
    return !s->error;
}
