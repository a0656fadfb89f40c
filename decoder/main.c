/* SPDX-License-Identifier: MIT */
/* main.c - tpdecode: options, standard streams, exit code. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decode.h"

#define MAIN_SHOWN_BYTES 256u /* of an argument, in a message */

/* Options that have no letter. */
enum main_option { MAIN_FORMAT = 256, MAIN_LIST_EVENTS, MAIN_TIME };

static const char main_help[] =
    "Usage: tpdecode [options] [FILE...]\n"
    "Prints tracepoint dumps, plain or gzip, as text, and what is left of traces in\n"
    "images of memory. Several files are merged by time. Without FILE, or with -,\n"
    "reads standard input.\n"
    "\n"
    "  --format text|json  how to print records (text)\n"
    "  --list-events       print what events the dump knows, no records\n"
    "  --time seconds|utc  how to print times (seconds)\n"
    "  -h, --help          this text\n"
    "  -V, --version       the version\n"
    "\n"
    "Exit status: 0 all decoded, 1 damage but the rest decoded, 2 usage,\n"
    "3 nothing usable or a newer format, 4 output or memory error.\n";

/* All bytes to a file descriptor: 0 or an errno. */
static int main_write(void *context, const void *bytes, size_t n)
{
    const int *fd = context;
    const char *p = bytes;

    while (n) {
        ssize_t got = write(*fd, p, n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        p += got;
        n -= (size_t)got;
    }
    return 0;
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
static int main_usage(const char *what, const char *text)
{
    char shown[6 * MAIN_SHOWN_BYTES];
    size_t n = strnlen(text, MAIN_SHOWN_BYTES);

    n = out_escape(shown, text, n, OUT_TEXT);
    fprintf(stderr, "tpdecode: %s '%.*s', try 'tpdecode --help'\n", what, (int)n, shown);
    return DECODE_USAGE;
}

/* What getopt_long() refused: `c` is its result, `arg` what stands before the next argument. */
static int main_bad_option(int c, const char *arg)
{
    char letter[] = {'-', (char)optopt, '\0'};

    if (c == ':')
        return main_usage("no value for option", arg);
    if (!optopt)
        return main_usage("unknown option", arg);
    /* A letter that is an option is refused only in its long form. */
    if (optopt >= MAIN_FORMAT || optopt == 'h' || optopt == 'V')
        return main_usage("no value allowed in", arg);
    return main_usage("unknown option", letter);
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
    o->out = (struct out_sink){main_write, &out};
    o->diag = (struct out_sink){main_write, &err};
    code = decode_run(o);
    free(inputs);
    return code;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"format", required_argument, NULL, MAIN_FORMAT},
        {"list-events", no_argument, NULL, MAIN_LIST_EVENTS},
        {"time", required_argument, NULL, MAIN_TIME},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    struct decode_options o = {0};
    bool json = false, list = false;
    int c;

    /* The messages of getopt_long() show arguments as they are: none of them. */
    opterr = 0;
    while ((c = getopt_long(argc, argv, ":hV", options, NULL)) != -1) {
        switch (c) {
        case MAIN_FORMAT:
            json = strcmp(optarg, "json") == 0;
            if (!json && strcmp(optarg, "text") != 0)
                return main_usage("unknown format", optarg);
            break;
        case MAIN_TIME:
            o.utc = strcmp(optarg, "utc") == 0;
            if (!o.utc && strcmp(optarg, "seconds") != 0)
                return main_usage("unknown time", optarg);
            break;
        case MAIN_LIST_EVENTS:
            list = true;
            break;
        case 'h':
            return main_print(main_help);
        case 'V':
            return main_print("tpdecode " PACKAGE_VERSION "\n");
        default:
            return main_bad_option(c, argv[optind - 1]);
        }
    }
    o.format = list ? DECODE_LIST : json ? DECODE_JSON : DECODE_TEXT;
    return main_decode(&o, argv + optind, (size_t)(argc - optind));
}
