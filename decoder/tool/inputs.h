/* SPDX-License-Identifier: MIT */
/*
 * inputs.h - what a run reads: opened as the options say.
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

/* Opens all of them. One that cannot be opened is reported, and has ended. */
void inputs_open(struct inputs *all);
/* Of what is open, is there what --baud, --offset and times from the end need? If not, that was reported. */
bool inputs_baud(struct inputs *all);
bool inputs_offsets(struct inputs *all);
bool inputs_ends(struct inputs *all);
/* The dump or image that --metadata names; its first metadata, for all inputs. False: there is none, which was reported. */
bool inputs_open_metadata(struct inputs *all);
bool inputs_read_metadata(struct inputs *all);
/* Several traces in an image are read at once. */
void inputs_open_regions(struct inputs *all);
/* The descriptor of the input that is a debugger's stub; -1: there is none. */
int inputs_stub(const struct inputs *all);
void inputs_close(struct inputs *all);

#endif
