/* SPDX-License-Identifier: MIT */
/*
 * tp/filter.h - the language of filters: which events of a kind pass.
 *
 *     struct tp_filter_error error;
 *     long n = tp_filter_compile(program, sizeof(program), text, strlen(text), &schema, &error);
 *
 *     if (n < 0)
 *         tp_filter_explain(&error, text, strlen(text), line, sizeof(line));
 *     else if (tp_filter_run(program, values))
 *         record();
 *
 * The engine evaluates a filter on the arguments of a call, before it reserves anything; tpdecode on
 * decoded fields (--filter). Both compile engine/filter/filter.c, filter_compile.c, filter_float.c and
 * filter_word.c, which know no ring, no dump and no kernel, allocate nothing, call nothing but memcmp, memcpy and
 * memset, and do not recurse. A kernel that only sets filters calls tp_filter_set of tp/control.h.
 *
 * A text becomes a program of at most TP_FILTER_OPS_MAX tests, which only jump forward. So the time
 * of a run is linear in the length of the text, and that of a glob in its subject times its pattern.
 * Compiling takes less than 1 KiB of stack, a run less than 256 bytes (x86-64, -O2;
 * tests/filter/filter_stack_test.c).
 *
 *     (a > 8 && a <= 10) || b > 5
 *     comm ~ "kworker*" && !(flags & O_CREAT) && prev_pid != next_pid
 *
 * The language, loosest operator first:
 *
 *     A || B    A && B    !A    (A)
 *     FIELD OP VALUE      OP: == != < <= > >= on numbers, == != ~ on texts
 *     FIELD OP FIELD      the same kinds; signed and unsigned compare as the numbers they are
 *     FIELD & MASK        some bit of MASK is set
 *     FIELD & MASK OP VALUE or FIELD    compares the bits that remain: (FIELD & MASK) OP VALUE
 *     FIELD               of a number or bool alone: it is not 0
 *
 * VALUE of a number: decimal, 0x hexadecimal, 0 octal or 'c', each with an optional minus; or a
 * name of the field's table, bare or in quotes; for flags also NAME|NAME. It must fit 64 bits,
 * signed or not; it need not fit the field (`u8 < 300` is true). The result of & has 64 bits, and is
 * not negative unless the field is signed and MASK has a minus. On a field that has a table, quotes
 * hold names only.
 *
 * VALUE of an f32 or f64: decimal with a point and an exponent (1.5, -2e-3) of at most 19 digits,
 * with the last at most 27 places from the point; hexadecimal with an exponent of two (0x1.8p100);
 * inf or -inf. They compare as the numbers they are (f32 == 0.1 is false: no f32 is 0.1), with ==
 * != < <= > >= only, and with each other. What is not a number passes no comparison.
 *
 * VALUE of a text: "..." or '...' with \\ \" \' \n \t (\ with another byte is both of them), or a
 * bare word of letters, digits, bytes from 0x80 and _ . - / : * ?; texts end at a NUL. ~ is a glob
 * of all the text: * any bytes, ? one byte, [a-z] [!x] [^x] a class, \ outside of a class takes the
 * next byte as it is; after ~ a bare word may have [ ] ! ^ \ too, and in quotes \\ stays for the
 * glob.
 *
 * A bare word after an operator is first a name of the table, then a field, then a text; after ~ it
 * is always a text.
 *
 * After its own fields, which take precedence, each event has common_type (its id), common_flags,
 * common_preempt_count, common_pid, common_cpu, CPU or cpu, and common_comm, COMM or comm.
 */
#ifndef TP_FILTER_H
#define TP_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TP_FILTER_TEXT_MAX 1023u    /* bytes of an expression */
#define TP_FILTER_OPS_MAX 64u       /* tests in it */
#define TP_FILTER_DEPTH_MAX 32u     /* nested parentheses and ! */
#define TP_FILTER_LITERALS_MAX 512u /* bytes of all its texts together */
#define TP_FILTER_FIELDS_MAX 16u    /* of an event */

/* What a field is to a filter. */
enum tp_filter_kind {
    TP_FILTER_UNSIGNED, /* number, zero-extended: integers, bool, char, ptr */
    TP_FILTER_SIGNED,   /* number, sign-extended */
    TP_FILTER_TEXT,     /* str, arrays of char: bytes up to a NUL or the size */
    TP_FILTER_OPAQUE,   /* bytes, other arrays: a filter cannot name them */
    TP_FILTER_FLOAT     /* number: the bits of an f32 or f64 */
};

struct tp_filter_field {
    const char *name;
    uint8_t kind;   /* enum tp_filter_kind */
    uint8_t bytes;  /* width of a number: 1, 2, 4, 8; a name's value is cut to it as a store does */
    bool flags;     /* its table is one of flags */
    uint32_t names; /* entries of its table, 0: none */
    const void *table; /* passed to name_at */
};

struct tp_filter_schema {
    const struct tp_filter_field *field;
    uint32_t fields; /* at most TP_FILTER_FIELDS_MAX */
    /* Entry i of a table: its name, and *value. NULL if no field has names. */
    const char *(*name_at)(const void *table, uint32_t i, int64_t *value);
};

/* The value of a field for a run; those of the common fields come after an event's own. */
struct tp_filter_value {
    uint64_t number;  /* of numbers, extended to 64 bits */
    const void *text; /* of texts */
    uint32_t text_bytes;
};
enum tp_filter_common {
    TP_FILTER_ID = TP_FILTER_FIELDS_MAX, /* common_type, unsigned */
    TP_FILTER_FLAGS,                     /* common_flags, unsigned */
    TP_FILTER_PREEMPT,                   /* common_preempt_count, unsigned */
    TP_FILTER_PID,                       /* common_pid, signed 32 bits */
    TP_FILTER_CPU,                       /* unsigned */
    TP_FILTER_COMM,                      /* text */
    TP_FILTER_VALUES                     /* entries of a run's array of values */
};

struct tp_filter_op;
/* A program. It holds no pointer: it may be copied. */
struct tp_filter {
    uint32_t bytes;            /* of the whole program */
    uint32_t uses;             /* bit i: a run reads value i; the others need not be set */
    uint16_t ops, literals_at; /* number of tests; offset of the texts from the start */
    uint32_t zero;
    /* struct tp_filter_op op[], then the texts */
};
/* Enough room for any program. */
#define TP_FILTER_BYTES_MAX (16 + TP_FILTER_OPS_MAX * 24 + TP_FILTER_LITERALS_MAX)

enum tp_filter_code {
    TP_FILTER_EMPTY = -1,    /* nothing but blanks */
    TP_FILTER_SYNTAX = -2,   /* unexpected word or character */
    TP_FILTER_NO_FIELD = -3, /* the event has no such field */
    TP_FILTER_KIND = -4,     /* the operator or the value does not fit the field */
    TP_FILTER_RANGE = -5,    /* a number of more than 64 bits */
    TP_FILTER_NO_NAME = -6,  /* no such name in the field's table */
    TP_FILTER_TOO_LONG = -7, /* over TP_FILTER_TEXT_MAX, _OPS_MAX or _LITERALS_MAX */
    TP_FILTER_TOO_DEEP = -8, /* over TP_FILTER_DEPTH_MAX */
    TP_FILTER_NO_ROOM = -9   /* the program does not fit in `room` */
};

struct tp_filter_error {
    enum tp_filter_code code;
    uint32_t column;  /* of the text, from 0; at most its length */
    const char *what; /* "no such field", "'=' is not an operator: use ==". Static */
};

/* Compiles text[bytes], which need not end in a NUL, for an event, into out[room], which is aligned
 * to 8. Returns the bytes of the program; or a negative code, with *error filled in: then *out may
 * have been written to. */
long tp_filter_compile(struct tp_filter *out, size_t room, const char *text, size_t bytes,
                       const struct tp_filter_schema *schema, struct tp_filter_error *error);

/* Does the event pass? `value` has TP_FILTER_VALUES entries, of which those in `uses` are set. */
bool tp_filter_run(const struct tp_filter *filter, const struct tp_filter_value *value);

/* The error for a human reader, in three lines, the last with a caret:
 *     no such field at column 5
 *     a > b && c
 *         ^
 * Control characters of the text are shown as '?', newlines at its end are left out. Returns its
 * length without the NUL, cut to `room`. */
size_t tp_filter_explain(const struct tp_filter_error *error, const char *text, size_t bytes,
                         char *out, size_t room);

/* Does `text` match the glob, as with ~? Takes time linear in text_bytes times pattern_bytes. */
bool tp_filter_glob(const char *pattern, size_t pattern_bytes, const char *text, size_t text_bytes);

#ifdef __cplusplus
}
#endif
#endif
