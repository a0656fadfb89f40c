/* SPDX-License-Identifier: MIT */
/*
 * The words that a filter's text is made of: what reads one steps over it, or returns false with
 * the error filled in. What they are put together to is filter_compile.c's business, which alone
 * calls this.
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
    char *literals; /* all texts that were read, in a row */
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
    TP_REL_ENDS, /* none: what comes does not belong to the term */
    TP_REL_EQUAL,
    TP_REL_NOT_EQUAL,
    TP_REL_BELOW,
    TP_REL_AT_MOST,
    TP_REL_ABOVE,
    TP_REL_AT_LEAST,
    TP_REL_LIKE,
    TP_REL_MASKED
};

/* Always false, for who returns what it cannot read. */
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

/* The byte, or -1 behind the end. */
static inline int tp_word_peek(const struct tp_words *w, uint32_t ahead)
{
    return w->at + ahead < w->bytes ? (unsigned char)w->text[w->at + ahead] : -1;
}

/* Steps over them. */
static inline void tp_word_blanks(struct tp_words *w)
{
    while (tp_word_peek(w, 0) == ' ' || (tp_word_peek(w, 0) >= '\t' && tp_word_peek(w, 0) <= '\r'))
        w->at++;
}

static inline bool tp_word_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* A word begins with it. */
static inline bool tp_word_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* It is in one. */
static inline bool tp_word_inside(int c)
{
    return tp_word_letter(c) || tp_word_digit(c);
}

/* Steps over the rest of a word. */
static inline void tp_word_skip(struct tp_words *w)
{
    while (tp_word_inside(tp_word_peek(w, 0)))
        w->at++;
}

/* The field that text[from..to) names. Its own come first. No error if there is none. */
bool tp_word_find(const struct tp_words *w, uint32_t from, uint32_t to, struct tp_operand *o);

/* What a number is compared with or masked by. If it is the name of a field, *other is that field,
 * and *is_field is set; NULL: no field is allowed here. */
bool tp_word_number(struct tp_words *w, const struct tp_operand *o, struct tp_number *n,
                    struct tp_operand *other, bool *is_field);

/* The operator that stands here, if one does. */
bool tp_word_operator(struct tp_words *w, enum tp_relation *r);

/* Add a text to the literals: in quotes, which stand here, or without. A glob keeps the backslashes
 * that are its own. */
bool tp_word_quoted(struct tp_words *w, bool glob);
bool tp_word_bare(struct tp_words *w, bool glob);

/* The field that the word here is the name of, if it is; else nothing is stepped over. */
bool tp_word_field(struct tp_words *w, struct tp_operand *other);

#endif
