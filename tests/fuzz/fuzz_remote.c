/* SPDX-License-Identifier: MIT */
/*
 * fuzz_remote.c - what a debugger's stub says, an answer in each line: its packet is made of it, with what acknowledges the
 * question before it; of a line that begins with '=' the rest is sent as it is. Whatever it is, reading memory
 * ends, in one of the states of remote.h, and each way that is an end says why.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes/remote.h"
#include "fuzz.h"
#include "mutate.h"

#define REMOTE_LINES_MAX 64u

static const char *const answers[] = {"PacketSize=1000;QStartNoAckMode+;binary-upload+",
                                      "PacketSize=ffffffffffffffff",
                                      "PacketSize=0;QStartNoAckMode+",
                                      "qXfer:features:read+;PacketSize=3fff",
                                      "OK",
                                      "",
                                      "vCont;c;C;s;S",
                                      "vCont",
                                      "T05thread:01;",
                                      "S05",
                                      "W00",
                                      "X09",
                                      "O48656c6c6f",
                                      "E01",
                                      "E.memory",
                                      "0123456789abcdef",
                                      "b12345678",
                                      "0* ",
                                      "0*~0*~0*~",
                                      "b}]}\x03}\x04*!",
                                      "=+",
                                      "=-",
                                      "=$OK#9a",
                                      "=$OK#9b",
                                      "=%Stop:T05#00",
                                      "=$m0,4$OK",
                                      "=junk"};

/* What is asked goes nowhere: without a reader the socket would be full. */
static void *remote_sink(void *context)
{
    char bytes[4096];

    while (read(*(int *)context, bytes, sizeof(bytes)) > 0)
        ;
    return NULL;
}

static void remote_line(struct fuzz_bytes *b, const uint8_t *line, size_t n)
{
    char end[4];
    uint8_t sum = 0;

    if (n && *line == '=') {
        fuzz_add(b, line + 1, n - 1);
        return;
    }
    for (size_t i = 0; i < n; i++)
        sum = (uint8_t)(sum + line[i]);
    snprintf(end, sizeof(end), "#%02x", sum);
    fuzz_add(b, "+$", 2);
    fuzz_add(b, line, n);
    fuzz_add(b, end, 3);
}

static void remote_says(const struct remote *g)
{
    fuzz_require(g->state <= REMOTE_BROKEN, "a state that there is not");
    fuzz_require(memchr(g->problem, 0, sizeof(g->problem)) != NULL, "a problem without an end");
    fuzz_require(g->state != REMOTE_BROKEN || g->problem[0], "broken, and nothing is said");
    fuzz_require(g->most >= 1 && g->most <= REMOTE_PACKET_BYTES / 2, "asks for too much at once");
    fuzz_require(g->answer_bytes <= sizeof(g->answer), "an answer beyond its room");
}

static void remote_use(struct remote *g)
{
    static const struct {
        uint64_t address;
        size_t n;
    } reads[] = {{0, 4}, {0x1000, 8}, {UINT64_MAX - 3, 4}, {0x20000000, 9000}, {64, 1}};
    static uint8_t memory[9000];
    uint64_t bytes = 0;

    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
        bool got = remote_read(g, reads[i].address, memory, reads[i].n);

        remote_says(g);
        fuzz_require(got || g->refused || g->state >= REMOTE_RUNS || g->answer_bytes,
                     "no memory, and no reason");
        fuzz_require(g->bytes >= bytes + (got ? reads[i].n : 0), "memory that is not counted");
        bytes = g->bytes;
        if (i % 2 == 0)
            remote_go(g);
        else if (g->state == REMOTE_RUNS)
            remote_idle(g, 0);
        remote_says(g);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct remote g;
    struct fuzz_bytes said = {0};
    pthread_t sink;
    size_t lines = 0;
    int ends[2];

    for (size_t at = 0, end; at < size && lines++ < REMOTE_LINES_MAX; at = end + 1) {
        for (end = at; end < size && data[end] != '\n';)
            end++;
        remote_line(&said, data + at, end - at);
    }
    fuzz_require(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "no sockets");
    fuzz_require(!said.n || write(ends[1], said.p, said.n) == (ssize_t)said.n, "no room");
    (void)shutdown(ends[1], SHUT_WR); /* after it nothing is waited for */
    fuzz_require(pthread_create(&sink, NULL, remote_sink, &ends[1]) == 0, "no thread");
    if (remote_open(&g, ends[0]))
        remote_use(&g);
    else
        fuzz_require(g.problem[0] || g.state == REMOTE_EXITED, "refused, and nothing is said");
    remote_close(&g);
    fuzz_require(pthread_join(sink, NULL) == 0, "the thread stays");
    (void)close(ends[1]);
    fuzz_free(&said);
    return 0;
}

/* Memory of so many bytes, as digits. */
static size_t remote_digits(char *to, size_t room)
{
    size_t n = 2u << mutate_random(5);

    n = n < room ? n : room;
    for (size_t i = 0; i < n; i++)
        to[i] = "0123456789abcdef"[mutate_random(16)];
    return n;
}

static size_t remote_make(char *to, size_t room)
{
    const char *text;

    if (mutate_random(3) == 0)
        return remote_digits(to, room);
    text = answers[mutate_random(sizeof(answers) / sizeof(answers[0]))];
    return (size_t)snprintf(to, room, "%s", text);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    return mutate_lines(data, size, max, seed, remote_make);
}
