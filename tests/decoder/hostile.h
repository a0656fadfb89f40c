/* SPDX-License-Identifier: MIT */
/* hostile.h - dumps with very many of one thing, as no tracer makes them, by doc/format.md. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include "help.h"

enum hostile {
    HOSTILE_CHUNKS,   /* data chunks of one CPU, a record each */
    HOSTILE_CPUS,     /* data chunks, each of a CPU of its own */
    HOSTILE_MARKS,    /* CPUs that have but a mark */
    HOSTILE_EVENTS,   /* events in the metadata, all of them used */
    HOSTILE_VALUES,   /* tables of 4,096 values in the metadata */
    HOSTILE_MODULES,  /* metadata chunks that define an event each */
    HOSTILE_CAPTURES, /* captures, one after the other, of different streams */
    HOSTILE_TASKS,    /* names of tasks */
    HOSTILE_KEYS,     /* records with another value each */
    HOSTILE_COUNTS,   /* counts of events */
    HOSTILE_MAGICS,   /* magics with nothing behind them */
    HOSTILE_HEADERS,  /* good headers whose payload is damaged */
    HOSTILE_CUT,      /* headers that promise 16 MiB */
    HOSTILE_GAPS,     /* chunks after each of which records are missing */
    HOSTILE_SILENT,   /* records, while another CPU has shown one long ago */
    HOSTILE_BACK,     /* chunks, each of an earlier time than the one before */
    HOSTILE_CLAIMS,   /* chunks that are no data and say that they have a million entries */
    HOSTILE_REGIONS,  /* regions of an image, of one boot */
    HOSTILE_MERGED,   /* records of each of two regions that are merged */
    HOSTILE_TWICE,    /* data chunks of a capture that two inputs have */
    HOSTILE_ALL, /* CPUs, with as many tables as fit and as many tasks; the first of them silent */
    HOSTILE_KINDS
};

extern const char *const hostile_names[HOSTILE_KINDS];

/* With n of it. */
struct help_bytes hostile_make(enum hostile kind, uint32_t n);
/* What is read of it: one input, or two. Returns how many. */
uint32_t hostile_inputs(enum hostile kind, const struct help_bytes *dump,
                        struct decode_input in[2]);
/* The most that limits of doc/format.md allow, or about 10 MB. */
uint32_t hostile_most(enum hostile kind);

/* Ways to print and to answer: number 0, 1 ... False: there are no more. */
bool hostile_way(unsigned number, struct decode_options *o, const char **name);

#endif
