/* SPDX-License-Identifier: MIT */
/*
 * sandbox.c - what a program may still do in the sandbox of tpdecode, with whose files it is linked.
 *
 *   sandbox LAYER          LAYER: both, calls, files, none; a line for each call of the table below: its name,
 *                          and `done`, the name of the errno, or `dies` if it was ended by SIGSYS
 *   sandbox without LAYER COMMAND...
 *                          runs it where the calls of LAYER, seccomp or landlock, are not known
 *
 * Each call has a process and a folder of its own, below the current one: `file` is there, `folder` too; in `out`
 * files may be renamed, and in `in` made, if the call is one of those.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/folder.h"
#include "tool/landlock.h"
#include "tool/sandbox.h"
#include "tool/syscalls.h"

static int sandbox_in = -1, sandbox_folder;
static char sandbox_file[4096];
static int sandbox_fd, sandbox_other, sandbox_pipe[2], sandbox_probe[2], sandbox_process[2],
    sandbox_socket, sandbox_listener;
static struct sockaddr_in sandbox_port = {.sin_family = AF_INET};

static long sandbox_map(int prot)
{
    void *p = mmap(NULL, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return p == MAP_FAILED ? -1 : 0;
}

/* The new process ends without a word. */
static long sandbox_fork(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

    if (!pid)
        _exit(0);
    return pid;
}

static long sandbox_connect(void)
{
    return connect(sandbox_socket, (void *)&sandbox_port, sizeof(sandbox_port));
}

static long sandbox_memory(void)
{
    char *p = NULL;

    for (size_t n = 1; n < 64u << 20; n *= 2) {
        p = realloc(p, n);
        memset(p, 1, n);
    }
    free(p);
    return 0;
}

/* Descriptors below may be free. */
static long sandbox_fill(void)
{
    int fd;

    do
        fd = openat(sandbox_in, "old", FOLDER_FLAGS);
    while (fd >= 0 && fd < sandbox_in);
    return write(fd, "x", 1);
}

static void sandbox_caught(int number)
{
    (void)number;
}

static long sandbox_raise(void)
{
    signal(SIGUSR1, sandbox_caught);
    return raise(SIGUSR1);
}

static long sandbox_read(int fd, off_t at)
{
    char b;

    return at < 0 ? read(fd, &b, 1) : pread(fd, &b, 1, at);
}

#define CALLS                                                                                      \
    /* what a run needs */                                                                         \
    C("read", sandbox_read(sandbox_fd, -1))                                                        \
    C("pread", sandbox_read(sandbox_fd, 0))                                                        \
    C("write", write(1, "", 0))                                                                    \
    C("write-err", write(2, "", 0))                                                                \
    C("write-output", write(sandbox_other, "x", 1))                                                \
    C("write-probe", write(sandbox_probe[1], "x", 1))                                              \
    C("write-process", write(sandbox_process[1], "x", 1))                                          \
    C("seek", lseek(sandbox_fd, 0, SEEK_SET))                                                      \
    C("fstat", fstat(sandbox_fd, &st))                                                             \
    C("stat", stat("file", &st))                                                                   \
    C("close", close(sandbox_fd))                                                                  \
    C("poll", poll(NULL, 0, 1))                                                                    \
    C("malloc", sandbox_memory())                                                                  \
    C("map", sandbox_map(PROT_READ | PROT_WRITE))                                                  \
    C("map-file", mmap(NULL, 1, PROT_READ, MAP_PRIVATE, sandbox_fd, 0) == MAP_FAILED ? -1 : 0)     \
    C("clock", syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts))                                   \
    C("raise", sandbox_raise())                                                                    \
    C("tcgetattr", ioctl(sandbox_fd, TCGETS, &tio) && errno == ENOTTY ? 0 : -1)                    \
    C("tcsetattr", ioctl(sandbox_fd, TCSETS, &tio) && errno == ENOTTY ? 0 : -1)                    \
    C("out-rename", rename("out/new", "out/old"))                                                  \
    C("out-unlink", unlink("out/new"))                                                             \
    C("in-create", openat(sandbox_in, "made", FOLDER_FLAGS | O_CREAT | O_EXCL, 0600))              \
    C("in-append", openat(sandbox_in, "old", FOLDER_FLAGS))                                        \
    C("in-write", sandbox_fill())                                                                  \
    C("in-mkdir", mkdirat(sandbox_in, "made", 0700))                                               \
    C("in-below", openat(sandbox_in, "deep/made", FOLDER_FLAGS | O_CREAT | O_EXCL, 0600))          \
    C("in-unlink", unlinkat(sandbox_in, "old", 0))                                                 \
    C("in-rmdir", unlinkat(sandbox_in, "deep", AT_REMOVEDIR))                                      \
    /* files */                                                                                    \
    C("open", open("file", O_RDONLY))                                                              \
    C("open-relative", openat(sandbox_other, "file", O_RDONLY))                                    \
    C("open-write", open("file", O_WRONLY))                                                        \
    C("create", open("made", O_WRONLY | O_CREAT, 0600))                                            \
    C("creat", syscall(SYS_openat, AT_FDCWD, "made", O_CREAT | O_EXCL | O_RDWR, 0600))             \
    C("temporary", open(".", O_TMPFILE | O_RDWR, 0600))                                            \
    C("opendir", open("folder", O_RDONLY | O_DIRECTORY))                                           \
    C("unlink", unlink("file"))                                                                    \
    C("rename", rename("file", "other"))                                                           \
    C("rename-in", rename("file", "out/old"))                                                      \
    C("rename-out", rename("out/new", "other"))                                                    \
    C("link", link("file", "other"))                                                               \
    C("symlink", symlink("file", "other"))                                                         \
    C("mkdir", mkdir("made", 0700))                                                                \
    C("rmdir", rmdir("folder"))                                                                    \
    C("mknod", mknod("made", S_IFIFO | 0600, 0))                                                   \
    C("truncate", truncate("file", 0))                                                             \
    C("chmod", chmod("file", 0777))                                                                \
    C("fchmod", fchmod(sandbox_fd, 0777))                                                          \
    C("chown", chown("file", 1, 1))                                                                \
    C("fchown", fchown(sandbox_fd, 1, 1))                                                          \
    C("utime", utimensat(AT_FDCWD, "file", NULL, 0))                                               \
    C("setxattr", syscall(SYS_setxattr, "file", "user.x", "", 0, 0))                               \
    C("readlink", readlink("link", text, sizeof(text)))                                            \
    C("access", access("file", R_OK))                                                              \
    C("chdir", chdir("folder"))                                                                    \
    C("no-in", openat(sandbox_in, "old", FOLDER_FLAGS))                                            \
    C("no-in-mkdir", mkdirat(sandbox_in, "made", 0700))                                            \
    C("no-in-unlink", unlinkat(sandbox_in, "old", 0))                                              \
    C("inotify", syscall(SYS_inotify_init1, 0))                                                    \
    C("into-read", openat(sandbox_in, "old", O_RDONLY | O_NOFOLLOW | O_CLOEXEC))                   \
    C("into-both", openat(sandbox_in, "old", (FOLDER_FLAGS & ~O_WRONLY) | O_RDWR))                 \
    C("into-over", openat(sandbox_in, "old", FOLDER_FLAGS & ~O_APPEND))                            \
    C("into-empty", openat(sandbox_in, "old", FOLDER_FLAGS | O_TRUNC))                             \
    C("into-link", openat(sandbox_in, "link", FOLDER_FLAGS & ~O_NOFOLLOW))                         \
    C("into-linked", openat(sandbox_in, "linked/old", FOLDER_FLAGS))                               \
    C("into-out", openat(sandbox_in, "../file", FOLDER_FLAGS))                                     \
    C("into-absolute", openat(sandbox_in, sandbox_file, FOLDER_FLAGS))                             \
    C("into-path", open("in/old", FOLDER_FLAGS))                                                   \
    C("into-other", openat(sandbox_folder, "made", FOLDER_FLAGS | O_CREAT, 0600))                  \
    C("into-unlink-out", unlinkat(sandbox_in, "../file", 0))                                       \
    C("into-rmdir-out", unlinkat(sandbox_in, "../folder", AT_REMOVEDIR))                           \
    C("into-mkdir-out", mkdirat(sandbox_in, "../made", 0700))                                      \
    C("into-rename", renameat(sandbox_in, "old", sandbox_in, "new"))                               \
    C("into-symlink", symlinkat("x", sandbox_in, "made"))                                          \
    C("into-hard", linkat(AT_FDCWD, "file", sandbox_in, "made", 0))                                \
    C("into-mknod", mknodat(sandbox_in, "made", S_IFIFO | 0600, 0))                                \
    C("into-write-input", write(sandbox_pipe[1], "x", 1))                                          \
    C("into-dup", dup3(sandbox_pipe[1], 900, 0))                                                   \
    C("into-dup-high", fcntl(sandbox_pipe[1], F_DUPFD, 900))                                       \
    /* what is open, used otherwise */                                                             \
    C("write-input", write(sandbox_pipe[1], "x", 1))                                               \
    C("writev", syscall(SYS_writev, 1, NULL, 0))                                                   \
    C("dup", dup2(sandbox_pipe[1], 1))                                                             \
    C("fcntl", fcntl(1, F_SETFL, 0))                                                               \
    C("sticky-input", ioctl(sandbox_fd, TIOCSTI, ""))                                              \
    C("sticky-high", syscall(SYS_ioctl, sandbox_fd, TIOCSTI | 1ul << 32, ""))                      \
    C("steal-tty", ioctl(sandbox_fd, TIOCSCTTY, 0))                                                \
    C("map-code", sandbox_map(PROT_READ | PROT_EXEC))                                              \
    C("make-code", mprotect(code, 4096, PROT_READ | PROT_EXEC))                                    \
    C("memfd", syscall(SYS_memfd_create, "x", 0))                                                  \
    C("rlimit", syscall(SYS_prlimit64, 0, 7, NULL, NULL))                                          \
    C("prctl", syscall(SYS_prctl, 4, 1, 0, 0, 0))                                                  \
    C("seccomp", syscall(SYS_seccomp, 0, 0, NULL))                                                 \
    C("raise-other", syscall(SYS_tgkill, getppid_before, getppid_before, 0))                       \
    /* processes */                                                                                \
    C("execve", execl("/bin/true", "true", NULL))                                                  \
    C("execveat", syscall(SYS_execveat, sandbox_fd, "", NULL, NULL, AT_EMPTY_PATH))                \
    C("fork", sandbox_fork())                                                                      \
    C("clone3", syscall(SYS_clone3, NULL, 0))                                                      \
    C("ptrace", ptrace(PTRACE_TRACEME, 0, 0, 0))                                                   \
    C("peek", syscall(SYS_process_vm_readv, getppid_before, NULL, 0, NULL, 0, 0))                  \
    C("kill", kill(getppid_before, 0))                                                             \
    C("pidfd", syscall(SYS_pidfd_open, getppid_before, 0))                                         \
    /* networks */                                                                                 \
    C("socket", socket(AF_INET, SOCK_STREAM, 0))                                                   \
    C("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, sandbox_pipe))                             \
    C("connect", sandbox_connect())                                                                \
    C("bind", bind(sandbox_socket, (void *)&sandbox_port, sizeof(sandbox_port)))                   \
    C("listen", listen(sandbox_socket, 1))                                                         \
    C("accept", accept4(sandbox_listener, NULL, NULL, 0))                                          \
    C("sendto", sendto(sandbox_socket, "x", 1, 0, (void *)&sandbox_port, sizeof(sandbox_port)))    \
    C("sendmsg", sendmsg(sandbox_socket, NULL, 0))                                                 \
    /* the system */                                                                               \
    C("mount", mount("none", "folder", "nothing", 0, NULL))                                        \
    C("umount", umount2("folder", 0))                                                              \
    C("chroot", chroot("folder"))                                                                  \
    C("unshare", unshare(CLONE_NEWUSER))                                                           \
    C("setns", syscall(SYS_setns, sandbox_fd, 0))                                                  \
    C("module", syscall(SYS_finit_module, sandbox_fd, "", 0))                                      \
    C("kexec", syscall(SYS_kexec_load, 0, 0, NULL, 0))                                             \
    C("reboot", syscall(SYS_reboot, 0, 0, 0, NULL))                                                \
    C("bpf", syscall(SYS_bpf, 0, NULL, 0))                                                         \
    C("perf", syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0))                                      \
    C("io_uring", syscall(SYS_io_uring_setup, 1, NULL))                                            \
    C("userfaultfd", syscall(SYS_userfaultfd, 0))                                                  \
    C("keyctl", syscall(SYS_keyctl, 0, 0, 0))                                                      \
    C("setuid", syscall(SYS_setuid, 0))                                                            \
    C("settime", syscall(SYS_clock_settime, CLOCK_REALTIME, NULL))

static pid_t getppid_before;

static long sandbox_call(const char *name)
{
    static char text[64] __attribute__((unused));
    void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct termios tio = {0};
    struct timespec ts;
    struct stat st;

#define C(word, call)                                                                              \
    if (!strcmp(name, word))                                                                       \
        return (call);
    CALLS
#undef C
    fprintf(stderr, "no such call: %s\n", name);
    exit(99);
}

static const char *const sandbox_names[] = {
#define C(word, call) word,
    CALLS
#undef C
};

static int sandbox_write(void *context, const void *bytes, size_t n)
{
    (void)context;
    return write(2, bytes, n) < 0;
}

static void sandbox_prepare(void)
{
    socklen_t n = sizeof(sandbox_port);

    getppid_before = getppid();
    if (mkdir("folder", 0700) || mkdir("out", 0700) || symlink("file", "link") ||
        write(open("file", O_WRONLY | O_CREAT, 0600), "x", 1) != 1 ||
        open("out/old", O_CREAT, 0600) < 0 || open("out/new", O_CREAT, 0600) < 0 ||
        mkdir("in", 0700) || mkdir("in/deep", 0700) || open("in/old", O_CREAT, 0600) < 0 ||
        symlink("../file", "in/link") || symlink("../out", "in/linked") ||
        !realpath("file", sandbox_file))
        exit(98);
    sandbox_folder = open("folder", O_RDONLY);
    sandbox_fd = open("file", O_RDONLY);
    sandbox_other = open("written", O_WRONLY | O_CREAT, 0600);
    sandbox_listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sandbox_socket = socket(AF_INET, SOCK_STREAM, 0);
    sandbox_port.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (sandbox_fd < 0 || sandbox_other < 0 || pipe(sandbox_pipe) || pipe(sandbox_probe) ||
        pipe(sandbox_process) || sandbox_listener < 0 || sandbox_socket < 0 ||
        bind(sandbox_listener, (void *)&sandbox_port, n) || listen(sandbox_listener, 1) ||
        getsockname(sandbox_listener, (void *)&sandbox_port, &n))
        exit(98);
}

static bool sandbox_layer(const char *layer, bool renames, bool fills)
{
    static struct folder folder;
    struct diag diag = {.sink = {sandbox_write, NULL}};
    int written[] = {1, 2, sandbox_other, sandbox_probe[1], sandbox_process[1]};
    struct sandbox s;

    folder.fd = sandbox_in = open("in", O_RDONLY | O_DIRECTORY);
    if (fills) {
        folder_settle(&folder);
        sandbox_in = folder.fd;
    }
    s = (struct sandbox){.mode = SANDBOX_REQUIRE,
                         .output = sandbox_other,
                         .old = -1,
                         .probe = sandbox_probe[1],
                         .path = renames ? "out/old" : NULL,
                         .pipes = &sandbox_process[1],
                         .pipe_count = 1,
                         .folder = fills ? sandbox_in : -1};
    if (!strcmp(layer, "both"))
        return sandbox_enter(&s, &diag);
    if (!strcmp(layer, "calls"))
        return !syscalls_enter(written, 5, renames, s.folder);
    if (!strcmp(layer, "files"))
        return !landlock_enter(renames ? "out" : NULL, s.folder);
    return true;
}

static int sandbox_without(const char *layer, char **command)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
    bool both = !strcmp(layer, "seccomp");

    if (seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS),
                         both ? SCMP_SYS(seccomp) : SCMP_SYS(landlock_create_ruleset), 0) ||
        (both && seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(prctl), 1,
                                  SCMP_A0(SCMP_CMP_EQ, 22))) ||
        seccomp_load(ctx))
        return 98;
    execv(command[0], command);
    return 97;
}

static void sandbox_child(const char *layer, const char *call)
{
    bool renames = !strncmp(call, "out", 3) || strstr(call, "rename-");
    bool fills = !strncmp(call, "in-", 3) || !strncmp(call, "into-", 5);
    const char *text;
    long got;

    sandbox_prepare();
    if (!sandbox_layer(layer, renames, fills))
        _exit(97);
    errno = 0;
    got = sandbox_call(call);
    text = got < 0 ? strerrorname_np(errno) : "done";
    _exit(write(1, text, strlen(text)) < 0);
}

static void sandbox_one(const char *layer, const char *call)
{
    static const struct rlimit no_core;
    char folder[] = "place-XXXXXX";
    int status;
    pid_t pid;

    printf("%s ", call);
    fflush(stdout);
    pid = fork();
    if (!pid) {
        alarm(20);
        setrlimit(RLIMIT_CORE, &no_core);
        if (!mkdtemp(folder) || chdir(folder))
            _exit(96);
        sandbox_child(layer, call);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        exit(95);
    if (WIFSIGNALED(status))
        fputs(WTERMSIG(status) == SIGSYS ? "dies" : strsignal(WTERMSIG(status)), stdout);
    else if (WEXITSTATUS(status))
        printf("ended with %d", WEXITSTATUS(status));
    puts("");
}

int main(int argc, char **argv)
{
    if (argc > 3 && !strcmp(argv[1], "without"))
        return sandbox_without(argv[2], argv + 3);
    for (size_t i = 0; argc == 2 && i < sizeof(sandbox_names) / sizeof(sandbox_names[0]); i++)
        sandbox_one(argv[1], sandbox_names[i]);
    return argc != 2;
}
