// SPDX-License-Identifier: MIT
/*
 * files.c - the control tree (tp/tree.h) as /sys/kernel/debug/tracepoint. Each file's path there is
 * its path in the tree.
 */
#include "parts.h"

#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <tp/filter.h>
#include <tp/tree.h>
#include <tp/wire.h>

#define FILES_TOP "tracepoint"
#define FILES_PATH_BYTES 512u
#define FILES_TEXT_MAX 8192u /* more than any text that the tree takes */
#define FILES_READ_MAX 65536u
#define FILES_TRIES 100 /* of a call that another one keeps busy, 1 ms apart */

static struct dentry *files_top;
static DEFINE_MUTEX(files_lock);

/* --- a file --- */

/* The path in the tree, in a page that the caller frees. */
static char *files_path(const struct file *file, char **page)
{
    char *path;

    *page = (char *)__get_free_page(GFP_KERNEL);
    if (!*page)
        return ERR_PTR(-ENOMEM);
    path = dentry_path_raw(file->f_path.dentry, *page, PAGE_SIZE);
    if (!IS_ERR(path))
        return path + strlen("/" FILES_TOP);
    free_page((unsigned long)*page);
    return path;
}

static long files_read_tree(const char *path, uint64_t at, void *text, size_t bytes)
{
    long n = TP_EBUSY;

    for (int i = 0; n == TP_EBUSY && i < FILES_TRIES; i++) {
        if (i)
            msleep(1);
        n = tp_tree_read(path, at, text, bytes);
    }
    return n < 0 ? main_errno((int)n) : n;
}

static ssize_t files_read(struct file *file, char __user *to, size_t bytes, loff_t *at)
{
    char *page, *path = files_path(file, &page), *text;
    ssize_t n = -ENOMEM;

    if (IS_ERR(path))
        return PTR_ERR(path);
    bytes = min_t(size_t, bytes, FILES_READ_MAX);
    text = kvmalloc(bytes, GFP_KERNEL);
    if (text)
        n = files_read_tree(path, (uint64_t)*at, text, bytes);
    if (n > 0 && copy_to_user(to, text, (size_t)n))
        n = -EFAULT;
    if (n > 0)
        *at += n;
    kvfree(text);
    free_page((unsigned long)page);
    return n;
}

/* Into the kernel's log, a line each. */
static void files_explain(const char *path, const struct tp_filter_error *error, const char *text,
                          size_t bytes)
{
    char *page = (char *)__get_free_page(GFP_KERNEL), *rest = page, *line;

    if (!page)
        return;
    tp_filter_explain(error, text, bytes, page, PAGE_SIZE);
    while ((line = strsep(&rest, "\n")) != NULL)
        pr_notice("%s: %s\n", path, line);
    free_page((unsigned long)page);
}

static int files_write_tree(const char *path, const char *text, size_t bytes)
{
    struct tp_filter_error error = {.what = NULL};
    int err = TP_EBUSY;

    for (int i = 0; err == TP_EBUSY && i < FILES_TRIES; i++) {
        if (i)
            msleep(1);
        err = tp_tree_write(path, text, bytes, &error);
    }
    if (err == TP_EFILTER)
        files_explain(path, &error, text, bytes);
    else if (err)
        pr_notice("%s: %s\n", path, error.what ? error.what : tp_strerror(err));
    return main_errno(err);
}

static ssize_t files_write(struct file *file, const char __user *from, size_t bytes, loff_t *at)
{
    char *page, *path, *text;
    int err;

    if (*at || bytes > FILES_TEXT_MAX)
        return -EINVAL;
    text = memdup_user_nul(from, bytes);
    if (IS_ERR(text))
        return PTR_ERR(text);
    path = files_path(file, &page);
    err = PTR_ERR_OR_ZERO(path);
    if (!err) {
        err = files_write_tree(path, text, bytes);
        free_page((unsigned long)page);
    }
    kfree(text);
    return err ? err : (ssize_t)bytes;
}

static const struct file_operations files_operations = {
    .owner = THIS_MODULE,
    .open = simple_open,
    .read = files_read,
    .write = files_write,
    .llseek = default_llseek,
};

/* --- the directories --- */

/* Makes what the directory at `path` has in the tree. The path is put back as it was. */
static void files_fill(char *path, struct dentry *directory)
{
    size_t end = strlen(path);
    struct tp_tree_info info;
    struct dentry *made;

    for (uint32_t i = 0; end + 1 + TP_LIMIT_NAME_BYTES < FILES_PATH_BYTES; i++) {
        path[end] = 0;
        if (tp_tree_list(path, i, path + end + 1, FILES_PATH_BYTES - end - 1) <= 0)
            break;
        path[end] = '/';
        if (tp_tree_stat(path, &info))
            continue;
        if (!info.directory) {
            debugfs_create_file(path + end + 1, info.mode, directory, NULL, &files_operations);
            continue;
        }
        made = debugfs_create_dir(path + end + 1, directory);
        if (!IS_ERR(made))
            files_fill(path, made);
    }
    path[end] = 0;
}

static void files_fill_from(const char *from, struct dentry *directory)
{
    char *path = kzalloc(FILES_PATH_BYTES, GFP_KERNEL);

    if (!path || IS_ERR(directory))
        pr_err("no control files\n");
    else {
        strscpy(path, from, FILES_PATH_BYTES);
        files_fill(path, directory);
    }
    kfree(path);
}

void files_renew(void)
{
    struct dentry *events;

    mutex_lock(&files_lock);
    if (!IS_ERR_OR_NULL(files_top)) {
        events = debugfs_lookup("events", files_top);
        debugfs_remove(events);
        dput(events);
        files_fill_from("/events", debugfs_create_dir("events", files_top));
    }
    mutex_unlock(&files_lock);
}

void files_add(void)
{
    mutex_lock(&files_lock);
    files_top = debugfs_create_dir(FILES_TOP, NULL);
    files_fill_from("", files_top);
    mutex_unlock(&files_lock);
}

void files_remove(void)
{
    debugfs_remove(files_top);
    files_top = NULL;
}
