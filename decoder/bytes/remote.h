/* SPDX-License-Identifier: MIT */
/*
 * remote.h - memory of a machine that is being debugged, by GDB's remote serial protocol.
 *
 * What answers (a *stub*: in QEMU, OpenOCD, a probe) is asked for memory and nothing else: nothing is written, no
 * register is touched. A machine that runs is asked while it runs. If its stub answers only while it is halted, it is
 * halted for the read and continued after it. Nothing that a stub says is trusted: packets, junk and waiting are bounded.
 *
 *     remote_open(g, fd);
 *     while (remote_read(g, address, bytes, n)) ...
 *     remote_go(g);                                  it runs on
 *     remote_idle(g, ms);
 *     remote_close(g);
 */
#ifndef REMOTE_H
#define REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/undo.h"

#define REMOTE_PACKET_BYTES (64u << 10) /* of an answer, at most */
#define REMOTE_ASK_BYTES 64u            /* of what is asked */
#define REMOTE_LEAST_BYTES 400u         /* of a packet, where a stub does not say: as GDB has it */
#define REMOTE_WAIT_MS 5000u            /* for an answer */
#define REMOTE_QUIET_MS 200u            /* after this, no more of an old answer comes */
#define REMOTE_TRIES 4u                 /* of a packet that arrives damaged */
#define REMOTE_JUNK_BYTES (1u << 20) /* in no packet, or in packets that are no answer, in a row */
#define REMOTE_PROBLEM_BYTES 128u

enum remote_state {
    REMOTE_HALTED,
    REMOTE_RUNS,
    REMOTE_STOPPED, /* by itself: a breakpoint, a fault, its user */
    REMOTE_EXITED,  /* there is no machine any more */
    REMOTE_BROKEN   /* nothing more can be asked: `problem` */
};

struct remote {
    int fd;
    enum remote_state state;
    bool plain;      /* no acknowledgements */
    bool acked;      /* what was sent last has arrived */
    bool upload;     /* memory comes as bytes, not as digits */
    bool vcont;      /* it is continued by vCont;c, not by c */
    bool halting;    /* it must be halted for a read */
    bool refused;    /* the last read was: that memory cannot be read */
    size_t most;     /* bytes that are asked for at once */
    unsigned signal; /* why it stopped */
    uint64_t reads, bytes;
    char problem[REMOTE_PROBLEM_BYTES];
    struct undo undo;
    volatile bool held; /* it is halted, or is about to be, because of what was sent */

    uint8_t raw[4096]; /* what came, and was not looked at */
    size_t raw_at, raw_end;
    uint8_t answer[REMOTE_PACKET_BYTES];
    size_t answer_bytes;
    size_t junk;
};

/* Greets the stub. False: `problem`. The descriptor is closed by remote_close(), in both cases. */
bool remote_open(struct remote *g, int fd);
/* n bytes of memory; all or none. False: it is refused, or `state` says why not. */
bool remote_read(struct remote *g, uint64_t address, void *to, size_t n);
/* It is continued, if it was halted by remote_open() or for a read. */
void remote_go(struct remote *g);
/* Waits while it runs: so long, or until it stops. */
void remote_idle(struct remote *g, unsigned ms);
/* Leaves the machine running, as debuggers do. */
void remote_close(struct remote *g);

#endif
