/* SPDX-License-Identifier: MIT */
/* symbols.c - names of addresses, from a kernel's ELF file or a list of its symbols. */
#include "model/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/demangle.h"

#define SYMBOLS_PART_BYTES (64u << 10)

/* How far a symbol reaches, as far as is known before its neighbours are. */
static uint32_t symbols_reach(const struct found *f)
{
    uint64_t reach = SYMBOLS_GAP_BYTES;

    if (f->bytes)
        reach = f->bytes;
    else if (f->end)
        reach = f->end > f->address ? f->end - f->address : 1;
    return reach < UINT32_MAX ? (uint32_t)reach : UINT32_MAX;
}

/* Room for a name of n bytes and one of a module. False: all names take too much. */
static bool symbols_room(struct symbols *s, size_t bytes)
{
    if (s->names_bytes + bytes > SYMBOLS_NAMES_MAX)
        return false;
    while (s->names_bytes + bytes > s->names_room) {
        s->names_room = s->names_room ? 2 * s->names_room : SYMBOLS_PART_BYTES;
        s->names = mem_grow(s->names, s->names_room);
    }
    return true;
}

static void symbols_put(struct symbols *s, const char *name, size_t n)
{
    memcpy(s->names + s->names_bytes, name, n);
    s->names[s->names_bytes + n] = '\0';
    s->names_bytes += n + 1;
}

bool symbols_add(struct symbols *s, const struct found *f)
{
    size_t n = f->name_bytes < SYMBOLS_NAME_BYTES ? f->name_bytes : SYMBOLS_NAME_BYTES;
    size_t module = f->module_bytes < SYMBOLS_MODULE_BYTES ? f->module_bytes : SYMBOLS_MODULE_BYTES;

    if (!n)
        return true;
    if (s->count == SYMBOLS_MAX || !symbols_room(s, n + module + 2)) {
        s->full = true;
        return false;
    }
    if (s->count == s->room) {
        s->room = s->room ? 2 * s->room : 1024;
        s->at = mem_grow(s->at, s->room * sizeof(*s->at));
    }
    s->at[s->count++] = (struct symbol){.address = f->address,
                                        .bytes = symbols_reach(f),
                                        .name = (uint32_t)s->names_bytes & 0xffffff,
                                        .sized = f->bytes != 0,
                                        .module = module != 0,
                                        .code = f->code && f->bytes,
                                        .thumb = f->thumb};
    symbols_put(s, f->name, n);
    if (module)
        symbols_put(s, f->module, module);
    return true;
}

static int symbols_compare(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;

    if (x->address != y->address)
        return x->address < y->address ? -1 : 1;
    if (x->sized != y->sized)
        return x->sized ? -1 : 1;
    return x->name < y->name ? -1 : x->name > y->name; /* as they were added */
}

static const char *symbols_module(const struct symbols *s, const struct symbol *f)
{
    const char *name = s->names + f->name;

    return f->module ? name + strlen(name) + 1 : "";
}

void symbols_sort(struct symbols *s)
{
    uint32_t kept = 0;

    if (s->count)
        qsort(s->at, s->count, sizeof(*s->at), symbols_compare);
    /* Of those at one address the first whose size is known, or else the first. */
    for (uint32_t i = 0; i < s->count; i++)
        if (!kept || s->at[i].address != s->at[kept - 1].address)
            s->at[kept++] = s->at[i];
    s->count = kept;
    for (uint32_t i = 0; i < kept; i++) {
        struct symbol *f = &s->at[i];
        bool last = i + 1 == kept || strcmp(symbols_module(s, f), symbols_module(s, f + 1)) != 0;
        uint64_t reach = i + 1 == kept ? UINT64_MAX : f[1].address - f->address;

        if (f->sized)
            continue;
        if (last && !s->is_elf && reach > SYMBOLS_LAST_BYTES)
            reach = SYMBOLS_LAST_BYTES;
        if (f->bytes > reach)
            f->bytes = (uint32_t)reach;
    }
}

static bool symbols_take(void *context, const struct found *f)
{
    return symbols_add(context, f);
}

const char *symbols_open(struct symbols *s, const char *path, bool demangle)
{
    const char *problem = NULL;
    struct stat st;
    int fd;

    *s = (struct symbols){.demangle = demangle};
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return strerror(errno);
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        problem = strerror(EISDIR);
    } else if (elf_is(fd)) {
        s->is_elf = true;
        problem = elf_read(fd, &s->facts, symbols_take, s);
    } else if (!listing_read(fd, symbols_take, s, s->problem)) {
        problem = s->problem;
    }
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

/* How many begin at this address or below it. */
static uint32_t symbols_below(const struct symbols *s, uint64_t address)
{
    uint32_t low = 0, high = s->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (s->at[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct symbol *symbols_find(const struct symbols *s, uint64_t address)
{
    uint32_t below = symbols_below(s, address);

    if (!below || address - s->at[below - 1].address >= s->at[below - 1].bytes)
        return NULL;
    return &s->at[below - 1];
}

bool symbols_named(const struct symbols *s, const char *name, uint64_t *address)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (strcmp(s->names + s->at[i].name, name) == 0) {
            *address = s->at[i].address;
            return true;
        }
    return false;
}

bool symbols_begin_at(const struct symbols *s, uint64_t address)
{
    uint32_t below = symbols_below(s, address);

    return below && s->at[below - 1].address == address;
}

/* Demangles a name when it is shown for the first time: most never are. */
static void symbols_ready(struct symbols *s, struct symbol *f)
{
    const char *name = s->names + f->name;
    char text[SYMBOLS_SHOWN_BYTES], module[SYMBOLS_MODULE_BYTES + 1];
    bool cut;
    size_t n;

    f->ready = true;
    if (!s->demangle || s->cut >= SYMBOLS_CUT_MAX)
        return;
    n = demangle(name, strlen(name), text, sizeof(text), &cut);
    s->cut += cut;
    snprintf(module, sizeof(module), "%s", symbols_module(s, f));
    /* A byte more than is shown: that it was cut shows then. */
    if (!n || !symbols_room(s, n + 2 + sizeof(module)))
        return;
    f->name = (uint32_t)s->names_bytes & 0xffffff;
    symbols_put(s, text, n);
    if (cut) {
        s->names_bytes--;
        symbols_put(s, ".", 1);
    }
    if (f->module)
        symbols_put(s, module, strlen(module));
}

static size_t symbols_show(struct symbols *s, uint64_t address, bool offset_too,
                           char to[SYMBOLS_TEXT_BYTES])
{
    struct symbol *f = s->off ? NULL : symbols_find(s, address - s->slide);
    const char *name, *module;
    uint64_t offset;
    size_t n;

    if (!f)
        return 0;
    if (!f->ready)
        symbols_ready(s, f);
    name = s->names + f->name;
    module = symbols_module(s, f);
    offset = address - s->slide - f->address;
    if (f->thumb) /* bit 0 of a pointer to such code says what code it is */
        offset &= ~(uint64_t)1;
    n = strlen(name);
    if (n > SYMBOLS_SHOWN_BYTES) {
        n = SYMBOLS_SHOWN_BYTES;
        memcpy(to, name, n - 3);
        memcpy(to + n - 3, "...", 3);
    } else {
        memcpy(to, name, n);
    }
    if (offset && offset_too)
        n += (size_t)snprintf(to + n, SYMBOLS_TEXT_BYTES - n, "+0x%" PRIx64, offset);
    if (*module)
        n += (size_t)snprintf(to + n, SYMBOLS_TEXT_BYTES - n, " [%s]", module);
    return n;
}

size_t symbols_text(struct symbols *s, uint64_t address, char to[SYMBOLS_TEXT_BYTES])
{
    return symbols_show(s, address, true, to);
}

size_t symbols_function(struct symbols *s, uint64_t address, char to[SYMBOLS_TEXT_BYTES])
{
    return symbols_show(s, address, false, to);
}

bool symbols_print(struct symbols *s, struct out *o, uint64_t address, enum out_escape how)
{
    char text[SYMBOLS_TEXT_BYTES];
    size_t n = symbols_text(s, address, text);

    out_escaped(o, text, n, how);
    return n;
}
