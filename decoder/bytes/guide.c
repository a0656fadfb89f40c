/* SPDX-License-Identifier: MIT */
/* guide.c - the index beside a dump. */
#include "bytes/guide.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc.h"
#include "base/diag.h"
#include "base/mem.h"
#include "bytes/input.h"

#define GUIDE_NANOS 1000000000u
#define GUIDE_PATH_BYTES 4096u

_Static_assert(sizeof(struct guide_head) == 16 && sizeof(struct guide_chunk) == 48 &&
                   sizeof(struct guide_block) == 16 && sizeof(struct guide_sum) == 40 &&
                   sizeof(struct guide_loss) == 64 && sizeof(struct guide_capture) == 40 &&
                   sizeof(struct guide_pair) == 16 && sizeof(struct guide_other) == 16 &&
                   sizeof(struct guide_foot) == 80,
               "doc/index-file.md");

struct guide {
    int fd;
    bool checked, good;
    struct guide_foot foot;
    uint8_t *bytes; /* of the tables */
    struct guide_tables tables;
    uint32_t block; /* in `chunks`; UINT32_MAX: none */
    uint32_t bad;   /* that one is damaged; UINT32_MAX: none is */
    uint32_t next;  /* in it, what comes after the chunk that was asked for last */
    struct guide_chunk chunks[GUIDE_BLOCK_CHUNKS];
};

struct guide *guide_open(const char *path)
{
    char name[GUIDE_PATH_BYTES];
    int n = snprintf(name, sizeof(name), "%s%s", path, GUIDE_SUFFIX), fd = -1;
    struct guide *g;

    if (n > 0 && (size_t)n < sizeof(name))
        fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    g = mem_try_grow(NULL, sizeof(*g));
    if (!g) {
        close(fd);
        mem_failed();
    }
    memset(g, 0, sizeof(*g));
    g->fd = fd;
    g->block = g->bad = UINT32_MAX;
    return g;
}

void guide_close(struct guide *g)
{
    if (!g)
        return;
    close(g->fd);
    free(g->bytes);
    free(g);
}

const struct guide_foot *guide_foot(const struct guide *g)
{
    return &g->foot;
}

const struct guide_tables *guide_tables(const struct guide *g)
{
    return &g->tables;
}

/* --- is it good? --- */

static bool guide_read(int fd, void *to, size_t n, uint64_t at)
{
    for (size_t got = 0; got < n;) {
        ssize_t more = pread(fd, (uint8_t *)to + got, n - got, (off_t)(at + got));

        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            return false;
        got += (size_t)more;
    }
    return true;
}

bool guide_identify(const struct input *in, struct guide_foot *foot)
{
    struct stat st;
    uint64_t size;

    if (in->fd < 0 || in->origin || !input_can_seek(in, &size) || fstat(in->fd, &st) != 0)
        return false;
    foot->dump_bytes = size;
    foot->dump_mtime_ns = (uint64_t)st.st_mtim.tv_sec * GUIDE_NANOS + (uint64_t)st.st_mtim.tv_nsec;
    return true;
}

uint32_t guide_sample(const struct input *in, uint64_t size)
{
    uint64_t room = size > GUIDE_SAMPLE_BYTES ? size - GUIDE_SAMPLE_BYTES : 0;
    uint8_t bytes[GUIDE_SAMPLE_BYTES];
    uint32_t crc = 0;

    for (uint64_t i = 0; i < GUIDE_SAMPLES; i++) {
        uint64_t at = room / (GUIDE_SAMPLES - 1) * i;

        /* The last is the end of the dump. */
        at = i == GUIDE_SAMPLES - 1 ? room : at;
        crc = crc_add(crc, bytes, input_look(in, at, bytes, sizeof(bytes)));
    }
    return crc;
}

static size_t guide_table_bytes(const struct guide_foot *f)
{
    return f->blocks * sizeof(struct guide_block) + f->others * sizeof(struct guide_other) +
           f->sums * sizeof(struct guide_sum) + f->losses * sizeof(struct guide_loss) +
           f->captures * sizeof(struct guide_capture) + f->pairs * sizeof(struct guide_pair);
}

/* Where the tables are in the file. */
static uint64_t guide_tables_at(const struct guide_foot *f)
{
    return sizeof(struct guide_head) + f->chunks * sizeof(struct guide_chunk);
}

static bool guide_limits(const struct guide_foot *f)
{
    return f->blocks <= GUIDE_BLOCKS_MAX && f->others <= GUIDE_OTHERS_MAX &&
           f->sums <= GUIDE_SUMS_MAX && f->losses <= GUIDE_LOSSES_MAX &&
           f->captures <= GUIDE_CAPTURES_MAX && f->pairs <= GUIDE_PAIRS_MAX &&
           f->chunks <= (uint64_t)f->blocks * GUIDE_BLOCK_CHUNKS &&
           f->blocks == (f->chunks + GUIDE_BLOCK_CHUNKS - 1) / GUIDE_BLOCK_CHUNKS;
}

/* Head and foot. NULL, or what is wrong. */
static const char *guide_ends(struct guide *g)
{
    struct guide_foot *f = &g->foot;
    struct guide_head head;
    struct stat st;

    if (fstat(g->fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(*f) ||
        !guide_read(g->fd, &head, sizeof(head), 0) ||
        memcmp(head.magic, GUIDE_MAGIC, GUIDE_MAGIC_BYTES) != 0)
        return "it is no index";
    if (head.version != GUIDE_VERSION || head.order != GUIDE_ORDER)
        return "another tpdecode wrote it";
    if (!guide_read(g->fd, f, sizeof(*f), (uint64_t)st.st_size - sizeof(*f)) ||
        memcmp(f->magic, GUIDE_MAGIC, GUIDE_MAGIC_BYTES) != 0 || head.zero ||
        crc_add(0, f, offsetof(struct guide_foot, crc)) != f->crc || !guide_limits(f) ||
        (uint64_t)st.st_size != guide_tables_at(f) + guide_table_bytes(f) + sizeof(*f))
        return "it is damaged";
    return NULL;
}

static const void *guide_take(const uint8_t **at, size_t n)
{
    const void *p = *at;

    *at += n;
    return p;
}

/* What the tables say of each other. */
static bool guide_consistent(const struct guide *g)
{
    const struct guide_foot *f = &g->foot;
    const struct guide_tables *t = &g->tables;
    uint64_t chunks = 0, pairs = 0;

    for (uint32_t i = 0; i < f->blocks; i++) {
        const struct guide_block *b = &t->blocks[i];

        if (!b->count || b->count > GUIDE_BLOCK_CHUNKS ||
            (b->count != GUIDE_BLOCK_CHUNKS && i + 1 != f->blocks) || b->at > f->dump_bytes ||
            (i && b->at <= t->blocks[i - 1].at))
            return false;
        chunks += b->count;
    }
    for (uint32_t i = 0; i < f->others; i++)
        if (t->others[i].at >= f->dump_bytes || t->others[i].index >= f->chunks ||
            (i && (t->others[i].at <= t->others[i - 1].at ||
                   t->others[i].index <= t->others[i - 1].index)))
            return false;
    for (uint32_t i = 0; i < f->captures; i++) {
        if (t->captures[i].pairs > f->pairs - pairs)
            return false;
        pairs += t->captures[i].pairs;
    }
    for (uint32_t i = 0; i < f->losses; i++)
        if (t->losses[i].cpu > UINT16_MAX)
            return false;
    for (uint32_t i = 0; i < f->sums; i++)
        if (t->sums[i].cpu > UINT16_MAX || t->sums[i].id > UINT16_MAX || !t->sums[i].count)
            return false;
    return chunks == f->chunks && pairs == f->pairs;
}

/* NULL, or what is wrong. */
static const char *guide_load(struct guide *g)
{
    const struct guide_foot *f = &g->foot;
    size_t n = guide_table_bytes(f);
    struct guide_tables *t = &g->tables;
    const uint8_t *at;

    g->bytes = mem_alloc(n + 1);
    if (!guide_read(g->fd, g->bytes, n, guide_tables_at(f)) ||
        crc_add(0, g->bytes, n) != f->tables_crc)
        return "it is damaged";
    at = g->bytes;
    t->blocks = guide_take(&at, f->blocks * sizeof(*t->blocks));
    t->others = guide_take(&at, f->others * sizeof(*t->others));
    t->sums = guide_take(&at, f->sums * sizeof(*t->sums));
    t->losses = guide_take(&at, f->losses * sizeof(*t->losses));
    t->captures = guide_take(&at, f->captures * sizeof(*t->captures));
    t->pairs = guide_take(&at, f->pairs * sizeof(*t->pairs));
    return guide_consistent(g) ? NULL : "it is damaged";
}

/* Is it of this dump, as it is now? NULL, or what is wrong. */
static const char *guide_match(const struct guide *g, const struct input *in)
{
    const struct guide_foot *f = &g->foot;
    struct guide_foot now;

    if (!guide_identify(in, &now))
        return "only a plain file has one";
    if (now.dump_bytes != f->dump_bytes || now.dump_mtime_ns != f->dump_mtime_ns ||
        guide_sample(in, now.dump_bytes) != f->dump_crc)
        return "the dump was written after it";
    return NULL;
}

void guide_drop(struct guide *g, struct diag_file *diag, const char *why)
{
    g->good = false;
    diag_note(diag, "its index is not used: %s (tpdecode --index makes it anew)", why);
}

bool guide_ready(struct guide *g, const struct input *in, struct diag_file *diag)
{
    const char *problem;

    if (!g || g->checked)
        return g && g->good;
    g->checked = true;
    problem = guide_ends(g);
    if (!problem)
        problem = guide_match(g, in);
    if (!problem)
        problem = guide_load(g);
    g->good = !problem;
    if (problem)
        guide_drop(g, diag, problem);
    return g->good;
}

/* --- chunks --- */

/* Do they follow each other, inside of the dump? */
static bool guide_follow(const struct guide *g, uint32_t block)
{
    const struct guide_block *b = &g->tables.blocks[block];
    uint64_t end = block + 1 < g->foot.blocks ? b[1].at : g->foot.dump_bytes, at = b->at;

    for (uint32_t i = 0; i < b->count; i++) {
        const struct guide_chunk *c = &g->chunks[i];

        if (c->at < at || c->at > end || !c->size_bytes || c->size_bytes > end - c->at)
            return false;
        at = c->at + c->size_bytes;
    }
    return g->chunks[0].at == b->at;
}

const struct guide_chunk *guide_chunks(struct guide *g, uint32_t block)
{
    const struct guide_block *b = &g->tables.blocks[block];
    uint64_t at = sizeof(struct guide_head) +
                  (uint64_t)block * GUIDE_BLOCK_CHUNKS * sizeof(struct guide_chunk);
    size_t n = b->count * sizeof(struct guide_chunk);

    if (block == g->block)
        return g->chunks;
    if (block == g->bad)
        return NULL;
    g->block = UINT32_MAX;
    g->next = 0;
    if (!guide_read(g->fd, g->chunks, n, at) || crc_add(0, g->chunks, n) != b->crc) {
        g->bad = block;
        return NULL;
    }
    g->block = block;
    if (guide_follow(g, block))
        return g->chunks;
    g->block = UINT32_MAX;
    g->bad = block;
    return NULL;
}

const struct guide_other *guide_next_other(const struct guide *g, uint64_t at)
{
    uint32_t low = 0, high = g->foot.others;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (g->tables.others[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < g->foot.others ? &g->tables.others[low] : NULL;
}

/* The block that has an offset of the dump. */
static uint32_t guide_block_at(const struct guide *g, uint64_t at)
{
    uint32_t low = 0, high = g->foot.blocks;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (g->tables.blocks[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

const struct guide_chunk *guide_at(struct guide *g, uint64_t at)
{
    uint32_t block, low, high;

    if (!g->foot.blocks)
        return NULL;
    if (g->block != UINT32_MAX && g->next < g->tables.blocks[g->block].count &&
        g->chunks[g->next].at == at)
        return &g->chunks[g->next++];
    block = guide_block_at(g, at);
    if (!guide_chunks(g, block))
        return NULL;
    low = 0;
    high = g->tables.blocks[block].count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (g->chunks[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    g->next = low + 1;
    return g->chunks[low].at == at ? &g->chunks[low] : NULL;
}

bool guide_may_replace(const char *path)
{
    char magic[GUIDE_MAGIC_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool is;

    if (fd < 0)
        return errno == ENOENT;
    is = guide_read(fd, magic, sizeof(magic), 0) &&
         memcmp(magic, GUIDE_MAGIC, GUIDE_MAGIC_BYTES) == 0;
    close(fd);
    return is;
}
