/* SPDX-License-Identifier: MIT */
/* The files of the control tree for functions that are traced: functions, set_function. */
#include "tree.h"

#include <tp/fn.h>

#define FUNCTION_DIGITS (2 * sizeof(uintptr_t))
#define FUNCTION_BYTES 128u

/* In option/site.c. Weak: a kernel whose functions are not traced has none of it, and then the files are
 * not in the tree. */
#pragma weak tp_fn_entry
#pragma weak tp_fn_select
#pragma weak tp_fn_select_named

/* A hexadecimal number with 0x at the start of text[n]. How many bytes it has; 0: there is none. */
static size_t tree_function_number(const char *text, size_t n, uintptr_t *value)
{
    size_t at = 2;

    *value = 0;
    if (n < 3 || text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
        return 0;
    for (; at < n; at++) {
        char c = text[at];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                : 16;

        if (digit == 16)
            break;
        if (*value >> (8 * sizeof(*value) - 4))
            return 0;
        *value = *value << 4 | digit;
    }
    return at == 2 ? 0 : at;
}

static void tree_function_hex(struct tp_text *t, uintptr_t value)
{
    size_t digits = FUNCTION_DIGITS;

    while (digits > 1 && !(value >> 4 * (digits - 1)))
        digits--;
    tp_text_put(t, "0x");
    while (digits--)
        tp_text_char(t, "0123456789abcdef"[value >> 4 * digits & 0xf]);
}

bool tp_tree_has_functions(void)
{
    return tp_fn_entry;
}

static int tree_function_text(struct tp_text *t, bool all)
{
    bool on;
    uintptr_t entry;

    for (uint32_t i = 0; !tp_text_full(t) && (entry = tp_fn_entry(i, &on)); i++) {
        const char *name = tp_port_symbol(entry);

        if (!on && !all)
            continue;
        tree_function_hex(t, entry);
        if (name) {
            tp_text_char(t, ' ');
            tp_text_put(t, name);
        }
        tp_text_char(t, '\n');
    }
    return 0;
}

int tp_tree_functions(const struct tp_place *p, struct tp_text *t)
{
    (void)p;
    return tree_function_text(t, true);
}

int tp_tree_set_function(const struct tp_place *p, struct tp_text *t)
{
    (void)p;
    return tree_function_text(t, false);
}

/* One word of what is written: a range, or a pattern of names. */
struct tree_function_word {
    bool on;
    uintptr_t from, to;           /* to 0: it is a pattern */
    char pattern[FUNCTION_BYTES]; /* with its NUL */
};

static bool tree_function_range(const char *text, size_t n, struct tree_function_word *w)
{
    size_t first = tree_function_number(text, n, &w->from);
    size_t second = first && first < n && text[first] == '-'
                        ? tree_function_number(text + first + 1, n - first - 1, &w->to)
                        : 0;

    return second && first + 1 + second == n && w->from < w->to;
}

static bool tree_function_pattern(const char *text, size_t n, struct tree_function_word *w)
{
    w->to = 0;
    if (!n || n >= sizeof(w->pattern))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!text[i])
            return false;
        w->pattern[i] = text[i];
    }
    w->pattern[n] = 0;
    return true;
}

/* The next word from *at on. 1; 0: there is none; or TP_EINVAL. */
static int tree_function_next(const char *text, size_t bytes, size_t *at,
                              struct tree_function_word *w)
{
    size_t n = 0;
    bool good;

    while (*at < bytes && tp_text_blank(text[*at]))
        ++*at;
    if (*at == bytes)
        return 0;
    w->on = text[*at] != '!';
    *at += !w->on;
    while (*at + n < bytes && !tp_text_blank(text[*at + n]))
        n++;
    good = text[*at] == '0' ? tree_function_range(text + *at, n, w)
                            : tree_function_pattern(text + *at, n, w);
    *at += n;
    return good ? 1 : TP_EINVAL;
}

/* First all words are read, so that a wrong one changes nothing. */
int tp_tree_write_function(const struct tp_place *p, const char *text, size_t bytes,
                           struct tp_filter_error *error)
{
    struct tree_function_word w;
    bool any = false;
    size_t at = 0;
    int more;

    (void)p;
    while ((more = tree_function_next(text, bytes, &at, &w)) > 0)
        ;
    if (more) {
        error->what = "a range is 0x1000-0x2000; a name has 127 bytes at most";
        return more;
    }
    at = 0;
    while (tree_function_next(text, bytes, &at, &w) > 0) {
        int err = w.to ? tp_fn_select(w.from, w.to, w.on) : tp_fn_select_named(w.pattern, w.on);

        if (err && err != TP_ENOENT)
            return err;
        any |= !err;
    }
    error->what = any ? NULL : "no function is there";
    return any ? 0 : TP_ENOENT;
}
