/* SPDX-License-Identifier: MIT */
/*
 * syntax.h - the library: is a text a filter that some event could have?
 *
 * What the fields of events are is not known before a dump is read, and the compiler of filters asks
 * for them. So the text is compiled for events that are made up: each word that has to be a field is
 * one, of each kind in turn, whose table has all words of the text. Only what is wrong with all of
 * these is wrong for certain.
 */
#ifndef SYNTAX_H
#define SYNTAX_H

#include <stdbool.h>
#include <tp/filter.h>

#define SYNTAX_TRIES_MAX 5000u /* then it is left to the dump */

/* False, and what is wrong: no event can have it. */
bool syntax_check(const char *text, struct tp_filter_error *error);

#endif
