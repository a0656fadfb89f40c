/* SPDX-License-Identifier: MIT */
/* folder_test.c - base/folder.c: files in a directory, of which few are open at once. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decoder/base/folder.h"
#include "tp_test.h"

static char folder_test_root[64], folder_test_path[96];

static void folder_test_begin(void)
{
    snprintf(folder_test_root, sizeof(folder_test_root), "/tmp/folder-test-XXXXXX");
    TP_ASSERT(mkdtemp(folder_test_root));
    snprintf(folder_test_path, sizeof(folder_test_path), "%s/out", folder_test_root);
}

static void folder_test_end(void)
{
    (void)rmdir(folder_test_path);
    TP_CHECK_EQ(rmdir(folder_test_root), 0);
}

static unsigned folder_test_count(const char *path)
{
    DIR *d = opendir(path);
    unsigned n = 0;

    while (d && readdir(d))
        n++;
    if (d)
        (void)closedir(d);
    return n - 2;
}

static unsigned folder_test_open(void)
{
    return folder_test_count("/proc/self/fd");
}

static const char *folder_test_text(const char *name)
{
    static char text[64];
    char path[160];
    size_t n = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", folder_test_path, name);
    f = fopen(path, "r");
    if (f) {
        n = fread(text, 1, sizeof(text) - 1, f);
        fclose(f);
        (void)unlink(path);
    }
    text[n] = '\0';
    return text;
}

TP_TEST(Folder, FilesArePutTogetherFromPieces)
{
    static struct folder f;
    unsigned before = folder_test_open(), start = 0, most = 0;
    uint32_t file[4 * FOLDER_OPEN];

    folder_test_begin();
    TP_ASSERT(!folder_open(&f, folder_test_path));
    folder_settle(&f);
    for (unsigned i = 0; i < 4 * FOLDER_OPEN; i++) {
        char name[16];

        snprintf(name, sizeof(name), "f%u", i);
        file[i] = folder_add(&f, name);
    }
    for (unsigned turn = 0; turn < 3; turn++)
        for (unsigned i = 0; i < 4 * FOLDER_OPEN; i++) {
            out_u64(folder_out(&f, file[i]), i);
            out_text(folder_out(&f, file[i]), turn < 2 ? "," : ".");
            if (!turn && !i)
                start = folder_test_open();
            if (folder_test_open() > most)
                most = folder_test_open();
        }
    TP_CHECK_EQ(most, start);
    folder_flush(&f);
    TP_CHECK_EQ(folder_close(&f, true), 0);
    TP_CHECK_EQ(folder_test_open(), before);
    for (unsigned i = 0; i < 4 * FOLDER_OPEN; i++) {
        char name[16], want[32];

        snprintf(name, sizeof(name), "f%u", i);
        snprintf(want, sizeof(want), "%u,%u,%u.", i, i, i);
        TP_CHECK_STREQ(folder_test_text(name), want);
    }
    folder_test_end();
}

TP_TEST(Folder, NotKeptLeavesNothing)
{
    static struct folder f;
    uint32_t file;

    folder_test_begin();
    TP_ASSERT(!folder_open(&f, folder_test_path));
    folder_make(&f, "deep");
    file = folder_add(&f, "deep/one");
    out_text(folder_out(&f, file), "x");
    file = folder_add(&f, "two");
    out_text(folder_out(&f, file), "x");
    TP_CHECK_EQ(folder_test_count(folder_test_path), 2);
    TP_CHECK_EQ(folder_close(&f, false), 0);
    TP_CHECK_EQ(folder_test_count(folder_test_path), 0);
    folder_test_end();
}

TP_TEST(Folder, RefusesWhatIsThere)
{
    static struct folder f;
    char inside[128];

    folder_test_begin();
    TP_ASSERT(!folder_open(&f, folder_test_path)); /* it is made, */
    TP_CHECK_EQ(folder_close(&f, true), 0);
    TP_ASSERT(!folder_open(&f, folder_test_path)); /* is there and empty, */
    (void)folder_add(&f, "mine");
    TP_CHECK_EQ(folder_close(&f, true), 0);
    TP_CHECK_STREQ(folder_open(&f, folder_test_path), /* and has a file. */
                   "there is something in this directory, and it is not written over");
    snprintf(inside, sizeof(inside), "%s/mine", folder_test_path);
    TP_CHECK_STREQ(folder_open(&f, inside),
                   "this format is a directory, and there is a file of this name");
    snprintf(inside, sizeof(inside), "%s/mine/x", folder_test_path);
    TP_CHECK_STREQ(folder_open(&f, inside), strerror(ENOTDIR));
    snprintf(inside, sizeof(inside), "%s/none/x", folder_test_path);
    TP_CHECK_STREQ(folder_open(&f, inside), strerror(ENOENT));
    (void)folder_test_text("mine");
    folder_test_end();
}

/* What another program has put there meanwhile is not written over, and not removed. */
TP_TEST(Folder, WhatAnotherHasMadeStays)
{
    static struct folder f;
    char inside[128];
    FILE *other;

    folder_test_begin();
    TP_ASSERT(!folder_open(&f, folder_test_path));
    snprintf(inside, sizeof(inside), "%s/a", folder_test_path);
    other = fopen(inside, "w");
    TP_ASSERT(other);
    fputs("other", other);
    fclose(other);
    out_text(folder_out(&f, folder_add(&f, "a")), "mine");
    TP_CHECK_EQ(f.error, EEXIST);
    TP_CHECK_EQ(folder_close(&f, false), EEXIST);
    TP_CHECK_STREQ(folder_test_text("a"), "other");
    folder_test_end();
}

TP_TEST(Folder, Limit)
{
    static struct folder f;

    folder_test_begin();
    TP_ASSERT(!folder_open(&f, folder_test_path));
    f.error = EIO; /* nothing is made then, and all is counted */
    for (uint32_t i = 0; i < FOLDER_FILES; i++)
        (void)folder_add(&f, "x");
    f.error = 0;
    TP_CHECK_EQ(f.count, FOLDER_FILES);
    TP_CHECK_EQ(folder_add(&f, "y"), FOLDER_FILES - 1);
    TP_CHECK_EQ(f.error, EMFILE);
    out_text(folder_out(&f, FOLDER_FILES - 1), "discarded");
    TP_CHECK_EQ(folder_close(&f, true), EMFILE);
    TP_CHECK_EQ(folder_test_count(folder_test_path), 0);
    folder_test_end();
}

static int folder_test_allow(void *context, size_t n)
{
    uint64_t *left = context;

    if (n > *left)
        return EFBIG;
    *left -= n;
    return 0;
}

TP_TEST(Folder, AsksBeforeItWrites)
{
    static struct folder f;
    uint64_t left = OUT_BUFFER_BYTES;
    uint32_t file;

    folder_test_begin();
    TP_ASSERT(!folder_open(&f, folder_test_path));
    f.allow = folder_test_allow;
    f.context = &left;
    file = folder_add(&f, "a");
    out_pad(folder_out(&f, file), 'x', OUT_BUFFER_BYTES);
    folder_flush(&f);
    TP_CHECK_EQ(f.error, 0);
    out_pad(folder_out(&f, file), 'x', 1);
    folder_flush(&f);
    TP_CHECK_EQ(f.error, EFBIG);
    TP_CHECK_EQ(f.bytes, OUT_BUFFER_BYTES);
    TP_CHECK_EQ(folder_close(&f, true), EFBIG);
    TP_CHECK_EQ(folder_test_count(folder_test_path), 0);
    folder_test_end();
}

/* Where a descriptor below that of the directory is free, which the sandbox lets nobody write to. */
TP_TEST(Folder, FilesAreAboveTheDirectory)
{
    static struct folder f;
    int low = dup(STDOUT_FILENO), high = dup(STDOUT_FILENO);
    uint32_t file;

    folder_test_begin();
    TP_ASSERT(!folder_open(&f, folder_test_path));
    folder_settle(&f);
    TP_CHECK_EQ(f.fd > high, true);
    (void)close(low);
    file = folder_add(&f, "a");
    out_text(folder_out(&f, file), "x");
    TP_CHECK_EQ(f.slots[0].fd > f.fd, true);
    TP_CHECK_EQ(folder_close(&f, true), 0);
    TP_CHECK_STREQ(folder_test_text("a"), "x");
    (void)close(high);
    folder_test_end();
}
