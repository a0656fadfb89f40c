/* SPDX-License-Identifier: MIT */
/*
 * info.h - --info: what each capture is and what is in it, on one screen.
 *
 * Of one capture all that is known, a line each; of several a few lines each.
 */
#ifndef INFO_H
#define INFO_H

#include "answer/tally.h"

#define INFO_CAPTURES 1024u /* that are listed in JSON */
#define INFO_SHOWN 4u       /* of several, as text: on 24 lines */

enum info_name { INFO_TOOL, INFO_HOST, INFO_TRACE, INFO_MODE, INFO_CLOCK, INFO_NAMES };

struct info_capture {
    const char *file;
    uint32_t number, capture;                        /* of the input, and in it */
    char names[INFO_NAMES][TP_LIMIT_NAME_BYTES + 1]; /* empty: not known */
    struct metadata_image image;
    uint64_t cpus, subbuf_bytes, subbufs, told_hz, measured_hz; /* as the metadata says, by pairs */
    bool previous, ended, snapshot, by_day;
    struct tally_cpu sum;       /* first and last: counters, */
    uint64_t first_ns, last_ns; /* and these */
    char first_utc[CLOCK_UTC_BYTES + 1], last_utc[CLOCK_UTC_BYTES + 1]; /* if by_day */
    uint32_t cpus_seen, events, events_seen, tasks;
    uint64_t sampled, strangers;
    uint64_t damage; /* messages about the input, since the capture before */
};

struct info_input {
    struct tally_input tally;
    uint64_t damage; /* messages so far */
};

struct info {
    struct sink sink;
    bool json;
    struct info_capture *captures;
    uint32_t count, room;
    uint64_t more;             /* that are not listed */
    struct info_input *inputs; /* by number */
    uint32_t input_count;
};

struct sink *info_open(struct info *in, struct out *o, bool json, uint32_t inputs);

#endif
