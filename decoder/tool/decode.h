/* SPDX-License-Identifier: MIT */
/*
 * decode.h - the whole of tpdecode but its options: inputs in, text out.
 *
 *     struct decode_input in = {.path = "dump.tp"};
 *     struct decode_options o = {.inputs = &in, .input_count = 1, .out = ..., .diag = ...};
 *     return decode_run(&o);
 */
#ifndef DECODE_H
#define DECODE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "answer/answer.h"
#include "explore/given.h"
#include "export/export.h"
#include "base/folder.h"
#include "base/out.h"
#include "bytes/probe.h"
#include "order/columns.h"
#include "order/place.h"
#include "order/select.h"
#include "order/shard.h"
#include "order/stamp.h"
#include "print/template.h"
#include "tool/offset.h"
#include "tool/progress.h"

enum decode_exit {
    DECODE_GOOD = 0,    /* everything decoded; losses in the kernel are no error */
    DECODE_DAMAGED = 1, /* damage, but the rest is decoded */
    DECODE_USAGE = 2,
    DECODE_NOTHING = 3, /* nothing usable, or a newer version */
    DECODE_FAILED = 4   /* output or memory */
};

/* With less to read, starting other processes takes more time than they save. */
#define DECODE_LARGE_BYTES (8u << 20)

struct diag;

struct decode_input {
    const char *path;  /* "-": standard input */
    const void *bytes; /* if not NULL: these instead of the file; path is only shown */
    size_t size;
};

/* What is printed. */
enum decode_format {
    DECODE_TEXT,
    DECODE_JSON,
    DECODE_CSV,
    DECODE_TEMPLATE,
    DECODE_EXPORT,    /* for a viewer */
    DECODE_FOLDED,    /* of spans, calls, samples */
    DECODE_FLAME,     /* the same */
    DECODE_LIST,      /* the events that are defined, no records */
    DECODE_LIST_JSON, /* the same */
    DECODE_ROLES,     /* and what they mean */
    DECODE_ROLES_JSON /* the same */
};

struct decode_options {
    enum decode_format format;
    struct stamp time;
    bool colour;
    bool json_strings;                     /* of JSON: numbers of 64 bits as texts, */
    bool no_schema;                        /* and only lines of records and losses */
    struct columns *columns;               /* fields asked for by name; NULL: all */
    const struct constant_list *constants; /* --column; NULL: none */
    struct template *template;             /* for DECODE_TEMPLATE, read */
    uint64_t clock_hz; /* of all inputs, in place of what they say; 0: as they say */
    struct offset_list offsets;
    const char *symbols;   /* path of a file with names of addresses, or NULL */
    const char *functions; /* a glob: the addresses of these, and nothing is decoded; or NULL */
    bool mangled;          /* these as they are in that file */
    struct place_options place;
    const char *metadata; /* path of a dump whose metadata is for what has none, or NULL */
    struct select_options select;
    struct shard_options shard;   /* of the only input */
    struct export_options export; /* for DECODE_EXPORT */
    struct answer_options answer; /* instead of records; as text or JSON */
    struct given_options explore; /* on a terminal, instead of all that is printed */
    struct probe_options probe;   /* where a machine that is debugged has its trace */
    uint64_t baud;                /* of inputs that are serial lines; 0: as they are */
    bool follow;                  /* the input, of which there is one, is still being written */
    const volatile sig_atomic_t *stop; /* then: not 0, end now; may be NULL */
    bool index;                        /* nothing is printed: out is the index of the only input */
    bool no_index;                     /* that of an input is not used */
    bool convert, zlib;                /* nothing is printed: out is a dump; compressed */
    uint32_t jobs;   /* processes, where several can share the work; 0 and 1: no other */
    bool jobs_large; /* but not for an input of less than DECODE_LARGE_BYTES */
    enum progress_mode progress;
    bool progress_asked;
    const char *out_name; /* what out is, in a message; NULL: standard output */
    struct folder
        *folder;   /* for a format that is a directory (export_fills): it, open; else NULL */
    bool has_tail; /* only so many of the last records, at most TAIL_RECORDS_MAX */
    uint32_t tail;
    /* Called when all files are open, before a dump is read; may be NULL. False, and it was said why: nothing is. `probe`:
     * a descriptor that is asked for what is read; -1: there is none. `pipes`: to other processes of this run. */
    bool (*confine)(void *context, struct diag *diag, int probe, const int *pipes, size_t count);
    void *confine_context;
    const struct decode_input *inputs;
    size_t input_count;
    struct out_sink out;  /* standard output */
    struct out_sink diag; /* standard error: whole lines */
};

/* Is it asked what events there are, and for no records? */
static inline bool decode_lists(const struct decode_options *o)
{
    return o->format >= DECODE_LIST;
}

/* Returns an enum decode_exit. Not reentrant. */
int decode_run(const struct decode_options *options);

#endif
