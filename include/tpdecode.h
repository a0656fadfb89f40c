/* SPDX-License-Identifier: MIT */
/*
 * tpdecode.h - reads dumps in a program of your own: libtpdecode, which tpdecode is made of.
 *
 * One or several dumps go in (a path, memory, a descriptor, a function that reads); their records
 * come out one by one, in order of time over all CPUs and dumps, and between them what was lost and
 * what was wrong. It takes gzip and images of memory as tpdecode does. It does not know the engine
 * (tp/trace.h), includes nothing of it, prints nothing, ends nothing, installs no signal handler.
 *
 *     #include <inttypes.h>
 *     #include <stdio.h>
 *     #include <tpdecode.h>
 *
 *     int main(void)
 *     {
 *         struct tp_dump *dump = tp_dump_new();
 *         const struct tp_dump_item *item;
 *         struct tp_dump_value next = {.struct_bytes = sizeof(next)};
 *         int got;
 *
 *         if (!dump || tp_dump_add_path(dump, "dump.tp") < 0)
 *             return 1;
 *         tp_dump_select(dump, TP_DUMP_EVENTS, "sched:switch");
 *         while ((got = tp_dump_next(dump, &item)) > 0) {
 *             if (got == TP_DUMP_RECORD && tp_dump_get_named(dump, "next", &next) == 0)
 *                 printf("%" PRIu64 " ns: cpu %u to %" PRIu64 "\n", item->time_ns, item->cpu,
 *                        next.number);
 *             else if (got == TP_DUMP_LOSS)
 *                 printf("cpu %u: %" PRIu64 " lost\n", item->cpu, item->loss.records);
 *         }
 *         if (got < 0)
 *             fprintf(stderr, "%s\n", tp_dump_error_text(dump));
 *         tp_dump_free(dump);
 *         return got < 0;
 *     }
 *
 *     cc -std=gnu11 x.c $(pkg-config --cflags --libs libtpdecode)
 *
 * tp_dump_columns gives many values as arrays, one for each field.
 *
 * Names and texts of a dump may hold any byte; those that say so are escaped for a terminal.
 *
 * How long what is returned is good: an item, and all that is asked about it (texts, bytes, events,
 * names), until the next tp_dump_next, tp_dump_peek,
 * tp_dump_columns or tp_dump_free of that dump; a text of tp_dump_text,
 * tp_dump_field_text, tp_dump_element_text, tp_dump_symbol or tp_dump_comm also no longer than until
 * the next call of one of these five. What you give, texts for instance, is copied, but for the bytes of
 * tp_dump_add_memory.
 *
 * A dump is used by one thread at a time. Any number of dumps may be open, and be used at the same
 * time by different threads. A dump as the engine writes it takes less than 32 MiB, however long it
 * is; and for each thing that a damaged one may make grow there is a limit.
 *
 * Structs may get more members in later versions, at their ends. Those that you have and the library
 * fills begin with struct_bytes, which you set to the sizeof of yours before each call that takes
 * one; else the call returns TP_DUMP_ESIZE. Programs of before go on to work with the library then.
 *
 * C11 or C++11.
 */
#ifndef TPDECODE_H
#define TPDECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* What functions return: 0 or what they say if it went well, else one of these. */
enum tp_dump_error {
    TP_DUMP_ENOMEM = -1,   /* no memory. Only tp_dump_sum and tp_dump_free may be called after it */
    TP_DUMP_EOPEN = -2,    /* the path cannot be opened, or is a directory */
    TP_DUMP_ESELECT = -3,  /* a text of tp_dump_select is invalid, or there are too many */
    TP_DUMP_EFILTER = -4,  /* TP_DUMP_FILTER is no expression, or asks for what no event has */
    TP_DUMP_EORDER = -5,   /* nothing was added; or something is, when reading has begun */
    TP_DUMP_ENONE = -6,    /* the item has no such thing */
    TP_DUMP_EFOREIGN = -7, /* an input is no dump */
    TP_DUMP_EUNSUPPORTED = -8, /* an input has a newer format than this library reads */
    TP_DUMP_ESYMBOLS = -9,     /* the file of symbols cannot be used */
    TP_DUMP_ESIZE = -10,       /* struct_bytes is not the size of such a struct */
    TP_DUMP_EROOM = -11        /* a column of texts has no room for the first one */
};

#define TP_DUMP_CPUS_MAX 65535u  /* more than any item->cpu */
#define TP_DUMP_COLUMNS_MAX 256u /* of one call */

/* What tp_dump_next has found. */
enum tp_dump_kind {
    TP_DUMP_END = 0,    /* nothing more; tp_dump_sum has the sum */
    TP_DUMP_CAPTURE,    /* a dump begins, and its events are known; a file may hold several */
    TP_DUMP_RECORD,     /* an event */
    TP_DUMP_UNFINISHED, /* one whose writer was in the middle of it when its memory was copied: a
                         * field may be as it was before. It is in no count of records */
    TP_DUMP_LOSS,       /* events that are not there */
    TP_DUMP_SAMPLED,    /* how often an event was left out because it was sampled; in no count of
                         * losses. One each event, at the end of a capture */
    TP_DUMP_NOTICE      /* what is wrong or remarkable, as tpdecode says it on standard error */
};

/* The whole answer. Of several inputs, the last of these that holds for one. */
enum tp_dump_state {
    TP_DUMP_COMPLETE, /* everything decoded, up to each end mark. Events may be lost all the same */
    TP_DUMP_TRUNCATED,  /* it stops without an end mark: tracing goes on, or it was cut there */
    TP_DUMP_DAMAGED,    /* something could not be decoded, the rest is */
    TP_DUMP_FOREIGN,    /* an input is no dump */
    TP_DUMP_UNSUPPORTED /* an input has a newer format than this library reads */
};

/* Where events have gone: the first five were counted by the tracer, doc/format.md section 4. */
enum tp_dump_cause {
    TP_DUMP_FULL,        /* no room: the reader was too slow */
    TP_DUMP_NESTED,      /* the oldest memory still belonged to an interrupted writer */
    TP_DUMP_OVERSIZE,    /* too large a record */
    TP_DUMP_RECURSION,   /* fired by the tracer's own hooks */
    TP_DUMP_OVERWRITTEN, /* newer events have taken their place */
    TP_DUMP_MISSING,     /* they were recorded, and are not in the dump, or damaged there */
    TP_DUMP_ABANDONED,   /* their writer has never finished them */
    TP_DUMP_UNCOUNTED    /* memory was damaged, and their number is not known: records is 0 */
};

enum tp_dump_type {
    TP_DUMP_UNSIGNED,
    TP_DUMP_SIGNED,
    TP_DUMP_BOOL,
    TP_DUMP_CHAR, /* a byte; an array of them is a text */
    TP_DUMP_POINTER,
    TP_DUMP_STRING,
    TP_DUMP_BYTES,
    TP_DUMP_FLOAT /* IEEE 754, of 4 or 8 bytes */
};

/* Bits of tp_dump_record.flags. */
enum tp_dump_flags {
    TP_DUMP_IRQS_OFF = 0x01,
    TP_DUMP_NEED_RESCHED = 0x02,
    TP_DUMP_SOFTIRQ = 0x04,
    TP_DUMP_HARDIRQ = 0x08,
    TP_DUMP_NMI = 0x10
};

struct tp_dump;       /* the dumps that are read together */
struct tp_dump_event; /* the definition of an event */

struct tp_dump_capture {
    uint64_t id; /* a number that the dump has of its own */
    uint64_t clock_hz;
    uint64_t
        cpus; /* that it was made for, at most TP_DUMP_CPUS_MAX; a damaged one may have others */
    const char *tool;   /* what has written it */
    const char *buffer; /* name of the trace; "" if it has none */
    bool earlier_boot;  /* found in memory after a reset */
};

struct tp_dump_record {
    const struct tp_dump_event *event; /* NULL: nothing defines it */
    bool decoded;                      /* it fits its event, and fields and text can be asked for */
    bool has_context;                  /* the three below are known, else 0 */
    uint8_t flags;                     /* enum tp_dump_flags */
    uint8_t preempt_depth;
    uint32_t pid;
    uint32_t id;          /* of the event, in this capture */
    uint64_t number;      /* which of its CPU, those that are missing counted too */
    const uint8_t *bytes; /* as the dump has them, doc/format.md section 6, after the context */
    uint32_t size_bytes;
    bool swapped; /* they are in the byte order that this machine has not */
};

struct tp_dump_loss {
    uint64_t records;
    enum tp_dump_cause cause;
};

struct tp_dump_sampled {
    uint64_t records;
    const char *system, *name;
    uint64_t hash; /* as tp_dump_event_hash */
};

struct tp_dump_notice {
    const char *text;  /* one line without its end; control characters are escaped */
    const char *input; /* name of the input, escaped; NULL: it is about all */
    bool damage;       /* it makes the dump TP_DUMP_TRUNCATED or worse */
};

struct tp_dump_item {
    enum tp_dump_kind kind;
    uint32_t input; /* of which tp_dump_add_*, from 0; 0 of a notice */
    /* Of a record and a loss. What was lost was fired on this CPU right before this time, and after
     * all else that the CPU had before it. */
    uint32_t cpu;     /* below TP_DUMP_CPUS_MAX */
    uint64_t ticks;   /* the counter */
    uint64_t time_ns; /* floor(ticks * 10^9 / clock_hz), or 2^64 - 1 if that is more */
    union {           /* by kind */
        struct tp_dump_capture capture;
        struct tp_dump_record record; /* also of TP_DUMP_UNFINISHED */
        struct tp_dump_loss loss;
        struct tp_dump_sampled sampled;
        struct tp_dump_notice notice;
    };
};

struct tp_dump_field {
    size_t struct_bytes; /* set by you */
    const char *name;
    const char *type_name; /* "u32", as doc/format.md section 5 has it */
    enum tp_dump_type type;
    uint32_t width_bytes; /* of a number, or of one element */
    uint32_t count;       /* elements of an array, or the most of a sequence; 0: it is neither */
    bool is_sequence;     /* each record has a number of elements of its own */
    const char *table;    /* name of the enum or flags that name its values; NULL: none do */
    bool is_flags;
};

struct tp_dump_value {
    size_t struct_bytes; /* set by you */
    enum tp_dump_type type;
    uint32_t width_bytes; /* as in tp_dump_field */
    uint32_t count;       /* elements that there are, of an array or a sequence; 0: it is neither */
    bool cut;        /* of a string, bytes or a sequence: the tracer has kept this much of it */
    uint64_t number; /* extended to 64 bits, by its sign if it has one: (int64_t)number is it then.
                      * Of a TP_DUMP_FLOAT its bits. 0 of arrays, strings and bytes */
    double real;     /* of a TP_DUMP_FLOAT; else 0 */
    const char *bytes; /* of strings and arrays of char, which end before their first NUL and have
                        * none after them, and of bytes; else NULL. */
    uint32_t size_bytes;
};

struct tp_dump_totals {
    size_t struct_bytes;      /* set by you */
    enum tp_dump_state state; /* of what was read so far */
    uint64_t records;   /* in order, selected or not; with a time selected perhaps without those of
                         * other times */
    uint64_t given;     /* as TP_DUMP_RECORD */
    uint64_t lost;      /* events, by all causes */
    uint64_t damaged;   /* places */
    uint64_t late;      /* records that came after later ones of another CPU */
    uint64_t backwards; /* records before which time went back on their CPU */
};

/* --- what is read --- */

/* NULL: no memory. */
struct tp_dump *tp_dump_new(void);
/* NULL is allowed. */
void tp_dump_free(struct tp_dump *dump);

/* All of it before the first tp_dump_next. 0, TP_DUMP_EOPEN, TP_DUMP_ENOMEM or TP_DUMP_EORDER; a
 * path that cannot be opened counts as none, and the others can be read. What is in it is looked at
 * by tp_dump_next. `name` is what notices call it. */
int tp_dump_add_path(struct tp_dump *dump, const char *path); /* "-": standard input */
/* The bytes must stay until tp_dump_free. */
int tp_dump_add_memory(struct tp_dump *dump, const char *name, const void *bytes, size_t size);
/* Reads from its current offset on. It stays open, and its offset changes. */
int tp_dump_add_descriptor(struct tp_dump *dump, const char *name, int fd);
/* `read` puts up to `size` bytes, at least 1, at `to` and returns how many; 0: that was all; or
 * minus an errno. It is called from tp_dump_next, and must return. */
int tp_dump_add_reader(struct tp_dump *dump, const char *name,
                       long (*read)(void *context, void *to, size_t size), void *context);

/* Waits at the end of what was added, a path or a descriptor and that alone, for what is written
 * to it later, until the end mark. Meanwhile `tick` is called at least each 100 ms; if it returns
 * anything but 0 nothing more is waited for, and what was read is the whole. NULL: it waits for
 * ever. A record of one CPU comes when the others have got as far; the tracer sees to that. 0,
 * TP_DUMP_EORDER: nothing, or several things were added, or what cannot be followed. */
int tp_dump_follow(struct tp_dump *dump, int (*tick)(void *context), void *context);

/* Names for the addresses in texts: an ELF file, System.map, /proc/kallsyms or what nm prints; as
 * --symbols of tpdecode(1). Addresses of the dump are higher than those of the file by what the
 * dump says, or by *slide if that is not NULL. Once, before the first tp_dump_next. 0,
 * TP_DUMP_ESYMBOLS, TP_DUMP_EORDER or TP_DUMP_ENOMEM. */
int tp_dump_symbols(struct tp_dump *dump, const char *path, const uint64_t *slide);

/* --- which records --- */

/* As the options of tpdecode(1); a record must be in all that are given. */
enum tp_dump_choice {
    TP_DUMP_EVENTS, /* "sched:switch,irq,mm:*,sched_wakeup": of these; each adds to them */
    TP_DUMP_CPUS,   /* "0,2-5": likewise */
    TP_DUMP_PIDS,   /* "7,100-199": likewise */
    TP_DUMP_FROM,   /* "12.345678" s, "+1.5s" since the first record, "2026-01-02T03:04:05.678" */
    TP_DUMP_TO,     /* and up to then, all of its microsecond */
    TP_DUMP_FILTER  /* "prev_pid == 7 && comm ~ \"ssh*\"", tp/filter.h */
};
/* Before the first tp_dump_next. 0, TP_DUMP_ESELECT, TP_DUMP_EFILTER, TP_DUMP_ENOMEM or
 * TP_DUMP_EORDER. Losses are given whatever events, pids or filter are chosen: what was lost may have
 * been any. A filter that no event can have is refused here. That an event has its fields is known
 * when the dump is read: if none has, tp_dump_next returns TP_DUMP_EFILTER, before the first record,
 * of several inputs at their end. */
int tp_dump_select(struct tp_dump *dump, enum tp_dump_choice choice, const char *text);

/* --- items --- */

/* The next one: its kind, and it is in *item. TP_DUMP_END, or an error: then *item is NULL, and
 * each further call says the same. An input that is no dump, or a newer one, is an error when all
 * that can be read was given. Waits where a pipe, terminal or socket does. */
int tp_dump_next(struct tp_dump *dump, const struct tp_dump_item **item);

/* The same, but the item stays: the next tp_dump_peek, tp_dump_next or tp_dump_columns has it too. */
int tp_dump_peek(struct tp_dump *dump, const struct tp_dump_item **item);

/* May be asked at any time. 0 or TP_DUMP_ESIZE. */
int tp_dump_sum(const struct tp_dump *dump, struct tp_dump_totals *totals);

/* What is to say to the last error but TP_DUMP_ENONE that a function of this dump has returned; "":
 * there was none. That of TP_DUMP_EFILTER has three lines, the last with a caret. */
const char *tp_dump_error_text(const struct tp_dump *dump);
/* Of TP_DUMP_EFILTER, at which byte of the filter, from 0; else -1. */
int tp_dump_error_column(const struct tp_dump *dump);

/* "full", "nested" ...: as the JSON of tpdecode has it. */
const char *tp_dump_cause_text(enum tp_dump_cause cause);

/* The version of the library, "1.0.0": it may be another than that of this header. */
const char *tp_dump_version(void);

/* --- many records at once --- */

/* What a column has of each record. */
enum tp_dump_what {
    TP_DUMP_TIME_NS, /* as item->time_ns; the next ones likewise */
    TP_DUMP_TICKS,
    TP_DUMP_WALL_NS, /* tp_dump_wall_ns */
    TP_DUMP_INPUT,
    TP_DUMP_CPU,
    TP_DUMP_PID,
    TP_DUMP_CONTEXT, /* record.flags, and preempt_depth << 8 */
    TP_DUMP_ID,
    TP_DUMP_NUMBER,
    TP_DUMP_COMM,  /* TP_DUMP_TEXTS */
    TP_DUMP_TEXT,  /* TP_DUMP_TEXTS: tp_dump_text */
    TP_DUMP_FIELD, /* the field called `name` */
    TP_DUMP_FIELDS, /* TP_DUMP_TEXTS: all its fields, for programs that take them apart by themselves:
                     * 8 bytes for each, a number as in TP_DUMP_NUMBERS or, of a float, a double;
                     * of all else the size of what follows it, filled up with zeros to 8 bytes: the
                     * bytes of strings and bytes, the elements of arrays at 8 bytes each */
    TP_DUMP_DECODED, /* record.decoded */
    TP_DUMP_EVENT,   /* TP_DUMP_TEXTS: "sched:switch" */
    TP_DUMP_WHOLE    /* 0: of TP_DUMP_UNFINISHED; these are rows too if there is this column */
};

/* What the cells are. */
enum tp_dump_cells {
    TP_DUMP_NUMBERS, /* uint64_t, or int64_t: tp_dump_value.number */
    TP_DUMP_REALS,   /* double: of a TP_DUMP_FLOAT its value; of an integer the nearest one */
    TP_DUMP_TEXTS    /* bytes. Of strings, bytes, chars and arrays of them those of the dump, as in
                      * tp_dump_value; of other fields tp_dump_field_text. They are in `text`, one after
                      * the other, that of row i from ends[i] to ends[i + 1] (Arrow's layout); you set
                      * ends[0], to 0 or to where the texts of rows before end */
};

/* You set all of it; the library writes where it points to. */
struct tp_dump_column {
    enum tp_dump_what what;
    enum tp_dump_cells cells;
    const char *name;  /* of TP_DUMP_FIELD */
    void *values;      /* a uint64_t, int64_t or double for each row; NULL of texts */
    uint64_t *ends;    /* of texts, one more than there are rows; else NULL */
    char *text;        /* of texts */
    size_t text_bytes; /* room there */
    uint8_t *given;    /* a byte for each row: 1, or 0 if the record has no such value, and the cell
                          * is then 0 or empty. May be NULL */
};

/* The next records, each as a row, by this one call: up to `rows` of them. How many there are; fewer
 * if another item comes before, or if a text has no room any more. tp_dump_next goes on after
 * them, so after 0 it has the other item, the end or an error. A value is not given if the record has
 * no such field, is not decoded, or if that is no number, for columns of numbers. A column that is
 * wrong in itself (texts of a time, no `values`) is TP_DUMP_ENONE, more than TP_DUMP_COLUMNS_MAX
 * likewise; TP_DUMP_EROOM: one of the texts of the first record is longer than `text_bytes`: the call
 * may be made again with more, or tp_dump_next. If there is a column TP_DUMP_ID, it is also left
 * after the first record of each event, so that tp_dump_event_next has what an id means. column_bytes is sizeof(struct tp_dump_column). After
 * it nothing can be asked about an item until the next tp_dump_next. */
long tp_dump_columns(struct tp_dump *dump, const struct tp_dump_column *columns, size_t count,
                     size_t column_bytes, size_t rows);

/* --- of the item that was given last --- */

/* Events of its capture that are known by now, by id: the one after `event`, NULL: the first.
 * NULL: that was the last. */
const struct tp_dump_event *tp_dump_event_next(const struct tp_dump *dump,
                                               const struct tp_dump_event *event);

/* Of a record that is decoded; else, and if there is no such field or element, TP_DUMP_ENONE.
 * Fields are numbered as they are defined, from 0. */
int tp_dump_get(struct tp_dump *dump, uint32_t field, struct tp_dump_value *value);
int tp_dump_get_named(struct tp_dump *dump, const char *name, struct tp_dump_value *value);
/* One element of an array. */
int tp_dump_get_element(struct tp_dump *dump, uint32_t field, uint32_t element,
                        struct tp_dump_value *value);

/* Texts end in a NUL, which *size does not count; size may be NULL. NULL: there is none, or no
 * memory (tp_dump_error_text). Control characters in them are escaped as tpdecode escapes them. */

/* The record as its event's format has it, what follows "sys_event: ". */
const char *tp_dump_text(struct tp_dump *dump, size_t *size);
/* A field by itself: 5, wake, READ|WRITE, {1,2,3}, 0xffff, idl... */
const char *tp_dump_field_text(struct tp_dump *dump, uint32_t field, size_t *size);
const char *tp_dump_element_text(struct tp_dump *dump, uint32_t field, uint32_t element,
                                 size_t *size);
/* Name of the task that a record was made in, as it was then, not escaped; of task 0, if it has none,
 * "<idle>". NULL: not known. */
const char *tp_dump_comm(struct tp_dump *dump);
/* Time of day of a record or loss, since 1970-01-01 00:00 UTC, as the tracer has recorded it before
 * the capture's first item; TP_DUMP_ENONE: it has not. */
int tp_dump_wall_ns(const struct tp_dump *dump, uint64_t *wall_ns);

/* The name of an address of this dump, "schedule+0x12": of tp_dump_symbols. NULL: it has none. Good
 * as long as a tp_dump_text. */
const char *tp_dump_symbol(struct tp_dump *dump, uint64_t address, size_t *size);

/* --- of an event --- */

const char *tp_dump_event_system(const struct tp_dump_event *event);
const char *tp_dump_event_name(const struct tp_dump_event *event);
const char *tp_dump_event_format(const struct tp_dump_event *event);
uint32_t tp_dump_event_id(const struct tp_dump_event *event);
/* The same in all dumps if the event is the same: FNV-1a of 64 bits (start cbf29ce484222325, prime
 * 100000001b3, hexadecimal) over its schema, doc/format.md section 5. */
uint64_t tp_dump_event_hash(const struct tp_dump_event *event);
uint32_t tp_dump_event_fields(const struct tp_dump_event *event);
/* 0, TP_DUMP_ENONE or TP_DUMP_ESIZE. */
int tp_dump_event_field(const struct tp_dump_event *event, uint32_t field,
                        struct tp_dump_field *description);
/* The number of a field, or TP_DUMP_ENONE. */
int tp_dump_event_find(const struct tp_dump_event *event, const char *name);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif

#endif
