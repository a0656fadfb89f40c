#!/bin/sh
# SPDX-License-Identifier: MIT
# target.sh - what tpdecode --output may write to, and what a file is like after it; standard output that does not
# block. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

source=$tmp/source
${CC:-cc} -O1 -o "$source" "$srcdir/tests/tool/source.c" -lutil -lz 2>"$tmp/source.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 1 "$tmp/source.err")"
    exit 99
}
"$tp" --output "$tmp/want.tp" "$tmp/full.tp" 2>/dev/null

# Each way to name a file that is read, as the file to write: nothing is changed.
never_what_is_read()
{
    cp ../golden/merge in.tp
    cp ../golden/region image 2>/dev/null || hex <"$(golden_file region.hex)" >image
    echo 'ffffffff80000000 T start' >map
    mkdir folder
    for file in in.tp map image; do
        ln $file hard.$file
        ln -s $file soft.$file
        ln -s soft.$file twice.$file
        ln -s "$PWD/$file" folder/far.$file
        cp $file kept.$file
    done
    for way in "" hard. soft. twice. folder/far. folder/../ "$PWD/" ./; do
        for call in "in.tp in.tp" "in.tp ../full.tp in.tp" "in.tp soft.in.tp" "in.tp - <in.tp" "in.tp <hard.in.tp" \
            "image --metadata image in.tp" \
            "image --metadata twice.image ../full.tp" "image image"; do
            eval "\"\$tp\" --output $way$call" 2>err >out
            code=$? command_line="tpdecode --output $way$call"
            code_is 4
            echo "tpdecode: cannot write $way${call%% *}: it is an input" | err_is
        done
    done
    # What the shell has opened.
    "$tp" --output - in.tp >>in.tp 2>err
    code=$? command_line="tpdecode --output - in.tp >>in.tp"
    code_is 4
    echo "tpdecode: cannot write -: it is an input" | err_is
    "$tp" --output /proc/self/fd/3 in.tp 3<in.tp 2>err
    code=$? command_line="tpdecode --output /proc/self/fd/3"
    code_is 4
    for file in in.tp map image; do
        cmp $file kept.$file || complain "$file was changed"
        [ "$(stat -c %h $file)" = 2 ] && [ -L soft.$file ] || complain "links of $file"
    done
    [ "$(echo ./*.part ./*/*.part)" = './*.part ./*/*.part' ] || complain "left: $(ls)"
}

# MODE
keeps_mode()
{
    echo old >old.tp
    chmod "$1" old.tp
    run --output old.tp ../full.tp
    code_is 0
    cmp old.tp ../want.tp || complain "another dump"
    [ "$(stat -c %a old.tp)" = "$1" ] || complain "mode $1 became $(stat -c %a old.tp)"
}

new_mode()
{
    for mask in 022 077 002; do
        (umask $mask; "$tp" --output new.$mask ../full.tp 2>err; : >like.$mask)
        [ "$(stat -c %a new.$mask)" = "$(stat -c %a like.$mask)" ] || complain "umask $mask: $(stat -c %a new.$mask)"
    done
}

owner()
{
    [ "$(id -u)" = 0 ] || { echo "only root can give files away"; exit 0; }
    echo old >old.tp
    chown 12345:23456 old.tp
    chmod 2640 old.tp
    run --output old.tp ../full.tp
    code_is 0
    cmp old.tp ../want.tp || complain "another dump"
    [ "$(stat -c %u:%g:%a old.tp)" = 12345:23456:2640 ] || complain "became $(stat -c %u:%g:%a old.tp)"
    # Who may write a file and not give one away writes that file.
    mkdir open
    chmod 777 . open
    echo old >open/old.tp
    chown 12345:23456 open/old.tp
    chmod 666 open/old.tp
    inode=$(stat -c %i open/old.tp)
    cp "$tp" ../full.tp .
    chmod 755 tpdecode full.tp
    setpriv --reuid 54321 --regid 54321 --clear-groups ./tpdecode --output open/old.tp full.tp 2>err
    code=$? command_line="tpdecode --output as another user"
    code_is 0
    cmp open/old.tp ../want.tp || complain "another dump, by another user"
    [ "$(stat -c %u:%g:%a:%i open/old.tp)" = "12345:23456:666:$inode" ] || complain "$(stat -c %u:%g:%a:%i open/old.tp)"
    # And one that may not write it does not.
    chmod 644 open/old.tp
    setpriv --reuid 54321 --regid 54321 --clear-groups ./tpdecode --output open/old.tp ../full.tp 2>err
    code=$? command_line="tpdecode --output as another user, may not"
    code_is 4
    echo "tpdecode: cannot write open/old.tp: Permission denied" | err_is
    [ "$(ls open)" = old.tp ] || complain "left: $(ls open)"
}

links()
{
    mkdir a b
    echo old >a/file
    ln -s ../a/file b/link
    ln -s b/link link
    ln -s nothing b/dangling
    run --output link ../full.tp
    code_is 0
    [ -L link ] && [ -L b/link ] && [ ! -L a/file ] || complain "a link was replaced"
    cmp a/file ../want.tp || complain "another dump through links"
    run --output b/dangling ../full.tp
    code_is 0
    [ -L b/dangling ] && cmp b/nothing ../want.tp || complain "a link to nothing"
    # Of a file with two names both show it.
    echo "old and far longer than what is written, which must not stay: $(seq 5000)" >one
    ln one two
    run --output one ../full.tp
    code_is 0
    cmp one ../want.tp && cmp two ../want.tp || complain "another dump with two names"
    [ "$(stat -c %h one)" = 2 ] || complain "two names became two files"
    ln -s self self
    run --output self ../full.tp
    nothing_but 4 "tpdecode: cannot write self: Too many levels of symbolic links"
    [ "$(echo ./*.part ./*/*.part)" = './*.part ./*/*.part' ] || complain "left: $(ls)"
}

# With nothing read, what is there stays, whichever way it would be written.
stays()
{
    echo old >one
    ln one two
    : >empty
    run --output one empty
    code_is 3
    [ "$(cat one)" = old ] || complain "overwritten by nothing"
}

to_a_terminal()
{
    "$source" tty "$tp" --output - ../full.tp >out 2>err
    code=$? command_line="tpdecode --output - on a terminal"
    code_is 4
    echo "tpdecode: cannot write -: a dump is not text, it is not written to a terminal" | err_is
    [ ! -s out ] || complain "something on the terminal"
    "$source" line /dev/null raw "$tp" --output TTY ../full.tp >out 2>err
    code=$? command_line="tpdecode --output /dev/pts/..."
    code_is 4
    grep -q '^tpdecode: cannot write /dev/.*: a dump is not text, it is not written to a terminal$' err || complain "$(cat err)"
    # Text goes to one.
    "$source" tty "$tp" --color never ../full.tp 2>err | tr -d '\r' >out
    diff ../full.out out || complain "text on a terminal"
}

# FORMAT
not_blocking()
{
    "$tool" dump ../num 2000 100 >long.tp
    case $1 in
    text) option="--format text" ;;
    dump) option="--output -" ;;
    esac
    "$tp" $option long.tp >want 2>want.err
    "$source" slow "$tp" $option long.tp 2>err | tail -c +4097 >out
    cmp want out || complain "standard output that does not block: another $1"
    diff want.err err || complain "standard output that does not block: $(cat err)"
    [ "$(wc -c <out)" -gt 20000 ] || complain "too short a test"
}

quiet()
{
    for call in "--output -" "" "--format json" "--list-events" "--stats"; do
        "$tool" dump ../num 200 1000 | { "$tool" default_sigpipe "$tp" $call 2>err; echo $? >code; } | head -c 1 >/dev/null
        code=$(cat code) command_line="tpdecode $call | head -c 1"
        # What fits into the pipe was written before its reader was gone.
        [ "$code" = 141 ] || { [ "$code" = 0 ] && [ "$call" != "" ]; } || complain "$command_line: exit code $code"
        ! grep -q 'cannot write' err || complain "$command_line: $(cat err)"
    done
}

cli "what is read is never written: 8 ways to name it, 8 ways to read it" never_what_is_read
for mode in 600 640 444 755; do
    cli "a file keeps its mode, $mode" keeps_mode $mode
done
cli "a new file has the mode of a new file" new_mode
cli "a file keeps its owner and group, or is written in place" owner
cli "links are followed, symbolic and hard ones" links
cli "what is there stays if nothing is read" stays
cli "no dump is written to a terminal" to_a_terminal
cli "standard output that does not block: text" not_blocking text
cli "standard output that does not block: a dump" not_blocking dump
cli "a reader that goes away: no message" quiet
finish
