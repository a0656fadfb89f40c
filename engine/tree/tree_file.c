/* SPDX-License-Identifier: MIT */
/* The files of the control tree: what is read from each, and what can be written to it. */
#include "tree.h"
#include "../control/control.h"

#include <tp/linux.h>

static const char tree_file_stop_first[] = "the trace is running: write 0 to tracing_on first";

static int tree_file_refuse(int err, const char *what, struct tp_filter_error *error)
{
    error->what = what;
    return err;
}

static size_t tree_file_skip_blanks(const char *text, size_t bytes)
{
    size_t n = 0;

    while (n < bytes && tp_text_blank(text[n]))
        n++;
    return n;
}

/* A decimal number and nothing else. */
static bool tree_file_read_number(const char *text, size_t bytes, uint32_t *value)
{
    size_t from = tree_file_skip_blanks(text, bytes);
    size_t digits = tp_text_parse(text + from, bytes - from, value);

    return digits && from + digits == bytes;
}

static int tree_file_read_switch(const char *text, size_t bytes, bool *on,
                                 struct tp_filter_error *error)
{
    uint32_t value;

    if (!tree_file_read_number(text, bytes, &value) || value > 1)
        return tree_file_refuse(TP_EINVAL, "0 or 1 is expected", error);
    *on = value;
    return 0;
}

/* Copies the text and ends it by a NUL; false: it contains one, or is too long. */
static bool tree_file_copy_text(char *to, size_t room, const char *text, size_t bytes)
{
    if (bytes >= room)
        return false;
    for (size_t i = 0; i < bytes; i++) {
        if (!text[i])
            return false;
        to[i] = text[i];
    }
    to[bytes] = 0;
    return true;
}

static void tree_file_put_line(struct tp_text *t, uint64_t number)
{
    tp_text_number(t, number);
    tp_text_char(t, '\n');
}

/* --- the trace --- */

static int tree_file_text_tracing_on(const struct tp_place *p, struct tp_text *t)
{
    tree_file_put_line(t, tp_trace_runs(tp_trace_number(p->trace)));
    return 0;
}

static int tree_file_write_tracing_on(const struct tp_place *p, const char *text, size_t bytes,
                                      struct tp_filter_error *error)
{
    bool on;
    int err = tree_file_read_switch(text, bytes, &on, error);

    if (!err)
        err = on ? tp_trace_start(p->trace) : tp_trace_stop(p->trace);
    return err == TP_EBUSY && tp_trace_runs(tp_trace_number(p->trace)) == on ? 0 : err;
}

static int tree_file_text_clock(const struct tp_place *p, struct tp_text *t)
{
    (void)p;
    tp_text_char(t, '[');
    tp_text_put(t, tp_port_clock_name);
    tp_text_put(t, "]\n");
    return 0;
}

static int tree_file_write_clock(const struct tp_place *p, const char *text, size_t bytes,
                                 struct tp_filter_error *error)
{
    size_t from = tree_file_skip_blanks(text, bytes);

    (void)p;
    if (!tp_text_is(text + from, bytes - from, tp_port_clock_name))
        return tree_file_refuse(TP_EINVAL, "the port has one clock, and this is not its name",
                                error);
    return 0;
}

static uint64_t tree_file_ring_bytes(const struct tp_config *c)
{
    return (uint64_t)c->subbufs * c->subbuf_bytes;
}

static int tree_file_text_size(const struct tp_place *p, struct tp_text *t)
{
    struct tp_config c;
    int err = tp_trace_config(p->trace, &c);

    if (!err)
        tree_file_put_line(t, tree_file_ring_bytes(&c) >> 10);
    return err;
}

static int tree_file_text_total_size(const struct tp_place *p, struct tp_text *t)
{
    struct tp_config c;
    int err = tp_trace_config(p->trace, &c);

    if (!err)
        tree_file_put_line(t, (tree_file_ring_bytes(&c) * c.cpus) >> 10);
    return err;
}

static int tree_file_configure(struct tp_trace *trace, const struct tp_config *config,
                               struct tp_filter_error *error)
{
    int err = tp_trace_configure(trace, config);

    if (err == TP_EBUSY && tp_trace_runs(tp_trace_number(trace)))
        return tree_file_refuse(err, tree_file_stop_first, error);
    return err ? tree_file_refuse(err, tp_strerror(err), error) : 0;
}

static int tree_file_write_size(const struct tp_place *p, const char *text, size_t bytes,
                                struct tp_filter_error *error)
{
    struct tp_config c;
    uint32_t kib;
    int err;

    if (!tree_file_read_number(text, bytes, &kib) || !kib)
        return tree_file_refuse(TP_EINVAL, "a number of KiB is expected", error);
    err = tp_trace_config(p->trace, &c);
    if (err)
        return err;
    for (c.subbufs = 2; tree_file_ring_bytes(&c) < (uint64_t)kib << 10; c.subbufs *= 2)
        if (c.subbufs > UINT32_MAX / 2)
            return tree_file_refuse(TP_EINVAL, "larger than a ring can be", error);
    return tree_file_configure(p->trace, &c, error);
}

static int tree_file_text_overwrite(const struct tp_place *p, struct tp_text *t)
{
    struct tp_config c;
    int err = tp_trace_config(p->trace, &c);

    if (!err)
        tree_file_put_line(t, c.mode == TP_OVERWRITE);
    return err;
}

static int tree_file_write_overwrite(const struct tp_place *p, const char *text, size_t bytes,
                                     struct tp_filter_error *error)
{
    struct tp_config c;
    enum tp_mode was;
    bool on;
    int err = tree_file_read_switch(text, bytes, &on, error);

    if (!err)
        err = tp_trace_config(p->trace, &c);
    if (err)
        return err;
    was = c.mode;
    c.mode = on ? TP_OVERWRITE : TP_DISCARD;
    return c.mode == was ? 0 : tree_file_configure(p->trace, &c, error);
}

/* --- what it has recorded --- */

static void tree_file_put_count(struct tp_text *t, const char *name, uint64_t count)
{
    tp_text_put(t, name);
    tree_file_put_line(t, count);
}

/* The first five have their names in Linux. */
static int tree_file_text_stats(const struct tp_place *p, struct tp_text *t)
{
    struct tp_trace_stats s;
    int err = tp_trace_stats(p->trace, p->cpu, &s);

    if (err)
        return err;
    tree_file_put_count(t, "entries: ", s.unread);
    tree_file_put_count(t, "overrun: ", s.lost[TP_LOST_OVERWRITTEN]);
    tree_file_put_count(t, "commit overrun: ", s.lost[TP_LOST_NESTED]);
    tree_file_put_count(t, "dropped events: ", s.lost[TP_LOST_FULL]);
    tree_file_put_count(t, "read events: ", s.read);
    tree_file_put_count(t, "oversize events: ", s.lost[TP_LOST_OVERSIZE]);
    tree_file_put_count(t, "recursion events: ", s.lost[TP_LOST_RECURSION]);
    tree_file_put_count(t, "unfinished events: ", s.unfinished);
    return 0;
}

static int tree_file_tasks(const struct tp_place *p, uint32_t *tasks)
{
    struct tp_config config;
    int err = tp_trace_config(p->trace, &config);

    *tasks = err ? 0 : tp_tasks_room(&config);
    return err;
}

/* A name may contain any byte: it must not make lines of its own. */
static int tree_file_text_tasks(const struct tp_place *p, struct tp_text *t)
{
    struct tp_task task;
    uint32_t tasks;
    int err = tree_file_tasks(p, &tasks);

    for (uint32_t i = 0; i < tasks && !tp_text_full(t); i++) {
        if (!tp_task_read(p->trace, i, &task))
            continue;
        tp_text_number(t, task.id);
        tp_text_char(t, ' ');
        for (const char *c = task.name; *c; c++)
            tp_text_char(t, (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c);
        tp_text_char(t, '\n');
    }
    return err;
}

static int tree_file_text_tasks_size(const struct tp_place *p, struct tp_text *t)
{
    uint32_t tasks;
    int err = tree_file_tasks(p, &tasks);

    if (!err)
        tree_file_put_line(t, tasks);
    return err;
}

static int tree_file_write_tasks_size(const struct tp_place *p, const char *text, size_t bytes,
                                      struct tp_filter_error *error)
{
    struct tp_config c;
    uint32_t tasks;
    int err;

    if (!tree_file_read_number(text, bytes, &tasks) || tasks > TP_LIMIT_TASKS)
        return tree_file_refuse(TP_EINVAL, "a number of names is expected, at most 65536", error);
    err = tp_trace_config(p->trace, &c);
    if (err)
        return err;
    c.tasks = tasks ? tasks : TP_TASKS_NONE;
    return tree_file_configure(p->trace, &c, error);
}

static long tree_file_stream_snapshot(const struct tp_place *p, uint64_t offset, void *buffer,
                                      size_t bytes)
{
    (void)offset;
    return tp_snapshot_read(p->trace, buffer, bytes);
}

static int tree_file_write_snapshot(const struct tp_place *p, const char *text, size_t bytes,
                                    struct tp_filter_error *error)
{
    uint32_t value;

    if (!tree_file_read_number(text, bytes, &value) || value != 1)
        return tree_file_refuse(TP_EINVAL, "1 is expected: it takes a snapshot", error);
    return tp_snapshot_begin(p->trace);
}

/* The pipe of all CPUs, or of one. */
static long tree_file_stream_pipe(const struct tp_place *p, uint64_t offset, void *buffer,
                                  size_t bytes)
{
    if (!offset)
        tp_pipe_flush(p->trace);
    return p->node == TP_NODE_PIPE ? tp_pipe_read(p->trace, buffer, bytes)
                                   : tp_cpu_pipe_read(p->trace, p->cpu, buffer, bytes);
}

/* --- which events --- */

static bool tree_file_is_chosen(const struct tp_place *p, const struct tp_event *e)
{
    unsigned i = tp_trace_number(p->trace);

    return i < TP_TRACES_MAX && __atomic_load_n(&e->want, __ATOMIC_RELAXED) & 1u << i;
}

/* True if the place includes this event: it is of all events, of a subsystem, or of one name. */
static bool tree_file_is_meant(const struct tp_place *p, const struct tp_event *e)
{
    return (!p->sys || tp_text_is(p->sys, tp_text_length(p->sys), e->sys)) &&
           (!p->event || tp_text_is(p->event->name, tp_text_length(p->event->name), e->name));
}

static int tree_file_text_enable(const struct tp_place *p, struct tp_text *t)
{
    bool on = false, off = false;

    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        const struct tp_event *e = tp_event_get(id);

        if (e && tree_file_is_meant(p, e)) {
            on |= tree_file_is_chosen(p, e);
            off |= !tree_file_is_chosen(p, e);
        }
    }
    tp_text_put(t, on && off ? "X\n" : on ? "1\n" : "0\n");
    return 0;
}

static int tree_file_choose(struct tp_trace *trace, const char *pattern, bool on)
{
    return on ? tp_trace_enable(trace, pattern) : tp_trace_disable(trace, pattern);
}

static int tree_file_write_enable(const struct tp_place *p, const char *text, size_t bytes,
                                  struct tp_filter_error *error)
{
    char pattern[TP_PATTERN_BYTES];
    bool on;
    int err = tree_file_read_switch(text, bytes, &on, error);

    tp_place_pattern(p, pattern);
    return err ? err : tree_file_choose(p->trace, pattern, on);
}

static int tree_file_text_names(const struct tp_place *p, struct tp_text *t, bool all)
{
    for (uint32_t id = 1; id <= tp_event_last() && !tp_text_full(t); id++) {
        const struct tp_event *e = tp_event_get(id);

        if (!e || (!all && !tree_file_is_chosen(p, e)) || !tp_event_first(e))
            continue;
        tp_text_put(t, e->sys);
        tp_text_char(t, ':');
        tp_text_put(t, e->name);
        tp_text_char(t, '\n');
    }
    return 0;
}

static int tree_file_text_available(const struct tp_place *p, struct tp_text *t)
{
    return tree_file_text_names(p, t, true);
}

static int tree_file_text_set_event(const struct tp_place *p, struct tp_text *t)
{
    return tree_file_text_names(p, t, false);
}

static bool tree_file_has_match(const char *pattern)
{
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        const struct tp_event *e = tp_event_get(id);

        if (e && tp_event_matches(e, pattern))
            return true;
    }
    return false;
}

/* The next pattern of a list; *on: it does not begin with '!'. 1; 0: the list is at its end; or
 * TP_EINVAL. */
static int tree_file_next_pattern(const char *text, size_t bytes, size_t *at, char *pattern,
                                  bool *on)
{
    size_t from, n = 0;

    *at += tree_file_skip_blanks(text + *at, bytes - *at);
    if (*at == bytes)
        return 0;
    *on = text[*at] != '!';
    from = *at + !*on;
    while (from + n < bytes && !tp_text_blank(text[from + n]))
        n++;
    if (!tree_file_copy_text(pattern, TP_PATTERN_BYTES, text + from, n))
        return TP_EINVAL;
    *at = from + n;
    return 1;
}

/* First every pattern is checked, so that a wrong one changes nothing; then each is applied. */
static int tree_file_write_set_event(const struct tp_place *p, const char *text, size_t bytes,
                                     struct tp_filter_error *error)
{
    char pattern[TP_PATTERN_BYTES];
    size_t at = 0;
    bool on;
    int more;

    while ((more = tree_file_next_pattern(text, bytes, &at, pattern, &on)) > 0)
        if (!tree_file_has_match(pattern))
            return tree_file_refuse(TP_ENOENT, "no event matches one of these", error);
    if (more < 0)
        return tree_file_refuse(more, "a pattern is longer than any name", error);
    at = 0;
    while (tree_file_next_pattern(text, bytes, &at, pattern, &on) > 0) {
        int err = tree_file_choose(p->trace, pattern, on);

        if (err)
            return err;
    }
    return 0;
}

/* --- one event --- */

static int tree_file_text_id(const struct tp_place *p, struct tp_text *t)
{
    tree_file_put_line(t, p->event->id);
    return 0;
}

static long tree_file_stream_format(const struct tp_place *p, uint64_t offset, void *buffer,
                                    size_t bytes)
{
    return (long)tp_linux_format(p->event, offset, buffer, bytes);
}

/* The filter of the event, or the one that all events of the subsystem have. */
static int tree_file_text_filter(const struct tp_place *p, struct tp_text *t)
{
    const struct tp_event *first = NULL;
    bool mixed = false;

    for (uint32_t id = 1; id <= tp_event_last() && !mixed; id++) {
        const struct tp_event *e = tp_event_get(id);

        if (!e || !tree_file_is_meant(p, e))
            continue;
        first = first ? first : e;
        mixed = !tp_filter_same(p->trace, first, e);
    }
    if (mixed)
        tp_text_char(t, 'X');
    else if (!first || tp_filter_put(p->trace, first, t))
        tp_text_put(t, "none");
    tp_text_char(t, '\n');
    return 0;
}

static int tree_file_too_long(struct tp_filter_error *error)
{
    *error = (struct tp_filter_error){TP_FILTER_TOO_LONG, TP_FILTER_TEXT_MAX, "too long"};
    return TP_EFILTER;
}

static bool tree_file_has_nul(const char *text, size_t bytes)
{
    while (bytes && text[bytes - 1])
        bytes--;
    return bytes;
}

/* The call describes what is wrong with the text, perhaps for one event although others took it;
 * then the description is dropped. */
static int tree_file_change(int (*change)(struct tp_trace *trace, struct tp_which which,
                                          struct tp_piece text, struct tp_filter_error *error),
                            size_t most, const struct tp_place *p, const char *text, size_t bytes,
                            struct tp_filter_error *error)
{
    const struct tp_which which = {.sys = p->sys, .name = p->event ? p->event->name : NULL};
    int err;

    if (bytes > most)
        return tree_file_too_long(error);
    if (tree_file_has_nul(text, bytes))
        return tree_file_refuse(TP_EINVAL, "a NUL in a text", error);
    err = change(p->trace, which, (struct tp_piece){text, bytes}, error);
    if (err != TP_EFILTER)
        error->what = NULL;
    return err;
}

static int tree_file_write_filter(const struct tp_place *p, const char *text, size_t bytes,
                                  struct tp_filter_error *error)
{
    return tree_file_change(tp_filter_change, TP_FILTER_TEXT_MAX, p, text, bytes, error);
}

/* A trigger is an action, a number, and a filter. */
#define TRIGGER_BYTES_MAX (TP_FILTER_TEXT_MAX + 63)

static int tree_file_text_trigger(const struct tp_place *p, struct tp_text *t)
{
    uint32_t i = 0;

    for (; !tp_trigger_put(p->trace, p->event, i, t); i++)
        tp_text_char(t, '\n');
    if (!i)
        tp_text_put(t, "# Available triggers:\n# traceoff traceon snapshot count\n");
    return 0;
}

static int tree_file_write_trigger(const struct tp_place *p, const char *text, size_t bytes,
                                   struct tp_filter_error *error)
{
    return tree_file_change(tp_trigger_change, TRIGGER_BYTES_MAX, p, text, bytes, error);
}

/* --- the table of files --- */

#define FILE_OF(node) [node - TP_NODE_DIRECTORIES]
const struct tp_file tp_files[TP_NODES - TP_NODE_DIRECTORIES] = {
    FILE_OF(TP_NODE_TRACING_ON) = {tree_file_text_tracing_on, NULL, tree_file_write_tracing_on},
    FILE_OF(TP_NODE_AVAILABLE) = {tree_file_text_available, NULL, NULL},
    FILE_OF(TP_NODE_SET_EVENT) = {tree_file_text_set_event, NULL, tree_file_write_set_event},
    FILE_OF(TP_NODE_FUNCTIONS) = {tp_tree_functions, NULL, NULL},
    FILE_OF(TP_NODE_SET_FUNCTION) = {tp_tree_set_function, NULL, tp_tree_write_function},
    FILE_OF(TP_NODE_CLOCK) = {tree_file_text_clock, NULL, tree_file_write_clock},
    FILE_OF(TP_NODE_SIZE) = {tree_file_text_size, NULL, tree_file_write_size},
    FILE_OF(TP_NODE_TOTAL_SIZE) = {tree_file_text_total_size, NULL, NULL},
    FILE_OF(TP_NODE_TASKS) = {tree_file_text_tasks, NULL, NULL},
    FILE_OF(TP_NODE_TASKS_SIZE) = {tree_file_text_tasks_size, NULL, tree_file_write_tasks_size},
    FILE_OF(TP_NODE_SNAPSHOT) = {NULL, tree_file_stream_snapshot, tree_file_write_snapshot},
    FILE_OF(TP_NODE_PIPE) = {NULL, tree_file_stream_pipe, NULL},
    FILE_OF(TP_NODE_CPU_PIPE) = {NULL, tree_file_stream_pipe, NULL},
    FILE_OF(TP_NODE_OVERWRITE) = {tree_file_text_overwrite, NULL, tree_file_write_overwrite},
    FILE_OF(TP_NODE_STATS) = {tree_file_text_stats, NULL, NULL},
    FILE_OF(TP_NODE_ALL_ENABLE) = {tree_file_text_enable, NULL, tree_file_write_enable},
    FILE_OF(TP_NODE_SYS_ENABLE) = {tree_file_text_enable, NULL, tree_file_write_enable},
    FILE_OF(TP_NODE_SYS_FILTER) = {tree_file_text_filter, NULL, tree_file_write_filter},
    FILE_OF(TP_NODE_ENABLE) = {tree_file_text_enable, NULL, tree_file_write_enable},
    FILE_OF(TP_NODE_FILTER) = {tree_file_text_filter, NULL, tree_file_write_filter},
    FILE_OF(TP_NODE_TRIGGER) = {tree_file_text_trigger, NULL, tree_file_write_trigger},
    FILE_OF(TP_NODE_FORMAT) = {NULL, tree_file_stream_format, NULL},
    FILE_OF(TP_NODE_ID) = {tree_file_text_id, NULL, NULL},
};
