/* SPDX-License-Identifier: MIT */
/* poll.c - reads a device to its end without waiting in read, and says what came of it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct pollfd p = {.fd = argc > 1 ? open(argv[1], O_RDONLY | O_NONBLOCK) : -1,
                       .events = POLLIN};
    char bytes[4096];
    ssize_t n;
    int quiet;

    if (p.fd < 0)
        return 1;
    while ((n = read(p.fd, bytes, sizeof(bytes))) > 0)
        ;
    printf("read %s\n", n < 0 && errno == EAGAIN ? "EAGAIN" : "something else");
    while ((quiet = poll(&p, 1, 300)) == 1 && read(p.fd, bytes, sizeof(bytes)) != 0)
        ;
    printf("poll %d\n", quiet);
    printf("seek %s\n", lseek(p.fd, 0, SEEK_SET) < 0 ? "refused" : "taken");
    return 0;
}
