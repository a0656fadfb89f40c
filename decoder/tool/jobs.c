/* SPDX-License-Identifier: MIT */
/* jobs.c - starts several processes that decode one file. */
#include "tool/jobs.h"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#define JOBS_ALIGN_BYTES 65536u /* pages of memory have as many, or fewer */

static void jobs_begin(struct jobs *j, uint32_t i, const struct child *at)
{
    leader_close(&j->leader);
    j->role = JOBS_WORKER;
    j->worker = (struct worker){
        .at = *at, .shared = &j->shared, .page = &j->shared.memory->page[i]};
}

/* False: it cannot be started. In the worker, too, it returns true. */
static bool jobs_start(struct jobs *j, uint32_t i)
{
    struct child at;

    switch (child_start(&at)) {
    case CHILD_ITSELF:
        jobs_begin(j, i, &at);
        return true;
    case CHILD_PARENT:
        j->leader.worker[i] = (struct leader_worker){.at = at};
        j->leader.count = i + 1;
        return true;
    case CHILD_NONE:
        break;
    }
    return false;
}

uint32_t jobs_online(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    cpu_set_t set;

    /* It fails where there are more than the set has room for. */
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        online = CPU_COUNT(&set);
    return online < 1 ? 1 : online > JOBS_MAX ? JOBS_MAX : (uint32_t)online;
}

/* False: there is no memory that they could share. */
static bool jobs_share(struct shared *s, uint32_t count)
{
    size_t pages = sizeof(struct shared_memory) + count * sizeof(struct shared_page);

    pages = (pages + JOBS_ALIGN_BYTES - 1) / JOBS_ALIGN_BYTES * JOBS_ALIGN_BYTES;
    s->room = leader_room(count, 0);
    s->bytes = pages + (size_t)count * s->room * sizeof(struct shared_piece);
    s->memory = mmap(NULL, s->bytes, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (s->memory == MAP_FAILED)
        s->memory = NULL;
    else
        s->pieces = (struct shared_piece *)((char *)s->memory + pages);
    for (uint32_t i = 0; s->memory && i < count; i++)
        s->memory->page[i].room = s->room;
    return s->memory;
}

bool jobs_open(struct jobs *j, uint32_t count)
{
    *j = (struct jobs){.role = JOBS_NONE};
    if (!jobs_share(&j->shared, count))
        return false;
    j->leader.shared = &j->shared;
    j->role = JOBS_LEADER;
    for (uint32_t i = 0; i < count && j->role == JOBS_LEADER; i++)
        if (!jobs_start(j, i)) {
            jobs_close(j);
            return false;
        }
    return true;
}

void jobs_close(struct jobs *j)
{
    leader_close(&j->leader);
    if (j->shared.memory)
        (void)munmap(j->shared.memory, j->shared.bytes);
    j->shared.memory = NULL;
    j->role = JOBS_NONE;
}

size_t jobs_written(const struct jobs *j, int fd[JOBS_MAX])
{
    if (j->role == JOBS_NONE)
        return 0;
    if (j->role == JOBS_WORKER) {
        fd[0] = j->worker.at.tell;
        return 1;
    }
    for (uint32_t i = 0; i < j->leader.count; i++)
        fd[i] = j->leader.worker[i].at.tell;
    return j->leader.count;
}
