/* SPDX-License-Identifier: MIT */
/*
 * stream.h - one input, and the capture that is being read from it.
 *
 * Chunks go in (stream_pull), and come out as items of its lanes, one lane a CPU (lane.h). What is
 * in chunks that are not data is kept here: metadata (description.h), names of tasks, clock pairs,
 * counts. Merging lanes is not done here (merge.h).
 */
#ifndef STREAM_H
#define STREAM_H

#include "base/diag.h"
#include "base/mem.h"
#include "bytes/chunk.h"
#include "bytes/input.h"
#include "bytes/seek.h"
#include "model/clock.h"
#include "model/metadata.h"
#include "model/record.h"
#include "model/task.h"
#include "order/books.h"
#include "order/capture.h"
#include "order/copies.h"
#include "order/survey.h"

/* Chunks that wait to be merged, each input, and what is kept of its CPUs: so much, and of a single input with many CPUs
 * so much for each, up to a limit. When there is more, output goes on without waiting for CPUs that are silent. So of
 * thousands of CPUs fewer chunks wait: */
#define STREAM_WINDOW_BYTES (16u << 20)
#define STREAM_WINDOW_CPU_BYTES (24u << 10)
#define STREAM_WINDOW_MOST (32u << 20)
/* What metadata takes beyond this, the window does not have. */
#define STREAM_METADATA_FREE (5u << 20)
#define STREAM_WINDOW_LEAST (2u << 20) /* but as many as this */

/* What is taken for the speed of a counter while it is not known: nanoseconds. */
#define STREAM_HZ_UNKNOWN 1000000000u

/* Causes of loss as printed: those of the format, and two of our own. */
#define STREAM_LOST_MISSING TP_LOST_CAUSES
#define STREAM_LOST_UNFINISHED (TP_LOST_CAUSES + 1)
#define STREAM_LOST_CAUSES (TP_LOST_CAUSES + 2)

/* Each in one word. */
extern const char *const stream_causes[STREAM_LOST_CAUSES];

/* STREAM_UNFINISHED: an event that was in flight; in no count but that of what is missing. */
enum stream_item { STREAM_NOTHING, STREAM_LOSS, STREAM_TASK, STREAM_EVENT, STREAM_UNFINISHED };

struct lane_chunk;   /* a queued data chunk */
struct window_chunk; /* one that waits for others before it */

#define STREAM_NO_SLOT UINT32_MAX

/* There may be 65,535 of them. What is needed for each item comes first, so that it is in few lines of the processor's cache: with
 * many CPUs they are not there any more when it is a lane's turn. */
struct stream_lane {
    struct stream *stream;
    uint32_t slot;    /* in heads.h; STREAM_NO_SLOT: it has none */
    uint32_t left;    /* events that the header of its chunk still promises */
    uint64_t printed; /* time of the last item */
    uint64_t promise; /* nothing earlier will come */
    struct record_walk walk;

    /* The item that is next to be put out. */
    struct record record;
    uint64_t time;
    enum stream_item item;
    uint32_t cpu;
    uint64_t number;  /* of the record to come */
    bool gap_open;    /* the loss, or a part of it, was after `time`: see gap_from */
    bool loss_damage; /* and an unknown number more: memory was damaged */
    bool gate;        /* not a CPU: it represents the CPUs that were not seen yet */
    bool waived;      /* do not wait for it */
    bool started;     /* there was a chunk with records; of the first one: see start_record */
    bool entered;     /* there was a chunk, the first one that is put out: see entry */
    uint8_t cpu_text_bytes;
    uint64_t
        gap_from; /* of a loss: it was after this; and before `time`, or, if open, before the event
                          that follows, at which both still are, or the end. Else the chunk's time */
    char cpu_text[12]; /* " [000] " */
    uint32_t skip;     /* of what is left, those that were there before */

    uint64_t *loss;  /* by cause, in the chunk that it was before or in; there for STREAM_LOSS */
    uint64_t flight; /* events that were in flight before this number, so far (join.h): */
    uint32_t flights;
    uint32_t waiting; /* chunks that came too early (window.h) */

    /* As chunks arrive. */
    struct lane_chunk *first, *last;
    struct books books;
    uint64_t entry; /* nothing in the first chunk, up to its first item, is earlier */
    uint64_t start_record, start_digest;
};

struct text_cache;

struct guide;
struct guide_chunk;
struct join;
struct join_list;

struct stream {
    uint32_t number; /* which input */
    const char
        *label;   /* name of the input at the start of its lines; NULL: there is only one input */
    char *prefix; /* the same, as it is before a line of text */
    uint32_t prefix_bytes;
    uint32_t named; /* which of those that the command line names, from 0 */
    bool region;    /* one of several regions of an image that are read at once, each as an input */
    bool only_named;         /* of the only one that was named */
    bool others;             /* there are several, */
    bool by_wall;            /* and all have clock pairs: they are in order of wall time */
    struct join_list *joins; /* other inputs may have its captures; NULL: they do not */
    struct join *join;       /* this capture's */
    uint64_t join_zero;      /* of an image: which of several captures it is of (join.h) */
    struct input in;
    struct chunk_reader reader;
    struct diag_file diag;

    bool started;   /* a chunk of this capture was seen */
    bool ended;     /* its end chunk was seen */
    bool refused;   /* it is of a version that cannot be read */
    bool announced; /* its metadata was shown to the output */
    bool previous;  /* that it is from an earlier boot was reported */
    bool closing;   /* no more chunks for it; what is queued is to be put out */
    bool done;      /* the input too is at its end */
    uint64_t id;
    uint8_t word_bytes;     /* as its metadata says, */
    bool swap;              /* and the byte order of that */
    uint16_t flags;         /* those of 0xff00 that any of its chunks had */
    struct capture capture; /* which chunks are of it */
    uint64_t first_at;      /* the offset of its first chunk */
    uint32_t captures;      /* of the input, so far: this one's number, from 1 */
    bool has_next;          /* another follows */
    bool has_part;          /* or the input has another region of memory */

    bool look;         /* look through the input first */
    uint64_t clock_hz; /* what counts in place of what the metadata says; 0: that */
    int64_t offset_ns; /* its times are moved by this: */
    __int128 shift;    /* counts, once it is known how fast it counts */
    bool clamped;      /* some would have been before 0, or beyond 2^64 - 1 */
    struct survey survey;
    struct seek seek;
    bool jumped; /* what comes is not what follows the last chunk read */

    struct guide *guide; /* the index beside it; NULL: there is none, or it is not wanted */
    /* Of data that the index has: is this chunk to be read? The records of the others count as not selected. NULL: all
     * of it is read. */
    bool (*wants)(void *context, struct stream *s, const struct guide_chunk *c);
    void *wants_context;
    void (*seen)(void *context, struct stream *s,
                 const struct chunk *c); /* called for each chunk of a capture */
    void *seen_context;
    bool summed; /* no data is read: the sums of the index are taken */

    struct metadata metadata;
    unsigned learned;                 /* changes when there is more of it */
    struct copies copies;             /* the payloads of it that differ, */
    bool keep;                        /* if they are wanted */
    bool given_wrong;                 /* it is of another kernel than this capture */
    const struct stream_given *given; /* metadata for a capture that has none, or NULL */
    struct clock clock;
    struct clock_pairs pairs;
    struct task_table tasks;
    struct text_cache *text_cache;

    struct stream_lane gate;
    struct mem_arena lane_memory;
    struct stream_lane **lanes; /* by CPU; NULL: not seen */
    uint32_t lane_slots;
    uint32_t shown; /* CPUs seen */
    uint32_t busy;  /* lanes that have an item */
    size_t queued_bytes;
    uint64_t pulled; /* chunks of this capture */
    struct window_chunk *waiting;
    size_t waiting_bytes;

    uint64_t records, lost; /* the books, over all captures of the input */
    uint64_t unknown_records;
    uint64_t out_of_order; /* chunks that came after one that belongs after them */
    uint64_t
        late_records;     /* came after later ones of their CPU, and were counted as lost by then */
    uint64_t shared;      /* records that another input has given */
    uint64_t *suppressed; /* by id: what sampling has left out, by the last count */
    uint32_t suppressed_slots;
    uint64_t strangers; /* events of CPUs that the trace does not have, by the last count */
    bool counts_told;   /* the sink has shown them */
    bool
        chosen; /* by CPU or time, which is not known of what CPUs fired that the trace does not have */
    uint64_t undecoded_chunks, undecoded_at; /* data without metadata */
    bool skip_data;                          /* only the metadata is wanted */
    bool ahead;  /* items are only counted: a chunk is used up at once, */
    bool passes; /* and lane_pass() is allowed to what counts them */
    /* Of a window (part.h): what is before `from` is decoded by another, and from `until` on, if that is not 0. */
    uint64_t from, until;
    uint64_t stop;       /* of one that ends at a place: its offset; 0: of none */
    uint64_t lost_later; /* counted of chunks that begin from `until` on */
    uint64_t found;      /* records that came, and were counted as lost before the window */
    bool overfull;       /* output went on without waiting */
    bool (*at_end)(
        void *context); /* may the capture end? Called before anything is said of it; NULL: yes */
    void *at_end_context;
    bool based;               /* an item of this capture was put out */
    bool day_known, day_told; /* a time of day was known then; that it was not was reported */
    uint64_t base_ns;         /* time of the first item of all */
    bool end_known;           /* and that of the last, if it was looked for (survey.ends): */
    uint64_t end_ns;          /* of all inputs, in the time that they are in order of */
};

/* The payload of a metadata chunk of another dump. */
struct stream_given {
    const char *name; /* of that */
    uint8_t *bytes;
    size_t n;
};

/* What a pull changed for the merge. */
enum stream_change {
    STREAM_SAME,
    STREAM_LANE, /* *lane: new, or has an item, or promises more */
    STREAM_ALL   /* keys of all lanes */
};

void stream_open(struct stream *s, uint32_t number, const char *name, struct diag *diag);
void stream_close(struct stream *s);
/* Reports what is reported at the end, if reading stopped before. */
void stream_stop(struct stream *s);

/* Reads one chunk. */
enum stream_change stream_pull(struct stream *s, struct stream_lane **lane);
/* Nothing from before this counter is wanted: it may be left out. */
void stream_leave_out(struct stream *s, uint64_t before);
/* When closing and no longer busy: on to the next capture, or done. */
void stream_settle(struct stream *s);
/* The window is full of data without metadata: drops it. */
void stream_drop_undecoded(struct stream *s);

/* A count, moved. */
static inline uint64_t stream_moved(struct stream *s, uint64_t ticks)
{
    __int128 moved = ticks + s->shift;

    s->clamped = s->clamped || moved < 0 || moved > UINT64_MAX;
    return moved < 0 ? 0 : moved > UINT64_MAX ? UINT64_MAX : (uint64_t)moved;
}

static inline uint64_t stream_time(struct stream *s, uint64_t ticks)
{
    return __builtin_expect(s->offset_ns != 0, 0) ? stream_moved(s, ticks) : ticks;
}

/* Nanoseconds, of wall time if all inputs have that. */
static inline uint64_t stream_ns(struct stream *s, uint64_t ticks)
{
    return s->by_wall && s->pairs.count ? clock_wall_ns(&s->pairs, s->clock.hz, ticks)
                                        : clock_ns(&s->clock, ticks);
}

/* What sampling has left out of the first event with a higher id than *id, and sets *id; or 0.
 * Complete at the end of a capture. */
uint64_t stream_suppressed(const struct stream *s, uint32_t *id);
/* All of it, on standard error. */
void stream_tell_counts(struct stream *s);
/* What was lost on CPUs that the trace does not have, as far as it is asked for. */
static inline uint64_t stream_strangers(const struct stream *s)
{
    return s->chosen ? 0 : s->strangers;
}

/* A record that was printed as bytes. One that was not finished need not fit its event. */
static inline void stream_count_unknown(struct stream_lane *lane, const struct metadata_event *e)
{
    lane->stream->unknown_records += lane->item == STREAM_EVENT || !e;
}

/* What distinguishes its records from those of others that come in between: the number of an input, and that of a capture, from 1;
 * 0: there are no others. */
static inline uint32_t stream_input_number(const struct stream *s)
{
    return s->others && !s->only_named ? s->named + 1 : 0;
}

static inline uint32_t stream_capture_number(const struct stream *s)
{
    return s->region ? s->captures : 0;
}

static inline size_t stream_window_bytes(const struct stream *s)
{
    size_t bytes = s->others ? 0 : (size_t)s->shown * STREAM_WINDOW_CPU_BYTES;

    return bytes < STREAM_WINDOW_BYTES  ? STREAM_WINDOW_BYTES
           : bytes > STREAM_WINDOW_MOST ? STREAM_WINDOW_MOST
                                        : bytes;
}

static inline bool stream_window_full(const struct stream *s)
{
    size_t kept_bytes = s->shown * sizeof(struct stream_lane);

    if (s->metadata.arena.bytes > STREAM_METADATA_FREE)
        kept_bytes += s->metadata.arena.bytes - STREAM_METADATA_FREE;
    return s->queued_bytes >= STREAM_WINDOW_LEAST &&
           s->queued_bytes + kept_bytes >= stream_window_bytes(s);
}

#endif
