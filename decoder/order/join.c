/* SPDX-License-Identifier: MIT */
/* join.c - captures that are in several inputs. */
#include "order/join.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/number.h"
#include "order/lane.h"

struct join_cpu {
    struct books books;
    uint64_t last;   /* time of the latest record */
    uint64_t flight; /* events that were in flight before this number: */
    uint32_t flights;
};

struct join {
    struct join *next;
    uint64_t stream, zero, serial;
    uint32_t users; /* inputs that are reading it */
    struct join_cpu **cpus;
    uint32_t slots;
    bool been[]; /* by input: it had it */
};

static void join_close(struct join *j)
{
    for (uint32_t i = 0; i < j->slots; i++) {
        if (j->cpus[i])
            gap_free(&j->cpus[i]->books.gaps);
        free(j->cpus[i]);
    }
    free(j->cpus);
    free(j);
}

/* Frees the oldest one that no input uses. */
static void join_forget(struct join_list *l)
{
    struct join **oldest = NULL;

    for (struct join **j = &l->first; *j; j = &(*j)->next)
        oldest = (*j)->users ? oldest : j;
    if (oldest) {
        struct join *j = *oldest;

        *oldest = j->next;
        l->idle--;
        join_close(j);
    }
}

/* One that another input has or had. An input does not have the same one twice: that would be two boots
 * that are alike. */
static struct join *join_find(const struct join_list *l, const struct stream *s, uint64_t zero)
{
    for (struct join *j = l->first; j; j = j->next)
        if (j->stream == s->id && !j->been[s->number] && (!zero || !j->zero || j->zero == zero))
            return j;
    return NULL;
}

void join_enter(struct stream *s, uint64_t zero)
{
    struct join_list *l = s->joins;
    struct join *j = join_find(l, s, zero);

    if (!j) {
        j = mem_zero(sizeof(*j) + l->inputs * sizeof(j->been[0]));
        j->stream = s->id;
        j->serial = ++l->serial;
        j->next = l->first;
        l->first = j;
    } else if (!j->users) {
        l->idle--;
    }
    if (!j->zero)
        j->zero = zero;
    j->been[s->number] = true;
    j->users++;
    s->join = j;
}

uint64_t join_serial(const struct stream *s)
{
    return s->join ? s->join->serial : 0;
}

void join_leave(struct stream *s)
{
    struct join_list *l = s->joins;

    if (!s->join)
        return;
    if (!--s->join->users && ++l->idle > JOIN_KEPT)
        join_forget(l);
    s->join = NULL;
}

void join_free(struct join_list *l)
{
    while (l->first) {
        struct join *next = l->first->next;

        join_close(l->first);
        l->first = next;
    }
    l->idle = 0;
}

static struct join_cpu *join_cpu(struct join *j, uint32_t cpu)
{
    if (cpu >= j->slots) {
        uint32_t slots = cpu + 16;

        j->cpus = mem_grow(j->cpus, slots * sizeof(struct join_cpu *));
        memset(j->cpus + j->slots, 0, (slots - j->slots) * sizeof(struct join_cpu *));
        j->slots = slots;
    }
    if (!j->cpus[cpu])
        j->cpus[cpu] = mem_zero(sizeof(*j->cpus[cpu]));
    return j->cpus[cpu];
}

/* It only looks like the same capture: a part of it that was written anew, with other numbers. */
static void join_split(struct stream *s)
{
    uint64_t zero = s->join->zero;

    join_leave(s);
    join_enter(s, zero);
}

static bool join_record(struct stream_lane *lane, struct join_cpu *c)
{
    uint64_t *lost = &lane->stream->joins->counts->lost;
    bool late;

    if (!books_record(&c->books, lane->record.number, &late)) {
        if (lane->time <= c->last) {
            lane->stream->shared++;
            return false;
        }
        join_split(lane->stream);
        return true;
    }
    c->last = lane->time > c->last ? lane->time : c->last;
    if (late && *lost && *lost != UINT64_MAX)
        --*lost;
    return true;
}

/* Several may be in flight before the same number: the first ones of each input are the same. */
static bool join_flight(struct stream_lane *lane, struct join_cpu *c)
{
    if (lane->flight != lane->number)
        lane->flights = 0;
    lane->flight = lane->number;
    if (c->flight != lane->number)
        c->flights = 0;
    c->flight = lane->number;
    if (++lane->flights <= c->flights)
        return false;
    c->flights = lane->flights;
    return true;
}

static bool join_loss(struct stream_lane *lane, struct books *b)
{
    uint64_t *lost = &lane->stream->joins->counts->lost, sum = 0;

    lane_share_loss(lane, b);
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        sum = number_add(sum, lane->loss[i]);
    *lost = number_add(*lost, sum);
    return sum || lane->loss_damage;
}

bool join_item(struct stream_lane *lane)
{
    struct join_cpu *c = join_cpu(lane->stream->join, lane->cpu);

    switch (lane->item) {
    case STREAM_LOSS:
        return join_loss(lane, &c->books);
    case STREAM_EVENT:
        return join_record(lane, c);
    case STREAM_UNFINISHED:
        return join_flight(lane, c);
    case STREAM_NOTHING:
    case STREAM_TASK:
        break;
    }
    return true;
}
