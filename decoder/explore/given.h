/* SPDX-License-Identifier: MIT */
/* given.h - what the command line asks for, and what is open. */
#ifndef GIVEN_H
#define GIVEN_H

#include "order/place.h"
#include "order/roles.h"
#include "order/select.h"
#include "order/stamp.h"

struct given_options {
    bool wanted;
    bool ascii, colour;
    bool follow;
    const char *terminal;              /* where keys come from; NULL: /dev/tty */
    const struct roles_options *roles; /* NULL: none */
};

/* What decode.c has, and keeps. */
struct given {
    const struct given_options *options;
    struct stream *streams; /* opened, nothing is read */
    uint32_t count;
    const struct select_options *select;
    struct symbols *symbols; /* NULL: none */
    const char *symbols_path;
    const struct place_options *place;
    struct stamp stamp;
    struct diag *diag;
};

#endif
