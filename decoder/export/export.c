/* SPDX-License-Identifier: MIT */
/* export.c - the formats of viewers: which sink it is. */
#include "export/export.h"

#include <string.h>

static const struct export_name {
    const char *word;
    enum export_kind kind;
} export_names[] = {{"ftrace", EXPORT_FTRACE},       {"vcd", EXPORT_VCD},
                    {"trace.dat", EXPORT_DAT},       {"perfetto", EXPORT_PERFETTO},
                    {"chrome", EXPORT_CHROME},       {"html", EXPORT_HTML},
                    {"sqlite", EXPORT_SQLITE},       {"ctf", EXPORT_CTF},
                    {"ctf-lttng", EXPORT_CTF_LTTNG}, {"parquet", EXPORT_PARQUET}};

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
    return kind == EXPORT_DAT || kind == EXPORT_SQLITE || kind == EXPORT_PARQUET ||
           kind == EXPORT_SHELF;
}

bool export_seeks(enum export_kind kind)
{
    return kind == EXPORT_SQLITE;
}

bool export_binary(enum export_kind kind)
{
    return kind == EXPORT_DAT || kind == EXPORT_PERFETTO || kind == EXPORT_SQLITE ||
           kind == EXPORT_PARQUET;
}

bool export_looks(enum export_kind kind)
{
    return kind == EXPORT_PARQUET || kind == EXPORT_SHELF;
}

bool export_adds(enum export_kind kind)
{
    return kind == EXPORT_FTRACE;
}

bool export_shares(const struct export_options *options)
{
    return options->kind == EXPORT_DAT || (export_looks(options->kind) && !options->plain);
}

bool export_spills_each(enum export_kind kind)
{
    return kind == EXPORT_DAT;
}

uint32_t export_ring_bytes(enum export_kind kind)
{
    return kind == EXPORT_DAT ? HAND_RING_BYTES : CREW_BYTES;
}

void export_work(const struct export_options *options, struct crew *crew, struct spill *spills)
{
    struct hand_member member;
    struct leaf_maker maker;

    if (options->kind == EXPORT_DAT) {
        hand_join(&member, spills, crew->self);
        crew_work(crew, hand_work, &member);
    }
    leaf_open(&maker, true);
    crew_work(crew, leaf_work, &maker);
}

bool export_fills(enum export_kind kind)
{
    return kind == EXPORT_CTF || kind == EXPORT_CTF_LTTNG || kind == EXPORT_SHELF;
}

struct sink *export_open(struct exporter *x, const struct export_options *options, struct out *o,
                         struct crew *crew, struct spill *spills, struct folder *folder,
                         struct diag *diag)
{
    x->kind = options->kind;
    switch (x->kind) {
    case EXPORT_DAT:
        return dat_open(&x->dat, o, options->roles, crew, spills, diag);
    case EXPORT_PARQUET:
        return parquet_open(&x->parquet, o, options->constants, !options->plain, crew, spills,
                            diag);
    case EXPORT_SHELF:
        return shelf_open(&x->shelf, o, options->constants, !options->plain, crew, spills, folder,
                          diag);
    case EXPORT_VCD:
        return vcd_open(&x->vcd, o, options->roles, diag);
    case EXPORT_PERFETTO:
        return perfetto_open(&x->perfetto, o, options->roles, diag);
    case EXPORT_SQLITE:
        return database_open(&x->database, o, options->roles, options->fd, spills, diag);
    case EXPORT_CHROME:
        return chrome_open(&x->chrome, o, options->roles, diag);
    case EXPORT_HTML:
        return html_open(&x->html, o, options->roles, options->most, diag);
    case EXPORT_CTF:
    case EXPORT_CTF_LTTNG:
        return ctf_open(&x->ctf, o, options->roles, x->kind == EXPORT_CTF_LTTNG, folder, diag);
    default:
        return ftrace_open(&x->ftrace, o, options->roles, diag);
    }
}

bool export_wrong(const struct exporter *x)
{
    switch (x->kind) {
    case EXPORT_DAT:
        return x->dat.wrong;
    case EXPORT_PARQUET:
    case EXPORT_SHELF:
        return false;
    case EXPORT_VCD:
        return x->vcd.wrong;
    case EXPORT_PERFETTO:
        return x->perfetto.wrong;
    case EXPORT_SQLITE:
        return x->database.wrong;
    case EXPORT_CHROME:
        return x->chrome.wrong;
    case EXPORT_HTML:
        return x->html.wrong;
    case EXPORT_CTF:
    case EXPORT_CTF_LTTNG:
        return x->ctf.wrong;
    default:
        return x->ftrace.wrong;
    }
}
