/* SPDX-License-Identifier: MIT */
/* conform.c - conform library FILE, or conform attach FILE: for conformance.sh. */
#include "conform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFORM_BYTES_MAX (16u << 20)

static int conform_read_image(const char *path)
{
    uint8_t *image = malloc(CONFORM_BYTES_MAX);
    FILE *f = fopen(path, "rb");
    size_t n;
    int status;

    if (!f || !image) {
        fprintf(stderr, "conform: %s cannot be read\n", path);
        return 1;
    }
    n = fread(image, 1, CONFORM_BYTES_MAX, f);
    fclose(f);
    status = conform_attach(image, n);
    free(image);
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "library") == 0)
        return conform_library(argv[2]);
    if (argc == 3 && strcmp(argv[1], "attach") == 0)
        return conform_read_image(argv[2]);
    fprintf(stderr, "conform library FILE, or conform attach FILE\n");
    return 2;
}
