/* SPDX-License-Identifier: MIT */
/* draw.h - what is on the screen. */
#ifndef DRAW_H
#define DRAW_H

struct session;

void draw_all(struct session *s);
/* A word in the last line, while something takes long. */
void draw_note(struct session *s, const char *text);

#endif
