/* SPDX-License-Identifier: MIT */
/*
 * fuzz_options.c - a command line, an argument in each line: it is refused with a text, or a dump is read
 * with it. No other file is opened or written: the inputs are in memory, and symbols and metadata are left out.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "fuzz_golden.h"
#include "mutate.h"
#include "tool/options.h"

#define OPTIONS_ARGUMENTS 32u

/* For a database, which is written to a file: always the same one. */
static int options_file(void)
{
    static int fd = -1;

    if (fd < 0)
        fd = memfd_create("fuzz", 0);
    fuzz_require(fd >= 0 && ftruncate(fd, 0) == 0, "no file for a database");
    return fd;
}

static char options_path[32];

/* What is more than one file is written into a directory, which is removed again. */
static void options_fill(struct decode_options *o)
{
    static struct folder folder;

    o->folder = NULL;
    if (o->format != DECODE_EXPORT || !export_fills(o->export.kind))
        return;
    strcpy(options_path, "/tmp/tp-fuzz-XXXXXX");
    fuzz_require(mkdtemp(options_path) && !folder_open(&folder, options_path), "no directory");
    o->folder = &folder;
}

static void options_empty(struct decode_options *o)
{
    if (!o->folder)
        return;
    (void)folder_close(o->folder, false);
    fuzz_require(rmdir(options_path) == 0, "the directory is not empty at the end");
}

static void options_run(struct options *o)
{
    struct decode_input in[2] = {{"x", fuzz_golden, sizeof(fuzz_golden)},
                                 {"y", fuzz_golden, sizeof(fuzz_golden)}};
    struct fuzz_run r = {0};

    o->decode.symbols = o->decode.metadata = NULL;
    o->decode.follow = false;
    o->decode.inputs = in;
    o->decode.input_count = o->count >= 2 ? 2 : 1;
    o->decode.export.fd = options_file();
    o->decode.out = (struct out_sink){fuzz_collect, &r.out};
    o->decode.diag = (struct out_sink){fuzz_collect, &r.err};
    fuzz_add(&r.out, "", 0);
    fuzz_add(&r.err, "", 0);
    options_fill(&o->decode);
    r.code = decode_run(&o->decode);
    options_empty(&o->decode);
    fuzz_check(&r, &o->decode);
    fuzz_run_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct options o;
    char *text = malloc(size + 1), *argv[OPTIONS_ARGUMENTS + 2] = {"tpdecode"};
    int argc = 1;

    fuzz_require(text, "no memory");
    if (size)
        memcpy(text, data, size);
    text[size] = 0;
    for (char *p = text; *p && argc <= (int)OPTIONS_ARGUMENTS; argc++) {
        argv[argc] = p;
        p += strcspn(p, "\n");
        if (*p)
            *p++ = 0;
    }
    memset(&o, 0, sizeof(o));
    optind = 0;
    switch (options_read(&o, argc, argv, false)) {
    case OPTIONS_WRONG:
        fuzz_require(o.what && o.text, "a refusal that says nothing");
        break;
    case OPTIONS_DECODE:
        options_run(&o);
        break;
    default:
        break;
    }
    free(text);
    return 0;
}

static size_t options_make(char *to, size_t room)
{
    static const char *const arguments[] = {"--event=sched",
                                            "--event=*:sw*,mm",
                                            "--cpu=0,2-5",
                                            "--pid=42",
                                            "--from=+1us",
                                            "--from=8.589934",
                                            "--to=+2s",
                                            "--to=2026-01-02T03:04:05.678",
                                            "--filter=next > 1",
                                            "--filter=comm ~ \"b*\" || why == wake",
                                            "--head=1",
                                            "--tail=2",
                                            "--format=json",
                                            "--format=csv",
                                            "--format=text",
                                            "--template=%t %{next} %m\\n",
                                            "--fields=next,why",
                                            "--time=utc",
                                            "--time=raw",
                                            "--time=delta",
                                            "--time=relative",
                                            "--time=local",
                                            "--color=always",
                                            "--stats",
                                            "--hist=next:log2",
                                            "--hist=next:linear",
                                            "--by=cpu",
                                            "--by=why",
                                            "--latency=sched:switch:sched:switch",
                                            "--latency=sched:wake,switch",
                                            "--latency=switch:switch",
                                            "--key=pid",
                                            "--key=pid=next",
                                            "--info",
                                            "--index",
                                            "--no-index",
                                            "--key=next",
                                            "--tasks",
                                            "--spans",
                                            "--format=folded",
                                            "--format=flame",
                                            "--profile",
                                            "--graph",
                                            "--role=sched:switch=switch next=next",
                                            "--role=sched:switch=none",
                                            "--role=a:b=wake cpu",
                                            "--list-roles",
                                            "--timeline",
                                            "--ascii",
                                            "--diff",
                                            "--output=o",
                                            "--compress=zlib",
                                            "--list-events",
                                            "--follow",
                                            "-h",
                                            "-V",
                                            "--",
                                            "-",
                                            "x",
                                            "y",
                                            "--progress",
                                            "--head=99999999999999999999",
                                            "--cpu=5-2"};
    const char *one = arguments[mutate_random(sizeof(arguments) / sizeof(arguments[0]))];
    size_t n = strlen(one);

    n = n < room ? n : room;
    memcpy(to, one, n);
    return n;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    return mutate_lines(data, size, max, seed, options_make);
}
