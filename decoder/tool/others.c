/* SPDX-License-Identifier: MIT */
/* others.c - which other processes are started for a run, and how many. */
#include "tool/others.h"

#include <sys/stat.h>

#include "bytes/guide.h"

/* What only one process can do, as yet; doc/design.md has a table. */
static bool others_is_serial(const struct decode_options *o)
{
    bool adds = o->format == DECODE_EXPORT ? export_adds(o->export.kind)
                                           : o->format <= DECODE_TEMPLATE;

    return o->input_count != 1 || o->inputs[0].bytes || !adds || o->convert ||
           !answer_adds(&o->answer) || o->explore.wanted || o->follow || o->index || o->has_tail ||
           o->metadata || o->shard.count || o->select.from.kind || o->select.to.kind ||
           o->offsets.count || o->time.mode == STAMP_DELTA;
}

/* Is there an index that leaves out what is not wanted? Where all is put out, it is of less use than others are. */
static bool others_is_indexed(const struct decode_options *o, const struct stream *s)
{
    const struct select_options *wanted = &o->select;

    return s->guide && (o->answer.kind || wanted->globs || wanted->cpus.count ||
                        wanted->captures.count || wanted->filter);
}

/* Bytes of an input of which any part can be read; 0: it is none. */
static uint64_t others_size(const struct stream *s)
{
    struct stat st;

    if (s->in.fd < 0 || s->in.slow || s->in.scratch || s->in.zip || s->done ||
        fstat(s->in.fd, &st) != 0 || s->in.origin < 0 || st.st_size <= s->in.origin)
        return 0;
    return (uint64_t)(st.st_size - s->in.origin);
}

/* Is there little to read? How much comes through a pipe is not known. */
static bool others_is_small(const struct stream *streams, size_t count)
{
    uint64_t bytes = 0;
    struct stat st;

    for (size_t i = 0; i < count; i++) {
        if (streams[i].in.fd < 0 || fstat(streams[i].in.fd, &st) != 0)
            continue;
        if (!S_ISREG(st.st_mode))
            return false;
        bytes += (uint64_t)st.st_size;
    }
    return bytes < DECODE_LARGE_BYTES;
}

/* Starts those that do a part of an export. Without a temporary file that is needed there are none. */
static void others_share(struct crew *crew, const struct decode_options *o, struct spill *spills,
                         uint32_t most)
{
    uint32_t count = most < CREW_MAX ? most : CREW_MAX;

    for (uint32_t i = 1; i <= count && export_spills_each(o->export.kind); i++)
        if (!spill_open(&spills[i]))
            return;
    (void)crew_open(crew, count, export_ring_bytes(o->export.kind));
}

/* Those that inflate. `most`: how many of them. */
static void others_unpack(struct unpack *u, const struct decode_options *o, struct stream *streams,
                          size_t count, uint32_t most)
{
    /* What is followed or looked at on a terminal is read in its own way, and standard input for something else as well. */
    if (o->follow || o->explore.wanted || o->index || o->metadata)
        return;
    unpack_open(u, streams, count, most, o->jobs_large);
}

void others_open(struct unpack *unpack, struct crew *crew, struct jobs *jobs,
                 const struct decode_options *o, struct stream *streams, size_t count,
                 struct spill spills[1 + CREW_MAX])
{
    bool shares = !o->convert && o->format == DECODE_EXPORT && export_shares(&o->export);
    uint64_t size;

    if (o->jobs < 2)
        return;
    others_unpack(unpack, o, streams, count, o->jobs - 1 - shares);
    if (unpack->to || (o->jobs_large && others_is_small(streams, count)))
        return;
    if (shares)
        others_share(crew, o, spills, o->jobs - 1 - unpack->count);
    if (crew->role == CREW_MEMBER)
        unpack_leave(streams, count);
    if (others_is_serial(o) || others_is_indexed(o, &streams[0]))
        return;
    size = others_size(&streams[0]);
    if (!size)
        return;
    guide_close(streams[0].guide);
    streams[0].guide = NULL;
    /* They have one place in the file, so each reads from where it wants to. */
    streams[0].in.sought = true;
    if (!jobs_open(jobs, o->jobs) || jobs->role == JOBS_WORKER)
        return;
    jobs->leader.has_head = o->select.has_head;
    jobs->leader.head = o->select.head;
    jobs->leader.sums = o->answer.kind || o->format == DECODE_EXPORT;
    jobs->leader.places = o->answer.kind == ANSWER_STATS || o->answer.kind == ANSWER_INFO;
    jobs->leader.most_cpus = o->jobs_large && !o->answer.kind ? JOBS_CPUS * o->jobs : UINT32_MAX;
    jobs->leader.unit = size < JOBS_FILE_BYTES ? size / (4ull * o->jobs) + 1 : 0;
}
