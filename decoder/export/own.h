/* SPDX-License-Identifier: MIT */
/*
 * own.h - the events of a trace.dat that are not in the dump: two of Linux, a record that no metadata defines, the end of a
 * CPU.
 */
#ifndef OWN_H
#define OWN_H

#include "base/out.h"
#include "model/record.h"
#include "order/sched.h"

/* Ids of our own events: KernelShark keeps 15 bits. An event of the dump that has one of them has one above all
 * others instead. */
enum { OWN_SWITCH = 0x7ffc, OWN_WAKING, OWN_UNKNOWN, OWN_END };

struct own_event {
    const char *sys, *name, *fields;
    uint32_t id;
};

#define OWN_EVENTS 4u
extern const struct own_event own_events[OWN_EVENTS];

/* As in events/SYS/EVENT/format of tracefs. */
void own_format(struct out *o, const struct own_event *e);
/* Has one of them these names? */
bool own_has(const char *sys, const char *name);
/* The id of an event of the dump. */
uint32_t own_id(uint32_t id);

/* A record of them, without its header (tracefs.h): all bytes, with those of the header. */
uint32_t own_switch(uint8_t *to, const struct sched *sched, const struct stream *s,
                    const struct sched_event *e);
uint32_t own_waking(uint8_t *to, const struct sched *sched, const struct stream *s,
                    const struct sched_event *e);
/* As much of it as there is room for. */
uint32_t own_unknown(uint8_t *to, uint32_t room, const struct record *r);

#endif
