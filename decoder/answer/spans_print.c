/* SPDX-License-Identifier: MIT */
/* spans_print.c - what --spans prints: the table, JSON, folded stacks, and what is left out of them. */
#include "answer/spans_print.h"

#include <inttypes.h>

#include "base/number.h"

/* What is in no span, and why: `how` is called with each number and its text, and its name in JSON. */
static void spans_print_left_out(const struct spans *sp,
                                 void (*how)(const struct spans *sp, uint64_t n, const char *text,
                                             const char *json))
{
    const struct match *m = &sp->match;

    how(sp, number_add(sp->left, m->left), " begins without an end", "left");
    how(sp, number_add(sp->ends, m->ends), " ends without a begin", "ends");
    how(sp, m->restarted, " begun again before their end", "restarted");
    how(sp, number_add(sp->stack.dropped, m->dropped), " dropped (too many are open)", "dropped");
    how(sp, number_add(sp->backwards, m->backwards), " ended before they began", "backwards");
    how(sp, sp->without, " without a track, an id or a duration", "without");
    how(sp, number_add(sp->across, m->across), " dropped across losses", "across_losses");
    how(sp, sp->unsure, " whose self time is not known", "unsure");
    how(sp, sp->table.crowded, " are in no percentile (too many different times)", "crowded");
}

static void spans_print_text_one(const struct spans *sp, uint64_t n, const char *text,
                                 const char *json)
{
    (void)json;
    if (!n)
        return;
    out_u64(sp->sink.out, n);
    out_text(sp->sink.out, text);
    out_text(sp->sink.out, "\n");
}

static void spans_print_json_one(const struct spans *sp, uint64_t n, const char *text,
                                 const char *json)
{
    (void)text;
    number_json(sp->sink.out, json, n);
}

const char *spans_print_word(const struct spans *sp)
{
    return sp->options->word ? sp->options->word : "--spans";
}

static void spans_print_tell_one(const struct spans *sp, uint64_t n, const char *text,
                                 const char *json)
{
    (void)json;
    if (n)
        diag_line(sp->diag, "%s: %" PRIu64 "%s", spans_print_word(sp), n, text);
}

void spans_print_text(const struct spans *sp)
{
    struct out *o = sp->sink.out;

    span_text(&sp->table, o);
    out_text(o, "\n");
    if (!sp->switches)
        out_text(o, "no event says what a CPU runs: in self time there may be some in which the "
                    "task did not run\n");
    spans_print_left_out(sp, spans_print_text_one);
    loss_text(&sp->loss, o);
}

void spans_print_json(const struct spans *sp)
{
    struct out *o = sp->sink.out;

    out_text(o, "{\"answer\":\"spans\",\"switches\":");
    out_text(o, sp->switches ? "true" : "false");
    spans_print_left_out(sp, spans_print_json_one);
    loss_json(&sp->loss, o);
    out_text(o, ",\"spans\":");
    span_json(&sp->table, o);
    out_text(o, "}\n");
}

static void spans_print_notes(const void *context, struct out *o)
{
    const struct spans *sp = context;

    (void)o; /* it is the sink's */
    spans_print_left_out(sp, spans_print_text_one);
    loss_text(&sp->loss, sp->sink.out);
}

/* Without switches it is not known how long a task ran: only what is inside of it is shown. */
void spans_print_folded(const struct spans *sp)
{
    uint32_t least = sp->switches ? 1 : 2;

    if (sp->options->fold == FOLD_FLAME)
        flame_print(&(struct flame){.title = "Time by what was open",
                                    .unit = "ns",
                                    .least = least,
                                    .names = &sp->table.names,
                                    .notes = spans_print_notes,
                                    .context = sp},
                    &sp->fold, sp->sink.out);
    else
        fold_text(&sp->fold, sp->sink.out, least, &sp->table.names);
    spans_print_left_out(sp, spans_print_tell_one);
    if (sp->loss.damaged)
        diag_line(sp->diag, "%s: how many more were lost is not known at %" PRIu64 " places",
                  spans_print_word(sp), sp->loss.damaged);
}
