/* SPDX-License-Identifier: MIT */
/* noline.c - in the place of line.c where there is no libedit: lines are read as the terminal gives them. */
#include "base/line.h"

struct line *line_open(void)
{
    return NULL;
}

void line_close(struct line *l)
{
    (void)l;
}

/* Never called, since no line is open. */
void line_choice(struct line_choices *c, const char *name, size_t n)
{
    (void)c;
    (void)name;
    (void)n;
}

void line_start(struct line *l, const volatile sig_atomic_t *stop,
                void (*complete)(void *context, const char *text, size_t n,
                                 struct line_choices *to),
                void *context)
{
    (void)l;
    (void)stop;
    (void)complete;
    (void)context;
}

const char *line_read(struct line *l, const char *prompt, size_t *n)
{
    (void)l;
    (void)prompt;
    *n = 0;
    return NULL;
}
