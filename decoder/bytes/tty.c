/* SPDX-License-Identifier: MIT */
/* tty.c - a serial line, which must give each byte as it came. */
#include "bytes/tty.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <termios.h>

#include "base/mem.h"
#include "base/undo.h"

struct tty {
    int fd;
    struct termios before;
    struct undo undo;
};

static const struct {
    uint64_t baud;
    speed_t code;
} tty_speeds[] = {
    {300, B300},         {600, B600},         {1200, B1200},       {2400, B2400},
    {4800, B4800},       {9600, B9600},       {19200, B19200},     {38400, B38400},
    {57600, B57600},     {115200, B115200},   {230400, B230400},   {460800, B460800},
    {500000, B500000},   {576000, B576000},   {921600, B921600},   {1000000, B1000000},
    {1152000, B1152000}, {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000},
    {3000000, B3000000}, {3500000, B3500000}, {4000000, B4000000}};

#define TTY_SPEEDS (sizeof(tty_speeds) / sizeof(tty_speeds[0]))

static size_t tty_find(uint64_t baud)
{
    size_t i = 0;

    while (i < TTY_SPEEDS && tty_speeds[i].baud != baud)
        i++;
    return i;
}

bool tty_speed(uint64_t baud)
{
    return tty_find(baud) < TTY_SPEEDS;
}

static void tty_undo(void *context)
{
    const struct tty *t = context;

    (void)tcsetattr(t->fd, TCSANOW, &t->before);
}

struct tty *tty_set(int fd, uint64_t baud)
{
    struct tty *t = mem_zero(sizeof(*t));
    size_t i = tty_find(baud);
    struct termios raw;

    t->fd = fd;
    t->undo = (struct undo){.run = tty_undo, .context = t};
    if (tcgetattr(fd, &t->before) != 0) {
        free(t);
        return NULL;
    }
    raw = t->before;
    cfmakeraw(&raw);
    /* No bytes are kept back as flow control, and no modem is waited for. */
    raw.c_iflag &= ~(tcflag_t)(IXOFF | IXANY | INPCK);
    raw.c_cflag |= CLOCAL | CREAD;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (i < TTY_SPEEDS && (cfsetispeed(&raw, tty_speeds[i].code) != 0 ||
                           cfsetospeed(&raw, tty_speeds[i].code) != 0)) {
        free(t);
        return NULL;
    }
    undo_add(&t->undo);
    if (tcsetattr(fd, TCSANOW, &raw) != 0) {
        int error = errno;

        tty_free(t);
        errno = error;
        return NULL;
    }
    return t;
}

void tty_free(struct tty *t)
{
    if (!t)
        return;
    tty_undo(t);
    undo_remove(&t->undo);
    free(t);
}

bool tty_is_cooked(int fd)
{
    struct termios t;

    return tcgetattr(fd, &t) == 0 && (t.c_lflag & (ICANON | ISIG) ||
                                      t.c_iflag & (ICRNL | INLCR | IGNCR | ISTRIP | IXON | PARMRK));
}
