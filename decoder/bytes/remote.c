/* SPDX-License-Identifier: MIT */
/* remote.c - memory of a machine that is being debugged, by GDB's remote serial protocol. */
#include "bytes/remote.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bytes/watch.h"

#define REMOTE_INTERRUPT 0x03
#define REMOTE_ESCAPE '}'
#define REMOTE_ESCAPED 0x20u
#define REMOTE_RUN '*'
#define REMOTE_RUN_LEAST 29u  /* a run of n more is written as the character n + 29 */
#define REMOTE_RUN_END 126u   /* the last one that can be printed */
#define REMOTE_ROOM_BYTES 16u /* of a packet, for what is not memory */

/* --- bytes --- */

static void remote_break(struct remote *g, const char *problem)
{
    if (g->state == REMOTE_BROKEN)
        return;
    g->state = REMOTE_BROKEN;
    snprintf(g->problem, sizeof(g->problem), "%s", problem);
}

/* While nothing is asked of a machine that runs, that is how it ends. */
static void remote_closed(struct remote *g)
{
    if (g->state == REMOTE_RUNS)
        g->state = REMOTE_EXITED;
    else
        remote_break(g, "it has closed the connection");
}

/* A stub that has gone must not end the process, whose handlers are none of ours: SIGPIPE waits, and is taken. */
static void remote_write(struct remote *g, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;
    sigset_t pipe, old;

    (void)sigemptyset(&pipe);
    (void)sigaddset(&pipe, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &pipe, &old);
    while (n && g->state < REMOTE_EXITED) {
        struct pollfd p = {.fd = g->fd, .events = POLLOUT};
        ssize_t did = write(g->fd, at, n);

        if (did >= 0) {
            at += did;
            n -= (size_t)did;
        } else if (errno == EAGAIN) {
            if (poll(&p, 1, (int)REMOTE_WAIT_MS) == 0)
                remote_break(g, "it takes no more, no answer");
        } else if (errno != EINTR) {
            (void)sigtimedwait(&pipe, NULL, &(struct timespec){.tv_sec = 0});
            remote_closed(g);
        }
    }
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* The next byte that comes before `until`, or -1. */
static int remote_byte(struct remote *g, uint64_t until)
{
    while (g->raw_at == g->raw_end && g->state < REMOTE_EXITED) {
        struct pollfd p = {.fd = g->fd, .events = POLLIN};
        uint64_t now = watch_now();
        ssize_t n = poll(&p, 1, now < until ? (int)(until - now) : 0);

        if (n == 0)
            return -1;
        n = n < 0 ? n : read(g->fd, g->raw, sizeof(g->raw));
        if (n > 0) {
            g->raw_at = 0;
            g->raw_end = (size_t)n;
        } else if (n == 0 || errno == ECONNRESET) {
            remote_closed(g);
        } else if (errno != EINTR && errno != EAGAIN) {
            remote_break(g, strerror(errno));
        }
    }
    return g->raw_at == g->raw_end ? -1 : g->raw[g->raw_at++];
}

static void remote_junk(struct remote *g, size_t n)
{
    g->junk += n;
    if (g->junk > REMOTE_JUNK_BYTES)
        remote_break(g, "what it says is no answer of GDB's remote protocol");
}

/* --- packets --- */

static int remote_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void remote_put(struct remote *g, uint8_t c, unsigned times)
{
    if (times > sizeof(g->answer) - g->answer_bytes) {
        remote_break(g, "its answer is longer than it may be");
        return;
    }
    memset(g->answer + g->answer_bytes, c, times);
    g->answer_bytes += times;
}

/* What is after the $ or %, up to the checksum; into `answer`, without escapes and runs. 1: it is right; 0: it is not;
 * -1: it does not come. A $ in the middle begins another packet: the rest of this one was lost. */
static int remote_body(struct remote *g, uint64_t until)
{
    uint8_t sum = 0;
    int c, high, low;

    g->answer_bytes = 0;
    while ((c = remote_byte(g, until)) >= 0 && c != '#') {
        if (c == '$') {
            remote_junk(g, g->answer_bytes + 1);
            g->answer_bytes = sum = 0;
            continue;
        }
        sum = (uint8_t)(sum + c);
        if (c == REMOTE_ESCAPE || (c == REMOTE_RUN && g->answer_bytes)) {
            int next = remote_byte(g, until);

            if (next < 0)
                return -1;
            sum = (uint8_t)(sum + next);
            if (c == REMOTE_ESCAPE)
                remote_put(g, (uint8_t)((unsigned)next ^ REMOTE_ESCAPED), 1);
            else if ((unsigned)next < REMOTE_RUN_LEAST + 3 || (unsigned)next > REMOTE_RUN_END)
                remote_break(g, "its answer has a run of a length that cannot be");
            else
                remote_put(g, g->answer[g->answer_bytes - 1], (unsigned)next - REMOTE_RUN_LEAST);
        } else {
            remote_put(g, (uint8_t)c, 1);
        }
    }
    if (c < 0 || (high = remote_byte(g, until)) < 0 || (low = remote_byte(g, until)) < 0)
        return -1;
    high = remote_digit(high);
    low = remote_digit(low);
    return high >= 0 && low >= 0 && sum == high * 16 + low;
}

static void remote_send(struct remote *g, const char *text)
{
    char packet[REMOTE_ASK_BYTES + 4];
    uint8_t sum = 0;
    int n;

    for (const char *at = text; *at; at++)
        sum = (uint8_t)(sum + (uint8_t)*at);
    g->acked = g->plain;
    n = snprintf(packet, sizeof(packet), "$%s#%02x", text, sum);
    remote_write(g, packet, (size_t)n);
}

enum remote_got { REMOTE_NOTHING, REMOTE_PACKET, REMOTE_AGAIN };

/* The next packet that comes before `until`. REMOTE_AGAIN: what was sent has not arrived. A packet that arrives damaged
 * is asked for again; where nothing is acknowledged, that is done by asking again. */
static enum remote_got remote_receive(struct remote *g, uint64_t until)
{
    unsigned tries = 0;
    int c, right;

    while ((c = remote_byte(g, until)) >= 0) {
        if (c == '-')
            return REMOTE_AGAIN;
        if (c != '$' && c != '%') {
            g->acked = g->acked || c == '+';
            remote_junk(g, c != '+');
            continue;
        }
        right = remote_body(g, until);
        if (right < 0)
            return REMOTE_NOTHING;
        if (c == '%') { /* a notification, of which none is needed */
            remote_junk(g, g->answer_bytes + 1);
            continue;
        }
        if (!g->plain)
            remote_write(g, right ? "+" : "-", 1);
        if (right)
            return REMOTE_PACKET;
        remote_junk(g, g->answer_bytes + 1);
        if (++tries == REMOTE_TRIES)
            remote_break(g, "its answers arrive damaged");
        else if (g->plain)
            return REMOTE_AGAIN;
    }
    return REMOTE_NOTHING;
}

/* --- what a machine does --- */

static bool remote_is(const struct remote *g, const char *text)
{
    return g->answer_bytes == strlen(text) && memcmp(g->answer, text, g->answer_bytes) == 0;
}

/* Is the answer about the machine, and not about what was asked? Then `state` has changed. */
static bool remote_event(struct remote *g, bool asked)
{
    int high, low;

    if (g->answer_bytes < 3 || !strchr("TSWX", g->answer[0]))
        return false;
    high = remote_digit(g->answer[1]);
    low = remote_digit(g->answer[2]);
    if (high < 0 || low < 0)
        return false;
    g->signal = (unsigned)(high * 16 + low);
    g->state = g->answer[0] == 'W' || g->answer[0] == 'X' ? REMOTE_EXITED
               : asked                                    ? REMOTE_HALTED
                                                          : REMOTE_STOPPED;
    return true;
}

/* Text of the machine's console: not an answer. */
static bool remote_console(struct remote *g)
{
    if (!g->answer_bytes || g->answer[0] != 'O' || remote_is(g, "OK"))
        return false;
    remote_junk(g, g->answer_bytes);
    return true;
}

/* Asks, and has the answer in `answer`. False: there is none. One that was asked while the machine ran, and has halted
 * it, is asked again: the stub has not listened to it. */
static bool remote_ask(struct remote *g, const char *text)
{
    uint64_t until = watch_now() + REMOTE_WAIT_MS;
    bool ran = g->state == REMOTE_RUNS;

    g->junk = 0;
    g->held = true;
    remote_send(g, text);
    for (unsigned tries = 0; g->state < REMOTE_EXITED;) {
        switch (remote_receive(g, until)) {
        case REMOTE_NOTHING:
            if (!ran || g->state != REMOTE_RUNS)
                remote_break(g, "no answer");
            return false;
        case REMOTE_AGAIN:
            if (++tries == REMOTE_TRIES)
                remote_break(g, "its answers arrive damaged");
            else
                remote_send(g, text);
            break;
        case REMOTE_PACKET:
            if (remote_console(g))
                break;
            if (ran && remote_event(g, true))
                return false;
            if (g->acked)
                return true;
            /* It was sent before the stub had the question: that the connection has halted the machine, perhaps. */
            remote_junk(g, g->answer_bytes + 1);
            break;
        }
    }
    return false;
}

/* What comes late, of something that was asked before, is passed over. */
static void remote_drain(struct remote *g)
{
    while (g->state < REMOTE_EXITED &&
           remote_receive(g, watch_now() + REMOTE_QUIET_MS) == REMOTE_PACKET)
        remote_junk(g, g->answer_bytes + 1);
}

static void remote_halt(struct remote *g)
{
    static const char interrupt[] = {REMOTE_INTERRUPT};
    uint64_t until = watch_now() + REMOTE_WAIT_MS;

    if (g->state != REMOTE_RUNS)
        return;
    g->junk = 0;
    g->held = true;
    remote_write(g, interrupt, sizeof(interrupt));
    while (g->state == REMOTE_RUNS) {
        enum remote_got got = remote_receive(g, until);

        if (got == REMOTE_NOTHING)
            remote_break(g, "it does not halt the machine, no answer");
        else if (got == REMOTE_PACKET && !remote_event(g, true))
            remote_junk(g, g->answer_bytes + 1);
    }
}

void remote_go(struct remote *g)
{
    if (g->state != REMOTE_HALTED)
        return;
    remote_send(g, g->vcont ? "vCont;c" : "c");
    if (g->state == REMOTE_HALTED)
        g->state = REMOTE_RUNS;
    g->held = false;
}

void remote_idle(struct remote *g, unsigned ms)
{
    uint64_t until = watch_now() + ms;

    if (g->state != REMOTE_RUNS) {
        (void)poll(NULL, 0, (int)ms);
        return;
    }
    g->junk = 0;
    while (g->state == REMOTE_RUNS && remote_receive(g, until) == REMOTE_PACKET) {
        if (remote_event(g, false) || remote_console(g))
            continue;
        if (!g->answer_bytes || g->answer[0] == 'E')
            remote_break(g, "it does not continue the machine");
        else
            remote_junk(g, g->answer_bytes + 1);
    }
}

/* --- memory --- */

/* The bytes of an answer. False: it has others than so many. */
static bool remote_take(struct remote *g, uint8_t *to, size_t n)
{
    if (g->upload) {
        if (g->answer_bytes != n + 1 || g->answer[0] != 'b')
            return false;
        memcpy(to, g->answer + 1, n);
        return true;
    }
    if (g->answer_bytes != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = remote_digit(g->answer[2 * i]), low = remote_digit(g->answer[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        to[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

/* Does it answer in the way of one that must be halted? Then it is, and will be from now on. */
static bool remote_halted_for(struct remote *g)
{
    if (g->state == REMOTE_RUNS)
        remote_halt(g); /* it has not answered at all */
    if (g->state != REMOTE_HALTED || g->halting)
        return false;
    g->halting = true;
    remote_drain(g);
    return g->state == REMOTE_HALTED;
}

static bool remote_read_part(struct remote *g, uint64_t address, uint8_t *to, size_t n)
{
    char text[REMOTE_ASK_BYTES];
    bool error;

    snprintf(text, sizeof(text), "%c%" PRIx64 ",%zx", g->upload ? 'x' : 'm', address, n);
    if (g->halting)
        remote_halt(g);
    if (g->state > REMOTE_STOPPED)
        return false;
    if (!remote_ask(g, text) && (!remote_halted_for(g) || !remote_ask(g, text)))
        return false;
    g->reads++;
    error = g->answer_bytes && g->answer[0] == 'E' &&
            (g->answer_bytes == 3 || (g->answer_bytes > 1 && g->answer[1] == '.'));
    if (!error && g->answer_bytes && remote_take(g, to, n)) {
        g->bytes += n;
        return true;
    }
    g->refused = error || !g->answer_bytes;
    /* Half of what was asked for is what some say where memory ends. */
    if (!g->refused && g->answer_bytes < 2 * n && !g->upload)
        g->refused = true;
    if (!g->refused)
        remote_break(g, "its answer is not the memory that it was asked for");
    return false;
}

bool remote_read(struct remote *g, uint64_t address, void *to, size_t n)
{
    uint8_t *at = to;

    g->refused = false;
    while (n) {
        size_t part = n < g->most ? n : g->most;

        if (!remote_read_part(g, address, at, part))
            return false;
        at += part;
        address += part;
        n -= part;
    }
    return true;
}

/* --- the beginning and the end --- */

/* In the answer to qSupported, the value of NAME=, or what follows NAME; NULL: it is not there. */
static const char *remote_feature(const char *text, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = text; at; at = strchr(at, ';')) {
        at += *at == ';';
        if (strncmp(at, name, n) == 0)
            return at + n;
    }
    return NULL;
}

static void remote_features(struct remote *g)
{
    char text[1024];
    size_t n = g->answer_bytes < sizeof(text) ? g->answer_bytes : sizeof(text) - 1;
    uint64_t packet = REMOTE_LEAST_BYTES;
    const char *at;

    memcpy(text, g->answer, n);
    text[n] = '\0';
    at = remote_feature(text, "PacketSize=");
    if (at)
        packet = strtoull(at, NULL, 16);
    g->upload = remote_feature(text, "binary-upload+");
    packet = packet < REMOTE_LEAST_BYTES / 4    ? REMOTE_LEAST_BYTES / 4
             : packet > REMOTE_PACKET_BYTES / 2 ? REMOTE_PACKET_BYTES / 2
                                                : packet;
    /* Two digits for a byte; or an escape, where all of them need one. */
    g->most = ((size_t)packet - REMOTE_ROOM_BYTES) / 2;
    at = remote_feature(text, "QStartNoAckMode+");
    if (at && remote_ask(g, "QStartNoAckMode") && remote_is(g, "OK")) {
        g->plain = true;
        remote_write(g, "+", 1);
    }
}

/* In a signal handler: a machine that is halted runs on. */
static void remote_undo(void *context)
{
    const struct remote *g = context;
    static const char detach[] = "$D#44";

    if (g->held)
        (void)!write(g->fd, detach, sizeof(detach) - 1);
}

bool remote_open(struct remote *g, int fd)
{
    *g = (struct remote){
        .fd = fd, .held = true, .most = (REMOTE_LEAST_BYTES - REMOTE_ROOM_BYTES) / 2};
    g->undo = (struct undo){.run = remote_undo, .context = g};
    undo_add(&g->undo);
    remote_write(g, "+", 1);
    if (remote_ask(g, "qSupported:swbreak+;hwbreak+;vContSupported+"))
        remote_features(g);
    if (g->state == REMOTE_HALTED && remote_ask(g, "vCont?"))
        g->vcont = g->answer_bytes > 5 && memmem(g->answer, g->answer_bytes, ";c", 2);
    if (g->state == REMOTE_HALTED && remote_ask(g, "?") && !remote_event(g, true))
        remote_break(g, remote_is(g, "OK") ? "it is in non-stop mode, which is not known here"
                                           : "it has no machine that could be read");
    return g->state == REMOTE_HALTED;
}

void remote_close(struct remote *g)
{
    if (g->fd < 0)
        return;
    if (g->state == REMOTE_HALTED) {
        remote_send(g, "D");
        (void)remote_receive(g, watch_now() + REMOTE_QUIET_MS);
    }
    undo_remove(&g->undo);
    (void)close(g->fd);
    *g = (struct remote){.fd = -1, .state = REMOTE_BROKEN};
}
