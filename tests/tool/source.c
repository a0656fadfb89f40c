/* SPDX-License-Identifier: MIT */
/*
 * source.c - what tpdecode reads from and writes to, for the shell tests: terminals, sockets, slow pipes.
 *
 *   source slow COMMAND...       its standard output is a pipe that is full and does not block
 *   source tty COMMAND...        its standard output is a terminal
 *   source line FILE MODE COMMAND...
 *                                a serial line: a terminal with the settings of MODE (fresh, raw), whose name is
 *                                TTY in COMMAND; FILE is sent when COMMAND has it open; says on standard error
 *                                what the settings are before, meanwhile, after. SOURCE_KILL: a signal that
 *                                COMMAND gets then; SOURCE_HANG: the line is hung up then
 *   source kdump IMAGE WORD...   IMAGE as makedumpfile compresses it, without the pages that are zero; WORDs: plain
 *                                (not compressed), lzo, snappy, zstd (only said to be), narrow (of a machine of 32
 *                                bits), big (of the other byte order), old (version 1), split, one (one bitmap),
 *                                mixed (pages of both kinds), hole (the last page is not there), block (of 64 KiB)
 *   source full PATH             a socket at which nobody answers and no more can wait, for a while; prints a line
 *   source serve ADDRESS FILE [cut]
 *                                listens at tcp (prints the port) or unix:PATH, sends FILE to the first who
 *                                connects; cut: ends with a reset
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <zlib.h>
#include <stdint.h>

#define SOURCE_BUFFER 65536
#define SOURCE_PART 64 /* bytes sent at a time on a line */
#define SOURCE_TRIES 600

static void die(const char *what)
{
    perror(what);
    exit(99);
}

static int end_of(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* out: of the child; -1: as it is. */
static pid_t start(char **argv, int out)
{
    pid_t pid = fork();

    if (pid < 0)
        die("fork");
    if (pid)
        return pid;
    if (out >= 0 && dup2(out, 1) < 0)
        die("dup2");
    /* A shell has them ignored in what runs beside it. */
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    alarm(60);
    execvp(argv[0], argv);
    die(argv[0]);
    return 0;
}

static void drain(int from)
{
    char b[SOURCE_BUFFER];
    ssize_t n;

    while ((n = read(from, b, sizeof(b))) > 0)
        if (write(1, b, (size_t)n) != n)
            die("write");
}

/* A pipe of one page, full before COMMAND starts: it must wait, and then writes in parts. */
static int slow(char **argv)
{
    char filler[4096];
    int p[2];
    pid_t pid;

    if (pipe2(p, O_CLOEXEC) || fcntl(p[1], F_SETPIPE_SZ, 4096) < 0 ||
        fcntl(p[1], F_SETFL, O_NONBLOCK) < 0)
        die("pipe");
    memset(filler, '#', sizeof(filler));
    while (write(p[1], filler, sizeof(filler)) > 0)
        ;
    pid = start(argv, p[1]);
    close(p[1]);
    usleep(300000);
    drain(p[0]);
    return end_of(pid);
}

static int terminal(char **argv)
{
    int m, s;
    pid_t pid;

    if (openpty(&m, &s, NULL, NULL, NULL))
        die("openpty");
    pid = start(argv, s);
    close(s);
    drain(m);
    return end_of(pid);
}

static void say_settings(const char *when, int tty)
{
    struct termios t;

    if (tcgetattr(tty, &t))
        die("tcgetattr");
    fprintf(stderr, "%s: %s %s%s %s\n", when, t.c_lflag & ICANON ? "canonical" : "bytes",
            t.c_iflag & ICRNL ? "crnl" : "nocrnl", t.c_lflag & ECHO ? " echo" : "",
            cfgetospeed(&t) == B9600     ? "9600"
            : cfgetospeed(&t) == B115200 ? "115200"
                                         : "other");
}

/* Until COMMAND has set it, or for a while. */
static void wait_raw(int tty)
{
    struct termios t;

    for (int i = 0; i < SOURCE_TRIES / 10; i++) {
        if (tcgetattr(tty, &t) == 0 && !(t.c_lflag & ICANON))
            return;
        usleep(20000);
    }
}

static int gone(pid_t pid)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

static void send_line(int m, const char *path, pid_t pid)
{
    char b[SOURCE_PART], echo[SOURCE_BUFFER];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        die(path);
    fcntl(m, F_SETFL, O_NONBLOCK);
    while ((n = read(fd, b, sizeof(b))) > 0)
        for (ssize_t at = 0, tries = 0; at < n && tries < SOURCE_TRIES && !gone(pid); tries++) {
            ssize_t got = write(m, b + at, (size_t)(n - at));

            at += got > 0 ? got : 0;
            while (read(m, echo, sizeof(echo)) > 0)
                ;
            if (got <= 0)
                usleep(1000);
        }
    close(fd);
}

static int line(char **argv)
{
    struct termios t;
    char name[64];
    int m, s, keep, code;
    pid_t pid;

    if (openpty(&m, &s, name, NULL, NULL) || tcgetattr(s, &t))
        die("openpty");
    fcntl(m, F_SETFD, FD_CLOEXEC);
    fcntl(s, F_SETFD, FD_CLOEXEC);
    cfsetispeed(&t, B9600);
    cfsetospeed(&t, B9600);
    if (!strcmp(argv[1], "raw"))
        cfmakeraw(&t);
    tcsetattr(s, TCSANOW, &t);
    for (char **a = argv + 2; *a; a++) {
        char *at = strstr(*a, "TTY"), *text;

        if (at && asprintf(&text, "%.*s%s%s", (int)(at - *a), *a, name, at + 3) > 0)
            *a = text;
    }
    say_settings("before", s);
    keep = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    pid = start(argv + 2, -1);
    wait_raw(s);
    say_settings("meanwhile", s);
    send_line(m, argv[0], pid);
    if (getenv("SOURCE_HANG")) {
        usleep(300000);
        close(m);
        return end_of(pid);
    }
    if (getenv("SOURCE_KILL")) {
        usleep(300000);
        kill(pid, atoi(getenv("SOURCE_KILL")));
        code = end_of(pid);
        say_settings("after", s);
        return code;
    }
    code = end_of(pid);
    say_settings("after", s);
    close(keep);
    return code;
}

/* --- a kdump, by makedumpfile's IMPLEMENTATION and diskdump_mod.h --- */

static int kdump_big;

static void put(unsigned char *to, int n, uint64_t v)
{
    for (int i = 0; i < n; i++)
        to[kdump_big ? n - 1 - i : i] = (unsigned char)(v >> 8 * i);
}

static int has(char **words, const char *word)
{
    for (; *words; words++)
        if (!strcmp(*words, word))
            return 1;
    return 0;
}

static void kdump_head(unsigned char *out, char **words, size_t block, size_t pages,
                       size_t bitmap_blocks)
{
    int narrow = has(words, "narrow"), version = has(words, "old") ? 1 : 6;
    unsigned char *p = out + (narrow ? 412 : 424), *sub = out + block;

    memcpy(out, "KDUMP   ", 8);
    put(out + 8, 4, (uint64_t)version);
    memcpy(out + 12, "Linux",
           5);    /* struct new_utsname: six texts of 65 bytes; then a struct timeval */
    put(p, 4, 1); /* status */
    put(p + 4, 4, block);
    put(p + 8, 4, 1); /* sub_hdr_size */
    put(p + 12, 4, bitmap_blocks);
    put(p + 16, 4, pages); /* max_mapnr */
    if (version > 1)
        put(sub + (narrow ? 8 : 12), 4, (uint64_t)has(words, "split"));
    if (version > 1 && !narrow)
        put(sub + 96, 8, pages); /* max_mapnr_64 */
}

static size_t kdump_page(const unsigned char *page, size_t block, char **words, size_t number,
                         unsigned char *to, uint32_t *flags)
{
    uLongf n = compressBound(block);

    *flags = has(words, "lzo") ? 2 : has(words, "snappy") ? 4 : has(words, "zstd") ? 0x20 : 0;
    if (has(words, "plain") || *flags || (has(words, "mixed") && number % 2)) {
        memcpy(to, page, block);
        return block;
    }
    if (compress(to, &n, page, block) != Z_OK)
        exit(98);
    if (n >= block) {
        memcpy(to, page, block);
        return block;
    }
    *flags = 1;
    return n;
}

static int kdump(char **argv)
{
    static unsigned char image[1 << 22], out[1 << 23], zero[65536];
    char **words = argv + 1;
    FILE *f = fopen(argv[0], "rb");
    size_t block = has(words, "block") ? 65536 : 4096,
           n = f ? fread(image, 1, sizeof(image) - block, f) : 0;
    size_t pages = (n + block - 1) / block, half = (pages / 8 + block) / block,
           maps = has(words, "one") ? 1 : 2;
    size_t bitmap = 2 * block, table = bitmap + maps * half * block, at = table, entries = 0;

    kdump_big = has(words, "big");
    kdump_head(out, words, block, pages, maps * half);
    for (size_t i = 0; i < pages; i++) {
        int there = memcmp(image + i * block, zero, block) &&
                    !(has(words, "hole") && i == pages - 1);

        if (maps == 2)
            out[bitmap + i / 8] |= (unsigned char)(1 << i % 8);
        if (there)
            out[bitmap + (maps - 1) * half * block + i / 8] |= (unsigned char)(1 << i % 8);
        at += there ? 24 : 0;
    }
    for (size_t i = 0; i < pages; i++) {
        unsigned char *entry = out + table + 24 * entries;
        uint32_t flags;
        size_t bytes;

        if (!(out[bitmap + (maps - 1) * half * block + i / 8] >> i % 8 & 1))
            continue;
        bytes = kdump_page(image + i * block, block, words, i, out + at, &flags);
        put(entry, 8, at);
        put(entry + 8, 4, bytes);
        put(entry + 12, 4, flags);
        at += bytes;
        entries++;
    }
    return fwrite(out, 1, at, stdout) != at || fflush(stdout);
}

static int full(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int s = socket(AF_UNIX, SOCK_STREAM, 0), c, count = 0;

    strncpy(a.sun_path, path, sizeof(a.sun_path) - 1);
    if (s < 0 || bind(s, (void *)&a, sizeof(a)) || listen(s, 0))
        die("listen");
    do
        c = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    while (connect(c, (void *)&a, sizeof(a)) == 0 && ++count < 100);
    puts("full");
    fflush(stdout);
    sleep(30);
    return 0;
}

static int listen_at(const char *address)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    int is_unix = !strncmp(address, "unix:", 5),
        s = socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    socklen_t n = sizeof(in);

    if (is_unix)
        strncpy(un.sun_path, address + 5, sizeof(un.sun_path) - 1);
    if (s < 0 || (is_unix ? bind(s, (void *)&un, sizeof(un)) : bind(s, (void *)&in, n)) ||
        listen(s, 1))
        die("listen");
    if (!is_unix && getsockname(s, (void *)&in, &n) == 0)
        printf("%d\n", ntohs(in.sin_port));
    fflush(stdout);
    return s;
}

static int serve(char **argv)
{
    struct linger reset = {.l_onoff = 1};
    int s = listen_at(argv[0]), c, fd = open(argv[1], O_RDONLY);
    char b[SOURCE_BUFFER];
    ssize_t n;

    alarm(60);
    c = accept(s, NULL, NULL);
    if (c < 0 || fd < 0)
        die("accept");
    while ((n = read(fd, b, sizeof(b))) > 0)
        if (write(c, b, (size_t)n) != n)
            die("write");
    if (argv[2]) {
        usleep(300000);
        setsockopt(c, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    }
    close(c);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 2 && !strcmp(argv[1], "slow"))
        return slow(argv + 2);
    if (argc > 2 && !strcmp(argv[1], "tty"))
        return terminal(argv + 2);
    if (argc > 4 && !strcmp(argv[1], "line"))
        return line(argv + 2);
    if (argc > 3 && !strcmp(argv[1], "serve"))
        return serve(argv + 2);
    if (argc > 2 && !strcmp(argv[1], "kdump"))
        return kdump(argv + 2);
    if (argc > 2 && !strcmp(argv[1], "full"))
        return full(argv[2]);
    return 99;
}
