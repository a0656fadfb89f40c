/* SPDX-License-Identifier: MIT */
/* decoder_help.c - what the tests of the decoder share. */
#include "help.h"

#include "../lib/crc32c.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <tp/wire.h>
#include <unistd.h>
#include <zlib.h>

#include "decoder/tool/decode.h"
#include "tp_test.h"

void help_add(struct help_bytes *b, const void *bytes, size_t n)
{
    while (b->n + n + 1 > b->room) {
        b->room = b->room ? 2 * b->room : 64;
        b->p = realloc(b->p, b->room);
        TP_ASSERT(b->p != NULL);
    }
    if (n)
        memcpy(b->p + b->n, bytes, n);
    b->n += n;
    b->p[b->n] = 0;
}

struct help_bytes help_gzip(const void *bytes, size_t n)
{
    static uint8_t room[65536];
    struct help_bytes b = {0};
    z_stream z = {0};

    TP_ASSERT_EQ(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)bytes;
    z.avail_in = (uInt)n;
    z.next_out = room;
    z.avail_out = sizeof(room);
    TP_ASSERT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
    help_add(&b, room, sizeof(room) - z.avail_out);
    deflateEnd(&z);
    return b;
}

void help_free(struct help_bytes *b)
{
    free(b->p);
    *b = (struct help_bytes){0};
}

struct help_bytes help_file(const char *path)
{
    struct help_bytes b = {0};
    FILE *f = fopen(path, "rb");
    char part[4096];
    size_t n;

    if (!f)
        TP_FAIL_FATAL("cannot open %s", path);
    while ((n = fread(part, 1, sizeof(part), f)) > 0)
        help_add(&b, part, n);
    fclose(f);
    help_add(&b, "", 0);
    return b;
}

struct help_bytes help_hex(const char *text, size_t n)
{
    struct help_bytes b = {0};
    const char *end = text + n;

    while (text < end) {
        char *stop;
        uint8_t byte;

        if (*text == '#') {
            const char *line = memchr(text, '\n', (size_t)(end - text));

            text = line ? line : end;
        } else if (isspace((unsigned char)*text)) {
            text++;
        } else {
            byte = (uint8_t)strtoul(text, &stop, 16);
            if (stop != text + 2)
                TP_FAIL_FATAL("not two hex digits: %.10s", text);
            help_add(&b, &byte, 1);
            text = stop;
        }
    }
    return b;
}

struct help_bytes help_example(void)
{
    struct help_bytes doc = help_file(tp_test_path("doc/format.md")), b;
    const char *start = strstr((char *)doc.p, "```hex\n"),
               *end = start ? strstr(start + 7, "```") : NULL;

    if (!end)
        TP_FAIL_FATAL("doc/format.md has no hex example");
    b = help_hex(start + 7, (size_t)(end - start - 7));
    help_free(&doc);
    return b;
}

const char *help_golden_path(const char *name, const char *extension)
{
    static const char *const classes[] = {"good", "bad", "unsupported"};
    char path[300];

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        snprintf(path, sizeof(path), "tests/golden/%s-%s%s", classes[i], name, extension);
        if (access(tp_test_path(path), R_OK) == 0)
            return tp_test_path(path);
    }
    TP_FAIL_FATAL("no golden dump %s%s", name, extension);
    return NULL;
}

struct help_bytes help_golden(const char *name)
{
    struct help_bytes hex = help_file(help_golden_path(name, ".hex")), dump;

    dump = help_hex((char *)hex.p, hex.n);
    help_free(&hex);
    return dump;
}

uint32_t help_crc(const void *bytes, size_t n)
{
    return crc32c(0, bytes, n);
}

/* An integer of n bytes in our or the other byte order. */
static void help_put(uint8_t *to, uint64_t v, size_t n, bool swap)
{
    const uint16_t one = 1;
    bool little = *(const uint8_t *)&one;

    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)(v >> 8 * (little != swap ? i : n - 1 - i));
}

void help_add_chunk(struct help_bytes *dump, struct help_chunk c, const void *payload, size_t n)
{
    size_t padded = (n + 7) & ~(size_t)7;
    uint8_t h[TP_WIRE_CHUNK_BYTES] = {0xf5, 0x74, 0x70, 0xfa}, without[TP_WIRE_CHUNK_BYTES - 4];
    uint8_t *whole = calloc(1, padded + 1);

    TP_ASSERT(whole != NULL);
    if (n)
        memcpy(whole, payload, n);
    help_put(h + 4, 0x0102, 2, c.swap);
    h[6] = c.major ? c.major : 1;
    h[8] = c.type;
    h[9] = 8;
    help_put(h + 10, sizeof(h), 2, c.swap);
    help_put(h + 12, c.flags, 2, c.swap);
    help_put(h + 14, c.type == TP_CHUNK_DATA ? c.cpu : 0xffff, 2, c.swap);
    help_put(h + 16, sizeof(h) + padded, 4, c.swap);
    help_put(h + 20, c.records, 4, c.swap);
    help_put(h + 24, help_crc(whole, padded), 4, c.swap);
    help_put(h + 32, c.stream, 8, c.swap);
    if (c.stream != dump->stream)
        dump->side = 0;
    dump->stream = c.stream;
    help_put(h + 40, c.type == TP_CHUNK_DATA ? 0 : dump->side++, 8, c.swap);
    help_put(h + 48, c.time, 8, c.swap);
    help_put(h + 56, c.first_record, 8, c.swap);
    for (size_t i = 0; i < 5; i++)
        help_put(h + 64 + 8 * i, c.lost[i], 8, c.swap);
    memcpy(without, h, 28);
    memcpy(without + 28, h + 32, sizeof(h) - 32);
    help_put(h + 28, help_crc(without, sizeof(without)), 4, c.swap);
    help_add(dump, h, sizeof(h));
    help_add(dump, whole, padded);
    free(whole);
}

void help_add_metadata(struct help_bytes *dump, uint8_t cpus)
{
    help_add_metadata_hz(dump, cpus, 1000000000);
}

void help_add_metadata_hz(struct help_bytes *dump, uint8_t cpus, uint32_t hz)
{
    /* CBOR by hand: map of 6, text keys; 0x60 + n is a text of n bytes. */
    static const char start[] = "\xa6\x64tool\x61x\x65"
                                "clock\xa2\x62hz\x1a";
    static const char middle[] = "\x64name\x61t\x64"
                                 "cpus\x18";
    static const char rest[] = "\x66"
                               "buffer\xa4\x64name\x61m\x64mode\x67"
                               "discard\x6csubbuf_bytes\x19\x10\x00"
                               "\x67subbufs\x04\x66tables\x80\x66"
                               "events\x81\xa6\x62id\x01\x63sys\x61t\x64name\x63num"
                               "\x63"
                               "fmt\x64v=%u\x65"
                               "bytes\x04\x66"
                               "fields\x81\xa4\x64name\x61v\x64type\x63u32"
                               "\x62"
                               "at\x00\x64size\x04";
    struct help_bytes b = {0};
    uint8_t rate[4];

    for (int i = 0; i < 4; i++)
        rate[i] = (uint8_t)(hz >> (24 - 8 * i));
    help_add(&b, start, sizeof(start) - 1);
    help_add(&b, rate, sizeof(rate));
    help_add(&b, middle, sizeof(middle) - 1);
    help_add(&b, &cpus, 1);
    help_add(&b, rest, sizeof(rest) - 1);
    help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, b.p, b.n);
    help_free(&b);
}

static void help_text(struct help_bytes *b, const char *text)
{
    char head = (char)(0x60 + strlen(text));

    help_add(b, &head, 1);
    help_add(b, text, strlen(text));
}

void help_add_events(struct help_bytes *dump, uint32_t events, uint8_t cpus)
{
    static const char start[] = "\xa6\x64tool\x61x\x65"
                                "clock\xa2\x62hz\x1a\x3b\x9a\xca\x00\x64name\x61t\x64"
                                "cpus";
    static const char rest[] = "\x66"
                               "buffer\xa4\x64name\x61m\x64mode\x67"
                               "discard\x6csubbuf_bytes\x19\x10\x00"
                               "\x67subbufs\x04\x66tables\x80\x66"
                               "events\x99";
    static const char fields[] = "\x63"
                                 "fmt\x60\x65"
                                 "bytes\x0c\x66"
                                 "fields\x82\xa4\x64name\x61k\x64type\x63u32\x62"
                                 "at\x00\x64size\x04\xa4\x64name\x61"
                                 "d\x64type\x63s64\x62"
                                 "at\x04\x64size\x08";
    struct help_bytes b = {0};
    uint8_t count[2] = {(uint8_t)(events >> 8), (uint8_t)events};

    help_add(&b, start, sizeof(start) - 1);
    help_add(&b, &cpus, 1);
    help_add(&b, rest, sizeof(rest) - 1);
    help_add(&b, count, 2);
    for (uint32_t i = 0; i < events; i++) {
        uint8_t id[3] = {0x19, (uint8_t)((i + 1) >> 8), (uint8_t)(i + 1)};
        char name[16];

        help_add(&b, "\xa6\x62id", 4);
        help_add(&b, id, 3);
        help_text(&b, "sys");
        help_text(&b, "s");
        help_text(&b, "name");
        snprintf(name, sizeof(name), "e%" PRIu32, i);
        help_text(&b, name);
        help_add(&b, fields, sizeof(fields) - 1);
    }
    help_add_chunk(dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, b.p, b.n);
    help_free(&b);
}

void help_add_records(struct help_bytes *dump, uint16_t cpu, uint64_t first, uint32_t count,
                      uint64_t time, uint32_t step)
{
    struct help_bytes b = {0};

    for (uint32_t i = 0; i < count; i++) {
        uint8_t r[16] = {0};

        help_put(r, (uint32_t)(time + (uint64_t)i * step), 4, false);
        help_put(r + 4, TP_RECORD_WORD(1, 2) | TP_RECORD_COMMITTED, 4, false);
        help_put(r + 8, first + i, 4, false);
        help_add(&b, r, sizeof(r));
    }
    help_add_chunk(dump,
                   (struct help_chunk){.type = TP_CHUNK_DATA,
                                       .cpu = cpu,
                                       .records = count,
                                       .time = time,
                                       .first_record = first},
                   b.p, b.n);
    help_free(&b);
}

static int help_sink(void *context, const void *bytes, size_t n)
{
    help_add(context, bytes, n);
    return 0;
}

static char help_folder_path[32];

void help_folder_open(struct decode_options *o)
{
    static struct folder folder;

    if (o->format != DECODE_EXPORT || !export_fills(o->export.kind))
        return;
    strcpy(help_folder_path, "/tmp/tp-help-XXXXXX");
    TP_ASSERT(mkdtemp(help_folder_path));
    TP_ASSERT_STREQ(folder_open(&folder, help_folder_path), NULL);
    o->folder = &folder;
}

void help_folder_close(struct decode_options *o)
{
    if (!o->folder)
        return;
    (void)folder_close(o->folder, false);
    TP_CHECK_EQ(rmdir(help_folder_path), 0);
    o->folder = NULL;
}

static int help_terminal = -1, help_stdout;
static char help_terminal_path[64];

void help_terminal_open(struct decode_options *o, const char *keys)
{
    struct termios raw;
    int fd, null;

    if (!o->explore.wanted)
        return;
    null = open("/dev/null", O_WRONLY);
    help_terminal = posix_openpt(O_RDWR | O_NOCTTY);
    TP_ASSERT(help_terminal >= 0 && grantpt(help_terminal) == 0 && unlockpt(help_terminal) == 0);
    TP_ASSERT_EQ(ptsname_r(help_terminal, help_terminal_path, sizeof(help_terminal_path)), 0);
    fd = open(help_terminal_path, O_RDWR | O_NOCTTY);
    TP_ASSERT(fd >= 0 && tcgetattr(fd, &raw) == 0);
    cfmakeraw(&raw); /* no key is a signal, or waits for a line */
    TP_ASSERT_EQ(tcsetattr(fd, TCSANOW, &raw), 0);
    TP_ASSERT_EQ(write(help_terminal, keys, strlen(keys)), (ssize_t)strlen(keys));
    fflush(stdout);
    help_stdout = dup(STDOUT_FILENO);
    TP_ASSERT(help_stdout >= 0 && null >= 0 && dup2(null, STDOUT_FILENO) >= 0);
    close(null);
    close(fd);
    o->explore.terminal = help_terminal_path;
}

void help_terminal_close(struct decode_options *o)
{
    if (!o->explore.terminal)
        return;
    fflush(stdout);
    TP_CHECK(dup2(help_stdout, STDOUT_FILENO) >= 0);
    close(help_stdout);
    close(help_terminal);
    o->explore.terminal = NULL;
}

struct help_run help_run(struct decode_options o)
{
    struct help_bytes out = {0}, err = {0};
    struct help_run r;

    if (!o.out.write)
        o.out.write = help_sink;
    o.out.context = &out;
    o.diag = (struct out_sink){help_sink, &err};
    help_add(&out, "", 0);
    help_add(&err, "", 0);
    help_folder_open(&o);
    help_terminal_open(&o, HELP_KEYS);
    r.code = decode_run(&o);
    help_terminal_close(&o);
    help_folder_close(&o);
    r.out = (char *)out.p;
    r.err = (char *)err.p;
    r.out_bytes = out.n;
    r.err_bytes = err.n;
    return r;
}

struct help_run help_decode(const char *name, const void *bytes, size_t n, enum help_mode mode)
{
    struct decode_input in = {.path = name, .bytes = bytes ? bytes : "", .size = n};

    static const enum decode_format formats[] = {[HELP_JSON] = DECODE_JSON,
                                                 [HELP_UTC_JSON] = DECODE_JSON,
                                                 [HELP_LIST] = DECODE_LIST,
                                                 [HELP_TEXT] = DECODE_TEXT,
                                                 [HELP_UTC] = DECODE_TEXT};

    return help_run(
        (struct decode_options){.format = formats[mode],
                                .time = {.mode = mode >= HELP_UTC ? STAMP_UTC : STAMP_SECONDS},
                                .inputs = &in,
                                .input_count = 1});
}

void help_run_free(struct help_run *r)
{
    free(r->out);
    free(r->err);
}
