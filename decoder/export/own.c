/* SPDX-License-Identifier: MIT */
/* own.c - the events of a trace.dat that are not in the dump. */
#include "export/own.h"

#include <string.h>

#include "export/little.h"
#include "export/tracefs.h"

#define OWN_COMM_BYTES 16u
#define OWN_PRIORITY 120u

/* States of a task in sched_switch. */
enum { OWN_READY = 0, OWN_WAITS = 1, OWN_DEAD = 16 };

const struct own_event own_events[OWN_EVENTS] = {
    {"sched", "sched_switch",
     "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:1;\n"
     "\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
     "\tfield:int prev_prio;\toffset:28;\tsize:4;\tsigned:1;\n"
     "\tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;\n"
     "\tfield:char next_comm[16];\toffset:40;\tsize:16;\tsigned:1;\n"
     "\tfield:pid_t next_pid;\toffset:56;\tsize:4;\tsigned:1;\n"
     "\tfield:int next_prio;\toffset:60;\tsize:4;\tsigned:1;\n"
     "\n"
     "print fmt: \"prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s ==> next_comm=%s "
     "next_pid=%d next_prio=%d\", REC->prev_comm, REC->prev_pid, REC->prev_prio, "
     "__print_symbolic(REC->prev_state, {0, \"R\"}, {1, \"S\"}, {16, \"X\"}), "
     "REC->next_comm, REC->next_pid, REC->next_prio\n",
     OWN_SWITCH},
    {"sched", "sched_waking",
     "\tfield:char comm[16];\toffset:8;\tsize:16;\tsigned:1;\n"
     "\tfield:pid_t pid;\toffset:24;\tsize:4;\tsigned:1;\n"
     "\tfield:int prio;\toffset:28;\tsize:4;\tsigned:1;\n"
     "\tfield:int success;\toffset:32;\tsize:4;\tsigned:1;\n"
     "\tfield:int target_cpu;\toffset:36;\tsize:4;\tsigned:1;\n"
     "\n"
     "print fmt: \"comm=%s pid=%d prio=%d target_cpu=%03d\", REC->comm, REC->pid, REC->prio, "
     "REC->target_cpu\n",
     OWN_WAKING},
    {"tracepoint", "unknown",
     "\tfield:u32 id;\toffset:8;\tsize:4;\tsigned:0;\n"
     "\tfield:__data_loc u8[] bytes;\toffset:12;\tsize:4;\tsigned:0;\n"
     "\n"
     "print fmt: \"id=%u %s\", REC->id, __print_hex_str(__get_dynamic_array(bytes), "
     "__get_dynamic_array_len(bytes))\n",
     OWN_UNKNOWN},
    {"tracepoint", "end", "\nprint fmt: \"no more records of this CPU\"\n", OWN_END}};

void own_format(struct out *o, const struct own_event *e)
{
    out_text(o, "name: ");
    out_text(o, e->name);
    out_text(o, "\nID: ");
    out_u64(o, e->id);
    out_text(o, "\nformat:\n");
    out_text(o, tracefs_common);
    out_text(o, e->fields);
}

bool own_has(const char *sys, const char *name)
{
    for (size_t i = 0; i < OWN_EVENTS; i++)
        if (strcmp(sys, own_events[i].sys) == 0 && strcmp(name, own_events[i].name) == 0)
            return true;
    return false;
}

uint32_t own_id(uint32_t id)
{
    return id >= OWN_SWITCH && id <= OWN_END ? id - OWN_SWITCH + TP_ID_EVENT_MAX + 1 : id;
}

static void own_comm(uint8_t to[OWN_COMM_BYTES], struct metadata_text name)
{
    memset(to, 0, OWN_COMM_BYTES);
    memcpy(to, name.bytes, name.n < OWN_COMM_BYTES ? name.n : OWN_COMM_BYTES - 1);
}

uint32_t own_switch(uint8_t *to, const struct sched *sched, const struct stream *s,
                    const struct sched_event *e)
{
    own_comm(to + 8, sched_name(sched, s, e->prev));
    little_u32(to + 24, (uint32_t)e->prev);
    little_u32(to + 28, OWN_PRIORITY);
    little_u64(to + 32, e->state == ROLES_STATE_READY  ? OWN_READY
                        : e->state == ROLES_STATE_DEAD ? OWN_DEAD
                                                       : OWN_WAITS);
    own_comm(to + 40, sched_named(sched, s, e->next, e->name));
    little_u32(to + 56, (uint32_t)e->next);
    little_u32(to + 60, OWN_PRIORITY);
    return 64;
}

uint32_t own_waking(uint8_t *to, const struct sched *sched, const struct stream *s,
                    const struct sched_event *e)
{
    own_comm(to + 8, sched_named(sched, s, e->task, e->name));
    little_u32(to + 24, (uint32_t)e->task);
    little_u32(to + 28, OWN_PRIORITY);
    little_u32(to + 32, 1);
    little_u32(to + 36, e->cpu);
    return 40;
}

uint32_t own_unknown(uint8_t *to, uint32_t room, const struct record *r)
{
    uint32_t n = r->bytes < room - 16 ? r->bytes : room - 16;

    little_u32(to + 8, r->id);
    little_u32(to + 12, n << 16 | 16);
    if (n)
        memcpy(to + 16, r->fields, n);
    return 16 + n;
}
