/* SPDX-License-Identifier: MIT */
/* format.c - an event's fmt and fields as a small program. */
#include "model/format.h"

#include <string.h>

#include "base/mem.h"
#include "base/out.h"
#include "model/metadata.h"

/* Each field makes one step at most, with the text before it; and there may be text after all. */
#define FORMAT_STEPS_MAX (TP_LIMIT_FIELDS + 1)
#define FORMAT_TEXT_MAX (TP_LIMIT_FORMAT_BYTES + TP_LIMIT_NAME_BYTES + 8)

struct format_build {
    struct mem_arena *arena;
    struct format_step steps[FORMAT_STEPS_MAX];
    uint32_t count;
    char text[FORMAT_TEXT_MAX]; /* not yet a step */
    uint32_t text_bytes;
    bool full;
};

static void format_add_text(struct format_build *b, const char *text, size_t n)
{
    memcpy(b->text + b->text_bytes, text, n);
    b->text_bytes += (uint32_t)n;
}

/* A step with the text so far. */
static void format_add_step(struct format_build *b, struct format_step s)
{
    char escaped[4 * FORMAT_TEXT_MAX];
    size_t n = out_escape(escaped, b->text, b->text_bytes, OUT_TEXT);
    char *keep = mem_arena_get(b->arena, n + FORMAT_TEXT_UNIT);

    if (!keep) {
        b->full = true;
        return;
    }
    memcpy(keep, escaped, n);
    s.text = keep;
    s.text_bytes = (uint32_t)n;
    b->steps[b->count++] = s;
    b->text_bytes = 0;
}

static bool format_digits(const char **p, const char *end, uint32_t *v)
{
    *v = 0;
    for (; *p < end && **p >= '0' && **p <= '9'; ++*p)
        if (*v <= FORMAT_WIDTH_MAX)
            *v = 10 * *v + (uint32_t)(**p - '0');
    return *v <= FORMAT_WIDTH_MAX;
}

static bool format_flag(struct format_step *s, char c)
{
    switch (c) {
    case '-':
        return s->minus = true;
    case '+':
        return s->plus = true;
    case '#':
        return s->hash = true;
    case '0':
        return s->zero = true;
    case ' ':
        return s->space = true;
    default:
        return false;
    }
}

/*
 * Reads what follows a percent sign up to and with the letter. False if it is
 * no conversion of this language; *p is after what was read in both cases.
 */
static bool format_parse(const char **p, const char *end, struct format_step *s)
{
    uint32_t v;
    bool good;

    *s = (struct format_step){.kind = FORMAT_VALUE, .precision = -1};
    while (*p < end && format_flag(s, **p))
        ++*p;
    good = format_digits(p, end, &v);
    s->width = (uint16_t)v;
    if (*p < end && **p == '.') {
        ++*p;
        good = format_digits(p, end, &v) && good;
        s->precision = (int16_t)v;
    }
    if (end - *p >= 2 && ((**p == 'h' && (*p)[1] == 'h') || (**p == 'l' && (*p)[1] == 'l')))
        *p += 2;
    else if (*p < end && **p && strchr("hljzt", **p))
        ++*p;
    if (*p == end)
        return false;
    s->letter = *(*p)++;
    return good && s->letter && strchr("diuxXocpsfFeEgGaA", s->letter);
}

static bool format_fits(char letter, const struct metadata_field *f)
{
    bool integer = f->type == METADATA_UNSIGNED || f->type == METADATA_SIGNED;

    switch (letter) {
    case 'x':
    case 'X':
        if (f->type == METADATA_BYTES)
            return true;
        return integer || f->type == METADATA_BOOL || f->type == METADATA_CHAR;
    case 'd':
    case 'i':
    case 'u':
    case 'o':
        return integer || f->type == METADATA_BOOL || f->type == METADATA_CHAR;
    case 'c':
        return integer || f->type == METADATA_CHAR;
    case 'p':
        return integer || f->type == METADATA_PTR;
    case 's':
        return f->table || f->type == METADATA_STR || (f->array && f->type == METADATA_CHAR);
    default: /* f e g a */
        return f->type == METADATA_FLOAT;
    }
}

/* Steps that do not have to check flags when a record is printed. */
static enum format_kind format_kind(const struct format_step *s)
{
    static const enum format_kind unsigneds[9] = {
        [1] = FORMAT_U8, [2] = FORMAT_U16, [4] = FORMAT_U32, [8] = FORMAT_U64};
    static const enum format_kind signeds[9] = {
        [1] = FORMAT_S8, [2] = FORMAT_S16, [4] = FORMAT_S32, [8] = FORMAT_S64};
    const struct metadata_field *f = s->field;

    if (f->array || s->width || s->precision >= 0)
        return FORMAT_VALUE;
    if (s->letter == 's')
        return f->type == METADATA_STR ? FORMAT_STR : FORMAT_VALUE;
    if (!strchr("diu", s->letter))
        return FORMAT_VALUE;
    if (f->type != METADATA_SIGNED)
        return unsigneds[f->width];
    return s->plus || s->space ? FORMAT_VALUE : signeds[f->width];
}

static void format_one(struct format_build *b, const struct metadata_event *e, uint32_t *field,
                       const char **p, const char *end)
{
    const char *start = *p;
    struct format_step s;
    bool good;

    ++*p;
    if (*p < end && **p == '%') {
        ++*p;
        format_add_text(b, "%", 1);
        return;
    }
    good = format_parse(p, end, &s) && *field < e->field_count;
    if (good) {
        s.field = &e->fields[(*field)++];
        s.at = s.field->at;
        good = format_fits(s.letter, s.field);
    }
    if (!good) {
        format_add_text(b, start, (size_t)(*p - start));
        return;
    }
    s.kind = format_kind(&s);
    format_add_step(b, s);
}

const struct format *format_compile(const struct metadata_event *e, struct mem_arena *arena)
{
    struct format_build b = {.arena = arena};
    const char *p = e->fmt.bytes, *end = p + e->fmt.n;
    uint32_t field = 0;
    struct format *f;

    format_add_text(&b, ": ", 2);
    format_add_text(&b, e->sys.bytes, e->sys.n);
    format_add_text(&b, "_", 1);
    format_add_text(&b, e->name.bytes, e->name.n);
    format_add_text(&b, ": ", 2);
    while (p < end && !b.full) {
        if (*p == '%')
            format_one(&b, e, &field, &p, end);
        else
            format_add_text(&b, p++, 1);
    }
    if (b.text_bytes)
        format_add_step(&b, (struct format_step){.kind = FORMAT_TEXT});
    f = mem_arena_get(arena, sizeof(*f) + b.count * sizeof(f->steps[0]));
    if (!f || b.full)
        return NULL;
    f->count = b.count;
    f->head_bytes = (uint32_t)(out_escaped_bytes(e->sys.bytes, e->sys.n) +
                               out_escaped_bytes(e->name.bytes, e->name.n) + sizeof(": _: ") - 1);
    memcpy(f->steps, b.steps, b.count * sizeof(f->steps[0]));
    return f;
}
