/* SPDX-License-Identifier: MIT */
/* label.c - the name of its input at the start of each line, if there are several. */
#include "tool/label.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/out.h"

#define LABEL_NUMBER_BYTES 12u  /* "4294967295:" */
#define LABEL_CAPTURE_BYTES 20u /* " capture 4294967295" */

enum label_kind { LABEL_BASE, LABEL_WHOLE, LABEL_NUMBERED };

static const char *label_name(const struct stream *s, enum label_kind kind)
{
    const char *slash = kind == LABEL_BASE ? strrchr(s->diag.name, '/') : NULL;

    return slash && slash[1] ? slash + 1 : s->diag.name;
}

static int label_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool label_differ(const struct stream *streams, uint32_t count, enum label_kind kind,
                         const char **names)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < count; i++)
        if (streams[i].named == i) /* not what else is in one of them */
            names[n++] = label_name(&streams[i], kind);
    count = n;
    qsort(names, count, sizeof(*names), label_compare);
    for (uint32_t i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return false;
    return true;
}

/* The name, and the start of a line of text. Returns the end of both. */
static char *label_make(struct stream *s, enum label_kind kind, char *p)
{
    const char *name = s->only_named ? "" : label_name(s, kind);

    s->label = p;
    if (kind == LABEL_NUMBERED)
        p += snprintf(p, LABEL_NUMBER_BYTES, "%u:", s->named + 1u);
    memcpy(p, name, strlen(name) + 1);
    p += strlen(name);
    if (s->region) /* no chunk of it was read yet */
        p += snprintf(p, LABEL_CAPTURE_BYTES, "%scapture %u", *name ? " " : "", s->captures + 1u);
    s->prefix = ++p;
    *p++ = '[';
    p += out_escape(p, s->label, strlen(s->label), OUT_TEXT);
    *p++ = ']';
    s->prefix_bytes = (uint32_t)(p - s->prefix);
    return p + LABEL_COLUMNS + 1;
}

void *label_all(struct stream *streams, uint32_t count)
{
    enum label_kind kind = LABEL_BASE;
    size_t bytes = count * sizeof(char *);
    uint32_t width = 0;
    char *all, *p;

    for (uint32_t i = 0; i < count; i++)
        bytes += 5 * strlen(streams[i].diag.name) + 5 * LABEL_NUMBER_BYTES +
                 5 * LABEL_CAPTURE_BYTES + LABEL_COLUMNS + 4;
    all = p = mem_alloc(bytes);
    while (kind < LABEL_NUMBERED && !label_differ(streams, count, kind, (const char **)(void *)all))
        kind++;
    for (uint32_t i = 0; i < count; i++) {
        p = label_make(&streams[i], kind, p);
        if (streams[i].prefix_bytes > width && streams[i].prefix_bytes <= LABEL_COLUMNS + 2)
            width = streams[i].prefix_bytes;
    }
    for (uint32_t i = 0; i < count; i++) {
        char *end = streams[i].prefix + streams[i].prefix_bytes;

        do
            *end++ = ' ';
        while (end <= streams[i].prefix + width);
        streams[i].prefix_bytes = (uint32_t)(end - streams[i].prefix);
    }
    return all;
}
