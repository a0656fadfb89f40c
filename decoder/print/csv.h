/* SPDX-License-Identifier: MIT */
/*
 * csv.h - records as comma-separated values (RFC 4180, but lines end in \n), after a line of names:
 *
 *     time,cpu,common_pid,common_comm,flags,sys,event,lost,message
 *     8.589934,0,42,"<...>",d.h1.,"sched","switch",,"next=7 why=wake comm=bash"
 *     8.589938,0,,,,"lost","full",3,
 *
 * or, with --fields next,comm, ...,lost,"next","comm" instead of the message. A text that a spreadsheet would
 * take for a formula, as it begins with = + - or @, has a ' before it. What --column gives comes last.
 */
#ifndef CSV_H
#define CSV_H

#include "order/columns.h"
#include "order/constant.h"
#include "order/stamp.h"

struct csv {
    struct sink sink;
    struct stamp stamp;
    struct columns *columns;
    const struct constant_list *constants; /* of each line; NULL: none */
    struct out quoted;                     /* what goes through it is put into quotes */
    bool started;
    bool fresh; /* nothing of the cell in quotes was written yet */
};
struct sink *csv_open(struct csv *c, struct out *o, struct stamp stamp, struct columns *columns,
                      const struct constant_list *constants);

#endif
