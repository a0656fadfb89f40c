#!/bin/sh
# SPDX-License-Identifier: MIT
# sandbox.sh - what is left to tpdecode when its files are open: each call that is forbidden, and that all ways to
# use it work without them. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode and libdecode.a are (.). An instrumented build
# (coverage, sanitizers) opens files at its end: it is configured with CPPFLAGS=-DSANDBOX_DEFAULT=SANDBOX_OFF.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

try=$tmp/try
built=$(cd "${TP_BUILDDIR:-.}" && pwd)
# shellcheck disable=SC2086
${CC:-cc} -O1 -D_GNU_SOURCE -I"$srcdir/decoder" -o "$try" "$srcdir/tests/tool/sandbox.c" \
    "$srcdir"/decoder/tool/sandbox.c "$srcdir"/decoder/tool/landlock.c "$srcdir"/decoder/tool/syscalls.c \
    "$built/libdecode.a" -lseccomp -lz 2>"$tmp/try.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 3 "$tmp/try.err")"
    exit 99
}

# What each call gives: with both layers, with seccomp alone, with Landlock alone (-: not asked). In the order
# of the program's table.
table='
read done done done
pread done done done
write done done done
write-err done done done
write-output done done done
write-probe done done done
write-process done done done
seek done done done
fstat done done done
stat done done done
close done done done
poll done done done
malloc done done done
map done done done
map-file done done done
clock done done done
raise done done done
tcgetattr done done done
tcsetattr done done done
out-rename done done done
out-unlink done done done
in-create done done done
in-append done done done
in-write done done done
in-mkdir done done done
in-below done done done
in-unlink done done done
in-rmdir done done done
open EPERM EPERM EACCES
open-relative EPERM EPERM -
open-write EPERM EPERM EACCES
create EPERM EPERM EACCES
creat EPERM EPERM EACCES
temporary EPERM EPERM EACCES
opendir EPERM EPERM EACCES
unlink EPERM EPERM EACCES
rename EPERM EPERM EACCES
rename-in EACCES done EACCES
rename-out EACCES done EACCES
link EPERM EPERM EACCES
symlink EPERM EPERM EACCES
mkdir EPERM EPERM EACCES
rmdir EPERM EPERM EACCES
mknod EPERM EPERM EACCES
truncate EPERM EPERM EACCES
chmod EPERM EPERM -
fchmod EPERM EPERM -
chown EPERM EPERM -
fchown EPERM EPERM -
utime EPERM EPERM -
setxattr EPERM EPERM -
readlink EPERM EPERM -
access EPERM EPERM -
chdir EPERM EPERM -
no-in EPERM EPERM EACCES
no-in-mkdir EPERM EPERM EACCES
no-in-unlink EPERM EPERM EACCES
inotify EPERM EPERM -
into-read EPERM EPERM EACCES
into-both EPERM EPERM EACCES
into-over EPERM EPERM -
into-empty EPERM EPERM -
into-link EPERM EPERM EACCES
into-linked EACCES done EACCES
into-out EACCES done EACCES
into-absolute EACCES done EACCES
into-path EPERM EPERM -
into-other EPERM EPERM EACCES
into-unlink-out EACCES done EACCES
into-rmdir-out EACCES done EACCES
into-mkdir-out EACCES done EACCES
into-rename EPERM EPERM -
into-symlink EPERM EPERM EACCES
into-hard EPERM EPERM EXDEV
into-mknod EPERM EPERM EACCES
into-write-input EPERM EPERM -
into-dup EPERM EPERM -
into-dup-high EPERM EPERM -
write-input EPERM EPERM -
writev EPERM EPERM -
dup EPERM EPERM -
fcntl EPERM EPERM -
sticky-input EPERM EPERM -
sticky-high EPERM EPERM -
steal-tty EPERM EPERM -
map-code EPERM EPERM -
make-code EPERM EPERM -
memfd EPERM EPERM -
rlimit EPERM EPERM -
prctl EPERM EPERM -
seccomp EPERM EPERM -
raise-other EPERM EPERM -
execve dies dies EACCES
execveat dies dies -
fork dies dies -
clone3 dies dies -
ptrace dies dies -
peek dies dies -
kill dies dies -
pidfd dies dies -
socket dies dies -
socketpair dies dies -
connect dies dies EACCES
bind dies dies EACCES
listen dies dies -
accept dies dies -
sendto dies dies -
sendmsg dies dies -
mount dies dies -
umount dies dies -
chroot dies dies -
unshare dies dies -
setns dies dies -
module dies dies -
kexec dies dies -
reboot dies dies -
bpf dies dies -
perf dies dies -
io_uring dies dies -
userfaultfd dies dies -
keyctl dies dies -
setuid dies dies -
settime dies dies -'

# LAYER FIELD
layer()
{
    "$try" "$1" >got
    echo "$table" | sed 1d | awk -v field="$2" '$field != "-" { print $1, $field }' >want
    cut -d' ' -f1 want >asked
    awk 'NR == FNR { asked[$1]; next } $1 in asked' asked got >answered
    diff want answered >differ || complain "$1, < is wanted: $(cat differ)"
}

# The table has each call of the program, and what works does so without the sandbox: the rest fails for no other
# reason.
whole_table()
{
    "$try" none >got
    cut -d' ' -f1 got >calls
    echo "$table" | sed 1d | cut -d' ' -f1 | diff calls - || complain "the table has other calls"
    [ "$(wc -l <calls)" -ge 80 ] || complain "only $(wc -l <calls) calls"
    for call in open open-write create creat temporary unlink rename rename-in rename-out link symlink mkdir rmdir mknod \
        truncate chmod fchmod utime readlink access chdir write-input map-code make-code memfd rlimit prctl fork kill \
        socket socketpair connect listen read write out-rename in-create in-write in-mkdir in-rmdir no-in no-in-mkdir \
        no-in-unlink into-read into-both into-over into-empty into-link into-linked into-out into-absolute into-path \
        into-other into-unlink-out into-rmdir-out into-mkdir-out into-rename into-symlink into-hard into-mknod \
        into-write-input into-dup into-dup-high; do
        grep -q "^$call done" got || complain "without a sandbox: $(grep "^$call " got)"
    done
}

# --- all ways to use it ---

# ARGUMENT...: the same as without; with both layers there. Standard input is $input.
same()
{
    command_line="tpdecode --sandbox=... $*"
    "$tp" --sandbox=off "$@" <"$input" >want 2>want.err
    want=$?
    "$tp" --sandbox=require "$@" <"$input" >out 2>err
    code=$?
    code_is $want
    out_is <want
    err_is <want.err
}

files()
{
    input=/dev/null
    hex <"$(golden_file region.hex)" >region
    gzip -c ../golden/types >types.gz
    echo 'ffffffff80000000 T start' >map
    for dump in $goldens; do
        same ../golden/$dump
    done
    same region
    same types.gz
    same --symbols map ../golden/types
    same --metadata region ../golden/types
    same --time local ../golden/merge
    TZ=Europe/Berlin same --time local ../golden/merge
    same --format json ../golden/types
    same --format csv ../golden/types
    same --template '%m' ../golden/types
    same --stats ../golden/merge
    same --timeline ../golden/merge
    same --list-events ../golden/merge
    same --diff ../golden/merge ../golden/types
    same --tail 3 --filter 'cpu == 0' ../golden/merge
    same --progress --head 1 ../golden/empty
    same nothing ../golden/merge
    same .
    input=../golden/merge
    same
    same - ../golden/types
    cp "$tp" self
    same --symbols self ../golden/types
}

pipes()
{
    cat ../golden/merge | "$tp" --sandbox=require >out 2>err
    code=$? command_line="a pipe"
    code_is 0
    "$tp" --sandbox=off ../golden/merge 2>want.err | out_is
    gzip -c ../golden/merge | "$tp" --sandbox=require --follow >out 2>err
    "$tp" --sandbox=off ../golden/merge 2>want.err | out_is
    "$tool" dump ../num 20000 10 >long
    "$tp" --sandbox=require long 2>err | md5sum >got
    "$tp" --sandbox=off long 2>err | md5sum | diff - got || complain "a long pipe"
}

written()
{
    "$tp" --sandbox=off --output want.tp ../golden/merge 2>err
    mkdir folder
    for name in new.tp folder/new.tp "$PWD/absolute.tp" new.tp; do
        run --sandbox=require --output "$name" ../golden/merge
        code_is 0
        cmp want.tp "$name" || complain "another dump: $name"
    done
    ln new.tp two.tp
    run --sandbox=require --output two.tp ../golden/merge
    code_is 0
    cmp want.tp new.tp || complain "another dump with two names"
    run --sandbox=require --output - ../golden/merge
    cmp want.tp out || complain "another dump on standard output"
    run --sandbox=require --output none.tp ../golden/empty
    [ ! -e none.tp ] && [ "$(echo ./*.part)" = './*.part' ] || complain "left: $(ls)"
}

# A file that grows, is removed, and ended by a signal.
followed()
{
    head -c 700 ../full.tp >file
    "$tp" --sandbox=require --follow file >out 2>err &
    pid=$!
    tries=0
    until [ "$(wc -l <out)" -ge 2 ] || [ $((tries += 1)) -gt 300 ]; do sleep 0.1; done
    tail -c +701 ../full.tp >>file
    until [ "$(wc -l <out)" -ge 6 ] || [ $((tries += 1)) -gt 600 ]; do sleep 0.1; done
    kill -INT $pid 2>/dev/null
    wait $pid 2>/dev/null
    code=$? command_line="tpdecode --follow"
    code_is 0
    out_is <../full.out
    # Begun and ended by a signal that nothing waits for: the file is taken away in its handler.
    mkfifo pipe
    "$tp" --sandbox=require --output converted pipe 2>err &
    pid=$!
    exec 3>pipe
    until [ -e "converted.$pid.part" ] || [ $((tries += 1)) -gt 900 ]; do sleep 0.1; done
    cat ../full.tp >&3
    until grep -q '^Seccomp:.*2' /proc/$pid/status || [ $((tries += 1)) -gt 1200 ]; do sleep 0.1; done
    kill -TERM $pid
    wait $pid 2>/dev/null
    code=$? command_line="tpdecode --output, SIGTERM"
    exec 3>&-
    code_is 143
    [ ! -e "converted.$pid.part" ] || complain "left: $(ls)"
}

# It is on by itself; what is asked for and cannot be had ends the run.
by_itself()
{
    mkfifo pipe
    for mode in "" --sandbox=auto --sandbox=off; do
        "$tp" $mode pipe >out 2>err &
        pid=$!
        exec 3>pipe
        cat ../full.tp >&3
        tries=0
        until [ "$(wc -l <out)" -ge 5 ] || [ $((tries += 1)) -gt 300 ]; do sleep 0.1; done
        grep '^Seccomp:' /proc/$pid/status | tr -cd 0-9 >seccomp
        grep '^NoNewPrivs:' /proc/$pid/status | tr -cd 0-9 >>seccomp
        exec 3>&-
        wait $pid
        case $mode in *off) want=00 ;; *) want=21 ;; esac
        [ "$(cat seccomp)" = $want ] || complain "tpdecode $mode: Seccomp, NoNewPrivs: $(cat seccomp), not $want"
    done
    run --sandbox=perhaps ../full.tp
    nothing_but 2 "tpdecode: unknown sandbox 'perhaps': auto, require or off"
}

# CALL...: runs tpdecode where these fail with ENOSYS, as on an old kernel or in some containers.
without()
{
    # shellcheck disable=SC2086
    "$try" without "$1" "$tp" $2 ../full.tp >out 2>err
    code=$? command_line="tpdecode $2 without $1"
    sed -i 's/seccomp (.*)/seccomp (...)/' err # which errno is the library's business
}

missing()
{
    without seccomp ""
    code_is 0
    out_is <../full.out
    printf '%s\n' "tpdecode: not all rights could be given up: seccomp (...)" "6 records, 0 lost" | err_is
    without landlock ""
    code_is 0
    out_is <../full.out
    echo "6 records, 0 lost" | err_is
    without landlock "--output new.tp"
    code_is 0
    printf '%s\n' "tpdecode: not all rights could be given up: Landlock (Function not implemented)" "6 records, 0 lost" | err_is
    for layer in seccomp landlock; do
        without $layer --sandbox=require
        case $layer in seccomp) name="seccomp (...)" ;; landlock) name="Landlock (Function not implemented)" ;; esac
        nothing_but 2 "tpdecode: --sandbox=require: $name, nothing is read"
        without $layer --sandbox=off
        code_is 0
        echo "6 records, 0 lost" | err_is
    done
    without seccomp "--sandbox=require --output not.tp"
    code_is 2
    [ "$(echo not.tp*)" = 'not.tp*' ] || complain "left: $(ls)"
}

cli "the table of calls" whole_table
cli "each call that is left or forbidden: both layers" layer both 2
cli "each call that is left or forbidden: seccomp alone" layer calls 3
cli "each call that is left or forbidden: Landlock alone" layer files 4
cli "files, images, gzip, answers: as without" files
cli "pipes: as without" pipes
cli "--output: as without" written
cli "--follow, and a signal: as without" followed
cli "on by itself; an unknown word" by_itself
cli "a system that cannot: a note, or the end" missing
finish
