#!/bin/sh
# SPDX-License-Identifier: MIT
# sources.sh - what tpdecode reads besides files and pipes: serial lines, connections, compressed crash dumps; and what it
# says of what it does not read. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

source=$tmp/source
${CC:-cc} -O1 -o "$source" "$srcdir/tests/tool/source.c" -lutil -lz 2>"$tmp/source.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 1 "$tmp/source.err")"
    exit 99
}
hex <"$(golden_file region.hex)" >"$tmp/region"
golden_part region stdout >"$tmp/region.out"
# Bytes of all values in fields: what a terminal changes is among them. 0a and 0d are in many headers.
"$tool" dump "$tmp/num" 300 20 >"$tmp/long.tp"

# --- serial lines ---

# MODE FILE: sent on a line that is opened by its name, with the settings of MODE.
on_line()
{
    "$tp" "../$2" >want 2>want.err
    "$source" line "../$2" "$1" "$tp" --follow TTY >out 2>both
    code=$? command_line="tpdecode --follow TTY ($1)"
    [ $code -le 1 ] || complain "$command_line: exit code $code"
    out_is <want
    case $1 in fresh) before="canonical crnl echo 9600" ;; raw) before="bytes nocrnl 9600" ;; esac
    grep -qx "before: $before" both && grep -qx "meanwhile: bytes nocrnl 9600" both && grep -qx "after: $before" both ||
        complain "settings: $(grep : both)"
}

speed()
{
    "$source" line ../full.tp fresh "$tp" --baud 115200 --follow TTY >out 2>both
    code=$? command_line="tpdecode --baud 115200"
    code_is 0
    out_is <../full.out
    grep -qx "meanwhile: bytes nocrnl 115200" both && grep -qx "after: canonical crnl echo 9600" both ||
        complain "settings: $(cat both)"
    for wrong in 0 9601 115200x -1 '' 99999999999999999999; do
        run --baud "$wrong" ../full.tp
        nothing_but 2 "tpdecode: not a speed that a line can have, as 115200: '$wrong', try 'tpdecode --help'"
    done
    for right in 300 4000000; do
        "$source" line ../full.tp fresh "$tp" --baud $right --follow TTY >out 2>both || complain "--baud $right: $(cat both)"
    done
    run --baud 9600 ../full.tp
    nothing_but 2 "tpdecode: --baud: no input is a serial line that was opened by its name"
}

# SIGNAL OPTION...: the settings come back, however it ends.
set_back()
{
    signal=$1 number=$2
    shift 2
    SOURCE_KILL=$number "$source" line ../merge.head fresh env --default-signal "$tp" "$@" TTY >out 2>both
    code=$? command_line="tpdecode $*, SIG$signal"
    grep -qx "meanwhile: bytes nocrnl 9600" both && grep -qx "after: canonical crnl echo 9600" both ||
        complain "$command_line: settings: $(cat both)"
    case "$*" in *follow*) code_is 0 ;; *) code_is $((128 + number)) ;; esac
    [ "$(echo ./*.part)" = './*.part' ] || complain "left: $(ls)"
}

# Its own end, and that of its reader.
set_back_by_itself()
{
    "$source" line ../full.tp fresh "$tp" --head 1 --follow TTY >out 2>both
    grep -qx "after: canonical crnl echo 9600" both || complain "--head: $(cat both)"
    "$source" line ../long.tp fresh sh -c "\"$tool\" default_sigpipe \"$tp\" --follow TTY | head -n 1" >out 2>both
    grep -qx "after: canonical crnl echo 9600" both || complain "SIGPIPE: $(cat both)"
}

hung_up()
{
    for follow in "" --follow; do
        SOURCE_HANG=1 "$source" line ../merge.head fresh "$tp" $follow TTY >out 2>both
        code=$? command_line="tpdecode $follow, a line that is hung up"
        "$tp" ../merge.head 2>want.err | out_is
        ! grep -q 'Input/output' both || complain "$(cat both)"
    done
}

# Standard input is one: it is left as it is, and a note says so if it changes bytes.
standard_input()
{
    "$source" line ../full.tp raw sh -c "\"$tp\" --follow <TTY" >out 2>both
    out_is <../full.out
    ! grep -q stty both || complain "a raw one: $(cat both)"
    "$source" line /dev/null fresh sh -c "timeout 1 \"$tp\" --follow <TTY" >out 2>both
    grep -Eqx 'tpdecode: standard input: a terminal that changes what is read: stty -F /dev/pts/[0-9]+ raw, or give its name as FILE' both ||
        complain "a fresh one: $(cat both)"
    grep -qx "meanwhile: canonical crnl echo 9600" both || complain "it was changed: $(cat both)"
}

# --- what a terminal has changed, and comes by a pipe ---

text_hint="changed on its way as text is, as by a terminal that is not raw"

# WHAT COMMAND...: what changes it.
changed()
{
    what=$1
    shift
    "$@" <../long.tp | "$tp" >out 2>err
    code=$? command_line="$* | tpdecode"
    [ $code = 1 ] || [ $code = 3 ] || complain "$command_line: exit code $code"
    grep -qxF "tpdecode: standard input: $text_hint: $what; before reading: stty -F DEVICE raw" err || complain "$(cat err)"
    "$@" <../long.tp >changed
    run changed
    grep -qF "tpdecode: changed: $text_hint: $what; before" err || complain "a file: $(cat err)"
}

to_crlf() { od -An -v -tx1 -w1 | sed 's/ 0a/ 0d 0a/' | tr -s ' \n' '\n\n' | hex_lines; }
hex_lines() { awk 'NF' | tr '\n' ' ' | fold -w 3000 | while IFS= read -r line || [ -n "$line" ]; do echo "$line" | hex; done; }
cr_to_lf() { tr '\r' '\n'; }
lf_to_cr() { tr '\n' '\r'; }
no_keys() { tr -d '\r\003\004\021\022\023\025\027\032\034\177'; }

# Damage of other kinds is not taken for it.
not_changed()
{
    for dump in $goldens; do
        run ../golden/$dump
        ! grep -q stty err || complain "$dump: $(cat err)"
    done
    for at in 40 300 700 1100; do
        "$tool" flip $at ../full.tp >flipped
        run flipped
        ! grep -q stty err || complain "a flipped bit at $at: $(cat err)"
    done
    head -c 100000 "$tp" >program
    for file in program ../region; do
        run $file
        ! grep -q stty err || complain "$file: $(cat err)"
    done
}

# --- connections ---

# ADDRESS...: served there, and what the address is then.
serve()
{
    rm -f port socket
    "$source" serve "$@" >port 2>serve.err &
    server=$!
    tries=0
    until [ -s port ] || [ -S socket ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
    port=$(cat port)
}

connected()
{
    for follow in "" --follow; do
        # A root without /etc/hosts knows no localhost.
        for host in 127.0.0.1 $(getent ahosts localhost >/dev/null && echo localhost); do
            serve tcp ../full.tp
            run $follow tcp:$host:"$port"
            wait $server
            code_is 0
            out_is <../full.out
            echo "6 records, 0 lost" | err_is
        done
    done
    serve unix:socket ../golden/merge
    run --format json unix:socket ../full.tp
    wait $server
    code_is 0
    "$tp" --format json ../golden/merge ../full.tp 2>want.err | sed 's|"file":"../golden/merge"|"file":"unix:socket"|' | out_is
    gzip -c ../full.tp >full.gz
    serve tcp full.gz
    run tcp:127.0.0.1:"$port"
    out_is <../full.out
}

not_connected()
{
    serve tcp ../full.tp
    free=$port
    kill $server
    wait $server 2>/dev/null
    run tcp:127.0.0.1:"$free"
    nothing_but 3 "tpdecode: tcp:127.0.0.1:$free: Connection refused"
    run unix:nothing
    nothing_but 3 "tpdecode: unix:nothing: No such file or directory"
    run unix:"$(printf '%0108d' 0)"
    grep -q ': File name too long$' err || complain "$(cat err)"
    run unix:"$(printf '%0107d' 0)"
    grep -q ': No such file or directory$' err || complain "$(cat err)"
    for wrong in tcp: tcp:host tcp:host: tcp::80 tcp:fe80::1:80; do
        run $wrong
        nothing_but 3 "tpdecode: $wrong: tcp:HOST:PORT is wanted; a file of this name is ./tcp:..."
    done
    run tcp:127.0.0.1:no-such-service
    code_is 3
    grep -q '^tpdecode: tcp:127.0.0.1:no-such-service: [A-Z]' err || complain "$(cat err)"
    "$source" full busy >line &
    pid=$!
    tries=0
    until [ -s line ] || [ $((tries += 1)) -gt 100 ]; do sleep 0.1; done
    run unix:busy
    nothing_but 3 "tpdecode: unix:busy: no answer: too many wait for one"
    kill $pid
    wait $pid 2>/dev/null
    # A file that is called so.
    cp ../full.tp tcp:x
    cp ../full.tp unix:x
    for file in ./tcp:x ./unix:x; do
        run $file
        out_is <../full.out
    done
}

reset()
{
    head -c 1000 ../full.tp >part
    serve tcp part cut
    run tcp:127.0.0.1:"$port"
    [ "$code" = 1 ] || complain "$command_line: exit code $code"
    grep -qx "tpdecode: tcp:127.0.0.1:$port: Connection reset by peer" err || complain "$(cat err)"
    head -n 3 ../full.out >want
    head -n 3 out | diff want - || complain "what came before is not printed"
}

# --- what is compressed otherwise ---

# NAME START COMMAND FROM-PIPE
packed()
{
    { printf "$2"; head -c 3000 /dev/zero | tr '\0' 'x'; } >a.file
    cp a.file "it's here"
    gzip -c a.file >a.gz
    run a.file
    nothing_but 3 "tpdecode: a.file: compressed by $1: $3 a.file | tpdecode"
    run "it's here"
    nothing_but 3 "tpdecode: it's here: compressed by $1: $3 'it'\"'\"'s here' | tpdecode"
    cat a.file | "$tp" >out 2>err
    code=$? command_line="$1 on a pipe"
    nothing_but 3 "tpdecode: standard input: compressed by $1: ... | $4 | tpdecode"
    run a.gz
    nothing_but 3 "tpdecode: a.gz: compressed by $1: gzip -dc a.gz | $4 | tpdecode"
    printf "$2" >short
    run short
    nothing_but 3 "tpdecode: short: compressed by $1: $3 short | tpdecode"
    # What holds a dump as it is gives it.
    { printf "$2"; cat ../full.tp; } >stored
    run stored
    code_is 1
    out_is <../full.out
}

# The command that is shown does it, for those that are here.
command_works()
{
    printf '\050\265\057\375\044' >a.zst
    run a.zst
    nothing_but 3 "tpdecode: a.zst: compressed by zstd: zstd -dc a.zst | tpdecode"
    for packer in zstd xz lz4 bzip2; do
        command -v $packer >/dev/null || continue
        $packer -c ../full.tp >"a $packer" 2>/dev/null
        run "a $packer"
        command=$(sed -n 's/.*compressed by [a-z0-9]*: \(.*\) | tpdecode$/\1/p' err)
        eval "$command" | "$tp" >out 2>err
        command_line=$command
        out_is <../full.out
    done
}

# --- images ---

image_hint="an image of memory must be a file, neither compressed nor a pipe"

image_of_a_stream()
{
    for before in 0 64 4096 1000000; do
        where=
        [ $before = 0 ] || where=", and has a region at $(printf 0x%x $before)"
        { head -c $before /dev/zero; cat ../region; } >ram.img
        cat ram.img | "$tp" >out 2>err
        code=$? command_line="region at $before | tpdecode"
        nothing_but 3 "tpdecode: standard input: $image_hint; this is no file$where: ... >memory.img && tpdecode memory.img"
        gzip -c ram.img >ram.gz
        run ram.gz
        nothing_but 3 "tpdecode: ram.gz: $image_hint; this is compressed$where: gzip -dc ram.gz >memory.img && tpdecode memory.img"
        gzip -dc ram.gz >memory.img && run memory.img
        out_is <../region.out
        cat ram.gz | "$tp" >out 2>err
        code=$? command_line="gzip of a region at $before | tpdecode"
        nothing_but 3 "tpdecode: standard input: $image_hint; this is compressed$where: ... | gzip -dc >memory.img && tpdecode memory.img"
        run --follow ram.img
        nothing_but 3 "tpdecode: ram.img: an image of memory cannot be followed: leave out --follow"
    done
    (ulimit -v 200000; truncate -s 4G large.img; dd if=../region of=large.img bs=4096 conv=notrunc; "$tp" large.img >out 2>err) 2>dd.err
    grep -q 'an image of memory must be mapped as a whole, and this one cannot be: give it to a 64-bit tpdecode, without ulimit -v' err ||
        complain "ulimit -v: $(cat err)"
    rm -f large.img
}

# A region after a dump: what is said of it is the same from a file, a pipe and gzip.
region_in_a_dump()
{
    size=$(wc -c <../full.tp)
    for first in whole damaged; do
        { cat ../full.tp; head -c 8 /dev/zero; cat ../region; } >both
        [ $first = whole ] || printf X | dd of=both bs=1 seek=9 conv=notrunc 2>dd.err
        gzip -c both >both.gz
        run both
        grep -q "^tpdecode: both: starts as a dump, and has a region at $(printf 0x%x $((size + 8))), which is not read: give that as a file of its own\$" err ||
            complain "$first: $(cat err)"
        sed 's/: both: /: FILE: /' err >said
        want=$code
        mv out out.file
        "$tp" <both >out 2>err
        [ $? = $want ] || complain "$first: another exit code from a pipe"
        sed 's/: standard input: /: FILE: /' err | cmp - said || complain "$first, a pipe: $(cat err)"
        out_is <out.file
        cat both | "$tp" >out 2>err
        sed 's/: standard input: /: FILE: /' err | cmp - said || complain "$first, a pipe: $(cat err)"
        out_is <out.file
        run both.gz
        sed 's/: both.gz: /: FILE: /' err | cmp - said || complain "$first, gzip: $(cat err)"
        out_is <out.file
    done
}

# WORD...: a kdump of a memory with two regions; the header of the second begins in one page and ends in the next.
kdump()
{
    { head -c 12288 /dev/zero; cat ../region; printf more; head -c 100000 /dev/zero; } >ram.img
    { head -c $((262080 - $(wc -c <ram.img))) /dev/zero; cat ../region; } >>ram.img
    "$source" kdump ram.img "$@" >vmcore
    "$tp" ram.img >want 2>want.err
    [ "$(grep -c 'region at' want.err)" = 2 ] || complain "no two regions: $(cat want.err)"
    run vmcore
    code_is 0
    out_is <want
    sed -i s/ram.img/vmcore/ want.err
    err_is <want.err
    run - <vmcore
    out_is <want
    run --sandbox=require --stats vmcore
    "$tp" --stats ram.img 2>err | sed s/ram.img/vmcore/ | out_is
}

kdump_refused()
{
    { head -c 8192 /dev/zero; cat ../region; } >ram.img
    for word in lzo snappy zstd; do
        "$source" kdump ram.img $word >vmcore
        run vmcore
        nothing_but 3 "tpdecode: vmcore: a kdump compressed by $word: makedumpfile -c -d 0 FILE vmcore && tpdecode vmcore"
    done
    "$source" kdump ram.img split >vmcore
    run vmcore
    nothing_but 3 "tpdecode: vmcore: one of several files of a kdump: makedumpfile --reassemble FILE... vmcore && tpdecode vmcore"
    { printf makedumpfile; head -c 5000 /dev/zero; } >flat
    run flat
    nothing_but 3 "tpdecode: flat: a kdump that makedumpfile or QEMU has flattened: makedumpfile -R vmcore <FILE && tpdecode vmcore"
    echo memory >nothing.img
    "$source" kdump nothing.img >vmcore
    run vmcore
    nothing_but 3 "tpdecode: vmcore: a kdump without a trace in its memory"
    "$source" kdump ram.img >vmcore
    cat vmcore | "$tp" >out 2>err
    code=$? command_line="kdump | tpdecode"
    nothing_but 3 "tpdecode: standard input: $image_hint; this is no file: ... >memory.img && tpdecode memory.img"
    (export TMPDIR="$PWD/none"; "$tp" vmcore >out 2>err)
    grep -qx 'tpdecode: vmcore: a kdump needs a temporary file, and there can be none: set TMPDIR to a folder that may be written' err ||
        complain "$(cat err)"
}

# What is cut or changed in any place is damage or a refusal: no crash, and not read as if nothing were.
kdump_damaged()
{
    { head -c 8192 /dev/zero; cat ../region; } >ram.img
    "$source" kdump ram.img >vmcore
    size=$(wc -c <vmcore)
    for n in 8 400 500 4095 5000 8200 12288 16384 16400 $((size - 1000)) $((size - 1)); do
        head -c $n vmcore >cut
        run cut
        [ "$code" = 1 ] || [ "$code" = 3 ] || complain "cut at $n: exit code $code: $(cat err)"
    done
    for at in 8 428 429 430 431 432 434 436 438 440 443 4108 4192 4199 16384 16391 16392 16396 $((size - 20)); do
        "$tool" flip $at vmcore >flipped
        run flipped
        [ "$code" -le 1 ] || [ "$code" = 3 ] || complain "bit of byte $at: exit code $code: $(cat err)"
        [ "$code" != 0 ] || diff ../region.out out >/dev/null || complain "bit of byte $at: other records, and exit code 0"
    done
    # A page that is damaged, and one that is left out.
    "$tool" flip $((size - 20)) vmcore >flipped
    run flipped
    [ "$code" = 1 ] || [ "$code" = 3 ] || complain "a damaged page: exit code $code"
    grep -qx 'tpdecode: flipped: 1 pages of the kdump cannot be read' err || complain "$(cat err)"
}

head -c 900 "$tmp/golden/merge" >"$tmp/merge.head"

for mode in fresh raw; do
    cli "a serial line, $mode" on_line $mode long.tp
done
cli "a serial line: --baud" speed
for how in "INT 2" "TERM 15" "HUP 1" "QUIT 3"; do
    cli "a serial line is set back: SIG$how" set_back $how
done
cli "a serial line is set back: --follow, SIGINT" set_back INT 2 --follow
cli "a serial line is set back: --output, SIGTERM" set_back TERM 15 --output x.tp
cli "a serial line is set back: --head, SIGPIPE" set_back_by_itself
cli "a serial line is hung up: the end" hung_up
cli "standard input is a terminal" standard_input
cli "line feeds became 0d 0a" changed "each line feed (0a) became two bytes (0d 0a)" to_crlf
cli "carriage returns became line feeds" changed "carriage returns (0d) became line feeds (0a)" cr_to_lf
cli "line feeds became carriage returns" changed "line feeds (0a) became carriage returns (0d)" lf_to_cr
cli "keys of a terminal are missing" changed "bytes that are keys of a terminal are missing" no_keys
cli "damage of other kinds" not_changed
cli "connections: tcp, unix, gzip, --follow" connected
cli "connections: refused, wrong, too many; files called so" not_connected
cli "connections: reset" reset
cli "zstd" packed zstd '\050\265\057\375' "zstd -dc" "zstd -dc"
cli "xz" packed xz '\3757zXZ\000' "xz -dc" "xz -dc"
cli "lz4" packed lz4 '\004\042\115\030' "lz4 -dc" "lz4 -dc"
cli "bzip2" packed bzip2 'BZh9' "bzip2 -dc" "bzip2 -dc"
cli "zip" packed zip 'PK\003\004' "unzip -p" "funzip"
cli "the command in the message works" command_works
cli "an image that is no file, wherever its region is" image_of_a_stream
cli "a region after a dump, from a file, a pipe and gzip" region_in_a_dump
for words in "" plain mixed narrow big "big narrow" old one block "block narrow plain"; do
    cli "a kdump: ${words:-zlib}" kdump $words
done
cli "a kdump that is refused" kdump_refused
cli "a kdump that is damaged" kdump_damaged
finish
