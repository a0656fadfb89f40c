/* SPDX-License-Identifier: MIT */
/*
 * template.h - records as a text of the user's own has them.
 *
 *     %t time   %c CPU   %s subsystem   %e event   %p pid   %n name of the task   %f flags
 *     %m the event as text, without its name   %{name} a field   %%   \n \t \\
 *
 * What a record does not have is empty. Each record ends a line.
 */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "order/columns.h"
#include "order/stamp.h"

#define TEMPLATE_STEPS_MAX 128u
#define TEMPLATE_TEXT_MAX 1024u

struct template_step {
    char letter;    /* 0: text; '{': a field */
    uint16_t at, n; /* text */
    uint8_t column;
};

struct template
{
    struct sink sink;
    struct stamp stamp;
    uint32_t count;
    struct template_step steps[TEMPLATE_STEPS_MAX];
    char text[TEMPLATE_TEXT_MAX];
    uint32_t text_bytes;
    struct columns columns; /* the fields in it */
};

/* NULL, or what is wrong. The text must stay where it is. */
const char *template_read(struct template *t, const char *text);
/* After that. */
struct sink *template_open(struct template *t, struct out *o, struct stamp stamp);

#endif
