// SPDX-License-Identifier: MIT
/* hook.c - Linux's tracepoints by their names. */
#include "linux.h"

#include <linux/errno.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

struct hook_search {
    const char *name;
    struct tracepoint *found;
};

static void hook_compare(struct tracepoint *tp, void *data)
{
    struct hook_search *search = data;

    if (!strcmp(tp->name, search->name))
        search->found = tp;
}

static struct tracepoint *hook_find(const char *name)
{
    struct hook_search search = {.name = name};

    for_each_kernel_tracepoint(hook_compare, &search);
    return search.found;
}

int tp_linux_hook(const char *name, void *probe)
{
    struct tracepoint *tp = hook_find(name);

    return tp ? tracepoint_probe_register(tp, probe, NULL) : -ENOENT;
}
EXPORT_SYMBOL_GPL(tp_linux_hook);

void tp_linux_unhook(const char *name, void *probe)
{
    struct tracepoint *tp = hook_find(name);

    if (tp)
        tracepoint_probe_unregister(tp, probe, NULL);
}
EXPORT_SYMBOL_GPL(tp_linux_unhook);
