/* SPDX-License-Identifier: MIT */
/* help.h - what ? shows. */
#ifndef HELP_H
#define HELP_H

extern const char help_keys[];
/* What tasks do, with blocks and in ASCII. */
extern const char *const help_states[2];

#endif
