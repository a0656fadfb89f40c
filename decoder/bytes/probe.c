/* SPDX-License-Identifier: MIT */
/* probe.c - the ring of a machine that is being debugged, as a dump that grows. */
#include "bytes/probe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/mem.h"
#include "bytes/chase.h"
#include "bytes/locate.h"
#include "bytes/side.h"
#include "bytes/watch.h"

struct probe {
    struct probe_options options;
    struct chase chase;
    struct watch *watch;
    struct pack pack;
    size_t given; /* bytes of `pack` that were returned */
    struct chase_cpu *cpus;
    uint32_t cpu_count;
    uint64_t settled; /* no record that is still to come is older: the newest of the round before */
    bool greeted;
    bool begun;  /* this round */
    bool awaits; /* a trace that there is not yet: that was reported */
    bool again;  /* another trace may come after this one */
    enum {
        PROBE_START,
        PROBE_AWAIT,
        PROBE_ROUND,
        PROBE_DATA,
        PROBE_PAUSE,
        PROBE_LAST,
        PROBE_DONE
    } stage;
};

struct probe *probe_open(int fd, const struct probe_options *o)
{
    struct probe *p = mem_zero(sizeof(*p));

    p->options = *o;
    p->chase.remote.fd = fd;
    return p;
}

/* What was read is of one capture. */
static void probe_forget(struct probe *p)
{
    free(p->cpus);
    free(p->chase.subbuf);
    p->cpus = NULL;
    p->chase.subbuf = NULL;
    p->cpu_count = 0;
}

void probe_close(struct probe *p)
{
    if (!p)
        return;
    probe_forget(p);
    free(p->pack.bytes);
    if (p->greeted)
        remote_close(&p->chase.remote);
    else
        (void)close(p->chase.remote.fd);
    free(p);
}

const char *probe_problem(const struct probe *p)
{
    return *p->chase.problem ? p->chase.problem : NULL;
}

/* --- the region --- */

/* Its header, once both copies are good, or never are. False: there is none, or it cannot be read. */
static bool probe_head(struct probe *p, struct region *r, struct diag_file *diag)
{
    uint8_t bytes[2 * TP_REGION_COPY_BYTES];
    struct tp_wire_region h;
    bool swap;

    for (unsigned i = 0; i < CHASE_TRIES; i++) {
        if (!chase_fetch(&p->chase, 0, bytes, sizeof(bytes)))
            return false;
        if (region_header(bytes, sizeof(bytes), &h, &swap) &&
            region_header(bytes + TP_REGION_COPY_BYTES, TP_REGION_COPY_BYTES, &h, &swap))
            break;
    }
    return region_head(r, bytes, sizeof(bytes), p->chase.region.at, diag);
}

static void probe_metadata(struct probe *p)
{
    uint32_t n = p->chase.region.head.metadata_bytes;
    uint8_t *bytes = n ? mem_alloc(n) : NULL;

    if (n && chase_fetch(&p->chase, p->chase.region.head.metadata_at, bytes, n) &&
        !side_metadata(&p->pack, &p->chase.region, bytes))
        diag_damage(p->chase.diag, "region at 0x%" PRIx64 ": its metadata is damaged",
                    p->chase.region.at);
    free(bytes);
}

static void probe_names(struct probe *p)
{
    size_t n = (size_t)region_tasks_bytes(&p->chase.region.head);
    uint8_t *bytes = mem_alloc(n);

    if (chase_fetch(&p->chase, p->chase.region.head.tasks_at, bytes, n))
        side_tasks(&p->pack, &p->chase.region, bytes);
    free(bytes);
    p->chase.names_due = false;
}

static void probe_prepare(struct probe *p)
{
    const struct tp_wire_region *h = &p->chase.region.head;

    p->pack = (struct pack){.bytes = p->pack.bytes,
                            .room = p->pack.room,
                            .swap = p->chase.region.swap,
                            .word_bytes = h->word_bytes,
                            .stream = h->stream};
    p->chase.extract = (struct extract){.region = &p->chase.region, .pack = &p->pack};
    p->settled = 0;
    p->cpu_count = h->cpus;
    p->cpus = mem_zero(p->cpu_count * sizeof(*p->cpus));
    for (uint32_t i = 0; i < p->cpu_count; i++)
        p->cpus[i].x.cpu = i;
    p->chase.subbuf = mem_zero(h->subbuf_bytes);
    probe_metadata(p);
    probe_names(p);
    p->stage = chase_over(&p->chase) ? PROBE_LAST : PROBE_DATA;
}

static bool probe_greet(struct probe *p)
{
    p->greeted = true;
    if (!remote_open(&p->chase.remote, p->chase.remote.fd) &&
        p->chase.remote.state == REMOTE_EXITED)
        snprintf(p->chase.problem, sizeof(p->chase.problem), "the debugger's stub has no machine");
    return p->chase.remote.state == REMOTE_HALTED;
}

/* There is no trace. One that is followed may come; memory is searched once. */
static void probe_await(struct probe *p)
{
    if (!p->watch || p->options.end || (!p->options.has_at && !p->options.has_table) ||
        p->chase.remote.state >= REMOTE_EXITED)
        return;
    if (!p->awaits)
        diag_note(p->chase.diag, "%s: waiting for one", p->chase.problem);
    p->awaits = true;
    *p->chase.problem = '\0';
    p->stage = PROBE_AWAIT;
}

static void probe_start(struct probe *p)
{
    uint64_t at;
    unsigned others;

    p->stage = PROBE_DONE;
    if (!p->greeted && !probe_greet(p))
        return;
    if (!locate_region(&p->chase.remote, &p->options, &at, &others, p->chase.problem)) {
        if (p->chase.remote.state == REMOTE_BROKEN)
            *p->chase.problem = '\0'; /* the stub is what is wrong */
        else
            probe_await(p);
        return;
    }
    p->chase.region.at = at;
    if (!probe_head(p, &p->chase.region, p->chase.diag))
        return;
    p->awaits = false;
    diag_note(p->chase.diag,
              "region at 0x%" PRIx64 ": read from a machine: %" PRIu32 " cpus, %s, %" PRIu32
              " sub-buffers of %" PRIu32 " bytes each",
              at, p->chase.region.head.cpus,
              p->chase.region.head.flags & TP_CHUNK_OVERWRITE ? "overwrite" : "discard",
              p->chase.region.head.subbufs, p->chase.region.head.subbuf_bytes);
    if (others)
        diag_note(p->chase.diag, "the first of %u traces that are open: --at has another one",
                  others + 1);
    probe_prepare(p);
}

/* --- all of them --- */

/* Of the CPUs that have something, the one whose next record is the earliest. */
static struct chase_cpu *probe_oldest(struct probe *p)
{
    struct chase_cpu *oldest = NULL;

    for (uint32_t i = 0; i < p->cpu_count; i++)
        if (p->cpus[i].more && (!oldest || p->cpus[i].time < oldest->time))
            oldest = &p->cpus[i];
    return oldest;
}

static void probe_turn(struct probe *p, struct chase_cpu *c, bool last)
{
    uint64_t newest = p->chase.extract.newest;

    p->chase.extract.newest = 0;
    chase_step(&p->chase, c, last);
    if (p->chase.extract.newest > c->time)
        c->time = p->chase.extract.newest;
    if (newest > p->chase.extract.newest)
        p->chase.extract.newest = newest;
}

/* Is this still the trace that it was? Its metadata may have grown. */
static bool probe_same(struct probe *p)
{
    struct diag_file silent = {
        .diag = p->chase.diag->diag, .name = p->chase.diag->name, .quiet = true};
    struct region now;
    uint32_t bytes = p->chase.region.head.metadata_bytes, crc = p->chase.region.head.metadata_crc;

    if (!probe_head(p, &now, &silent) || now.head.stream != p->chase.region.head.stream ||
        now.head.cpus != p->chase.region.head.cpus ||
        now.head.subbuf_bytes != p->chase.region.head.subbuf_bytes)
        return false;
    now.diag = p->chase.diag;
    p->chase.region = now;
    if (bytes != now.head.metadata_bytes || crc != now.head.metadata_crc)
        probe_metadata(p);
    return true;
}

static void probe_round(struct probe *p)
{
    p->stage = PROBE_LAST;
    if (chase_over(&p->chase))
        return;
    if (!probe_same(p)) {
        p->again = !chase_over(&p->chase);
        if (p->again)
            diag_note(p->chase.diag,
                      "the trace was closed, or another one is in its place: what it "
                      "recorded after the last read is not known");
        return;
    }
    if (p->chase.names_due)
        probe_names(p);
    p->stage = PROBE_DATA;
}

/* The states of all rings: what is read in this round. */
static void probe_begin(struct probe *p)
{
    for (uint32_t i = 0; i < p->cpu_count && !chase_over(&p->chase); i++)
        chase_look(&p->chase, &p->cpus[i]);
}

/* Nothing older will come of CPUs that have given all; and what they have lost since. */
static void probe_marks(struct probe *p, bool final)
{
    for (uint32_t i = 0; i < p->cpu_count; i++) {
        struct chase_cpu *c = &p->cpus[i];
        uint64_t time = final ? p->chase.extract.newest : p->settled;
        bool more = false, all = chase_all(&p->chase, c);

        for (unsigned k = 0; c->placed && (all || final) && k < TP_LOST_OVERWRITTEN; k++)
            if (c->state.lost[k] > c->x.lost[k]) {
                c->x.lost[k] = c->state.lost[k];
                more = true;
            }
        time = time > c->time ? time : c->time;
        if (!final && (!c->placed || !all || (time == c->marked && !more)))
            continue;
        c->marked = time;
        extract_mark(&p->chase.extract, &c->x, c->place, time, final);
    }
    p->settled = p->chase.extract.newest;
}

/* Until the next round. False: there is none. */
static bool probe_pause(struct probe *p)
{
    uint64_t interval = p->options.interval_ms ? p->options.interval_ms : PROBE_INTERVAL_MS;
    uint64_t until = watch_now() + interval, now;

    if (!p->watch || p->chase.remote.state == REMOTE_STOPPED)
        return false;
    remote_go(&p->chase.remote);
    do {
        if (!watch_turn(p->watch))
            return false;
        now = watch_now();
        if (now < until)
            remote_idle(&p->chase.remote,
                        (unsigned)(until - now < WATCH_TICK_MS ? until - now : WATCH_TICK_MS));
    } while (now < until && p->chase.remote.state < REMOTE_STOPPED);
    return true;
}

/* The records that were in flight in the end, as those of an image are read; of a machine that is gone, what
 * is known to be missing is counted. */
static void probe_flights(struct probe *p)
{
    bool gone = p->again || chase_over(&p->chase);
    struct chase_cpu *c;

    for (uint32_t i = 0; i < p->cpu_count; i++) {
        bool more;

        c = &p->cpus[i];
        more = c->placed && !c->broken && !chase_all(&p->chase, c);
        c->more = more && !gone;
        if (more && gone) {
            c->x.number += c->unseen + 1;
            c->x.flags |= TP_CHUNK_UNFINISHED;
        }
    }
    while ((c = probe_oldest(p)))
        probe_turn(p, c, true);
}

static void probe_last(struct probe *p)
{
    struct tp_wire_chunk h = {.type = TP_CHUNK_END, .flags = TP_CHUNK_SNAPSHOT};

    p->stage = PROBE_DONE;
    if (!p->cpu_count)
        return;
    probe_flights(p);
    probe_marks(p, true);
    if (p->chase.remote.state == REMOTE_STOPPED)
        diag_note(p->chase.diag, "the machine has stopped, by signal %u: reading ends",
                  p->chase.remote.signal);
    if (p->chase.remote.state == REMOTE_EXITED)
        diag_note(p->chase.diag,
                  "the machine has ended: what it recorded after the last read is not "
                  "known");
    if (*p->chase.problem || p->chase.remote.state == REMOTE_BROKEN)
        return;
    h.time = p->chase.extract.newest;
    pack_begin(&p->pack, &h);
    pack_end(&p->pack, 0);
    if (p->again)
        p->stage = PROBE_START;
    p->again = false;
    probe_forget(p);
}

static void probe_data(struct probe *p)
{
    struct chase_cpu *c;

    if (!p->begun)
        probe_begin(p);
    p->begun = true;
    c = chase_over(&p->chase) ? NULL : probe_oldest(p);
    if (c) {
        probe_turn(p, c, false);
        return;
    }
    p->begun = false;
    if (!chase_over(&p->chase))
        probe_marks(p, false);
    p->stage = PROBE_PAUSE;
}

/* Makes some more chunks; false: there is nothing more. */
static bool probe_make(struct probe *p)
{
    p->pack.n = 0;
    while (!p->pack.n && p->stage != PROBE_DONE) {
        if (p->stage == PROBE_START)
            probe_start(p);
        else if (p->stage == PROBE_AWAIT)
            p->stage = probe_pause(p) ? PROBE_START : PROBE_DONE;
        else if (p->stage == PROBE_ROUND)
            probe_round(p);
        else if (p->stage == PROBE_DATA)
            probe_data(p);
        else if (p->stage == PROBE_PAUSE)
            p->stage = !chase_over(&p->chase) && probe_pause(p) ? PROBE_ROUND : PROBE_LAST;
        else
            probe_last(p);
    }
    if (p->stage == PROBE_DONE && !*p->chase.problem && p->chase.remote.state == REMOTE_BROKEN)
        snprintf(p->chase.problem, sizeof(p->chase.problem), "the debugger's stub: %s",
                 p->chase.remote.problem);
    return p->pack.n != 0;
}

size_t probe_read(struct probe *p, struct diag_file *diag, struct watch *watch, uint8_t *to,
                  size_t n)
{
    p->chase.diag = diag;
    p->watch = watch;
    if (p->given == p->pack.n) {
        p->given = 0;
        if (!probe_make(p))
            return 0;
    }
    n = n < p->pack.n - p->given ? n : p->pack.n - p->given;
    memcpy(to, p->pack.bytes + p->given, n);
    p->given += n;
    return n;
}
