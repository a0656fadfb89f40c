/* SPDX-License-Identifier: MIT */
/* words.c - what the word before the cursor may become. */
#include "answer/words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/out.h"

#define WORDS_NAME_BYTES 256u
#define WORDS_LINE_BYTES 4096u /* of a longer line no word is completed */

/* Where in a query the word is. */
struct words_place {
    const char *word;
    size_t n;
    bool quoted;
    bool dotted, tables; /* after a dot; where a table must be */
};

static const char *const words_of_sql[] = {"select",
                                           "from",
                                           "where",
                                           "group by",
                                           "order by",
                                           "having",
                                           "limit",
                                           "offset",
                                           "join",
                                           "left",
                                           "inner",
                                           "using",
                                           "on",
                                           "as",
                                           "and",
                                           "or",
                                           "not",
                                           "in",
                                           "is",
                                           "null",
                                           "like",
                                           "glob",
                                           "between",
                                           "case",
                                           "when",
                                           "then",
                                           "else",
                                           "end",
                                           "distinct",
                                           "union",
                                           "all",
                                           "except",
                                           "exists",
                                           "with",
                                           "desc",
                                           "asc",
                                           "cast",
                                           "count(",
                                           "sum(",
                                           "min(",
                                           "max(",
                                           "avg(",
                                           "round(",
                                           "abs(",
                                           "coalesce(",
                                           "printf(",
                                           "json_extract(",
                                           "group_concat(",
                                           "length(",
                                           "substr(",
                                           "explain query plan"};
static const char *const words_of_prompt[] = {".tables", ".schema", ".quit"};

static const char words_tables[] =
    "select name from sqlite_schema where type in ('table', 'view') order by name";
/* ?1: the line; ?2: of tables that are not named there as well. */
static const char words_columns[] =
    "select distinct c.name from sqlite_schema m, pragma_table_info(m.name) c "
    "where m.type in ('table', 'view') and (?2 or instr(lower(?1), lower(m.name))) order by 1";

static bool words_is(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == ':' || c & 0x80;
}

/* Is the word before `end` one after which a table comes? */
static bool words_after_from(const char *text, const char *end)
{
    const char *start;

    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    for (start = end; start > text && words_is(start[-1]);)
        start--;
    return end - start == 4 &&
           (strncasecmp(start, "from", 4) == 0 || strncasecmp(start, "join", 4) == 0);
}

/* False: it is in a text, where nothing is known. */
static bool words_place(const char *text, size_t n, struct words_place *p)
{
    const char *end = text + n, *quote = NULL;
    char in = 0;

    for (const char *at = text; at < end; at++) {
        if (in ? *at == in : *at == '\'' || *at == '"') {
            quote = at;
            in = in ? 0 : *at;
        }
    }
    if (in == '\'')
        return false;
    p->quoted = in;
    for (p->word = in ? quote + 1 : end; !in && p->word > text && words_is(p->word[-1]);)
        p->word--;
    p->n = (size_t)(end - p->word);
    end = p->word - p->quoted;
    p->dotted = end > text && end[-1] == '.';
    p->tables = words_after_from(text, end);
    return true;
}

static bool words_begins(const struct words_place *p, const char *name)
{
    return strncasecmp(name, p->word, p->n) == 0;
}

/* Of SQL, in the letters that were begun with. */
static void words_word(const struct words_place *p, const char *word, struct line_choices *to)
{
    char text[32];
    size_t n = strlen(word);
    bool upper = p->n && isupper((unsigned char)*p->word);

    if (!words_begins(p, word) || n > sizeof(text))
        return;
    for (size_t i = 0; i < n; i++)
        text[i] = (char)(upper ? toupper((unsigned char)word[i]) : word[i]);
    line_choice(to, text, n);
}

/* A name that is printed as it is. */
static bool words_harmless(const char *name, size_t n)
{
    char text[6 * WORDS_NAME_BYTES];

    return n && n <= WORDS_NAME_BYTES && out_valid(name, n) == n &&
           out_escape(text, name, n, OUT_TEXT) == n;
}

/* Does it need no quotes? */
static bool words_plain(const char *name, size_t n)
{
    bool plain = !isdigit((unsigned char)*name);

    for (size_t i = 0; i < n; i++)
        plain = plain && words_is(name[i]) && name[i] != ':';
    return plain;
}

static void words_name(const struct words_place *p, bool plain, const char *name, size_t n,
                       struct line_choices *to)
{
    char text[2 * WORDS_NAME_BYTES + 2];

    if (!words_begins(p, name) || !words_harmless(name, n))
        return;
    if (plain && words_plain(name, n))
        line_choice(to, name, n);
    else if (!plain)
        line_choice(to, text, (size_t)(sqlite_quote(text, name, n) - text));
}

/* Names that a query gives. */
static void words_names(struct sqlite *db, const char *query, const struct words_place *p,
                        const char *line, bool all, bool plain, struct line_choices *to)
{
    struct sqlite_query *q = sqlite_prepare(db, query, NULL);

    if (q && line) {
        sqlite_put_text(q, 1, line);
        sqlite_put_number(q, 2, all);
    }
    while (q && sqlite_step(q)) {
        size_t n;
        const char *name = sqlite_bytes(q, 0, &n);

        words_name(p, plain, name, n, to);
    }
    sqlite_finish(q);
}

static void words_all(struct sqlite *db, const struct words_place *p, const char *line, bool plain,
                      struct line_choices *to)
{
    if (!p->dotted)
        words_names(db, words_tables, p, NULL, false, plain, to);
    if (p->tables)
        return;
    words_names(db, words_columns, p, line, false, plain, to);
    if (!to->count)
        words_names(db, words_columns, p, line, true, plain, to);
}

void words_find(struct sqlite *db, const char *text, size_t n, struct line_choices *to)
{
    char line[WORDS_LINE_BYTES + 1];
    struct words_place p;

    if (n > WORDS_LINE_BYTES || !words_place(text, n, &p))
        return;
    memcpy(line, text, n);
    line[n] = '\0';
    to->typed = p.n + p.quoted;
    if (*text == '.') {
        p.word = text;
        to->typed = p.n = n;
        for (size_t i = 0; i < sizeof(words_of_prompt) / sizeof(words_of_prompt[0]); i++)
            words_word(&p, words_of_prompt[i], to);
        return;
    }
    for (size_t i = 0; i < sizeof(words_of_sql) / sizeof(words_of_sql[0]); i++)
        if (p.n && !p.quoted && !p.dotted && !p.tables)
            words_word(&p, words_of_sql[i], to);
    if (!p.quoted)
        words_all(db, &p, line, true, to);
    if (!to->count)
        words_all(db, &p, line, false, to);
}
