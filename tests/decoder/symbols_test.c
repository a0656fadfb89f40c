/* SPDX-License-Identifier: MIT */
/* symbols_test.c - names of addresses: ELF files of each architecture, lists, limits, hostile files. */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "decoder/model/demangle.h"
#include "decoder/model/symbols.h"
#include "elf_help.h"
#include "tp_test.h"

/* What a file of symbols names an address; "": nothing. */
static const char *symbols_name(struct symbols *s, uint64_t address)
{
    static char text[SYMBOLS_TEXT_BYTES + 1];
    size_t n = symbols_text(s, address, text);

    text[n] = '\0';
    return text;
}

static const char *symbols_load(struct symbols *s, const void *bytes, size_t n)
{
    int fd;
    const char *path = elf_help_file(bytes, n, &fd), *problem = symbols_open(s, path, true);

    close(fd);
    return problem;
}

static const char *symbols_load_text(struct symbols *s, const char *text)
{
    return symbols_load(s, text, strlen(text));
}

/* --- ELF --- */

/* 0x1000 to 0x1040 are of the file; $ are names that only some machines have no use for. */
static const struct elf_help_symbol symbols_file[] = {
    {"$x", 0x1000, 0, STT_NOTYPE, 0, 1},
    {"$d.17", 0x1010, 0, STT_NOTYPE, 0, 1},
    {"$xrv64i2p1_m2p0", 0x1012, 0, STT_NOTYPE, 0, 1},
    {"$a", 0x1014, 0, STT_NOTYPE, 0, 1},
    {"$t", 0x1016, 0, STT_NOTYPE, 0, 1},
    {".L0 ", 0x1018, 0, STT_NOTYPE, 0, 1},
    {"main.c", 0, 0, STT_FILE, 0, SHN_ABS},
    {"", 0x1000, 0, STT_SECTION, 0, 1},
    {"_start", 0x1000, 0, STT_NOTYPE, 1, 1},
    {"start", 0x1000, 0x20, STT_FUNC, 1, 1},
    {"table", 0x1020, 8, STT_OBJECT, 1, 1},
    {"$xy", 0x1028, 4, STT_NOTYPE, 0, 1},
    {"label", 0x1030, 0, STT_NOTYPE, 1, 1},
    {"kernel_end", 0x1040, 0, STT_NOTYPE, 1, 1},
    {"absolute", 0x1050, 0, STT_NOTYPE, 1, SHN_ABS},
    {"missing", 0x1060, 0, STT_NOTYPE, 1, SHN_UNDEF},
};
#define SYMBOLS_FILE_COUNT (sizeof(symbols_file) / sizeof(symbols_file[0]))

static struct elf_help symbols_elf(uint16_t machine, bool wide, bool big)
{
    return (struct elf_help){.machine = machine,
                             .wide = wide,
                             .big = big,
                             .base = 0x1000,
                             .bytes = 0x40,
                             .symbols = symbols_file,
                             .symbol_count = SYMBOLS_FILE_COUNT,
                             .build_id = "0123456789abcdefghij"};
}

/* `marks`: what is at 0x1010 to 0x1018, with a letter each: . a mapping symbol, else a name. */
static void symbols_arch(uint16_t machine, bool wide, bool big, const char *marks)
{
    static const char *const names[] = {"$d.17", "$xrv64i2p1_m2p0", "$a", "$t"};
    struct elf_help e = symbols_elf(machine, wide, big);
    struct help_bytes file = elf_help(&e);
    struct symbols s;

    TP_CHECK_STREQ(symbols_load(&s, file.p, file.n), NULL);
    TP_CHECK_EQ(s.facts.machine, machine);
    TP_CHECK(s.facts.loads);
    TP_CHECK_EQ(s.facts.lowest, 0x1000);
    TP_CHECK_EQ(s.facts.id_bytes, 20);
    TP_CHECK(!memcmp(s.facts.id, "0123456789abcdefghij", 20));
    TP_CHECK_STREQ(symbols_name(&s, 0xfff), "");
    TP_CHECK_STREQ(symbols_name(&s, 0x1000), "start");
    TP_CHECK_STREQ(symbols_name(&s, 0x100f), "start+0xf");
    TP_CHECK(!symbols_begin_at(&s, 0x1018));
    for (unsigned i = 0; i < 4; i++) {
        TP_CHECK_EQ(symbols_begin_at(&s, 0x1010 + 2 * i), marks[i] != '.');
        if (marks[i] != '.')
            TP_CHECK_STREQ(symbols_name(&s, 0x1010 + 2 * i), names[i]);
    }
    TP_CHECK_STREQ(symbols_name(&s, 0x1020), "table");
    TP_CHECK_STREQ(symbols_name(&s, 0x1027), "table+0x7");
    TP_CHECK_STREQ(symbols_name(&s, 0x1028), "$xy"); /* looks like one, and is none */
    TP_CHECK_STREQ(symbols_name(&s, 0x102c), "");
    TP_CHECK_STREQ(symbols_name(&s, 0x103f), "label+0xf");
    TP_CHECK_STREQ(symbols_name(&s, 0x1040), "kernel_end");
    for (uint64_t beyond = 0x1041; beyond < 0x200000; beyond += 0xf)
        TP_CHECK_STREQ(symbols_name(&s, beyond), "");
    symbols_close(&s);
    help_free(&file);
}

TP_TEST(DecoderSymbols, EachArchitecture)
{
    symbols_arch(EM_ARM, false, false, ".$..");
    symbols_arch(EM_ARM, false, true, ".$..");
    symbols_arch(EM_AARCH64, true, false, ".$$$");
    symbols_arch(EM_AARCH64, true, true, ".$$$");
    symbols_arch(EM_RISCV, true, false, "..$$");
    symbols_arch(EM_RISCV, false, false, "..$$");
    symbols_arch(EM_X86_64, true, false, "$$$$");
    symbols_arch(EM_386, false, false, "$$$$");
    symbols_arch(EM_S390, true, true, "$$$$");
    symbols_arch(EM_PPC, false, true, "$$$$");
    symbols_arch(EM_PPC64, true, false, "$$$$");
    symbols_arch(EM_MIPS, false, true, "$$$$");
}

/* Bit 0 of an address of Thumb code says what it is: the code is at the even one. */
TP_TEST(DecoderSymbols, ThumbCodeIsAtEvenAddresses)
{
    static const struct elf_help_symbol symbols[] = {
        {"arm", 0x1000, 0x10, STT_FUNC, 1, 1},
        {"thumb", 0x1011, 0x10, STT_FUNC, 1, 1},
        {"odd", 0x1021, 4, STT_OBJECT, 1, 1},
    };
    struct elf_help e = {EM_ARM, false, false, 0, 0x1000, 0x40, symbols, 3, NULL, {0}};
    struct help_bytes file = elf_help(&e);
    struct symbols s;

    TP_CHECK_STREQ(symbols_load(&s, file.p, file.n), NULL);
    TP_CHECK_EQ(s.facts.id_bytes, 0);
    TP_CHECK_STREQ(symbols_name(&s, 0x1001), "arm+0x1");
    TP_CHECK_STREQ(symbols_name(&s, 0x1010), "thumb");
    TP_CHECK_STREQ(symbols_name(&s, 0x1011), "thumb");
    TP_CHECK_STREQ(symbols_name(&s, 0x1017), "thumb+0x6");
    TP_CHECK_STREQ(symbols_name(&s, 0x1020), "");
    TP_CHECK_STREQ(symbols_name(&s, 0x1022), "odd+0x1");
    symbols_close(&s);
    help_free(&file);
}

TP_TEST(DecoderSymbols, Slide)
{
    struct elf_help e = symbols_elf(EM_X86_64, true, false);
    struct help_bytes file = elf_help(&e);
    struct symbols s;

    TP_CHECK_STREQ(symbols_load(&s, file.p, file.n), NULL);
    s.slide = 0x100000;
    TP_CHECK_STREQ(symbols_name(&s, 0x1000), "");
    TP_CHECK_STREQ(symbols_name(&s, 0x101001), "start+0x1");
    s.slide = 0 - (uint64_t)0x2000; /* to the end of memory */
    TP_CHECK_STREQ(symbols_name(&s, 0 - (uint64_t)0xffe), "start+0x2");
    s.off = true;
    TP_CHECK_STREQ(symbols_name(&s, 0 - (uint64_t)0xffe), "");
    symbols_close(&s);
    help_free(&file);
}

/* --- hostile ELF files --- */

/* Only a message that says what is wrong, or symbols as before. */
static void symbols_survive(const uint8_t *bytes, size_t n)
{
    struct symbols s;
    const char *problem = symbols_load(&s, bytes, n);

    if (problem && !strstr(problem, "ELF file") && !strstr(problem, "symbols"))
        TP_FAIL("a message that does not help: %s", problem);
    for (uint64_t address = 0xff0; address < 0x1060; address += 8)
        symbols_name(&s, address);
    symbols_close(&s);
}

TP_TEST(DecoderSymbols, AnyBitOrLengthOfAnElfFile)
{
    for (unsigned kind = 0; kind < 4; kind++) {
        struct elf_help e = symbols_elf(EM_RISCV, kind & 1, kind & 2);
        struct help_bytes file = elf_help(&e);

        for (size_t n = 4; n < file.n; n++)
            symbols_survive(file.p, n);
        for (size_t bit = 0; bit < 8 * file.n; bit++) {
            file.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
            symbols_survive(file.p, file.n);
            file.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        help_free(&file);
    }
}

/* One number of a file of 64 bits is another. */
static void symbols_changed(size_t at, unsigned bytes, uint64_t v, const char *want)
{
    struct elf_help e = symbols_elf(EM_X86_64, true, true);
    struct help_bytes file = elf_help(&e);
    struct symbols s;
    const char *problem;

    elf_help_set(&e, &file, at, bytes, v);
    problem = symbols_load(&s, file.p, file.n);
    if (!want || !problem)
        TP_CHECK_STREQ(problem, want);
    else if (!strstr(problem, want))
        TP_FAIL("byte %zu is %llx: \"%s\", not \"%s\"", at, (unsigned long long)v, problem, want);
    symbols_close(&s);
    help_free(&file);
}

TP_TEST(DecoderSymbols, HostileElfFiles)
{
    static const uint64_t huge[] = {1ull << 31, 1ull << 32, 1ull << 62, UINT64_MAX - 7, UINT64_MAX};
    struct elf_help e = symbols_elf(EM_X86_64, true, true);
    struct help_bytes file = elf_help(&e);
    size_t names = e.at.sections + 2 * 64, table = names + 64, note = table + 64, n = file.n;

    help_free(&file);
    for (size_t i = 0; i < sizeof(huge) / sizeof(huge[0]); i++) {
        symbols_changed(40, 8, huge[i], "ELF file");        /* e_shoff */
        symbols_changed(table + 24, 8, huge[i], "cut off"); /* sh_offset */
        symbols_changed(table + 32, 8, huge[i], "cut off"); /* sh_size */
        symbols_changed(names + 24, 8, huge[i], "cut off");
        symbols_changed(names + 32, 8, huge[i], "cut off");
        symbols_changed(note + 24, 8, huge[i], NULL); /* no build id then */
        symbols_changed(note + 32, 8, huge[i], NULL);
        symbols_changed(e.at.sections + 64 + 32, 8, huge[i], NULL);
        symbols_changed(e.at.symbols + 24 + 8, 8, huge[i], NULL); /* st_value, st_size */
        symbols_changed(e.at.symbols + 24 + 16, 8, huge[i], NULL);
    }
    symbols_changed(60, 2, 0xffff, "cut off"); /* e_shnum */
    symbols_changed(60, 2, 0, "no symbols");
    symbols_changed(56, 2, 0xffff, "cut off"); /* e_phnum */
    symbols_changed(58, 2, 1, NULL);           /* e_shentsize: nobody asks for it */
    symbols_changed(16, 2, 1, "relocatable");  /* e_type */
    symbols_changed(16, 2, 3, NULL);
    symbols_changed(table + 40, 4, 3, "no table of names"); /* sh_link: itself, none, not there */
    symbols_changed(table + 40, 4, 0, "no table of names");
    symbols_changed(table + 40, 4, 5, "no table of names");
    symbols_changed(table + 40, 4, UINT32_MAX, "no table of names");
    symbols_changed(names + 8, 8, SHF_COMPRESSED, "no table of names");
    symbols_changed(e.at.symbols + 24, 4, 0x7fffffff,
                    "outside of its table of names"); /* st_name */
    symbols_changed(e.at.symbols + 24, 4, (uint32_t)(n - e.at.names), "outside");
    symbols_changed(n - 1, 1, 'x', "outside"); /* the last name has no end */
    symbols_changed(names + 24, 8, e.at.symbols,
                    "symbols"); /* names and symbols are the same bytes */
    symbols_changed(table + 4, 4, 11, "no symbols");
    symbols_changed(e.at.note, 4, UINT32_MAX, NULL); /* sizes of the note */
    symbols_changed(e.at.note + 4, 4, UINT32_MAX, NULL);
}

/* More than a table may have is refused before it is read. */
TP_TEST(DecoderSymbols, TablesHaveALimit)
{
    for (uint64_t more = 0; more < 2; more++) {
        struct elf_help e = symbols_elf(EM_X86_64, true, false);
        struct help_bytes file = elf_help(&e);
        size_t names = e.at.sections + 2 * 64;
        const char *path, *problem;
        struct symbols s;
        int fd;

        elf_help_set(&e, &file, names + 32, 8, ELF_TABLE_BYTES + more);
        path = elf_help_file(file.p, file.n, &fd);
        TP_CHECK(ftruncate(fd, (off_t)(e.at.names + ELF_TABLE_BYTES + 1)) == 0);
        problem = symbols_open(&s, path, true);
        TP_CHECK_STREQ(problem,
                       more ? "too many symbols: their tables may have 32 MiB each" : NULL);
        symbols_close(&s);
        close(fd);
        help_free(&file);
    }
}

TP_TEST(DecoderSymbols, BuildIdsHaveALimit)
{
    char id[67] = "";

    for (uint32_t n = 1; n <= 66; n++) {
        struct elf_help e = symbols_elf(EM_PPC, false, true);
        struct help_bytes file;
        struct symbols s;

        id[n - 1] = (char)('0' + n);
        e.build_id = id;
        file = elf_help(&e);
        TP_CHECK_STREQ(symbols_load(&s, file.p, file.n), NULL);
        /* A note is a multiple of 4 long: only then it is whole here. */
        if (n % 4 == 0 || n > ELF_ID_BYTES)
            TP_CHECK_EQ(s.facts.id_bytes, n > ELF_ID_BYTES ? 0 : n);
        symbols_close(&s);
        help_free(&file);
    }
}

/* --- lists --- */

/* A line of a list: `name[module]`, "-" if it names nothing, "!" if it is none. */
static void symbols_line(const char *line, const char *want, uint64_t address, uint64_t bytes)
{
    char text[200];
    struct found f;

    snprintf(text, sizeof(text), "!");
    if (listing_line(&f, line, strlen(line)))
        snprintf(text, sizeof(text), "%.*s%.*s", f.name ? (int)f.name_bytes : 1,
                 f.name ? f.name : "-", f.module ? (int)f.module_bytes + 2 : 0,
                 f.module ? f.module - 1 : "");
    if (strcmp(text, want) != 0)
        TP_FAIL("\"%s\" is \"%s\", not \"%s\"", line, text, want);
    TP_CHECK(strcmp(want, "!") == 0 || (f.address == address && f.bytes == bytes));
}

TP_TEST(DecoderSymbols, LinesOfLists)
{
    symbols_line("ffffffff81000100 T schedule", "schedule", 0xffffffff81000100, 0);
    symbols_line("FFFFFFFF81000100 t schedule\r", "schedule", 0xffffffff81000100, 0);
    symbols_line("0x100 T schedule", "schedule", 0x100, 0);
    symbols_line("0XC0000100 T schedule", "schedule", 0xc0000100, 0);
    symbols_line("c0000100 D table \t ", "table", 0xc0000100, 0);
    symbols_line("00000000 00000000 T zero", "zero", 0, 0);
    symbols_line("ffffffff81000100 0000000000000023 T f", "f", 0xffffffff81000100, 0x23);
    symbols_line("c0000100 00000023 W f(int, char)", "f(int, char)", 0xc0000100, 0x23);
    symbols_line("c0000100 t a::b(c) const [clone .cold]", "a::b(c) const [clone .cold]",
                 0xc0000100, 0);
    symbols_line("c0000100 T operator new[]", "operator new[]", 0xc0000100, 0);
    symbols_line("c0000100 T operator new[](unsigned long)", "operator new[](unsigned long)",
                 0xc0000100, 0);
    symbols_line("c0000100 t init\t[mod]", "init[mod]", 0xc0000100, 0);
    symbols_line("c0000100 t init\t[mod]\r", "init[mod]", 0xc0000100, 0);
    symbols_line("c0000100 t init  [mod]", "init[mod]", 0xc0000100, 0);
    symbols_line("c0000100 t []", "[]", 0xc0000100, 0);
    symbols_line("c0000100 t f\t/src/f.c:12", "f", 0xc0000100, 0);
    symbols_line("c0000100 u unique", "unique", 0xc0000100, 0);
    symbols_line("                 U memcpy", "-", 0, 0);
    symbols_line("         w hook(int)", "-", 0, 0);
    symbols_line("         v hook\r", "-", 0, 0);
    symbols_line("c0000100 A absolute", "-", 0xc0000100, 0);
    symbols_line("c0000100 a absolute", "-", 0xc0000100, 0);
    symbols_line("c0000100 N debug", "-", 0xc0000100, 0);
    symbols_line("00000010 C common", "-", 0x10, 0);
    symbols_line("c0000100 t $d", "-", 0xc0000100, 0);
    symbols_line("c0000100 t $x.12", "-", 0xc0000100, 0);
    symbols_line("c0000100 t $xrv64i2p1", "-", 0xc0000100, 0);
    symbols_line("c0000100 T $d", "$d", 0xc0000100, 0);
    symbols_line("c0000100 t $dog", "$dog", 0xc0000100, 0);
    symbols_line("c0000100 - 00 0000    SO main.c", "-", 0xc0000100, 0);
    symbols_line("", "-", 0, 0);
    symbols_line("\r", "-", 0, 0);
    static const char *const none[] = {"x",
                                       "T x",
                                       "00000000",
                                       "00000000 T",
                                       "00000000 T ",
                                       "0000000 T x",
                                       "00000000  x",
                                       "00000000000000000 T x",
                                       "0x T x",
                                       "0x00000000000000000 T x",
                                       "00000000 TT x",
                                       "00000000 1 x",
                                       "00000000 T\tx",
                                       "c0000100 00000023 00000001 T f",
                                       "    T x",
                                       " U",
                                       "U x",
                                       "  schedule T 0",
                                       ".text 0x1000 0x20 main.o",
                                       "kernel.o:",
                                       "c0000100\tT\tx"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        symbols_line(none[i], "!", 0, 0);
}

TP_TEST(DecoderSymbols, AListReachesAsFarAsIsKnown)
{
    struct symbols s;

    /* up to the next one; not over a hole; sizes where they are told; the last of a module not far */
    TP_CHECK_STREQ(symbols_load_text(&s, "00200000 t init\t[mod]\r\n"
                                         "00010000 T first\r\n"
                                         "00010000 T same\r\n"
                                         "00010010 00000008 T sized\r\n"
                                         "00010020 T hole\r\n"
                                         "00180020 T last\r\n"
                                         "00200100 t exit\t[mod]\r\n"
                                         "00200200 t other\t[mud]\r\n"),
                   NULL);
    TP_CHECK_STREQ(symbols_name(&s, 0xffff), "");
    TP_CHECK_STREQ(symbols_name(&s, 0x1000f), "first+0xf");
    TP_CHECK_STREQ(symbols_name(&s, 0x10017), "sized+0x7");
    TP_CHECK_STREQ(symbols_name(&s, 0x10018), "");
    TP_CHECK_STREQ(symbols_name(&s, 0x10020 + SYMBOLS_GAP_BYTES - 1), "hole+0xfffff");
    TP_CHECK_STREQ(symbols_name(&s, 0x10020 + SYMBOLS_GAP_BYTES), "");
    TP_CHECK_STREQ(symbols_name(&s, 0x180020 + SYMBOLS_LAST_BYTES - 1), "last+0xfff");
    TP_CHECK_STREQ(symbols_name(&s, 0x180020 + SYMBOLS_LAST_BYTES), "");
    TP_CHECK_STREQ(symbols_name(&s, 0x2000ff), "init+0xff [mod]");
    TP_CHECK_STREQ(symbols_name(&s, 0x2001ff), "exit+0xff [mod]");
    TP_CHECK_STREQ(symbols_name(&s, 0x200200 + SYMBOLS_LAST_BYTES - 1), "other+0xfff [mud]");
    TP_CHECK_STREQ(symbols_name(&s, 0x200200 + SYMBOLS_LAST_BYTES), "");
    symbols_close(&s);
}

/* What a kernel shows of its addresses to those who may not see them. */
TP_TEST(DecoderSymbols, HiddenAddressesAreAnError)
{
    const char *problem;
    struct symbols s;

    problem = symbols_load_text(&s, "0000000000000000 T a\n0000000000000000 t b\t[m]\n");
    TP_CHECK_STREQ(problem, "all addresses in it are zero: the kernel hides them from who read it "
                            "(kptr_restrict); copy /proc/kallsyms as root, after `sysctl "
                            "kernel.kptr_restrict=1`");
    symbols_close(&s);
    problem = symbols_load_text(&s, "00000000 T a\n00000000 T b\n00000000 A c\n");
    TP_CHECK(problem && strstr(problem, "kptr_restrict"));
    symbols_close(&s);
    /* One may be there. */
    TP_CHECK_STREQ(symbols_load_text(&s, "00000000 T vectors\n"), NULL);
    symbols_close(&s);
    TP_CHECK_STREQ(symbols_load_text(&s, "00000000 T vectors\n00000001 T b\n"), NULL);
    symbols_close(&s);
    TP_CHECK_STREQ(symbols_load_text(&s, "         U a\n\n         U b\n"), "no symbols in it");
    symbols_close(&s);
}

/* --- names --- */

static void symbols_demangle(const char *name, const char *want)
{
    char text[200];
    bool cut;
    size_t n = demangle(name, strlen(name), text, sizeof(text) - 1, &cut);

    text[n] = '\0';
    TP_CHECK_STREQ(text, want);
    TP_CHECK(!cut);
}

/* From the Itanium C++ ABI and Rust's RFC 2603. */
TP_TEST(DecoderSymbols, NamesOfTheSource)
{
    symbols_demangle("_ZN6kernel5sched8RunQueue4pickEv", "kernel::sched::RunQueue::pick");
    symbols_demangle("_Z3addii", "add");
    symbols_demangle("_Z3addii.constprop.0.cold", "add.constprop.0.cold");
    symbols_demangle("_ZN5ArrayIiLi4EEixEm", "Array<int, 4>::operator[]");
    symbols_demangle("_ZN5QueueD2Ev", "Queue::~Queue");
    symbols_demangle("_ZTV5Queue", "vtable for Queue");
    symbols_demangle("_ZN4core3ptr13drop_in_place17h0123456789abcdefE", "core::ptr::drop_in_place");
    symbols_demangle("_ZN66_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..ops..drop..Drop$GT$"
                     "4drop17h0123456789abcdefE",
                     "<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop");
    symbols_demangle("_RNvNtCs1234_6kernel4trap6handle", "kernel::trap::handle");
    symbols_demangle("_RINvC1a1fmE", "a::f::<u32>");
    /* They only look like it. */
    static const char *const none[] = {"schedule",     "_Z",      "_R",       "_Z3ad",
                                       "_Z3add_table", "_ZN1aE!", "_Restart", "_Zero",
                                       "__Z3addii",    "_",       ""};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        symbols_demangle(none[i], "");
}

/* A number as RFC 2603 has it: 0 is _, 1 is 0_, 2 is 1_, to the base of 62. */
static int symbols_base_62(char *to, size_t room, size_t v)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    if (!v)
        return snprintf(to, room, "_");
    return v <= 62 ? snprintf(to, room, "%c_", digits[v - 1])
                   : snprintf(to, room, "%c%c_", digits[(v - 1) / 62], digits[(v - 1) % 62]);
}

/* A short name may stand for an endless one: 60 tuples, each of the one before and itself again; and
 * the same in C++ with templates. */
TP_TEST(DecoderSymbols, NamesThatGrow)
{
    char name[1000], to[SYMBOLS_SHOWN_BYTES];
    size_t n, tuple;
    bool cut;

    n = (size_t)snprintf(name, sizeof(name), "_RINvC1a1fTmmE");
    tuple = n - 4 - 2;
    for (int i = 0; i < 60; i++) {
        size_t start = n - 2;

        n += (size_t)snprintf(name + n, sizeof(name) - n, "T");
        for (int twice = 0; twice < 2; twice++) {
            n += (size_t)snprintf(name + n, sizeof(name) - n, "B");
            n += (size_t)symbols_base_62(name + n, sizeof(name) - n, tuple);
        }
        n += (size_t)snprintf(name + n, sizeof(name) - n, "E");
        tuple = start;
    }
    n += (size_t)snprintf(name + n, sizeof(name) - n, "E");
    TP_CHECK_EQ(demangle(name, n, to, sizeof(to), &cut), sizeof(to));
    TP_CHECK(cut && !memcmp(to, "a::f::<(u32, u32), ((u32, u32), (u32, u32)), (((u32", 51));
    n = (size_t)snprintf(name, sizeof(name), "_Z1fI1pI1aS0_E");
    for (int i = 1; i < 35; i++) { /* S1_ is p<a, a>, S2_ p<S1_, S1_>, ... */
        char c = (char)(i < 10 ? '0' + i : 'A' + i - 10);

        n += (size_t)snprintf(name + n, sizeof(name) - n, "S0_IS%c_S%c_E", c, c);
    }
    n += (size_t)snprintf(name + n, sizeof(name) - n, "Evv");
    TP_CHECK_EQ(demangle(name, n, to, sizeof(to), &cut), sizeof(to));
    TP_CHECK(cut);
}

TP_TEST(DecoderSymbols, NamesHaveALimit)
{
    char name[3000], to[SYMBOLS_SHOWN_BYTES], line[4000];
    struct symbols s;
    bool cut;
    int n;

    /* Longer than is shown, and than is read. */
    n = snprintf(name, sizeof(name), "_Z1000");
    memset(name + n, 'n', 1000);
    n += 1000;
    n += snprintf(name + n, sizeof(name) - (size_t)n, "v");
    TP_CHECK_EQ(demangle(name, (size_t)n, to, sizeof(to), &cut), sizeof(to));
    TP_CHECK(cut);
    snprintf(line, sizeof(line), "00000010 T %s\n00000020 T plain\n", name);
    TP_CHECK_STREQ(symbols_load_text(&s, line), NULL);
    TP_CHECK_EQ(strlen(symbols_name(&s, 0x10)), SYMBOLS_SHOWN_BYTES);
    TP_CHECK(strstr(symbols_name(&s, 0x11), "nnn...+0x1") != NULL);
    s.demangle = false;
    TP_CHECK_STREQ(symbols_name(&s, 0x20), "plain");
    symbols_close(&s);
    memset(name, 'n', sizeof(name));
    memcpy(name, "_Z", 2);
    TP_CHECK_EQ(demangle(name, sizeof(name), to, sizeof(to), &cut), 0);
}

/* --- limits --- */

static bool symbols_one(struct symbols *s, uint64_t address, const char *name, size_t n)
{
    return symbols_add(s, &(struct found){.address = address, .name = name, .name_bytes = n});
}

TP_TEST(DecoderSymbols, Limits)
{
    static char name[SYMBOLS_NAME_BYTES + 100];
    struct symbols s = {0};

    memset(name, 'n', sizeof(name));
    /* A name is cut, and all names together take so much at most. */
    symbols_one(&s, 0, name, sizeof(name));
    TP_CHECK_EQ(strlen(s.names), SYMBOLS_NAME_BYTES);
    while (symbols_one(&s, s.count, name, sizeof(name)))
        ;
    TP_CHECK(s.full);
    TP_CHECK(s.names_bytes <= SYMBOLS_NAMES_MAX &&
             s.names_bytes + SYMBOLS_NAME_BYTES + 2 > SYMBOLS_NAMES_MAX);
    symbols_close(&s);
    while (symbols_one(&s, s.count, "n", 1))
        ;
    TP_CHECK_EQ(s.count, SYMBOLS_MAX);
    symbols_sort(&s);
    TP_CHECK(symbols_find(&s, SYMBOLS_MAX - 1 + SYMBOLS_LAST_BYTES - 1) != NULL);
    TP_CHECK(symbols_find(&s, SYMBOLS_MAX - 1 + SYMBOLS_LAST_BYTES) == NULL);
    TP_CHECK(symbols_begin_at(&s, SYMBOLS_MAX - 1) && !symbols_begin_at(&s, SYMBOLS_MAX));
    symbols_close(&s);
}

/* The longest text there can be. */
TP_TEST(DecoderSymbols, TextsHaveALimit)
{
    static char name[SYMBOLS_NAME_BYTES + 1];
    struct symbols s = {0};

    memset(name, 'n', sizeof(name));
    for (size_t n = SYMBOLS_SHOWN_BYTES; n <= SYMBOLS_SHOWN_BYTES + 1; n++) {
        struct found f = {.bytes = UINT64_MAX, .name = name, .module = name};

        f.name_bytes = n;
        f.module_bytes = SYMBOLS_MODULE_BYTES + 1;
        symbols_add(&s, &f);
        symbols_sort(&s);
        TP_CHECK_EQ(strlen(symbols_name(&s, UINT32_MAX - 1)),
                    SYMBOLS_SHOWN_BYTES + 11 + SYMBOLS_MODULE_BYTES + 3);
        TP_CHECK(!strstr(symbols_name(&s, 1), "...") == (n == SYMBOLS_SHOWN_BYTES));
        TP_CHECK_STREQ(symbols_name(&s, UINT32_MAX), "");
        symbols_close(&s);
    }
}
