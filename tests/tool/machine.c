/* SPDX-License-Identifier: MIT */
/*
 * machine.c - a machine with an engine, two CPUs and a debugger's stub, in one process: what tpdecode is to read by GDB's
 * remote protocol. It knows that protocol by itself.
 *
 *   machine ADDRESS WORD...      listens at tcp (prints the port) or unix:PATH, serves the first who connects, and says at
 *                                the end what it has fired, and what it was asked that it must not be
 *
 * Its memory: the region at 0x20000000; before that the table tp_traces, at 0x10000000. Words:
 *
 *   total=N          fires N events: t:num with v 0 .. N - 1, each third one on CPU 1
 *   first=N          N of them before anybody connects
 *   each=N           N of them before each read of memory, so while it is read
 *   run=N            N of them when it is continued
 *   late=N           the trace is opened when it is continued for the N-th time
 *   again            when all are fired, a second trace in place of the first, with v from 0 again
 *   overwrite subbuf=BYTES subbufs=N
 *   bare             the trace has no metadata in its region (tp_config.no_metadata)
 *   flight           a record is in the making when all are fired; lose=N: N events are refused before that
 *   second           a second trace is open as well
 *   halts            while it runs, any byte halts it, and nothing else is done with it (QEMU)
 *   deaf             while it runs, it listens to nothing but an interrupt
 *   asleep           while it runs, it listens to nothing; stays: it cannot be continued
 *   status=TEXT      the answer to what it does now
 *   early            it sends a stop reply before it is asked
 *   noack size=HEX upload novcont
 *   rle upper split  how its answers look: runs, capitals, byte by byte
 *   console notify   other packets between its answers
 *   badsum=N         each N-th packet has a wrong checksum
 *   junk=N           N bytes before each answer
 *   close=N          it closes after N reads, in the middle of an answer
 *   error=HEX        memory from there to the next 4 KiB cannot be read
 *   long, short, odd, endless, huge, badrun, mute, foreign, nothing, refuse   answers to reads that cannot be
 *   done=N           it ends when all are fired and memory was read N times since then
 *   trap=N           it stops by itself after it was continued N times; exit=N: it ends then
 */
#define _GNU_SOURCE
#define TP_CREATE
#include <tp/event.h>
#include <tp/trace.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

TP_EVENT(t, num, "v=%u", u32 v)

#define REGION_AT 0x20000000u
#define TABLE_AT 0x10000000u
#define REGION_BYTES (4u << 20)
#define PAGE 4096u

static uint8_t region[REGION_BYTES] __attribute__((aligned(64))),
    other[1 << 16] __attribute__((aligned(64)));
static char **words;
static struct tp_trace *trace;
static int fd;
static bool noack, runs;
static unsigned long fired, since, reads, continued, packets;
static char asked[256]; /* what must not be asked */

static const char *word(const char *name)
{
    size_t n = strlen(name);

    for (char **w = words; *w; w++)
        if (!strncmp(*w, name, n) && (!(*w)[n] || (*w)[n] == '='))
            return (*w)[n] ? *w + n + 1 : *w + n;
    return NULL;
}

static unsigned long number(const char *name, unsigned long otherwise)
{
    const char *text = word(name);

    return text ? strtoul(text, NULL, strcmp(name, "size") && strcmp(name, "error") ? 10 : 16)
                : otherwise;
}

/* --- the engine --- */

static void open_trace(void)
{
    struct tp_config config = {.name = "machine",
                               .cpus = 2,
                               .mode = word("overwrite") ? TP_OVERWRITE : TP_DISCARD,
                               .no_metadata = word("bare"),
                               .subbuf_bytes = (uint32_t)number("subbuf", 1024),
                               .subbufs = (uint32_t)number("subbufs", 64)};

    if (tp_trace_open(&trace, region, sizeof(region), &config) || tp_trace_start(trace))
        exit(98);
    tp_task_name(0, 0, "idle");
}

static void fire(unsigned long n)
{
    unsigned long total = number("total", 0);

    for (; trace && n && fired < total; n--, fired++) {
        tp_hosted_cpu = fired % 3 == 2;
        trace_t_num((uint32_t)fired);
    }
}

/* A writer that will not come back, in a record on CPU 0. */
static void end_in_flight(void)
{
    struct tp_slot slot;

    tp_hosted_cpu = 0;
    if (!tp_record_begin(&slot, 0, 1, 16))
        exit(97);
}

static void continue_it(void)
{
    continued++;
    runs = true;
    if (!trace && continued >= number("late", 0))
        open_trace();
    fire(number("run", 0));
    if (word("again") && fired == number("total", 0) && continued > 3) {
        static bool done;

        if (done)
            return;
        done = true;
        if (tp_trace_stop(trace) || tp_trace_close(trace))
            exit(96);
        open_trace();
        fired = 0;
        fire(number("total", 0));
    }
}

/* --- packets --- */

static void put(const void *bytes, size_t n)
{
    const char *at = bytes;

    while (n) {
        size_t part = word("split") ? 1 : n;
        ssize_t did = write(fd, at, part);

        if (did < 0 && word("endless"))
            exit(0);
        if (did < 0)
            return;
        if (word("split") && *at == '#')
            usleep(1000);
        at += did;
        n -= (size_t)did;
    }
}

/* Escapes, and runs if they are wanted. */
static size_t encode(const uint8_t *from, size_t n, uint8_t *to)
{
    size_t out = 0;

    for (size_t i = 0; i < n;) {
        size_t run = 1;

        if (strchr("$#}*", from[i]) && from[i]) {
            to[out++] = '}';
            to[out++] = from[i++] ^ 0x20;
            continue;
        }
        while (word("rle") && i + run < n && from[i + run] == from[i] && run < 90)
            run++;
        to[out++] = from[i];
        /* The count may not be a $, a # or one of the two that are acknowledgements. */
        while (run > 3 && strchr("$#+-", (char)(run - 1 + 29)))
            run--;
        if (run > 3) {
            to[out++] = '*';
            to[out++] = (uint8_t)(run - 1 + 29);
            i += run;
        } else {
            i++;
        }
    }
    return out;
}

static void send_raw(const uint8_t *bytes, size_t n)
{
    static uint8_t packet[1 << 19];
    uint8_t sum = 0;
    char end[4];

    packets++;
    for (unsigned long i = number("junk", 0); i--;)
        put("j", 1);
    packet[0] = '$';
    memcpy(packet + 1, bytes, n);
    for (size_t i = 0; i < n; i++)
        sum = (uint8_t)(sum + bytes[i]);
    if (number("badsum", 0) && packets % number("badsum", 0) == 0)
        sum++;
    snprintf(end, sizeof(end), word("upper") ? "#%02X" : "#%02x", sum);
    memcpy(packet + 1 + n, end, 3);
    put(packet, n + 4);
}

static uint8_t last[1 << 18];
static size_t last_n;

static void answer_bytes(const void *bytes, size_t n)
{
    if (word("notify"))
        put("%Stop:T05thread:01;#00", 22);
    if (word("console"))
        send_raw((const uint8_t *)"O68690a", 7);
    last_n = encode(bytes, n, last);
    send_raw(last, last_n);
}

static void answer(const char *text)
{
    answer_bytes(text, strlen(text));
}

/* --- memory --- */

static bool memory(uint64_t at, uint64_t n, uint8_t *to)
{
    uint8_t table[8 * 3 * sizeof(void *)] = {0};
    uintptr_t entry = REGION_AT + 256, second = REGION_AT + REGION_BYTES + 256;
    unsigned long error = number("error", 0);

    if (error && at < error + PAGE && at + n > error)
        return false;
    if (trace)
        memcpy(table, &entry, sizeof(entry));
    if (trace && word("second"))
        memcpy(table + 3 * sizeof(void *), &second, sizeof(second));
    if (at >= TABLE_AT && at + n <= TABLE_AT + sizeof(table))
        memcpy(to, table + (at - TABLE_AT), n);
    else if (at >= REGION_AT && at + n <= REGION_AT + sizeof(region))
        memcpy(to, region + (at - REGION_AT), n);
    else if (at >= REGION_AT + REGION_BYTES && at + n <= REGION_AT + REGION_BYTES + sizeof(other))
        memcpy(to, other + (at - REGION_AT - REGION_BYTES), n);
    else
        return false;
    return true;
}

static void read_memory(const char *text, bool bytes)
{
    static uint8_t from[1 << 17];
    static char to[1 << 18];
    char *comma;
    uint64_t at = strtoull(text, &comma, 16), n = strtoull(comma + 1, NULL, 16);
    size_t digits = 0;

    since += fired == number("total", 0);
    fire(number("each", 0));
    reads++;
    if (n > sizeof(from) / 2) {
        answer("E22");
        return;
    }
    if (word("foreign") || word("nothing") || word("refuse")) {
        answer(word("foreign") ? "OK" : word("nothing") ? "" : "E.no");
        return;
    }
    if (word("mute"))
        return;
    if (word("endless"))
        for (;;)
            put("$0", 2);
    if (word("huge")) {
        put("$", 1);
        for (unsigned i = 0; i < 70000; i++)
            put("0", 1);
        return;
    }
    if (word("badrun")) {
        send_raw((const uint8_t *)"0*\x1f", 3);
        return;
    }
    if (!memory(at, n, from)) {
        answer("E01");
        return;
    }
    n = word("long") ? n + 1 : word("short") ? n / 2 : n;
    to[digits++] = 'b';
    for (size_t i = 0; i < n && !bytes; i++)
        digits += (size_t)sprintf(to + digits, word("upper") ? "%02X" : "%02x", from[i]);
    if (bytes)
        memcpy(to + 1, from, n);
    if (word("odd"))
        to[1] = 'q';
    if (number("close", 0) && reads >= number("close", 0)) {
        put("$0123", 5);
        close(fd);
        return;
    }
    if (bytes)
        answer_bytes(to, n + 1);
    else
        answer_bytes(to + 1, digits - 1);
}

/* --- what it is asked --- */

static void features(void)
{
    char text[200];

    snprintf(text, sizeof(text), "PacketSize=%lx;%s%svContSupported+", number("size", 0x800),
             word("noack") ? "QStartNoAckMode+;" : "", word("upload") ? "binary-upload+;" : "");
    answer(text);
}

/* False: that was the last. */
static bool handle(char *text)
{
    if (!strncmp(text, "qSupported", 10)) {
        features();
    } else if (!strcmp(text, "QStartNoAckMode")) {
        answer("OK");
        noack = true;
    } else if (!strcmp(text, "vCont?")) {
        answer(word("novcont") ? "" : "vCont;c;C;s;S");
    } else if (!strcmp(text, "?")) {
        answer(word("status") ? word("status") : "T05thread:01;");
    } else if (text[0] == 'm' || (text[0] == 'x' && word("upload"))) {
        read_memory(text + 1, text[0] == 'x');
    } else if (!strcmp(text, word("novcont") ? "c" : "vCont;c")) {
        if (word("stays"))
            answer("E01");
        else
            continue_it();
    } else if (!strcmp(text, "D")) {
        answer("OK");
        runs = true;
        return false;
    } else {
        snprintf(asked + strlen(asked), sizeof(asked) - strlen(asked), " %.20s", text);
        answer("");
    }
    return true;
}

static int next_byte(int ms)
{
    static unsigned char bytes[4096];
    static ssize_t n, at;
    struct pollfd p = {.fd = fd, .events = POLLIN};

    if (at == n) {
        if (poll(&p, 1, ms) <= 0)
            return -2;
        at = 0;
        n = read(fd, bytes, sizeof(bytes));
        if (n <= 0) {
            n = 0;
            return -1;
        }
    }
    return bytes[at++];
}

/* What it does by itself, while it runs. False: it has ended. */
static bool own(void)
{
    if (!runs)
        return true;
    if (number("trap", 0) && continued == number("trap", 0)) {
        runs = false;
        answer("T05hwbreak:;");
    }
    if ((number("exit", 0) && continued >= number("exit", 0)) ||
        (number("done", 0) && since >= number("done", 0))) {
        answer("W00");
        return false;
    }
    return true;
}

static void serve(void)
{
    char text[4096];
    size_t n = 0;
    bool in = false;

    if (word("early"))
        send_raw((const uint8_t *)"T02thread:01;", 13);
    for (;;) {
        int c = next_byte(2), high, low;

        if (c == -2 && own())
            continue;
        if (c < 0)
            return;
        if (runs && word("asleep"))
            continue;
        if (runs && (c == 3 || (word("halts") && c != '+'))) {
            runs = false;
            in = false;
            answer("T02thread:01;");
            continue;
        }
        if (runs && word("deaf"))
            continue;
        if (!in && c == '-') {
            send_raw(last, last_n);
        } else if (!in) {
            in = c == '$';
            n = 0;
        } else if (c != '#') {
            text[n++] = (char)c;
            if (n == sizeof(text))
                return;
        } else {
            in = false;
            high = next_byte(1000);
            low = next_byte(1000);
            (void)high;
            (void)low;
            text[n] = '\0';
            if (!noack)
                put("+", 1);
            if (!handle(text))
                return;
        }
    }
}

static int listen_at(const char *address)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    bool is_unix = !strncmp(address, "unix:", 5);
    int s = socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM, 0), c;
    socklen_t n = sizeof(in);

    /* It has its name once somebody listens. */
    if (is_unix)
        snprintf(un.sun_path, sizeof(un.sun_path), "%s.new", address + 5);
    if (s < 0 || bind(s, is_unix ? (void *)&un : (void *)&in, is_unix ? sizeof(un) : n) ||
        listen(s, 1))
        exit(95);
    if (is_unix && rename(un.sun_path, address + 5))
        exit(92);
    if (!is_unix && !getsockname(s, (void *)&in, &n))
        printf("%d\n", ntohs(in.sin_port));
    fflush(stdout);
    c = accept(s, NULL, NULL);
    if (c < 0)
        exit(94);
    close(s);
    return c;
}

int main(int argc, char **argv)
{
    struct tp_config small = {.name = "second", .cpus = 1, .subbuf_bytes = 512, .subbufs = 2};
    struct tp_trace *second;

    if (argc < 2)
        return 99;
    words = argv + 2;
    alarm(60);
    signal(SIGPIPE, SIG_IGN);
    if (!word("late"))
        open_trace();
    if (word("second") && tp_trace_open(&second, other, sizeof(other), &small))
        return 93;
    fire(number("first", 0));
    if (word("flight"))
        end_in_flight();
    fd = listen_at(argv[1]);
    serve();
    close(fd);
    printf("fired %lu, %s%s%s\n", fired, runs ? "running" : "halted", *asked ? ", asked" : "",
           asked);
    return 0;
}
