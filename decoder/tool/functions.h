/* SPDX-License-Identifier: MIT */
/* functions.h - --functions: where the functions of a kernel are, as its file set_function takes it. */
#ifndef FUNCTIONS_H
#define FUNCTIONS_H

#include <stdbool.h>

#include "base/out.h"
#include "model/symbols.h"

/* A range of addresses a line, of the functions whose names match the glob. False: there is none. */
bool functions_print(struct symbols *s, const char *glob, struct out *o);

#endif
