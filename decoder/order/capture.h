/* SPDX-License-Identifier: MIT */
/*
 * capture.h - which capture of an input a chunk belongs to, and when a capture is over.
 *
 * A capture is what has one `stream` number. It begins with chunk 0: another chunk 0 is that of another
 * capture (a boot, a snapshot), the same one a copy, unless other data follows it. Pipes of one CPU
 * each have their own. Captures may alternate: what is of another one is read again later, if the
 * input can be sought in, and else kept.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "bytes/chunk.h"

/* A capture is over when so many chunks of others follow each other, */
#define CAPTURE_OTHERS_MAX 32u
/* or if they have to be kept and are so many bytes. */
#define CAPTURE_KEPT_BYTES (16u << 20)
/* After so many chunks a chunk 0 is no longer late but the start of something else. */
#define CAPTURE_LATE_CHUNKS 16u

/* After so many chunks of data that do not show whether a chunk 0 was a copy it is one. */
#define CAPTURE_UNSURE_MAX 64u

enum capture_answer {
    CAPTURE_OWN,
    CAPTURE_ASIDE, /* it is of another, which comes later, or was there */
    CAPTURE_OVER   /* no more of this one will come */
};

struct capture_kept; /* a chunk */

struct capture {
    bool begun;
    uint64_t stream;
    struct tp_wire_chunk *zeros; /* each chunk 0: one, or one a CPU */
    uint32_t zero_count;
    uint32_t chunks; /* of it, so far */
    uint32_t others; /* since the last of it */

    bool aside;                     /* there was one of another capture: */
    uint64_t aside_at, aside_index; /* the first */
    uint64_t own_end;               /* where the last of this one ends */
    uint64_t reported;              /* damage before this offset of the input was reported */
    struct {
        uint64_t stream, end;
    } past[CAPTURE_OTHERS_MAX + 1]; /* those that were read beyond where this one begins */
    uint32_t past_count;

    struct capture_kept *kept, *kept_last; /* of others */
    struct capture_kept *again;            /* kept while earlier captures were read */
    struct capture_kept *given;            /* the last one that came from there */
    size_t kept_bytes;
    struct capture_kept *doubt, *doubt_last; /* the same chunk 0 again, and what follows that is no
                                                data: a copy, or a boot that is like the last one */
    uint32_t doubts;
    uint64_t
        unsure[CAPTURE_UNSURE_MAX];   /* data that was given meanwhile, by offset: it is not given
                                            again */
    uint32_t unsures, unsures_before; /* and of earlier doubts */
};

/* The next chunk, which may have been read before. */
enum chunk_status capture_next(struct capture *k, struct chunk_reader *r, struct chunk *c);
/* What to do with it. `ended`: the end of this capture was seen. */
enum capture_answer capture_judge(struct capture *k, const struct chunk_reader *r,
                                  const struct chunk *c, bool ended);
/* Goes back to what was put aside. False: there was nothing. */
bool capture_back(struct capture *k, struct chunk_reader *r);
/* While k->doubt: data shows which it is. What comes from the chunk 0 on is another capture, whose data
 * begins with this chunk; */
void capture_part(struct capture *k, const struct chunk_reader *r, const struct chunk *c);
/* or it is a copy; */
void capture_trust(struct capture *k);
/* or neither can be seen by this one, which is given. */
void capture_unsure(struct capture *k, const struct chunk *c);
/* Another one begins. */
void capture_reset(struct capture *k);
void capture_close(struct capture *k);

#endif
