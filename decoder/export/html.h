/* SPDX-License-Identifier: MIT */
/*
 * html.h - records as one HTML page that opens from a file, without network: lanes, a list, a search.
 *
 * The page is written as it comes: what is known last is last in it. Its parts are those of asset.h, with the
 * data in between as blocks (block.h). Strings of the dump are nowhere but in blocks.
 */
#ifndef HTML_H
#define HTML_H

#include "export/fact.h"
#include "export/mark.h"

/* A page has no more: browsers keep all of it in memory. */
#define HTML_ITEMS (1u << 24)
#define HTML_BYTES (1u << 30) /* of blocks, before they are compressed */

struct html_stream;

struct html {
    struct sink sink;
    struct diag *diag;
    bool wrong; /* at the end: a --role fits no event, or there were too many records */
    struct roles roles;
    struct sched sched;
    struct nest nest;
    struct html_stream *streams; /* by number */
    uint32_t stream_count;
    uint32_t captures; /* so far */
    struct block block;
    struct fact fact;
    struct mark mark;
    const char *page; /* what is still to be written of it; NULL: nothing was */
    uint64_t items, most;
    bool full;
};

/* most: items, if not 0, in place of HTML_ITEMS. */
struct sink *html_open(struct html *h, struct out *o, const struct roles_options *roles,
                       uint64_t most, struct diag *diag);

#endif
