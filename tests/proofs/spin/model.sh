#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the models of the ring (ring.pml, gone.pml), the doorbell, the store and the masks with spin, in TAP: `model.sh
# quick` (the default) in less than a minute, `model.sh full` with larger instances in about an hour.
# Of a model without a bug the whole state space must be searched without an error, and the places with
# a printf that its line names must have been reached. In a model with a seeded bug (M_...) the assertion
# that its line names must fail.
# shellcheck disable=SC2034,SC2154 # the lists are used by name
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)

# The assertions, as pan prints them.
image='i_[kmpnw]'             # a copy of the memory would be misread
torn='!\(bad\)'               # the reader has taken something that is no whole record, or misnumbered
mine='making!='               # a store into a sub-buffer that is another's, or in the making
books='read\+missed'          # an event is in no count, or in two
time='time>=last_time'        # time goes back
high='last_high=='            # the reader would get the upper half of the time wrong
bell='cursor_seen'            # a lost wake-up
back='w>=records'             # the reader is sent back
freed='!\(freed'              # somebody still looks at it
mask='_bit==|running=='       # a mask that does not say what holds

overwrite='swap failed,not complete,lapped,thrown away'
# NAME | OPTIONS | MODEL | ok and what must be reached, or the assertion that must fail
quick="
overwrite, three contexts | -DOVERWRITE -DE1=1 -DE2=2 -DE3=1 | ring | ok $overwrite,appended before open
overwrite, nested preparation, refusal | -DOVERWRITE -DE1=3 -DE2=3 -DE3=0 -DNO_READER | ring | ok preparing,refused
overwrite, some laps | -DOVERWRITE -DE1=7 -DE2=0 -DE3=0 -DSTART=6 | ring | ok lapped,limit moved,thrown away
overwrite, parts, two lengths, wrap | -DOVERWRITE -DPARTIAL -DLONG=2 -DSTART=7 -DE1=2 -DE2=1 -DE3=0 | ring | ok lapped,thrown away,partial
discard, three contexts, wrap | -DSTART=7 -DE1=1 -DE2=2 -DE3=1 | ring | ok swap failed,appended before open
discard, parts, full | -DPARTIAL -DE1=4 -DE2=1 -DE3=0 | ring | ok partial,refused
time | -DTIME -DOVERWRITE -DNO_READER -DE1=2 -DE2=2 -DE3=1 | ring | ok swap failed,refused
weak order | -DWEAK -DNO_IMAGE -DOVERWRITE -DE1=3 -DE2=0 -DE3=0 | ring | ok lapped,thrown away
left by its size | -DNO_IMAGE -DOVERWRITE -DPARTIAL -DLEAVE -DLONG=1 -DE1=2 -DE2=0 -DE3=0 | ring | ok left by its size,partial
dead writer, discard | -DDEAD -DPARTIAL -DE1=2 -DE2=1 -DE3=0 | ring | ok hole,rest,not closed
dead writer, overwrite | -DDEAD -DPARTIAL -DOVERWRITE -DE1=3 -DE2=0 -DE3=0 | ring | ok hole,rest,not closed
catching up | | gone | ok in the making,limit moved
doorbell | | doorbell | ok woken,another has rung
store, fences | | store | ok held up,read long ago,freed
store, a barrier for all | -DBARRIER -DTURNS=1 | store | ok held up,read long ago,freed
masks, started twice | | mask | ok so already
masks, chosen and started | -DCHOOSERS=1 -DSTARTERS=1 | mask | ok so already,again
masks, several changes | -DSTARTERS=1 -DCHANGES=3 | mask | ok so already
M_PLAIN_ADD | -DOVERWRITE -DE1=1 -DE2=2 | ring | $image
M_COMMIT_EARLY | -DOVERWRITE -DNO_IMAGE -DE1=1 -DE2=2 | ring | $torn
M_SIZE_LATE | -DOVERWRITE -DE1=1 -DE2=2 | ring | $image
M_NO_COMPLETE_CHECK | -DOVERWRITE -DNO_IMAGE -DE1=1 -DE2=2 | ring | $mine
M_NO_PREPARING | -DOVERWRITE -DNO_READER -DE1=3 -DE2=2 -DE3=0 | ring | $image|$mine
M_LIMIT_EARLY | -DOVERWRITE -DNO_READER -DE1=3 -DE2=2 -DE3=0 | ring | $image|$mine
M_LIMIT_EARLY | -DE1=5 -DE2=0 -DE3=0 | ring | $image|$mine
M_SEQ_LATE | -DOVERWRITE -DE1=1 -DE2=2 | ring | $torn
M_BLIND | -DOVERWRITE -DE1=1 -DE2=2 | ring | $torn
M_CHECK_EARLY | -DOVERWRITE -DE1=1 -DE2=2 | ring | $torn
M_NARROW | -DOVERWRITE -DNO_IMAGE -DE1=1 -DE2=3 | ring | $torn
M_GONE_LATE | -DOVERWRITE -DE1=1 -DE2=2 | ring | $image
M_GONE_LATE | -DOVERWRITE -DNO_IMAGE -DE1=6 -DE2=0 -DE3=0 | ring | $torn|$back|$books
M_ONE_GONE | -DOVERWRITE -DE1=4 -DE2=0 -DE3=0 | ring | $image
M_GONE_BLIND | -DOVERWRITE -DE1=8 -DE2=0 -DE3=0 | ring | $torn|$back|$books
M_TIME_EARLY | -DTIME -DOVERWRITE -DNO_READER | ring | $time
M_NO_STAMP | -DTIME -DOVERWRITE -DNO_READER | ring | $high
M_HIGH_EARLY | -DTIME -DOVERWRITE -DNO_READER | ring | $high
M_HEAD_EARLY | -DNO_IMAGE -DOVERWRITE -DPARTIAL -DLEAVE -DLONG=1 -DE1=2 -DE2=0 -DE3=0 | ring | $torn
M_NO_RELEASE | -DWEAK -DNO_IMAGE -DOVERWRITE -DPARTIAL -DE1=2 -DE2=0 -DE3=0 | ring | $torn
M_NO_SEQ_RELEASE | -DWEAK -DNO_IMAGE -DOVERWRITE -DE1=3 -DE2=0 -DE3=0 | ring | $torn
M_NO_GONE_RELEASE | -DWEAK -DNO_IMAGE -DOVERWRITE -DE1=4 -DE2=0 -DE3=0 | ring | $torn|$books
M_HOLE_ALWAYS | -DDEAD -DPARTIAL -DE1=3 -DE2=0 -DE3=0 | ring | $books|$torn
M_IMPATIENT | -DDEAD -DPARTIAL -DE1=1 -DE2=1 -DE3=0 | ring | $books
M_NO_LIMIT_FENCE | | gone | first==
M_NO_GONE_FENCE | | gone | first==
M_NO_SECOND_LOOK | | gone | first==
M_BELL_NO_FENCE | | doorbell | $bell
M_BELL_NO_READER_FENCE | | doorbell | $bell
M_BELL_LOOK_FIRST | | doorbell | $bell
M_BELL_COMMIT | | doorbell | $bell
M_ONE_ADVANCE | | store | $freed
M_ONE_ADVANCE | -DBARRIER | store | $freed
M_STORE_NO_FENCE | | store | $freed
M_STORE_NO_REMOVER_FENCE | | store | $freed
M_STORE_NO_REMOVER_FENCE | -DBARRIER | store | $freed
M_FREE_FIRST | | store | $freed
M_ENTERED_FIRST | | store | $freed
M_ENTERED_FIRST | -DBARRIER | store | $freed
M_MASK_NO_SECOND_LOOK | | mask | $mask
M_MASK_BLIND_WAKES | -DSTARTERS=1 -DCHANGES=2 | mask | $mask
M_MASK_BLIND_TRIGGERS | -DUNWANTED=1 -DSTARTERS=1 -DCHANGES=2 | mask | $mask
M_RUNNING_NO_SECOND_LOOK | | mask | $mask
"
full="
overwrite 1 3 1 | -DOVERWRITE -DE1=1 -DE2=3 -DE3=1 | ring | ok $overwrite,refused,preparing
overwrite 2 2 1 | -DOVERWRITE -DE1=2 -DE2=2 -DE3=1 | ring | ok $overwrite,refused
overwrite 1 4 1 | -DOVERWRITE -DE1=1 -DE2=4 -DE3=1 | ring | ok $overwrite,refused
overwrite 2 2 2, wrap | -DOVERWRITE -DSTART=7 -DE1=2 -DE2=2 -DE3=2 | ring | ok $overwrite,refused
overwrite, parts, 1 3 1 | -DOVERWRITE -DPARTIAL -DE1=1 -DE2=3 -DE3=1 | ring | ok $overwrite,refused,partial
overwrite, parts, two lengths, wrap | -DOVERWRITE -DPARTIAL -DLONG=2 -DSTART=7 -DE1=1 -DE2=2 -DE3=1 | ring | ok $overwrite,partial
overwrite, four sub-buffers | -DN=4 -DS=1 -DOVERWRITE -DE1=1 -DE2=4 -DE3=1 | ring | ok lapped
discard 2 2 1 | -DE1=2 -DE2=2 -DE3=1 | ring | ok refused
discard, parts, 1 3 1 | -DPARTIAL -DE1=1 -DE2=3 -DE3=1 | ring | ok refused,partial
discard, parts, two lengths, wrap | -DPARTIAL -DLONG=2 -DSTART=7 -DE1=1 -DE2=2 -DE3=1 | ring | ok refused,partial
time 2 2 2 | -DTIME -DOVERWRITE -DNO_READER -DE1=2 -DE2=2 -DE3=2 | ring | ok swap failed,refused
time and reader | -DTIME -DOVERWRITE -DPARTIAL -DE1=1 -DE2=2 -DE3=1 | ring | ok swap failed,thrown away
weak order, parts, 3 | -DWEAK -DNO_IMAGE -DOVERWRITE -DPARTIAL -DE1=0 -DE2=3 -DE3=0 | ring | ok lapped,thrown away
weak order, parts, 4 | -DWEAK -DNO_IMAGE -DOVERWRITE -DPARTIAL -DE1=0 -DE2=4 -DE3=0 | ring | ok lapped,thrown away
weak order, 0 2 2 | -DWEAK -DNO_IMAGE -DOVERWRITE -DE1=0 -DE2=2 -DE3=2 | ring | ok lapped,thrown away
dead writer, discard | -DDEAD -DPARTIAL -DE1=1 -DE2=2 -DE3=1 | ring | ok hole,rest,not closed
dead writer, overwrite | -DDEAD -DPARTIAL -DOVERWRITE -DE1=1 -DE2=2 -DE3=1 | ring | ok hole,rest,not closed
doorbell, more | -DE1=3 -DE2=4 -DE3=5 | doorbell | ok woken,another has rung
masks, five changes | -DSTARTERS=1 -DCHANGES=5 | mask | ok so already
store, more | -DE1=2 -DE2=1 -DE3=1 | store | ok held up,read long ago,freed
store, a barrier for all, more | -DBARRIER -DE1=2 -DE2=1 -DE3=1 | store | ok held up,read long ago,freed
"

run() { # KIND NUMBER: one line of $quick or $full, into the file `out`
    eval "line=\$(printf '%s' \"\$$1\" | sed -n $(($2 + 1))p)"
    IFS='|' read -r name options model expected <<END
$(printf '%s' "$line" | sed 's/ *| */|/g')
END
    dir=$tmp/$2
    mkdir "$dir" && cd "$dir" || return
    cc=-O1 pan=
    case $name in M_*) options="-D$name $options" cc=-O0 pan=-w20 ;; esac
    [ "$1" = full ] && cc='-O2 -DCOLLAPSE'
    # shellcheck disable=SC2086 # they are lists
    {
        cp "$here/$model.pml" .
        spin -a $options "$model.pml" &&
            ${CC:-cc} -w $cc -DSAFETY -DMEMLIM=6144 -o pan pan.c &&
            timeout 900 ./pan -m100000 $pan
    } >log 2>&1
    verdict=not\ ok
    case $expected in
    ok\ *)
        if grep -q 'errors: 0$' log &&
            ! grep -qE 'max search depth|out of memory|reached -DMEMLIM|error:|aborted' log; then
            verdict=ok
            echo "$expected" | sed 's/^ok //' | tr , '\n' >marks
            while read -r mark; do # in any of the processes that have it
                all=$(grep -c "printf(\"$mark" "$model.pml")
                [ "$all" -gt 0 ] && ! grep -qF "printf('$mark\\n')" log || verdict=not\ ok
            done <marks
        fi ;;
    *) grep -qE "assertion violated.*($expected)" log && verdict=ok ;;
    esac
    {
        echo "$verdict $2 - $name: $expected"
        states=$(sed -n 's/^ *\([0-9e.+]*\) states, stored.*/\1/p' log)
        depth=$(sed -n 's/.*depth reached \([0-9]*\).*/\1/p' log)
        seconds=$(sed -n 's/.*elapsed time \([0-9.e+]*\) s.*/\1/p' log)
        memory=$(sed -n 's/^ *\([0-9.]*\)\ttotal actual memory.*/\1/p' log)
        echo "# $options: $states states, depth $depth, $seconds s, $memory MB"
        [ "$verdict" = ok ] || grep -v '^	.*state [0-9]' log | tail -n 40 | sed 's/^/# /'
    } >out
    rm -f pan pan.c
}

kind=${1:-quick}
case $kind in
quick | full) ;;
run) tmp=$4 && run "$2" "$3" && exit 0 || exit 1 ;;
*) echo "usage: model.sh [quick|full]" >&2; exit 2 ;;
esac
if ! command -v spin >/dev/null; then
    if [ "${TP_NO_SKIP:-0}" = 1 ]; then
        echo 1..1
        echo "not ok 1 - spin is not installed"
        exit 1
    fi
    echo "1..0 # SKIP spin is not installed"
    exit 0
fi
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
eval "lines=\$(printf '%s' \"\$$kind\" | grep -c '|')"
echo "1..$lines"
seq "$lines" | xargs -P 2 -I @number@ sh "$here/model.sh" run "$kind" @number@ "$tmp" # not a letter: $tmp has some
for i in $(seq "$lines"); do
    cat "$tmp/$i/out" 2>/dev/null || echo "not ok $i - it did not run"
done
