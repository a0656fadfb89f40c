/* SPDX-License-Identifier: MIT */
/*
 * The words of a filter's text. Each function skips the word that it has read, or returns false
 * with the error filled in. Only filter_compile.c calls them.
 */
#ifndef TP_ENGINE_FILTER_WORD_H
#define TP_ENGINE_FILTER_WORD_H

#include <tp/filter.h>

struct tp_words {
    const char *text;
    uint32_t bytes, at;
    uint32_t literal_bytes;
    size_t literal_room;
    const struct tp_filter_schema *schema;
    struct tp_filter_error *error;
    char *literals; /* all texts that were read, one after the other */
};

/* A field of the event or a common one. */
struct tp_operand {
    uint8_t index; /* of its value */
    uint8_t kind;
    const struct tp_filter_field *field; /* NULL: a common one */
};

struct tp_number {
    uint64_t bits;
    bool negative;
};

enum tp_relation {
    TP_REL_ENDS, /* none: what comes next is not part of the term */
    TP_REL_EQUAL,
    TP_REL_NOT_EQUAL,
    TP_REL_BELOW,
    TP_REL_AT_MOST,
    TP_REL_ABOVE,
    TP_REL_AT_LEAST,
    TP_REL_LIKE,
    TP_REL_MASKED
};

/* Always false, so that the caller can return it. */
static inline bool tp_word_fail(struct tp_words *w, enum tp_filter_code code, uint32_t column,
                                const char *what)
{
    w->error->code = code;
    w->error->column = column;
    w->error->what = what;
    return false;
}

static inline bool tp_word_no_room(struct tp_words *w, uint32_t column)
{
    return tp_word_fail(w, TP_FILTER_NO_ROOM, column, "no room for the program");
}

/* The byte, or -1 after the end. */
static inline int tp_word_peek(const struct tp_words *w, uint32_t ahead)
{
    return w->at + ahead < w->bytes ? (unsigned char)w->text[w->at + ahead] : -1;
}

/* Skips blanks. */
static inline void tp_word_blanks(struct tp_words *w)
{
    while (tp_word_peek(w, 0) == ' ' || (tp_word_peek(w, 0) >= '\t' && tp_word_peek(w, 0) <= '\r'))
        w->at++;
}

static inline bool tp_word_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* True if a word can begin with it. */
static inline bool tp_word_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* True if it can be part of a word. */
static inline bool tp_word_inside(int c)
{
    return tp_word_letter(c) || tp_word_digit(c);
}

/* Skips the rest of a word. */
static inline void tp_word_skip(struct tp_words *w)
{
    while (tp_word_inside(tp_word_peek(w, 0)))
        w->at++;
}

/* The field that text[from..to) names: one of the event, or else a common one. False, without an
 * error, if there is none. */
bool tp_word_find(const struct tp_words *w, uint32_t from, uint32_t to, struct tp_operand *o);

/* What a number is compared with or masked by. If it is the name of a field, *other is that field,
 * and *is_field is set; with NULL no field is allowed. */
bool tp_word_number(struct tp_words *w, const struct tp_operand *o, struct tp_number *n,
                    struct tp_operand *other, bool *is_field);

/* The number that a float is compared with, as a signed number in the order of the values
 * (filter_float.c). */
bool tp_word_float(struct tp_words *w, int64_t *order);

/* The operator that comes next, or TP_REL_ENDS. */
bool tp_word_operator(struct tp_words *w, enum tp_relation *r);

/* Add the text that comes next to the literals: in quotes, or without. A glob keeps the backslashes
 * that are part of it. */
bool tp_word_quoted(struct tp_words *w, bool glob);
bool tp_word_bare(struct tp_words *w, bool glob);

/* The field that the next word names; false, with nothing skipped, if it names none. */
bool tp_word_field(struct tp_words *w, struct tp_operand *other);

#endif
