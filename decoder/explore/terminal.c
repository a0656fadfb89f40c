/* SPDX-License-Identifier: MIT */
/* terminal.c - the terminal while it is used as a screen. */
#include "explore/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/out.h"

#define TERMINAL_ROWS 24 /* of one that does not say */
#define TERMINAL_COLUMNS 80

/* The other screen of the terminal, and no cursor; and all that as it was. */
static const char terminal_enter[] = "\033[?1049h\033[?25l\033[0m\033[2J";
static const char terminal_leave[] = "\033[0m\033[?25h\033[?1049l";

static volatile sig_atomic_t terminal_resized, terminal_suspended, terminal_continued;

static void terminal_signal(int number)
{
    if (number == SIGWINCH)
        terminal_resized = 1;
    else if (number == SIGTSTP)
        terminal_suspended = 1;
    else
        terminal_continued = 1;
}

struct terminal_asked terminal_asked(void)
{
    struct terminal_asked asked = {terminal_resized, terminal_suspended, terminal_continued};

    terminal_resized = terminal_suspended = terminal_continued = 0;
    return asked;
}

int terminal_write(void *context, const void *bytes, size_t n)
{
    (void)context;
    return out_write(STDOUT_FILENO, bytes, n);
}

const char *terminal_open(struct terminal *t, const char *path)
{
    *t = (struct terminal){.fd = open(path ? path : "/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
    if (t->fd < 0) {
        t->fd = 0;
        return "there is no terminal that keys could come from";
    }
    if (tcgetattr(t->fd, &t->before) == 0)
        return NULL;
    terminal_close(t);
    return "the settings of the terminal cannot be read";
}

void terminal_close(struct terminal *t)
{
    terminal_stop(t);
    if (t->fd)
        (void)close(t->fd);
    t->fd = 0;
}

/* In a signal handler as well. */
static void terminal_undo(void *context)
{
    const struct terminal *t = context;

    (void)!write(STDOUT_FILENO, terminal_leave, sizeof(terminal_leave) - 1);
    (void)tcsetattr(t->fd, TCSANOW, &t->before);
}

static bool terminal_raw(const struct terminal *t)
{
    struct termios raw = t->before;

    cfmakeraw(&raw);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    return tcsetattr(t->fd, TCSANOW, &raw) == 0;
}

static void terminal_handle(void (*handler)(int number))
{
    struct sigaction a = {.sa_handler = handler};

    (void)sigaction(SIGWINCH, &a, NULL);
    (void)sigaction(SIGTSTP, &a, NULL);
    (void)sigaction(SIGCONT, &a, NULL);
}

bool terminal_start(struct terminal *t)
{
    if (t->started)
        return true;
    t->undo = (struct undo){.run = terminal_undo, .context = t};
    undo_add(&t->undo);
    t->started = true;
    terminal_handle(terminal_signal);
    if (!terminal_raw(t)) {
        terminal_stop(t);
        return false;
    }
    (void)terminal_write(NULL, terminal_enter, sizeof(terminal_enter) - 1);
    terminal_measure(t);
    return true;
}

void terminal_stop(struct terminal *t)
{
    if (!t->started)
        return;
    terminal_undo(t);
    undo_remove(&t->undo);
    terminal_handle(SIG_DFL);
    t->started = false;
}

void terminal_suspend(struct terminal *t)
{
    sigset_t set;

    terminal_stop(t);
    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)raise(SIGTSTP);
    /* Here it goes on; the shell may have changed the settings. */
    (void)tcgetattr(t->fd, &t->before);
    (void)terminal_start(t);
}

void terminal_measure(struct terminal *t)
{
    struct winsize size;

    t->rows = TERMINAL_ROWS;
    t->columns = TERMINAL_COLUMNS;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_row || !size.ws_col)
        return;
    t->rows = size.ws_row;
    t->columns = size.ws_col;
}
