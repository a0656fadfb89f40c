/* SPDX-License-Identifier: MIT */
/* The seam of a kernel without names of tasks and wall time. */
#include "core.h"
#include "seam.h"

uint32_t tp_tasks_room(const struct tp_config *config)
{
    (void)config;
    return 0;
}

size_t tp_tasks_bytes(uint32_t room)
{
    (void)room;
    return sizeof(struct tp_wire_tasks);
}

void tp_tasks_init(struct tp_tasks *n, struct tp_wire_tasks *wire, uint32_t room)
{
    (void)room;
    n->wire = wire; /* zero: no pair is known */
}

void tp_tasks_open(struct tp_trace *trace)
{
    (void)trace;
}

void tp_tasks_close(unsigned trace)
{
    (void)trace;
}

bool tp_tasks_chunk(const struct tp_trace *t, struct tp_pipe *p)
{
    (void)t;
    p->due &= (uint8_t) ~(TP_DUE_TASKS | TP_DUE_CLOCK);
    return false;
}
