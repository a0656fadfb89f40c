/* SPDX-License-Identifier: MIT */
/* elf.c - the symbols of an ELF file: all that libelf does here. */
#include "model/elf.h"

#include <errno.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

/* What is called with each symbol. */
struct elf_reader {
    bool (*add)(void *context, uint64_t address, uint64_t bytes, const char *name);
    void *context;
};

bool elf_is(int fd)
{
    char start[SELFMAG];

    return pread(fd, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
           memcmp(start, ELFMAG, SELFMAG) == 0;
}

/* A name for an address: of code or data, and in this file. */
static bool elf_names(const GElf_Sym *symbol)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);

    return (type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE) &&
           symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS;
}

/* False: no more are wanted. */
static bool elf_table(Elf *elf, Elf_Scn *section, const GElf_Shdr *head, const struct elf_reader *r)
{
    Elf_Data *data = elf_getdata(section, NULL);
    GElf_Sym symbol;

    for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
        const char *name;

        if (!elf_names(&symbol))
            continue;
        name = elf_strptr(elf, head->sh_link, symbol.st_name);
        if (name && !r->add(r->context, symbol.st_value, symbol.st_size, name))
            return false;
    }
    return true;
}

const char *elf_read(int fd,
                     bool (*add)(void *context, uint64_t address, uint64_t bytes, const char *name),
                     void *context)
{
    const struct elf_reader reader = {add, context};
    const char *problem = NULL;
    Elf_Scn *section = NULL;
    bool more = true;
    Elf *elf;

    if (elf_version(EV_CURRENT) == EV_NONE)
        return "libelf is too old";
    errno = 0;
    elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    if (!elf || elf_kind(elf) != ELF_K_ELF)
        problem = "damaged ELF file";
    while (!problem && more && (section = elf_nextscn(elf, section))) {
        GElf_Shdr head;

        if (gelf_getshdr(section, &head) && head.sh_type == SHT_SYMTAB)
            more = elf_table(elf, section, &head, &reader);
    }
    elf_end(elf);
    /* libelf has no name for that error, but leaves what malloc() said. */
    if (errno == ENOMEM)
        mem_failed();
    return problem;
}
