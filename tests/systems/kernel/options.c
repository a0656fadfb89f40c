/* SPDX-License-Identifier: MIT */
/* The command line. A name that ends in = takes a number, any other is there or not. */
#include "kernel.h"

static struct {
    const char *name;
    uint64_t value;
} options[OPT_COUNT] = {
    [OPT_EVENTS] = {"events=", 20000},
    [OPT_BURST] = {"burst", 0},
    [OPT_FILE] = {"dump=file", 0},
    [OPT_LOOSE] = {"loose", 0},
    [OPT_SERIAL] = {"dump=serial", 0},
    [OPT_SUBBUF] = {"subbuf=", 0},
    [OPT_SUBBUFS] = {"subbufs=", 0},
    [OPT_NMI] = {"nmi=", 0},
    [OPT_WALL] = {"wall=", 0},
    [OPT_OVERWRITE] = {"overwrite", 0},
    [OPT_LATE] = {"late", 0},
    [OPT_SNAPSHOT] = {"snapshot", 0},
    [OPT_STORM] = {"storm=", 0},
    [OPT_HOTPLUG] = {"hotplug=", 0},
    [OPT_KILL] = {"kill", 0},
    [OPT_BELL] = {"bell=", 0},
    [OPT_HOOK] = {"hook=", 0},
    [OPT_DIE] = {"die", 0},
    [OPT_REBOOT] = {"reboot", 0},
    [OPT_SHELL] = {"shell", 0},
    [OPT_PROBES] = {"probes=", 0},
    [OPT_PATCH] = {"patch=", 0},
    [OPT_STORY] = {"story", 0},
    [OPT_TROUBLE] = {"trouble", 0},
    [OPT_SAMPLE] = {"sample=", 0},
    [OPT_SPIN] = {"spin=", 0},
    [OPT_FN] = {"fn=", 0},
    [OPT_FN_KNOWN] = {"fn_known=", 0},
    [OPT_FN_DEEP] = {"fn_deep=", 0},
    [OPT_FN_COST] = {"fn_cost", 0},
};

uint64_t option(enum option o)
{
    return options[o].value;
}

/* Takes one option off the line; returns what follows it. */
static const char *option_take(const char *at)
{
    for (int i = 0; i < OPT_COUNT; i++) {
        const char *name = options[i].name, *text = at;
        uint64_t value = 0;

        while (*name && *name == *text) {
            name++;
            text++;
        }
        if (*name)
            continue;
        if (name[-1] != '=')
            value = 1;
        else
            while (*text >= '0' && *text <= '9')
                value = value * 10 + (uint64_t)(*text++ - '0');
        options[i].value = value;
        if (!*text || *text == ' ')
            return text;
    }
    say("option: %s\n", at);
    panic("unknown option", NULL);
}

void options_read(const char *line)
{
    while (*line)
        line = *line == ' ' ? line + 1 : option_take(line);
}
