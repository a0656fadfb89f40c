/* SPDX-License-Identifier: MIT */
/* usage.h - what --help says. */
#ifndef USAGE_H
#define USAGE_H

extern const char usage_common[]; /* what is used often: 24 lines of 80 columns */
extern const char usage_all[];
extern const char usage_legend[]; /* what a line of text is made of */

#endif
