/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation fails, for every n: that of the decoder and of each library that it uses, since malloc() itself
 * is this file's. The run then ends with exit code 4 and a message, leaks nothing, and never says of a
 * good dump that it is damaged.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "held.h"
#include "help.h"
#include "region_help.h"
#include "tp_test.h"

#include <tp/wire.h>

/* --- malloc --- */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t each);
void *__libc_realloc(void *old, size_t n);
void __libc_free(void *p);

static unsigned long oom_left; /* until one fails; 0: none does */
static unsigned long oom_asked;
static long oom_held; /* allocated and not freed */
static long oom_bytes, oom_bytes_most;
static bool oom_counts;
static pid_t oom_spared; /* a process in which none fails; 0: there is none */

static bool oom_refuses(void)
{
    if (!oom_counts || (oom_spared && getpid() == oom_spared))
        return false;
    oom_asked++;
    if (!oom_left || --oom_left)
        return false;
    errno = ENOMEM;
    return true;
}

static void oom_add(long bytes)
{
    oom_bytes += bytes;
    if (oom_bytes > oom_bytes_most)
        oom_bytes_most = oom_bytes;
}

static void *oom_got(void *p)
{
    if (oom_counts && p) {
        oom_held++;
        oom_add((long)malloc_usable_size(p));
    }
    return p;
}

void *malloc(size_t n)
{
    return oom_refuses() ? NULL : oom_got(__libc_malloc(n));
}

void *calloc(size_t n, size_t each)
{
    return oom_refuses() ? NULL : oom_got(__libc_calloc(n, each));
}

void *realloc(void *old, size_t n)
{
    long was = old ? (long)malloc_usable_size(old) : 0;
    void *p;

    if (oom_refuses())
        return NULL;
    if (!old)
        return oom_got(__libc_malloc(n));
    p = __libc_realloc(old, n);
    if (oom_counts && p)
        oom_add((long)malloc_usable_size(p) - was);
    return p;
}

void free(void *p)
{
    if (oom_counts && p) {
        oom_held--;
        oom_bytes -= (long)malloc_usable_size(p);
    }
    __libc_free(p);
}

void held_start(void)
{
    oom_left = 0;
    oom_bytes = oom_bytes_most = 0;
    oom_counts = true;
}

long held_stop(void)
{
    oom_counts = false;
    return oom_bytes_most;
}

/* --- a run whose output takes no memory --- */

struct oom_text {
    char at[4096];
    size_t n;
};

static int oom_collect(void *context, const void *bytes, size_t n)
{
    struct oom_text *t = context;

    if (n > sizeof(t->at) - 1 - t->n)
        n = sizeof(t->at) - 1 - t->n;
    memcpy(t->at + t->n, bytes, n);
    t->n += n;
    t->at[t->n] = 0;
    return 0;
}

static uint64_t oom_printed; /* a hash */

static int oom_drop(void *context, const void *bytes, size_t n)
{
    (void)context;
    for (size_t i = 0; i < n; i++)
        oom_printed = (oom_printed ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3ull;
    return 0;
}

static const struct help_bytes *oom_second; /* another input; NULL: there is none */

static int oom_run(struct decode_options o, const char *name, const struct help_bytes *dump,
                   unsigned long fails, struct oom_text *err)
{
    /* Several processes read a file. */
    struct decode_input in[2] = {{.path = name, .bytes = o.jobs ? NULL : dump->p, .size = dump->n}};
    int code;

    if (oom_second)
        in[1] = (struct decode_input){
            .path = "second", .bytes = oom_second->p, .size = oom_second->n};

    *err = (struct oom_text){.n = 0};
    o.inputs = in;
    o.input_count = oom_second ? 2 : 1;
    o.out = (struct out_sink){oom_drop, NULL};
    o.diag = (struct out_sink){oom_collect, err};
    help_folder_open(&o);
    help_terminal_open(&o, HELP_KEYS);
    oom_printed = 0;
    oom_left = fails;
    oom_asked = 0;
    oom_held = 0;
    oom_counts = true;
    code = decode_run(&o);
    help_folder_close(&o);
    oom_counts = false;
    help_terminal_close(&o);
    return code;
}

static unsigned long oom_runs;

struct oom_good {
    struct oom_text err;
    uint64_t printed;
    int code;
};

/* Only qsort() and SQLite go on without memory, and then nothing is missing. */
static bool oom_went_on(const struct oom_good *good, int code, const struct oom_text *err)
{
    return code == good->code && oom_printed == good->printed && !strcmp(err->at, good->err.at);
}

/* Every n up to so many as the run asks for. */
static void oom_every(const struct decode_options *o, const char *name,
                      const struct help_bytes *dump)
{
    struct oom_good good;
    struct oom_text err;
    bool sorts = o->symbols || o->shard.count || o->index || /* times, sums */
                 o->answer.kind == ANSWER_INFO ||            /* what is large */
                 o->answer.kind == ANSWER_PROFILE ||         /* functions, boxes */
                 o->answer.kind == ANSWER_SQL || o->export.kind == EXPORT_SQLITE;
    unsigned long asked;

    good.code = oom_run(*o, name, dump, 0, &good.err);
    good.printed = oom_printed;
    asked = oom_asked;
    TP_CHECK(good.code >= 0 && good.code <= 3);
    TP_CHECK(asked > 0);
    /* Names of addresses are the tool's, which ends. */
    if (oom_held && !o->symbols)
        TP_FAIL("%s: %ld pieces of memory are not freed", name, oom_held);
    for (unsigned long n = 1; n <= asked; n++) {
        int code = oom_run(*o, name, dump, n, &err);

        oom_runs++;
        if (sorts && oom_went_on(&good, code, &err))
            continue;
        if (code != DECODE_FAILED || !strstr(err.at, "tpdecode: out of memory\n"))
            TP_FAIL("%s: allocation %lu of %lu fails: exit code %d\n%s", name, n, asked, code,
                    err.at);
        if (oom_held && !o->symbols)
            TP_FAIL("%s: allocation %lu of %lu fails: %ld are not freed", name, n, asked, oom_held);
    }
}

/* Ways to print and to answer. */
static void oom_all_ways(const char *name, const struct help_bytes *dump)
{
    static struct columns columns;
    static struct template template;
    static struct select_options select;
    static struct roles_options roles;
    struct decode_options ways[] = {
        {.format = DECODE_TEXT},
        {.format = DECODE_JSON},
        {.format = DECODE_CSV, .time = {.mode = STAMP_UTC}},
        {.format = DECODE_LIST},
        {.format = DECODE_TEMPLATE, .template = &template},
        {.columns = &columns},
        {.select = select},
        {.has_tail = true, .tail = 2},
        {.answer = {.kind = ANSWER_STATS}},
        {.answer = {.kind = ANSWER_TIMELINE, .timeline = {.width = 80, .tasks = true}}},
        {.answer = {.kind = ANSWER_SPANS, .spans.fold = FOLD_TEXT}},
        {.answer = {.kind = ANSWER_STATS, .hist = {.by = "comm"}}},
        {.format = DECODE_ROLES},
        {.answer = {.kind = ANSWER_TASKS}},
        {.answer = {.kind = ANSWER_HIST, .hist = {.by = "cpu"}}},
        {.answer = {.kind = ANSWER_LATENCY, .latency = {.key = "pid"}}},
        {.convert = true},
        {.convert = true, .zlib = true},
        {.format = DECODE_LIST_JSON},
        {.answer = {.kind = ANSWER_INFO}},
        {.answer = {.kind = ANSWER_GRAPH}},
        {.answer = {.kind = ANSWER_SPANS, .spans.fold = FOLD_FLAME}},
        {.answer = {.kind = ANSWER_PROFILE, .profile.by = "cpu", .roles = &roles}},
        {.answer = {.kind = ANSWER_PROFILE, .profile.fold = FOLD_FLAME, .roles = &roles}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_FTRACE}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_VCD}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_PERFETTO}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_CHROME}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_DAT}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_CTF}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_CTF_LTTNG}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_PARQUET}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_SHELF}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_PARQUET}, .shard = {2, 3}},
        {.format = DECODE_EXPORT, .export = {.kind = EXPORT_HTML}},
        {.explore = {.wanted = true}}};

    memset(&select, 0, sizeof(select));
    memset(&roles, 0, sizeof(roles));
    TP_CHECK_STREQ(roles_read(&roles, "t:num=sample ip=v"), NULL);
    memset(&columns, 0, sizeof(columns));
    memset(&template, 0, sizeof(template));
    TP_CHECK_STREQ(columns_read(&columns, "comm,next,v"), NULL);
    TP_CHECK_STREQ(template_read(&template, "%t %m %{next}"), NULL);
    TP_CHECK_STREQ(select_read_events(&select, "*:*"), NULL);
    select.filter = "common_pid >= 0 || comm ~ \"*a*\"";
    ways[6].select = select;
    TP_CHECK_STREQ(hist_read(&ways[14].answer.hist, "v:log2"), NULL);
    TP_CHECK_STREQ(latency_read(&ways[15].answer.latency, "sched:switch:sched:switch"), NULL);
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        oom_every(&ways[i], name, dump);
}

TP_TEST(Oom, EveryAllocationOfEveryGoldenDump)
{
    glob_t found;

    TP_ASSERT_EQ(glob(tp_test_path("tests/golden/*.hex"), 0, NULL, &found), 0);
    TP_ASSERT(found.gl_pathc >= 24);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct help_bytes hex = help_file(found.gl_pathv[i]), dump = help_hex((char *)hex.p, hex.n);

        oom_all_ways(strrchr(found.gl_pathv[i], '/') + 1, &dump);
        help_free(&dump);
        help_free(&hex);
    }
    globfree(&found);
    printf("# %lu allocations failed\n", oom_runs);
    TP_CHECK(oom_runs > 2000);
}

/* Files that are there for a test. */
static char oom_dump[64], oom_index[80];
static int oom_fd;

static int oom_write(void *context, const void *bytes, size_t n)
{
    (void)context;
    return write(oom_fd, bytes, n) == (ssize_t)n ? 0 : EIO;
}

static void oom_make_index(void)
{
    struct decode_input in = {.path = oom_dump};
    struct oom_text err = {.n = 0};
    struct decode_options o = {.inputs = &in,
                               .input_count = 1,
                               .index = true,
                               .out = {oom_write, NULL},
                               .diag = {oom_collect, &err}};

    oom_fd = open(oom_index, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    TP_ASSERT(oom_fd >= 0);
    TP_CHECK_EQ(decode_run(&o), DECODE_GOOD);
    close(oom_fd);
}

/* Of a file, with an index beside it and to make one. */
static void oom_indexed(const char *name)
{
    struct help_bytes dump = help_golden(name), none = {0};
    struct decode_options ways[] = {{.index = true},
                                    {.answer = {.kind = ANSWER_STATS}},
                                    {.has_tail = true, .tail = 1},
                                    {.time = {.mode = STAMP_UTC}},
                                    {.select = {.cpus = {.count = 1, .at = {{0, 0}}}}},
                                    {.answer = {.kind = ANSWER_STATS}, .no_index = true}};
    int fd;

    strcpy(oom_dump, "/tmp/tp-oom-XXXXXX");
    fd = mkstemp(oom_dump);
    TP_ASSERT(fd >= 0);
    TP_ASSERT_EQ(write(fd, dump.p, dump.n), (ssize_t)dump.n);
    close(fd);
    snprintf(oom_index, sizeof(oom_index), "%s.tpi", oom_dump);
    oom_make_index();
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        oom_every(&ways[i], oom_dump, &none);
    unlink(oom_dump);
    unlink(oom_index);
    help_free(&dump);
}

TP_TEST(Oom, EveryAllocationWithAnIndex)
{
    oom_indexed("loss");
    oom_indexed("utc");
    oom_indexed("counts");
}

/* The n-th allocation fails in each of them: the one that leads, and those that decode. `decode`: these need more of them. */
static void oom_jobs(struct decode_options o, const char *name, const struct help_bytes *dump,
                     bool decode)
{
    unsigned long alone = 0, asked;
    struct oom_good good;
    struct oom_text err;
    char path[] = "/tmp/oom_jobs.XXXXXX";
    int fd = mkstemp(path);

    o.jobs = 2;
    TP_ASSERT(fd >= 0 && write(fd, dump->p, dump->n) == (ssize_t)dump->n);
    good.code = oom_run(o, path, dump, 0, &good.err);
    good.printed = oom_printed;
    asked = oom_asked;
    TP_CHECK(good.code >= 0 && good.code <= 1);
    for (unsigned long n = 1; n <= 4 * asked; n++) {
        int code = oom_run(o, path, dump, n, &err);
        bool went_on = oom_went_on(&good, code, &err);

        if (!went_on && (code != DECODE_FAILED || !strstr(err.at, "tpdecode: out of memory\n")))
            TP_FAIL("%s: allocation %lu fails: exit code %d\n%s", name, n, code, err.at);
        if (oom_held)
            TP_FAIL("%s: allocation %lu fails: %ld are not freed", name, n, oom_held);
        TP_CHECK(!went_on || n > asked);
        alone += n > asked && !went_on;
    }
    printf("# %s: %lu allocations of those that decode failed\n", name, alone);
    TP_CHECK(!decode || alone > 0);
    close(fd);
    unlink(path);
}

TP_TEST(Oom, EveryAllocationOfSeveralProcesses)
{
    static const char *const names[] = {"merge", "manual", "tasks"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct help_bytes dump = help_golden(names[i]);

        oom_jobs((struct decode_options){.format = DECODE_TEXT}, names[i], &dump, true);
        oom_jobs((struct decode_options){.answer.kind = ANSWER_STATS}, names[i], &dump, true);
        oom_jobs((struct decode_options){.answer = {ANSWER_STATS, .hist.by = "cpu"}}, names[i],
                 &dump, true);
        oom_jobs((struct decode_options){.format = DECODE_EXPORT, .export.kind = EXPORT_PARQUET},
                 names[i], &dump, false);
        oom_jobs((struct decode_options){.format = DECODE_EXPORT, .export.kind = EXPORT_DAT},
                 names[i], &dump, false);
        help_free(&dump);
    }
}

/* In the process that inflates, and in no other. */
static void oom_inflates(const char *path)
{
    struct decode_options o = {.format = DECODE_TEXT, .jobs = 2};
    struct help_bytes none = {0};
    struct oom_good good;
    struct oom_text err;
    unsigned long n = 0;
    int code;

    good.code = oom_run(o, path, &none, 0, &good.err);
    good.printed = oom_printed;
    TP_CHECK_EQ(good.code, 0);
    oom_spared = getpid();
    while ((code = oom_run(o, path, &none, ++n, &err)) == DECODE_FAILED) {
        TP_CHECK_STREQ(err.at, "tpdecode: out of memory\n");
        if (oom_held)
            TP_FAIL("allocation %lu fails: %ld are not freed", n, oom_held);
    }
    oom_spared = 0;
    TP_CHECK(oom_went_on(&good, code, &err));
    /* A buffer, struct inflate, struct zip_input, and what zlib needs. */
    TP_CHECK(n > 4);
}

TP_TEST(Oom, EveryAllocationOfGzipByTwoProcesses)
{
    struct help_bytes dump = help_golden("merge"), zipped = help_gzip(dump.p, dump.n);
    char path[] = "/tmp/oom_gzip.XXXXXX";
    int fd = mkstemp(path);

    TP_ASSERT(fd >= 0 && write(fd, zipped.p, zipped.n) == (ssize_t)zipped.n);
    oom_jobs((struct decode_options){.format = DECODE_TEXT}, "merge.gz", &zipped, false);
    oom_inflates(path);
    close(fd);
    unlink(path);
    help_free(&dump);
    help_free(&zipped);
}

TP_TEST(Oom, EveryAllocationOfGzip)
{
    struct help_bytes dump = help_golden("types"), zipped = help_gzip(dump.p, dump.n);

    oom_all_ways("types.gz", &zipped);
    help_free(&dump);
    help_free(&zipped);
}

/* What --explore unpacks into a file. */
TP_TEST(Oom, EveryAllocationOfGzipExplored)
{
    struct help_bytes dump = {0}, zipped, none = {0};
    struct decode_options o = {.explore = {.wanted = true}};
    char path[] = "/tmp/oom_gzip.XXXXXX";
    int fd = mkstemp(path);

    help_add_metadata(&dump, 1);
    for (uint32_t i = 0; i < 10; i++) /* more than is unpacked at once */
        help_add_records(&dump, 0, 1000 * i, 1000, 1000 * i, 1);
    zipped = help_gzip(dump.p, dump.n);
    TP_ASSERT(fd >= 0 && write(fd, zipped.p, zipped.n) == (ssize_t)zipped.n);
    close(fd);
    oom_every(&o, path, &none);
    unlink(path);
    help_free(&dump);
    help_free(&zipped);
}

/* Regions that are merged, two images, and parts of one capture, of which each record is shown once. */
TP_TEST(Oom, EveryAllocationOfSeveral)
{
    struct help_bytes two = memory_two(), joined = help_golden("joined");
    struct help_bytes even = {.p = two.p, .n = two.n / 2}, odd = {.p = two.p + even.n, .n = even.n};

    oom_all_ways("two regions", &two);
    oom_second = &odd;
    oom_all_ways("two images", &even);
    oom_second = &two;
    oom_all_ways("two regions and one of them", &even);
    oom_second = &joined;
    oom_all_ways("twice the same", &joined);
    oom_second = NULL;
    help_free(&two);
    help_free(&joined);
}

/* 200,000 bytes in one payload, which is inflated into more and more memory. */
TP_TEST(Oom, EveryAllocationOfALargePayload)
{
    enum { RECORDS = 12500, BYTES = 16 * RECORDS };
    uint32_t *records = calloc(1, BYTES);
    struct help_bytes dump = {0};
    uLongf n = compressBound(BYTES);
    uint8_t *packed = malloc(n + 4);

    TP_ASSERT(records && packed);
    for (uint32_t i = 0; i < RECORDS; i++) {
        records[4 * i] = i;
        records[4 * i + 1] = TP_RECORD_WORD(1, 2) | TP_RECORD_COMMITTED;
        records[4 * i + 2] = i * 2654435761u;
    }
    memcpy(packed, &(uint32_t){BYTES}, 4);
    TP_ASSERT_EQ(compress(packed + 4, &n, (uint8_t *)records, BYTES), Z_OK);
    help_add_metadata(&dump, 1);
    help_add_chunk(
        &dump,
        (struct help_chunk){.type = TP_CHUNK_DATA, .flags = TP_CHUNK_ZLIB, .records = RECORDS},
        packed, n + 4);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    oom_all_ways("payload", &dump);
    free(records);
    free(packed);
    help_free(&dump);
}

/* SQLite's, which goes on without some, and what fills its tables. */
TP_TEST(Oom, EveryAllocationOfSql)
{
    static const char query[] =
        "create temp table t as select count(*) n, max(fields) f from records; select * from t; "
        "select * from runs r join \"t:types\" e on e.time_ns > r.start_ns; select group_concat(l) "
        "from t_types; select * from spans, wakeups, losses";
    struct help_bytes dump = help_golden("types");
    struct spill file;

    if (!sqlite_is_there)
        return;
    TP_ASSERT(spill_open(&file));
    oom_every(&(struct decode_options){.answer = {.kind = ANSWER_SQL, .sql = {.query = query}}},
              "sql", &dump);
    oom_every(&(struct decode_options){.format = DECODE_EXPORT,
                                       .export = {.kind = EXPORT_SQLITE, .fd = file.fd}},
              "sqlite", &dump);
    spill_close(&file);
    help_free(&dump);
}

/* libelf's, and those of the names themselves. */
TP_TEST(Oom, EveryAllocationOfSymbols)
{
    struct help_bytes dump = help_golden("types");

    oom_every(&(struct decode_options){.symbols = "/proc/self/exe"}, "symbols", &dump);
    help_free(&dump);
}
