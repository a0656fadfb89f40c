/* SPDX-License-Identifier: MIT */
/*
 * landlock.c - which files may still be reached by name: all that Landlock does here.
 *
 * The C library has no functions for it, and the headers of the kernel that this is compiled with may know
 * less than the one it runs on. From its documentation, userspace-api/landlock.
 */
#include "tool/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LANDLOCK_VERSION_FLAG 1u
#define LANDLOCK_BENEATH 1
#define LANDLOCK_WRITE_FILE (1ull << 1)
#define LANDLOCK_REMOVE_DIR (1ull << 4)
#define LANDLOCK_REMOVE_FILE (1ull << 5)
#define LANDLOCK_MAKE_DIR (1ull << 7)
#define LANDLOCK_MAKE_REG (1ull << 8)
#define LANDLOCK_FS_1 ((1ull << 13) - 1) /* execute, read, write, make, remove */
#define LANDLOCK_REFER (1ull << 13)      /* from version 2 on */
#define LANDLOCK_TRUNCATE (1ull << 14)   /* 3 */
#define LANDLOCK_TCP 3ull                /* 4: bind, connect */
#define LANDLOCK_IOCTL_DEV (1ull << 15)  /* 5 */
#define LANDLOCK_SCOPES 3ull             /* 6: abstract sockets, signals */

/* As the kernel has it; an older one has only its beginning. */
struct landlock_rules {
    uint64_t fs, net, scoped;
};

struct landlock_folder {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

static struct landlock_rules landlock_all(long version, size_t *bytes)
{
    struct landlock_rules r = {.fs = LANDLOCK_FS_1};

    if (version >= 2)
        r.fs |= LANDLOCK_REFER;
    if (version >= 3)
        r.fs |= LANDLOCK_TRUNCATE;
    if (version >= 5)
        r.fs |= LANDLOCK_IOCTL_DEV;
    r.net = version >= 4 ? LANDLOCK_TCP : 0;
    r.scoped = version >= 6 ? LANDLOCK_SCOPES : 0;
    *bytes = (version >= 6 ? 3 : version >= 4 ? 2 : 1) * sizeof(uint64_t);
    return r;
}

static int landlock_allow(int rules, int fd, uint64_t allowed)
{
    struct landlock_folder f = {.allowed = allowed, .fd = fd};

    return syscall(SYS_landlock_add_rule, rules, LANDLOCK_BENEATH, &f, 0) != 0 ? errno : 0;
}

static int landlock_rename(int rules, const char *folder)
{
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC), error;

    if (fd < 0)
        return errno;
    error = landlock_allow(rules, fd, LANDLOCK_REMOVE_FILE | LANDLOCK_MAKE_REG);
    (void)close(fd);
    return error;
}

static int landlock_fill(int rules, int fd)
{
    return landlock_allow(rules, fd,
                          LANDLOCK_WRITE_FILE | LANDLOCK_MAKE_REG | LANDLOCK_REMOVE_FILE |
                              LANDLOCK_MAKE_DIR | LANDLOCK_REMOVE_DIR);
}

int landlock_enter(const char *folder, int filled)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_VERSION_FLAG);
    struct landlock_rules all;
    int rules, error = 0;
    size_t bytes;

    if (version < 0)
        return errno;
    all = landlock_all(version, &bytes);
    rules = (int)syscall(SYS_landlock_create_ruleset, &all, bytes, 0);
    if (rules < 0)
        return errno;
    if (folder)
        error = landlock_rename(rules, folder);
    if (!error && filled >= 0)
        error = landlock_fill(rules, filled);
    if (!error && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
                   syscall(SYS_landlock_restrict_self, rules, 0) != 0))
        error = errno;
    (void)close(rules);
    return error;
}
