/* SPDX-License-Identifier: MIT */
/* What a configuration can leave out: the metadata in the region, the snapshot, the names of tasks. */
#include "support.h"

#include "../../../engine/core/core.h"

#include <tp/module.h>

static const struct tp_config kept = {.name = "t", .cpus = 1, .subbuf_bytes = 512, .subbufs = 2};
static const struct tp_config bare = {.name = "t",
                                      .cpus = 1,
                                      .subbuf_bytes = 512,
                                      .subbufs = 2,
                                      .tasks = TP_TASKS_NONE,
                                      .no_snapshot = true,
                                      .no_metadata = true};

static void decodes_to(const struct test_dump *dump, const char *last)
{
    struct test_dump out = {0}, diag = {0};

    TP_CHECK_EQ(test_decode(dump, &out, &diag), 0);
    TP_CHECK_STREQ((char *)diag.bytes, last);
    test_dump_free(&out);
    test_dump_free(&diag);
}

/* The metadata of a dump that was read so many bytes at a time. */
static void metadata_of(const struct tp_config *c, size_t step, struct test_dump *payload)
{
    struct test_dump dump = {0};
    struct tp_trace *t = test_open(c);
    const struct tp_wire_chunk *h;

    trace_sched_pair(1, 2);
    tp_trace_stop(t);
    test_drain(t, &dump, step);
    decodes_to(&dump, "1 records, 0 lost\n");
    h = test_chunk(&dump, TP_CHUNK_METADATA, 0);
    TP_ASSERT(h);
    test_append(payload, h + 1, h->size_bytes - sizeof(*h));
    test_dump_free(&dump);
    test_close(t);
}

/* The same bytes, whether they are in the region or written when they are read. */
TP_TEST(Small, MetadataIsTheSame)
{
    struct test_dump want = {0};

    metadata_of(&kept, 4096, &want);
    for (size_t step = 1; step < 3000; step = step * 3 + 1) {
        struct test_dump got = {0};

        metadata_of(&bare, step, &got);
        TP_CHECK_EQ(got.size, want.size);
        TP_CHECK_MEMEQ(got.bytes, want.bytes, want.size);
        test_dump_free(&got);
    }
    test_dump_free(&want);
}

/* In pieces as they lie in memory: what is shown stays until it is consumed. */
TP_TEST(Small, MetadataByPeek)
{
    struct test_dump dump = {0};
    struct tp_trace *t = test_open(&bare);
    const void *data;
    long n;

    trace_sched_pair(1, 2);
    tp_trace_stop(t);
    while ((n = tp_pipe_peek(t, &data)) > 0) {
        long some = n > 7 ? n - 7 : n;

        test_append(&dump, data, (size_t)some);
        TP_CHECK_EQ(tp_pipe_consume(t, (size_t)n + 1), TP_EINVAL);
        TP_CHECK_EQ(tp_pipe_consume(t, (size_t)some), 0);
    }
    TP_CHECK(tp_pipe_ended(t));
    decodes_to(&dump, "1 records, 0 lost\n");
    test_dump_free(&dump);
    test_close(t);
}

TP_TEST(Small, NoSnapshot)
{
    struct tp_trace *t = test_open(&bare);
    uint8_t byte;

    TP_CHECK_EQ(tp_snapshot_begin(t), TP_EINVAL);
    TP_CHECK_EQ(tp_snapshot_read(t, &byte, 1), TP_EINVAL);
    TP_CHECK_EQ(tp_snapshot_offer(t), TP_EINVAL);
    test_close(t);
}

/* Each of them makes the region smaller. */
TP_TEST(Small, RegionIsSmaller)
{
    struct tp_config c = kept;
    size_t bytes = tp_region_bytes(&c), now;

    c.tasks = TP_TASKS_NONE;
    now = tp_region_bytes(&c);
    TP_CHECK_LE(now + 64 * 32, bytes);
    c.no_snapshot = true;
    bytes = tp_region_bytes(&c);
    TP_CHECK_LE(bytes + 512, now); /* the copy of a sub-buffer, at the least */
    c.no_metadata = true;
    now = tp_region_bytes(&c);
    TP_CHECK_LE(now + 1000, bytes);
    TP_CHECK_EQ(now, tp_region_bytes(&bare));
    c.tasks = 65537;
    TP_CHECK_STREQ(tp_config_fault(&c), "tasks: more than 65536");
    c.tasks = 65536;
    TP_CHECK(tp_config_fault(&c) == NULL);
    TP_CHECK_LE(now + 65536u * 32, tp_region_bytes(&c));
    c.spare_bytes = 8;
    TP_CHECK_STREQ(tp_config_fault(&c), "spare_bytes: with no_metadata there is nothing to add to");
}

/* A module would change what a pipe may be in the middle of. */
TP_TEST(Small, NoModulesWithoutMetadata)
{
    struct tp_event e = tp_event_sched_pair;
    struct tp_event *const section[] = {&e};
    struct tp_trace *t = test_open(&bare), *other;
    static uint8_t memory[1 << 16] __attribute__((aligned(64)));

    e.name = "of_a_module";
    TP_CHECK_EQ(tp_events_add(section, section + 1), TP_ESPACE);
    test_close(t);
    TP_CHECK_EQ(tp_events_add(section, section + 1), 0);
    TP_CHECK_EQ(tp_trace_open(&other, memory, sizeof(memory), &bare), TP_ESPACE);
    TP_CHECK_EQ(tp_events_remove(section), 0);
    test_close(test_open(&bare));
}

/* --- an image, and what a reset has left --- */

static uint8_t memory[1 << 16] __attribute__((aligned(64)));

static size_t leave_behind(void)
{
    struct tp_trace *t = test_open(&bare);
    size_t bytes = tp_region_bytes(&bare);

    trace_sched_pair(7, 8);
    memcpy(memory, test_region(t), bytes);
    test_close(t);
    return bytes;
}

TP_TEST(Small, AttachByTheSameKernel)
{
    struct test_dump dump = {0};
    size_t bytes = leave_behind();
    struct tp_trace *t;

    TP_ASSERT_EQ(tp_trace_attach(&t, memory, bytes), 0);
    test_drain(t, &dump, 100);
    decodes_to(&dump, "tpdecode: dump: recovered from memory, from an earlier boot\n"
                      "1 records, 0 lost\n");
    TP_CHECK_EQ(tp_trace_close(t), 0);
    test_dump_free(&dump);
}

/* Its events are others: the dump says nothing of them, rather than something wrong. */
TP_TEST(Small, AttachByAnotherKernel)
{
    size_t bytes = leave_behind();
    struct test_dump dump = {0};
    struct tp_trace *t;

    for (unsigned copy = 0; copy < 2; copy++) {
        struct tp_wire_region *h = (void *)(memory + copy * TP_REGION_COPY_BYTES);

        h->events_crc ^= 1;
        h->header_crc = tp_region_crc(h);
    }
    TP_ASSERT_EQ(tp_trace_attach(&t, memory, bytes), 0);
    test_drain(t, &dump, 100);
    TP_CHECK(!test_chunk(&dump, TP_CHUNK_METADATA, 0));
    TP_CHECK(test_chunk(&dump, TP_CHUNK_DATA, 0));
    TP_CHECK(test_chunk(&dump, TP_CHUNK_END, 0));
    TP_CHECK_EQ(tp_trace_close(t), 0);
    test_dump_free(&dump);
}

/* --- CPUs that a trace does not have --- */

TP_TEST(Small, UnknownCpusAreCounted)
{
    struct tp_trace *t = test_open(&kept);
    struct test_dump dump = {0};
    const struct tp_wire_chunk *h;
    const struct tp_wire_count *c;

    trace_sched_pair(1, 2);
    test_cpu = 1;
    for (unsigned i = 0; i < 3; i++)
        trace_sched_pair(1, 2);
    test_cpu = 0;
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    h = test_chunk(&dump, TP_CHUNK_COUNTS, 0);
    TP_ASSERT(h);
    TP_CHECK_EQ(h->records, 1);
    c = (const struct tp_wire_count *)(const void *)(h + 1);
    TP_CHECK_EQ(c->id, 0);
    TP_CHECK_EQ(c->kind, 2);
    TP_CHECK_EQ(c->count, 3);
    decodes_to(&dump, "3 records lost: fired on CPUs that the trace does not have\n"
                      "1 records, 3 lost\n");
    test_dump_free(&dump);
    test_close(t);
}
