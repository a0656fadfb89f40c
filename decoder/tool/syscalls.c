/* SPDX-License-Identifier: MIT */
/* syscalls.c - the system calls that are left: all that libseccomp does here. */
#include "tool/syscalls.h"

#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/folder.h"

/* Names, since not every machine has each of them. */
static const char *const syscalls_allowed[] = {
    /* what is open */
    "read", "readv", "pread64", "pwrite64", "lseek", "_llseek", "close", "ftruncate", "ftruncate64",
    "fstat", "fstat64", "poll", "ppoll", "ppoll_time64",
    /* The name of a file that is followed is looked at; and so fstat() is made of it. */
    "stat", "stat64", "newfstatat", "fstatat64", "statx",
    /* memory */
    "brk", "munmap", "mremap", "madvise", "getrandom",
    /* time */
    "clock_gettime", "clock_gettime64", "gettimeofday", "time",
    /* signals, and the end */
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sigreturn",
    "restart_syscall", "getpid", "gettid", "exit", "exit_group"};

static const char *const syscalls_renaming[] = {"rename", "renameat", "renameat2", "unlink",
                                                "unlinkat"};

/* Nothing here calls them, for whatever reason. All that is in neither list fails. */
static const char *const syscalls_deadly[] = {
    /* processes */
    "execve", "execveat", "fork", "vfork", "clone", "clone3", "ptrace", "process_vm_readv",
    "process_vm_writev", "kill", "pidfd_open", "pidfd_getfd", "pidfd_send_signal",
    "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    /* networks */
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg",
    "sendmmsg", "socketcall",
    /* the system */
    "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "move_mount",
    "fsopen", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
    "reboot", "swapon", "swapoff", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup",
    "add_key", "request_key", "keyctl", "settimeofday", "clock_settime", "sethostname",
    "open_by_handle_at", "modify_ldt", "iopl", "ioperm", "personality",
    /* who it is */
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid",
    "setgroups", "capset"};

#define SYSCALLS_COUNT(list) (sizeof(list) / sizeof((list)[0]))

static int syscalls_list(scmp_filter_ctx ctx, uint32_t action, const char *const *names, size_t n)
{
    int error = 0;

    for (size_t i = 0; i < n && !error; i++) {
        int number = seccomp_syscall_resolve_name(names[i]);

        if (number != __NR_SCMP_ERROR)
            error = seccomp_rule_add(ctx, action, number, 0);
        /* Some it knows only of other machines. */
        if (error == -EDOM)
            error = 0;
    }
    return error;
}

/* One call, if two arguments of it are as these say. */
static int syscalls_both(scmp_filter_ctx ctx, const char *name, struct scmp_arg_cmp first,
                         struct scmp_arg_cmp second)
{
    int number = seccomp_syscall_resolve_name(name);

    if (number == __NR_SCMP_ERROR)
        return 0;
    number = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 2, first, second);
    return number == -EDOM ? 0 : number;
}

/* One argument of it. */
static int syscalls_if(scmp_filter_ctx ctx, const char *name, struct scmp_arg_cmp arg)
{
    int number = seccomp_syscall_resolve_name(name);

    if (number == __NR_SCMP_ERROR)
        return 0;
    number = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, number, 1, arg);
    return number == -EDOM ? 0 : number;
}

/* Memory that is never executed. On s390x the arguments of mmap are in memory, where no filter can look. */
static int syscalls_memory(scmp_filter_ctx ctx)
{
    struct scmp_arg_cmp plain = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    static const char *const map[] = {"mmap"};
    int error = syscalls_if(ctx, "mprotect", plain);

    if (!error)
        error = syscalls_if(ctx, "mmap2", plain);
    if (error)
        return error;
    return seccomp_arch_native() == SCMP_ARCH_S390X ? syscalls_list(ctx, SCMP_ACT_ALLOW, map, 1)
                                                    : syscalls_if(ctx, "mmap", plain);
}

static int syscalls_writing(scmp_filter_ctx ctx, const int *written, size_t count)
{
    int error = 0;

    for (size_t i = 0; i < count && !error; i++)
        if (written[i] >= 0)
            error = syscalls_if(ctx, "write", SCMP_A0(SCMP_CMP_EQ, (uint64_t)written[i], 0));
    return error;
}

/* A directory that is filled, by its descriptor: files in it are opened to be appended to, nothing else, and those that
 * were opened since have descriptors above it. That a path does not lead out of it is for Landlock to see. */
static int syscalls_filling(scmp_filter_ctx ctx, int folder)
{
    struct scmp_arg_cmp in = SCMP_A0(SCMP_CMP_EQ, (uint64_t)folder, 0);
    struct scmp_arg_cmp append = SCMP_A2(
        SCMP_CMP_MASKED_EQ, FOLDER_FLAGS | O_ACCMODE | O_TRUNC | O_PATH | O_TMPFILE, FOLDER_FLAGS);
    int error = syscalls_both(ctx, "openat", in, append);

    if (!error)
        error = syscalls_if(ctx, "mkdirat", in);
    if (!error)
        error = syscalls_if(ctx, "unlinkat", in);
    return error ? error : syscalls_if(ctx, "write", SCMP_A0(SCMP_CMP_GT, (uint64_t)folder, 0));
}

/* A terminal gets its settings back, says how large it is, and gets nothing typed into it. */
static int syscalls_terminals(scmp_filter_ctx ctx)
{
    static const uint32_t settings[] = {TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ};
    int error = 0;

    for (size_t i = 0; i < SYSCALLS_COUNT(settings) && !error; i++)
        error = syscalls_if(ctx, "ioctl",
                            SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint64_t)settings[i]));
    return error;
}

/* A signal handler raises its signal again. */
static int syscalls_raising(scmp_filter_ctx ctx)
{
    int error = syscalls_if(ctx, "tgkill", SCMP_A0(SCMP_CMP_EQ, (uint64_t)getpid(), 0));

    return error ? error : syscalls_if(ctx, "tkill", SCMP_A0(SCMP_CMP_EQ, (uint64_t)getpid(), 0));
}

static int syscalls_rules(scmp_filter_ctx ctx, const int *written, size_t count, bool renames,
                          int folder)
{
    int error = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

    if (!error)
        error = syscalls_list(ctx, SCMP_ACT_ALLOW, syscalls_allowed,
                              SYSCALLS_COUNT(syscalls_allowed));
    if (!error && renames)
        error = syscalls_list(ctx, SCMP_ACT_ALLOW, syscalls_renaming,
                              SYSCALLS_COUNT(syscalls_renaming));
    if (!error)
        error = syscalls_list(ctx, SCMP_ACT_KILL_PROCESS, syscalls_deadly,
                              SYSCALLS_COUNT(syscalls_deadly));
    if (!error)
        error = syscalls_memory(ctx);
    if (!error)
        error = syscalls_writing(ctx, written, count);
    if (!error && folder >= 0)
        error = syscalls_filling(ctx, folder);
    if (!error)
        error = syscalls_terminals(ctx);
    return error ? error : syscalls_raising(ctx);
}

int syscalls_enter(const int *written, size_t count, bool renames, int folder)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int error;

    if (!ctx)
        return ENOMEM;
    error = syscalls_rules(ctx, written, count, renames, folder);
    if (!error)
        error = seccomp_load(ctx);
    seccomp_release(ctx);
    return -error;
}
