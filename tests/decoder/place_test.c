/* SPDX-License-Identifier: MIT */
/* place_test.c - what metadata says of the kernel's image, and which names addresses get by it. */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <tp/wire.h>
#include <unistd.h>

#include "decoder/base/diag.h"
#include "decoder/model/metadata.h"
#include "elf_help.h"
#include "tp_test.h"

/* One capture: an image with what `has` names, and one record with a pointer. */
struct place_dump {
    const char *has; /* letters: base, id, machine, host; B I M H: of a wrong type */
    uint64_t base, machine;
    const char *id;
    uint64_t pointer;
};

static void place_head(struct help_bytes *b, unsigned major, uint64_t n)
{
    uint8_t h[9] = {(uint8_t)(major << 5 | 27)};

    for (unsigned i = 0; i < 8; i++)
        h[8 - i] = (uint8_t)(n >> 8 * i);
    help_add(b, h, sizeof(h));
}

static void place_text(struct help_bytes *b, const char *text)
{
    place_head(b, 3, strlen(text));
    help_add(b, text, strlen(text));
}

static void place_pair(struct help_bytes *b, const char *key, const char *text)
{
    place_text(b, key);
    place_text(b, text);
}

static void place_number(struct help_bytes *b, const char *key, uint64_t v)
{
    place_text(b, key);
    place_head(b, 0, v);
}

static void place_image(struct help_bytes *b, const struct place_dump *d)
{
    unsigned keys = 1;

    for (const char *p = d->has; *p; p++)
        keys += !strchr("hH", *p);
    place_text(b, "image");
    place_head(b, 5, keys);
    place_pair(b, "of the future", "");
    if (strchr(d->has, 'b'))
        place_number(b, "base", d->base);
    if (strchr(d->has, 'B'))
        place_pair(b, "base", "x");
    if (strchr(d->has, 'm'))
        place_number(b, "machine", d->machine);
    if (strchr(d->has, 'M'))
        place_pair(b, "machine", "x");
    if (strchr(d->has, 'I'))
        place_number(b, "build_id", 1);
    if (strchr(d->has, 'i')) {
        place_text(b, "build_id");
        place_head(b, 2, strlen(d->id));
        help_add(b, d->id, strlen(d->id));
    }
}

static void place_events(struct help_bytes *b)
{
    place_text(b, "tables");
    place_head(b, 4, 0);
    place_text(b, "events");
    place_head(b, 4, 1);
    place_head(b, 5, 6);
    place_number(b, "id", 1);
    place_pair(b, "sys", "s");
    place_pair(b, "name", "e");
    place_pair(b, "fmt", "%p");
    place_number(b, "bytes", 8);
    place_text(b, "fields");
    place_head(b, 4, 1);
    place_head(b, 5, 4);
    place_pair(b, "name", "p");
    place_pair(b, "type", "ptr");
    place_number(b, "at", 0);
    place_number(b, "size", 8);
}

static struct help_bytes place_metadata(const struct place_dump *d)
{
    struct help_bytes b = {0};
    bool host = strchr(d->has, 'h') || strchr(d->has, 'H');

    place_head(&b, 5, 7 + host);
    place_pair(&b, "tool", "x");
    place_text(&b, "clock");
    place_head(&b, 5, 1);
    place_number(&b, "hz", 1000);
    place_number(&b, "cpus", 1);
    place_text(&b, "buffer");
    place_head(&b, 5, 0);
    if (strchr(d->has, 'h'))
        place_pair(&b, "host", "node7");
    if (strchr(d->has, 'H'))
        place_number(&b, "host", 7);
    place_image(&b, d);
    place_events(&b);
    return b;
}

static struct help_bytes place_make(const struct place_dump *d)
{
    struct help_bytes b = place_metadata(d), dump = {0};
    uint32_t word = TP_RECORD_WORD(1, 2) | TP_RECORD_COMMITTED;
    uint8_t record[16] = {0};

    memcpy(record + 4, &word, 4);
    memcpy(record + 8, &d->pointer, 8);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_METADATA}, b.p, b.n);
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_DATA, .records = 1}, record,
                   sizeof(record));
    help_add_chunk(&dump, (struct help_chunk){.type = TP_CHUNK_END}, NULL, 0);
    help_free(&b);
    return dump;
}

/* FILE in a message is the path of the symbols. */
static void place_says(const char *err, const char *want, const char *path)
{
    const char *file = strstr(want, "FILE");
    char line[400];

    if (file)
        snprintf(line, sizeof(line), "%.*s%s%s", (int)(file - want), want, path, file + 4);
    else
        snprintf(line, sizeof(line), "%s", want);
    if (!strstr(err, line) || (!*want && (strstr(err, "kernel") || strstr(err, "names"))))
        TP_FAIL("not \"%s\" but:\n%s", line, err);
}

/* Prints one or two dumps with the symbols in `file`: what each pointer is, and the messages. */
static void place_shows(const struct place_dump *d, size_t count, const struct help_bytes *file,
                        const uint64_t *slide, int code, const char *want, const char *err)
{
    struct help_bytes dumps[2] = {{0}};
    struct decode_input in[2];
    struct decode_options o = {.inputs = in, .input_count = count};
    char got[200] = "";
    struct help_run run;
    int fd;

    for (size_t i = 0; i < count; i++) {
        dumps[i] = place_make(&d[i]);
        in[i] = (struct decode_input){i ? "two" : "one", dumps[i].p, dumps[i].n};
    }
    o.symbols = elf_help_file(file->p, file->n, &fd);
    o.place.has_slide = slide;
    o.place.slide = slide ? *slide : 0;
    run = help_run(o);
    close(fd);
    TP_CHECK_EQ(run.code, code);
    for (const char *p = run.out; (p = strstr(p, " s_e: "));) {
        const char *end = strchr(p += 6, '\n');

        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s;", (int)(end - p), p);
    }
    TP_CHECK_STREQ(got, want);
    place_says(run.err, err, o.symbols);
    help_run_free(&run);
    for (size_t i = 0; i < count; i++)
        help_free(&dumps[i]);
}

static const struct elf_help_symbol place_symbols[] = {{"start", 0x4010, 0x20, STT_FUNC, 1, 1}};

static struct help_bytes place_elf(const char *id)
{
    struct elf_help e = {EM_RISCV, true, false, 0, 0x4000, 0x100, place_symbols, 1, id, {0}};

    return elf_help(&e);
}

TP_TEST(DecoderPlace, BaseGivesTheSlide)
{
    struct help_bytes file = place_elf("ab");
    uint64_t slide = 0 - (uint64_t)0x1000;
    struct place_dump two[] = {{"b", 0x80000000, 0, "", 0x80000012},
                               {"b", 0xffffffff80000000, 0, "", 0xffffffff80000013}};

    place_shows(&(struct place_dump){"", 0, 0, "", 0x4011}, 1, &file, NULL, 0, "start+0x1;", "");
    place_shows(&(struct place_dump){"b", 0x4000, 0, "", 0x4011}, 1, &file, NULL, 0, "start+0x1;",
                "");
    place_shows(&(struct place_dump){"b", 0, 0, "", 0x11}, 1, &file, NULL, 0, "start+0x1;", "");
    place_shows(&two[0], 1, &file, NULL, 0, "start+0x2;", "");
    place_shows(two, 2, &file, NULL, 0, "start+0x2;start+0x3;", ""); /* each has its own */
    two[1].has = "";
    two[1].pointer = 0x4014;
    place_shows(two, 2, &file, NULL, 0, "start+0x2;start+0x4;", "");
    /* What the user says counts. */
    two[1].pointer = 0x3014;
    two[0].pointer = 0x3015;
    place_shows(two, 2, &file, &slide, 0, "start+0x5;start+0x4;", "");
    help_free(&file);
}

TP_TEST(DecoderPlace, AListDoesNotSayWhereItBegins)
{
    struct help_bytes list = {0};

    help_add(&list, "00004000 T _text\n00004010 T start\n", 34);
    place_shows(&(struct place_dump){"b", 0x4000, 0, "", 0x4011}, 1, &list, NULL, 0, "start+0x1;",
                "");
    place_shows(&(struct place_dump){"b", 0x5000, 0, "", 0x4011}, 1, &list, NULL, 0, "start+0x1;",
                "one: the kernel was at 0x5000, where FILE has no symbol: names may be wrong; take "
                "its ELF file, or say by --slide how far it was moved\n");
    place_shows(&(struct place_dump){"im", 0, 1, "x", 0x4011}, 1, &list, NULL, 0, "start+0x1;", "");
    help_free(&list);
}

/* A wrong name looks as good as a right one. */
TP_TEST(DecoderPlace, AnotherKernelGivesNoNames)
{
    struct help_bytes file = place_elf("ab\xff\x01"), none = place_elf(NULL);
    uint64_t slide = 0;
    struct place_dump two[] = {{"i", 0, 0, "ab\xff\x02", 0x4011},
                               {"im", 0, EM_RISCV, "ab\xff\x01", 0x4012}};

    place_shows(&two[1], 1, &file, NULL, 0, "start+0x2;", "");
    place_shows(&two[0], 1, &file, NULL, 2, "0x4011;",
                "one: the kernel has build id 6162ff02, FILE has 6162ff01: no names from it; "
                "--symbols takes the ELF file of that build\n");
    place_shows(&two[0], 1, &file, &slide, 2, "0x4011;", "build id 6162ff02");
    place_shows(two, 2, &file, NULL, 2, "0x4011;start+0x2;", "one: the kernel has build id");
    two[0].id = "ab\xff";
    place_shows(&two[0], 1, &file, NULL, 2, "0x4011;", "build id 6162ff, ");
    place_shows(&two[0], 1, &none, NULL, 0, "start+0x1;",
                "one: the kernel has build id 6162ff, FILE has none: it may be of another build, "
                "with other addresses (link it with --build-id, and do not strip notes)\n");
    two[1].machine = EM_AARCH64;
    place_shows(
        &two[1], 1, &file, NULL, 2, "0x4012;",
        "one: the kernel is of machine AArch64 (183), FILE of RISC-V (243): no names from it; "
        "--symbols takes the ELF file of that kernel\n");
    place_shows(&two[1], 1, &none, NULL, 2, "0x4012;", " of RISC-V (243): no names from it");
    help_free(&file);
    help_free(&none);
}

/* What is wrong with one key is told, and costs nothing else. */
TP_TEST(DecoderPlace, WrongKeysCostThemselves)
{
    static const struct {
        const char *has, *err;
        uint32_t known;
    } cases[] = {{"bimh", "", METADATA_BASE | METADATA_BUILD_ID | METADATA_MACHINE},
                 {"Bimh", "an image with a part", METADATA_BUILD_ID | METADATA_MACHINE},
                 {"bImh", "an image with a part", METADATA_BASE | METADATA_MACHINE},
                 {"biMh", "an image with a part", METADATA_BASE | METADATA_BUILD_ID},
                 {"bimH", "a host that is no text", 7},
                 {"", "", 0}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct place_dump d = {cases[i].has, 0x1000, 243, "id", 1};
        struct help_bytes b = place_metadata(&d), dump = place_make(&d);
        struct diag diag = {.sink = {NULL, NULL}};
        struct diag_file file = {.diag = &diag, .name = "x", .lines = DIAG_FILE_LINES};
        struct help_run run = help_decode("x", dump.p, dump.n, HELP_TEXT);
        struct metadata m = {0};

        TP_CHECK_EQ(run.code, *cases[i].err ? 1 : 0);
        TP_CHECK(strstr(run.out, " s_e: 0x1\n") && strstr(run.err, cases[i].err));
        TP_CHECK(metadata_read(&m, b.p, b.n, 1, &file, 0));
        TP_CHECK_EQ(m.image.known, cases[i].known);
        TP_CHECK(!(m.image.known & METADATA_BASE) || m.image.base == 0x1000);
        TP_CHECK(!(m.image.known & METADATA_MACHINE) || m.image.machine == 243);
        TP_CHECK(!(m.image.known & METADATA_BUILD_ID) ||
                 (m.image.build_id_bytes == 2 && !memcmp(m.image.build_id, "id", 2)));
        TP_CHECK_EQ(m.host.n, strchr(cases[i].has, 'h') ? 5 : 0);
        TP_CHECK(!m.host.n || !memcmp(m.host.bytes, "node7", 5));
        metadata_free(&m);
        help_run_free(&run);
        help_free(&dump);
        help_free(&b);
    }
}

TP_TEST(DecoderPlace, BuildIdsHaveALimit)
{
    char id[METADATA_ID_BYTES + 2] = "";

    for (size_t n = METADATA_ID_BYTES; n <= METADATA_ID_BYTES + 1; n++) {
        struct place_dump d = {"i", 0, 0, id, 1};
        struct help_bytes dump;
        struct help_run run;

        memset(id, 'i', n);
        dump = place_make(&d);
        run = help_decode("x", dump.p, dump.n, HELP_TEXT);
        TP_CHECK_EQ(run.code, n > METADATA_ID_BYTES);
        help_run_free(&run);
        help_free(&dump);
    }
}
