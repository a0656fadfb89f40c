/* SPDX-License-Identifier: MIT */
/* export.c - the formats of viewers: which sink it is. */
#include "export/export.h"

#include <string.h>

static const struct export_name {
    const char *word;
    enum export_kind kind;
} export_names[] = {{"ftrace", EXPORT_FTRACE}, {"vcd", EXPORT_VCD}, {"trace.dat", EXPORT_DAT}};

#define EXPORT_NAMES (sizeof(export_names) / sizeof(export_names[0]))

enum export_kind export_find(const char *word)
{
    for (size_t i = 0; i < EXPORT_NAMES; i++)
        if (strcmp(export_names[i].word, word) == 0)
            return export_names[i].kind;
    return EXPORT_NONE;
}

const char *export_word(size_t i)
{
    return i < EXPORT_NAMES ? export_names[i].word : NULL;
}

bool export_spills(enum export_kind kind)
{
    return kind == EXPORT_DAT;
}

bool export_binary(enum export_kind kind)
{
    return kind == EXPORT_DAT;
}

struct sink *export_open(struct exporter *x, const struct export_options *options, struct out *o,
                         struct spill *spill, struct diag *diag)
{
    x->kind = options->kind;
    if (options->kind == EXPORT_DAT)
        return dat_open(&x->dat, o, options->roles, spill, diag);
    if (options->kind == EXPORT_VCD)
        return vcd_open(&x->vcd, o, options->roles, diag);
    return ftrace_open(&x->ftrace, o, options->roles, diag);
}

bool export_wrong(const struct exporter *x)
{
    if (x->kind == EXPORT_DAT)
        return x->dat.wrong;
    return x->kind == EXPORT_VCD ? x->vcd.wrong : x->ftrace.wrong;
}
