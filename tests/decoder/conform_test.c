/* SPDX-License-Identifier: MIT */
/*
 * conform_test.c - the test vectors of doc/format.md under the sanitizers: what tpdecode says of each
 * and its exit code. Their records are compared by tests/conformance/conformance.sh.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "tp_test.h"

static int conform_is_hex(const struct dirent *e)
{
    size_t n = strlen(e->d_name);

    return n > 4 && strcmp(e->d_name + n - 4, ".hex") == 0;
}

static struct help_bytes conform_file(const char *directory, const char *name,
                                      const char *extension)
{
    char path[200];

    snprintf(path, sizeof(path), "%s/%.*s%s", directory, (int)strlen(name) - 4, name, extension);
    return help_file(tp_test_path(path));
}

/* The last message of a vector is the sum, as tpdecode's last line. */
static void conform_sum(const char *name, const char *json, const char *err)
{
    const char *want = strstr(json, "\"messages\": [");
    size_t n = strlen(err);
    char line[200];

    while (want && strstr(want + 1, "\n  \""))
        want = strstr(want + 1, "\n  \"") + 1;
    if (!want || sscanf(want, "  \"%199[^\"]", line) != 1)
        TP_FAIL_FATAL("%s has no messages", name);
    strcat(line, "\n");
    if (n < strlen(line) || strcmp(err + n - strlen(line), line) != 0)
        TP_FAIL("%s: wanted %s, got %s", name, line, err);
}

static void conform_vector(const char *directory, const char *name)
{
    struct help_bytes hex = conform_file(directory, name, ".hex"),
                      json = conform_file(directory, name, ".json"),
                      dump = help_hex((char *)hex.p, hex.n);
    const char *code = strstr((char *)json.p, "\"exit\": ");
    struct help_run run;

    TP_ASSERT(code != NULL);
    run = help_decode(name, dump.p, dump.n, HELP_TEXT);
    if (run.code != atoi(code + strlen("\"exit\": ")))
        TP_FAIL("%s: exit code %d", name, run.code);
    conform_sum(name, (char *)json.p, run.err);
    help_run_free(&run);
    help_free(&hex);
    help_free(&json);
    help_free(&dump);
}

TP_TEST(DecoderConform, AllVectors)
{
    static const char directory[] = "tests/conformance/vectors";
    struct dirent **names;
    int n = scandir(tp_test_path(directory), &names, conform_is_hex, alphasort);

    TP_ASSERT(n >= 50);
    for (int i = 0; i < n; i++) {
        conform_vector(directory, names[i]->d_name);
        free(names[i]);
    }
    free(names);
}
