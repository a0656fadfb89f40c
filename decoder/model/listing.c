/* SPDX-License-Identifier: MIT */
/* listing.c - symbols as text, a line each: System.map, /proc/kallsyms, what nm prints. */
#include "model/listing.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/elf.h"

#define LISTING_PART_BYTES (64u << 10) /* no line is so long */
#define LISTING_DIGITS_MIN 8u          /* of an address without 0x */
#define LISTING_WRONG (-1)
#define LISTING_ELF (-2)

/* One file while it is read. */
struct listing {
    bool (*take)(void *context, const struct found *f);
    void *context;
    uint64_t lines, addresses, any_bit; /* any_bit: of all addresses */
    bool wanted;
};

static int listing_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static size_t listing_blanks(const char *line, size_t n, size_t i)
{
    while (i < n && line[i] == ' ')
        i++;
    return i;
}

/* A number at line[i], with a blank after it: where it ends; or 0, and *v stays. */
static size_t listing_number(const char *line, size_t n, size_t i, uint64_t *v)
{
    bool prefix = n - i > 2 && line[i] == '0' && (line[i + 1] | 0x20) == 'x';
    size_t digits = 0;
    uint64_t number = 0;

    for (i += prefix ? 2 : 0; i < n && listing_digit(line[i]) >= 0; i++, digits++)
        number = number << 4 | (uint64_t)listing_digit(line[i]);
    if (digits < (prefix ? 1 : LISTING_DIGITS_MIN) || digits > 16 || i == n || line[i] != ' ')
        return 0;
    *v = number;
    return i;
}

/* `name<tab>[module]`, `name [module]`, `name<tab>file:line`, or only the name. */
static void listing_name(struct found *f, const char *text, size_t n)
{
    const char *tab = memchr(text, '\t', n), *open = memrchr(text, '[', n);

    f->name = text;
    f->name_bytes = tab ? (size_t)(tab - text) : n;
    if (!open || open == text || text[n - 1] != ']' || (open[-1] != ' ' && open[-1] != '\t'))
        return;
    f->module = open + 1;
    f->module_bytes = (size_t)(text + n - 1 - f->module);
    /* `f() [clone .cold]` is a name. */
    if (!f->module_bytes || memchr(f->module, ' ', f->module_bytes)) {
        f->module = NULL;
        return;
    }
    if (!tab)
        f->name_bytes = (size_t)(open - text);
    while (f->name_bytes && f->name[f->name_bytes - 1] == ' ')
        f->name_bytes--;
}

/* Of an address in memory? Not what is absolute, common, for debuggers, or not there. */
static bool listing_is_named(const struct found *f, char kind)
{
    bool local = kind >= 'a' && kind <= 'z';

    return !strchr("aACNUwv-?", kind) && !(local && elf_is_mapping(0, f->name, f->name_bytes));
}

bool listing_line(struct found *f, const char *line, size_t n)
{
    size_t i, after;
    char kind;

    *f = (struct found){0};
    while (n && (line[n - 1] == '\r' || line[n - 1] == ' ' || line[n - 1] == '\t'))
        n--;
    if (!n)
        return true;
    if (memchr(line, '\0', n))
        return false;
    i = listing_number(line, n, 0, &f->address);
    after = listing_blanks(line, n, i);
    if (i) {
        size_t size = listing_number(line, n, after, &f->bytes);

        after = size ? listing_blanks(line, n, size) : after;
    }
    if (!after || n - after < 3 || line[after + 1] != ' ')
        return false;
    kind = line[after];
    if (!i) /* without an address */
        return strchr("Uwv", kind);
    if (!((kind | 0x20) >= 'a' && (kind | 0x20) <= 'z') && kind != '-' && kind != '?')
        return false;
    if (line[after + 2] == ' ' || line[after + 2] == '\t')
        return kind == '-'; /* of nm -a */
    listing_name(f, line + after + 2, n - after - 2);
    if (!listing_is_named(f, kind))
        f->name = NULL;
    return true;
}

/* False: it is no line of a listing. */
static bool listing_take(struct listing *l, const char *line, size_t n)
{
    struct found f;

    l->lines++;
    if (!listing_line(&f, line, n))
        return false;
    l->any_bit |= f.address;
    l->addresses += f.name != NULL;
    if (f.name)
        l->wanted = l->take(l->context, &f);
    return true;
}

/* All lines: 0, an errno, LISTING_WRONG or LISTING_ELF. */
static int listing_lines(struct listing *l, int fd)
{
    char part[LISTING_PART_BYTES];
    size_t have = 0;
    ssize_t got;

    do {
        size_t start = 0;
        const char *end;

        got = read(fd, part + have, LISTING_PART_BYTES - have);
        if (got < 0)
            return errno;
        have += (size_t)got;
        /* A file would not have come here: libelf reads it, and cannot read a pipe. */
        if (!l->lines && have >= SELFMAG && memcmp(part, ELFMAG, SELFMAG) == 0)
            return LISTING_ELF;
        while (l->wanted && (end = memchr(part + start, '\n', have - start))) {
            if (!listing_take(l, part + start, (size_t)(end - part) - start))
                return LISTING_WRONG;
            start = (size_t)(end - part) + 1;
        }
        if (!start && have == LISTING_PART_BYTES) {
            l->lines++;
            return LISTING_WRONG;
        }
        have -= start;
        memmove(part, part + start, have);
    } while (l->wanted && got > 0);
    return !l->wanted || !have || listing_take(l, part, have) ? 0 : LISTING_WRONG;
}

bool listing_read(int fd, bool (*take)(void *context, const struct found *f), void *context,
                  char problem[LISTING_PROBLEM_BYTES])
{
    struct listing l = {.take = take, .context = context, .wanted = true};
    int error = listing_lines(&l, fd);

    if (!error && !l.lines)
        error = LISTING_WRONG;
    if (!error && l.wanted && l.addresses > 1 && !l.any_bit) {
        snprintf(problem, LISTING_PROBLEM_BYTES,
                 "all addresses in it are zero: the kernel hides them from who read it "
                 "(kptr_restrict); copy /proc/kallsyms as root, after `sysctl "
                 "kernel.kptr_restrict=1`");
        return false;
    }
    if (error == LISTING_WRONG)
        snprintf(problem, LISTING_PROBLEM_BYTES,
                 "neither an ELF file nor a list of symbols as System.map, /proc/kallsyms and nm "
                 "have it (line %" PRIu64 ")",
                 l.lines ? l.lines : 1);
    else if (error)
        snprintf(problem, LISTING_PROBLEM_BYTES, "%s",
                 error == LISTING_ELF ? "an ELF file must be a file, no pipe" : strerror(error));
    return !error;
}
