/* SPDX-License-Identifier: MIT */
/* html_test.c - how much a page of --format html may have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decoder/base/digest.h"
#include "help.h"
#include "tp_test.h"

/* A page of a dump of five records and a loss. Returns the exit code. */
static int html_page(uint64_t most, const char *filter, struct help_run *run)
{
    struct decode_options o = {.format = DECODE_EXPORT,
                               .export = {.kind = EXPORT_HTML, .most = most},
                               .select = {.filter = filter}};
    struct help_bytes dump = {0};
    struct decode_input input;

    help_add_metadata(&dump, 1);
    help_add_records(&dump, 0, 0, 3, 10, 1);
    help_add_records(&dump, 0, 5, 2, 20, 1);
    input = (struct decode_input){.path = "x", .bytes = dump.p, .size = dump.n};
    o.inputs = &input;
    o.input_count = 1;
    *run = help_run(o);
    help_free(&dump);
    return run->code;
}

TP_TEST(DecoderHtml, AsManyAsThereMayBe)
{
    struct help_run run;

    TP_CHECK_EQ(html_page(6, NULL, &run), 0);
    TP_CHECK(strstr(run.out, "id=\"items\">6</script>"));
    TP_CHECK(!strstr(run.err, "too large"));
    help_run_free(&run);
}

TP_TEST(DecoderHtml, OneMoreIsSaid)
{
    struct help_run run;

    TP_CHECK_EQ(html_page(5, NULL, &run), DECODE_USAGE);
    TP_CHECK(strstr(run.out, "id=\"items\">5</script>"));
    TP_CHECK(strstr(run.out, "</html>"));
    TP_CHECK(strstr(run.err, "--format html: only the first 5 records and losses are in the page"));
    TP_CHECK(strstr(run.err, "--from and --to"));
    help_run_free(&run);
}

/* That it is not all of the capture is in the page whatever comes between the records and it. */
TP_TEST(DecoderHtml, TheSameWhereAllIsSelected)
{
    for (uint64_t most = 2; most <= 6; most++) {
        struct help_run run, selected;

        TP_CHECK_EQ(html_page(most, NULL, &run), html_page(most, "v < 100", &selected));
        TP_CHECK_STREQ(selected.out, run.out);
        help_run_free(&run);
        help_run_free(&selected);
    }
}

static void html_sum(const char *text, const char *want)
{
    uint8_t sum[DIGEST_BYTES];
    char hex[2 * DIGEST_BYTES + 1];

    digest(text, strlen(text), sum);
    for (unsigned i = 0; i < DIGEST_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", sum[i]);
    TP_CHECK_STREQ(hex, want);
}

/* The examples of FIPS 180-4, and the lengths about which padding needs another block; those by sha256sum. */
TP_TEST(DecoderHtml, Sha256)
{
    html_sum("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    html_sum("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    html_sum("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
             "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    html_sum("0123456789012345678901234567890123456789012345678901234",
             "f34d5a0f80c0cbf84c8c0b90218c22637abd199965249da736a20143c8c9c9d9");
    html_sum("0123456789012345678901234567890123456789012345678901234567890123",
             "9674d9e078535b7cec43284387a6ee39956188e735a85452b0050b55341cda56");
}
