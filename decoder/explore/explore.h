/* SPDX-License-Identifier: MIT */
/*
 * explore.h - --explore: the dump on a terminal, to move about in.
 *
 * Decodes again what it shows, from marks that one look at all of it has left (index.h, pass.h), so what it takes of memory
 * does not depend on the dump. explore_open() is called when all is opened, before rights are given up.
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include "explore/given.h"

struct explore;

/* *problem: what is wrong. NULL is returned then. */
struct explore *explore_open(const struct given *given, const char **problem);
/* Until the user has enough. False: what was asked for is wrong, and it was said. */
bool explore_run(struct explore *e);
/* The terminal is as it was; what was said meanwhile is said now. */
void explore_close(struct explore *e);

#endif
