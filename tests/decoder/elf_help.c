/* SPDX-License-Identifier: MIT */
/* elf_help.c - a small ELF file of any class, byte order and machine. */
#include "elf_help.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tp_test.h"

enum { ELF_HELP_SECTIONS = 5 }; /* none, in memory, names, symbols, note */

static void elf_help_add(const struct elf_help *e, struct help_bytes *b, unsigned bytes, uint64_t v)
{
    uint8_t p[8];

    for (unsigned i = 0; i < bytes; i++)
        p[e->big ? bytes - 1 - i : i] = (uint8_t)(v >> 8 * i);
    help_add(b, p, bytes);
}

void elf_help_set(const struct elf_help *e, struct help_bytes *file, size_t at, unsigned bytes,
                  uint64_t v)
{
    TP_CHECK(at + bytes <= file->n);
    for (unsigned i = 0; i < bytes; i++)
        file->p[at + (e->big ? bytes - 1 - i : i)] = (uint8_t)(v >> 8 * i);
}

/* An address or a size: 4 or 8 bytes. */
static void elf_help_word(const struct elf_help *e, struct help_bytes *b, uint64_t v)
{
    elf_help_add(e, b, e->wide ? 8 : 4, v);
}

static void elf_help_header(const struct elf_help *e, struct help_bytes *b)
{
    uint8_t ident[16] = {0x7f, 'E', 'L', 'F', e->wide ? 2 : 1, e->big ? 2 : 1, 1};

    help_add(b, ident, sizeof(ident));
    elf_help_add(e, b, 2, e->type ? e->type : 2);
    elf_help_add(e, b, 2, e->machine);
    elf_help_add(e, b, 4, 1);
    elf_help_word(e, b, e->base); /* entry */
    elf_help_word(e, b, e->at.segment);
    elf_help_word(e, b, e->at.sections);
    elf_help_add(e, b, 4, 0);
    elf_help_add(e, b, 2, e->wide ? 64 : 52);
    elf_help_add(e, b, 2, e->wide ? 56 : 32);
    elf_help_add(e, b, 2, 1);
    elf_help_add(e, b, 2, e->at.section_bytes);
    elf_help_add(e, b, 2, ELF_HELP_SECTIONS);
    elf_help_add(e, b, 2, 0);
}

static void elf_help_segment(const struct elf_help *e, struct help_bytes *b)
{
    elf_help_add(e, b, 4, 1); /* PT_LOAD */
    if (e->wide)
        elf_help_add(e, b, 4, 5);
    elf_help_word(e, b, 0);
    elf_help_word(e, b, e->base);
    elf_help_word(e, b, 0x100000); /* where it is loaded is something else */
    elf_help_word(e, b, 0);
    elf_help_word(e, b, e->bytes);
    if (!e->wide)
        elf_help_add(e, b, 4, 5);
    elf_help_word(e, b, 4096);
}

/* The first is none. */
static void elf_help_symbols(const struct elf_help *e, struct help_bytes *b)
{
    static const struct elf_help_symbol none;
    uint32_t name = 1;

    for (unsigned i = 0; i <= e->symbol_count; i++) {
        const struct elf_help_symbol *s = i ? &e->symbols[i - 1] : &none;
        uint8_t info = (uint8_t)(s->global << 4 | s->type);

        elf_help_add(e, b, 4, i ? name : 0);
        name += i ? (uint32_t)strlen(s->name) + 1 : 0;
        if (e->wide) {
            elf_help_add(e, b, 1, info);
            elf_help_add(e, b, 1, 0);
            elf_help_add(e, b, 2, s->section);
        }
        elf_help_word(e, b, s->address);
        elf_help_word(e, b, s->size);
        if (!e->wide) {
            elf_help_add(e, b, 1, info);
            elf_help_add(e, b, 1, 0);
            elf_help_add(e, b, 2, s->section);
        }
    }
}

static void elf_help_note(const struct elf_help *e, struct help_bytes *b)
{
    if (!e->build_id)
        return;
    elf_help_add(e, b, 4, 4);
    elf_help_add(e, b, 4, strlen(e->build_id));
    elf_help_add(e, b, 4, 3);
    help_add(b, "GNU", 4);
    help_add(b, e->build_id, strlen(e->build_id));
}

static void elf_help_section(const struct elf_help *e, struct help_bytes *b, uint32_t type,
                             uint64_t flags, uint64_t address, uint64_t at, uint64_t bytes,
                             uint32_t link, uint64_t entry)
{
    elf_help_add(e, b, 4, 0);
    elf_help_add(e, b, 4, type);
    elf_help_word(e, b, flags);
    elf_help_word(e, b, address);
    elf_help_word(e, b, at);
    elf_help_word(e, b, bytes);
    elf_help_add(e, b, 4, link);
    elf_help_add(e, b, 4, 0);
    elf_help_word(e, b, 4);
    elf_help_word(e, b, entry);
}

struct help_bytes elf_help(struct elf_help *e)
{
    struct help_bytes b = {0};
    size_t header = e->wide ? 64 : 52, names = 1, note = e->build_id ? 16 + strlen(e->build_id) : 0;

    for (unsigned i = 0; i < e->symbol_count; i++)
        names += strlen(e->symbols[i].name) + 1;
    e->at.symbol_bytes = e->wide ? 24 : 16;
    e->at.section_bytes = e->wide ? 64 : 40;
    e->at.segment = header;
    e->at.symbols = header + (e->wide ? 56 : 32);
    e->at.symbols += -e->at.symbols & 7;
    e->at.note = e->at.symbols + (e->symbol_count + 1) * e->at.symbol_bytes;
    e->at.sections = e->at.note + note;
    e->at.sections += -e->at.sections & 7;
    e->at.names = e->at.sections + ELF_HELP_SECTIONS * e->at.section_bytes;
    elf_help_header(e, &b);
    elf_help_segment(e, &b);
    while (b.n < e->at.symbols)
        help_add(&b, "", 1);
    elf_help_symbols(e, &b);
    elf_help_note(e, &b);
    while (b.n < e->at.sections)
        help_add(&b, "", 1);
    elf_help_section(e, &b, 0, 0, 0, 0, 0, 0, 0);
    elf_help_section(e, &b, 8, 6, e->base, 0, e->bytes, 0, 0); /* NOBITS, in memory */
    elf_help_section(e, &b, 3, 0, 0, e->at.names, names, 0, 0);
    elf_help_section(e, &b, 2, 0, 0, e->at.symbols, e->at.note - e->at.symbols, 2,
                     e->at.symbol_bytes);
    elf_help_section(e, &b, 7, 0, 0, e->at.note, note, 0, 0);
    help_add(&b, "", 1);
    for (unsigned i = 0; i < e->symbol_count; i++)
        help_add(&b, e->symbols[i].name, strlen(e->symbols[i].name) + 1);
    return b;
}

const char *elf_help_file(const void *bytes, size_t n, int *fd)
{
    static char path[40];

    *fd = memfd_create("elf", MFD_CLOEXEC);
    TP_CHECK(*fd >= 0);
    TP_CHECK_EQ(write(*fd, bytes, n), n);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", *fd);
    return path;
}
