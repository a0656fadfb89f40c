/* SPDX-License-Identifier: MIT */
/*
 * input.h - the bytes of one input: a file, a pipe, a terminal, a connection or memory, gzip or plain,
 * or what was recovered from an image of memory.
 *
 *     while ((n = input_fill(in, 104)) >= 104) {
 *         use(input_at(in));
 *         input_skip(in, 104);
 *     }
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct diag_file;
struct image;
struct inflate;
struct probe;
struct probe_options;
struct tty;
struct watch;

struct input {
    int fd;        /* -1: memory, or what `read` gives */
    off_t origin;  /* of a file: where its first byte is */
    bool borrowed; /* fd is not closed */
    bool sought;   /* it is read from an offset, not from where the descriptor is */
    bool socket;
    bool terminal;   /* standard input, and one that changes what is read */
    struct tty *tty; /* a terminal that is set raw; or NULL */
    int scratch;     /* a file for the regions of a kdump, if it is one; else 0 */
    long (*read)(void *context, void *to, size_t n); /* as in tpdecode.h */
    void *read_context;
    const uint8_t *memory;
    size_t memory_left;
    uint8_t *buffer;
    size_t start, end, room; /* in the buffer */
    size_t part;             /* how much is read next; 0: what there is room for */
    uint64_t offset;         /* of buffer[start] in the plain bytes */
    uint64_t taken;          /* bytes that were read, as they are in the file */
    bool eof;
    bool slow;           /* a pipe or terminal: reading may wait */
    int error;           /* errno of a read that failed */
    const char *refused; /* why nothing of it is read */
    struct inflate *zip; /* of gzip; set before the first read if another process reads it */
    struct image *image;
    struct probe *probe;         /* a machine that is being debugged; or NULL */
    struct watch *watch;         /* it is followed while it is written; or NULL */
    struct diag_file *diag;      /* what images report to; NULL: there can be none */
    void (*wait)(void *context); /* called before a read that may wait */
    void *wait_context;
};

/* Opens a path, "-" being standard input. 0 or an errno; input_problem() may say more. */
int input_open(struct input *in, const char *path);
/* The same, and connects to tcp:HOST:PORT and unix:PATH. A terminal is set raw, and to a speed, if that is not 0. */
int input_open_source(struct input *in, const char *path, uint64_t baud);
/* Connects to gdb:HOST:PORT or gdb:unix:PATH. */
int input_open_probe(struct input *in, const char *path, const struct probe_options *o);
int input_open_descriptor(struct input *in, int fd);
void input_open_reader(struct input *in, long (*read)(void *context, void *to, size_t n),
                       void *context);
void input_open_memory(struct input *in, const void *bytes, size_t n);
void input_close(struct input *in);

/* Tries to have n bytes in one piece; returns how many there are. Less than n only at the end. */
size_t input_fill(struct input *in, size_t n);
void input_skip(struct input *in, size_t n); /* at most what input_fill gave */
/* May any part of it be read? Then it has so many bytes from its start. */
bool input_can_seek(const struct input *in, uint64_t *size);
/* Bytes at an offset from the start, without moving there. How many there are, up to n. */
size_t input_look(const struct input *in, uint64_t offset, void *to, size_t n);
void input_seek(struct input *in, uint64_t offset); /* both only if input_can_seek() */
const char *input_problem(const struct input *in);  /* why it ended early; NULL: it did not */
bool input_is_cut(const struct input *in);          /* its compressed data has no end */

/* At the end of a region of an image: on to the next one, which is like a file of its own. */
bool input_next_part(struct input *in);
/* How many regions an image has, as image_count() says; 0: it is no image, and nothing is known. */
uint32_t input_regions(struct input *in);
/* The k-th of them, from 0, as an input of its own, not read any more once the other is closed. */
void input_open_region(struct input *in, const struct input *image, uint32_t k,
                       struct diag_file *diag);
/* The same input once more, from its start, while this one is where it is; of an image the same region. `diag`: of that. False:
 * it cannot be read twice. */
bool input_again(const struct input *in, struct input *again, struct diag_file *diag);
/* The first of them is in this one, and no other. */
void input_first_region(struct input *in);
/* Says what is read, if that is a region of an image. */
void input_announce(const struct input *in, const char *name, size_t name_bytes);

static inline const uint8_t *input_at(const struct input *in)
{
    return in->buffer + in->start;
}

#endif
