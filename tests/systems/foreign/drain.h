/* SPDX-License-Identifier: MIT */
/* drain.h - what the pipe has, to a file of the host, by semihosting. */
#ifndef DRAIN_H
#define DRAIN_H

#include <tp/trace.h>

#include "engine/port/transport/semihosting.h"

static inline void drain(struct tp_trace *trace, intptr_t file)
{
    const void *bytes;
    long n;

    while ((n = tp_pipe_peek(trace, &bytes)) > 0) {
        if (!tp_semihosting_write(file, bytes, (size_t)n))
            tp_semihosting_exit(3);
        tp_pipe_consume(trace, (size_t)n);
    }
}

#endif
