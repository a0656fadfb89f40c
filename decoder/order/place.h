/* SPDX-License-Identifier: MIT */
/*
 * place.h - where the kernel of each capture was in memory, for the names of its addresses.
 *
 * A sink before all others, if there are symbols. Before an item is passed on, the slide of the
 * symbols is that of its capture. Symbols that are of another kernel (build id, machine) are not used
 * for it: a wrong name looks as good as a right one.
 */
#ifndef PLACE_H
#define PLACE_H

#include "model/symbols.h"
#include "order/sink.h"

struct place_options {
    bool has_slide; /* the user says it, whatever the captures say */
    uint64_t slide;
};

struct place {
    struct sink sink;
    struct sink *next;
    const struct place_options *options;
    struct symbols *symbols;
    const char *name; /* of their file */
    struct place_input {
        uint32_t known; /* what the metadata said when this was found out */
        bool begun, other;
        uint64_t slide;
    } * inputs; /* by number */
    bool wrong; /* they were not used for a capture */
};

struct sink *place_open(struct place *p, const struct place_options *o, struct sink *next,
                        struct symbols *symbols, const char *name, uint32_t inputs);

#endif
