/* SPDX-License-Identifier: MIT */
/* socket.c - inputs that are connections: tcp:HOST:PORT and unix:PATH. */
#include "bytes/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_HOST_BYTES 256u /* of a name in DNS at most 253 */

static const char socket_tcp[] = "tcp:", socket_unix[] = "unix:", socket_gdb[] = "gdb:";

bool socket_is(const char *name)
{
    return strncmp(name, socket_tcp, sizeof(socket_tcp) - 1) == 0 ||
           strncmp(name, socket_unix, sizeof(socket_unix) - 1) == 0;
}

bool socket_is_gdb(const char *name)
{
    return strncmp(name, socket_gdb, sizeof(socket_gdb) - 1) == 0;
}

/* An errno; 0: there is a connection. */
static int socket_wait(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int error = ETIMEDOUT, got;
    socklen_t n = sizeof(error);

    do
        got = poll(&p, 1, SOCKET_WAIT_MS);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno;
    if (got && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0)
        return errno;
    return error;
}

/* KEEPALIVE notices a sender that is gone without a word. NODELAY sends a question to a debugger at once: it would wait until
 * the "+" before it has arrived, which the other side says 40 ms later, at each read of memory. */
static void socket_tune(int fd)
{
    int on = 1;

    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* A descriptor, or -1 and errno. */
static int socket_connect(int family, const void *address, socklen_t bytes)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error = 0;

    if (fd < 0)
        return -1;
    if (connect(fd, address, bytes) != 0)
        error = errno == EINPROGRESS ? socket_wait(fd) : errno;
    if (!error && family != AF_UNIX)
        socket_tune(fd);
    if (!error && fcntl(fd, F_SETFL, 0) == 0)
        return fd;
    error = error ? error : errno;
    (void)close(fd);
    errno = error;
    return -1;
}

static const char *socket_reason(int error)
{
    if (error == ETIMEDOUT)
        return "no answer";
    if (error == EAGAIN)
        return "no answer: too many wait for one";
    return strerror(error);
}

static int socket_open_unix(const char *path, const char **problem)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = -1;

    if (!*path) {
        *problem = "unix:PATH is wanted; a file of this name is ./unix:";
    } else if (strlen(path) >= sizeof(a.sun_path)) {
        *problem = strerror(ENAMETOOLONG);
    } else {
        strcpy(a.sun_path, path);
        fd = socket_connect(AF_UNIX, &a, sizeof(a));
        *problem = fd < 0 ? socket_reason(errno) : NULL;
    }
    return fd;
}

/* HOST:PORT, or [HOST]:PORT for a host with colons. NULL: it is none; else the port, and the host. */
static const char *socket_split(const char *text, char host[SOCKET_HOST_BYTES])
{
    const char *colon = strrchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;
    bool inside = n > 2 && text[0] == '[' && text[n - 1] == ']';

    if (!n || !colon[1] || n >= SOCKET_HOST_BYTES || (!inside && memchr(text, ':', n)))
        return NULL;
    snprintf(host, SOCKET_HOST_BYTES, "%.*s", (int)(inside ? n - 2 : n), text + inside);
    return colon + 1;
}

/* `usage`: what is said of a text that is no host and port. */
static int socket_open_tcp(const char *text, const char *usage, const char **problem)
{
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found, *a;
    char host[SOCKET_HOST_BYTES];
    const char *port = socket_split(text, host);
    int fd = -1, error;

    if (!port) {
        *problem = usage;
        return -1;
    }
    error = getaddrinfo(host, port, &wanted, &found);
    if (error) {
        *problem = error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
        return -1;
    }
    for (a = found; a && fd < 0; a = a->ai_next)
        fd = socket_connect(a->ai_family, a->ai_addr, a->ai_addrlen);
    *problem = fd < 0 ? socket_reason(errno) : NULL;
    freeaddrinfo(found);
    return fd;
}

int socket_open(const char *name, const char **problem)
{
    bool gdb = socket_is_gdb(name);

    name += gdb ? sizeof(socket_gdb) - 1 : 0;
    if (strncmp(name, socket_unix, sizeof(socket_unix) - 1) == 0)
        return socket_open_unix(name + sizeof(socket_unix) - 1, problem);
    if (gdb)
        return socket_open_tcp(name,
                               "gdb:HOST:PORT or gdb:unix:PATH is wanted; a file of this name "
                               "is ./gdb:...",
                               problem);
    return socket_open_tcp(name + sizeof(socket_tcp) - 1,
                           "tcp:HOST:PORT is wanted; a file of this name is ./tcp:...", problem);
}
