/* SPDX-License-Identifier: MIT */
/* elf.c - the symbols of an ELF file, and what tells whose they are: all that libelf does here. */
#include "model/elf.h"

#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define ELF_CUT "the ELF file is cut off: take a whole copy of it"
#define ELF_DAMAGED "damaged ELF file: its parts are not where it says"
#define ELF_NAMELESS "damaged ELF file: its symbols have no table of names"
#define ELF_NAME "damaged ELF file: a symbol's name is outside of its table of names"
#define ELF_MANY "too many symbols: their tables may have 32 MiB each"
#define ELF_LOOSE                                                                                  \
    "a relocatable ELF file, as modules and objects are: its addresses are not those of memory; "  \
    "take the linked kernel, or /proc/kallsyms"

struct elf_reader {
    Elf *elf;
    struct elf_facts *facts;
    uint64_t file_bytes;
    bool (*take)(void *context, const struct found *f);
    void *context;
    /* The section that was asked for last: symbols of one are mostly side by side. */
    size_t section;
    bool in_memory;
    uint64_t section_end;
};

bool elf_is(int fd)
{
    char start[SELFMAG];

    return pread(fd, start, sizeof(start), 0) == (ssize_t)sizeof(start) &&
           memcmp(start, ELFMAG, SELFMAG) == 0;
}

const char *elf_machine(uint64_t machine, char to[ELF_MACHINE_TEXT])
{
    static const struct {
        uint32_t machine;
        const char *name;
    } names[] = {{EM_386, "i386"},        {EM_X86_64, "x86-64"},    {EM_ARM, "ARM"},
                 {EM_AARCH64, "AArch64"}, {EM_RISCV, "RISC-V"},     {EM_MIPS, "MIPS"},
                 {EM_PPC, "PowerPC"},     {EM_PPC64, "PowerPC64"},  {EM_S390, "S/390"},
                 {EM_XTENSA, "Xtensa"},   {EM_SPARCV9, "SPARC V9"}, {EM_SH, "SuperH"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].machine == machine) {
            snprintf(to, ELF_MACHINE_TEXT, "%s (%" PRIu64 ")", names[i].name, machine);
            return to;
        }
    snprintf(to, ELF_MACHINE_TEXT, "%" PRIu64, machine);
    return to;
}

bool elf_is_mapping(uint32_t machine, const char *name, size_t n)
{
    const char *letters = machine == EM_ARM       ? "adt"
                          : machine == EM_AARCH64 ? "dx"
                          : machine == EM_RISCV   ? "dx"
                          : machine               ? ""
                                                  : "adtx";
    bool isa = !machine || machine == EM_RISCV;

    if (n < 2 || name[0] != '$' || !strchr(letters, name[1]))
        return false;
    /* $x, $x.text.17, and $xrv64i2p1_m2p0 of RISC-V. */
    return n == 2 || name[2] == '.' ||
           (isa && name[1] == 'x' && n > 3 && !memcmp(name + 2, "rv", 2));
}

/* A name for an address: of code or data, in this file, and not one that tools made. */
static bool elf_names(const struct elf_reader *r, const GElf_Sym *symbol, const char *name)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);

    if (type != STT_FUNC && type != STT_OBJECT && type != STT_NOTYPE)
        return false;
    if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS || !*name)
        return false;
    if (type != STT_NOTYPE || GELF_ST_BIND(symbol->st_info) != STB_LOCAL)
        return true;
    return !elf_is_mapping(r->facts->machine, name, strlen(name)) && strncmp(name, ".L", 2) != 0;
}

/* Is a section of the memory of the kernel? Sets where it ends. */
static bool elf_section(struct elf_reader *r, size_t index)
{
    Elf_Scn *section;
    GElf_Shdr head;

    if (index == r->section)
        return r->in_memory;
    r->section = index;
    r->section_end = 0;
    r->in_memory = true;
    if (index >= SHN_LORESERVE) /* the number is somewhere else: nothing is known of it */
        return true;
    section = elf_getscn(r->elf, index);
    if (!section || !gelf_getshdr(section, &head))
        return r->in_memory = false;
    r->section_end = head.sh_addr + head.sh_size;
    return r->in_memory = head.sh_flags & SHF_ALLOC && !(head.sh_flags & SHF_TLS);
}

/* One symbol. False: no more are wanted. */
static bool elf_symbol(struct elf_reader *r, const GElf_Sym *symbol, const char *name)
{
    struct found f = {.address = symbol->st_value, .bytes = symbol->st_size, .name = name};

    if (!elf_names(r, symbol, name) || !elf_section(r, symbol->st_shndx))
        return true;
    f.name_bytes = strlen(name);
    f.end = r->section_end;
    f.code = GELF_ST_TYPE(symbol->st_info) == STT_FUNC;
    if (r->facts->machine == EM_ARM && f.code) {
        f.thumb = f.address & 1;
        f.address &= ~(uint64_t)1;
    }
    return r->take(r->context, &f);
}

/* NULL: what a section says of its place and size can be. */
static const char *elf_room(const struct elf_reader *r, const GElf_Shdr *head)
{
    if (head->sh_offset > r->file_bytes || head->sh_size > r->file_bytes - head->sh_offset)
        return ELF_CUT;
    return head->sh_size > ELF_TABLE_BYTES ? ELF_MANY : NULL;
}

/* The table of names of a table of symbols. */
static const char *elf_strings(const struct elf_reader *r, size_t index)
{
    Elf_Scn *section = elf_getscn(r->elf, index);
    GElf_Shdr head;

    /* libelf would unpack a compressed one, however large that gets. */
    if (!section || !gelf_getshdr(section, &head) || head.sh_type != SHT_STRTAB ||
        head.sh_flags & SHF_COMPRESSED)
        return ELF_NAMELESS;
    return elf_room(r, &head);
}

static const char *elf_table(struct elf_reader *r, Elf_Scn *section, const GElf_Shdr *head)
{
    const char *problem = elf_room(r, head);
    Elf_Data *data;
    GElf_Sym symbol;

    if (!problem)
        problem = elf_strings(r, head->sh_link);
    if (problem)
        return problem;
    data = elf_getdata(section, NULL);
    if (!data)
        return ELF_DAMAGED;
    for (int i = 1; gelf_getsym(data, i, &symbol); i++) { /* the first is no symbol */
        const char *name = elf_strptr(r->elf, head->sh_link, symbol.st_name);

        if (!name)
            return ELF_NAME;
        if (!elf_symbol(r, &symbol, name))
            break;
    }
    return NULL;
}

/* Looks for the build id in a section of notes. */
static void elf_notes(struct elf_reader *r, Elf_Scn *section)
{
    Elf_Data *data = elf_getdata(section, NULL);
    size_t at = 0, next, name, id;
    GElf_Nhdr note;

    while (data && !r->facts->id_bytes && (next = gelf_getnote(data, at, &note, &name, &id)) > at) {
        const char *bytes = data->d_buf;

        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof(ELF_NOTE_GNU) &&
            !memcmp(bytes + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) &&
            note.n_descsz <= sizeof(r->facts->id)) {
            memcpy(r->facts->id, bytes + id, note.n_descsz);
            r->facts->id_bytes = note.n_descsz;
        }
        at = next;
    }
}

/* Of tables of symbols the first: there is only one. */
static const char *elf_sections(struct elf_reader *r)
{
    uint64_t notes = 0;
    Elf_Scn *section = NULL, *table = NULL;
    GElf_Shdr head, table_head;

    while ((section = elf_nextscn(r->elf, section))) {
        if (!gelf_getshdr(section, &head))
            return ELF_DAMAGED;
        if (head.sh_type == SHT_SYMTAB && !table) {
            table = section;
            table_head = head;
        }
        if (head.sh_type != SHT_NOTE || elf_room(r, &head) || r->facts->id_bytes)
            continue;
        notes += head.sh_size;
        if (notes <= ELF_NOTES_BYTES)
            elf_notes(r, section);
    }
    return table ? elf_table(r, table, &table_head) : NULL;
}

static const char *elf_head(struct elf_reader *r)
{
    struct elf_facts *facts = r->facts;
    size_t segments = 0, sections = 0;
    GElf_Phdr segment;
    GElf_Ehdr head;

    if (!gelf_getehdr(r->elf, &head))
        return ELF_DAMAGED;
    if (head.e_type == ET_REL)
        return ELF_LOOSE;
    if (head.e_shoff > r->file_bytes || head.e_phoff > r->file_bytes ||
        (uint64_t)head.e_shnum * head.e_shentsize > r->file_bytes - head.e_shoff ||
        (uint64_t)head.e_phnum * head.e_phentsize > r->file_bytes - head.e_phoff)
        return ELF_CUT;
    if (elf_getshdrnum(r->elf, &sections) || elf_getphdrnum(r->elf, &segments))
        return ELF_DAMAGED;
    facts->machine = head.e_machine;
    facts->wide = head.e_ident[EI_CLASS] == ELFCLASS64;
    facts->big = head.e_ident[EI_DATA] == ELFDATA2MSB;
    for (size_t i = 0; i < segments && gelf_getphdr(r->elf, (int)i, &segment); i++) {
        if (segment.p_type != PT_LOAD || !segment.p_memsz)
            continue;
        if (!facts->loads || segment.p_vaddr < facts->lowest)
            facts->lowest = segment.p_vaddr;
        facts->loads = true;
    }
    return NULL;
}

const char *elf_read(int fd, struct elf_facts *facts,
                     bool (*take)(void *context, const struct found *f), void *context)
{
    struct elf_reader r = {.facts = facts, .take = take, .context = context, .section = SIZE_MAX};
    const char *problem = NULL;
    struct stat st;

    *facts = (struct elf_facts){0};
    if (elf_version(EV_CURRENT) == EV_NONE)
        return "libelf is too old";
    if (fstat(fd, &st) != 0)
        return strerror(errno);
    r.file_bytes = (uint64_t)st.st_size;
    errno = 0;
    /* Not mapped: a file that is cut meanwhile would end the process. */
    r.elf = elf_begin(fd, ELF_C_READ, NULL);
    if (!r.elf || elf_kind(r.elf) != ELF_K_ELF)
        problem = "damaged ELF file: its header is wrong";
    if (!problem)
        problem = elf_head(&r);
    if (!problem)
        problem = elf_sections(&r);
    elf_end(r.elf);
    /* libelf has no name for that error, but leaves what malloc() said. */
    if (errno == ENOMEM)
        mem_failed();
    return problem;
}
