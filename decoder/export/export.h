/* SPDX-License-Identifier: MIT */
/*
 * export.h - the formats of other people's viewers.
 *
 * Each is a sink in a file of its own, says what it cannot express on standard error, and shows
 * losses. doc/formats.md has what each can carry.
 */
#ifndef EXPORT_H
#define EXPORT_H

#include "base/crew.h"
#include "base/folder.h"
#include "export/chrome.h"
#include "export/ctf.h"
#include "export/dat.h"
#include "export/database.h"
#include "export/ftrace.h"
#include "export/html.h"
#include "export/parquet.h"
#include "export/perfetto.h"
#include "export/shelf.h"
#include "export/vcd.h"

enum export_kind {
    EXPORT_NONE,
    EXPORT_FTRACE,
    EXPORT_VCD,
    EXPORT_PERFETTO,
    EXPORT_CHROME,
    EXPORT_DAT,
    EXPORT_HTML,
    EXPORT_SQLITE,
    EXPORT_CTF,
    EXPORT_CTF_LTTNG,
    EXPORT_PARQUET,
    EXPORT_SHELF /* the same as a directory: it has no word of its own */
};

struct export_options {
    enum export_kind kind;
    const struct roles_options *roles;     /* --role; NULL: none */
    const struct constant_list *constants; /* of parquet: --column; NULL: none */
    bool plain;                            /* and it is not compressed */
    uint64_t most; /* records and losses of a page, if not 0, in place of HTML_ITEMS */
    int fd;        /* of the output, for what is written in place */
};

struct exporter {
    union {
        struct ftrace ftrace;
        struct vcd vcd;
        struct perfetto perfetto;
        struct chrome chrome;
        struct dat dat;
        struct html html;
        struct parquet parquet;
        struct shelf shelf;
        struct ctf ctf;
        struct database database;
    };
    enum export_kind kind;
};

/* What --format calls it; EXPORT_NONE: it is none of these. */
enum export_kind export_find(const char *word);
/* The word of the i-th, or NULL after the last. */
const char *export_word(size_t i);
/* Does it need a temporary file, and is what it writes no text? */
bool export_spills(enum export_kind kind);
bool export_binary(enum export_kind kind);
/* Is it written in place, into a file that was not there? */
bool export_seeks(enum export_kind kind);
/* Does it have the time of day of each record? Then later chunks are needed for the first one. */
bool export_looks(enum export_kind kind);
/* Can parts of a capture be written by several, one after the other (sink->add)? */
bool export_adds(enum export_kind kind);
/* Can other processes do a part of it (base/crew.h)? */
bool export_shares(const struct export_options *options);
/* Does each of these need a temporary file as well? */
bool export_spills_each(enum export_kind kind);
/* How much each of these has of what it is given, and gives. */
uint32_t export_ring_bytes(enum export_kind kind);
/* One of these: does it. */
_Noreturn void export_work(const struct export_options *options, struct crew *crew,
                           struct spill *spills);
/* Is what it writes files in a directory? */
bool export_fills(enum export_kind kind);
/* spills and folder: are open, if it needs them; the first is that of this process. crew: its role is CREW_LEADER or CREW_NONE. */
struct sink *export_open(struct exporter *x, const struct export_options *options, struct out *o,
                         struct crew *crew, struct spill *spills, struct folder *folder,
                         struct diag *diag);
/* At the end: a --role fits no event, which was said. */
bool export_wrong(const struct exporter *x);

#endif
