/* SPDX-License-Identifier: MIT */
/*
 * chase.h - the ring of one CPU of a machine that goes on writing it: what is new in it, and what was overwritten before
 * it could be read.
 *
 * It is read as a reader in the machine does (engine/core/read.c): the number of a sub-buffer is looked at before and
 * after its bytes are copied, and what was found whole is copied after that.
 */
#ifndef CHASE_H
#define CHASE_H

#include "bytes/extract.h"
#include "bytes/remote.h"
#include "bytes/state.h"

#define CHASE_TRIES 8u      /* of what changes while it is read */
#define CHASE_HOLE_MS 1000u /* a record that is not whole so long has lost its writer */
#define CHASE_PROBLEM_BYTES 256u

/* What all CPUs share. */
struct chase {
    struct remote remote;
    struct diag_file *diag;
    struct region region;
    struct extract extract;
    uint8_t *subbuf; /* a copy of one */
    bool said_halts;
    bool names_due; /* names of tasks may have been among what was overwritten */
    char problem[CHASE_PROBLEM_BYTES];
};

struct chase_cpu {
    struct extract_cpu x;
    struct state state; /* of its ring, as of this round */
    uint64_t place;     /* number of the sub-buffer that is read */
    bool placed;        /* it is known */
    bool broken;        /* its state cannot be right: that was reported */
    bool more;          /* there is something to read in this round */
    uint64_t time;      /* latest time of a record */
    uint64_t marked;    /* time of its last mark */
    unsigned tries;     /* of its sub-buffer, which was another one meanwhile */
    uint32_t
        unseen; /* events that are whole after one that is not, in the sub-buffer that was read last */
    uint64_t hole_since; /* nothing has come since then, and something is not whole; 0: it is */
};

/* Bytes of the region. False: `problem`, or the state of `remote`, says why not. */
bool chase_fetch(struct chase *p, uint64_t offset, void *to, size_t n);
/* Can no more be read? */
bool chase_over(const struct chase *p);

/* What its ring has now, and whether there is something in it that was not read. */
void chase_look(struct chase *p, struct chase_cpu *c);
/* Was everything read that was there then? */
bool chase_all(const struct chase *p, const struct chase_cpu *c);
/* Reads what there is in one sub-buffer, into chunks. `last`: and what is not whole will not be. */
void chase_step(struct chase *p, struct chase_cpu *c, bool last);

#endif
