/* SPDX-License-Identifier: MIT */
/* What doc/format.md asks of a writer (W-...), of a dump with something of everything. Shares nothing
 * with the decoder. */
#include "../../lib/crc32c.h"
#include "support.h"

static const struct tp_config config = {
    .name = "t", .cpus = 2, .subbuf_bytes = 512, .subbufs = 8, .context = true};

/* All types of events, names of tasks, wall time, losses, and two CPUs; read twice on the way. */
static struct test_dump writer_dump(void)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0};

    tp_clock_set_wall(1700000000000000000u);
    tp_task_name(7, 3, "seven");
    for (unsigned i = 0; i < 400; i++) {
        test_cpu = i % 3 == 0;
        trace_sched_none();
        trace_sched_odd((uint8_t)i, (uint16_t)i, i);
        trace_fs_open("/etc/passwd", 5, 1);
        trace_fs_tails("longer than 4", "\1\2\3", 3, "", "\4", 1);
        if (i == 50 || i == 300)
            test_drain(t, &dump, 4096);
    }
    test_cpu = 0;
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_ended(t));
    test_close(t);
    return dump;
}

static const struct tp_wire_chunk *writer_at(const struct test_dump *d, size_t at)
{
    return (const struct tp_wire_chunk *)(const void *)(d->bytes + at);
}

/* W-2.2, W-4.1 */
static void writer_header(const struct tp_wire_chunk *h)
{
    static const uint8_t magic[4] = {0xf5, 0x74, 0x70, 0xfa};
    const uint8_t *p = (const uint8_t *)h;
    uint8_t without[100];

    memcpy(without, p, 28);
    memcpy(without + 28, p + 32, 72);
    TP_CHECK_MEMEQ(h->magic, magic, 4);
    TP_CHECK_EQ(h->order, 0x0102);
    TP_CHECK_EQ(h->major, 1);
    TP_CHECK_EQ(h->minor, 0);
    TP_CHECK_EQ(h->word_bytes, sizeof(void *));
    TP_CHECK_EQ(h->header_bytes, 104);
    TP_CHECK_EQ(h->size_bytes % 8, 0);
    TP_CHECK_EQ(h->header_crc, crc32c(0, without, sizeof(without)));
    TP_CHECK_EQ(h->payload_crc, crc32c(0, p + 104, h->size_bytes - 104));
    if (h->type == TP_CHUNK_DATA)
        return;
    TP_CHECK_EQ(h->cpu, 65535);
    TP_CHECK_EQ(h->first_record, 0);
    for (unsigned i = 0; i < 5; i++)
        TP_CHECK_EQ(h->lost[i], 0);
    if (h->type == TP_CHUNK_METADATA || h->type == TP_CHUNK_END)
        TP_CHECK_EQ(h->records, 0);
}

/* W-1.1, W-1.2, W-1.4 */
TP_TEST(Writer, SideChunksAreNumberedFromTheMetadataOn)
{
    struct test_dump dump = writer_dump();
    uint64_t side = 0, stream = writer_at(&dump, 0)->stream;
    size_t at = 0;

    TP_CHECK_EQ(writer_at(&dump, 0)->type, TP_CHUNK_METADATA);
    for (; at < dump.size; at += writer_at(&dump, at)->size_bytes) {
        const struct tp_wire_chunk *h = writer_at(&dump, at);

        writer_header(h);
        TP_CHECK_EQ(h->stream, stream);
        if (h->type != TP_CHUNK_DATA)
            TP_CHECK_EQ(h->seq, side++);
    }
    TP_CHECK_EQ(at, dump.size);
    TP_CHECK(side >= 5);
    test_dump_free(&dump);
}

/* W-4.2, W-6.4, W-6.6, W-7.1: what a CPU has shown so far. */
struct writer_cpu {
    uint64_t lost[5], next, time, promise;
    bool marked; /* the last chunk was a mark */
};

/* W-6.1, W-6.2: each record is whole, and after its fields there are zeros. */
static void writer_records(struct writer_cpu *c, const struct tp_wire_chunk *h)
{
    const uint8_t *p = (const uint8_t *)(h + 1), *end = (const uint8_t *)h + h->size_bytes;
    uint64_t high = h->time >> 32 << 32;
    uint32_t events = 0;

    while (p < end) {
        const struct tp_wire_record *r = (const void *)p;
        uint32_t bytes = TP_RECORD_UNITS(r->word) * 8, id = TP_RECORD_ID(r->word);

        TP_CHECK_EQ(r->word >> 28, 8);
        TP_ASSERT(bytes >= 8 && bytes <= (size_t)(end - p));
        if (id == TP_ID_TIME)
            memcpy(&high, p + 8, 8);
        high = high >> 32 << 32;
        TP_CHECK((high | r->time_low) >= c->time);
        TP_CHECK((high | r->time_low) >= c->promise);
        c->time = high | r->time_low;
        events += id <= TP_ID_EVENT_MAX;
        if (id == tp_event_sched_odd.id) { /* context, 1 + 2 + 4 bytes */
            TP_CHECK_EQ(bytes, 24);
            TP_CHECK_EQ(p[23], 0);
        }
        if (id == tp_event_fs_tails.id) { /* "long", 1 2 3, "", 4: W-6.3 */
            static const uint8_t fields[16] = {0,   0,   0,   0,   0, 0, 0, 0,
                                               'l', 'o', 'n', 'g', 1, 2, 3, 4};
            uint16_t v[4];

            memcpy(v, p + 16, sizeof(v));
            TP_CHECK_EQ(bytes, 32);
            TP_CHECK_EQ(v[0], 0x8004);
            TP_CHECK_EQ(v[1], 3);
            TP_CHECK_EQ(v[2], 0);
            TP_CHECK_EQ(v[3], 1);
            TP_CHECK_MEMEQ(p + 24, fields + 8, 8);
        }
        p += bytes;
    }
    TP_CHECK_EQ(events, h->records);
}

TP_TEST(Writer, DataOfACpuIsInOrderAndItsCountsGrow)
{
    struct test_dump dump = writer_dump();
    struct writer_cpu cpus[2] = {{.next = 0}};

    for (size_t at = 0; at < dump.size; at += writer_at(&dump, at)->size_bytes) {
        const struct tp_wire_chunk *h = writer_at(&dump, at);
        struct writer_cpu *c = &cpus[h->cpu & 1];

        if (h->type == TP_CHUNK_END)
            TP_CHECK(cpus[0].marked && cpus[1].marked);
        if (h->type != TP_CHUNK_DATA)
            continue;
        TP_ASSERT(h->cpu < 2);
        for (unsigned i = 0; i < 5; i++) {
            TP_CHECK(h->lost[i] >= c->lost[i]);
            c->lost[i] = h->lost[i];
        }
        TP_CHECK_EQ(h->first_record, c->next);
        c->next += h->records;
        c->marked = h->size_bytes == sizeof(*h);
        if (c->marked)
            c->promise = h->time;
        else
            writer_records(c, h);
    }
    TP_CHECK_EQ(cpus[0].next + cpus[1].next + cpus[0].lost[0] + cpus[1].lost[0], 1600);
    TP_CHECK(cpus[0].lost[0] > 0);
    test_dump_free(&dump);
}

/* --- metadata --- */

struct writer_cbor {
    const uint8_t *at, *end;
    unsigned most; /* depth so far */
};

/* W-5.1: the head of an item, of a definite length. */
static unsigned writer_head(struct writer_cbor *c, uint64_t *n)
{
    unsigned kind = *c->at >> 5, more = *c->at & 31;

    c->at++;
    TP_ASSERT(more < 28);
    *n = more;
    if (more >= 24) {
        *n = 0;
        for (unsigned bytes = 1u << (more - 24); bytes; bytes--)
            *n = *n << 8 | *c->at++;
    }
    TP_ASSERT(c->at <= c->end);
    return kind;
}

#define WRITER_KEYS 24u

/* W-5.2, W-5.3: its keys are texts, each there once; `want` are those that must be, "|" around each. */
static void writer_keys(const char keys[][16], unsigned n)
{
    static const char *const must[] = {
        "|tool|clock|cpus|buffer|tables|events|", "|hz|name|",
        "|name|mode|subbuf_bytes|subbufs|",       "|name|kind|values|",
        "|id|sys|name|fmt|bytes|fields|",         "|name|type|at|size|"};
    char all[WRITER_KEYS * 17 + 2] = "|";
    bool one = false;

    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < i; k++)
            TP_CHECK(strcmp(keys[i], keys[k]) != 0);
        if (strcmp(keys[i], "crc") == 0)
            TP_CHECK_EQ(i, n - 1);
        strcat(strcat(all, keys[i]), "|");
    }
    if (strstr(all, "|events|"))
        TP_CHECK(strstr(all, "|tables|") && strstr(all, "|tables|") < strstr(all, "|events|"));
    if (strstr(all, "|is|"))
        return; /* a role */
    /* In the order in which the engine writes them, with optional ones between and after. */
    for (unsigned i = 0; i < sizeof(must) / sizeof(must[0]); i++) {
        char key[20];
        bool there = true;

        for (const char *p = must[i] + 1; *p; p = strchr(p, '|') + 1) {
            snprintf(key, sizeof(key), "|%.*s|", (int)(strchr(p, '|') - p), p);
            there = there && strstr(all, key);
        }
        one = one || there;
    }
    if (!one)
        TP_FAIL("a map of the metadata has no more than %s", all);
}

static void writer_item(struct writer_cbor *c, unsigned depth)
{
    char keys[WRITER_KEYS][16];
    uint64_t n, bytes;
    unsigned kind = writer_head(c, &n);

    if ((kind == 4 || kind == 5) && n && depth + 1 > c->most)
        c->most = depth + 1;
    if (kind == 2 || kind == 3)
        c->at += n;
    for (uint64_t i = 0; kind == 4 && i < n; i++)
        writer_item(c, depth + 1);
    for (uint64_t i = 0; kind == 5 && i < n; i++) {
        TP_ASSERT(i < WRITER_KEYS);
        TP_ASSERT_EQ(writer_head(c, &bytes), 3);
        TP_ASSERT(bytes < 16);
        memcpy(keys[i], c->at, bytes);
        keys[i][bytes] = 0;
        c->at += bytes;
        writer_item(c, depth + 1);
    }
    if (kind == 5)
        writer_keys(keys, (unsigned)n);
    TP_ASSERT(c->at <= c->end);
}

TP_TEST(Writer, MetadataHasItsKeysOnce)
{
    struct test_dump dump = writer_dump();
    const struct tp_wire_chunk *h = test_chunk(&dump, TP_CHUNK_METADATA, 0);
    const uint8_t *payload = (const uint8_t *)(h + 1);
    struct writer_cbor c = {.at = payload, .end = (const uint8_t *)h + h->size_bytes};

    writer_item(&c, 0);
    TP_CHECK(c.most >= 4 && c.most <= 6);
    while (c.at < c.end)
        TP_CHECK_EQ(*c.at++, 0);
    test_dump_free(&dump);
}
