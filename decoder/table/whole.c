/* SPDX-License-Identifier: MIT */
/* whole.c - all records as one view. */
#include "table/whole.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A text of SQL in the making: of a text 'a''b'. */
static void whole_add(struct table_list *l, size_t *n, const char *text, size_t bytes)
{
    if (l->text_room - *n <= bytes) {
        l->text_room = 2 * l->text_room + bytes + 1024;
        l->text = mem_grow(l->text, l->text_room);
    }
    memcpy(l->text + *n, text, bytes);
    *n += bytes;
    l->text[*n] = '\0';
}

static void whole_word(struct table_list *l, size_t *n, const char *text)
{
    whole_add(l, n, text, strlen(text));
}

static void whole_quoted(struct table_list *l, size_t *n, const char *text, char quote)
{
    whole_add(l, n, &quote, 1);
    for (; *text; text++) {
        if (*text == quote)
            whole_add(l, n, text, 1);
        whole_add(l, n, text, 1);
    }
    whole_add(l, n, &quote, 1);
}

/* A column as a value of JSON: % is its name, and %% is %. */
static void whole_value(struct table_list *l, size_t *n, const struct table_column *c)
{
    const char *p = c->type->json ? c->type->json : "%";

    for (; *p; p++) {
        if (*p != '%')
            whole_add(l, n, p, 1);
        else if (p[1] == '%')
            whole_add(l, n, p++, 1);
        else
            whole_quoted(l, n, c->name, '"');
    }
}

static bool whole_is_last(const struct table *t, uint32_t column)
{
    return column >= t->last && column < t->last + 3u;
}

/* Its rows as those of records: the columns that all have around the fields. */
static void whole_table(struct table_list *l, size_t *n, const struct table *t)
{
    const char *before = "";

    whole_word(l, n, "select time_ns, cpu, common_pid, common_comm, flags, ");
    whole_quoted(l, n, t->sys, '\'');
    whole_word(l, n, " as sys, ");
    whole_quoted(l, n, t->event, '\'');
    whole_word(l, n, " as event, json_object(");
    for (uint32_t i = 5; i < t->count; i++) {
        if (whole_is_last(t, i))
            continue;
        whole_word(l, n, before);
        whole_quoted(l, n, t->column[i].label, '\'');
        whole_word(l, n, ", ");
        whole_value(l, n, &t->column[i]);
        before = ", ";
    }
    whole_word(l, n, ") as fields, cut, capture, input from ");
    whole_quoted(l, n, t->name, '"');
    whole_word(l, n, " union all ");
}

void whole_make(struct table_list *l)
{
    size_t n = 0;

    whole_word(l, &n, "create view records as ");
    for (uint32_t i = 0; i < l->count; i++)
        if (l->all[i]->sys && !l->all[i]->apart && l->all[i]->rows)
            whole_table(l, &n, l->all[i]);
    whole_word(l, &n, "select * from " WHOLE_OTHERS);
    if (!l->error && !sqlite_run(l->db, l->text))
        l->error = sqlite_error(l->db) ? sqlite_error(l->db) : EIO;
}
