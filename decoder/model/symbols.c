/* SPDX-License-Identifier: MIT */
/* symbols.c - names of addresses. */
#include "model/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/elf.h"

#define SYMBOLS_PART_BYTES (64u << 10)
#define SYMBOLS_NAME_BYTES 511u /* a longer one is cut */

void symbols_add(struct symbols *s, uint64_t address, uint64_t bytes, const char *name, size_t n)
{
    if (n > SYMBOLS_NAME_BYTES)
        n = SYMBOLS_NAME_BYTES;
    if (!n)
        return;
    if (s->count == SYMBOLS_MAX || s->names_bytes + n + 1 > SYMBOLS_NAMES_MAX) {
        s->full = true;
        return;
    }
    if (s->count == s->room) {
        s->room = s->room ? 2 * s->room : 1024;
        s->at = mem_grow(s->at, s->room * sizeof(*s->at));
    }
    if (s->names_bytes + n + 1 > s->names_room) {
        s->names_room = s->names_room ? 2 * s->names_room : SYMBOLS_PART_BYTES;
        s->names = mem_grow(s->names, s->names_room);
    }
    s->at[s->count++] = (struct symbol){.address = address,
                                        .bytes = bytes > UINT32_MAX ? 0 : (uint32_t)bytes,
                                        .name = (uint32_t)s->names_bytes};
    memcpy(s->names + s->names_bytes, name, n);
    s->names[s->names_bytes + n] = '\0';
    s->names_bytes += n + 1;
}

bool symbols_line(struct symbols *s, const char *line, size_t n)
{
    uint64_t address = 0;
    size_t i = 0, name;

    for (; i < n && i < 16; i++) {
        char c = line[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0)
            break;
        address = address << 4 | (uint64_t)digit;
    }
    /* The address, a blank, one letter, a blank, the name. */
    if (i < 8 || n < i + 4 || line[i] != ' ' || line[i + 2] != ' ')
        return false;
    for (name = i + 3; name < n && line[name] != ' ' && line[name] != '\t';)
        name++;
    /* What is absolute or not there is no address in the kernel. */
    if (!strchr("aAuU", line[i + 1]))
        symbols_add(s, address, 0, line + i + 3, name - i - 3);
    return true;
}

/* A System.map: NULL, or what is wrong. */
static const char *symbols_map(struct symbols *s, int fd)
{
    char part[SYMBOLS_PART_BYTES];
    size_t have = 0;
    bool any = false, good = true;
    ssize_t got;

    do {
        size_t start = 0;
        const char *end;

        got = read(fd, part + have, SYMBOLS_PART_BYTES - have);
        if (got > 0)
            have += (size_t)got;
        while (good && (end = memchr(part + start, '\n', have - start))) {
            good = symbols_line(s, part + start, (size_t)(end - part) - start);
            any = any || good;
            start = (size_t)(end - part) + 1;
        }
        if (!start && have == SYMBOLS_PART_BYTES)
            good = false; /* no line is so long */
        have -= start;
        memmove(part, part + start, have);
    } while (good && got > 0);
    if (good && have)
        good = any = symbols_line(s, part, have);
    if (got < 0)
        return strerror(errno);
    return good && any ? NULL : "neither an ELF file nor a System.map";
}

static int symbols_compare(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;

    if (x->address != y->address)
        return x->address < y->address ? -1 : 1;
    return x->name < y->name ? -1 : x->name > y->name; /* as they were added */
}

void symbols_sort(struct symbols *s)
{
    uint32_t kept = 0;

    if (s->count)
        qsort(s->at, s->count, sizeof(*s->at), symbols_compare);
    /* Of those at one address the first. */
    for (uint32_t i = 0; i < s->count; i++)
        if (!kept || s->at[i].address != s->at[kept - 1].address)
            s->at[kept++] = s->at[i];
    s->count = kept;
}

/* A symbol of an ELF file. */
static bool symbols_take(void *context, uint64_t address, uint64_t bytes, const char *name)
{
    struct symbols *s = context;

    symbols_add(s, address, bytes, name, strnlen(name, SYMBOLS_NAMES_MAX));
    return !s->full;
}

const char *symbols_open(struct symbols *s, const char *path)
{
    const char *problem;
    struct stat st;
    int fd;

    *s = (struct symbols){0};
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return strerror(errno);
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        problem = strerror(EISDIR);
    else if (elf_is(fd))
        problem = elf_read(fd, symbols_take, s);
    else
        problem = symbols_map(s, fd);
    close(fd);
    symbols_sort(s);
    if (!problem && s->full)
        problem = "too many symbols";
    return problem ? problem : s->count ? NULL : "no symbols in it";
}

void symbols_close(struct symbols *s)
{
    free(s->at);
    free(s->names);
    *s = (struct symbols){0};
}

const struct symbol *symbols_find(const struct symbols *s, uint64_t address)
{
    uint32_t low = 0, high = s->count;
    const struct symbol *found;
    uint64_t room;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (s->at[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low)
        return NULL;
    found = &s->at[low - 1];
    room = low < s->count ? UINT64_MAX : SYMBOLS_LAST_BYTES;
    if (found->bytes)
        room = found->bytes;
    return address - found->address < room ? found : NULL;
}

size_t symbols_text(const struct symbols *s, uint64_t address, char to[SYMBOLS_TEXT_BYTES])
{
    const struct symbol *found = symbols_find(s, address);
    int n;

    if (!found)
        return 0;
    n = address == found->address ? snprintf(to, SYMBOLS_TEXT_BYTES, "%s", s->names + found->name)
                                  : snprintf(to, SYMBOLS_TEXT_BYTES, "%s+0x%" PRIx64,
                                             s->names + found->name, address - found->address);
    return n > 0 ? (size_t)n : 0;
}

bool symbols_print(const struct symbols *s, struct out *o, uint64_t address, enum out_escape how)
{
    char text[SYMBOLS_TEXT_BYTES];
    size_t n = symbols_text(s, address, text);

    out_escaped(o, text, n, how);
    return n;
}
