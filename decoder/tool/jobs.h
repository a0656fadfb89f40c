/* SPDX-License-Identifier: MIT */
/*
 * jobs.h - several processes that decode one file: one that leads (leader.h), and workers (worker.h).
 *
 *     if (jobs_open(&j, 3) && j.role == JOBS_LEADER)
 *         code = leader_run(&j.leader, stream);
 *
 * They are started before a byte of the dump is read, so that each gives up its rights by itself, and share one piece of
 * memory (shared.h).
 */
#ifndef JOBS_H
#define JOBS_H

#include "tool/leader.h"
#include "tool/shared.h"
#include "tool/worker.h"

#define JOBS_MAX SHARED_WORKERS
/* Windows of a file below this are shares of it. */
#define JOBS_FILE_BYTES (8ull << 20)
/* For each worker. Of more CPUs, what reaches into a window from before it is so much more than the window has that one process
 * is faster. */
#define JOBS_CPUS 256u

enum jobs_role { JOBS_NONE, JOBS_LEADER, JOBS_WORKER };

struct jobs {
    enum jobs_role role;
    struct shared shared;
    struct leader leader; /* of JOBS_LEADER */
    struct worker worker; /* of JOBS_WORKER */
};

/* As many as this process may use processors, at most JOBS_MAX. */
uint32_t jobs_online(void);
/* Starts the workers. False: there can be none. In each of them it returns as well, as JOBS_WORKER. *j stays where it is. */
bool jobs_open(struct jobs *j, uint32_t count);
void jobs_close(struct jobs *j);
/* The descriptors that this process writes, of which there are at most JOBS_MAX. */
size_t jobs_written(const struct jobs *j, int fd[JOBS_MAX]);

#endif
