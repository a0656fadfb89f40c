/* SPDX-License-Identifier: MIT */
/*
 * Benchmarks of tpdecode, printed as those of bench.c. Of processes on one CPU, with their output
 * to /dev/null, the time of the processor that they used is compared: user and system, in turns,
 * the median of some.
 *
 *   decode_text   rate of text, of 6 million records (mixed.h), against a straight loop that prints
 *                 the same lines, of this one kind of dump, from the same bytes in memory
 *   decode_json   the rate of JSON against that of text
 *   decode_sqlite, decode_perfetto, ...
 *                 the rate of a database and of each other --format for viewers against that of text
 *   decode_stats  the rate of --stats against that of text
 *   babeltrace2_text, babeltrace2_count
 *                 the rates of text and of --stats against those of babeltrace2 for the same events
 *                 as CTF, laid out as LTTng does: its text, and its sink.utils.counter
 *   trace_cmd_text
 *                 the rate of text against that of trace-cmd report for the same events as trace.dat
 *   babeltrace2_text_2, trace_cmd_text_2
 *                 the same by --jobs 2 on two processors, by the time that passes
 *   decode_second all of a dump of 2 GiB, 880 s and 64 CPUs against the second in its middle by
 *                 --from and --to, for which the headers of all its 133,000 chunks are looked at
 *   select_event  of that dump, the rate of --stats of an event that is 1 % of it against that of all
 *   select_read   the rate of that against that of cat, which reads the dump and does nothing with it
 *   index_stats, index_event, index_tail, index_second
 *                 of that dump, what is asked with its index against the same without it: --stats; of that event; --tail; a
 *                 tenth of a second
 *   jobs_2_text, jobs_2_json, jobs_2_ftrace, jobs_2_parquet, jobs_2_trace_dat, jobs_2_stats, jobs_2_hist
 *                 the time that passes for all of that dump by --jobs 1 against that by --jobs 2, on
 *                 two processors, which have nothing else to do
 *   decode_file_mib, decode_pipe_mib
 *                 peak memory for all of that dump
 *
 *   merge_64, merge_1024
 *                 text of 2 million records of so many CPUs, each on any of them, against the same of one CPU
 *
 *   tpbench_decode make DIR               writes the dumps into a folder
 *   tpbench_decode small DIR              writes one of 2 million records, for python.py
 *   tpbench_decode spread DIR TPDECODE    merge_64 and merge_1024, and makes what they need
 *   tpbench_decode rates DIR TPDECODE     the first half of the above
 *   tpbench_decode long DIR TPDECODE      the others; not in one process with those, because who is
 *                                         started inherits the peak of who has started it
 */
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hand.h"
#include "measure.h"
#include "mixed.h"

#define EVENTS 6000000u
#define STEP_NS 1000u
#define SMALL_EVENTS 2000000u
#define LONG_EVENTS 88000000u
#define LONG_CPUS 64u
#define LONG_STEP_NS 10000u
#define RUNS 7
#define SLOW_RUNS 3
#define SPREAD_RUNS 15

extern char **environ;

static const char *tpdecode;
static char mixed[4096], ctf[4096], long_dump[4096];

static void fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

static void report(const char *name, double value, const char *bound)
{
    printf("bench %s %.2f %s\n", name, value, bound);
    fflush(stdout);
}

static double used(int who)
{
    struct rusage u;

    getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

/* --- processes --- */

struct job {
    const char *argv[8];
    int in, out, err; /* 0: /dev/null */
};

static pid_t start(const struct job *j)
{
    int from[3] = {j->in, j->out, j->err};
    posix_spawn_file_actions_t actions;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 3; i++) {
        if (from[i])
            posix_spawn_file_actions_adddup2(&actions, from[i], i);
        else
            posix_spawn_file_actions_addopen(&actions, i, "/dev/null", i ? O_WRONLY : O_RDONLY, 0);
    }
    if (posix_spawnp(&pid, j->argv[0], &actions, NULL, (char *const *)j->argv, environ)) {
        fprintf(stderr, "bench: cannot start %s\n", j->argv[0]);
        exit(1);
    }
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/* Its peak of memory. */
static double finish(pid_t pid)
{
    struct rusage u;
    int status;

    if (wait4(pid, &status, 0, &u) != pid || status != 0)
        fail("a program has failed");
    return (double)u.ru_maxrss / 1024;
}

/* Seconds. */
static double run(const struct job *j)
{
    double before = used(RUSAGE_CHILDREN);

    finish(start(j));
    return used(RUSAGE_CHILDREN) - before;
}

/* What it prints must have `wanted` in it. */
static void check(const char *wanted, const struct job *job)
{
    static char text[65536];
    struct job j = *job;
    size_t n = 0;
    ssize_t got;
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC))
        fail("no pipe");
    *(j.err ? &j.err : &j.out) = ends[1];
    pid = start(&j);
    close(ends[1]);
    while (n < sizeof(text) - 1 && (got = read(ends[0], text + n, sizeof(text) - 1 - n)) > 0)
        n += (size_t)got;
    close(ends[0]);
    finish(pid);
    text[n] = '\0';
    if (!strstr(text, wanted)) {
        fprintf(stderr, "bench: %s printed not '%s' but:\n%s", j.argv[0], wanted, text);
        exit(1);
    }
}

/* Seconds that pass until it has ended, on so many processors. */
static double passed(const struct job *j, int processors)
{
    struct timespec from, to;
    cpu_set_t set;

    CPU_ZERO(&set);
    for (int i = 0; i < processors; i++)
        CPU_SET(i, &set);
    sched_setaffinity(0, sizeof(set), &set);
    clock_gettime(CLOCK_MONOTONIC, &from);
    finish(start(j));
    clock_gettime(CLOCK_MONOTONIC, &to);
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    sched_setaffinity(0, sizeof(set), &set);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) * 1e-9;
}

/* --- what is measured --- */

static void check_text(void)
{
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC))
        fail("no pipe");
    pid = start(&(struct job){.argv = {tpdecode, mixed}, .out = ends[1]});
    close(ends[1]);
    hand_print(ends[0], true);
    close(ends[0]);
    finish(pid);
}

static double by_hand(void)
{
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    double before = used(RUSAGE_SELF);

    hand_print(fd, false);
    close(fd);
    return used(RUSAGE_SELF) - before;
}

/* How often `more` is in `less` time, in turns. */
static double ratio(const struct job *more, const struct job *less, unsigned rounds)
{
    double r[SPREAD_RUNS];

    for (unsigned i = 0; i < rounds; i++) {
        double one = run(more);

        r[i] = one / run(less);
    }
    return median(r, rounds);
}

/* Formats for viewers; those that go through a pipe do. */
static const struct format {
    const char *word, *name, *bound;
    const char *ending; /* of the file or folder that is written; NULL: a pipe */
} formats[] = {{"sqlite", "decode_sqlite", "at least 0.1", "db"},
               {"ftrace", "decode_ftrace", "at least 0.3", NULL},
               {"vcd", "decode_vcd", "at least 0.3", NULL},
               {"perfetto", "decode_perfetto", "at least 0.3", NULL},
               {"chrome", "decode_chrome", "at least 0.3", NULL},
               {"trace.dat", "decode_trace_dat", "at least 0.3", "dat"},
               {"ctf", "decode_ctf", "at least 0.3", "ctf-out"},
               {"ctf-lttng", "decode_ctf_lttng", "at least 0.3", "lttng"},
               {"parquet", "decode_parquet", "at least 0.15", "parquet"},
               {"parquet", "decode_parquet_folder", "at least 0.15", "tables/"},
               {"html", "decode_html", "at least 0.15", "html"}};

/* What is written is new each time. */
static double exported(const struct job *text, const struct format *f)
{
    static char path[sizeof(mixed) + 16], remove[sizeof(mixed) + 32];
    struct job job = {.argv = {tpdecode, "--format", f->word, mixed}};
    double r[SLOW_RUNS];

    if (f->ending) {
        snprintf(path, sizeof(path), "%s.%s", mixed, f->ending);
        job.argv[4] = "--output";
        job.argv[5] = path;
    }
    snprintf(remove, sizeof(remove), "rm -rf '%s'", path);
    for (unsigned i = 0; i < SLOW_RUNS; i++) {
        double one = run(text);

        r[i] = one / run(&job);
        if (f->ending && system(remove))
            fail("what was written stays");
    }
    return median(r, SLOW_RUNS);
}

static bool has(const char *program)
{
    char command[64];

    snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
    if (!system(command))
        return true;
    fprintf(stderr, "bench: no %s: tpdecode is not compared with it\n", program);
    return false;
}

/* By how much `two` is faster on two processors than `one` on one. */
static void twice(const char *name, const char *bound, const struct job *one, const struct job *two)
{
    double r[SLOW_RUNS];

    if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
        fprintf(stderr, "bench: one processor: %s is not measured\n", name);
        return;
    }
    for (unsigned i = 0; i < SLOW_RUNS; i++) {
        double before = passed(one, 1);

        r[i] = before / passed(two, 2);
    }
    report(name, median(r, SLOW_RUNS), bound);
}

/* The same of text, against another program. */
static void text_twice(const char *name, const char *bound, const struct job *other)
{
    const struct job two = {.argv = {tpdecode, "--jobs", "2", mixed}};

    twice(name, bound, other, &two);
}

static void compare_babeltrace(const struct job *text, const struct job *stats)
{
    const struct job other = {.argv = {"babeltrace2", ctf}},
                     count = {
                         .argv = {"babeltrace2", ctf, "-c", "sink.utils.counter", "-p", "step=+0"}};

    if (!has("babeltrace2"))
        return;
    check(" 6000000 Event messages", &count);
    report("babeltrace2_text", ratio(&other, text, SLOW_RUNS), "at least 20");
    report("babeltrace2_count", ratio(&count, stats, SLOW_RUNS), "at least 20");
    text_twice("babeltrace2_text_2", "at least 35", &other);
}

static void compare_trace_cmd(const struct job *text)
{
    static char dat[sizeof(mixed) + 16];
    const struct job make = {.argv = {tpdecode, "--format", "trace.dat", "--output", dat, mixed}},
                     other = {.argv = {"trace-cmd", "report", "-i", dat}};

    if (!has("trace-cmd"))
        return;
    snprintf(dat, sizeof(dat), "%s.dat", mixed);
    unlink(dat);
    finish(start(&make));
    report("trace_cmd_text", ratio(&other, text, SLOW_RUNS), "at least 40");
    text_twice("trace_cmd_text_2", "for comparison", &other);
    unlink(dat);
}

static void rates(void)
{
    const struct job text = {.argv = {tpdecode, mixed}},
                     json = {.argv = {tpdecode, "--format", "json", mixed}},
                     stats = {.argv = {tpdecode, "--stats", mixed}};
    struct job told = text;
    double r[RUNS];

    hand_load(mixed);
    check_text();
    told.err = 1;
    check("6000000 records, 0 lost\n", &told);
    for (unsigned i = 0; i < RUNS; i++) {
        double by = by_hand();

        r[i] = by / run(&text);
    }
    report("decode_text", median(r, RUNS), "at least 0.7");
    report("decode_json", ratio(&text, &json, RUNS), "at least 0.5");
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        report(formats[i].name, exported(&text, &formats[i]), formats[i].bound);
    report("decode_stats", ratio(&text, &stats, RUNS), "for comparison");
    compare_babeltrace(&text, &stats);
    compare_trace_cmd(&text);
}

/* From a pipe that another process writes. */
static double piped_mib(void)
{
    double mib;
    int ends[2];
    pid_t cat;

    if (pipe2(ends, O_CLOEXEC))
        fail("no pipe");
    cat = start(&(struct job){.argv = {"cat", long_dump}, .out = ends[1]});
    close(ends[1]);
    mib = finish(start(&(struct job){.argv = {tpdecode}, .in = ends[0]}));
    close(ends[0]);
    finish(cat);
    return mib;
}

/* How much faster it is with an index. */
static void indexed(const char *name, const char *bound, const char *const *words)
{
    struct job with = {.argv = {tpdecode}}, without = {.argv = {tpdecode, "--no-index"}};
    size_t n = 0;

    for (; words[n]; n++) {
        with.argv[n + 1] = words[n];
        without.argv[n + 2] = words[n];
    }
    with.argv[n + 1] = without.argv[n + 2] = long_dump;
    report(name, ratio(&without, &with, SLOW_RUNS), bound);
}

static void selected(void)
{
    const struct job read = {.argv = {"cat", long_dump}},
                     stats = {.argv = {tpdecode, "--stats", long_dump}},
                     event = {.argv = {tpdecode, "--stats", "--event", "mixed:rare", long_dump}};
    struct job told = event;

    told.err = 1;
    check("880000 of 88000000 records shown", &told);
    report("select_event", ratio(&stats, &event, SLOW_RUNS), "at least 0.9");
    report("select_read", ratio(&read, &event, SLOW_RUNS), "at least 0.35");
    finish(start(&(struct job){.argv = {tpdecode, "--index", long_dump}}));
    check("880000 of 88000000 records shown", &told);
    indexed("index_stats", "at least 50", (const char *[]){"--stats", NULL});
    indexed("index_event", "at least 50",
            (const char *[]){"--stats", "--event", "mixed:rare", NULL});
    indexed("index_tail", "at least 50", (const char *[]){"--tail", "10", NULL});
    indexed("index_second", "at least 4", (const char *[]){"--from", "441", "--to", "441.1", NULL});
}

/* By how much two processors are faster than one. */
static void jobs(const char *name, const char *bound, const char *what, const char *how)
{
    const struct job one = {.argv = {tpdecode, "--no-index", "--jobs", "1", long_dump, what, how}},
                     two = {.argv = {tpdecode, "--no-index", "--jobs", "2", long_dump, what, how}};

    twice(name, bound, &one, &two);
}

static void long_one(void)
{
    const struct job second = {.argv = {tpdecode, "--from", "441", "--to", "442", long_dump}};
    struct job told = second;
    double before = used(RUSAGE_CHILDREN), all, mib, r[RUNS];

    told.err = 1;
    check("100001 of 100001 records shown", &told);
    before = used(RUSAGE_CHILDREN);
    mib = finish(start(&(struct job){.argv = {tpdecode, long_dump}}));
    all = used(RUSAGE_CHILDREN) - before;
    for (unsigned i = 0; i < RUNS; i++)
        r[i] = all / run(&second);
    report("decode_second", median(r, RUNS), "at least 20");
    report("decode_file_mib", mib, "at most 32");
    report("decode_pipe_mib", piped_mib(), "at most 32");
    selected();
    jobs("jobs_2_text", "at least 1.8", "--format", "text");
    jobs("jobs_2_json", "at least 1.8", "--format", "json");
    jobs("jobs_2_ftrace", "at least 1.8", "--format", "ftrace");
    jobs("jobs_2_parquet", "at least 1.8", "--format", "parquet");
    jobs("jobs_2_trace_dat", "at least 1.5", "--format", "trace.dat");
    jobs("jobs_2_stats", "at least 1.8", "--stats", NULL);
    jobs("jobs_2_hist", "at least 1.8", "--hist", "a");
}

static void make(void)
{
    mixed_write(mixed, EVENTS, 1, STEP_NS);
    if (mkdir(ctf, 0777))
        fail("cannot make a folder");
    mixed_write_ctf(ctf, EVENTS, STEP_NS);
    mixed_write(long_dump, LONG_EVENTS, LONG_CPUS, LONG_STEP_NS);
}

static void make_small(const char *folder)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/small.tp", folder);
    mixed_write(path, SMALL_EVENTS, 1, STEP_NS);
}

/* The same records, on one CPU and on many. */
static void spread(const char *folder)
{
    static const char *const names[] = {"merge_64", "merge_1024"}, *const bounds[] = {
                                                                       "at most 1.3",
                                                                       "at most 1.6"};
    static const uint32_t cpus[] = {64, 1024};
    static char one[sizeof(mixed)], many[sizeof(mixed)];
    const struct job less = {.argv = {tpdecode, one}}, more = {.argv = {tpdecode, many}};

    snprintf(one, sizeof(one), "%s/one.tp", folder);
    snprintf(many, sizeof(many), "%s/many.tp", folder);
    mixed_write(one, SMALL_EVENTS, 1, STEP_NS);
    for (unsigned i = 0; i < 2; i++) {
        struct job told = more;

        mixed_write(many, SMALL_EVENTS, cpus[i], STEP_NS);
        told.err = 1;
        check("2000000 records, 0 lost\n", &told);
        report(names[i], ratio(&more, &less, SPREAD_RUNS), bounds[i]);
    }
    unlink(one);
    unlink(many);
}

int main(int argc, char **argv)
{
    cpu_set_t set;

    if (argc < 3)
        fail("usage: tpbench_decode make DIR | small DIR | spread DIR TPDECODE | rates DIR "
             "TPDECODE | long DIR TPDECODE");
    snprintf(mixed, sizeof(mixed), "%s/mixed.tp", argv[2]);
    snprintf(ctf, sizeof(ctf), "%s/ctf", argv[2]);
    snprintf(long_dump, sizeof(long_dump), "%s/long.tp", argv[2]);
    tpdecode = argv[argc - 1];
    CPU_ZERO(&set);
    CPU_SET(0, &set);
    sched_setaffinity(0, sizeof(set), &set);
    if (strcmp(argv[1], "make") == 0)
        make();
    else if (strcmp(argv[1], "small") == 0)
        make_small(argv[2]);
    else if (strcmp(argv[1], "spread") == 0)
        spread(argv[2]);
    else if (strcmp(argv[1], "rates") == 0)
        rates();
    else
        long_one();
    return 0;
}
