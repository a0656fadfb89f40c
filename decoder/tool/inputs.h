/* SPDX-License-Identifier: MIT */
/*
 * inputs.h - what a run reads: opened as the options say, before rights are given up and before anything is read.
 *
 * Only of --metadata something is read here: it is for inputs that have none.
 */
#ifndef INPUTS_H
#define INPUTS_H

#include "bytes/watch.h"
#include "model/symbols.h"
#include "order/stream.h"
#include "tool/decode.h"

struct inputs {
    const struct decode_options *options;
    struct diag *diag;
    struct out *out;             /* put out before a read that may wait */
    struct symbols *symbols;     /* a debugged machine has its trace where these say */
    bool (*tick)(void *context); /* of --follow, as struct watch has it */
    void *context;

    struct stream *streams;
    size_t count;
    void *labels;           /* of several */
    struct input described; /* --metadata */
    struct stream_given given;
    struct watch watch; /* --follow */
};

/* Opens all of them. One that cannot be opened is reported, and is at its end. */
void inputs_open(struct inputs *all);
/* Moves those that --offset names. Are they what this, --baud and times that count from the end need? If not, that was
 * reported. */
bool inputs_fit(struct inputs *all);
/* The dump or image that --metadata names. False: it cannot be opened, which was reported. */
bool inputs_open_metadata(struct inputs *all);
/* The first metadata in it, for all inputs. False: there is none, which was reported. */
bool inputs_read_metadata(struct inputs *all);
/* Several traces in an image are read at once: more inputs, where they share a clock. */
void inputs_open_regions(struct inputs *all);
/* The descriptor of the input that is a debugger's stub; -1: there is none. */
int inputs_stub(const struct inputs *all);
void inputs_close(struct inputs *all);

#endif
