/* SPDX-License-Identifier: MIT */
/*
 * several_test.c - several regions of an image, and several inputs, that are merged: what is damaged in one costs nothing of the
 * others, and a run always ends.
 */
#include <stdio.h>
#include <string.h>

#include "region_help.h"
#include "tp_test.h"

/* Each of two parts has every second value; v is at 1,000,000 + 1000 * v counts, of 1 GHz. */
static void several_line(char *to, size_t room, uint32_t v)
{
    snprintf(to, room, "     0.00100%u: t_num: v=%u\n", v, v);
}

/* The values of the part that is whole, 0 or 1: each once, in order. */
static bool several_whole(const char *out, unsigned part)
{
    char line[64];

    for (uint32_t v = part; v < 2 * MEMORY_TURNS; v += 2) {
        several_line(line, sizeof(line), v);
        out = strstr(out, line);
        if (!out || strstr(out + 1, line))
            return false;
    }
    return true;
}

static bool several_printable(const char *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((uint8_t)out[i] < 32 && out[i] != '\n')
            return false;
    return true;
}

static void several_judge(struct decode_options o, unsigned whole, const char *what, size_t at)
{
    struct help_run run = help_run(o);

    if (run.code < 0 || run.code > 3 || !several_printable(run.out, run.out_bytes))
        TP_FAIL("%s, byte %zu: exit code %d\n%s%s", what, at, run.code, run.out, run.err);
    if (o.format == DECODE_TEXT && !o.answer.kind && !several_whole(run.out, whole))
        TP_FAIL("%s, byte %zu: part %u is not whole\n%s%s", what, at, whole, run.out, run.err);
    help_run_free(&run);
}

static const struct roles_options *several_roles(void)
{
    static struct roles_options roles;

    if (!roles.count)
        TP_CHECK_STREQ(roles_read(&roles, "t:num=span duration=v name=v"), NULL);
    return &roles;
}

/* In each way in which regions are merged; what is changed is in the part that is not `whole`. */
static void several_all(struct decode_input *in, uint32_t count, unsigned whole, size_t at)
{
    struct decode_options ways[] = {
        {.format = DECODE_TEXT},
        {.format = DECODE_JSON},
        {.answer = {.kind = ANSWER_GRAPH, .roles = several_roles()}},
    };

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        ways[i].inputs = in;
        ways[i].input_count = count;
        several_judge(ways[i], whole, count > 1 ? "two inputs" : "two regions", at);
    }
}

/* Where its sub-buffers are. */
static size_t several_data(const struct help_bytes *region)
{
    uint32_t at;

    memcpy(&at, region->p + 88, 4);
    return at;
}

/* Each byte of two regions is another, in turns a bit of it and all; of what is not used of a sub-buffer each eighth. */
static void several_change(struct help_bytes *two, struct decode_input *in, uint32_t count)
{
    size_t half = two->n / 2, data = several_data(two);

    for (size_t at = 0; at < two->n; at++) {
        uint8_t change = at / 8 % 2 ? 0xff : (uint8_t)(1u << at % 8);
        size_t from = at % half;

        if (from > data && (from - data) % 512 > 136 && at % 8)
            continue;
        two->p[at] ^= change;
        several_all(in, count, at < half, at);
        two->p[at] ^= change;
    }
}

TP_TEST(DecoderSeveral, EachByteOfTwoRegions)
{
    struct help_bytes image = memory_two();
    struct decode_input in = {.path = "m", .bytes = image.p, .size = image.n};

    several_change(&image, &in, 1);
    help_free(&image);
}

/* The metadata's checksum and those of the header are right for what is in one region. */
static void several_seal(struct help_bytes *region)
{
    uint32_t bytes, at, crc;

    memcpy(&bytes, region->p + 52, 4);
    memcpy(&at, region->p + 64, 4);
    if (at <= region->n && bytes <= region->n - at) {
        crc = help_crc(region->p + at, bytes);
        memcpy(region->p + 56, &crc, 4);
        memcpy(region->p + 128 + 56, &crc, 4);
    }
    memory_header_crc(&(struct memory){.b = *region}, 0);
    memory_header_crc(&(struct memory){.b = *region}, 1);
}

static void several_sealed(const struct help_bytes *two, unsigned part, size_t at, uint8_t value)
{
    struct help_bytes copy = {0}, region;
    struct decode_input in;

    help_add(&copy, two->p, two->n);
    region = (struct help_bytes){.p = copy.p + part * two->n / 2, .n = two->n / 2};
    region.p[at] = value;
    if (at < 128)
        region.p[128 + at] = at == 8 ? 1 : value;
    several_seal(&region);
    in = (struct decode_input){.path = "m", .bytes = copy.p, .size = copy.n};
    several_all(&in, 1, !part, part * two->n / 2 + at);
    help_free(&copy);
}

/* All that comes before the sub-buffers. */
TP_TEST(DecoderSeveral, EachByteOfARegionUnderGoodChecksums)
{
    static const uint8_t values[] = {0x00, 0xff, 0x7f, 0x80, 0x01};
    struct help_bytes two = memory_two();

    for (unsigned part = 0; part < 2; part++)
        for (size_t at = 0; at < several_data(&two); at++) {
            several_sealed(&two, part, at, values[at % sizeof(values)]);
            several_sealed(&two, part, at, two.p[at] ^ (uint8_t)(1u << at % 8));
        }
    help_free(&two);
}

TP_TEST(DecoderSeveral, EachByteOfTwoInputs)
{
    struct help_bytes two = memory_two(), one[2];
    struct decode_input in[2];

    for (unsigned i = 0; i < 2; i++) {
        one[i] = (struct help_bytes){.p = two.p + i * two.n / 2, .n = two.n / 2};
        in[i] = (struct decode_input){
            .path = i ? "odd" : "even", .bytes = one[i].p, .size = one[i].n};
    }
    several_change(&two, in, 2);
    help_free(&two);
}

/* An image that ends anywhere: what is there of its second region does not touch the first. */
TP_TEST(DecoderSeveral, EachLengthOfTwoRegions)
{
    struct help_bytes image = memory_two();

    for (size_t n = image.n / 2; n <= image.n; n += n % 512 < 144 ? 1 : 16) {
        struct help_bytes copy = {0}; /* so that a sanitizer sees a byte too many */
        struct decode_input in;

        help_add(&copy, image.p, n);
        in = (struct decode_input){.path = "m", .bytes = copy.p, .size = n};
        several_all(&in, 1, 0, n);
        help_free(&copy);
    }
    help_free(&image);
}
