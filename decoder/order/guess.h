/* SPDX-License-Identifier: MIT */
/* guess.h - what well known events mean, by their names. */
#ifndef GUESS_H
#define GUESS_H

#include "model/metadata.h"

/* The next rule, from number *n on, for an event of these names; its fields are not looked at. NULL: there is no more. A rule is
 * as --role has it, but for its subsystem; `?` before an argument: the event may do without that field. */
const char *guess_next(const struct metadata_event *e, uint32_t *n);

#endif
