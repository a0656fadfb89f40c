/* SPDX-License-Identifier: MIT */
/* socket.h - inputs that are connections: tcp:HOST:PORT and unix:PATH; to a debugger's stub, gdb:HOST:PORT and
 * gdb:unix:PATH. */
#ifndef SOCKET_H
#define SOCKET_H

#include <stdbool.h>

#define SOCKET_WAIT_MS 10000 /* for an answer, of each address of a host */

/* Is this the name of one? A file that is called so is reached as ./tcp:... */
bool socket_is(const char *name);
bool socket_is_gdb(const char *name);
/* Connects. A descriptor; or -1 and the reason, which is valid until the process ends. */
int socket_open(const char *name, const char **problem);

#endif
