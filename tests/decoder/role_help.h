/* SPDX-License-Identifier: MIT */
/* role_help.h - dumps of events of any fields and roles, for the tests of --list-roles and --tasks. */
#ifndef ROLE_HELP_H
#define ROLE_HELP_H

#include "help.h"

/* Numbers of the values of the one table there is. */
enum { ROLE_READY, ROLE_RUNNING, ROLE_SLEEPING, ROLE_DEAD, ROLE_ODD };

/* `sched:switch u32:next u8@prev char16:comm`: sys and name, then types and names of fields; u8@ is an
 * enum of the table, char16 and ptr4 are arrays. `role`: bytes of CBOR, or none. The id is the place, from 1. */
struct role_event {
    const char *text, *role;
    size_t role_bytes;
};
#define ROLE_EVENT(text, role)                                                                     \
    {                                                                                              \
        text, role, sizeof(role) - 1                                                               \
    }

struct role_dump {
    struct help_bytes bytes;
    const struct role_event *events;
    uint32_t count;
    uint64_t stream;
    bool context;
    uint64_t numbers[2048], lost[2048]; /* by CPU */
};

/* A metadata chunk with these events. Clock 1 GHz. */
struct role_dump *role_open(const struct role_event *events, uint32_t count, uint64_t stream);
/* A record; a value for each field, of an array the address of its text or elements. `pid` is in the record if
 * d->context. */
void role_put(struct role_dump *d, uint16_t cpu, uint64_t time, uint32_t id, uint32_t pid,
              const uint64_t *values);
#define ROLE_PUT(d, cpu, time, id, ...)                                                            \
    role_put(d, cpu, time, id, 0, (const uint64_t[]){__VA_ARGS__})
#define ROLE_TEXT(text) (uint64_t)(uintptr_t)(text)
/* So many are lost before the next record of the CPU. */
void role_lose(struct role_dump *d, uint16_t cpu, uint64_t n);
/* Ends the dumps and runs over them. NULL: no such dump. `rules`: of --role, up to a NULL. */
struct help_run role_run(struct role_dump *const *dumps, size_t count, struct decode_options o,
                         const char *const *rules);
void role_close(struct role_dump *d);
/* One dump: --list-roles, --tasks; what is printed is in `run`. */
void role_list(struct help_run *run, const struct role_event *events, uint32_t count,
               const char *const *rules);

#endif
