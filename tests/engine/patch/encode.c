/* SPDX-License-Identifier: MIT */
/*
 * The bytes of nops and jumps: against those of the manuals, worked out by hand, and at the limits of
 * what a jump reaches. With an argument, x86_64, aarch64 or riscv64: prints, for some distances,
 * `assembler text`, a tab and our bytes, for patch.sh to ask an assembler.
 */
#include "../../../engine/control/patch.h"

#include <stdio.h>
#include <string.h>

#define CALL_BYTES_MAX 8

static const struct {
    const char *name, *text; /* of the assembler */
    bool (*jump)(uint8_t *code, int64_t distance);
    size_t bytes;
    uint8_t nop[TP_CODE_BYTES_MAX], expected_nop[TP_CODE_BYTES_MAX];
    int64_t least, most; /* distance */
    int step;
} arch[] = {
    {"x86_64", "{disp32} jmp . + (%lld)", tp_x86_jump, 5, TP_X86_NOP,
     {0x0f, 0x1f, 0x44, 0x00, 0x00}, -2147483643, 2147483652, 1},
    {"aarch64", "b . + (%lld)", tp_arm64_jump, 4, TP_ARM64_NOP, {0x1f, 0x20, 0x03, 0xd5},
     -134217728, 134217724, 4},
    {"riscv64", ".option norvc; j . + (%lld)", tp_riscv_jump, 4, TP_RISCV_NOP,
     {0x13, 0x00, 0x00, 0x00}, -1048576, 1048574, 2},
};

static const struct {
    uint8_t arch;
    int64_t distance;
    uint8_t code[TP_CODE_BYTES_MAX];
} by_hand[] = {
    {0, 5, {0xe9, 0x00, 0x00, 0x00, 0x00}},
    {0, 0, {0xe9, 0xfb, 0xff, 0xff, 0xff}},
    {0, 0x12345678 + 5, {0xe9, 0x78, 0x56, 0x34, 0x12}},
    {0, -2147483643, {0xe9, 0x00, 0x00, 0x00, 0x80}},
    {1, 0, {0x00, 0x00, 0x00, 0x14}},
    {1, 4, {0x01, 0x00, 0x00, 0x14}},
    {1, -4, {0xff, 0xff, 0xff, 0x17}},
    {1, 134217724, {0xff, 0xff, 0xff, 0x15}},
    {1, -134217728, {0x00, 0x00, 0x00, 0x16}},
    {2, 0, {0x6f, 0x00, 0x00, 0x00}},
    {2, 2, {0x6f, 0x00, 0x20, 0x00}},
    {2, 2046, {0x6f, 0x00, 0xe0, 0x7f}},
    {2, 2048, {0x6f, 0x00, 0x10, 0x00}},
    {2, 4096, {0x6f, 0x10, 0x00, 0x00}},
    {2, -2, {0x6f, 0xf0, 0xff, 0xff}},
    {2, -1048576, {0x6f, 0x00, 0x00, 0x80}},
};

static int wrong;

static void check(bool good, const char *name, const char *what, int64_t distance)
{
    if (!good)
        wrong = printf("%s: %s at %lld\n", name, what, (long long)distance);
}

/* Of the calls that functions are traced by. riscv64: the upper bits are rounded, since the rest is signed. */
static const struct {
    bool (*call)(uint8_t *code, int64_t distance);
    const char *name;
    int64_t distance;
    uint8_t code[CALL_BYTES_MAX];
    bool near;
    uint8_t bytes;
} calls[] = {
    {tp_arm64_call, "bl", 0, {0x00, 0x00, 0x00, 0x94}, true, 4},
    {tp_arm64_call, "bl", -4, {0xff, 0xff, 0xff, 0x97}, true, 4},
    {tp_arm64_call, "bl", 134217724, {0xff, 0xff, 0xff, 0x95}, true, 4},
    {tp_arm64_call, "bl", -134217728, {0x00, 0x00, 0x00, 0x96}, true, 4},
    {tp_arm64_call, "bl", 134217728, {0}, false, 0},
    {tp_arm64_call, "bl", -134217732, {0}, false, 0},
    {tp_riscv_call, "auipc", 0, {0x97, 0x02, 0x00, 0x00, 0xe7, 0x82, 0x02, 0x00}, true, 8},
    {tp_riscv_call, "auipc", 8, {0x97, 0x02, 0x00, 0x00, 0xe7, 0x82, 0x82, 0x00}, true, 8},
    {tp_riscv_call, "auipc", -4, {0x97, 0x02, 0x00, 0x00, 0xe7, 0x82, 0xc2, 0xff}, true, 8},
    {tp_riscv_call, "auipc", 0x800, {0x97, 0x12, 0x00, 0x00, 0xe7, 0x82, 0x02, 0x80}, true, 8},
    {tp_riscv_call, "auipc", 0x12345678, {0x97, 0x52, 0x34, 0x12, 0xe7, 0x82, 0x82, 0x67}, true, 8},
    {tp_riscv_call, "auipc", 2147481599, {0x97, 0xf2, 0xff, 0x7f, 0xe7, 0x82, 0xf2, 0x7f}, true, 8},
    {tp_riscv_call, "auipc", -2147485696, {0x97, 0x02, 0x00, 0x80, 0xe7, 0x82, 0x02, 0x80}, true, 8},
    {tp_riscv_call, "auipc", 2147481600, {0}, false, 0},
    {tp_riscv_call, "auipc", -2147485697, {0}, false, 0},
};

static void check_calls(void)
{
    static const uint8_t keep[] = TP_ARM64_KEEP, mov_x9_x30[] = {0xe9, 0x03, 0x1e, 0xaa};
    uint8_t code[CALL_BYTES_MAX];

    check(!memcmp(keep, mov_x9_x30, sizeof(keep)), "mov x9, x30", "bytes", 0);
    for (unsigned i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
        check(calls[i].call(code, calls[i].distance) == calls[i].near, calls[i].name, "reach",
              calls[i].distance);
        check(!memcmp(code, calls[i].code, calls[i].bytes), calls[i].name, "bytes",
              calls[i].distance);
    }
}

static void print(unsigned a)
{
    static const int64_t some[] = {4, 8, -4, 16, 124, 128, -128, 2044, 2048, 4092, 4096, -4096, 65536,
                                   -65536, 524288, 1048572, -1048576, 699052, -349528};
    uint8_t code[TP_CODE_BYTES_MAX];
    const unsigned count = sizeof(some) / sizeof(*some);

    for (unsigned i = 0; i < count + 2; i++) {
        int64_t d = i < count ? some[i] : i == count ? arch[a].least : arch[a].most;

        arch[a].jump(code, d);
        printf(arch[a].text, (long long)d);
        printf("\t");
        for (unsigned b = 0; b < arch[a].bytes; b++)
            printf("%02x", code[b]);
        printf("\n");
    }
}

int main(int argc, char **argv)
{
    uint8_t code[TP_CODE_BYTES_MAX];

    for (unsigned i = 0; i < sizeof(by_hand) / sizeof(*by_hand); i++) {
        unsigned a = by_hand[i].arch;

        check(arch[a].jump(code, by_hand[i].distance), arch[a].name, "refused", by_hand[i].distance);
        check(!memcmp(code, by_hand[i].code, arch[a].bytes), arch[a].name, "bytes",
              by_hand[i].distance);
    }
    check_calls();
    for (unsigned a = 0; a < 3; a++) {
        const char *name = arch[a].name;

        check(!memcmp(arch[a].nop, arch[a].expected_nop, arch[a].bytes), name, "nop", 0);
        check(arch[a].jump(code, arch[a].least), name, "refused", arch[a].least);
        check(arch[a].jump(code, arch[a].most), name, "refused", arch[a].most);
        check(!arch[a].jump(code, arch[a].least - arch[a].step), name, "accepted", arch[a].least - 1);
        check(!arch[a].jump(code, arch[a].most + arch[a].step), name, "accepted", arch[a].most + 1);
        check(arch[a].step == 1 || !arch[a].jump(code, 1), name, "accepted", 1);
        check(arch[a].step < 4 || !arch[a].jump(code, 2), name, "accepted", 2);
        if (argc > 1 && !strcmp(argv[1], name))
            print(a);
    }
    return wrong != 0;
}
