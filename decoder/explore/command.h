/* SPDX-License-Identifier: MIT */
/* command.h - what each key does. */
#ifndef COMMAND_H
#define COMMAND_H

struct session;

void command_key(struct session *s, int key);

#endif
