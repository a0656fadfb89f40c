/* SPDX-License-Identifier: MIT */
/* input.c - the bytes of one input: a file, a pipe, a terminal, a connection or memory, gzip or plain. */
#include "bytes/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tp/wire.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/zip.h"
#include "bytes/header.h"
#include "bytes/image.h"
#include "bytes/inflate.h"
#include "bytes/kdump.h"
#include "bytes/probe.h"
#include "bytes/socket.h"
#include "bytes/tty.h"
#include "bytes/watch.h"

#define INPUT_BUFFER_BYTES (256u << 10)
#define INPUT_LEAST_BYTES (64u << 10) /* looked at first, and enough for a small dump in memory */
#define INPUT_ERRNO_MAX 4095          /* of Linux */
#define INPUT_PART_BYTES 128u         /* read first after a seek: perhaps only a header is wanted */
#define INPUT_PART_TIMES 8u           /* so much more with each read that follows */

/* How far reading is: what is in the buffer has been read. */
static uint64_t input_read_so_far(const struct input *in)
{
    return in->offset + (in->end - in->start);
}

static long input_read_memory(struct input *in, uint8_t *to, size_t n)
{
    if (n > in->memory_left)
        n = in->memory_left;
    if (n)
        memcpy(to, in->memory, n);
    in->memory += n;
    in->memory_left -= n;
    return (long)n;
}

static long input_read_user(struct input *in, uint8_t *to, size_t n)
{
    long got = in->read(in->read_context, to, n);

    if (got >= 0 && (size_t)got <= n)
        return got;
    in->error = got < 0 && got >= -INPUT_ERRNO_MAX ? (int)-got : EIO;
    return -1;
}

static long input_read_source(struct input *in, uint8_t *to, size_t n)
{
    if (in->read)
        return input_read_user(in, to, n);
    if (in->fd < 0)
        return input_read_memory(in, to, n);
    if (in->watch && !watch_wait(in->watch, in->fd))
        return 0;
    if (in->slow && !in->watch && in->wait)
        in->wait(in->wait_context);
    for (;;) {
        uint64_t at = in->zip ? in->taken : input_read_so_far(in);
        ssize_t got = in->sought ? pread(in->fd, to, n, in->origin + (off_t)at)
                                 : read(in->fd, to, n);

        if (got >= 0)
            return (long)got;
        if (errno == EAGAIN) {
            struct pollfd p = {.fd = in->fd, .events = POLLIN};

            (void)poll(&p, 1, -1);
        } else if (errno == EIO && in->tty) {
            return 0; /* the line was hung up */
        } else if (errno != EINTR) {
            in->error = errno;
            return -1;
        }
    }
}

/* Where in the file the bytes are that were read. */
static off_t input_start(const struct input *in)
{
    return in->sought ? in->origin : lseek(in->fd, 0, SEEK_CUR) - (off_t)in->end;
}

/* Does it start as a dump does? One wrong bit makes that of the start of a region. */
static bool input_is_dump(const struct input *in)
{
    uint8_t start[2 * TP_REGION_COPY_BYTES];
    ssize_t n;

    if (in->end < sizeof(header_magic) ||
        memcmp(in->buffer, header_magic, sizeof(header_magic)) != 0)
        return false;
    if (in->zip || in->slow)
        return true;
    if (in->fd < 0)
        return !image_second_copy(in->memory - in->end, in->memory_left + in->end);
    n = pread(in->fd, start, sizeof(start), input_start(in));
    return n < 0 || !image_second_copy(start, (size_t)n);
}

/* Bytes as they are in the file. */
static long input_read_raw(void *context, uint8_t *to, size_t n)
{
    struct input *in = context;
    long got = input_read_source(in, to, n);

    in->taken += got > 0 ? (uint64_t)got : 0;
    return got;
}

/* Plain bytes of what is compressed. */
static long input_read_zip(struct input *in, uint8_t *to, size_t n)
{
    /* Another process reads, as slowly. */
    if (in->slow && in->wait && !in->zip->zip)
        in->wait(in->wait_context);
    return (long)inflate_read(in->zip, to, n, &in->taken, &in->error);
}

/* What is recovered from an image is in it. */
static long input_read_image(struct input *in, uint8_t *to, size_t n)
{
    size_t got = image_read(in->image, to, n);

    in->taken += got;
    return (long)got;
}

/* What a machine has recorded. */
static long input_read_probe(struct input *in, uint8_t *to, size_t n)
{
    size_t got;

    if (in->wait && !in->watch)
        in->wait(in->wait_context);
    got = probe_read(in->probe, in->diag, in->watch, to, n);
    in->taken += got;
    in->refused = probe_problem(in->probe);
    return (long)got;
}

/* Memory in a file: as it is, or, with `scratch`, from a kdump. */
static void input_open_image(struct input *in)
{
    off_t start = lseek(in->fd, input_start(in), SEEK_SET);
    bool kdump = in->scratch > 0;

    if (start < 0)
        return;
    if (kdump)
        in->refused = kdump_unpack(in->fd, in->scratch, in->diag);
    if (!in->refused)
        in->image = image_open_file(kdump ? in->scratch : in->fd, in->diag);
    if (kdump && !in->refused && !in->image)
        in->refused = "a kdump without a trace in its memory";
    (void)lseek(in->fd, start + (off_t)in->end, SEEK_SET);
}

/* From what starts like neither a dump nor a gzip file: memory, if there is a region in it. */
static void input_detect_image(struct input *in)
{
    bool found;

    if (!in->diag || in->error || input_is_dump(in))
        return;
    if (in->zip || in->slow) {
        /* Nothing else follows; the start is left, for what is said of it. */
        in->eof = in->eof || image_is_region(in->buffer, in->end);
        return;
    }
    if (in->fd < 0)
        in->image = image_open(in->memory - in->end, in->memory_left + in->end, in->diag);
    else
        input_open_image(in);
    found = in->refused || in->image;
    if (found) {
        in->end = 0;
        in->eof = in->refused || !image_next(in->image);
    }
}

/* Reads the bytes that distinguish gzip from plain, and sets up for it. */
static void input_detect(struct input *in)
{
    in->room = in->memory && in->memory_left <= INPUT_LEAST_BYTES ? INPUT_LEAST_BYTES
                                                                  : INPUT_BUFFER_BYTES;
    in->buffer = mem_alloc(in->room);
    if (in->probe)
        return;
    while (in->end < 4 && !in->eof && !in->zip) {
        long got = input_read_raw(in, in->buffer + in->end, INPUT_LEAST_BYTES - in->end);

        in->eof = got <= 0;
        in->end += got > 0 ? (size_t)got : 0;
    }
    if (zip_is_gzip(in->buffer, in->end)) {
        in->zip = inflate_new(in->slow);
        inflate_here(in->zip, input_read_raw, in, in->buffer, in->end);
        in->end = 0;
        in->eof = false;
    }
    if (in->zip)
        input_fill(in, 4);
    input_detect_image(in);
}

static int input_open_socket(struct input *in, const char *name)
{
    const char *problem;
    int fd = socket_open(name, &problem);

    *in = (struct input){.fd = fd, .socket = true, .slow = true, .refused = problem};
    return problem ? ECONNREFUSED : 0;
}

/* A device may wait, when it is opened, for a modem that is not there. */
static int input_open_path(const char *path)
{
    struct stat st;
    bool device = stat(path, &st) == 0 && S_ISCHR(st.st_mode);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (device ? O_NONBLOCK : 0));

    if (fd >= 0 && device)
        (void)fcntl(fd, F_SETFL, 0);
    return fd;
}

int input_open(struct input *in, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : input_open_path(path), error;

    if (fd < 0) {
        *in = (struct input){.fd = -1};
        return errno;
    }
    error = input_open_descriptor(in, fd);
    in->borrowed = standard;
    return error;
}

int input_open_probe(struct input *in, const char *path, const struct probe_options *o)
{
    int error = input_open_socket(in, path);

    if (!error)
        in->probe = probe_open(in->fd, o);
    return error;
}

int input_open_source(struct input *in, const char *path, uint64_t baud)
{
    int error;

    if (socket_is(path))
        return input_open_socket(in, path);
    error = input_open(in, path);
    if (error || in->fd < 0)
        return error;
    if (in->borrowed) {
        in->terminal = tty_is_cooked(in->fd);
    } else if (isatty(in->fd)) {
        in->tty = tty_set(in->fd, baud);
        error = in->tty ? 0 : errno;
    }
    return error;
}

int input_open_descriptor(struct input *in, int fd)
{
    struct stat st;

    *in = (struct input){.fd = fd, .borrowed = true};
    if (fstat(in->fd, &st) == 0) {
        in->slow = !S_ISREG(st.st_mode);
        in->origin = in->slow ? 0 : lseek(in->fd, 0, SEEK_CUR);
        if (S_ISDIR(st.st_mode))
            return EISDIR;
        if (!in->slow && kdump_is(fd))
            in->scratch = kdump_scratch(&in->refused);
    }
    return in->refused ? EIO : 0;
}

void input_open_reader(struct input *in, long (*read)(void *context, void *to, size_t n),
                       void *context)
{
    *in = (struct input){.fd = -1, .read = read, .read_context = context, .slow = true};
}

void input_open_memory(struct input *in, const void *bytes, size_t n)
{
    *in = (struct input){.fd = -1, .memory = bytes, .memory_left = n};
}

void input_close(struct input *in)
{
    inflate_free(in->zip);
    image_close(in->image);
    probe_close(in->probe);
    free(in->buffer);
    tty_free(in->tty);
    if (in->fd >= 0 && !in->borrowed && !in->probe)
        close(in->fd);
    if (in->scratch > 0)
        close(in->scratch);
    *in = (struct input){.fd = -1, .eof = true};
}

static void input_make_room(struct input *in, size_t n)
{
    /* Moving a few bytes to the front each time the buffer is used up is cheap. */
    if (in->start && (in->start + n > in->room || in->end == in->room)) {
        memmove(in->buffer, in->buffer + in->start, in->end - in->start);
        in->end -= in->start;
        in->start = 0;
    }
    /* Grows as bytes come, not to the n that a header promises. */
    if (in->end == in->room) {
        in->room *= 2;
        in->buffer = mem_grow(in->buffer, in->room);
    }
}

/* How much to read at once: a whole buffer, but little after a seek, and from there on more each
 * time. */
static size_t input_part(struct input *in)
{
    size_t room = in->room - in->end, part = in->part;

    in->part = part < INPUT_BUFFER_BYTES ? INPUT_PART_TIMES * part : 0;
    return part && part < room ? part : room;
}

size_t input_fill(struct input *in, size_t n)
{
    if (!in->buffer)
        input_detect(in);
    while (in->end - in->start < n && !in->eof) {
        long got;

        input_make_room(in, n);
        if (in->image)
            got = input_read_image(in, in->buffer + in->end, in->room - in->end);
        else if (in->probe)
            got = input_read_probe(in, in->buffer + in->end, in->room - in->end);
        else if (in->zip)
            got = input_read_zip(in, in->buffer + in->end, in->room - in->end);
        else
            got = input_read_raw(in, in->buffer + in->end, input_part(in));
        in->eof = got <= 0;
        in->end += got > 0 ? (size_t)got : 0;
    }
    return in->end - in->start;
}

bool input_next_part(struct input *in)
{
    if (!in->image || !image_next(in->image))
        return false;
    in->start = in->end = 0;
    in->offset = 0;
    in->eof = false;
    return true;
}

uint32_t input_regions(struct input *in)
{
    input_fill(in, 1);
    return in->image ? image_count(in->image) : 0;
}

static void input_start_region(struct input *in, struct image *image)
{
    in->image = image;
    in->room = INPUT_LEAST_BYTES;
    in->buffer = mem_alloc(in->room);
    in->eof = !image_next(in->image);
    if (!in->eof)
        image_alone(in->image);
}

void input_open_region(struct input *in, const struct input *image, uint32_t k,
                       struct diag_file *diag)
{
    *in = (struct input){.fd = -1, .diag = diag};
    input_start_region(in, image_part(image->image, k, diag));
}

bool input_again(const struct input *in, struct input *again, struct diag_file *diag)
{
    *again = (struct input){.fd = -1};
    if (!in->buffer || in->slow || in->read || in->probe || in->refused)
        return false;
    if (in->image) {
        input_start_region(again, image_again(in->image, diag));
    } else if (in->fd >= 0) {
        *again = (struct input){
            .fd = in->fd, .origin = in->origin, .borrowed = true, .sought = true};
    } else {
        input_open_memory(again, in->memory - in->taken, in->memory_left + in->taken);
    }
    return in->fd < 0 || in->origin >= 0;
}

void input_first_region(struct input *in)
{
    image_alone(in->image);
}

void input_announce(const struct input *in, const char *name, size_t name_bytes)
{
    if (in->image)
        image_announce(in->image, name, name_bytes);
}

void input_skip(struct input *in, size_t n)
{
    in->start += n;
    in->offset += n;
}

bool input_can_seek(const struct input *in, uint64_t *size)
{
    struct stat st;

    if (!in->buffer || in->zip || in->image || in->slow || in->refused || in->error)
        return false;
    *size = input_read_so_far(in) + in->memory_left;
    if (in->fd < 0)
        return true;
    if (in->origin < 0 || fstat(in->fd, &st) != 0 || st.st_size < in->origin ||
        (uint64_t)(st.st_size - in->origin) < *size)
        return false;
    *size = (uint64_t)(st.st_size - in->origin);
    return true;
}

size_t input_look(const struct input *in, uint64_t offset, void *to, size_t n)
{
    ssize_t got;

    if (in->fd < 0) {
        uint64_t so_far = input_read_so_far(in), size = so_far + in->memory_left;

        if (offset > size)
            return 0;
        n = n < size - offset ? n : (size_t)(size - offset);
        memcpy(to, in->memory - so_far + offset, n);
        return n;
    }
    got = pread(in->fd, to, n, in->origin + (off_t)offset);
    return got < 0 ? 0 : (size_t)got;
}

void input_seek(struct input *in, uint64_t offset)
{
    if (in->fd < 0) {
        uint64_t so_far = input_read_so_far(in);

        in->memory = in->memory - so_far + offset;
        in->memory_left = (size_t)(so_far + in->memory_left - offset);
    }
    in->sought = in->fd >= 0;
    in->start = in->end = 0;
    in->offset = offset;
    in->part = INPUT_PART_BYTES;
    in->eof = in->error;
}

const char *input_problem(const struct input *in)
{
    if (in->error)
        return strerror(in->error);
    if (in->refused)
        return in->refused;
    return in->zip ? inflate_problem(in->zip) : NULL;
}

bool input_is_cut(const struct input *in)
{
    return !in->error && !in->refused && in->zip && inflate_is_cut(in->zip);
}
