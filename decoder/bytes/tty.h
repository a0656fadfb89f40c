/* SPDX-License-Identifier: MIT */
/*
 * tty.h - a serial line, which must give each byte as it came: by itself a terminal turns some into others, drops
 * some and waits for the end of a line.
 */
#ifndef TTY_H
#define TTY_H

#include <stdbool.h>
#include <stdint.h>

struct tty;

/* Is it a speed that can be set, in bits a second? */
bool tty_speed(uint64_t baud);
/* Sets a terminal raw, and to this speed, 0: as it is. NULL: errno. A signal that ends the process sets it back. */
struct tty *tty_set(int fd, uint64_t baud);
/* Sets it back. NULL: nothing is done. */
void tty_free(struct tty *t);
/* Is it a terminal that would change what is read? */
bool tty_is_cooked(int fd);

#endif
