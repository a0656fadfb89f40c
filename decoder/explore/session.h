/* SPDX-License-Identifier: MIT */
/*
 * session.h - all that is kept while a dump is looked at, and what reads it anew.
 */
#ifndef SESSION_H
#define SESSION_H

#include "explore/find.h"
#include "explore/given.h"
#include "explore/keys.h"
#include "explore/lanes.h"
#include "explore/lines.h"
#include "explore/screen.h"
#include "explore/source.h"
#include "explore/terminal.h"
#include "explore/view.h"

#define SESSION_SAID_BYTES (64u << 10) /* of messages, the rest is left out */
#define SESSION_PATIENCE_MS 300u       /* then it is said that something is being read */
#define SESSION_AHEAD 64u              /* keys that are typed meanwhile */

struct session {
    const struct given_options *options;
    const struct given *given;
    struct terminal terminal;
    struct screen screen;
    struct keys keys;
    struct source source;
    struct out out;                                    /* to the terminal */
    void (*note)(struct session *s, const char *text); /* shown while something takes long */

    struct diag diag; /* of the last look at all of it */
    char *said;       /* what it has said */
    size_t said_bytes;
    bool said_more;

    struct pass_setup setup;
    struct pass pass;
    struct index *index;
    struct lanes_who *who;
    struct lanes whole, part;
    struct lines list;
    struct find find;
    struct view view;

    bool wrong;   /* what was asked for; that was said */
    bool partial; /* the user has stopped the look at all of it */
    bool stopped; /* the user has stopped the last pass */
    bool quit;
    uint64_t started_ms, told_ms;
    uint32_t turns;
    uint64_t looked_ms, look_ms; /* when it ended, and how long it took */
    uint8_t ahead[SESSION_AHEAD];
    uint32_t ahead_count;
};

/* Looks at all of it. */
void session_look(struct session *s);
/* Has the lines and lanes that are shown. */
void session_prepare(struct session *s);
/* Do the lanes of all of the time serve what is shown? */
bool session_whole(const struct session *s);
/* s->find says what. A message if there is none. */
void session_find(struct session *s);
void session_message(struct session *s, const char *text);
/* Selects a line of which the time is not known. */
void session_go(struct session *s, uint64_t number);
/* With another filter; what is selected stays near its time. NULL: without. */
void session_filter(struct session *s, const char *text);
void session_resize(struct session *s);

#endif
