/* SPDX-License-Identifier: MIT */
/* tsdl.c - events and their fields in the language that describes CTF traces. */
#include "export/tsdl.h"

#include <ctype.h>

/* --- names --- */

static void tsdl_name(char to[TSDL_NAME_BYTES], struct metadata_text name)
{
    to[0] = '_';
    for (uint32_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.bytes[i];

        to[i + 1] = c < 128 && isalnum(c) ? (char)c : '_';
    }
    to[name.n + 1] = '\0';
}

static bool tsdl_is_text(const struct metadata_field *f)
{
    return f->type == METADATA_STR || (f->array && f->type == METADATA_CHAR);
}

static bool tsdl_has_length(const struct metadata_field *f)
{
    return !tsdl_is_text(f) && (f->type == METADATA_BYTES || f->sequence);
}

/* Some readers take away more than one _ before a name. */
static const char *tsdl_core(const char *name)
{
    return name + strspn(name, "_");
}

/* Is b called as a, or as the length of a? */
static bool tsdl_clash(const char *a, bool a_has_length, const char *b)
{
    size_t n = strlen(tsdl_core(a));

    return strcmp(tsdl_core(a), tsdl_core(b)) == 0 ||
           (a_has_length && strncmp(tsdl_core(a), tsdl_core(b), n) == 0 &&
            strcmp(tsdl_core(b) + n, "_length") == 0);
}

/* Those of all fields; none is there twice, nor is one that of a length. */
static void tsdl_names(const struct metadata_event *e, char to[TP_LIMIT_FIELDS][TSDL_NAME_BYTES])
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        bool again = true;

        tsdl_name(to[i], e->fields[i].name);
        while (again) {
            again = false;
            for (uint32_t k = 0; k < i && !again; k++)
                again = tsdl_clash(to[k], tsdl_has_length(&e->fields[k]), to[i]) ||
                        tsdl_clash(to[i], tsdl_has_length(&e->fields[i]), to[k]);
            if (again)
                strcat(to[i], "_x");
        }
    }
}

bool tsdl_has(const struct metadata_event *e, const char *name)
{
    char names[TP_LIMIT_FIELDS][TSDL_NAME_BYTES];

    tsdl_names(e, names);
    for (uint32_t i = 0; i < e->field_count; i++)
        if (strcmp(names[i] + 1, name) == 0)
            return true;
    return false;
}

/* What steers a terminal, and what would end the text, as octal numbers: those of hexadecimal ones have no end. */
void tsdl_string(struct out *o, const char *text, size_t n)
{
    const uint8_t *s = (const uint8_t *)text;
    uint32_t code;

    out_bytes(o, "\"", 1);
    for (size_t i = 0; i < n;) {
        size_t took = out_utf8(s + i, n - i, &code);

        if (took == 1 && (s[i] < 0x20 || s[i] == 0x7f || s[i] == '"' || s[i] == '\\')) {
            char octal[4] = {'\\', (char)('0' + s[i] / 64), (char)('0' + s[i] / 8 % 8),
                             (char)('0' + s[i] % 8)};

            out_bytes(o, octal, sizeof(octal));
        } else {
            out_bytes(o, took ? text + i : "\xef\xbf\xbd", took ? took : 3);
        }
        i += took ? took : 1;
    }
    out_bytes(o, "\"", 1);
}

/* --- types --- */

void tsdl_integer(struct out *o, uint32_t bytes, bool is_signed, const char *more)
{
    out_text(o, "integer { size = ");
    out_u64(o, 8 * bytes);
    out_text(o, "; align = 8; byte_order = le; signed = ");
    out_text(o, is_signed ? "true;" : "false;");
    out_text(o, more);
    out_text(o, " }");
}

static void tsdl_number(struct out *o, const struct metadata_field *f)
{
    bool hex = f->type == METADATA_PTR || (f->table && f->table->flags);

    if (f->type == METADATA_FLOAT)
        out_text(o, f->width == 4 ? "floating_point { exp_dig = 8; mant_dig = 24; align = 8; "
                                    "byte_order = le; }"
                                  : "floating_point { exp_dig = 11; mant_dig = 53; align = 8; "
                                    "byte_order = le; }");
    else
        tsdl_integer(o, f->width, f->type == METADATA_SIGNED,
                     hex                        ? " base = 16;"
                     : f->type == METADATA_CHAR ? " encoding = UTF8;"
                                                : "");
}

/* Is it a value that the field can have? */
static bool tsdl_value(const struct metadata_field *f, const struct metadata_value *v)
{
    uint64_t most = UINT64_MAX >> (64 - 8 * f->width);

    if (f->type != METADATA_SIGNED)
        return !v->negative && v->bits <= most;
    return v->negative ? v->bits >= ~(most / 2) : v->bits <= most / 2;
}

/* Has a value before it the same name or number? Of names that are in it twice readers take one. */
static bool tsdl_again(const struct metadata_table *t, uint32_t i)
{
    const struct metadata_value *v = &t->values[i];

    for (uint32_t k = 0; k < i; k++)
        if (t->values[k].bits == v->bits && t->values[k].negative == v->negative)
            return true;
    return false;
}

/* Names of values, or of bits. False: there are none. */
static bool tsdl_values(struct out *o, const struct metadata_field *f)
{
    const struct metadata_table *t = f->table;
    bool any = false;

    for (uint32_t i = 0; i < t->count; i++) {
        if (!tsdl_value(f, &t->values[i]) || tsdl_again(t, i))
            continue;
        if (!any) {
            out_text(o, "enum : ");
            tsdl_number(o, f);
        }
        out_text(o, any ? ", " : " { ");
        tsdl_string(o, t->values[i].name.bytes, t->values[i].name.n);
        out_text(o, " = ");
        if (t->values[i].negative)
            out_s64(o, (int64_t)t->values[i].bits);
        else
            out_u64(o, t->values[i].bits);
        any = true;
    }
    if (any)
        out_text(o, " }");
    return any;
}

static void tsdl_field(struct out *o, const struct metadata_field *f, const char *name)
{
    if (tsdl_is_text(f)) {
        out_text(o, "string { encoding = UTF8; } ");
        out_text(o, name);
        return;
    }
    if (tsdl_has_length(f)) {
        tsdl_integer(o, 2, false, "");
        out_text(o, " _");
        out_text(o, name);
        out_text(o, "_length;\n\t\t");
    }
    if (f->type == METADATA_BYTES)
        tsdl_integer(o, 1, false, " base = 16;");
    else if (!f->table || !tsdl_values(o, f))
        tsdl_number(o, f);
    out_text(o, " ");
    out_text(o, name);
    if (tsdl_has_length(f)) {
        out_text(o, "[_");
        out_text(o, name);
        out_text(o, "_length]");
    } else if (f->array) {
        out_text(o, "[");
        out_u64(o, f->count);
        out_text(o, "]");
    }
}

void tsdl_open(struct out *o, const char *name, size_t n, uint32_t id)
{
    out_text(o, "event {\n\tname = ");
    tsdl_string(o, name, n);
    out_text(o, ";\n\tid = ");
    out_u64(o, id);
    out_text(o, ";\n\tstream_id = 0;\n\tfields := struct {\n");
}

void tsdl_close(struct out *o)
{
    out_text(o, "\t};\n};\n\n");
}

void tsdl_fields(struct out *o, const struct metadata_event *e)
{
    char names[TP_LIMIT_FIELDS][TSDL_NAME_BYTES];

    tsdl_names(e, names);
    for (uint32_t i = 0; i < e->field_count; i++) {
        out_text(o, "\t\t");
        tsdl_field(o, &e->fields[i], names[i]);
        out_text(o, ";\n");
    }
}

/* --- values --- */

static void tsdl_elements(struct pile *p, const struct metadata_field *f,
                          const struct value_tail *t, bool swap)
{
    uint8_t *to = pile_room(p, t->bytes);

    /* The width of bytes is that of their length. */
    if (f->width == 1 || f->type == METADATA_BYTES ||
        (!swap && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)) {
        if (t->bytes)
            memcpy(to, t->at, t->bytes);
    } else {
        for (uint32_t i = 0; i < t->bytes; i += f->width)
            little_put(to + i, value_load(t->at + i, f->width, false, swap), f->width);
    }
    p->n += t->bytes;
}

void tsdl_record(struct pile *p, const struct metadata_event *e, const struct record *r,
                 const struct value_tail *tails)
{
    for (uint32_t i = 0; i < e->field_count; i++) {
        const struct metadata_field *f = &e->fields[i];
        struct value_tail t = value_bytes(f, r, tails);

        if (tsdl_is_text(f)) {
            pile_text(p, t.at, t.bytes);
            if (t.cut) {
                p->n--;
                pile_add(p, "...", 4);
            }
            continue;
        }
        if (tsdl_has_length(f))
            pile_put(p, f->type == METADATA_BYTES ? t.bytes : t.bytes / f->width, 2);
        tsdl_elements(p, f, &t, r->swap);
    }
}
