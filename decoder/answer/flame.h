/* SPDX-License-Identifier: MIT */
/*
 * flame.h - folded stacks as a flame graph: one page for a browser, which asks nothing of any network.
 *
 * What a box is as wide as is what its path has with all that is below it. Boxes and their numbers are there
 * without scripts; a script that the page allows by its hash zooms and searches.
 */
#ifndef FLAME_H
#define FLAME_H

#include "answer/fold.h"

struct flame {
    const char *title; /* plain text, as the others are */
    const char *unit;
    uint32_t least;            /* as for fold_text() */
    const struct names *names; /* of any bytes */
    /* What is not in it and why, as lines of plain text to `o`. */
    void (*notes)(const void *context, struct out *o);
    const void *context;
};

void flame_print(const struct flame *f, struct fold *fold, struct out *o);

/* The files of decoder/answer/flame as texts: flame_asset.c is made of them by asset.sh. */
extern const char flame_asset_page[];
extern const char flame_asset_style[];
extern const char flame_asset_script[];

#endif
