/* SPDX-License-Identifier: MIT */
/* hand.c - the text of a dump of mixed.h, printed by hand. */
#include "hand.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tp/wire.h>
#include <unistd.h>

#include "mixed.h"

static uint8_t *bytes; /* of the dump */
static size_t size;
/* By id, of which each event of mixed.h has one, from 1 on. */
#define HAND_IDS (MIXED_KINDS + 2)
static enum mixed_kind kinds[HAND_IDS];
static char page[1 << 16];
static int page_fd;
static bool compared;

static void fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

/* The first events are one of each kind. */
static void find_kinds(void)
{
    struct tp_wire_chunk h;
    enum mixed_kind next = 0;
    uint32_t w[2];

    for (size_t at = 0; at < size && next < MIXED_KINDS; at += h.size_bytes) {
        memcpy(&h, bytes + at, sizeof(h));
        if (h.type != TP_CHUNK_DATA)
            continue;
        for (size_t r = at + sizeof(h); r < at + h.size_bytes && next < MIXED_KINDS;
             r += TP_RECORD_UNITS(w[1]) * 8) {
            memcpy(w, bytes + r, sizeof(w));
            if (TP_RECORD_ID(w[1]) < HAND_IDS)
                kinds[TP_RECORD_ID(w[1])] = next++;
        }
    }
}

void hand_load(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got;

    if (fd < 0 || fstat(fd, &st) || !(bytes = malloc((size_t)st.st_size)))
        fail("cannot read the dump");
    while (size < (size_t)st.st_size &&
           (got = read(fd, bytes + size, (size_t)st.st_size - size)) > 0)
        size += (size_t)got;
    close(fd);
    find_kinds();
}

static char *put_page(char *end)
{
    static char other[sizeof(page)];
    size_t n = (size_t)(end - page);

    if (!compared) {
        if (write(page_fd, page, n) != (ssize_t)n)
            fail("cannot write");
        return page;
    }
    for (size_t at = 0; at < n;) {
        ssize_t got = read(page_fd, other + at, n - at);

        if (got <= 0)
            fail("decode_text: the text of tpdecode is shorter");
        at += (size_t)got;
    }
    if (memcmp(page, other, n) != 0)
        fail("decode_text: the two texts differ");
    return page;
}

static char *put_number(char *to, uint64_t v, int width, char pad)
{
    char digits[20];
    int n = 0;

    do
        digits[n++] = (char)('0' + v % 10);
    while (v /= 10);
    while (width-- > n)
        *to++ = pad;
    while (n)
        *to++ = digits[--n];
    return to;
}

static char *put_text(char *to, const char *text)
{
    size_t n = strlen(text);

    memcpy(to, text, n);
    return to + n;
}

static char *put_fields(char *to, enum mixed_kind kind, const uint8_t *fields)
{
    static const char *const names[4] = {"a=", " b=", " c=", " d="};
    uint32_t w[2];
    uint64_t q[4];
    uint16_t n;

    switch (kind) {
    case MIXED_TWO:
        memcpy(w, fields, sizeof(w));
        to = put_number(put_text(to, "mixed_two: a="), w[0], 0, 0);
        return put_number(put_text(to, " b="), w[1], 0, 0);
    case MIXED_FOUR:
        memcpy(q, fields, sizeof(q));
        to = put_text(to, "mixed_four: ");
        for (int i = 0; i < 4; i++)
            to = put_number(put_text(to, names[i]), q[i], 0, 0);
        return to;
    case MIXED_TEXT:
        memcpy(w, fields, sizeof(w[0]));
        memcpy(&n, fields + 4, sizeof(n));
        to = put_text(put_number(put_text(to, "mixed_text: a="), w[0], 0, 0), " s=");
        memcpy(to, fields + 6, n);
        return to + n;
    default:
        return put_text(to, "mixed_none: nothing");
    }
}

void hand_print(int fd, bool compare)
{
    char *to = page;

    page_fd = fd;
    compared = compare;

    for (size_t at = 0; at < size;) {
        struct tp_wire_chunk h;
        uint32_t w[2];
        uint64_t high, time;

        memcpy(&h, bytes + at, sizeof(h));
        high = h.time >> 32;
        for (size_t r = at + sizeof(h); h.type == TP_CHUNK_DATA && r < at + h.size_bytes;
             r += TP_RECORD_UNITS(w[1]) * 8) {
            memcpy(w, bytes + r, sizeof(w));
            if (TP_RECORD_ID(w[1]) == TP_ID_TIME) {
                memcpy(&time, bytes + r + 8, sizeof(time));
                high = time >> 32;
                continue;
            }
            time = high << 32 | w[0];
            to = put_text(to, "           <...>-0       [000] ..... ");
            to = put_number(to, time / MIXED_HZ, 5, ' ');
            *to++ = '.';
            to = put_number(to, time % MIXED_HZ * 1000000u / MIXED_HZ, 6, '0');
            to = put_fields(put_text(to, ": "), kinds[TP_RECORD_ID(w[1])], bytes + r + 8);
            *to++ = '\n';
            if (to > page + sizeof(page) - 256)
                to = put_page(to);
        }
        at += h.size_bytes;
    }
    put_page(to);
}
