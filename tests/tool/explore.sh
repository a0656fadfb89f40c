#!/bin/sh
# SPDX-License-Identifier: MIT
# explore.sh - tpdecode --explore: what the screen of a terminal shows after which key. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.). The terminal is tmux's. Nothing here asserts how fast
# it is: what must come is waited for up to $patience seconds, far longer than it may take.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"
. "$srcdir/tests/export/made.sh"

command -v tmux >/dev/null || { echo "Bail out! no tmux: install tmux"; exit 99; }
command -v jq >/dev/null || { echo "Bail out! no jq: install jq"; exit 99; }

patience=${TP_PATIENCE:-30}
${CC:-cc} -O1 -o "$tmp/wide" "$srcdir/tests/export/wide.c" 2>"$tmp/wide.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 1 "$tmp/wide.err")"
    exit 99
}
unset TMUX TMPDIR NO_COLOR COLUMNS
export TMUX_TMPDIR="$tmp" # its sockets go with the rest

# --- a terminal ---

tm()
{
    LC_ALL=C.UTF-8 tmux -u -L "tp-$$-$started-$terminals" -f /dev/null "$@"
}

terminals=0 # so far, each with a server of its own

# SIZE COMMAND-LINE: of a shell, in a terminal of this size, as 80x24. What tpdecode writes is in raw; settings before and
# after, and the exit code, are in before, after and code.
terminal()
{
    command_line=$2
    terminals=$((terminals + 1))
    rm -f code raw
    cat >command.sh <<END
set -m
trap : INT
export TERM=screen-256color TP='$tp'
cd '$own'
stty -a >before
$2 2>err
echo \$? >code.new
stty -a >after
mv code.new code
echo "all is over"
while :; do sleep 5; done
END
    tm new-session -d -x "${1%x*}" -y "${1#*x}" "exec env LC_ALL=${3:-C.UTF-8} sh '$own/command.sh'" ||
        complain "no terminal"
    trap 'tm kill-server 2>/dev/null' EXIT
    trap 'exit 99' HUP INT TERM
}

close_terminal()
{
    tm kill-server 2>/dev/null
    trap - EXIT
}

# SIZE ARGUMENT...: tpdecode --explore, with these arguments as a shell reads them.
explore()
{
    size=$1
    shift
    terminal "$size" "\$TP --explore $*"
}

screen()
{
    tm capture-pane -p >screen
}

# The screen is as it was a moment ago: nothing is being drawn.
still()
{
    mv screen screen.before
    sleep 0.03
    screen
    cmp -s screen screen.before
}

# Until a command succeeds, with the screen in ./screen.
until_so()
{
    tries=0
    while screen; ! "$@" || ! still || ! "$@"; do
        tries=$((tries + 1))
        [ $tries -lt $((patience * 20)) ] || return 1
        sleep 0.05
    done
}

has()
{
    grep -qF -e "$1" screen
}

hasnt()
{
    ! has "$1"
}

# TEXT...: until the screen shows each of these
sees()
{
    for text; do
        until_so has "$text" || { complain "$command_line: does not show: $text"; cat screen; }
    done
}

sees_no()
{
    until_so hasnt "$1" || { complain "$command_line: still shows: $1"; cat screen; }
}

keys()
{
    tm send-keys -- "$@"
}

# LINE OF: until that line is selected
at()
{
    sees "-- line $1 of $2 "
}

# The lines of the list, without blanks at their ends.
list()
{
    sed -n '/^-- lanes/,/^-- fields/p' screen | sed '1d;$d' | sed 's/ *$//'
}

# TEXT FIRST: the list is these lines of text, and as many as there is room for.
list_is()
{
    rows=$(sed -n '/^-- lanes/,/^-- fields/p' screen | sed '1d;$d' | wc -l)
    tail -n "+$2" "$1" | head -n "$rows" | cut -c1-80 | sed 's/ *$//' >wanted
    until_so list_same || { complain "$command_line: the list is not lines $2 on, < is wanted:"; cat differ; }
}

# The empty lines after the last one are none of it.
list_same()
{
    list | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' | diff wanted - >differ
}

# CODE: until it has ended with that
ends()
{
    tries=0
    until [ -e code ] || [ $((tries += 1)) -gt $((patience * 20)) ]; do sleep 0.05; done
    [ "$(cat code)" = "$1" ] || complain "$command_line: exit code $(cat code), not $1: $(cat err)"
    sees "all is over"
    diff before after || complain "$command_line: the terminal is not as it was"
    [ "$(tm display -p '#{alternate_on}#{cursor_flag}')" = 01 ] ||
        complain "$command_line: the screen or the cursor is not as it was"
}

quits()
{
    keys q
    ends "${1:-0}"
    close_terminal
}

# --- dumps ---

many | made >"$tmp/many.tp"
"$tp" "$tmp/many.tp" >"$tmp/many.txt" 2>/dev/null
lines=$(($(wc -l <"$tmp/many.txt")))
losses=$(grep -c '^---' "$tmp/many.txt")
scene | made >"$tmp/scene.tp"
case $lines.$losses in
29[0-9][0-9][0-9].[1-9]*) ;;
*) echo "Bail out! not the dump that was to be made: $lines lines, $losses losses"; exit 99 ;;
esac

# --- tests ---

opens()
{
    explore 80x24 ../many.tp
    sees "many.tp  $lines lines, $losses losses" "q quit  ? keys" "           cpu 0 |" "-- fields ---"
    at 1 "$lines"
    list_is ../many.txt 1
    [ "$(wc -l <screen)" = 24 ] || complain "not 24 rows"
    quits
}

# The fields of the selected line, against JSON.
fields()
{
    explore 100x40 ../scene.tp
    sees "-- fields ---"
    keys Down Down
    at 3 "$(($("$tp" ../scene.tp 2>/dev/null | wc -l)))"
    "$tp" --format json ../scene.tp 2>/dev/null | jq -r 'select(.event) | "\(.sys):\(.event)",
        (.fields | to_entries[] | "\(.key) \(.value)"), "time_ns \(.time_ns)", "cpu \(.cpu)", "common_pid \(.common_pid)"' |
        sed -n '/wakeup/,/common_pid/p' >wanted
    [ "$(head -n 1 wanted)" = sched:wakeup ] && [ "$(wc -l <wanted)" -ge 5 ] || complain "not what was to be wanted"
    while read -r name value; do
        until_so grep -qE "(^| )$name +$value( |\$)" screen || complain "no field: $name $value"
    done <wanted
    quits
}

# FIELD FIELD: the two that there is room for.
pane_is()
{
    until_so sh -c 'sed -n "/^-- fields/,\$p" screen | awk "NR == 2 || NR == 3 { print \$1 }" | paste -sd " " - | grep -qx "$1"' - "$*" ||
        { complain "the fields that are shown are not $*"; cat screen; }
}

# More fields than there is room for: { and } choose those that are shown, and another line begins with its first.
fields_move()
{
    "$tmp/wide" 2 10 >wide.tp
    explore 40x14 wide.tp
    sees "10 lines"
    pane_is w:e0 v_u8
    keys '}'
    pane_is v_u8 v_u16
    keys '}' '}'
    pane_is v_u32 v_u64
    keys '{'
    pane_is v_u16 v_u32
    keys '{' '{' '{' '{' '}'
    pane_is v_u8 v_u16
    # Not beyond the last one: from there it is one back to the last two.
    # shellcheck disable=SC2046
    keys $(yes '}' | head -n 40)
    keys '{'
    pane_is common_preempt_count record
    keys j j
    pane_is w:e0 v_u8
    quits
}

# Until what was written, which comes through another process, has this.
until_raw()
{
    tries=0
    until grep -qF -e "$1" raw || [ $((tries += 1)) -gt $((patience * 20)) ]; do sleep 0.05; done
    grep -qF -e "$1" raw || complain "$command_line: nothing was written with $1"
}

# KEYS.. and the line that is selected after them.
moves()
{
    explore 80x24 ../many.tp
    at 1 "$lines"
    rows=$(list | wc -l)
    for step in Down:2 j:3 Enter:4 Up:3 k:2 NPage:$((2 + rows - 1)) Space:$((2 + 2 * (rows - 1))) C-f:$((2 + 3 * (rows - 1))) \
        PPage:$((2 + 2 * (rows - 1))) b:$((2 + rows - 1)) C-b:2 End:"$lines" Home:1 G:"$lines" '<:1' '>:'"$lines" Up:$((lines - 1)); do
        keys "${step%%:*}"
        at "${step#*:}" "$lines"
    done
    list_is ../many.txt $((lines - rows + 1))
    quits
}

sideways()
{
    explore 80x24 ../many.tp
    at 1 "$lines"
    keys L L
    first=$(head -n 1 ../many.txt | cut -c17-60)
    until_so sh -c 'sed -n "/^-- lanes/,\$p" screen | sed -n 2p | grep -qF -e "$1"' - "$first" || complain "the list is not moved: $first"
    [ "$(list | head -n 1 | cut -c1-44)" = "$first" ] || complain "not by sixteen columns"
    keys H H H
    until_so sh -c 'sed -n "/^-- lanes/,\$p" screen | sed -n 2p | grep -qF -e "$1"' - "$(head -n 1 ../many.txt | cut -c1-60)" ||
        complain "the list is not moved back"
    quits
}

# EXPR: numbers of the lines that match, by the position of what --filter gives.
matches()
{
    "$tp" --filter "$1" ../many.tp 2>/dev/null | grep -v '^---' | sort | uniq >matching
    grep -nFxf matching ../many.txt | cut -d: -f1 >numbers
}

search()
{
    matches 'prev == 7 && next > 30'
    set -- $(cat numbers)
    [ $# -gt 3 ] || complain "only $# matches"
    explore 80x24 ../many.tp
    at 1 "$lines"
    keys n
    sees "nothing was searched for"
    keys / 'prev == 7 && next > 30' Enter
    at "$1" "$lines"
    keys n
    at "$2" "$lines"
    keys n
    at "$3" "$lines"
    keys N
    at "$2" "$lines"
    keys N N
    sees "no match before this"
    at "$1" "$lines"
    keys End N
    shift $(($# - 1))
    at "$1" "$lines"
    keys n
    sees "no match after this"
    quits
}

search_wrong()
{
    explore 80x24 ../many.tp
    at 1 "$lines"
    keys / 'prev == 7 && nxet > 3' Enter
    sees "no such field" "prev == 7 && nxet > 3"
    sed -n '/prev == 7/{n;p;}' screen | grep -q '^             ^' || { complain "the place is not shown"; cat screen; }
    keys j
    sees_no "no such field"
    at 2 "$lines"
    keys '&' 'prev ==' Enter
    sees "prev =="
    at 2 "$lines"
    keys / x Escape
    sees "q quit"
    keys / abc BSpace BSpace BSpace BSpace
    sees "q quit"
    quits
}

filters()
{
    "$tp" --filter 'next == 9' ../many.tp >few.txt 2>/dev/null
    few=$(($(wc -l <few.txt)))
    [ "$few" -gt 50 ] || complain "only $few"
    explore 80x24 ../many.tp
    at 1 "$lines"
    keys f 'next == 9' Enter
    sees "only: next == 9" " $few lines,"
    at 1 "$few"
    list_is few.txt 1
    keys End
    at "$few" "$few"
    list_is few.txt $((few - $(list | wc -l) + 1))
    keys '&' C-u Enter
    sees "all are shown" " $lines lines,"
    quits
}

goes_to_losses()
{
    set -- $(grep -n '^---' ../many.txt | cut -d: -f1)
    explore 80x24 ../many.tp
    at 1 "$lines"
    keys Tab
    at "$1" "$lines"
    sees "records lost" "cause            full"
    keys ']'
    at "$2" "$lines"
    keys BTab
    at "$1" "$lines"
    keys '['
    sees "no loss before this"
    keys End '['
    shift $(($# - 1))
    at "$1" "$lines"
    keys Tab
    sees "no loss after this"
    quits
}

# TEXT of a time: the first line that is not earlier
goes_to_times()
{
    explore 80x24 ../many.tp
    at 1 "$lines"
    last=$(sed -n '/^---/!h;${x;s/.*\] [^ ]* *\([0-9.]*\): .*/\1/p;}' ../many.txt)
    for time in 0.012345 0.03 +10ms -5ms; do
        first=$("$tp" --from $time --head 1 ../many.tp 2>/dev/null | grep -v '^---' | head -n 1)
        keys : "$time" Enter
        sees "-- line "
        wanted=$(awk -v t=$time -v start="$(sed -n '/^---/!{s/.*\] [^ ]* *\([0-9.]*\): .*/\1/p;q;}' ../many.txt)" -v last="$last" '
            BEGIN { if (t ~ /^\+/) t = start + substr(t, 2) / 1000; if (t ~ /^-/) t = last - substr(t, 2) / 1000 }
            /^---/ { next }
            { match($0, /[0-9]+\.[0-9]+: /); if (substr($0, RSTART, RLENGTH - 2) + 0 >= t - 0.0000005) { print NR; exit } }' ../many.txt)
        until_so grep -qE -- "-- line ($((wanted - 1))|$wanted|$((wanted + 1))) of" screen ||
            { complain "$time is not at line $wanted: $first"; cat screen; }
    done
    keys g 99 Enter
    sees "nothing is so late"
    at "$lines" "$lines"
    keys g 12x Enter
    sees "not a time"
    quits
}

# What the task does in each column, by the lines that the dump was made of: TASK WIDTH START.
lane_of()
{
    awk -v task="$1" -v width="$2" -v start="$3" -v columns=62 '
        function spend(to, at, c, next_at) {
            for (at = since; at < to; at = next_at) {
                c = at < start ? -1 : int((at - start) / width)
                next_at = start + (c + 1) * width < to ? start + (c + 1) * width : to
                spent[c, does] += next_at - at
            }
            since = to
        }
        { last = $1 }
        $4 == "sched:switch" && $5 == task { spend($1); does = $7 == 0 ? "+" : $7 == 1 ? "." : " " }
        $4 == "sched:switch" && $6 == task { spend($1); does = "#" }
        $4 == "sched:wakeup" && $5 == task && does != "#" { spend($1); does = "+" }
        END {
            spend(last)
            for (c = 0; c < columns; c++) {
                best = " "; most = 0
                for (i = 1; i <= 3; i++) {
                    glyph = substr("#+.", i, 1)
                    if (spent[c, glyph] > most) { most = spent[c, glyph]; best = glyph }
                }
                line = line best
            }
            sub(/ *$/, "", line)
            print line
        }' made.txt
}

# TASK WIDTH START: the lane that the screen shows is that; with $unlike, but for so many columns.
lane_is()
{
    lane_of "$@" >wanted
    lane_shown()
    {
        sed -n "s/^ *<...>-$1 |//p" screen | sed 's/ *$//' | awk -v unlike="${unlike:-0}" '
            NR == FNR { want = $0; next }
            { seen = 1; for (i = 1; i <= 62; i++) n += substr(want, i, 1) != substr($0, i, 1) }
            END { exit !seen || n > unlike }' wanted -
    }
    until_so lane_shown "$1" || { complain "task $1, columns of $2 ns from $3 on: not $(cat wanted)"; cat screen; }
}

# A part of the time is decoded again, from a mark: it must show what all of it shows.
zooms()
{
    awk 'function random(n) { seed = (seed * 16807) % 2147483647; return seed % n }
        BEGIN {
            # Task 99 sleeps from here on: what it does is known from long before what is shown.
            print 1000, 0, 0, "sched:switch", 0, 99, 0
            print 1500, 0, 99, "sched:switch", 99, 0, 1
            seed = 5; t = 2000
            for (i = 2; i < 20000; i++) {
                t += 1 + random(2000); c = random(2); p = runs[c] + 0
                if (random(4)) {
                    n = random(3) * 2 + c + 5
                    print t, c, p, "sched:switch", p, n, random(2)
                    runs[c] = n
                } else print t, c, p, "sched:wakeup", 5 + random(6), 0
            }
        }' >made.txt
    made <made.txt >made.tp
    explore 80x40 --ascii made.tp
    at 1 20000
    first=$(($(awk '{ print $1; exit }' made.txt)))
    last=$(($(awk 'END { print $1 }' made.txt)))
    # All of the time is made of columns of which each has 33 to 67, which are divided: where states change fast
    # the one that is most of a column is another one now and then.
    width=$(((last - first) / 62 + 1)) unlike=5
    lane_is 5 $width $first
    axis=$(sed -n 2p screen)
    for step in 1 2 3 4 5 6 7 8 9; do
        keys +
        width=$(((width + 1) / 2))
        [ $step -lt 3 ] || unlike=0
        sees "a column is $((width / 1000)).$(printf '%03d' $((width % 1000))) us"
        lane_is 5 $width $first
        lane_is 6 $width $first
    done
    [ "$(sed -n 2p screen)" != "$axis" ] || complain "the axis is the same"
    start=$first
    for key in l Right l Right l l l l l l l l; do
        keys $key
        start=$((start + 15 * width))
        lane_is 5 $width $start
    done
    # Further than the first mark.
    for tens in 1 2 3 4 5 6 7 8 9; do
        keys l l l l l l l l l l
        start=$((start + 150 * width))
        lane_is 5 $width $start
    done
    lane_is 99 $width $start
    # The list has followed: what is selected is in the middle, or after it.
    selected=$(sed -n 's/.*-- line \([0-9]*\) of.*/\1/p' screen)
    ns=$(sed -n "${selected}s/ .*//p" made.txt)
    [ "$ns" -ge $start ] && [ "$ns" -lt $((start + 62 * width)) ] || complain "line $selected is at $ns, not in view"
    keys h Left
    start=$((start - 30 * width))
    lane_is 5 $width $start
    lane_is 99 $width $start
    until_so grep -q '<...>-99 |[.]\{62\}' screen || complain "task 99 does not sleep"
    keys 0
    sees "$axis"
    keys + - -
    sees "$axis"
    quits
}

# All of the time reaches from the first column of the terminal to the last one.
full_width()
{
    for width in 80 81 119 200; do
        explore ${width}x24 --ascii ../many.tp
        at 1 "$lines"
        grep '^ *cpu 0 |[^ ]' screen | awk -v width=$width '{ n = length } END { exit NR != 1 || n != width }' ||
            { complain "a terminal of $width"; cat screen; }
        quits
    done
}

more_lanes()
{
    explore 80x24 ../many.tp
    sees "lanes 1 to 7 of"
    second=$(sed -n 4p screen)
    keys J
    sees "lanes 2 to 8 of"
    [ "$(sed -n 3p screen)" = "$second" ] || complain "not the second lane at the top"
    keys K K
    sees "lanes 1 to 7 of"
    quits
}

resizes()
{
    explore 80x24 ../many.tp
    at 1 "$lines"
    keys j j
    at 3 "$lines"
    tm resize-window -x 120 -y 40
    until_so sh -c '[ $(wc -l <screen) = 40 ] && sed -n 40p screen | grep -q "^q quit"' || complain "not 40 rows"
    at 3 "$lines"
    grep -q '^-- fields -\{100,\}' screen || complain "not 120 columns"
    tm resize-window -x 30 -y 8
    sees "the terminal is too small"
    tm resize-window -x 80 -y 24
    at 3 "$lines"
    list_is ../many.txt "$(grep -nFx "$(list | head -n 1 | sed 's/$/ /')" ../many.txt | head -n 1 | cut -d: -f1)"
    list | grep -qF "$(sed -n 3p ../many.txt | sed 's/ *$//')" || complain "the line that is selected is not in the list"
    quits
}

# In the C locale, whatever is in the dump.
plain_letters()
{
    for name in escapes names arrays formats; do
        terminal 80x40 "\$TP --explore ../golden/$name" C
        sees "q quit"
        keys j j j '?'
        sees "any key goes back"
        keys x End
        sees "q quit"
        LC_ALL=C grep -n '[^ -~]' screen && complain "$name: not only ASCII"
        keys q
        sees "all is over"
        close_terminal
    done
}

# What is written is text, and what steers the terminal is ours.
hostile()
{
    for name in escapes names strings; do
        [ -e ../golden/$name ] || continue
        terminal 100x40 "\$TP --explore ../golden/$name"
        tm pipe-pane "cat >'$own/raw'"
        sees "q quit"
        keys C-l j j j k m
        sees "any key goes back"
        keys x End
        sees "q quit"
        until_raw "q quit"
        tm pipe-pane
        keys q
        sees "all is over"
        [ -s raw ] || complain "$name: nothing was written"
        LC_ALL=C sed 's/\x1b\[[0-9;]*[HKJm]//g; s/\x1b\[?25[lh]//g; s/\x1b\[?1049[hl]//g' raw >rest
        command_line=$name
        harmless rest
        close_terminal
    done
    awk 'BEGIN { printf "0 - - task 5 5 \033]0;x\007\033[2J\n"; print "100 0 0 sched:switch 0 5 0"; print "200 0 5 syscall:enter 1" }' |
        made >bad.tp
    explore 80x24 bad.tp
    sees '\x1b]0;x\x07\x1b[2J' "q quit"
    quits
}

monochrome()
{
    terminal 80x24 "NO_COLOR=1 \$TP --explore ../many.tp"
    tm pipe-pane "cat >'$own/raw'"
    at 1 "$lines"
    keys C-l Tab
    sees "records lost"
    until_raw "records lost"
    keys q
    ends 0
    grep -q "$(printf '\033\\[[0-9;]*3[0-9]m')" raw && complain "there are colours"
    close_terminal
    explore 80x24 --color always ../many.tp
    tm pipe-pane "cat >'$own/raw'"
    at 1 "$lines"
    keys C-l Tab
    sees "records lost"
    until_raw "records lost"
    quits
    grep -q "$(printf '\033\\[[0-9;]*3[0-9]m')" raw || complain "there are no colours"
}

# A key writes what has changed.
writes_little()
{
    explore 80x24 ../many.tp
    at 1 "$lines"
    tm pipe-pane "cat >'$own/raw'"
    keys Down
    at 2 "$lines"
    keys Up
    at 1 "$lines"
    keys Down
    at 2 "$lines"
    keys End
    at "$lines" "$lines"
    until_raw "-- line $lines of"
    tm pipe-pane
    bytes=$(($(wc -c <raw)))
    [ "$bytes" -gt 300 ] && [ "$bytes" -lt 7000 ] || complain "$bytes bytes for four keys"
    quits
}

# What is written while it is looked at; the first half ends within a chunk.
follows()
{
    half=$(($(wc -c <../many.tp) / 2))
    head -c $half ../many.tp >grows.tp
    explore 80x24 --follow grows.tp
    sees "follows" "q quit"
    sees_no " $lines lines"
    tail -c "+$((half + 1))" ../many.tp >>grows.tp
    at "$lines" "$lines"
    list_is ../many.txt $((lines - $(list | wc -l) + 1))
    quits
    mkfifo pipe
    terminal 80x24 "\$TP --explore --follow <pipe"
    exec 5>pipe
    head -c $half ../many.tp >&5
    sees "follows" "q quit"
    sees_no "-- line 0 of"
    tail -c "+$((half + 1))" ../many.tp >&5
    sees " $lines lines"
    exec 5>&-
    quits
}

pipes()
{
    terminal 80x24 "cat ../many.tp | \$TP --explore"
    at 1 "$lines"
    keys End
    at "$lines" "$lines"
    list_is ../many.txt $((lines - $(list | wc -l) + 1))
    quits
    gzip -c ../many.tp >many.gz
    explore 80x24 many.gz
    at 1 "$lines"
    list_is ../many.txt 1
    quits
    # One that does not end: any key is enough.
    mkfifo open
    terminal 80x24 "exec 5<>open; cat ../many.tp >open & \$TP --explore <open"
    sees "any key: that is enough" "$(($(wc -c <../many.tp) / 1024)) KiB"
    keys x
    at 1 "$lines"
    quits
}

# LINES: of the text, the first ones and the last are shown; then it is two pages up
ends_are()
{
    at 1 $1
    list_is text 1
    keys End
    at $1 $1
    list_is text $(($1 - $(list | wc -l) + 1))
    keys PPage PPage
    at $(($1 - 2 * ($(list | wc -l) - 1))) $1
}

# ARGUMENT...: the list is what text has with the same.
options()
{
    for options in '--from 0.01 --to 0.02' "--filter 'next > 20' --cpu 1,2" '--event syscall --pid 5-9' '--head 100 --time relative' \
        '--time delta' '--time raw --sandbox off' '--time utc --sandbox require' '--clock-hz 500000000' \
        '--offset ../scene.tp=+1ms ../scene.tp'; do
        eval "\"$tp\" $options ../many.tp" >text 2>/dev/null
        explore 80x24 "$options" ../many.tp
        all=$(($(wc -l <text)))
        ends_are $all
        list_is text $((all - $(list | wc -l) + 1 - 2 * ($(list | wc -l) - 1)))
        quits
    done
}

# Each cause of a loss, a second capture, damage: lines as text has them, and messages.
goldens_too()
{
    for name in loss joined gap damaged unfinished wrap counts zlib; do
        [ -e ../golden/$name ] || continue
        "$tp" ../golden/$name >text 2>/dev/null
        status=$?
        all=$(($(wc -l <text)))
        [ $all -gt 0 ] || continue
        explore 100x40 ../golden/$name
        sees "-- line 1 of $all "
        cut -c1-100 text | sed 's/ *$//' | head -n "$(list | wc -l)" >wanted
        list | sed '/^$/d' | diff wanted - || complain "$name: another list"
        keys m
        sees "any key goes back"
        [ $status = 0 ] || grep -q '^tpdecode: ' screen || { complain "$name: no message"; cat screen; }
        keys x
        quits $status
    done
}

# Larger than what is read around a place: a pass jumps there. Memory does not depend on it.
large()
{
    "$tool" dump ../num 1700 1024 >large.tp
    [ "$(wc -c <large.tp)" -gt 40000000 ] || complain "not large"
    all=$((1700 * 1024))
    terminal 80x24 "'$tool' peak peak \$TP --explore large.tp"
    at 1 $all
    keys End
    at $all $all
    "$tp" --tail 100 large.tp 2>/dev/null >text
    [ "$(wc -l <text)" = 100 ] || complain "not 100 lines"
    list_is text $((100 - $(list | wc -l) + 1))
    keys + + + + + + + + + + + + PPage
    sees "-- line $((all - $(list | wc -l) + 1)) of"
    keys / "v == $((all / 2))" Enter
    sees "no match after this"
    keys N
    at $((all / 2 + 1)) $all
    # Typed while something is read, keys wait.
    keys N Home
    at 1 $all
    keys n
    sees_no "-- line 1 of"
    quits
    if ! grep -q __asan_init "$tp"; then
        [ "$(cat peak)" -gt 1000 ] && [ "$(cat peak)" -lt 65536 ] || complain "a peak of $(cat peak) kB"
    fi
    gzip -1c large.tp >large.gz
    terminal 80x24 "'$tool' peak peak \$TP --explore large.gz"
    at 1 $all
    keys End
    at $all $all
    list_is text $((100 - $(list | wc -l) + 1))
    quits
    if ! grep -q __asan_init "$tp"; then
        [ "$(cat peak)" -gt 1000 ] && [ "$(cat peak)" -lt 65536 ] || complain "gzip: a peak of $(cat peak) kB"
    fi
}

# FILE...: with them, the list is what text has of these, wherever it is looked at; and a search finds what --filter finds.
anywhere()
{
    "$tp" "$@" >text 2>/dev/null
    all=$(($(wc -l <text)))
    [ $all -gt 80000 ] || complain "only $all lines"
    first=$("$tp" --filter 'next == 9 && prev == 6' --tail 1 "$@" 2>/dev/null | grep -v '^---')
    first=$(grep -nF "$first" text | tail -n 1 | cut -d: -f1)
    explore 80x24 "$@"
    ends_are $all
    keys End + + + + + + + + + + N
    sees "nothing was searched for"
    keys '?'
    sees "any key goes back"
    keys x / 'next == 9 && prev == 6' Enter
    sees "no match after this"
    keys N
    at "$first" $all
    keys Home n
    sees_no "-- line 1 of"
    quits
}

# Each more than a search needs. Numbers of events, times and tasks are alike, so that the order is what shows a mistake.
several()
{
    awk 'BEGIN {
        print "0 - - task 5 5 early"
        print "0 - - clock 1700000000000000000"
        for (i = 1; i < 45000; i++) print i * 10000, i % 2, i % 9, "sched:switch", i % 9, (i * 7) % 11, i % 3
    }' >lines
    made 1 <lines >one.tp
    awk '$2 != "-" { $1 += 4000 } { print }' lines | made 2 >two.tp
    [ "$(wc -c <one.tp)" -gt 1200000 ] || complain "$(wc -c <one.tp) bytes"
    anywhere one.tp two.tp
    gzip -c one.tp >one.gz
    anywhere one.gz two.tp
    terminal 80x24 "cat one.gz | \$TP --explore - two.tp"
    at 1 $all
    keys End
    at $all $all
    quits
    # Without a time of day they are in order of their counters, and messages say so.
    for n in 1 2; do grep -v clock lines | awk -v n=$n '$2 != "-" { $1 += 4000 * n } { print }' | made $n >plain$n.tp; done
    anywhere plain1.tp plain2.tp
    # One that is damaged stays compressed: what is said and shown of it is what text says.
    head -c 100000 one.gz >cut.gz
    "$tp" cut.gz >text 2>said
    explore 80x24 cut.gz
    at 1 "$(($(wc -l <text)))"
    keys End
    list_is text $(($(wc -l <text) - $(list | wc -l) + 1))
    quits 1
    grep 'cut.gz: ' said | diff - err || complain "another message"
}

# SIGNAL CODE: the terminal is as it was.
ended_by()
{
    explore 80x24 ../many.tp
    at 1 "$lines"
    kill "-$1" "$(tm list-panes -F '#{pane_pid}' | xargs pgrep -P)"
    ends "$2"
    close_terminal
}

ends_well()
{
    explore 80x24 ../many.tp
    at 1 "$lines"
    keys C-c
    ends 0
    close_terminal
    ended_by TERM 143
    ended_by INT 130
    ended_by HUP 129
    # Before there is anything to show.
    mkfifo open
    terminal 80x24 "exec 5<>open; \$TP --explore <open"
    sees "any key: that is enough"
    keys x
    ends 3
    close_terminal
}

# ctrl-Z, with a shell that has jobs; and the signal of it from elsewhere.
stops()
{
    cp ../many.tp .
    command_line="a shell with jobs"
    tm new-session -d -x 80 -y 24 "exec env LC_ALL=C.UTF-8 TERM=screen-256color PS1='shell> ' sh -i"
    trap 'tm kill-server 2>/dev/null' EXIT
    sees "shell>"
    keys "cd '$own'; stty -a >before; '$tp' --explore many.tp" Enter
    at 1 "$lines"
    keys j j C-z
    sees "shell>" "topped"
    keys "stty -a >stopped; echo done-\$?" Enter
    sees "done-0"
    keys fg Enter
    at 3 "$lines"
    shell=$(tm list-panes -F '#{pane_pid}')
    kill -TSTP "$(pgrep -P "$shell")"
    sees "topped"
    keys fg Enter
    at 3 "$lines"
    kill -STOP "$(pgrep -P "$shell")"
    sees "Stopp"
    keys fg C-j # in settings that are still ours
    at 3 "$lines"
    keys j
    at 4 "$lines"
    keys q
    sees "shell>"
    keys "stty -a >after; echo over-\$?" Enter
    sees "over-0"
    # The shell edits its line in other settings than those in which a command runs.
    diff before after || complain "the terminal is not as it was"
    diff before stopped || complain "the terminal was not as it was while it was stopped"
    close_terminal
}

refused()
{
    while read -r hint arguments; do
        terminal 80x24 "\$TP --explore $arguments ../many.tp"
        ends 2
        grep -q -- "$hint" err || complain "$arguments: $(cat err)"
        close_terminal
    done <<'END'
not.with.*--format --format json
not.with.*--info --info
not.with.*--timeline --timeline
not.with.*--fields --fields next
not.with.*--tail --tail 3
not.with.*--output -o out.tp
not.with.*--template --template %t
--list-events --list-events
not.with.*--progress --progress
no.such.field --filter 'nxet == 1'
--role --role 'no:such=none'
END
    terminal 80x24 "TERM=dumb \$TP --explore ../many.tp"
    ends 2
    grep -q "a terminal is needed for '--explore': TERM says" err || complain "dumb: $(cat err)"
    close_terminal
    TERM=xterm run --explore ../many.tp
    nothing_but 2 "tpdecode: a terminal is needed for '--explore': standard output is none"
    run --explore --info ../many.tp
    nothing_but 2 "tpdecode: not with --explore: '--info', try 'tpdecode --help'"
    # Keys come from the terminal that controls the session.
    terminal 80x24 "setsid -w \$TP --explore ../many.tp"
    ends 2
    grep -qx "tpdecode: --explore: there is no terminal that keys could come from" err || complain "no terminal: $(cat err)"
    close_terminal
    terminal 80x24 "cat ../many.tp | TMPDIR=/nowhere \$TP --explore"
    ends 2
    grep -qx "tpdecode: --explore: what comes from a pipe needs a temporary file, and there can be none: set TMPDIR to a folder that may be written" err ||
        complain "no temporary file: $(cat err)"
    close_terminal
    # 64 pipes, and one more.
    for n in 64 65; do
        rm -f pipe.*
        terminal 80x24 "for k in \$(seq -s ' ' $n); do mkfifo pipe.\$k; cat ../scene.tp >pipe.\$k & done; \$TP --explore pipe.*"
        if [ $n = 64 ]; then
            sees "q quit"
            quits
        else
            ends 2
            grep -qx "tpdecode: --explore: too many inputs are pipes" err || complain "$n pipes: $(cat err)"
            close_terminal
        fi
    done
    terminal 80x24 "\$TP --explore '$srcdir/README.md'"
    ends 3
    grep -q "not a tracepoint dump" err || complain "foreign: $(cat err)"
    close_terminal
}

cli "--explore at 80x24" opens
cli "--explore: the fields of a line" fields
cli "--explore: more fields than there is room for" fields_move
cli "--explore: keys move in the list" moves
cli "--explore: the list sideways" sideways
cli "--explore: search" search
cli "--explore: what is wrong with a search" search_wrong
cli "--explore: filter" filters
cli "--explore: losses" goes_to_losses
cli "--explore: times" goes_to_times
cli "--explore: zoom and pan show what tasks did" zooms
cli "--explore: the width of the terminal" full_width
cli "--explore: more lanes than there is room for" more_lanes
cli "--explore: the size changes" resizes
cli "--explore: ASCII in the C locale" plain_letters
cli "--explore: hostile names" hostile
cli "--explore: colours, or none" monochrome
cli "--explore: a key writes what has changed" writes_little
cli "--explore --follow" follows
cli "--explore: a pipe, gzip" pipes
cli "--explore with options" options
cli "--explore: golden dumps" goldens_too
cli "--explore: a large dump" large
cli "--explore: several inputs, compressed or not" several
cli "--explore: the terminal is as it was" ends_well
cli "--explore: stops and goes on" stops
cli "--explore: what is refused" refused
finish
