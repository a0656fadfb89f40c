/* SPDX-License-Identifier: MIT */
/* asked.c - of what the command line asks for, what there is. */
#include "order/asked.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "order/stream.h"

#define ASKED_PID_BYTES 10u /* digits */

void asked_open(struct asked *a)
{
    for (uint32_t i = 0; i < a->glob_count; i++) {
        const struct glob *g = &a->globs[i];

        near_open(&a->near[i], g->sys, g->sys_bytes + (g->name ? g->name_bytes + 1 : 0));
    }
}

void asked_note_pid(struct asked *a, uint32_t pid)
{
    for (uint32_t i = 0; i < a->pid_count; i++)
        if (a->some_pid[i] == pid)
            return;
    if (a->pid_count < ASKED_PIDS)
        a->some_pid[a->pid_count++] = pid;
}

/* One event, for a name that was not seen yet. */
static void asked_try(struct asked *a, uint32_t i, const struct metadata_event *e)
{
    char text[METADATA_JOINED_BYTES];
    const struct glob *g = &a->globs[i];
    struct metadata_text joined = metadata_join(e, g->name ? ':' : '_', text);

    a->glob[i] = glob_names(g, e);
    near_try(&a->near[i], joined.bytes, joined.n);
    if (g->name)
        return;
    near_try(&a->near[i], e->sys.bytes, e->sys.n);
    near_try(&a->near[i], e->name.bytes, e->name.n);
}

void asked_look(struct asked *a, const struct metadata *m)
{
    for (uint32_t id = 0; a->glob_count && id < m->event_slots; id++)
        for (uint32_t i = 0; m->events[id] && i < a->glob_count; i++)
            if (!a->glob[i])
                asked_try(a, i, m->events[id]);
    a->cpu_count = m->cpus > a->cpu_count ? m->cpus : a->cpu_count;
}

void asked_times(struct asked *a, struct stream *from, bool day, uint64_t low, uint64_t high)
{
    struct stamp stamp = {.mode = day && from->day_known ? STAMP_UTC : STAMP_SECONDS};

    if (!*a->low || clock_ns(&from->clock, low) < a->low_ns) {
        a->low_ns = clock_ns(&from->clock, low);
        *stamp_put(&stamp, from, low, a->low) = '\0';
    }
    if (!*a->high || clock_ns(&from->clock, high) > a->high_ns) {
        a->high_ns = clock_ns(&from->clock, high);
        *stamp_put(&stamp, from, high, a->high) = '\0';
    }
}

void asked_miss_events(const struct asked *a, struct diag *diag)
{
    for (uint32_t i = 0; i < a->glob_count; i++) {
        const struct glob *g = &a->globs[i];
        char hint[NEAR_HINT_BYTES];

        if (!a->glob[i])
            diag_wrong(diag, "no event matches '%.*s'%s",
                       (int)(g->sys_bytes + (g->name ? g->name_bytes + 1 : 0)), g->sys,
                       near_hint(&a->near[i], diag->tell ? "" : NEAR_LISTED, hint));
    }
}

void asked_miss_captures(const struct asked *a, struct diag *diag)
{
    const struct range_list *l = a->captures;

    for (uint32_t i = 0; i < l->count; i++)
        if (!a->capture[i])
            diag_wrong(diag, "no capture %" PRIu32 ": there %s %" PRIu32 ", from 1 on",
                       l->at[i].first, a->capture_count == 1 ? "is" : "are", a->capture_count);
}

void asked_miss_cpus(const struct asked *a, struct diag *diag)
{
    const struct range_list *l = a->cpus;

    for (uint32_t i = 0; i < l->count; i++)
        if (!a->cpu[i] && l->at[i].first >= a->cpu_count && a->cpu_count)
            diag_wrong(diag, "no CPU %" PRIu32 ": there are %" PRIu64 ", from 0 on", l->at[i].first,
                       a->cpu_count);
}

/* Only where all was read. */
void asked_miss_pids(const struct asked *a, struct diag *diag)
{
    const struct range_list *l = a->pids;
    char text[ASKED_PIDS * (ASKED_PID_BYTES + 2) + 1];
    size_t n = 0;

    if (!a->pid_count) {
        diag_wrong(diag, "--pid: no record says of which task it is");
        return;
    }
    for (uint32_t i = 0; i < a->pid_count; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%" PRIu32, i ? ", " : "",
                              a->some_pid[i]);
    for (uint32_t i = 0; i < l->count; i++)
        if (!a->pid[i])
            diag_wrong(diag, "no record is of task %" PRIu32 ", but there are %s", l->at[i].first,
                       text);
}

void asked_miss_time(const struct asked *a, struct diag *diag)
{
    const char *low = a->low + strspn(a->low, " "), *high = a->high + strspn(a->high, " ");

    if ((a->early && a->late) || !*low)
        return;
    if (a->early)
        diag_wrong(diag, "no record is so late: the dump is %s to %s", low, high);
    else if (a->late)
        diag_wrong(diag, "no record is so early: the dump begins at %s", low);
}
