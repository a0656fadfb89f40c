/* SPDX-License-Identifier: MIT */
/* worker.h - one of several processes that decode windows of a file: what the leader tells it to. */
#ifndef WORKER_H
#define WORKER_H

#include "order/part.h"
#include "tool/jobs.h"

/* A worker: output and messages, as struct out_sink wants it. */
int worker_write(void *context, const void *bytes, size_t n);
int worker_say(void *context, const void *bytes, size_t n);
/* Decodes what it is told to. Returns in the one that has come to the end of the input, or of what is wanted. */
void worker_run(struct jobs *j, struct part *p);
/* Has the output ended because it is too much for what was read? */
bool worker_flood(const struct jobs *j);
/* Its output is whole. */
_Noreturn void worker_finish(struct jobs *j, int code);

#endif
