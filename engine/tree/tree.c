/* SPDX-License-Identifier: MIT */
/* The control tree: paths, directories, and which file a path means. */
#include "tree.h"

#define MODE_DIRECTORY 0750u
#define MODE_READ 0440u
#define MODE_WRITE 0200u

/* Names that do not change. A directory lists them in this order, and after them those that it
 * makes. */
static const struct entry {
    uint8_t parent, node;
    const char *name;
} tree_entries[] = {
    {TP_NODE_TOP, TP_NODE_AVAILABLE, "available_events"},
    {TP_NODE_TOP, TP_NODE_SIZE, "buffer_size_kb"},
    {TP_NODE_TOP, TP_NODE_TOTAL_SIZE, "buffer_total_size_kb"},
    {TP_NODE_TOP, TP_NODE_EVENTS, "events"},
    {TP_NODE_TOP, TP_NODE_FUNCTIONS, "functions"},
    {TP_NODE_TOP, TP_NODE_OPTIONS, "options"},
    {TP_NODE_TOP, TP_NODE_CPUS, "per_cpu"},
    {TP_NODE_TOP, TP_NODE_TASKS, "saved_cmdlines"},
    {TP_NODE_TOP, TP_NODE_TASKS_SIZE, "saved_cmdlines_size"},
    {TP_NODE_TOP, TP_NODE_SET_EVENT, "set_event"},
    {TP_NODE_TOP, TP_NODE_SET_FUNCTION, "set_function"},
    {TP_NODE_TOP, TP_NODE_SNAPSHOT, "snapshot"},
    {TP_NODE_TOP, TP_NODE_CLOCK, "trace_clock"},
    {TP_NODE_TOP, TP_NODE_PIPE, "trace_pipe_raw"},
    {TP_NODE_TOP, TP_NODE_TRACING_ON, "tracing_on"},
    {TP_NODE_TOP, TP_NODE_INSTANCES, "instances"}, /* last, since an instance does not have it */
    {TP_NODE_OPTIONS, TP_NODE_OVERWRITE, "overwrite"},
    {TP_NODE_CPU, TP_NODE_STATS, "stats"},
    {TP_NODE_CPU, TP_NODE_CPU_PIPE, "trace_pipe_raw"},
    {TP_NODE_EVENTS, TP_NODE_ALL_ENABLE, "enable"},
    {TP_NODE_SYS, TP_NODE_SYS_ENABLE, "enable"},
    {TP_NODE_SYS, TP_NODE_SYS_FILTER, "filter"},
    {TP_NODE_EVENT, TP_NODE_ENABLE, "enable"},
    {TP_NODE_EVENT, TP_NODE_FILTER, "filter"},
    {TP_NODE_EVENT, TP_NODE_FORMAT, "format"},
    {TP_NODE_EVENT, TP_NODE_ID, "id"},
    {TP_NODE_EVENT, TP_NODE_TRIGGER, "trigger"},
};
#define ENTRIES (sizeof(tree_entries) / sizeof(tree_entries[0]))

/* Instances have no instances, and no functions of their own: those are traced for all traces. */
static bool tree_has(const struct tp_place *p, const struct entry *e)
{
    const bool functions = e->node == TP_NODE_FUNCTIONS || e->node == TP_NODE_SET_FUNCTION;

    return e->parent == p->node && !(p->instance && (functions || e->node == TP_NODE_INSTANCES)) &&
           (!functions || tp_tree_has_functions());
}

/* --- names that are made --- */

/* Below instances/ a trace has the name of its configuration, or its number if that name is empty,
 * contains a slash, or is that of an earlier trace. A trace may be closed at any moment, so names
 * are compared while it is in use, and only its number is kept. */
#define NO_TRACE TP_TRACES_MAX

static bool tree_has_slash(const char *text)
{
    while (*text && *text != '/')
        text++;
    return *text;
}

static bool tree_is_named(unsigned i, const char *name, size_t n)
{
    const struct tp_trace *t = tp_trace_get(i);
    bool same = false;

    if (!t)
        return false;
    same = tp_text_is(name, n, t->config.name);
    tp_trace_put(i);
    return same;
}

static unsigned tree_next_trace(unsigned i)
{
    while (i < NO_TRACE && !tp_trace_get(i))
        i++;
    if (i < NO_TRACE)
        tp_trace_put(i);
    return i;
}

static unsigned tree_first_trace(void)
{
    return tree_next_trace(0);
}

/* The first trace below instances/ with this name in its configuration, or NO_TRACE. */
static unsigned tree_trace_named(const char *name, size_t n)
{
    unsigned i = tree_first_trace() + 1;

    while (i < NO_TRACE && !tree_is_named(i, name, n))
        i++;
    return i < NO_TRACE ? i : NO_TRACE;
}

/* The trace is in use. */
static bool tree_is_numbered(const struct tp_trace *t)
{
    const char *name = t->config.name;

    return !*name || tree_has_slash(name) ||
           tree_trace_named(name, tp_text_length(name)) != t->index;
}

/* The name of a trace below instances/; nothing if it was closed. */
static void tree_put_name(unsigned i, struct tp_text *text)
{
    struct tp_trace *t = i < NO_TRACE ? tp_trace_get(i) : NULL;

    if (!t)
        return;
    if (tree_is_numbered(t))
        tp_text_number(text, i);
    else
        tp_text_put(text, t->config.name);
    tp_trace_put(i);
}

static struct tp_trace *tree_as_numbered(unsigned i)
{
    struct tp_trace *t = tp_trace_get(i);
    bool numbered;

    if (!t)
        return NULL;
    numbered = tree_is_numbered(t);
    tp_trace_put(i);
    return numbered ? t : NULL;
}

/* The trace may be closed after this: each call that gets the handle checks it. */
static struct tp_trace *tree_handle(unsigned i)
{
    struct tp_trace *t = i < NO_TRACE ? tp_trace_get(i) : NULL;

    if (t)
        tp_trace_put(i);
    return t;
}

static struct tp_trace *tree_find_instance(const char *name, size_t n)
{
    unsigned i = tree_trace_named(name, n);
    uint32_t number;

    if (i < NO_TRACE) /* a part of a path is not empty and has no slash */
        return tree_handle(i);
    if (tp_text_parse(name, n, &number) != 1 || n != 1 || number >= TP_TRACES_MAX ||
        number == tree_first_trace())
        return NULL;
    return tree_as_numbered(number);
}

static const char *tree_find_sys(const char *name, size_t n)
{
    const char *sys = NULL;

    while ((sys = tp_subsystem_next(sys)) && !tp_text_is(name, n, sys))
        ;
    return sys;
}

static bool tree_same(const char *a, const char *b)
{
    return tp_text_is(a, tp_text_length(a), b);
}

static bool tree_find_cpu(const struct tp_place *p, const char *name, size_t n, uint32_t *cpu)
{
    size_t digits;

    if (n < 4 || !tp_memory_same(name, "cpu", 3))
        return false;
    digits = tp_text_parse(name + 3, n - 3, cpu);
    return digits == n - 3 && (name[3] != '0' || n == 4) && *cpu < tp_place_cpus(p);
}

/* --- paths --- */

/* Moves `p` on by one name. Nothing is below a file. */
static bool tree_step(struct tp_place *p, const char *name, size_t n)
{
    for (size_t i = 0; i < ENTRIES; i++)
        if (tree_has(p, &tree_entries[i]) && tp_text_is(name, n, tree_entries[i].name)) {
            p->node = (enum tp_node)tree_entries[i].node;
            return true;
        }
    switch (p->node) {
    case TP_NODE_INSTANCES:
        p->node = TP_NODE_TOP;
        p->instance = true;
        p->trace = tree_find_instance(name, n);
        return p->trace;
    case TP_NODE_EVENTS:
        p->node = TP_NODE_SYS;
        p->sys = tree_find_sys(name, n);
        return p->sys;
    case TP_NODE_SYS:
        p->node = TP_NODE_EVENT;
        p->event = tp_place_event(p->sys, name, n);
        return p->event;
    case TP_NODE_CPUS:
        p->node = TP_NODE_CPU;
        return tree_find_cpu(p, name, n, &p->cpu);
    default:
        return false;
    }
}

static int tree_find(const char *path, struct tp_place *p)
{
    *p = (struct tp_place){.node = TP_NODE_TOP, .trace = tree_handle(tree_first_trace())};
    if (!p->trace)
        return TP_ENOENT;
    for (;;) {
        size_t n = 0;

        while (*path == '/')
            path++;
        if (!*path)
            return 0;
        while (path[n] && path[n] != '/')
            n++;
        if (!tree_step(p, path, n))
            return TP_ENOENT;
        path += n;
    }
}

/* --- directories --- */

static const char *tree_list_sys(uint32_t index)
{
    const char *sys = tp_subsystem_next(NULL);

    while (sys && index--)
        sys = tp_subsystem_next(sys);
    return sys;
}

static const char *tree_list_event(const char *sys, uint32_t index)
{
    for (uint32_t id = 1; id <= tp_event_last(); id++) {
        const struct tp_event *e = tp_event_get(id);

        if (e && tree_same(e->sys, sys) && tp_event_first(e) && !index--)
            return e->name;
    }
    return NULL;
}

static unsigned tree_list_instance(uint32_t index)
{
    unsigned i = tree_next_trace(tree_first_trace() + 1);

    while (i < NO_TRACE && index--)
        i = tree_next_trace(i + 1);
    return i;
}

/* Entry `index` of those that the directory makes. */
static void tree_list_made(const struct tp_place *p, uint32_t index, struct tp_text *t)
{
    const char *name = NULL;

    if (p->node == TP_NODE_EVENTS)
        name = tree_list_sys(index);
    else if (p->node == TP_NODE_SYS)
        name = tree_list_event(p->sys, index);
    else if (p->node == TP_NODE_INSTANCES)
        tree_put_name(tree_list_instance(index), t);
    if (name)
        tp_text_put(t, name);
    if (p->node == TP_NODE_CPUS && index < tp_place_cpus(p)) {
        tp_text_put(t, "cpu");
        tp_text_number(t, index);
    }
}

static long tree_list(const char *path, uint32_t index, char *name, size_t room)
{
    struct tp_text t = {.out = name, .room = room ? room - 1 : 0};
    struct tp_place p;
    int err = tree_find(path, &p);

    if (err || p.node >= TP_NODE_DIRECTORIES)
        return err ? err : TP_EINVAL;
    for (size_t i = 0; i < ENTRIES; i++) {
        if (!tree_has(&p, &tree_entries[i]))
            continue;
        if (!index--) {
            tp_text_put(&t, tree_entries[i].name);
            break;
        }
    }
    if (!t.at)
        tree_list_made(&p, index, &t);
    if (room)
        name[tp_text_bytes(&t)] = 0;
    return (long)t.at;
}

/* --- the calls: none overlaps with the removal of a module, whose names it may read --- */

long tp_tree_list(const char *path, uint32_t index, char *name, size_t room)
{
    long n;

    if (!tp_events_begin())
        return TP_EBUSY;
    n = tree_list(path, index, name, room);
    tp_events_end();
    return n;
}

static const struct tp_file *tree_file(const struct tp_place *p)
{
    return &tp_files[p->node - TP_NODE_DIRECTORIES];
}

int tp_tree_stat(const char *path, struct tp_tree_info *info)
{
    struct tp_place p;
    int err;

    if (!tp_events_begin())
        return TP_EBUSY;
    err = tree_find(path, &p);
    tp_events_end();
    if (err)
        return err;
    info->directory = p.node < TP_NODE_DIRECTORIES;
    info->mode = MODE_DIRECTORY;
    if (!info->directory)
        info->mode = tree_file(&p)->write ? MODE_READ | MODE_WRITE : MODE_READ;
    return 0;
}

static long tree_read_from(const char *path, uint64_t offset, void *buffer, size_t bytes)
{
    struct tp_text t = {.out = buffer, .room = bytes, .skip = offset};
    struct tp_place p;
    int err = tree_find(path, &p);

    if (err)
        return err;
    if (p.node < TP_NODE_DIRECTORIES)
        return TP_EINVAL;
    if (tree_file(&p)->stream)
        return tree_file(&p)->stream(&p, offset, buffer, bytes);
    err = tree_file(&p)->text(&p, &t);
    return err ? err : (long)tp_text_bytes(&t);
}

long tp_tree_read(const char *path, uint64_t offset, void *buffer, size_t bytes)
{
    long n;

    if (!tp_events_begin())
        return TP_EBUSY;
    n = tree_read_from(path, offset, buffer, bytes);
    tp_events_end();
    return n;
}

/* The sentence of an error that came without one. */
static const char *tree_explain(int err, const struct tp_place *p)
{
    if (err == TP_EINVAL && p->node < TP_NODE_DIRECTORIES)
        return "this is a directory";
    if (err == TP_EACCES)
        return "this file is read-only";
    return tp_strerror(err);
}

static int tree_write_to(const struct tp_place *p, const char *text, size_t bytes,
                         struct tp_filter_error *error)
{
    if (p->node < TP_NODE_DIRECTORIES)
        return TP_EINVAL;
    if (!tree_file(p)->write)
        return TP_EACCES;
    while (bytes && tp_text_blank(text[bytes - 1]))
        bytes--;
    return bytes ? tree_file(p)->write(p, text, bytes, error) : 0;
}

int tp_tree_write(const char *path, const char *text, size_t bytes, struct tp_filter_error *error)
{
    struct tp_filter_error unasked;
    struct tp_place p = {.node = TP_NODE_TOP};
    int err = TP_EBUSY;

    if (!error)
        error = &unasked;
    *error = (struct tp_filter_error){.what = NULL};
    if (tp_events_begin()) {
        err = tree_find(path, &p);
        if (err)
            error->what = "no such file";
        else
            err = tree_write_to(&p, text, bytes, error);
        tp_events_end();
    }
    if (err != TP_EFILTER)
        *error = (struct tp_filter_error){.what = error->what ? error->what
                                                              : tree_explain(err, &p)};
    return err;
}
