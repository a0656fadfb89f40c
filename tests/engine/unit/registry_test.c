/* SPDX-License-Identifier: MIT */
/* The registry: finding events, and sections that come and go while a trace is open. */
#include "../../../engine/core/core.h"
#include "support.h"

#include "../../lib/crc32c.h"

#include <sys/wait.h>
#include <unistd.h>

/* A module: events in a section of its own. */
#undef TP_SECTION
#define TP_SECTION __attribute__((section("test_module"))) TP_RETAIN
#define TP_CREATE
#include <tp/event.h>
#include <tp/module.h>

static const char *fault_text(void)
{
    static char text[260];

    memset(text, 'x', sizeof(text));
    return tp_events_fault(text, sizeof(text));
}

TP_ENUM(speed, TP_NAME(0, "slow"), TP_NAME(1, "fast"))
TP_EVENT(mod, hit, "n=%u %s", u32 n, enum(speed) speed)
TP_EVENT(mod, miss, "n=%u", u32 n)

extern struct tp_event *const __start_test_module[] __attribute__((visibility("hidden")));
extern struct tp_event *const __stop_test_module[] __attribute__((visibility("hidden")));

#define SPARE 4096u
static struct tp_config config = {
    .name = "t", .cpus = 2, .subbuf_bytes = 512, .subbufs = 4, .spare_bytes = SPARE};

static int add(void)
{
    return tp_events_add(__start_test_module, __stop_test_module);
}

static int take_back(void)
{
    return tp_events_remove(__start_test_module);
}

/* Compilers have an order of their own. */
static const char *first_name(void)
{
    return __start_test_module[0] == &tp_event_mod_hit ? "mod:hit" : "mod:miss";
}

/* --- what is there --- */

TP_TEST(Registry, FindsByNameAndId)
{
    struct tp_trace *t = test_open(&config);
    struct tp_event *e = tp_event_find("sched", "pair");

    TP_CHECK(e == &tp_event_sched_pair);
    TP_CHECK(tp_event_get(e->id) == e);
    TP_CHECK(tp_event_find("sched", "pai") == NULL);
    TP_CHECK(tp_event_find("sched", "pairs") == NULL);
    TP_CHECK(tp_event_find("mm", "pair") == NULL);
    TP_CHECK(tp_event_get(0) == NULL);
    TP_CHECK(tp_event_get(tp_event_last() + 1) == NULL);
    TP_CHECK(tp_event_get(UINT32_MAX) == NULL);
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        e = tp_event_get(id);
        TP_CHECK(!e || e->id == id);
    }
    test_close(t);
}

TP_TEST(Registry, EachSubsystemOnce)
{
    static struct tp_event late = {.layout = TP_EVENT_LAYOUT, .name = "late", .fmt = ""};
    struct tp_event *const section[] = {&late};
    struct tp_trace *t = test_open(&config);
    const char *wanted[16], *sys = NULL;
    unsigned n = 0, seen = 0;

    late.sys = tp_event_get(1)->sys; /* not the first of it, and others are between */
    TP_ASSERT_EQ(tp_events_add(section, section + 1), 0);
    TP_ASSERT_EQ(add(), 0);
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        const struct tp_event *e = tp_event_get(id);
        unsigned i = 0;

        while (e && i < n && strcmp(wanted[i], e->sys) != 0)
            i++;
        if (e && i == n && n < 16)
            wanted[n++] = e->sys;
    }
    TP_CHECK_GE(n, 4); /* sched, mm, fs, mod, and the printk of other tests */
    while ((sys = tp_subsystem_next(sys)) != NULL && seen < 16)
        TP_CHECK_STREQ(sys, seen < n ? wanted[seen++] : NULL);
    TP_CHECK_EQ(seen, n);
    TP_CHECK_STREQ(wanted[n - 1], "mod");
    TP_CHECK(tp_subsystem_next("mod") == NULL);
    TP_CHECK(tp_subsystem_next("nothing") == NULL);
    TP_CHECK_EQ(take_back(), 0);
    TP_CHECK_EQ(tp_events_remove(section), 0);
    test_close(t);
}

TP_TEST(Registry, Patterns)
{
    static const struct {
        const char *pattern;
        bool matches;
    } p[] = {{"sched:pair", true}, {"sched", true},  {"s*", true},           {"*:p??r", true},
             {"*", true},          {"sch", false},   {"sched:", false},      {"sched:pai", false},
             {"", false},          {":pair", false}, {"sched:pair:", false}, {"?sched", false}};

    for (unsigned i = 0; i < sizeof(p) / sizeof(p[0]); i++)
        if (tp_event_matches(&tp_event_sched_pair, p[i].pattern) != p[i].matches)
            TP_FAIL("%s", p[i].pattern);
}

/* --- the schema of an event --- */

/* The bytes are put together by hand from format.md. */
#define CRC(text) crc32c(0, text, sizeof(text) - 1)

TP_TEST(Registry, SchemaIsThatOfTheSpecification)
{
    static const char open_[] = "fs\0open\0path=%s flags=%s why=%s\0"
                                "path\0str\0\0\0\0"
                                "flags\0u32\0\0\0\2"
                                "\3\0\0\0"
                                "\1\0\0\0\0\0\0\0ATOMIC\0"
                                "\2\0\0\0\0\0\0\0ZERO\0"
                                "\4\0\0\0\0\0\0\0HIGH\0"
                                "why\0s32\0\0\0\1"
                                "\3\0\0\0"
                                "\377\377\377\377\377\377\377\377error\0"
                                "\0\0\0\0\0\0\0\0idle\0"
                                "\1\0\0\0\0\0\0\0wake\0";

    TP_CHECK_EQ(CRC("123456789"), 0xe3069283u);
    TP_CHECK_EQ(tp_event_schema(0, &tp_event_sched_pair),
                CRC("sched\0pair\0a=%u b=%u\0a\0u32\0\0\0\0b\0u32\0\0\0\0"));
    TP_CHECK_EQ(tp_event_schema(0, &tp_event_sched_none), CRC("sched\0none\0nothing to say\0"));
    TP_CHECK_EQ(tp_event_schema(0, &tp_event_fs_open), CRC(open_));
    TP_CHECK_EQ(tp_event_schema(0, &tp_event_fs_arrays),
                CRC("fs\0arrays\0%u %d %s\0n\0u32\0\3\0\0m\0s8\0\2\0\0name\0char\0\6\0\0"));
    TP_CHECK_EQ(tp_event_schema(0, &tp_event_mm_small),
                CRC("mm\0small\0t=%d c=%c p=%p\0t\0bool\0\0\0\0c\0char\0\0\0\0p\0ptr\0\0\0\0"));
    TP_CHECK_EQ(tp_event_schema(CRC("sched\0none\0nothing to say\0"), &tp_event_sched_none),
                CRC("sched\0none\0nothing to say\0sched\0none\0nothing to say\0"));
}

/* --- what is refused --- */

static char long_name[130], long_format[1026];
static const struct tp_name no_names[1], many_names[4097], unnamed[] = {{1, ""}};
static struct tp_table broken_table = {.name = "t", .values = 1};
static struct tp_table long_table = {.name = "t", .value = many_names, .values = 4097};
static struct tp_table unnamed_table = {.name = "t", .value = unnamed, .values = 1};
static const struct tp_field good_field[17] = {{"a", NULL, 0, 0, TP_TYPE_U8}};
static const struct tp_field nameless_field[] = {{NULL, NULL, 0, 0, TP_TYPE_U8}};
static const struct tp_field strange_field[] = {{"a", NULL, 0, 0, TP_TYPE_F64 + 1}};
static const struct tp_field outer_field[] = {{"a", NULL, 1, 2, TP_TYPE_U32}};
static const struct tp_field broken_names[] = {{"a", &broken_table, 0, 0, TP_TYPE_U32}};
static const struct tp_field many_values[] = {{"a", &long_table, 0, 0, TP_TYPE_U32}};
static const struct tp_field no_value[] = {{"a", &unnamed_table, 0, 0, TP_TYPE_U32}};

/* One event as a section of its own: what tp_events_add says of it, and whom it blames. */
static void expect_one(struct tp_event e, int err, const char *fault)
{
    struct tp_event *const section[] = {&e};
    uint32_t last = tp_event_last();

    TP_CHECK_EQ(tp_events_add(section, section + 1), err);
    if (!err)
        TP_CHECK_EQ(tp_events_remove(section), 0);
    else
        TP_CHECK_EQ(tp_event_last(), last);
    TP_CHECK_STREQ(fault_text(), err ? fault : "");
}

#define EVENT(...)                                                                                 \
    (struct tp_event)                                                                              \
    {                                                                                              \
        .layout = TP_EVENT_LAYOUT, .sys = "bad", .name = "one", .fmt = "", .bytes = 8, __VA_ARGS__ \
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"

TP_TEST(Registry, EventsThatAreNone)
{
    struct tp_trace *t = test_open(&config);

    expect_one(EVENT(), 0, "");
    expect_one(EVENT(.sys = NULL), TP_EIMAGE, ":one");
    expect_one(EVENT(.name = NULL), TP_EIMAGE, "bad:");
    expect_one(EVENT(.fmt = NULL), TP_EIMAGE, "bad:one");
    expect_one(EVENT(.layout = TP_EVENT_LAYOUT + 1), TP_EFORMAT, "#0");
    expect_one(EVENT(.layout = 0), TP_EFORMAT, "#0");
    expect_one(EVENT(.fmt = "%-20pS"), TP_EIMAGE, "bad:one");
    expect_one(EVENT(.fmt = "%d %pI4"), TP_EIMAGE, "bad:one");
    expect_one(EVENT(.fmt = "%p: %%pS %"), 0, "");
    expect_one(EVENT(.fields = 1), TP_EIMAGE, "bad:one");
    expect_one(EVENT(.fields = 1, .field = good_field), 0, "");
    expect_one(EVENT(.fields = 1, .field = nameless_field), TP_EIMAGE, "bad:one");
    expect_one(EVENT(.fields = 1, .field = strange_field), TP_EIMAGE, "bad:one");
    expect_one(EVENT(.fields = 1, .field = outer_field), TP_EIMAGE, "bad:one");
    expect_one(EVENT(.fields = 1, .field = outer_field, .bytes = 9), 0, "");
    expect_one(EVENT(.fields = 1, .field = broken_names), TP_EIMAGE, "bad:one");
    broken_table.value = no_names;
    broken_table.values = 0;
    expect_one(EVENT(.fields = 1, .field = broken_names), 0, "");
    broken_table.value = NULL;
    broken_table.values = 1;
    test_close(t);
}

TP_TEST(Registry, EventsOverALimit)
{
    static struct tp_name names[4097];
    static struct tp_field fields[17];
    struct tp_trace *t;
    char fault[140];

    config.spare_bytes = 100000; /* of a table that is as long as may be */
    t = test_open(&config);
    memset(long_name, 'n', 128);
    memset(long_format, 'f', 1024);
    snprintf(fault, sizeof(fault), "bad:%.127s", long_name);
    expect_one(EVENT(.name = ""), TP_ELIMIT, "bad:");
    expect_one(EVENT(.name = long_name), TP_ELIMIT, fault);
    long_name[127] = 0;
    expect_one(EVENT(.name = long_name), 0, "");
    expect_one(EVENT(.fmt = long_format), TP_ELIMIT, "bad:one");
    long_format[1023] = 0;
    expect_one(EVENT(.fmt = long_format), 0, "");
    for (unsigned i = 0; i < 17; i++)
        fields[i] = good_field[0];
    expect_one(EVENT(.fields = 17, .field = fields), TP_ELIMIT, "bad:one");
    expect_one(EVENT(.fields = 16, .field = fields), 0, "");
    for (unsigned i = 0; i < 4097; i++)
        names[i] = (struct tp_name){i, "v"};
    long_table.value = names;
    expect_one(EVENT(.fields = 1, .field = many_values), TP_ELIMIT, "bad:one");
    long_table.values = 4096;
    expect_one(EVENT(.fields = 1, .field = many_values), 0, "");
    long_table.values = 4097;
    expect_one(EVENT(.fields = 1, .field = no_value), TP_ELIMIT, "bad:one");
    test_close(t);
    config.spare_bytes = SPARE;
}

/* Two events as a section. */
static void expect_two(struct tp_event *a, struct tp_event *b, int err, const char *fault)
{
    struct tp_event *const section[] = {a, b};
    uint32_t last = tp_event_last();

    TP_CHECK_EQ(tp_events_add(section, section + 2), err);
    TP_CHECK_STREQ(fault_text(), fault);
    if (!err)
        TP_CHECK_EQ(tp_events_remove(section), 0);
    else
        TP_CHECK_EQ(tp_event_last(), last);
    TP_CHECK_EQ(a->want, 0); /* lent, meanwhile */
}

TP_TEST(Registry, Duplicates)
{
    struct tp_event a = EVENT(), same = EVENT(), other = EVENT(.name = "two"),
                    pair = EVENT(.sys = "sched", .name = "pair"),
                    k1 = EVENT(.sys = "printk", .name = "f", .file = "x.c", .line = 1),
                    k2 = EVENT(.sys = "printk", .name = "f", .file = "x.c", .line = 2),
                    plain = EVENT(.sys = "printk", .name = "f");
    struct tp_event *const again[] = {&a};
    struct tp_trace *t = test_open(&config);

    expect_two(&a, &other, 0, "");
    expect_two(&a, &same, TP_EEXIST, "bad:one");
    expect_two(&a, &a, TP_EEXIST, "bad:one");
    expect_two(&a, &pair, TP_EEXIST, "sched:pair");
    expect_two(&k1, &k2, 0, "");
    expect_two(&k1, &k1, TP_EEXIST, "printk:f");
    expect_two(&k1, &plain, TP_EEXIST, "printk:f");
    TP_CHECK_EQ(add(), 0);
    TP_CHECK_EQ(tp_trace_enable(t, "mod:hit"), 0);
    TP_CHECK_EQ(add(), TP_EEXIST);
    TP_CHECK_STREQ(fault_text(), first_name());
    TP_CHECK_EQ(tp_event_mod_hit.want,
                1u << tp_trace_number(t)); /* that of a live one is not lent */
    TP_CHECK(tp_event_find("mod", "hit") == &tp_event_mod_hit);
    TP_CHECK_EQ(take_back(), 0);
    TP_CHECK_EQ(tp_event_mod_hit.want, 0);
    TP_CHECK_EQ(take_back(), TP_ENOENT);
    /* Of a section that is there, by another way. */
    TP_CHECK_EQ(tp_events_add(again, again + 1), 0);
    expect_two(&other, &a, TP_EEXIST, "bad:one");
    TP_CHECK(tp_event_get(a.id) == &a);
    TP_CHECK_EQ(tp_events_remove(again), 0);
    test_close(t);
}

/* More than there are chains. */
TP_TEST(Registry, DuplicatesAmongMany)
{
    static struct tp_event e[1001], *section[1001];
    static char name[1000][8];
    struct tp_trace *t = test_open(&config);

    for (unsigned i = 0; i < 1000; i++) {
        snprintf(name[i], sizeof(name[i]), "n%u", i);
        e[i] = EVENT(.name = name[i]);
        section[i] = &e[i];
    }
    section[1000] = &e[1000];
    for (unsigned i = 0; i < 1000; i++) {
        e[1000] = EVENT(.name = name[i]);
        TP_CHECK_EQ(tp_events_add(section, section + 1001), TP_EEXIST);
        TP_CHECK_STREQ(fault_text() + 4, name[i]);
    }
    for (unsigned i = 0; i < 1001; i++)
        TP_CHECK_EQ(e[i].want, 0);
    e[1000] = EVENT(.name = "n1000");
    TP_CHECK_EQ(tp_events_add(section, section + 1001), TP_ESPACE); /* nothing else is wrong */
    test_close(t);
}

TP_TEST(Registry, SectionsThatAreNone)
{
    struct tp_event a = EVENT();
    struct tp_event e[18], *many[19];
    struct tp_event *const section[] = {&a, NULL}, *const odd[] = {&a, (void *)((char *)&a + 1)};
    struct tp_trace *t = test_open(&config);
    uint32_t last = tp_event_last();

    TP_CHECK_EQ(tp_events_add(section, section + 2), TP_EIMAGE);
    TP_CHECK_STREQ(fault_text(), "#1");
    TP_CHECK_EQ(tp_events_add(odd, odd + 2), TP_EIMAGE);
    TP_CHECK_STREQ(fault_text(), "#1");
    for (unsigned i = 0; i < 19; i++)
        many[i] = i < 18 ? (e[i] = a, &e[i]) : NULL;
    TP_CHECK_EQ(tp_events_add(many, many + 19), TP_EIMAGE);
    TP_CHECK_STREQ(fault_text(), "#12");
    TP_CHECK_EQ(tp_events_add((void *)((char *)section + 1), section + 1), TP_EIMAGE);
    TP_CHECK_STREQ(fault_text(), "");
    TP_CHECK_EQ(tp_events_add(section, (void *)((char *)(section + 1) + 1)), TP_EIMAGE);
    TP_CHECK_EQ(tp_events_add(section + 1, section), TP_EIMAGE);
    TP_CHECK_EQ(tp_events_add(NULL, section), TP_EIMAGE);
    TP_CHECK_EQ(tp_event_last(), last);
    /* A module without events is none the worse. */
    TP_CHECK_EQ(tp_events_add(NULL, NULL), 0);
    TP_CHECK_EQ(tp_event_last(), last);
    TP_CHECK_EQ(tp_events_remove(NULL), 0);
    TP_CHECK_EQ(tp_events_remove(NULL), TP_ENOENT);
    test_close(t);
}

TP_TEST(Registry, SectionsUpToTheirLimit)
{
    static struct tp_event e[TP_SECTIONS_MAX];
    static struct tp_event *section[TP_SECTIONS_MAX];
    static char name[TP_SECTIONS_MAX][8];
    struct tp_trace *t = test_open(&config);

    for (unsigned i = 0; i < TP_SECTIONS_MAX; i++) {
        snprintf(name[i], sizeof(name[i]), "n%u", i);
        e[i] = EVENT(.name = name[i]);
        section[i] = &e[i];
        /* One is the image's. */
        TP_CHECK_EQ(tp_events_add(section + i, section + i + 1),
                    i < TP_SECTIONS_MAX - 1 ? 0 : TP_ELIMIT);
    }
    TP_CHECK_STREQ(fault_text(), "");
    TP_CHECK_EQ(tp_events_remove(section + 7), 0);
    TP_CHECK_EQ(tp_events_add(section + TP_SECTIONS_MAX - 1, section + TP_SECTIONS_MAX), 0);
    TP_CHECK(tp_event_find("bad", "n7") == NULL);
    TP_CHECK(tp_event_find("bad", "n8") == &e[8]);
    TP_CHECK_EQ(tp_events_remove(section + 7), TP_ENOENT);
    for (unsigned i = 0; i < TP_SECTIONS_MAX; i++)
        if (i != 7)
            TP_CHECK_EQ(tp_events_remove(section + i), 0);
    test_close(t);
}
#pragma GCC diagnostic pop

/* All ids that there are. In a process of its own, since they are given once. */
static int use_up_ids(void)
{
    static struct tp_event e[65280];
    static struct tp_event *section[65280];
    static char name[65280][8];
    uint32_t left;

    if (tp_region_bytes(&config) == 0) /* numbers those of the image */
        return 1;
    left = 65279 - tp_event_last();
    for (uint32_t i = 0; i <= left; i++) {
        snprintf(name[i], sizeof(name[i]), "n%u", i);
        e[i] = (struct tp_event){
            .layout = TP_EVENT_LAYOUT, .sys = "many", .name = name[i], .fmt = ""};
        section[i] = &e[i];
    }
    if (tp_events_add(section, section + left + 1) != TP_ELIMIT)
        return 2;
    if (strncmp(fault_text(), "many:", 5) || strcmp(fault_text() + 5, name[left]))
        return 3;
    if (tp_events_add(section, section + left) || tp_event_last() != 65279)
        return 4;
    if (tp_event_get(65279) != &e[left - 1] || e[left - 1].id != 65279)
        return 5;
    if (tp_events_remove(section) || tp_event_last() != 65279 || tp_event_get(65279))
        return 6;
    if (add() != TP_ELIMIT || strcmp(fault_text(), first_name()) != 0)
        return 7;
    return 0;
}

TP_TEST(Registry, IdsUpToTheirLimitAndNotAgain)
{
    int status;
    pid_t child = fork();

    if (!child)
        _exit(use_up_ids());
    TP_ASSERT(child > 0);
    TP_ASSERT_EQ(waitpid(child, &status, 0), child);
    TP_CHECK_EQ(status, 0);
}

/* --- a module that comes and goes --- */

static void free_all(struct test_dump *dump, struct test_dump *out, struct test_dump *diag)
{
    test_dump_free(dump);
    test_dump_free(out);
    test_dump_free(diag);
}

static uint32_t metadata_bytes(struct tp_trace *t)
{
    return ((const struct tp_wire_region *)(void *)test_region(t))->metadata_bytes;
}

/* What tpdecode prints of an event, behind the time. */
static unsigned count_of(const struct test_dump *out, const char *text)
{
    const char *at = (const char *)out->bytes;
    unsigned n = 0;

    for (; (at = strstr(at, text)) != NULL; at++)
        n++;
    return n;
}

static void decode(const struct test_dump *dump, struct test_dump *out, struct test_dump *diag)
{
    out->size = diag->size = 0;
    TP_CHECK_EQ(test_decode(dump, out, diag), 0);
}

TP_TEST(Module, ComesAndGoesWhileTracing)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0}, out = {0}, diag = {0};
    const struct tp_wire_chunk *first, *second, *data;
    uint32_t last = tp_event_last();

    test_drain(t, &dump, 4096);
    TP_CHECK(test_chunk(&dump, TP_CHUNK_METADATA, 1) == NULL);
    trace_mod_hit(1, 0); /* nobody knows it */
    TP_CHECK_EQ(add(), 0);
    TP_CHECK_EQ(tp_event_last(), last + 2);
    TP_CHECK_EQ(__start_test_module[0]->id, last + 1);
    TP_CHECK_EQ(__start_test_module[1]->id, last + 2);
    TP_CHECK(tp_event_get(last + 2) == __start_test_module[1]);
    TP_CHECK(!trace_mod_hit_enabled());
    trace_mod_hit(2, 0); /* nobody has chosen it */
    TP_CHECK_EQ(tp_trace_enable(t, "mod:hit"), 0);
    TP_CHECK(trace_mod_hit_enabled() && !trace_mod_miss_enabled());
    trace_mod_hit(3, 1);
    trace_mod_miss(4);
    tp_pipe_flush(t);
    test_drain(t, &dump, 4096);
    first = test_chunk(&dump, TP_CHUNK_METADATA, 0);
    second = test_chunk(&dump, TP_CHUNK_METADATA, 1);
    data = test_chunk(&dump, TP_CHUNK_DATA, 0);
    TP_ASSERT(first && second && data);
    TP_CHECK(second < data);
    TP_CHECK(second->size_bytes > first->size_bytes);
    TP_CHECK_EQ((second->size_bytes - first->size_bytes) % 8, 0);
    TP_CHECK_MEMEQ(first + 1, second + 1, first->size_bytes - 104);
    TP_CHECK_EQ(take_back(), 0);
    TP_CHECK(!trace_mod_hit_enabled());
    TP_CHECK(tp_event_find("mod", "hit") == NULL);
    TP_CHECK(tp_event_get(last + 1) == NULL);
    TP_CHECK_EQ(tp_event_last(), last + 2);
    TP_CHECK_EQ(tp_trace_enable(t, "mod"), TP_ENOENT);
    trace_mod_hit(5, 0);
    tp_trace_stop(t);
    tp_trace_start(t);
    TP_CHECK(!trace_mod_hit_enabled() && trace_sched_none_enabled());
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    decode(&dump, &out, &diag);
    TP_CHECK_EQ(count_of(&out, "\n"), 1);
    TP_CHECK_EQ(count_of(&out, ": mod_hit: n=3 fast\n"), 1);
    TP_CHECK_STREQ((char *)diag.bytes, "1 records, 0 lost\n");
    free_all(&dump, &out, &diag);
    test_close(t);
}

static unsigned probed[2]; /* calls of the typed probe, and of the raw one */

static void probe_hit(void *data, uint32_t n, int32_t how)
{
    (void)n;
    (void)how;
    ++*(unsigned *)data;
}

static void probe_raw(void *data, const struct tp_event *e, const uint64_t *args, uint32_t count)
{
    (void)e;
    (void)args;
    (void)count;
    ++*(unsigned *)data;
}

/* Its probes and their filters go with it, what they took is free again, and what comes back has none of
 * them. */
TP_TEST(Module, ItsProbesGoWithIt)
{
    static uint8_t memory[8192] __attribute__((aligned(16)));
    struct tp_probe_options o = {.filter = "n != 2"};
    struct tp_trace *t;

    tp_control_set_memory(memory, sizeof(memory), 2);
    t = test_open(&config);
    probed[0] = probed[1] = 0;
    for (unsigned i = 1; i <= 2000; i++) {
        TP_ASSERT_EQ(add(), 0);
        trace_mod_hit(1, 0); /* nothing is left of the last turn */
        TP_ASSERT_EQ(register_trace_mod_hit(probe_hit, &probed[0]), 0);
        TP_ASSERT_EQ(tp_probe_raw_add("mod:*", probe_raw, &probed[1], &o, NULL), 0);
        trace_mod_hit(2, 0);
        trace_mod_hit(3, 0);
        TP_ASSERT_EQ(probed[0], 2 * i);
        TP_ASSERT_EQ(probed[1], i);
        TP_ASSERT_EQ(take_back(), 0);
        TP_ASSERT(!trace_mod_hit_enabled());
        trace_mod_hit(3, 0);
        TP_ASSERT_EQ(probed[0], 2 * i);
        TP_ASSERT_EQ(tp_probe_raw_remove("mod:*", probe_raw, &probed[1]), TP_ENOENT);
        TP_ASSERT_EQ(tp_probe_synchronize(), 0);
    }
    test_close(t);
}

/* Loaded again and again it takes no room again; another module in between gets other ids. */
TP_TEST(Module, ComesBackWithItsIds)
{
    static struct tp_event other = {
        .layout = TP_EVENT_LAYOUT, .sys = "another", .name = "module", .fmt = ""};
    struct tp_event *const section[] = {&other};
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0}, out = {0}, diag = {0};
    uint32_t id[3], bytes = 0;

    for (unsigned i = 0; i < 3; i++) {
        TP_CHECK_EQ(add(), 0);
        bytes = i ? bytes : metadata_bytes(t);
        TP_CHECK_EQ(metadata_bytes(t), bytes);
        id[i] = tp_event_mod_hit.id;
        TP_CHECK_EQ(tp_trace_enable(t, "mod"), 0);
        trace_mod_hit(i, 0);
        trace_mod_miss(10 + i);
        TP_CHECK_EQ(take_back(), 0);
    }
    TP_CHECK(id[0] == id[1] && id[1] == id[2]);
    TP_CHECK_EQ(tp_events_add(section, section + 1), 0);
    TP_CHECK(other.id != tp_event_mod_hit.id && other.id != tp_event_mod_miss.id);
    TP_CHECK_EQ(tp_events_remove(section), 0);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    decode(&dump, &out, &diag);
    TP_CHECK_EQ(count_of(&out, ": mod_hit: n=2 slow\n"), 1);
    TP_CHECK_EQ(count_of(&out, ": mod_miss: n=1"), 3);
    TP_CHECK_STREQ((char *)diag.bytes, "6 records, 0 lost\n");
    free_all(&dump, &out, &diag);
    test_close(t);
}

/* What sampling has left out is a count of an id, which does not begin again. */
TP_TEST(Module, ComesBackWithOtherIdsAfterSampling)
{
    static uint8_t room[32768] __attribute__((aligned(16)));
    struct tp_trace *t;
    uint32_t id;

    tp_control_set_memory(room, sizeof(room), 2); /* the first of these calls counts */
    t = test_open(&config);
    TP_CHECK_EQ(add(), 0);
    id = tp_event_mod_hit.id;
    TP_CHECK_EQ(tp_sample_set(t, "mod:hit", 2), 0);
    TP_CHECK_EQ(take_back(), 0);
    TP_CHECK_EQ(add(), 0);
    TP_CHECK_EQ(tp_event_mod_hit.id, id); /* nothing was left out */
    TP_CHECK_EQ(tp_trace_enable(t, "mod"), 0);
    TP_CHECK_EQ(tp_sample_set(t, "mod:hit", 2), 0);
    trace_mod_hit(1, 0);
    trace_mod_hit(2, 0);
    TP_CHECK_EQ(take_back(), 0);
    TP_CHECK_EQ(add(), 0);
    TP_CHECK_NE(tp_event_mod_hit.id, id);
    TP_CHECK_EQ(take_back(), 0);
    test_close(t);
}

/* Between the pipe's first look at the metadata and its look at a ring: it must tell what it
 * found there before it shows it. The interrupt comes when the pipe reads the clock for a record of
 * CPU 0 that is not finished. */
static struct tp_trace *hook_trace;

static void add_and_fire(void)
{
    TP_CHECK_EQ(add(), 0);
    TP_CHECK_EQ(tp_trace_enable(hook_trace, "mod"), 0);
    test_cpu = 1;
    trace_mod_hit(77, 1);
    test_cpu = 0;
}

TP_TEST(Module, MetadataComesBeforeItsRecords)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};
    const struct tp_wire_chunk *metadata, *data;
    struct tp_slot s;

    hook_trace = test_open(&config);
    test_drain(hook_trace, &dump, 4096);
    TP_ASSERT(tp_record_begin(&s, tp_trace_number(hook_trace), tp_event_sched_none.id, 0));
    tp_pipe_flush(hook_trace);
    test_hook = add_and_fire;
    test_drain(hook_trace, &dump, 4096);
    TP_CHECK(test_hook == NULL);
    metadata = test_chunk(&dump, TP_CHUNK_METADATA, 1);
    data = test_chunk(&dump, TP_CHUNK_DATA, 0);
    TP_ASSERT(metadata && data);
    TP_CHECK(metadata < data);
    TP_CHECK_EQ(data->records, 1);
    tp_record_end(&s);
    TP_CHECK_EQ(take_back(), 0);
    tp_trace_stop(hook_trace);
    test_drain(hook_trace, &dump, 4096);
    decode(&dump, &out, &diag);
    TP_CHECK_EQ(count_of(&out, ": mod_hit: n=77 fast\n"), 1);
    free_all(&dump, &out, &diag);
    test_close(hook_trace);
}

/* When the dump of a stopped trace is at its end; it goes on later. */
TP_TEST(Module, ComesAfterTheEnd)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0}, out = {0}, diag = {0};

    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_ended(t));
    TP_CHECK_EQ(add(), 0);
    TP_CHECK_EQ(tp_trace_enable(t, "mod"), 0);
    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_ended(t));
    TP_CHECK(tp_pipe_sleep(t));
    tp_trace_start(t);
    trace_mod_miss(8);
    TP_CHECK_EQ(take_back(), 0);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    decode(&dump, &out, &diag);
    TP_CHECK_EQ(count_of(&out, ": mod_miss: n=8\n"), 1);
    TP_CHECK_STREQ((char *)diag.bytes, "1 records, 0 lost\n");
    free_all(&dump, &out, &diag);
    test_close(t);
}

/* A reader that sleeps is told. */
TP_TEST(Module, WakesTheReader)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0};

    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_sleep(t));
    TP_CHECK_EQ(test_rung, 0);
    TP_CHECK_EQ(add(), 0);
    TP_CHECK_EQ(test_rung, 1);
    TP_CHECK(!tp_pipe_sleep(t));
    test_drain(t, &dump, 4096);
    TP_CHECK(test_chunk(&dump, TP_CHUNK_METADATA, 1) != NULL);
    TP_CHECK(tp_pipe_sleep(t));
    TP_CHECK_EQ(take_back(), 0);
    test_dump_free(&dump);
    test_close(t);
}

/* In the middle of exporting the metadata it grows. */
TP_TEST(Module, ComesWhileMetadataIsExported)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0}, out = {0}, diag = {0};
    const struct tp_wire_chunk *h;
    uint32_t before = metadata_bytes(t);
    uint8_t piece[300];

    dump.bytes = malloc(65536);
    dump.room = 65536;
    TP_ASSERT_EQ(tp_pipe_read(t, piece, sizeof(piece)), sizeof(piece));
    memcpy(dump.bytes, piece, sizeof(piece));
    dump.size = sizeof(piece);
    TP_CHECK_EQ(add(), 0);
    TP_CHECK_EQ(tp_trace_enable(t, "mod"), 0);
    trace_mod_miss(8);
    tp_trace_stop(t);
    test_drain(t, &dump, 100);
    h = test_chunk(&dump, TP_CHUNK_METADATA, 0);
    TP_CHECK_EQ(h->size_bytes, 104 + before);
    h = test_chunk(&dump, TP_CHUNK_METADATA, 1);
    TP_ASSERT(h != NULL);
    TP_CHECK_EQ(h->size_bytes, 104 + metadata_bytes(t));
    decode(&dump, &out, &diag);
    TP_CHECK_EQ(count_of(&out, ": mod_miss: n=8\n"), 1);
    TP_CHECK_STREQ((char *)diag.bytes, "1 records, 0 lost\n");
    TP_CHECK_EQ(take_back(), 0);
    free_all(&dump, &out, &diag);
    test_close(t);
}

TP_TEST(Module, SnapshotKnowsIt)
{
    struct tp_trace *t = test_open(&config);
    struct test_dump dump = {0}, out = {0}, diag = {0};
    long n;

    dump.bytes = malloc(1 << 20);
    dump.room = 1 << 20;
    TP_CHECK_EQ(add(), 0);
    TP_CHECK_EQ(tp_trace_enable(t, "mod"), 0);
    trace_mod_miss(8);
    TP_CHECK_EQ(take_back(), 0);
    TP_CHECK_EQ(tp_snapshot_begin(t), 0);
    while ((n = tp_snapshot_read(t, dump.bytes + dump.size, dump.room - dump.size)) > 0)
        dump.size += (size_t)n;
    decode(&dump, &out, &diag);
    TP_CHECK_EQ(count_of(&out, ": mod_miss: n=8\n"), 1);
    free_all(&dump, &out, &diag);
    test_close(t);
}

/* Opened while it is there: described among the others, and chosen. Configured when it is gone: not
 * there any more. */
TP_TEST(Module, OfATraceThatIsOpenedLater)
{
    struct test_dump dump = {0};
    struct tp_trace *t;
    uint32_t with, without;

    TP_CHECK_EQ(add(), 0);
    t = test_open(&config);
    with = metadata_bytes(t);
    TP_CHECK(trace_mod_hit_enabled());
    test_drain(t, &dump, 4096);
    TP_CHECK(memmem(dump.bytes, dump.size, "cmod", 4) != NULL);
    TP_CHECK_EQ(take_back(), 0);
    TP_CHECK_EQ(metadata_bytes(t), with);
    tp_trace_stop(t);
    test_drain(t, &dump, 4096);
    TP_CHECK_EQ(tp_trace_configure(t, &config), 0);
    without = metadata_bytes(t);
    TP_CHECK(without < with);
    TP_CHECK_EQ(tp_trace_start(t), 0);
    dump.size = 0;
    test_drain(t, &dump, 4096);
    TP_CHECK(memmem(dump.bytes, dump.size, "dnone", 5) != NULL);
    TP_CHECK(memmem(dump.bytes, dump.size, "cmod", 4) == NULL);
    test_dump_free(&dump);
    test_close(t);
}

/* --- room --- */

/* Bytes that the description of the module takes. */
static uint32_t needed(void)
{
    struct tp_trace *t = test_open(&config);
    const struct tp_wire_region *h = (const void *)test_region(t);
    uint32_t before = h->metadata_bytes, spare = h->spare_bytes, more;

    TP_CHECK_EQ(spare, config.spare_bytes);
    TP_CHECK_EQ(add(), 0);
    more = h->metadata_bytes - before;
    TP_CHECK_EQ(h->spare_bytes, spare - more);
    TP_CHECK_EQ(take_back(), 0);
    TP_CHECK_EQ(h->metadata_bytes, before + more);
    test_close(t);
    return more;
}

static void try_spare(uint32_t spare, int err)
{
    struct tp_trace *t, *other;
    uint32_t last, before;

    config.spare_bytes = SPARE;
    other = test_open(&config);
    config.spare_bytes = spare;
    t = test_open(&config);
    last = tp_event_last();
    before = metadata_bytes(other);
    TP_CHECK_EQ(add(), err);
    if (err) {
        TP_CHECK_EQ(tp_event_last(), last);
        TP_CHECK(tp_event_find("mod", "hit") == NULL);
        TP_CHECK_EQ(tp_trace_enable(other, "mod"), TP_ENOENT);
        TP_CHECK_EQ(metadata_bytes(other), before); /* which had room */
    } else {
        TP_CHECK_EQ(take_back(), 0);
        TP_CHECK_EQ(add(), 0); /* it is described */
        TP_CHECK_EQ(take_back(), 0);
    }
    test_close(t);
    test_close(other);
    config.spare_bytes = SPARE;
}

TP_TEST(Module, RoomUpToItsLimit)
{
    uint32_t bytes = needed();

    TP_CHECK(bytes > 100 && bytes % 8 == 0);
    try_spare(bytes, 0);
    try_spare(bytes - 7, 0); /* rounded up */
    try_spare(bytes - 8, TP_ESPACE);
    try_spare(0, TP_ESPACE);
}

TP_TEST(Module, RoomIsPartOfTheRegion)
{
    static uint8_t region[4096] __attribute__((aligned(64)));
    struct tp_config c = config;
    size_t without;
    struct tp_trace *t = test_open(&config);
    uint32_t used = metadata_bytes(t);

    test_close(t);
    c.spare_bytes = 0;
    without = tp_region_bytes(&c);
    c.spare_bytes = 64 * 100;
    TP_CHECK_EQ(tp_region_bytes(&c), without + 64 * 100);
    c.spare_bytes = (4u << 20) - used;
    TP_CHECK_NE(tp_region_bytes(&c), 0);
    c.spare_bytes += 8;
    TP_CHECK_EQ(tp_region_bytes(&c), 0);
    c.spare_bytes = (4u << 20) + 1;
    TP_CHECK_EQ(tp_region_bytes(&c), 0);
    TP_CHECK_EQ(tp_trace_open(&t, region, sizeof(region), &c), TP_ELIMIT);
    c.spare_bytes = UINT32_MAX;
    TP_CHECK_EQ(tp_region_bytes(&c), 0);
}

/* --- the region --- */

static uint8_t image[2][128u << 10] __attribute__((aligned(64)));

static void decode_image(const uint8_t *bytes, size_t size, const char *line, const char *books)
{
    struct test_dump dump = {.bytes = (uint8_t *)(uintptr_t)bytes, .size = size};
    struct test_dump out = {0}, diag = {0};

    test_decode(&dump, &out, &diag);
    TP_CHECK(strstr((char *)out.bytes, line) != NULL);
    TP_CHECK(strstr((char *)diag.bytes, books) != NULL);
    test_dump_free(&out);
    test_dump_free(&diag);
}

static void attach_image(uint8_t *bytes, size_t size, const char *line, const char *books)
{
    struct test_dump dump = {0}, out = {0}, diag = {0};
    struct tp_trace *t;

    TP_ASSERT_EQ(tp_trace_attach(&t, bytes, size), 0);
    test_drain(t, &dump, 4096);
    TP_CHECK(tp_pipe_ended(t));
    decode(&dump, &out, &diag);
    TP_CHECK(strstr((char *)out.bytes, line) != NULL);
    TP_CHECK(strstr((char *)diag.bytes, books) != NULL);
    TP_CHECK_EQ(tp_trace_close(t), 0);
    free_all(&dump, &out, &diag);
}

/* The region before the module came, and after it went. */
static size_t make_images(void)
{
    struct tp_trace *t = test_open(&config);
    size_t bytes = tp_region_bytes(&config);

    if (bytes > sizeof(image[0]))
        abort();
    trace_sched_pair(1, 2);
    memcpy(image[0], test_region(t), bytes);
    TP_CHECK_EQ(add(), 0);
    TP_CHECK_EQ(tp_trace_enable(t, "mod"), 0);
    trace_mod_hit(3, 1);
    TP_CHECK_EQ(take_back(), 0);
    memcpy(image[1], test_region(t), bytes);
    test_close(t);
    return bytes;
}

TP_TEST(Module, ImageOfTheRegionKnowsIt)
{
    size_t bytes = make_images();

    decode_image(image[1], bytes, ": mod_hit: n=3 fast\n", "2 records, 0 lost");
    attach_image(image[1], bytes, ": mod_hit: n=3 fast\n", "2 records, 0 lost");
    /* By either header. */
    for (unsigned i = 0; i < 2; i++) {
        bytes = make_images();
        image[1][256 * i + 30] ^= 1;
        decode_image(image[1], bytes, ": mod_hit: n=3 fast\n", "2 records, 0 lost");
        attach_image(image[1], bytes, ": mod_hit: n=3 fast\n", "2 records, 0 lost");
    }
}

/* The power fails when the description is there and of the headers one is half written: the other,
 * which is from before, still fits what it tells of. */
TP_TEST(Module, ImageFromTheMiddleOfComing)
{
    for (unsigned i = 0; i < 2; i++) {
        size_t bytes = make_images();
        const struct tp_wire_region *h = (const void *)image[1];

        memcpy(image[0] + h->metadata_at, image[1] + h->metadata_at, h->metadata_bytes);
        memcpy(image[0] + 256 * i, image[1] + 256 * i, 256);
        memset(image[0] + 256 * i + 12, 0, 4);
        decode_image(image[0], bytes, ": sched_pair: a=1 b=2\n", "1 records, 0 lost");
        attach_image(image[0], bytes, ": sched_pair: a=1 b=2\n", "1 records, 0 lost");
    }
}

/* Numbers of the header that cannot be. */
TP_TEST(Module, AttachChecksTheRoom)
{
    static const uint32_t spare[] = {SPARE + 64, SPARE - 64, 4u << 20, UINT32_MAX};
    size_t bytes = make_images();
    struct tp_wire_region *h = (void *)image[0];
    struct tp_trace *t;

    memset(image[0] + 256, 0, 256);
    for (unsigned i = 0; i < 4; i++) {
        h->spare_bytes = spare[i];
        h->header_crc = tp_crc(tp_crc(0, h, 12), image[0] + 16, 112);
        TP_CHECK_EQ(tp_trace_attach(&t, image[0], bytes), TP_EFORMAT);
    }
}

/* One that would fit if metadata could be so long. */
TP_TEST(Module, AttachKnowsTheLimitOfMetadata)
{
    struct tp_trace *t = test_open(&config), *old;
    struct tp_wire_region *h;
    size_t bytes;

    config.spare_bytes = (4u << 20) - metadata_bytes(t);
    test_close(t);
    for (unsigned over = 0; over < 2; over++) {
        uint8_t *copy;

        t = test_open(&config);
        bytes = tp_region_bytes(&config);
        copy = aligned_alloc(64, bytes + 64);
        TP_ASSERT(copy != NULL);
        memcpy(copy, test_region(t), bytes);
        memset(copy + bytes, 0, 64);
        memset(copy + 256, 0, 256);
        test_close(t);
        h = (void *)copy;
        h->spare_bytes += 64 * over;
        h->data_at += 64 * over;
        h->region_bytes += 64 * over;
        h->header_crc = tp_crc(tp_crc(0, h, 12), copy + 16, 112);
        TP_CHECK_EQ(tp_trace_attach(&old, copy, bytes + 64), over ? TP_EFORMAT : 0);
        if (!over)
            TP_CHECK_EQ(tp_trace_close(old), 0);
        free(copy);
    }
    config.spare_bytes = SPARE;
}
