/* SPDX-License-Identifier: MIT */
/* argument.h - what is written after an option, read. Problems are static texts; NULL: none. */
#ifndef ARGUMENT_H
#define ARGUMENT_H

#include "tool/options.h"

/* Of an option that has an argument, by its enum options_name; but for --color. */
const char *argument_read(struct options *o, int name, const char *text);
/* auto: on a terminal, unless NO_COLOR is set to something, or it is a dumb one. */
const char *argument_color(struct options *o, const char *text, bool terminal);
/* What an argument of this option looks like, in `hint`, if it does not say yet what is wrong. */
void argument_example(struct options *o, int name);

#endif
