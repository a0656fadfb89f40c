/* SPDX-License-Identifier: MIT */
/*
 * A shared object is loaded, registered, fired, unregistered while it is being fired, and unloaded,
 * again and again, while a reader drains the pipe into tpdecode. Two threads fire; they have left
 * the module when its memory goes, as doc/porting.md asks.
 */
#include "stress.h"

#include "decoder/tool/decode.h"
#include "module.h"

#include <dlfcn.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tp/control.h>
#include <tp/port.h>
#include <unistd.h>

#define FIRING 2u /* CPUs; one more marks each round */

static struct module {
    struct tp_trace *trace;
    int from, to; /* tpdecode reads, the pipe is written */
    bool stop;
    void (*fire)(uint64_t n); /* NULL: nobody may go in */
    bool inside[FIRING];
    uint64_t fired[FIRING];
    /* what tpdecode printed */
    uint64_t hits, marks, printks, tasks, wrong;
    char line[256], diagnostics[4096];
    size_t used;
    int code;
} m;

/* --- who fires --- */

static void *fire(void *arg)
{
    unsigned cpu = (unsigned)(uintptr_t)arg;
    void (*fire_it)(uint64_t n);

    tp_hosted_cpu = cpu;
    while (!__atomic_load_n(&m.stop, __ATOMIC_ACQUIRE)) {
        __atomic_store_n(&m.inside[cpu], true, __ATOMIC_SEQ_CST);
        fire_it = __atomic_load_n(&m.fire, __ATOMIC_SEQ_CST);
        for (unsigned i = 0; fire_it && i < 10; i++)
            fire_it(m.fired[cpu] * FIRING + cpu + i);
        if (fire_it)
            __atomic_fetch_add(&m.fired[cpu], 1, __ATOMIC_RELEASE);
        __atomic_store_n(&m.inside[cpu], false, __ATOMIC_RELEASE);
        stress_event();
    }
    return NULL;
}

static uint64_t fired(unsigned cpu)
{
    return __atomic_load_n(&m.fired[cpu], __ATOMIC_ACQUIRE);
}

/* Until each of them has been inside once more, whole. */
static void wait_for_all(void)
{
    for (unsigned c = 0; c < FIRING; c++)
        for (uint64_t was = fired(c); fired(c) < was + 2;)
            usleep(1);
}

static void wait_until_out(void)
{
    for (unsigned c = 0; c < FIRING; c++)
        while (__atomic_load_n(&m.inside[c], __ATOMIC_ACQUIRE))
            usleep(1);
}

/* --- who reads --- */

static void *drain(void *arg)
{
    static uint8_t buffer[1 << 16];
    long n;

    (void)arg;
    do {
        n = tp_pipe_read(m.trace, buffer, sizeof(buffer));
        for (long done = 0, w; done < n; done += w)
            if ((w = write(m.to, buffer + done, (size_t)(n - done))) < 0)
                abort();
        if (n <= 0)
            usleep(100);
    } while (n > 0 || !tp_pipe_ended(m.trace));
    close(m.to);
    return NULL;
}

static void take_line(const char *line)
{
    unsigned long long n;
    unsigned check, round;
    char parity[8];
    const char *at;

    if (strncmp(line, "--- ", 4) == 0) /* a loss: counted by tp_trace_stats, too */
        return;
    if ((at = strstr(line, ": mod_hit: ")) != NULL) {
        if (sscanf(at, ": mod_hit: n=%llu check=%x %7s", &n, &check, parity) != 3 ||
            check != module_check(n) || strcmp(parity, n & 1 ? "odd" : "even") != 0)
            m.wrong++;
        m.hits++;
    } else if ((at = strstr(line, ": mod_mark: ")) != NULL) {
        /* None is lost: its CPU has room for all. */
        if (sscanf(at, ": mod_mark: round=%u", &round) != 1 || round != m.marks++)
            m.wrong++;
    } else if ((at = strstr(line, "printk_module_mark: ")) != NULL) {
        if (sscanf(at, "printk_module_mark: printk=%u", &round) != 1 || round != m.printks++)
            m.wrong++;
    } else if (strstr(line, ": stress_task: ")) {
        m.tasks++;
    } else if (m.wrong++ < 5) {
        printf("# wrong: %s\n", line);
    }
}

static int take_output(void *context, const void *bytes, size_t size)
{
    (void)context;
    for (const char *at = bytes, *end = at + size; at < end; at++) {
        if (*at != '\n' && m.used + 1 < sizeof(m.line)) {
            m.line[m.used++] = *at;
        } else if (*at == '\n') {
            m.line[m.used] = 0;
            m.used = 0;
            take_line(m.line);
        }
    }
    return 0;
}

static int take_diagnostics(void *context, const void *bytes, size_t size)
{
    size_t used = strlen(m.diagnostics), room = sizeof(m.diagnostics) - used - 1;

    (void)context;
    memcpy(m.diagnostics + used, bytes, size < room ? size : room);
    return 0;
}

static void *decode(void *arg)
{
    char path[40];
    struct decode_input in = {.path = path};
    struct decode_options o = {.inputs = &in,
                               .input_count = 1,
                               .out = {.write = take_output},
                               .diag = {.write = take_diagnostics}};

    (void)arg;
    snprintf(path, sizeof(path), "/dev/fd/%d", m.from);
    m.code = decode_run(&o);
    return NULL;
}

/* --- the module --- */

static void *symbol(void *handle, const char *name)
{
    void *at = dlsym(handle, name);

    if (!at) {
        fprintf(stderr, "%s\n", dlerror());
        abort();
    }
    return at;
}

static void one_life(uint32_t round)
{
    void *handle = dlopen(TEST_MODULE, RTLD_NOW | RTLD_LOCAL);
    int (*add)(void), (*take_back)(void);
    void (*mark)(uint32_t round);

    if (!handle)
        TP_FAIL_FATAL("%s", dlerror());
    add = (int (*)(void))symbol(handle, "module_add");
    take_back = (int (*)(void))symbol(handle, "module_remove");
    mark = (void (*)(uint32_t))symbol(handle, "module_mark");
    TP_CHECK_EQ(take_back(), TP_ENOENT);
    TP_CHECK_EQ(add(), 0);
    __atomic_store_n(&m.fire, (void (*)(uint64_t))symbol(handle, "module_fire"), __ATOMIC_RELEASE);
    wait_for_all(); /* inside, and off */
    TP_CHECK_EQ(tp_trace_enable(m.trace, "mod"), 0);
    TP_CHECK_EQ(tp_trace_enable(m.trace, "printk:module_mark"), 0);
    mark(round);
    wait_for_all(); /* on */
    TP_CHECK_EQ(take_back(), 0);
    mark(UINT32_MAX); /* off */
    __atomic_store_n(&m.fire, NULL, __ATOMIC_SEQ_CST);
    wait_until_out();
    while (tp_probe_synchronize()) /* out of the lists, too */
        sched_yield();
    TP_CHECK_EQ(dlclose(handle), 0);
    TP_CHECK(dlopen(TEST_MODULE, RTLD_NOW | RTLD_NOLOAD) == NULL); /* its memory is gone */
}

TP_TEST(Module, ComesAndGoesWhileThreadsFire)
{
    uint32_t rounds = (uint32_t)stress_kept(1000, 200);
    struct tp_config config = {.name = "module",
                               .cpus = FIRING + 1,
                               .subbuf_bytes = 4096,
                               .subbufs = 32,
                               .spare_bytes = 512 * rounds};
    size_t bytes = tp_region_bytes(&config);
    void *region = aligned_alloc(64, bytes);
    pthread_t firing[FIRING], draining, decoding;
    uint64_t read = 0;
    int fd[2];

    memset(&m, 0, sizeof(m));
    TP_ASSERT_EQ(tp_trace_open(&m.trace, region, bytes, &config), 0);
    TP_ASSERT_EQ(tp_trace_start(m.trace), 0);
    TP_ASSERT_EQ(pipe(fd), 0);
    m.from = fd[0];
    m.to = fd[1];
    pthread_create(&decoding, NULL, decode, NULL);
    pthread_create(&draining, NULL, drain, NULL);
    for (uintptr_t c = 0; c < FIRING; c++)
        pthread_create(&firing[c], NULL, fire, (void *)c);
    tp_hosted_cpu = FIRING;
    for (uint32_t i = 0; i < rounds; i++)
        one_life(i);
    tp_hosted_cpu = TP_HOSTED_NO_CPU;
    __atomic_store_n(&m.stop, true, __ATOMIC_RELEASE);
    for (unsigned c = 0; c < FIRING; c++)
        pthread_join(firing[c], NULL);
    TP_CHECK_EQ(tp_trace_stop(m.trace), 0);
    pthread_join(draining, NULL);
    pthread_join(decoding, NULL);
    close(m.from);

    TP_CHECK_EQ(m.wrong, 0);
    TP_CHECK_EQ(m.marks, rounds);
    TP_CHECK_EQ(m.printks, rounds);
    TP_CHECK(m.hits > 0 && m.tasks > 0);
    /* A thread may be held up for longer than marks allow for, as in stress_check_lines. */
    TP_CHECK(!m.code || strstr(m.diagnostics, "time went back") ||
             strstr(m.diagnostics, "too late"));
    TP_CHECK(strstr(m.diagnostics, "no metadata defines") == NULL);
    for (unsigned c = 0; c <= FIRING; c++) {
        struct tp_trace_stats stats;

        TP_CHECK_EQ(tp_trace_stats(m.trace, c, &stats), 0);
        read += stats.read;
        TP_CHECK_EQ(stats.unread, 0);
    }
    TP_CHECK_EQ(m.hits + m.marks + m.printks + m.tasks, read);
    TP_CHECK_EQ(tp_trace_strangers(m.trace), 0);
    TP_CHECK_EQ(tp_trace_close(m.trace), 0);
    printf("# %u lives; %llu events of the module decoded; %s", rounds, (unsigned long long)m.hits,
           m.diagnostics);
    free(region);
}
