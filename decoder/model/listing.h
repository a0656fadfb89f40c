/* SPDX-License-Identifier: MIT */
/*
 * listing.h - symbols as text, a line each: System.map, /proc/kallsyms, what nm prints.
 *
 *     ffffffff81000100 T schedule                       address, kind, name
 *     ffffffffc0010000 t mod_init	[mymod]              of a module
 *     ffffffff81000100 0000000000000023 T schedule      nm -S: with a size
 *     ffffffff81000100 T sched::pick(int, int)          nm -C: a name may have spaces
 *                      U memcpy                         not in this file
 *
 * Lines may end in CR LF, addresses may begin with 0x.
 */
#ifndef LISTING_H
#define LISTING_H

#include "model/found.h"

#define LISTING_PROBLEM_BYTES 200u

/* One line, without its end. False if it is none of these; else f->name is NULL if it names no
 * address. */
bool listing_line(struct found *f, const char *line, size_t n);
/* Gives the symbols of a file to `take`, until that returns false. False, and `problem` says why, if
 * it is something else. */
bool listing_read(int fd, bool (*take)(void *context, const struct found *f), void *context,
                  char problem[LISTING_PROBLEM_BYTES]);

#endif
