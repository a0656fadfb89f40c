/* SPDX-License-Identifier: MIT */
/* main.c - tpdecode: standard streams, exit code. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/undo.h"
#include "bytes/guide.h"
#include "tool/decode.h"
#include "tool/jobs.h"
#include "tool/options.h"
#include "tool/sandbox.h"
#include "tool/target.h"
#include "tool/usage.h"

#define MAIN_SHOWN_BYTES 256u /* of an argument, in a message */

static int main_write(void *context, const void *bytes, size_t n)
{
    return out_write(*(const int *)context, bytes, n);
}

static int main_print(const char *text)
{
    int fd = STDOUT_FILENO, error = main_write(&fd, text, strlen(text));

    if (!error)
        return DECODE_GOOD;
    fprintf(stderr, "tpdecode: cannot write standard output: %s\n", strerror(error));
    return DECODE_FAILED;
}

/* One line; what the user gave cannot steer the terminal. */
static int main_usage(const char *what, const char *text, const char *hint)
{
    char shown[6 * MAIN_SHOWN_BYTES];
    size_t n = strnlen(text, MAIN_SHOWN_BYTES);

    n = out_escape(shown, text, n, OUT_TEXT);
    fprintf(stderr, "tpdecode: %s '%.*s'%s%s\n", what, (int)n, shown, *hint ? ": " : "",
            *hint ? hint : ", try 'tpdecode --help'");
    return DECODE_USAGE;
}

/* As main_usage(), but not about how it was called. */
static int main_problem(const char *name, const char *problem, int code)
{
    char shown[6 * MAIN_SHOWN_BYTES];
    size_t n = out_escape(shown, name, strnlen(name, MAIN_SHOWN_BYTES), OUT_TEXT);

    fprintf(stderr, "tpdecode: cannot write %.*s: %s\n", (int)n, shown, problem);
    return code;
}

static bool main_confine(void *context, struct diag *diag, int probe, const int *pipes,
                         size_t count)
{
    struct options *o = context;

    if (o->decode.folder) {
        folder_settle(o->decode.folder);
        o->sandbox.folder = o->decode.folder->fd;
    }
    o->sandbox.probe = probe;
    o->sandbox.pipes = pipes;
    o->sandbox.pipe_count = count;
    return sandbox_enter(&o->sandbox, diag);
}

static int main_decode(struct decode_options *o, char **paths, size_t count)
{
    static char standard_input[] = "-";
    static char *only[] = {standard_input};
    static int out = STDOUT_FILENO, err = STDERR_FILENO;
    struct decode_input *inputs;
    int code;

    if (!count) {
        paths = only;
        count = 1;
    }
    inputs = calloc(count, sizeof(*inputs));
    if (!inputs) {
        fputs("tpdecode: out of memory\n", stderr);
        return DECODE_FAILED;
    }
    for (size_t i = 0; i < count; i++)
        inputs[i].path = paths[i];
    o->inputs = inputs;
    o->input_count = count;
    if (!o->out.write)
        o->out = (struct out_sink){main_write, &out};
    o->diag = (struct out_sink){main_write, &err};
    code = decode_run(o);
    free(inputs);
    return code;
}

static void main_end(int number)
{
    sigset_t set;

    undo_all();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
    /* It is blocked while its handler runs. */
    sigemptyset(&set);
    sigaddset(&set, number);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* A process in the background may have to ignore some; --follow has its own handlers. */
static void main_watch(bool any)
{
    for (size_t i = 0; i < UNDO_SIGNALS; i++) {
        struct sigaction old;

        if (sigaction(undo_signals[i], NULL, &old) == 0 &&
            (old.sa_handler == SIG_DFL || old.sa_handler == main_end))
            (void)signal(undo_signals[i], any ? main_end : SIG_DFL);
    }
}

static volatile sig_atomic_t main_stop;

/* The first signal ends what is followed, the next one the process. */
static void main_signal(int number)
{
    if (main_stop)
        main_end(number);
    main_stop = 1;
}

static void main_follow(struct decode_options *o)
{
    struct sigaction a = {.sa_handler = main_signal};

    (void)sigaction(SIGINT, &a, NULL);
    (void)sigaction(SIGTERM, &a, NULL);
    o->stop = &main_stop;
}

/* Where nothing was asked for, all processors, if it pays. */
static void main_jobs(struct decode_options *o)
{
    if (o->jobs)
        return;
    o->jobs = jobs_online();
    o->jobs_large = true;
}

/* Where nothing was asked for, only if its lines are not between records. */
static void main_progress(struct options *o)
{
    bool terminal = isatty(STDERR_FILENO);

    o->decode.progress_asked = o->progress == OPTIONS_ALWAYS;
    if (o->progress == OPTIONS_ALWAYS ||
        (o->progress == OPTIONS_AUTO && terminal && !o->decode.follow &&
         (o->output || !isatty(STDOUT_FILENO))))
        o->decode.progress = terminal ? PROGRESS_TERMINAL : PROGRESS_LINES;
}

/* Opens the dump that is written, which is none of the files that are read. NULL, or what is wrong. */
static const char *main_target(struct target *t, const struct options *o)
{
    const char **read = calloc(o->count + 3, sizeof(*read)), *problem;
    size_t n = 0;

    if (!read)
        return strerror(ENOMEM);
    for (size_t i = 0; i < o->count; i++)
        read[n++] = o->paths[i];
    if (!n)
        read[n++] = "-";
    if (o->decode.symbols)
        read[n++] = o->decode.symbols;
    if (o->decode.metadata)
        read[n++] = o->decode.metadata;
    problem = target_open(t, o->output, read, n);
    free(read);
    return problem;
}

/* What is written in place is a new file. NULL, or what is wrong. */
static const char *main_new(const struct options *o)
{
    bool seeks = o->decode.format == DECODE_EXPORT && export_seeks(o->decode.export.kind);

    return seeks && access(o->output, F_OK) == 0 ? "it is there, and a database is a new file"
                                                 : NULL;
}

/* Into a dump. */
static int main_convert(struct options *o)
{
    struct target t;
    const char *problem = main_new(o);
    int code, error;

    if (!problem)
        problem = main_target(&t, o);
    if (problem)
        return main_problem(o->output, problem, DECODE_FAILED);
    o->decode.out = (struct out_sink){target_write, &t};
    o->decode.out_name = o->output;
    o->decode.export.fd = t.fd;
    o->sandbox.output = t.fd;
    o->sandbox.old = t.old;
    o->sandbox.path = t.path;
    code = main_decode(&o->decode, o->paths, o->count);
    error = target_close(&t, code < DECODE_USAGE || (code == DECODE_NOTHING && t.bytes));
    if (error && code != DECODE_FAILED)
        return main_problem(o->output, strerror(error), DECODE_FAILED);
    return code;
}

/* Beside the dump. */
static int main_index(struct options *o)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof(path), "%s%s", o->paths[0], GUIDE_SUFFIX);

    if (n < 0 || (size_t)n >= sizeof(path))
        return main_problem(o->paths[0], strerror(ENAMETOOLONG), DECODE_FAILED);
    if (!guide_may_replace(path))
        return main_problem(path, "what is there is no index", DECODE_USAGE);
    o->output = path;
    return main_convert(o);
}

/* Into a directory. */
static int main_fill(struct options *o)
{
    static struct folder f;
    const char *problem = folder_open(&f, o->output);
    int code, error;

    if (problem)
        return main_problem(o->output, problem, DECODE_FAILED);
    o->decode.folder = &f;
    o->decode.out_name = o->output;
    code = main_decode(&o->decode, o->paths, o->count);
    error = folder_close(&f, code < DECODE_USAGE || (code == DECODE_NOTHING && f.bytes));
    if (error && code != DECODE_FAILED)
        return main_problem(o->output, strerror(error), DECODE_FAILED);
    return code;
}

/* Puts what can be neither read nor written in the place of a standard stream that is closed: else the
 * next file that is opened would get its number, and what is said would be written into it. */
static void main_reserve(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
            (void)!open("/", O_PATH);
}

/* Is standard input the terminal that shows the messages, and not a serial line? A dump is not typed. */
static bool main_is_typed(void)
{
    struct stat in, err;

    return isatty(STDIN_FILENO) && fstat(STDIN_FILENO, &in) == 0 &&
           fstat(STDERR_FILENO, &err) == 0 && S_ISCHR(err.st_mode) && in.st_rdev == err.st_rdev;
}

int main(int argc, char **argv)
{
    static struct options o = {
        .sandbox = {.mode = SANDBOX_DEFAULT, .output = -1, .old = -1, .probe = -1, .folder = -1}};

    o.decode.confine = main_confine;
    o.decode.confine_context = &o;
    main_reserve();
    undo_watch = main_watch;
    switch (options_read(&o, argc, argv, isatty(STDOUT_FILENO))) {
    case OPTIONS_HELP:
        return main_print(usage_common);
    case OPTIONS_HELP_ALL:
        return main_print(usage_all);
    case OPTIONS_VERSION:
        return main_print("tpdecode " PACKAGE_VERSION "\n");
    case OPTIONS_LEGEND:
        return main_print(usage_legend);
    case OPTIONS_WRONG:
        return main_usage(o.what, o.text, o.hint);
    case OPTIONS_DECODE:
        break;
    }
    if (o.count && options_is_command(o.paths[0], o.hint))
        return main_usage("cannot read", o.paths[0], o.hint);
    if (!o.count && main_is_typed()) {
        fputs(usage_common, stderr);
        return DECODE_USAGE;
    }
    main_jobs(&o.decode);
    main_progress(&o);
    if (o.decode.follow && !o.decode.explore.wanted)
        main_follow(&o.decode);
    if (o.decode.format == DECODE_EXPORT && export_fills(o.decode.export.kind))
        return main_fill(&o);
    if (o.decode.index)
        return main_index(&o);
    return o.output ? main_convert(&o) : main_decode(&o.decode, o.paths, o.count);
}
