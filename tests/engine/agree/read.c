/* SPDX-License-Identifier: MIT */
/* The two readings, and what they say. */
#include "agree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <tp/trace.h>
#include <tp/wire.h>

#include "base/mem.h"
#include "bytes/image.h"
#include "order/merge.h"
#include "port.h"

const char *const agree_names[AGREE_CLASSES] = {
    [AGREE_CUT] = "an image that is cut, of which tp_trace_attach takes nothing",
    [AGREE_LAYOUT] = "a layout that this engine does not make",
    [AGREE_REFUSED] = "tp_trace_attach refuses what tpdecode reads",
    [AGREE_ACCEPTED] = "tp_trace_attach reads what tpdecode refuses",
    [AGREE_UNSAID] = "a damaged copy of the header, which no dump can tell of",
    [AGREE_TOLD] = "damage that is of no CPU",
    [AGREE_RECORDS] = "records",
    [AGREE_LOST] = "losses",
    [AGREE_CAUSE] = "which of the missing records were not finished",
    [AGREE_HIDDEN] = "damage that only tpdecode tells of",
    [AGREE_FALSE] = "damage that only tp_trace_attach tells of",
    [AGREE_TASKS] = "names of tasks",
    [AGREE_CLOCK] = "clock pairs",
    [AGREE_METADATA] = "metadata",
    [AGREE_ENDLESS] = "the pipe does not end",
    [AGREE_BEFORE] = "losses before the first chunk of a damaged CPU",
    [AGREE_FLIGHT] = "contents of records in flight, which no pipe gives out",
};

#define DUMP_BYTES 262144u

/* --- a dump --- */

struct read {
    struct sink sink; /* first */
    struct agree_said *said;
    struct out out;
    FILE *tell;
};

static uint64_t read_sum(uint64_t sum, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    for (; n >= 8; n -= 8, p += 8)
        sum = (sum ^ load_u64(p, false)) * 0x9e3779b97f4a7c15u + (sum >> 29);
    for (; n; n--)
        sum = (sum ^ *p++) * 0x9e3779b97f4a7c15u + (sum >> 29);
    return sum;
}

static struct agree_cpu *read_cpu(struct sink *k, const struct stream_lane *lane)
{
    struct agree_said *said = ((struct read *)k)->said;

    return &said->cpu[lane->cpu < AGREE_CPUS ? lane->cpu : 0];
}

static void read_event(struct sink *k, struct stream_lane *lane, const struct metadata_event *e)
{
    struct agree_cpu *c = read_cpu(k, lane);
    const struct record *r = &lane->record;
    FILE *tell = ((struct read *)k)->tell;
    uint64_t head[3] = {lane->time, r->number, r->id};

    (void)e;
    c->records++;
    c->sum = read_sum(c->sum, head, sizeof(head));
    if (r->context)
        c->sum = read_sum(c->sum, r->context, sizeof(struct tp_wire_context));
    c->sum = read_sum(c->sum, r->fields, r->bytes);
    if (tell)
        fprintf(tell, "#   cpu %u: %" PRIu64 " at %" PRIx64 " id %u, %u bytes\n", lane->cpu,
                r->number, lane->time, r->id, r->bytes);
}

/* A name is in the sum of its CPU as records are; it has no number. */
static void read_task(struct sink *k, struct stream_lane *lane)
{
    lane->record.number = 0;
    read_event(k, lane, NULL);
    read_cpu(k, lane)->records--;
}

static void read_unfinished(struct sink *k, struct stream_lane *lane,
                            const struct metadata_event *e)
{
    struct read *read = (struct read *)k;

    (void)e;
    read->said->unfinished++;
    if (read->tell)
        fprintf(read->tell, "#   cpu %u: in flight, id %u\n", lane->cpu, lane->record.id);
}

static void read_loss(struct sink *k, struct stream_lane *lane)
{
    struct agree_cpu *c = read_cpu(k, lane);
    FILE *tell = ((struct read *)k)->tell;

    c->damaged = c->damaged || lane->loss_damage;
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++) {
        c->lost[i] += lane->loss[i];
        if (tell && lane->loss[i])
            fprintf(tell, "#   cpu %u: %" PRIu64 " lost, %s\n", lane->cpu, lane->loss[i],
                    stream_causes[i]);
    }
    if (tell && lane->loss_damage)
        fprintf(tell, "#   cpu %u: damage\n", lane->cpu);
}

/* Damage is of the CPU that the message names. */
static void read_message(void *context, const struct diag_file *f, bool damage, const char *text,
                         size_t n)
{
    struct read *read = context;
    char line[256];
    const char *cpu;

    (void)f;
    n = n < sizeof(line) - 1 ? n : sizeof(line) - 1;
    memcpy(line, text, n);
    line[n] = 0;
    if (read->tell)
        fprintf(read->tell, "#   %s%s\n", damage ? "damage: " : "", line);
    if (!damage)
        return;
    cpu = strstr(line, "cpu ");
    if (!cpu && strncmp(line, "region at ", 10) == 0 && !strstr(line, "its metadata"))
        read->said->copy = true;
    else if (cpu && cpu[4] >= '0' && cpu[4] < (char)('0' + AGREE_CPUS))
        read->said->cpu[cpu[4] - '0'].damaged = true;
    else
        read->said->damaged = true;
}

static void read_run(const uint8_t *bytes, size_t n, struct agree_said *said, FILE *tell)
{
    struct read read = {.said = said, .tell = tell};
    struct diag diag = {.tell = read_message, .tell_context = &read};
    struct stream s = {0};
    struct merge merge = {.streams = &s, .stream_count = 1, .sink = &read.sink};

    read.sink = (struct sink){.out = &read.out,
                              .event = read_event,
                              .unfinished = read_unfinished,
                              .task = read_task,
                              .loss = read_loss};
    stream_open(&s, 0, "m", &diag);
    input_open_memory(&s.in, bytes, n);
    s.in.diag = &s.diag;
    merge_run(&merge);
    merge_free(&merge);
    stream_close(&s);
    said->error = diag.useful ? said->error : -1;
}

/* The chunks that are no data, up to the first that is: what was known at the start. */
static void read_side(const uint8_t *bytes, size_t n, struct agree_said *said)
{
    struct tp_wire_chunk h;

    for (size_t at = 0; n - at >= sizeof(h); at += h.size_bytes) {
        const uint8_t *p = bytes + at + sizeof(h);

        memcpy(&h, bytes + at, sizeof(h));
        if (h.type == TP_CHUNK_DATA || h.type == TP_CHUNK_END || h.size_bytes < sizeof(h) ||
            h.size_bytes > n - at)
            return;
        if (h.type == TP_CHUNK_METADATA)
            said->metadata = read_sum(said->metadata, p, h.size_bytes - sizeof(h));
        else if (h.type == TP_CHUNK_TASKS)
            said->tasks = read_sum(said->tasks, p, h.records * sizeof(struct tp_wire_task));
        else if (h.type == TP_CHUNK_CLOCK)
            said->clock = read_sum(said->clock, p, h.size_bytes - sizeof(h));
    }
}

void agree_dump(const uint8_t *bytes, size_t n, struct agree_said *said, FILE *tell)
{
    read_run(bytes, n, said, tell);
    read_side(bytes, n, said);
}

/* --- an image --- */

void agree_image(const uint8_t *bytes, size_t n, struct agree_said *said, FILE *tell)
{
    static uint8_t dump[DUMP_BYTES];
    struct diag diag = {.tell = NULL};
    struct diag_file file = {.diag = &diag, .quiet = true};
    struct image *im;
    size_t size = 0, got;

    memset(said, 0, sizeof(*said));
    if (tell)
        fprintf(tell, "# tpdecode of the image:\n");
    read_run(bytes, n, said, tell);
    diag.tell = read_message;
    diag.tell_context = &(struct read){.said = &(struct agree_said){.error = 0}};
    im = image_open(bytes, n, &file);
    if (im && image_next(im))
        while ((got = image_read(im, dump + size, sizeof(dump) - size)) > 0)
            size += got;
    image_close(im);
    read_side(dump, size, said);
}

/* --- tp_trace_attach --- */

#define TURNS 16u

void agree_attach(const uint8_t *bytes, size_t n, struct agree_said *said, FILE *tell)
{
    static uint8_t region[AGREE_BYTES] __attribute__((aligned(64))), dump[DUMP_BYTES];
    struct tp_trace *trace;
    size_t size = 0;
    bool ended = false;
    long got;

    memset(said, 0, sizeof(*said));
    memcpy(region, bytes, n);
    said->error = tp_trace_attach(&trace, region, n);
    if (tell)
        fprintf(tell, "# tp_trace_attach: %d\n", said->error);
    if (said->error)
        return;
    for (unsigned turn = 0; turn < TURNS && !ended && size < sizeof(dump); turn++) {
        while ((got = tp_pipe_read(trace, dump + size, sizeof(dump) - size)) > 0)
            size += (size_t)got;
        ended = tp_pipe_ended(trace);
        agree_clock += AGREE_HZ;
    }
    agree_clock -= TURNS * (uint64_t)AGREE_HZ; /* as good as any: nobody reads it */
    if (tp_trace_close(trace) || !ended) {
        said->error = AGREE_NO_END;
        return;
    }
    agree_dump(dump, size, said, tell);
}

/* --- comparing --- */

/* Events without a place in the buffer by cause, those with one in all. */
static bool compare_sums(const struct agree_cpu *a, const struct agree_cpu *b)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++) {
        if (i < TP_LOST_CAUSES && a->lost[i] != b->lost[i])
            return false;
        sum += a->lost[i] - b->lost[i];
    }
    return !sum;
}

/* Of the oldest sub-buffer damage has left nothing: the first chunk of a pipe is then of a later one, and
 * what was lost before a first chunk is in no account. */
static bool compare_before(const struct agree_cpu *image, const struct agree_cpu *attach)
{
    for (unsigned i = 0; i < STREAM_LOST_CAUSES; i++)
        if (image->lost[i] < attach->lost[i])
            return false;
    return image->damaged && attach->damaged;
}

static uint32_t compare_cpu(const struct agree_cpu *image, const struct agree_cpu *attach)
{
    uint32_t classes = 0;

    if (image->records != attach->records || image->sum != attach->sum)
        classes |= 1u << AGREE_RECORDS;
    if (memcmp(image->lost, attach->lost, sizeof(image->lost)) != 0)
        classes |= 1u << (compare_sums(image, attach)     ? AGREE_CAUSE
                          : compare_before(image, attach) ? AGREE_BEFORE
                                                          : AGREE_LOST);
    if (image->damaged && !attach->damaged)
        classes |= 1u << AGREE_HIDDEN;
    if (!image->damaged && attach->damaged)
        classes |= 1u << AGREE_FALSE;
    return classes;
}

uint32_t agree_compare(const uint8_t *bytes, size_t n, FILE *tell)
{
    const struct tp_wire_region *head = (const void *)bytes;
    struct agree_said image, attach;
    uint64_t clock = agree_clock;
    uint32_t classes = 0;

    agree_image(bytes, n, &image, tell);
    agree_attach(bytes, n, &attach, tell);
    agree_clock = clock;
    if (attach.error == AGREE_NO_END)
        return 1u << AGREE_ENDLESS;
    if (attach.error == TP_ESPACE && n < head->region_bytes)
        return 1u << AGREE_CUT;
    if (attach.error == TP_EFORMAT && !image.error)
        return 1u << AGREE_LAYOUT;
    if (image.error || attach.error)
        return !image.error ? 1u << AGREE_REFUSED : !attach.error ? 1u << AGREE_ACCEPTED : 0;
    for (unsigned i = 0; i < AGREE_CPUS; i++)
        classes |= compare_cpu(&image.cpu[i], &attach.cpu[i]);
    if (image.copy)
        classes |= 1u << AGREE_UNSAID;
    if (image.damaged != attach.damaged)
        classes |= 1u << AGREE_TOLD;
    if (image.tasks != attach.tasks)
        classes |= 1u << AGREE_TASKS;
    if (image.clock != attach.clock)
        classes |= 1u << AGREE_CLOCK;
    if (image.metadata != attach.metadata)
        classes |= 1u << AGREE_METADATA;
    if (image.unfinished)
        classes |= 1u << AGREE_FLIGHT;
    return classes;
}
