/* SPDX-License-Identifier: MIT */
/*
 * group.h - --stats --by: how many records there are of each task, CPU, event, or value of a field.
 *
 * The first GROUP_KEYS keys have a row; records of later ones are in the row of others, and those
 * that have no such key in one of their own.
 */
#ifndef GROUP_H
#define GROUP_H

#include "answer/owner.h"
#include "answer/tally.h"
#include "order/key.h"

#define GROUP_KEYS 8192u

struct group_row;

struct group {
    struct sink sink;
    bool json;
    const char *word; /* as it was given */
    struct diag *diag;
    struct key_by by;
    struct group_row *rows; /* as they were seen */
    uint32_t count, room;
    uint32_t *slots; /* by hash: place + 1 */
    struct tally_cell others, without;
    struct tally_cpu total;
    struct owner_list owners; /* events of which the key is a field; */
    bool meant;               /* of some others it is what the word means */
    bool finished;            /* some capture was read to its end */
};

struct sink *group_open(struct group *g, struct out *o, const char *by, bool json,
                        struct diag *diag);

#endif
