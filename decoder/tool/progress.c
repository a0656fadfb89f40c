/* SPDX-License-Identifier: MIT */
/* progress.c - how far a long run is, on standard error. */
#include "tool/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/watch.h"

#define PROGRESS_MIB 1048576.0
#define PROGRESS_CLEAR "\r\033[K"

void progress_open(struct progress *p, enum progress_mode mode, bool asked, struct out_sink sink)
{
    uint64_t now = mode == PROGRESS_NONE ? 0 : watch_now();

    *p = (struct progress){.mode = mode, .asked = asked, .sink = sink, .start = now};
    p->next = now + (asked ? PROGRESS_EVERY_MS : PROGRESS_FIRST_MS);
}

static void progress_put(struct progress *p, const char *text, size_t n)
{
    (void)p->sink.write(p->sink.context, text, n);
}

int progress_write(void *context, const void *bytes, size_t n)
{
    struct progress *p = context;

    if (p->shown)
        progress_put(p, PROGRESS_CLEAR, sizeof(PROGRESS_CLEAR) - 1);
    p->shown = false;
    return p->sink.write(p->sink.context, bytes, n);
}

/* Bytes that were read, as they are in the files, and how many there are; 0: not known. */
static void progress_count(const struct stream *s, uint64_t *done, uint64_t *all)
{
    off_t at = s->in.fd < 0   ? -1
               : s->in.sought ? s->in.origin + (off_t)s->in.offset
               : s->in.zip    ? s->in.origin + (off_t)s->in.taken
                              : lseek(s->in.fd, 0, SEEK_CUR);
    struct stat st;

    if (at >= 0 && fstat(s->in.fd, &st) == 0 && S_ISREG(st.st_mode) && !s->in.watch) {
        *done += (uint64_t)(at < st.st_size ? at : st.st_size);
        *all += *all == UINT64_MAX ? 0 : (uint64_t)st.st_size;
        return;
    }
    *done += s->in.offset;
    *all = UINT64_MAX;
}

static void progress_show(struct progress *p, const struct stream *streams, size_t count,
                          uint64_t now)
{
    uint64_t done = 0, all = 0, records = 0, ms = now - p->start;
    char text[200];
    double rate;
    int n;

    for (size_t i = 0; i < count; i++) {
        records += streams[i].records;
        progress_count(&streams[i], &done, &all);
    }
    rate = (double)done / (ms ? (double)ms : 1) * 1000;
    n = snprintf(text, sizeof(text), "%stpdecode: %.1f", p->mode == PROGRESS_TERMINAL ? "\r" : "",
                 (double)done / PROGRESS_MIB);
    if (all != UINT64_MAX)
        n += snprintf(text + n, sizeof(text) - (size_t)n, " of %.1f", (double)all / PROGRESS_MIB);
    n += snprintf(text + n, sizeof(text) - (size_t)n, " MiB, %" PRIu64 " records, %.1f MiB/s",
                  records, rate / PROGRESS_MIB);
    if (all != UINT64_MAX && done)
        n += snprintf(text + n, sizeof(text) - (size_t)n, ", %.0f s left",
                      (double)(all - done) / rate);
    n += snprintf(text + n, sizeof(text) - (size_t)n, "%s",
                  p->mode == PROGRESS_TERMINAL ? "\033[K" : "\n");
    progress_put(p, text, (size_t)n);
    p->shown = p->mode == PROGRESS_TERMINAL;
}

void progress_turn(struct progress *p, const struct stream *streams, size_t count)
{
    uint64_t now;

    if (p->mode == PROGRESS_NONE || (now = watch_now()) < p->next)
        return;
    p->next = now + PROGRESS_EVERY_MS;
    progress_show(p, streams, count, now);
}

void progress_end(struct progress *p, const struct stream *streams, size_t count)
{
    if (p->mode != PROGRESS_NONE && p->asked)
        progress_show(p, streams, count, watch_now());
    if (p->shown)
        progress_put(p, p->asked ? "\n" : PROGRESS_CLEAR,
                     p->asked ? 1 : sizeof(PROGRESS_CLEAR) - 1);
    p->shown = false;
}
