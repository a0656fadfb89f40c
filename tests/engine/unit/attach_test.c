/* SPDX-License-Identifier: MIT */
/* What an earlier boot has left: tp_trace_attach, and the header of the region. */
#include "../../../engine/core/core.h"
#include "support.h"

#define BYTES (64u << 10)
static uint8_t memory[BYTES] __attribute__((aligned(64)));
static struct tp_config config = {.name = "t", .cpus = 2, .subbuf_bytes = 512, .subbufs = 4};

#define PAIRS 25u

/* Lets two CPUs fire and takes a copy of the memory in the middle of it. */
static void leave_behind(enum tp_mode mode, unsigned events)
{
    struct tp_trace *t;
    size_t bytes;

    config.mode = mode;
    bytes = tp_region_bytes(&config);
    TP_ASSERT(bytes && bytes <= BYTES);
    t = test_open(&config);
    for (unsigned i = 0; i < events; i++)
        trace_sched_pair(i, ~i);
    test_cpu = 1;
    trace_sched_pair(1000, ~1000u);
    test_cpu = 0;
    memset(memory, 0xee, sizeof(memory));
    memcpy(memory, test_region(t), bytes);
    test_close(t);
}

static struct tp_ring *ring_of(unsigned cpu)
{
    const struct tp_wire_region *h = (const void *)memory;

    return (struct tp_ring *)(void *)(memory + h->rings_at + cpu * h->ring_bytes);
}

/* The n-th that was entered. */
static struct tp_wire_chunk *subbuf_of(unsigned cpu, unsigned n)
{
    const struct tp_wire_region *h = (const void *)memory;
    unsigned slot = (n + (unsigned)TP_START_NUMBER) % h->subbufs;

    return (void *)(memory + h->data_at + (cpu * h->subbufs + slot) * (size_t)h->subbuf_bytes);
}

/* Attaches and reads all; text and diagnostics as tpdecode prints them. */
static int recover_any(struct test_dump *dump, struct test_dump *out, struct test_dump *diag)
{
    struct tp_trace *t;
    int status;

    TP_ASSERT_EQ(tp_trace_attach(&t, memory, sizeof(memory)), 0);
    TP_CHECK_EQ(tp_trace_start(t), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_enable(t, "*"), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_configure(t, &config), TP_EINVAL);
    TP_CHECK_EQ(tp_snapshot_begin(t), TP_EINVAL);
    dump->size = out->size = diag->size = 0;
    test_drain(t, dump, 4096);
    TP_CHECK(tp_pipe_ended(t));
    status = test_decode(dump, out, diag);
    TP_CHECK_EQ(test_chunk(dump, TP_CHUNK_METADATA, 0)->flags, TP_CHUNK_PREVIOUS);
    TP_CHECK_EQ(tp_trace_close(t), 0);
    return status;
}

static void recover(struct test_dump *dump, struct test_dump *out, struct test_dump *diag)
{
    TP_CHECK_EQ(recover_any(dump, out, diag), 0);
}

/* The same where there is damage, of which tpdecode tells by its exit code. */
static void recover_damaged(struct test_dump *dump, struct test_dump *out, struct test_dump *diag)
{
    TP_CHECK_EQ(recover_any(dump, out, diag), 1);
}

static void free_all(struct test_dump *dump, struct test_dump *out, struct test_dump *diag)
{
    test_dump_free(dump);
    test_dump_free(out);
    test_dump_free(diag);
}

/* The last line: the books. */
static const char *books(const struct test_dump *diag)
{
    const char *at = (const char *)diag->bytes, *last = at;

    for (; (at = strchr(at, '\n')) && at[1]; last = ++at)
        ;
    return last;
}

/* Both headers anew, with a length of the metadata, and checksums that fit. */
static void metadata_of(uint32_t bytes)
{
    for (unsigned i = 0; i < 2; i++) {
        struct tp_wire_region *h = (void *)(memory + i * TP_REGION_COPY_BYTES);

        h->metadata_bytes = bytes;
        h->metadata_crc = tp_crc(0, memory + h->metadata_at, bytes);
        h->header_crc = tp_region_crc(h);
    }
}

/* Its chunk would not be a multiple of 8, and nothing after it would be found. */
TP_TEST(Attach, MetadataIsAMultipleOfEight)
{
    const struct tp_wire_region *h = (const void *)memory;
    uint32_t bytes;
    struct tp_trace *t;

    leave_behind(TP_DISCARD, 10);
    bytes = h->metadata_bytes;
    TP_CHECK_EQ(bytes % 8, 0);
    for (uint32_t less = 1; less < 8; less++) {
        metadata_of(bytes - less);
        TP_CHECK_EQ(tp_trace_attach(&t, memory, sizeof(memory)), TP_EFORMAT);
    }
    metadata_of(bytes);
    TP_ASSERT_EQ(tp_trace_attach(&t, memory, sizeof(memory)), 0);
    TP_CHECK_EQ(tp_trace_close(t), 0);
}

TP_TEST(Attach, ServesWhatWasLeft)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};

    leave_behind(TP_DISCARD, 60);
    recover(&dump, &out, &diag);
    TP_CHECK_STREQ(books(&diag), "61 records, 0 lost\n");
    TP_CHECK(strstr((char *)out.bytes, "a=59 b=4294967236"));
    TP_CHECK(strstr((char *)out.bytes, "[001] ..... ") != NULL);
    leave_behind(TP_OVERWRITE, 10 * PAIRS + 3);
    recover(&dump, &out, &diag);
    /* 4 sub-buffers: two full, one with 3, one ready. */
    TP_CHECK_STREQ(books(&diag), "54 records, 200 lost\n");
    free_all(&dump, &out, &diag);
}

/* The dump has the metadata as it was found, with its checksum: it is the reader's to say what is
 * whole. */
TP_TEST(Attach, OfDamagedMetadataWhatIsWholeIsUsed)
{
    const struct tp_wire_region *h = (const void *)memory;
    struct test_dump dump = {0}, out = {0}, diag = {0};
    uint8_t *at;

    leave_behind(TP_DISCARD, 60);
    at = memmem(memory + h->metadata_at, h->metadata_bytes, "pair", 4);
    TP_ASSERT(at);
    at[1] ^= 1;
    recover_damaged(&dump, &out, &diag);
    TP_CHECK_STREQ(books(&diag), "61 records, 0 lost, 1 chunks damaged\n");
    TP_CHECK(!strstr((char *)out.bytes, "a=59"));
    TP_CHECK(strstr((char *)diag.bytes, "events are whole and are used"));
    TP_CHECK(strstr((char *)diag.bytes, "61 records of events that no metadata defines"));
    free_all(&dump, &out, &diag);
}

TP_TEST(Attach, AfterCloseThereIsNone)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};
    struct tp_trace *t;

    leave_behind(TP_DISCARD, 60);
    recover(&dump, &out, &diag);
    TP_CHECK_EQ(tp_trace_attach(&t, memory, sizeof(memory)), TP_ENOENT);
    free_all(&dump, &out, &diag);
}

TP_TEST(Attach, EitherHeaderWillDo)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};
    struct tp_trace *t;

    for (unsigned i = 0; i < 2; i++) {
        leave_behind(TP_DISCARD, 60);
        memory[i * TP_REGION_COPY_BYTES + 30] ^= 4;
        if (i)
            recover(&dump, &out, &diag);
    }
    leave_behind(TP_DISCARD, 60);
    memory[30] ^= 4;
    memory[TP_REGION_COPY_BYTES + 30] ^= 4;
    TP_CHECK_EQ(tp_trace_attach(&t, memory, sizeof(memory)), TP_EDAMAGED);
    free_all(&dump, &out, &diag);
}

TP_TEST(Attach, RefusesWhatItDoesNotFit)
{
    struct tp_wire_region *h = (void *)memory;
    struct tp_trace *t;

    leave_behind(TP_DISCARD, 60);
    TP_CHECK_EQ(tp_trace_attach(&t, memory + 8, sizeof(memory) - 64), TP_EINVAL);
    TP_CHECK_EQ(tp_trace_attach(&t, memory, 255), TP_ENOENT);
    TP_CHECK_EQ(tp_trace_attach(&t, memory, h->region_bytes - 1), TP_ESPACE);
    memset(memory, 0,
           TP_REGION_COPY_BYTES); /* and the other from another engine, with a good checksum */
    h = (void *)(memory + TP_REGION_COPY_BYTES);
    h->cursor_at += 8;
    h->header_crc = tp_crc(tp_crc(0, h, 12), (uint8_t *)h + 16, 112);
    TP_CHECK_EQ(tp_trace_attach(&t, memory, sizeof(memory)), TP_EFORMAT);
    h->header_crc++;
    TP_CHECK_EQ(tp_trace_attach(&t, memory, sizeof(memory)), TP_EDAMAGED);
    TP_CHECK_STREQ(tp_strerror(TP_EDAMAGED), "memory damaged");
    h->order = 0x0201; /* the other byte order */
    TP_CHECK_EQ(tp_trace_attach(&t, memory, sizeof(memory)), TP_EFORMAT);
    h->magic[1] ^= 1;
    TP_CHECK_EQ(tp_trace_attach(&t, memory, sizeof(memory)), TP_ENOENT);
}

/* Where 2^32 bytes of sub-buffers are more than a size_t can say, no sum wraps. */
TP_TEST(Attach, RefusesMoreThanThereIs)
{
    struct tp_layout l = {
        .config = {.cpus = 2, .subbuf_bytes = 16384, .subbufs = 131072, .mode = TP_DISCARD}};
    struct tp_trace *t;

    tp_crc_init();
    tp_layout_make(&l, 64);
    TP_CHECK_EQ(tp_layout_fits(&l), sizeof(size_t) > 4);
    tp_region_write(memory, &l, 1234);
    TP_CHECK_EQ(tp_trace_attach(&t, memory, sizeof(memory)),
                sizeof(size_t) > 4 ? TP_ESPACE : TP_EFORMAT);
}

/* Nothing is left of a CPU, and no record comes that could say so. */
TP_TEST(Attach, AllDamaged)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};

    leave_behind(TP_DISCARD, 60);
    for (unsigned i = 0; i < 4; i++)
        subbuf_of(0, i)->stream ^= 1;
    recover_damaged(&dump, &out, &diag);
    TP_CHECK(strstr(books(&diag), "1 records, 0 lost, ") == books(&diag));
    free_all(&dump, &out, &diag);
}

/* `gone` goes on by the events of one sub-buffer. */
TP_TEST(Attach, GoneThatCannotBe)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};

    for (unsigned i = 0; i < 2; i++) {
        leave_behind(TP_OVERWRITE, 10 * PAIRS + 3);
        ring_of(0)->gone[i] ^= 1u << 20;
        recover_damaged(&dump, &out, &diag);
        TP_CHECK(strstr(books(&diag), "54 records, ") == books(&diag));
    }
    free_all(&dump, &out, &diag);
}

/* Where nothing else tells, all counts below the limit are believed, and none at it. */
TP_TEST(Attach, CountsThatCannotBe)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};

    for (unsigned i = 0; i < 2; i++) {
        uint64_t most = TP_LIMIT_COUNT - 1 + i;

        leave_behind(TP_DISCARD, 60);
        ring_of(0)->lost[0].low = (uint32_t)most;
        ring_of(0)->lost[0].halves = (uint32_t)(most >> 31);
        (i ? recover_damaged : recover)(&dump, &out, &diag);
        TP_CHECK(
            strstr(books(&diag), i ? "61 records, 0 lost" : "61 records, 4503599627370495 lost"));
        leave_behind(TP_OVERWRITE, 10 * PAIRS + 3);
        ring_of(0)->gone[0] = ring_of(0)->gone[1] = most;
        (i ? recover_damaged : recover)(&dump, &out, &diag);
        TP_CHECK(
            strstr(books(&diag), i ? "54 records, 0 lost" : "54 records, 4503599627370495 lost"));
    }
    free_all(&dump, &out, &diag);
}

/* A CPU of which no sub-buffer can be used: what it had lost before is not lost in this dump. */
TP_TEST(Attach, LossesBeforeWhatIsDamaged)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};

    for (unsigned i = 0; i < 2; i++) {
        leave_behind(TP_DISCARD, 60);
        ring_of(0)->lost[0].low = 7;
        ring_of(0)->gone[0] = ring_of(0)->gone[1] = i;
        for (unsigned n = 0; n < 4; n++)
            subbuf_of(0, n)->stream ^= 1;
        recover_damaged(&dump, &out, &diag);
        TP_CHECK(strstr(books(&diag), i ? "1 records, 0 lost" : "1 records, 7 lost"));
    }
    free_all(&dump, &out, &diag);
}

/* One bad sub-buffer loses itself, or what is behind the damage in it. */
TP_TEST(Attach, DamageStaysWhereItIs)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};
    const struct tp_wire_chunk *h;

    leave_behind(TP_DISCARD, 60);
    subbuf_of(0, 0)->cpu = 7;
    recover_damaged(&dump, &out, &diag);
    TP_CHECK_STREQ(books(&diag), "36 records, 0 lost, 1 chunks damaged\n");
    h = test_chunk(&dump, TP_CHUNK_DATA, 0);
    TP_CHECK_EQ(h->flags & TP_CHUNK_DAMAGED, TP_CHUNK_DAMAGED);

    leave_behind(TP_DISCARD, 60);
    /* The word of the 11th record: a length of 0. 104 + 10 * 16 + 4 */
    memset((uint8_t *)subbuf_of(0, 1) + 268, 0, 4);
    recover_damaged(&dump, &out, &diag);
    TP_CHECK_STREQ(books(&diag), "46 records, 15 lost, 1 chunks damaged\n"); /* 25 - 10 */
    TP_CHECK(strstr((char *)out.bytes, "a=34 ") && !strstr((char *)out.bytes, "a=35 "));
    TP_CHECK(strstr((char *)out.bytes, "a=50 ") != NULL);
    free_all(&dump, &out, &diag);
}

/* Positions that cannot be: the sub-buffers tell where the end was, and nothing that they have is lost. */
TP_TEST(Attach, GuessesAfterItsPositionsWereDamaged)
{
    static const tp_word bad[] = {0, 7, 104, (tp_word)-1, 123456 * 8};
    struct test_dump dump = {0}, out = {0}, diag = {0};

    for (unsigned i = 0; i < 4 * sizeof(bad) / sizeof(bad[0]); i++) {
        bool overwrite = i & 2;
        tp_word to = bad[i / 4];

        leave_behind(overwrite ? TP_OVERWRITE : TP_DISCARD, overwrite ? 200 : 60);
        if (i & 1)
            ring_of(0)->cursor = to + 512 * (to == 104);
        else
            ring_of(0)->limit = to;
        recover_damaged(&dump, &out, &diag);
        /* Of 200 three of four sub-buffers: the fourth is ready for the next record. */
        TP_CHECK_STREQ(books(&diag), overwrite ? "76 records, 125 lost, 1 chunks damaged\n"
                                               : "61 records, 0 lost, 1 chunks damaged\n");
        TP_CHECK(strstr((char *)out.bytes, overwrite ? "a=199 " : "a=59 ") != NULL);
        TP_CHECK(strstr((char *)out.bytes, "a=1000 ") != NULL);
    }
    free_all(&dump, &out, &diag);
}

/* A record in flight is passed over at once, and counted. */
TP_TEST(Attach, RecordInFlight)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};
    struct tp_trace *t;
    struct tp_slot s;

    config.mode = TP_DISCARD;
    t = test_open(&config);
    trace_sched_pair(1, 2);
    TP_CHECK(tp_record_begin(&s, tp_trace_number(t), tp_event_sched_none.id, 8));
    trace_sched_pair(3, 4);
    memcpy(memory, test_region(t), tp_region_bytes(&config));
    tp_record_end(&s);
    test_close(t);
    recover(&dump, &out, &diag);
    TP_CHECK_STREQ(books(&diag), "2 records, 1 lost\n");
    TP_CHECK_EQ(test_chunk(&dump, TP_CHUNK_DATA, 1)->flags & TP_CHUNK_UNFINISHED,
                TP_CHUNK_UNFINISHED);
    free_all(&dump, &out, &diag);
}

/* A record is whole before its commit word says so. An interrupt in between, and then the reset. */
TP_TEST(Attach, WholeAndNotYetCounted)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};
    struct tp_trace *t;
    struct tp_slot s[2];

    config.mode = TP_OVERWRITE;
    t = test_open(&config);
    trace_sched_pair(1, 2);
    TP_CHECK(tp_record_begin(&s[0], tp_trace_number(t), tp_event_sched_none.id, 8));
    TP_CHECK(tp_record_begin(&s[1], tp_trace_number(t), tp_event_sched_none.id, 8));
    s[1].rec->word |= TP_RECORD_COMMITTED;
    memcpy(memory, test_region(t), tp_region_bytes(&config));
    tp_record_end(&s[1]);
    tp_record_end(&s[0]);
    test_close(t);
    recover(&dump, &out, &diag);
    TP_CHECK_STREQ(books(&diag), "2 records, 1 lost\n");
    free_all(&dump, &out, &diag);
}

/* A record whose length is none, as if whole and as if in flight: the sub-buffer ends there, and
 * the reading too. */
TP_TEST(Attach, WithoutLength)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};

    for (unsigned i = 0; i < 2; i++) {
        static const uint32_t word[] = {0x80000001u, 1};
        uint8_t *subbuf;

        leave_behind(TP_DISCARD, 30);
        subbuf = (uint8_t *)subbuf_of(0, 1);
        memcpy(subbuf + 104 + 4 * 16 + 4, &word[i], 4); /* its last record */
        recover_damaged(&dump, &out, &diag);
        TP_CHECK_STREQ(books(&diag), "30 records, 1 lost, 1 chunks damaged\n");
    }
    free_all(&dump, &out, &diag);
}

/* What was attached and not closed is attached again after the next reset: it says the same. */
TP_TEST(Attach, Again)
{
    static uint8_t between[BYTES];
    struct test_dump dump = {0}, out = {0}, diag = {0};
    struct tp_trace *t;
    char said[80];

    leave_behind(TP_DISCARD, 60);
    memset((uint8_t *)subbuf_of(0, 1) + 268, 0, 4);
    memcpy(between, memory, sizeof(memory));
    recover_damaged(&dump, &out, &diag);
    snprintf(said, sizeof(said), "%s", books(&diag));
    memcpy(memory, between, sizeof(memory));
    TP_ASSERT_EQ(tp_trace_attach(&t, memory, sizeof(memory)), 0);
    memcpy(between, memory, sizeof(memory));
    TP_CHECK_EQ(tp_trace_close(t), 0);
    memcpy(memory, between, sizeof(memory)); /* as a reset leaves it */
    recover_damaged(&dump, &out, &diag);
    TP_CHECK_STREQ(books(&diag), said);
    free_all(&dump, &out, &diag);
}
