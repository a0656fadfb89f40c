/* SPDX-License-Identifier: MIT */
/* others.h - which other processes are started for a run, and how many. */
#ifndef OTHERS_H
#define OTHERS_H

#include "base/crew.h"
#include "tool/decode.h"
#include "tool/jobs.h"
#include "tool/unpack.h"

/* Starts others that inflate, that do a part of an export, or that decode, if they are of use. In each of them it returns as
 * well. spills: those of an export that need a temporary file each have those after the first. */
void others_open(struct unpack *unpack, struct crew *crew, struct jobs *jobs,
                 const struct decode_options *o, struct stream *streams, size_t count,
                 struct spill spills[1 + CREW_MAX]);

#endif
