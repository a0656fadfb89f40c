/* SPDX-License-Identifier: MIT */
/* help.c - what ? shows. */
#include "explore/help.h"

const char help_keys[] =
    "Keys; any key goes back\n"
    "Up Down, k j          one line           + -                zoom in, out\n"
    "PgUp PgDn, b Space    a page             Left Right, h l    pan; the list follows\n"
    "Home End, < >         first, last line   0                  all of the time\n"
    "H L                   the list sideways  J K                lanes: down, up\n"
    "{ }                   fields: up, down   g TIME, : TIME     go to 12.345, to +1.5s\n"
    "                                         after the first, to 2026-01-02T03:04\n"
    "/ EXPR, n, N          search; the next match, the one before\n"
    "& EXPR, f EXPR        show only these; without EXPR all again\n"
    "Tab ], Shift-Tab [    the next loss, the one before\n"
    "m                     messages about the dump\n"
    "Ctrl-L, Ctrl-Z        draw all again; stop, until fg\n"
    "q, Ctrl-C             quit\n"
    "\n"
    "EXPR is that of --filter: next > 100 && comm ~ \"ssh*\"\n"
    "Lanes of CPUs: the higher or darker, the more records; ! is a loss.\n";
const char *const help_states[2] = {
    "Lanes of tasks: \xe2\x96\x88 runs, \xe2\x96\x92 waits to run, \xc2\xb7 is asleep; else it is "
    "not known.\n",
    "Lanes of tasks: # runs, + waits to run, . is asleep; else it is not known.\n"};
