/* SPDX-License-Identifier: MIT */
/* syntax.c - the library: is a text a filter that some event could have? */
#include "lib/syntax.h"

#include <ctype.h>
#include <string.h>

#define SYNTAX_WORDS_MAX 256u

struct syntax {
    const char *text;
    size_t bytes;
    struct tp_filter_field fields[TP_FILTER_FIELDS_MAX];
    uint32_t field_count;
    char kept[4 * (TP_FILTER_TEXT_MAX + 1)]; /* words of fields and of the table, each with a NUL */
    size_t kept_bytes;
    const char *words[SYNTAX_WORDS_MAX];
    uint32_t word_count;
    unsigned tries;
    struct tp_filter_error error; /* the one that is last in the text */
};

static bool syntax_is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static const char *syntax_keep(struct syntax *s, const char *word, size_t n)
{
    char *to = s->kept + s->kept_bytes;

    if (s->kept_bytes + n + 1 > sizeof(s->kept))
        return NULL;
    memcpy(to, word, n);
    to[n] = '\0';
    s->kept_bytes += n + 1;
    return to;
}

static const char *syntax_name_at(const void *table, uint32_t i, int64_t *value)
{
    const struct syntax *s = table;

    *value = 1;
    return s->words[i];
}

/* Names of a table may have any byte but NUL: what stands between two of `ends`, too. False: there
 * are too many. */
static bool syntax_split(struct syntax *s, const char *ends)
{
    for (size_t at = 0; at < s->bytes;) {
        size_t n = strcspn(s->text + at, ends);

        if (n && s->word_count == SYNTAX_WORDS_MAX)
            return false;
        if (n && !(s->words[s->word_count++] = syntax_keep(s, s->text + at, n)))
            return false;
        at += n + 1;
    }
    return true;
}

static void syntax_note(struct syntax *s, const struct tp_filter_error *error)
{
    if (error->code == TP_FILTER_NO_FIELD)
        return;
    if (!s->error.what || error->column > s->error.column)
        s->error = *error;
}

/* The word at a place becomes the next field. False: there is none, or it is one, or they are too
 * many. */
static bool syntax_add(struct syntax *s, uint32_t column)
{
    const char *word = s->text + column;
    size_t n = 0;

    while (syntax_is_word(word[n]))
        n++;
    if (!n || isdigit((unsigned char)*word) || s->field_count == TP_FILTER_FIELDS_MAX)
        return false;
    for (uint32_t i = 0; i < s->field_count; i++)
        if (strlen(s->fields[i].name) == n && memcmp(s->fields[i].name, word, n) == 0)
            return false;
    s->fields[s->field_count] = (struct tp_filter_field){.name = syntax_keep(s, word, n)};
    return s->fields[s->field_count++].name;
}

static bool syntax_possible(struct syntax *s);

/* Some kind that the field that was added last may be of. */
static bool syntax_some_kind(struct syntax *s)
{
    static const uint8_t kinds[] = {TP_FILTER_SIGNED, TP_FILTER_TEXT, TP_FILTER_FLOAT,
                                    TP_FILTER_SIGNED, TP_FILTER_SIGNED};
    uint32_t at = s->field_count - 1;

    for (unsigned i = 0; i < sizeof(kinds); i++) {
        struct tp_filter_field *f = &s->fields[at];

        f->kind = kinds[i];
        f->bytes = 8;
        f->names = i >= 3 ? s->word_count : 0; /* flags, then an enum */
        f->flags = i == 3;
        f->table = f->names ? s : NULL;
        if (syntax_possible(s))
            return true;
    }
    return false;
}

/* Is there an event that has it, with the fields so far? */
static bool syntax_possible(struct syntax *s)
{
    _Alignas(8) uint8_t room[TP_FILTER_BYTES_MAX];
    struct tp_filter_schema schema = {
        .field = s->fields, .fields = s->field_count, .name_at = syntax_name_at};
    struct tp_filter_error error;
    size_t kept = s->kept_bytes;
    bool possible;

    if (++s->tries > SYNTAX_TRIES_MAX || tp_filter_compile((struct tp_filter *)room, sizeof(room),
                                                           s->text, s->bytes, &schema, &error) > 0)
        return true;
    syntax_note(s, &error);
    /* Not only what should be a field: with a field of reals another one may stand for a number. */
    if (!syntax_add(s, error.column))
        return error.code == TP_FILTER_NO_FIELD;
    possible = syntax_some_kind(s);
    s->field_count--;
    s->kept_bytes = kept;
    return possible;
}

/* An event may have a field of its own with a name that otherwise all have. */
static bool syntax_with_common(struct syntax *s, unsigned from)
{
    static const char *const names[] = {"common_type", "common_flags", "common_preempt_count",
                                        "common_pid",  "cpu",          "CPU",
                                        "comm",        "COMM"};
    const char *at;

    for (unsigned i = from; i < sizeof(names) / sizeof(*names); i++) {
        if (!(at = strstr(s->text, names[i])) || s->field_count == TP_FILTER_FIELDS_MAX)
            continue;
        if (syntax_with_common(s, i + 1))
            return true;
        s->fields[s->field_count++] = (struct tp_filter_field){.name = names[i]};
        if (syntax_some_kind(s))
            return true;
        s->field_count--;
    }
    return syntax_possible(s);
}

bool syntax_check(const char *text, struct tp_filter_error *error)
{
    struct syntax s = {.text = text, .bytes = strlen(text)};
    struct tp_filter_schema none = {0};
    _Alignas(8) uint8_t room[TP_FILTER_BYTES_MAX];

    if (s.bytes > TP_FILTER_TEXT_MAX) {
        (void)tp_filter_compile((struct tp_filter *)room, sizeof(room), text, s.bytes, &none,
                                error);
        return false;
    }
    if (!syntax_split(&s, " \t\"'|&!=<>~()") || !syntax_split(&s, "\"'") ||
        syntax_with_common(&s, 0))
        return true;
    *error = s.error;
    /* In quotes a name may be written with backslashes. */
    return s.error.code == TP_FILTER_NO_NAME && strchr(text, '\\');
}
