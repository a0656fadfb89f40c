/* SPDX-License-Identifier: MIT */
/*
 * tracefs.c - an event of a dump as Linux describes it.
 *
 * Conversions are written so that libtraceevent prints what tpdecode does, as far as it can: it knows no
 * floats, and prints arrays of more than some elements only as a whole.
 */
#include "export/tracefs.h"

#include <ctype.h>
#include <string.h>

#include "model/format.h"
#include "order/common.h"

#define TRACEFS_SPELT_MAX 16u  /* elements of an array that are printed one by one */
#define TRACEFS_ORDER_MAX 512u /* values of an enum that are in the order of their definition */
#define TRACEFS_LOCATION_BYTES 4u

const char tracefs_common[] =
    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
    "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
    "\n";

void tracefs_name(char to[TRACEFS_NAME_BYTES], struct metadata_text name)
{
    uint32_t n = name.n < TRACEFS_NAME_BYTES ? name.n : TRACEFS_NAME_BYTES - 1;

    for (uint32_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)name.bytes[i];

        to[i] = c < 128 && isalnum(c) ? (char)c : '_';
    }
    to[n] = '\0';
}

/* --- where things are --- */

bool tracefs_is_text(const struct metadata_field *f)
{
    return f->type == METADATA_STR || (f->sequence && f->type == METADATA_CHAR);
}

static uint32_t tracefs_element_bytes(const struct metadata_field *f)
{
    return metadata_has_tail(f) ? TRACEFS_LOCATION_BYTES : f->width;
}

uint32_t tracefs_bytes(const struct metadata_field *f)
{
    return tracefs_element_bytes(f) * (f->array && !f->sequence ? f->count : 1);
}

/* On its natural boundary. */
uint32_t tracefs_at(const struct metadata_field *f, uint32_t end)
{
    uint32_t boundary = tracefs_element_bytes(f);

    return (end + boundary - 1) / boundary * boundary;
}

/* --- fields --- */

/* The name of a field; if another one before it has the same, its number is added. */
static void tracefs_field_name(struct out *o, const struct metadata_event *e,
                               const struct metadata_field *f)
{
    char name[TRACEFS_NAME_BYTES], other[TRACEFS_NAME_BYTES];
    bool again = false;

    tracefs_name(name, f->name);
    for (const struct metadata_field *g = e->fields; g < f && !again; g++) {
        tracefs_name(other, g->name);
        again = strcmp(name, other) == 0;
    }
    out_text(o, name);
    if (again) {
        out_bytes(o, "_", 1);
        out_u64(o, (uint64_t)(f - e->fields));
    }
}

static const char *tracefs_type(const struct metadata_field *f)
{
    switch (f->type) {
    case METADATA_STR:
        return "__data_loc char[]";
    case METADATA_BYTES:
        return "__data_loc u8[]";
    case METADATA_PTR:
        if (f->width == 4)
            return "u32"; /* a pointer of the file has 8 bytes */
        return f->sequence ? "unsigned long" : "void *";
    case METADATA_FLOAT: /* Linux has none: their bits */
        return f->width == 4 ? "u32" : "u64";
    default:
        return f->type_name.bytes;
    }
}

static void tracefs_field(struct out *o, const struct metadata_event *e,
                          const struct metadata_field *f, uint32_t at)
{
    bool is_signed = f->type == METADATA_SIGNED || f->type == METADATA_CHAR ||
                     f->type == METADATA_STR;

    out_text(o, "\tfield:");
    out_text(o, f->sequence ? "__data_loc " : "");
    out_text(o, tracefs_type(f));
    out_text(o, f->sequence ? "[] " : " ");
    tracefs_field_name(o, e, f);
    if (f->array && !f->sequence) {
        out_bytes(o, "[", 1);
        out_u64(o, f->count);
        out_bytes(o, "]", 1);
    }
    out_text(o, ";\toffset:");
    out_u64(o, at);
    out_text(o, ";\tsize:");
    out_u64(o, tracefs_bytes(f));
    out_text(o, is_signed ? ";\tsigned:1;\n" : ";\tsigned:0;\n");
}

/* --- print fmt --- */

/* A text that was escaped as tpdecode prints it, in quotes of C. */
static void tracefs_quoted(struct out *o, const char *text, size_t n, bool percent)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            out_bytes(o, "\\", 1);
        out_bytes(o, text + i, 1);
        if (text[i] == '%' && percent)
            out_bytes(o, "%", 1);
    }
}

static void tracefs_string(struct out *o, struct metadata_text t)
{
    char text[4 * TP_LIMIT_NAME_BYTES];
    size_t n = out_escape(text, t.bytes, t.n, OUT_TEXT);

    out_bytes(o, "\"", 1);
    tracefs_quoted(o, text, n, false);
    out_bytes(o, "\"", 1);
}

/* Has each element a name? They are printed as numbers: __print_symbolic takes one value. */
static bool tracefs_is_named_array(const struct format_step *s)
{
    return s->field->array && s->field->table && s->letter == 's';
}

/* Is the value a text for libtraceevent, by a function or by itself? */
static bool tracefs_prints_text(const struct format_step *s)
{
    const struct metadata_field *f = s->field;

    return (s->letter == 's' && !tracefs_is_named_array(s)) || f->type == METADATA_BYTES ||
           f->sequence || (f->array && f->count > TRACEFS_SPELT_MAX) ||
           (s->letter == 'c' && !f->array && f->width == 1);
}

static void tracefs_width(struct out *o, const struct format_step *s)
{
    if (s->width)
        out_u64(o, s->width);
    if (s->precision >= 0) {
        out_bytes(o, ".", 1);
        out_u64(o, (uint64_t)s->precision);
    }
}

/* A number has the sign of its field, whatever the letter is. */
static void tracefs_number(struct out *o, const struct format_step *s)
{
    static const char *const lengths[9] = {[1] = "hh", [2] = "h", [4] = "", [8] = "ll"};
    const struct metadata_field *f = s->field;
    bool is_signed = f->type == METADATA_SIGNED;
    char letter = strchr("dius", s->letter) ? is_signed ? 'd' : 'u' : s->letter;

    /* libtraceevent extends the sign where the format says so, and only there. */
    if (s->letter != 'c' && (is_signed || f->width == 8))
        out_text(o, lengths[f->width]);
    out_bytes(o, &letter, 1);
}

static void tracefs_conversion(struct out *o, const struct format_step *s)
{
    bool text = tracefs_prints_text(s), pointer = s->letter == 'p';
    bool plain = pointer && !s->width && s->precision < 0 && !s->hash && !s->zero && !s->minus;

    if (s->field->type == METADATA_FLOAT && !text) {
        out_text(o, "0x%llx");
        return;
    }
    out_text(o, plain && !text ? "0x%" : "%");
    out_text(o, s->minus && s->field->type != METADATA_FLOAT ? "-" : "");
    out_text(o, !text && !pointer && s->zero ? "0" : "");
    out_text(o, !text && (s->hash || (pointer && !plain)) ? "#" : "");
    if (s->field->type != METADATA_FLOAT)
        tracefs_width(o, s);
    if (text)
        out_bytes(o, "s", 1);
    else if (pointer)
        out_text(o, "llx");
    else
        tracefs_number(o, s);
}

static void tracefs_conversions(struct out *o, const struct format_step *s)
{
    if (!s->field->array || tracefs_prints_text(s)) {
        tracefs_conversion(o, s);
        return;
    }
    for (uint32_t i = 0; i < s->field->count; i++) {
        out_bytes(o, i ? "," : "{", 1);
        tracefs_conversion(o, s);
    }
    out_bytes(o, "}", 1);
}

static void tracefs_rec(struct out *o, const struct metadata_event *e,
                        const struct metadata_field *f)
{
    out_text(o, "REC->");
    tracefs_field_name(o, e, f);
}

static void tracefs_call(struct out *o, const char *call, const struct metadata_event *e,
                         const struct metadata_field *f)
{
    out_text(o, call);
    tracefs_field_name(o, e, f);
    out_bytes(o, ")", 1);
}

/* A value has no more bits than its field: libtraceevent extends no sign there. */
static void tracefs_value(struct out *o, const struct metadata_field *f,
                          const struct metadata_value *v)
{
    if (f->table->flags && !v->bits)
        return;
    out_text(o, ", {");
    out_u64(o, v->bits & (UINT64_MAX >> (64 - 8 * f->width)));
    out_text(o, ", ");
    tracefs_string(o, v->name);
    out_bytes(o, "}", 1);
}

/* In the order in which they were defined. Of many the order by value does as well. */
static void tracefs_values(struct out *o, const struct metadata_field *f)
{
    const struct metadata_table *t = f->table;
    uint32_t place[TRACEFS_ORDER_MAX];
    bool order = t->count <= TRACEFS_ORDER_MAX;

    for (uint32_t i = 0; i < t->count && order; i++) {
        order = t->values[i].index < t->count;
        if (order)
            place[t->values[i].index] = i;
    }
    for (uint32_t i = 0; i < t->count; i++)
        tracefs_value(o, f, &t->values[order ? place[i] : i]);
}

/* __print_flags prints nothing for 0. */
static void tracefs_flags(struct out *o, const struct metadata_event *e,
                          const struct metadata_field *f)
{
    struct metadata_text zero = {"0", 1};

    for (uint32_t i = f->table->count; i--;)
        if (!f->table->values[i].bits)
            zero = f->table->values[i].name;
    tracefs_rec(o, e, f);
    out_text(o, " ? __print_flags(");
    tracefs_rec(o, e, f);
    out_text(o, ", \"|\"");
    tracefs_values(o, f);
    out_text(o, ") : ");
    tracefs_string(o, zero);
}

static void tracefs_array(struct out *o, const struct metadata_event *e,
                          const struct metadata_field *f)
{
    out_text(o, "__print_array(");
    if (f->sequence) {
        tracefs_call(o, "__get_dynamic_array(", e, f);
        tracefs_call(o, ", __get_dynamic_array_len(", e, f);
        out_text(o, " / ");
        out_u64(o, f->width);
    } else {
        tracefs_rec(o, e, f);
        out_text(o, ", ");
        out_u64(o, f->count);
    }
    out_text(o, ", ");
    out_u64(o, f->width);
    out_bytes(o, ")", 1);
}

static void tracefs_elements(struct out *o, const struct metadata_event *e,
                             const struct metadata_field *f, bool pointer)
{
    for (uint32_t i = 0; i < (f->array ? f->count : 1); i++) {
        out_text(o, i ? ", " : "");
        out_text(o, pointer ? "(unsigned long long)" : "");
        tracefs_rec(o, e, f);
        if (f->array) {
            out_bytes(o, "[", 1);
            out_u64(o, i);
            out_bytes(o, "]", 1);
        }
    }
}

static void tracefs_argument(struct out *o, const struct metadata_event *e,
                             const struct format_step *s)
{
    const struct metadata_field *f = s->field;

    out_text(o, ", ");
    if (tracefs_is_text(f) && s->letter == 's') {
        tracefs_call(o, "__get_str(", e, f);
    } else if (f->type == METADATA_BYTES) {
        tracefs_call(o, "__print_hex_str(__get_dynamic_array(", e, f);
        tracefs_call(o, ", __get_dynamic_array_len(", e, f);
        out_bytes(o, ")", 1);
    } else if (s->letter == 's' && f->table && !f->array && f->table->flags) {
        tracefs_flags(o, e, f);
    } else if (s->letter == 's' && f->table && !f->array) {
        out_text(o, "__print_symbolic(");
        tracefs_rec(o, e, f);
        tracefs_values(o, f);
        out_bytes(o, ")", 1);
    } else if (s->letter == 's' && !f->table) {
        tracefs_rec(o, e, f); /* an array of char */
    } else if (f->sequence || (f->array && f->count > TRACEFS_SPELT_MAX)) {
        tracefs_array(o, e, f);
    } else {
        tracefs_elements(o, e, f, s->letter == 'p' || f->type == METADATA_FLOAT);
    }
}

static void tracefs_print(struct out *o, const struct metadata_event *e)
{
    const struct format *f = e->format;
    uint32_t skip = f->head_bytes; /* ": sys_name: " */

    out_text(o, "\nprint fmt: \"");
    for (uint32_t i = 0; i < f->count; i++, skip = 0) {
        const struct format_step *s = &f->steps[i];

        tracefs_quoted(o, s->text + skip, s->text_bytes - skip, true);
        if (s->kind != FORMAT_TEXT)
            tracefs_conversions(o, s);
    }
    out_bytes(o, "\"", 1);
    for (uint32_t i = 0; i < f->count; i++)
        if (f->steps[i].kind != FORMAT_TEXT)
            tracefs_argument(o, e, &f->steps[i]);
    out_bytes(o, "\n", 1);
}

void tracefs_format(struct out *o, const struct metadata_event *e, const char *name, uint32_t id)
{
    uint32_t end = TRACEFS_HEADER_BYTES;

    out_text(o, "name: ");
    out_text(o, name);
    out_text(o, "\nID: ");
    out_u64(o, id);
    out_text(o, "\nformat:\n");
    out_text(o, tracefs_common);
    for (uint32_t i = 0; i < e->field_count; i++) {
        uint32_t at = tracefs_at(&e->fields[i], end);

        tracefs_field(o, e, &e->fields[i], at);
        end = at + tracefs_bytes(&e->fields[i]);
    }
    tracefs_print(o, e);
}

/* --- a record --- */

uint64_t tracefs_header(uint32_t id, const uint8_t *context, int32_t pid)
{
    uint8_t depth = context ? context[offsetof(struct tp_wire_context, preempt_depth)] : 0;
    uint64_t flags = context ? common_linux_flags(context) : 0;

    if (depth > 15)
        depth = 15; /* the upper four bits are another count */
    return (uint16_t)id | flags << 16 | (uint64_t)depth << 24 | (uint64_t)(uint32_t)pid << 32;
}
