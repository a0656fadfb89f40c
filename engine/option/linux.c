/* SPDX-License-Identifier: MIT */
/*
 * The format text and the record of Linux. Conversions are written so that libtraceevent (1.7)
 * renders what tpdecode does. It extends the sign of %hhd and %hd only, does not know %c, + and
 * space, prints arrays without signs and braces, and prints nothing for flags without a bit set.
 */
#include "../core/core.h"
#include "../control/text.h"

#include <tp/linux.h>

#define DATA_LOC_BYTES 4u
#define SPELT_MAX 16u /* arrays up to this are printed element by element, as in Linux */

/* Flags of enum trace_flag_type in Linux's include/linux/trace_events.h. */
enum {
    LINUX_IRQS_OFF = 0x01,
    LINUX_NEED_RESCHED = 0x04,
    LINUX_HARDIRQ = 0x08,
    LINUX_SOFTIRQ = 0x10,
    LINUX_NMI = 0x40
};

/* --- where things are --- */

static bool linux_has_tail(const struct tp_field *f)
{
    return tp_field_has_tail(f);
}

static bool linux_is_sequence(const struct tp_field *f)
{
    return f->count & TP_FIELD_SEQUENCE;
}

/* A str, or a sequence of char. */
static bool linux_is_str(const struct tp_field *f)
{
    return f->type == TP_TYPE_STR || (linux_is_sequence(f) && f->type == TP_TYPE_CHAR);
}

static bool linux_is_float(const struct tp_field *f)
{
    return f->type == TP_TYPE_F32 || f->type == TP_TYPE_F64;
}

static uint32_t linux_element_bytes(const struct tp_field *f)
{
    return linux_has_tail(f) ? DATA_LOC_BYTES : tp_types[f->type].bytes;
}

static uint32_t linux_field_bytes(const struct tp_field *f)
{
    return linux_element_bytes(f) * (f->count && !linux_is_sequence(f) ? f->count : 1u);
}

/* The offset of a field that comes after `end`. */
static uint32_t linux_place(const struct tp_field *f, uint32_t end)
{
    uint32_t boundary = linux_element_bytes(f);

    return (end + boundary - 1) & ~(boundary - 1);
}

/* --- the text: fields --- */

static void linux_put_field(struct tp_text *t, const char *type, const char *name, uint32_t count,
                            uint32_t at, uint32_t bytes, bool is_signed)
{
    tp_text_put(t, "\tfield:");
    if (count & TP_FIELD_SEQUENCE)
        tp_text_put(t, "__data_loc ");
    tp_text_put(t, type);
    tp_text_put(t, count & TP_FIELD_SEQUENCE ? "[] " : " ");
    count = count & TP_FIELD_SEQUENCE ? 0 : count;
    tp_text_put(t, name);
    if (count) {
        tp_text_char(t, '[');
        tp_text_number(t, count);
        tp_text_char(t, ']');
    }
    tp_text_put(t, ";\toffset:");
    tp_text_number(t, at);
    tp_text_put(t, ";\tsize:");
    tp_text_number(t, bytes);
    tp_text_put(t, ";\tsigned:");
    tp_text_char(t, is_signed ? '1' : '0');
    tp_text_put(t, ";\n");
}

static void linux_put_common(struct tp_text *t)
{
    linux_put_field(t, "unsigned short", "common_type", 0, 0, 2, false);
    linux_put_field(t, "unsigned char", "common_flags", 0, 2, 1, false);
    linux_put_field(t, "unsigned char", "common_preempt_count", 0, 3, 1, false);
    linux_put_field(t, "int", "common_pid", 0, 4, 4, true);
}

static const char *linux_type_name(const struct tp_field *f)
{
    switch (f->type) {
    case TP_TYPE_STR:
        return "__data_loc char[]";
    case TP_TYPE_BYTES:
        return "__data_loc u8[]";
    case TP_TYPE_PTR:
        return linux_is_sequence(f) ? "unsigned long" : "void *";
    case TP_TYPE_F32: /* Linux has no such numbers: their bits */
        return "u32";
    case TP_TYPE_F64:
        return "u64";
    default:
        return tp_types[f->type].name;
    }
}

/* As Linux's is_signed_type(): the compiler decides whether char is signed. */
static bool linux_is_signed(const struct tp_field *f)
{
    if (f->type == TP_TYPE_CHAR || f->type == TP_TYPE_STR)
        return (char)-1 < 0;
    return f->type >= TP_TYPE_S8 && f->type <= TP_TYPE_S64;
}

static void linux_put_fields(struct tp_text *t, const struct tp_event *e)
{
    uint32_t end = TP_LINUX_HEADER_BYTES;

    for (uint32_t i = 0; i < e->fields; i++) {
        const struct tp_field *f = &e->field[i];
        uint32_t at = linux_place(f, end);

        linux_put_field(t, linux_type_name(f), f->name, f->count, at, linux_field_bytes(f),
                        linux_is_signed(f));
        end = at + linux_field_bytes(f);
    }
}

/* --- the text: print fmt --- */

/* A byte of a text in quotes. */
static void linux_put_quoted(struct tp_text *t, char c)
{
    switch (c) {
    case '\n':
        tp_text_put(t, "\\n");
        break;
    case '\t':
        tp_text_put(t, "\\t");
        break;
    case '\r':
        tp_text_put(t, "\\r");
        break;
    case '"':
    case '\\':
        tp_text_char(t, '\\');
        tp_text_char(t, c);
        break;
    default:
        tp_text_char(t, c);
    }
}

static void linux_put_string(struct tp_text *t, const char *text)
{
    tp_text_char(t, '"');
    while (*text)
        linux_put_quoted(t, *text++);
    tp_text_char(t, '"');
}

/* A conversion of a format, in its parts. */
struct conversion {
    const char *start; /* after the % */
    const char *width; /* digits and precision, up to `length` */
    const char *length;
    const char *end; /* after the letter */
    char letter;
    bool hash, zero, minus;
};

static bool linux_is_one_of(char c, const char *list)
{
    while (*list && *list != c)
        list++;
    return c && *list;
}

/* The language of tpdecode (doc/format.md annex A). False: what was read is not a conversion but
 * text. */
static bool linux_parse(const char *at, struct conversion *c)
{
    *c = (struct conversion){.start = at};
    for (; linux_is_one_of(*at, "-+#0 "); at++) {
        c->hash |= *at == '#';
        c->zero |= *at == '0';
        c->minus |= *at == '-';
    }
    c->width = at;
    while (*at >= '0' && *at <= '9')
        at++;
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9';)
            at++;
    c->length = at;
    if ((at[0] == 'h' || at[0] == 'l') && at[0] == at[1])
        at += 2;
    else if (linux_is_one_of(*at, "hljzt"))
        at++;
    c->letter = *at;
    c->end = *at ? at + 1 : at;
    return linux_is_one_of(c->letter, "diuxXocpsfFeEgGaA");
}

/* True if the letter fits the field. If not, tpdecode shows the conversion, and so does this
 * text. */
static bool linux_fits(char letter, const struct tp_field *f)
{
    bool integer = f->type <= TP_TYPE_S64, character = f->type == TP_TYPE_CHAR;

    switch (letter) {
    case 's':
        return f->table || f->type == TP_TYPE_STR || (f->count && character);
    case 'p':
        return integer || f->type == TP_TYPE_PTR;
    case 'd':
    case 'i':
    case 'u':
    case 'o':
        return integer || character || f->type == TP_TYPE_BOOL;
    case 'c':
        return integer || character;
    case 'x':
    case 'X':
        return integer || character || f->type == TP_TYPE_BOOL || f->type == TP_TYPE_BYTES;
    default:
        return linux_is_float(f);
    }
}

/* True if the value is printed by a function, or is a text already. */
static bool linux_is_text(char letter, const struct tp_field *f)
{
    return letter == 's' || f->type == TP_TYPE_BYTES || f->count > SPELT_MAX || /* sequences too */
           (letter == 'c' && !f->count && tp_types[f->type].bytes == 1);
}

static const char *linux_length_of(const struct tp_field *f)
{
    switch (f->type) {
    case TP_TYPE_S8:
        return "hh";
    case TP_TYPE_S16:
        return "h";
    case TP_TYPE_U64:
    case TP_TYPE_S64:
        return "ll";
    default:
        return "";
    }
}

/* tpdecode prints a number with the sign of its field, whatever the format says. */
static char linux_letter_of(char letter, const struct tp_field *f)
{
    if (!linux_is_one_of(letter, "diu"))
        return letter;
    return f->type >= TP_TYPE_S8 && f->type <= TP_TYPE_S64 ? 'd' : 'u';
}

static void linux_put_span(struct tp_text *t, const char *from, const char *to)
{
    while (from < to)
        linux_put_quoted(t, *from++);
}

/* One conversion for one value. */
static void linux_put_conversion(struct tp_text *t, const struct conversion *c,
                                 const struct tp_field *f)
{
    bool text = linux_is_text(c->letter, f), pointer = c->letter == 'p';
    bool plain = pointer && c->width == c->length && !c->hash && !c->zero && !c->minus;

    tp_text_put(t, plain ? "0x%" : "%");
    if (c->minus)
        tp_text_char(t, '-');
    if (!text && !pointer && c->zero)
        tp_text_char(t, '0');
    if (!text && (c->hash || (pointer && !plain)))
        tp_text_char(t, '#');
    linux_put_span(t, c->width, c->length);
    if (text) {
        tp_text_char(t, 's');
    } else if (pointer) {
        tp_text_put(t, "llx");
    } else {
        tp_text_put(t, c->letter == 'c' ? "" : linux_length_of(f));
        tp_text_char(t, linux_letter_of(c->letter, f));
    }
}

static void linux_put_conversions(struct tp_text *t, const struct conversion *c,
                                  const struct tp_field *f)
{
    uint32_t count = linux_is_text(c->letter, f) ? 0 : f->count;

    if (!count) {
        linux_put_conversion(t, c, f);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        tp_text_char(t, i ? ',' : '{');
        linux_put_conversion(t, c, f);
    }
    tp_text_char(t, '}');
}

/* Writes the text up to the next conversion, and reads that: it takes field *i. False: the format
 * is at its end. What looks like a conversion but is not one is text. */
static bool linux_next_conversion(const struct tp_event *e, struct tp_text *t, const char **at,
                                  uint32_t *i, struct conversion *c)
{
    while (**at) {
        bool good;

        if (**at != '%') {
            linux_put_quoted(t, *(*at)++);
            continue;
        }
        if ((*at)[1] == '%') {
            tp_text_put(t, "%%");
            *at += 2;
            continue;
        }
        good = linux_parse(*at + 1, c) && *i < e->fields;
        if (good)
            good = linux_fits(c->letter, &e->field[(*i)++]);
        if (good && linux_is_float(&e->field[*i - 1]))
            *c = (struct conversion){.end = c->end, .letter = 'p'};
        for (const char *p = *at; !good && p < c->end; p++) {
            linux_put_quoted(t, *p);
            if (*p == '%')
                tp_text_char(t, '%');
        }
        *at = c->end;
        if (good)
            return true;
    }
    return false;
}

static void linux_put_rec(struct tp_text *t, const struct tp_field *f)
{
    tp_text_put(t, "REC->");
    tp_text_put(t, f->name);
}

/* The values are as wide as the field, since libtraceevent does not extend what it reads there. */
static void linux_put_names(struct tp_text *t, const struct tp_field *f)
{
    for (uint32_t i = 0; i < f->table->values && !tp_text_full(t); i++) {
        const struct tp_name *v = &f->table->value[i];

        if (f->table->flags && !v->value)
            continue;
        tp_text_put(t, ", {");
        tp_text_number(t, (uint64_t)v->value & (UINT64_MAX >> (64 - 8 * tp_types[f->type].bytes)));
        tp_text_put(t, ", ");
        linux_put_string(t, v->name);
        tp_text_char(t, '}');
    }
}

/* __print_flags prints nothing for 0, even if 0 has a name. */
static void linux_put_flags(struct tp_text *t, const struct tp_field *f)
{
    const char *zero = "0";

    for (uint32_t i = f->table->values; i--;)
        if (!f->table->value[i].value)
            zero = f->table->value[i].name;
    linux_put_rec(t, f);
    tp_text_put(t, " ? __print_flags(");
    linux_put_rec(t, f);
    tp_text_put(t, ", \"|\"");
    linux_put_names(t, f);
    tp_text_put(t, ") : ");
    linux_put_string(t, zero);
}

static void linux_put_call(struct tp_text *t, const char *call, const struct tp_field *f)
{
    tp_text_put(t, call);
    tp_text_put(t, f->name);
    tp_text_char(t, ')');
}

static void linux_put_array(struct tp_text *t, const struct tp_field *f)
{
    tp_text_put(t, "__print_array(");
    if (linux_is_sequence(f)) {
        linux_put_call(t, "__get_dynamic_array(", f);
        tp_text_put(t, ", ");
        linux_put_call(t, "__get_dynamic_array_len(", f);
        tp_text_put(t, " / ");
        tp_text_number(t, tp_types[f->type].bytes);
    } else {
        linux_put_rec(t, f);
        tp_text_put(t, ", ");
        tp_text_number(t, f->count);
    }
    tp_text_put(t, ", ");
    tp_text_number(t, tp_types[f->type].bytes);
    tp_text_char(t, ')');
}

static void linux_put_elements(struct tp_text *t, const struct tp_field *f, bool pointer)
{
    for (uint32_t i = 0; i < (f->count ? f->count : 1u); i++) {
        if (i)
            tp_text_put(t, ", ");
        if (pointer)
            tp_text_put(t, "(unsigned long long)");
        linux_put_rec(t, f);
        if (f->count) {
            tp_text_char(t, '[');
            tp_text_number(t, i);
            tp_text_char(t, ']');
        }
    }
}

static void linux_put_argument(struct tp_text *t, char letter, const struct tp_field *f)
{
    tp_text_put(t, ", ");
    if (linux_is_str(f) && letter == 's') {
        linux_put_call(t, "__get_str(", f);
    } else if (f->type == TP_TYPE_BYTES) {
        tp_text_put(t, "__print_hex_str(");
        linux_put_call(t, "__get_dynamic_array(", f);
        linux_put_call(t, ", __get_dynamic_array_len(", f);
        tp_text_char(t, ')');
    } else if (letter == 's' && f->table && f->table->flags) {
        linux_put_flags(t, f);
    } else if (letter == 's' && f->table) {
        tp_text_put(t, "__print_symbolic(");
        linux_put_rec(t, f);
        linux_put_names(t, f);
        tp_text_char(t, ')');
    } else if (letter == 's') {
        linux_put_rec(t, f); /* an array of char */
    } else if (f->count > SPELT_MAX) {
        linux_put_array(t, f);
    } else {
        linux_put_elements(t, f, letter == 'p');
    }
}

static void linux_put_print(struct tp_text *t, const struct tp_event *e)
{
    struct tp_text nowhere = {.room = 0};
    struct conversion c;
    const char *at = e->fmt;
    uint32_t i = 0;

    tp_text_put(t, "\nprint fmt: \"");
    while (linux_next_conversion(e, t, &at, &i, &c))
        linux_put_conversions(t, &c, &e->field[i - 1]);
    tp_text_char(t, '"');
    at = e->fmt;
    i = 0;
    while (!tp_text_full(t) && linux_next_conversion(e, &nowhere, &at, &i, &c))
        linux_put_argument(t, c.letter, &e->field[i - 1]);
    tp_text_char(t, '\n');
}

size_t tp_linux_format(const struct tp_event *event, uint64_t offset, char *out, size_t room)
{
    struct tp_text t = {.out = out, .room = room, .skip = offset};

    tp_text_put(&t, "name: ");
    tp_text_put(&t, event->name);
    tp_text_put(&t, "\nID: ");
    tp_text_number(&t, event->id);
    tp_text_put(&t, "\nformat:\n");
    linux_put_common(&t);
    tp_text_char(&t, '\n');
    linux_put_fields(&t, event);
    if (!tp_text_full(&t))
        linux_put_print(&t, event);
    return tp_text_bytes(&t);
}

/* --- the record --- */

struct maker {
    const uint8_t *from, *tail, *end; /* our fields, the next tail, the end of the last */
    uint8_t *to;
    size_t room;
    uint32_t fixed; /* where the fields end ... */
    uint32_t used;  /* ... and the bytes that were put after them */
};

static void linux_make_header(uint8_t *to, uint16_t id, const struct tp_wire_context *c)
{
    uint8_t flags = 0;

    flags |= c->flags & TP_CTX_IRQS_OFF ? LINUX_IRQS_OFF : 0;
    flags |= c->flags & TP_CTX_NEED_RESCHED ? LINUX_NEED_RESCHED : 0;
    flags |= c->flags & TP_CTX_HARDIRQ ? LINUX_HARDIRQ : 0;
    flags |= c->flags & TP_CTX_SOFTIRQ ? LINUX_SOFTIRQ : 0;
    flags |= c->flags & TP_CTX_NMI ? LINUX_NMI : 0;
    memcpy(to, &id, sizeof(id));
    to[2] = flags;
    to[3] = c->preempt_depth;
    memcpy(to + 4, &c->pid, sizeof(c->pid));
}

/* A str, bytes or sequence: its tail goes after all that is there. */
static int linux_make_tail(struct maker *m, const struct tp_field *f, uint32_t at)
{
    static const char cut_mark[] = "...";
    bool text = linux_is_str(f);
    uint16_t length;
    uint32_t bytes, mark, all, location;

    memcpy(&length, m->from + f->at, sizeof(length));
    bytes = TP_TAIL_BYTES(length);
    mark = text && length & TP_TAIL_CUT ? sizeof(cut_mark) - 1 : 0;
    all = bytes + mark + text;
    if (bytes > (size_t)(m->end - m->tail))
        return TP_EINVAL;
    if (all > m->room - m->fixed - m->used || m->fixed + m->used > UINT16_MAX)
        return TP_ESPACE;
    location = all << 16 | (m->fixed + m->used);
    memcpy(m->to + at, &location, sizeof(location));
    memcpy(m->to + m->fixed + m->used, m->tail, bytes);
    memcpy(m->to + m->fixed + m->used + bytes, cut_mark, mark);
    if (text)
        m->to[m->fixed + m->used + all - 1] = 0;
    m->tail += bytes;
    m->used += all;
    return 0;
}

static uint32_t linux_fixed_bytes(const struct tp_event *e)
{
    uint32_t end = TP_LINUX_HEADER_BYTES;

    for (uint32_t i = 0; i < e->fields; i++)
        end = linux_place(&e->field[i], end) + linux_field_bytes(&e->field[i]);
    return end;
}

long tp_linux_record(const struct tp_event *event, uint64_t context, const void *fields,
                     uint32_t bytes, void *out, size_t room)
{
    static const uint8_t none; /* an event without fields may be given no address */
    struct maker m = {.from = fields ? fields : &none,
                      .to = out,
                      .room = room,
                      .fixed = linux_fixed_bytes(event)};
    uint32_t end = TP_LINUX_HEADER_BYTES;
    struct tp_wire_context c;

    if (bytes < event->bytes)
        return TP_EINVAL;
    if (m.fixed > room)
        return TP_ESPACE;
    m.tail = m.from + event->bytes;
    m.end = m.from + bytes;
    memcpy(&c, &context, sizeof(c));
    memset(m.to, 0, m.fixed); /* with the gaps between fields */
    linux_make_header(m.to, event->id, &c);
    for (uint32_t i = 0; i < event->fields; i++) {
        const struct tp_field *f = &event->field[i];
        uint32_t at = linux_place(f, end);
        int err = 0;

        end = at + linux_field_bytes(f);
        if (linux_has_tail(f))
            err = linux_make_tail(&m, f, at);
        else
            memcpy(m.to + at, m.from + f->at, linux_field_bytes(f));
        if (err)
            return err;
    }
    return (long)(m.fixed + m.used);
}
