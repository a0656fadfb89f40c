/* SPDX-License-Identifier: MIT */
/* jobs.c - several processes that decode windows of one file, and one that puts out what they make, in order: their start. */
#include "tool/jobs.h"

#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tool/shared.h"

static void jobs_begin(struct jobs *j, uint32_t i, const struct child *at)
{
    for (uint32_t k = 0; k < i; k++)
        child_close(&j->worker[k].at);
    j->role = JOBS_WORKER;
    j->at = *at;
    j->page = &j->shared->page[i];
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
        j->worker[i] = (struct leader_worker){.at = at};
        j->count = i + 1;
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

bool jobs_open(struct jobs *j, uint32_t count)
{
    uint32_t room = (SHARED_ROOM_BYTES + SHARED_ROOM_SHARED_BYTES / count) /
                    sizeof(struct shared_piece);
    size_t pages = sizeof(struct shared_memory) + count * sizeof(struct shared_page);
    size_t bytes = pages + (size_t)count * room * sizeof(struct shared_piece);
    void *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    *j = (struct jobs){.role = JOBS_NONE};
    if (shared == MAP_FAILED)
        return false;
    j->shared = shared;
    j->pieces = (struct shared_piece *)((char *)shared + pages);
    j->room = room;
    j->shared_bytes = bytes;
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
    for (uint32_t i = 0; i < j->count && j->role == JOBS_LEADER; i++)
        child_close(&j->worker[i].at);
    cut_close(&j->cut);
    if (j->shared)
        (void)munmap(j->shared, j->shared_bytes);
    j->shared = NULL;
    j->count = 0;
    j->role = JOBS_NONE;
}

size_t jobs_written(const struct jobs *j, int fd[JOBS_MAX])
{
    if (j->role == JOBS_NONE)
        return 0;
    if (j->role == JOBS_WORKER) {
        fd[0] = j->at.tell;
        return 1;
    }
    for (uint32_t i = 0; i < j->count; i++)
        fd[i] = j->worker[i].at.tell;
    return j->count;
}
