/* SPDX-License-Identifier: MIT */
/* hint.c - what is wrong with an input that is not read as it is, and what to do. */
#include "bytes/hint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes/header.h"
#include "bytes/image.h"
#include "bytes/input.h"
#include "bytes/region.h"

#define HINT_NAME_BYTES 400u
#define HINT_PLACE_BYTES 256u /* of what may be a header */

/* Formats of compressed files: their own documents say how they start. */
static const struct hint_packed {
    const char *start;
    size_t n;
    const char *name, *command, *piped;
} hint_packed[] = {{"\x28\xb5\x2f\xfd", 4, "zstd", "zstd -dc", "zstd -dc"},
                   {"\xfd\x37zXZ", 5, "xz", "xz -dc", "xz -dc"},
                   {"\x04\x22\x4d\x18", 4, "lz4", "lz4 -dc", "lz4 -dc"},
                   {"BZh", 3, "bzip2", "bzip2 -dc", "bzip2 -dc"},
                   {"PK\3\4", 4, "zip", "unzip -p", "funzip"}};

#define HINT_PACKED (sizeof(hint_packed) / sizeof(hint_packed[0]))

/* What starts as a chunk or a region is looked at as far as is needed, whatever one call of read() gave. Elsewhere
 * nothing is waited for. */
void hint_place(struct hint *h, struct input *in)
{
    size_t n = input_fill(in, 1);
    bool chunk = n >= sizeof(header_magic) &&
                 memcmp(input_at(in), header_magic, sizeof(header_magic)) == 0;
    bool of_region = !h->region && in->offset % 4 == 0 && image_is_region(input_at(in), n);
    struct tp_wire_region region;
    bool swap;

    if (!in->offset)
        memcpy(h->start, input_at(in), n < sizeof(h->start) ? n : sizeof(h->start));
    if (chunk || of_region)
        n = input_fill(in, HINT_PLACE_BYTES);
    n = n < HINT_PLACE_BYTES ? n : HINT_PLACE_BYTES;
    if (chunk) {
        cooked_header(&h->cooked, input_at(in), n);
    } else if (of_region && region_header(input_at(in), n, &region, &swap)) {
        h->region = true;
        h->region_at = in->offset;
    }
}

/* Is there a file of that name? Else it comes from some other program. */
static bool hint_named(const struct input *in)
{
    return in->fd >= 0 && !in->borrowed && !in->socket;
}

/* A name as a shell reads it, with a blank before; "": there is none. */
static void hint_quote(const struct input *in, const char *name, char text[HINT_NAME_BYTES])
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./+=:,@%-";
    size_t n = 0;
    bool quotes = name[strspn(name, plain)];

    *text = '\0';
    if (!hint_named(in) || strlen(name) > HINT_NAME_BYTES / 5 - 4)
        return;
    n += (size_t)sprintf(text, quotes ? " '" : " ");
    for (; *name; name++)
        n += (size_t)sprintf(text + n, *name == '\'' ? "'\"'\"'" : "%c", *name);
    strcpy(text + n, quotes ? "'" : "");
}

static const struct hint_packed *hint_find(const struct hint *h)
{
    for (size_t i = 0; i < HINT_PACKED; i++)
        if (memcmp(h->start, hint_packed[i].start, hint_packed[i].n) == 0)
            return &hint_packed[i];
    return NULL;
}

/* How the bytes that were read are had again, to be passed on by a pipe or into a file. */
static void hint_bytes(const struct input *in, const char *name, char *text, size_t room)
{
    char quoted[HINT_NAME_BYTES];

    hint_quote(in, name, quoted);
    if (*quoted)
        snprintf(text, room, "%s%s", in->zip ? "gzip -dc" : "cat", quoted);
    else
        snprintf(text, room, "...%s", in->zip ? " | gzip -dc" : "");
}

static void hint_unpack(const struct hint_packed *k, const struct input *in, const char *name,
                        char text[HINT_TEXT_BYTES])
{
    char quoted[HINT_NAME_BYTES], bytes[HINT_NAME_BYTES + 32];

    hint_quote(in, name, quoted);
    hint_bytes(in, name, bytes, sizeof(bytes));
    if (*quoted && !in->zip)
        snprintf(text, HINT_TEXT_BYTES, "compressed by %s: %s%s | tpdecode", k->name, k->command,
                 quoted);
    else
        snprintf(text, HINT_TEXT_BYTES, "compressed by %s: %s | %s | tpdecode", k->name, bytes,
                 k->piped);
}

/* A dump is not read as an image, from a file as from a pipe. */
static bool hint_is_dump(const struct hint *h)
{
    static const uint8_t magic[4] = {TP_WIRE_MAGIC0, TP_WIRE_MAGIC1, TP_WIRE_MAGIC2,
                                     TP_WIRE_MAGIC3};

    return h->dump || memcmp(h->start, magic, sizeof(magic)) == 0;
}

/* An image that was not read as one. */
static void hint_image(const struct hint *h, const struct input *in, const char *name,
                       char text[HINT_TEXT_BYTES])
{
    char bytes[HINT_NAME_BYTES + 32], where[64] = "";

    hint_bytes(in, name, bytes, sizeof(bytes));
    if (h->region && h->region_at)
        snprintf(where, sizeof(where), ", and has a region at 0x%" PRIx64, h->region_at);
    if (hint_is_dump(h))
        snprintf(text, HINT_TEXT_BYTES,
                 "starts as a dump%s, which is not read: give that as a file of its own", where);
    else if (in->watch)
        snprintf(text, HINT_TEXT_BYTES,
                 "an image of memory cannot be followed: leave out --follow");
    else if (in->zip || in->slow)
        snprintf(text, HINT_TEXT_BYTES,
                 "an image of memory must be a file, neither compressed nor a pipe; this is %s%s: "
                 "%s >memory.img && tpdecode memory.img",
                 in->zip ? "compressed" : "no file", where, bytes);
    else
        snprintf(
            text, HINT_TEXT_BYTES,
            "an image of memory must be mapped as a whole, and this one cannot be%s: give it to "
            "a 64-bit tpdecode, without ulimit -v",
            where);
}

static void hint_cooked(const char *reason, const struct input *in, const char *name,
                        char text[HINT_TEXT_BYTES])
{
    char quoted[HINT_NAME_BYTES];

    hint_quote(in, name, quoted);
    snprintf(text, HINT_TEXT_BYTES,
             "changed on its way as text is, as by a terminal that is not raw: %s; before reading: "
             "stty -F %s raw",
             reason, in->tty && *quoted ? quoted + 1 : "DEVICE");
}

bool hint_text(const struct hint *h, const struct input *in, const char *name, bool any,
               char text[HINT_TEXT_BYTES])
{
    const struct hint_packed *packed = any ? NULL : hint_find(h);
    const char *reason = cooked_reason(&h->cooked, any);
    bool kdump = !any && memcmp(h->start, "KDUMP   ", sizeof(h->start)) == 0;

    if (in->image)
        return false;
    if (packed)
        hint_unpack(packed, in, name, text);
    else if (!any && memcmp(h->start, "makedump", sizeof(h->start)) == 0)
        snprintf(text, HINT_TEXT_BYTES,
                 "a kdump that makedumpfile or QEMU has flattened: makedumpfile -R vmcore <FILE && "
                 "tpdecode vmcore");
    else if (h->region || kdump)
        hint_image(h, in, name, text);
    else if (reason)
        hint_cooked(reason, in, name, text);
    else if (!any && memcmp(h->start,
                            "\x7f"
                            "ELF",
                            4) == 0)
        snprintf(text, HINT_TEXT_BYTES,
                 "an ELF file with no trace in it: of a kernel's, --symbols takes names for "
                 "addresses");
    else
        return false;
    return true;
}
