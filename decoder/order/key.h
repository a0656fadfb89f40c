/* SPDX-License-Identifier: MIT */
/*
 * key.h - what records are grouped by: a field, or the CPU, event, task they are of.
 *
 *     key_open(&by, "next", 4);
 *     if (key_find(&by, lane, e, tails, &k))
 *         ... key_equal(&k, &other) ...
 *
 * A name means what it means in common.h and named.h: cpu is a field if the event has one of that name.
 */
#ifndef KEY_H
#define KEY_H

#include "model/symbols.h"
#include "order/columns.h"

/* Of a text, and of what bytes and arrays are as text: those that are the same so far are the same. */
#define KEY_TEXT_BYTES 128u

struct key {
    __int128 number;
    bool is_text;
    uint32_t stream;
    uint32_t bytes;            /* of the text */
    char text[KEY_TEXT_BYTES]; /* of a number: its name, which is only shown */
};

struct key_by {
    struct metadata_text name;
    enum common common; /* where there is no such field, */
    bool always;        /* or even if there is one */
    struct columns columns;
};

/* NULL, or what is wrong with it. */
const char *key_check(size_t bytes);
/* The name must stay where it is. */
void key_open(struct key_by *by, const char *name, size_t n);
/* Is it a field of this event? */
bool key_is_field(struct key_by *by, const struct metadata_event *e);
/* What a number or a text is as a key; of an integer with names, that name is shown. */
void key_value(const struct metadata_field *f, const struct record *r,
               const struct value_tail *tails, struct key *k);
/* The same as what something is called: a text, the name of a number, the function that an address is in, else
 * the number itself. Its length, without a NUL; *number: it is but that. */
#define KEY_NAME_BYTES SYMBOLS_TEXT_BYTES
size_t key_name(const struct metadata_field *f, const struct record *r,
                const struct value_tail *tails, struct symbols *symbols, char to[KEY_NAME_BYTES],
                bool *number);
/* False if the record does not have it. */
bool key_find(struct key_by *by, struct stream_lane *lane, const struct metadata_event *e,
              const struct value_tail *tails, struct key *k);
uint32_t key_hash(const struct key *k);
bool key_equal(const struct key *a, const struct key *b);
int key_compare(const struct key *a, const struct key *b);
/* As text, or as a value of JSON. */
void key_print(struct out *o, const struct key *k, enum out_escape how);

/* A number that is alone in its field. */
bool key_number(const struct metadata_field *f, const struct record *r, __int128 *v);
bool key_numeric(const struct metadata_field *f);

#endif
