#!/bin/sh
# SPDX-License-Identifier: MIT
# The control tree as a person sees it: the commands of shell.txt, typed on the test kernel's second serial
# line, are answered as it says there, each of them. And its two streams decode.
. "$(dirname "$0")/lib.sh"

answers() { # FILE: each command and its answer as one line
    # ids follow the order in which a compiler puts events
    sed 's/^ID: [1-9][0-9]*$/ID: */' "$1" | awk '
        /^# (ls|cat|echo|fire|rm)( |$)/ { if (NR > 1) print block; block = $0; next }
        { block = block "\\n" $0 }
        END { print block }'
}

type_in() { # FILE of commands: a session in $tmp/session
    rm -f "$tmp"/pipe.*
    mkfifo "$tmp/pipe.in" "$tmp/pipe.out"
    cat "$tmp/pipe.out" >"$tmp/session" &
    reader=$!
    sh "$here/run" "$build/kernel.elf" "$tmp/dump" "$tmp/report" --shell "$tmp/pipe" -- shell >"$tmp/log" 2>&1 &
    kernel=$!
    i=0
    while [ $i -lt 300 ] && ! grep -qs '^# ' "$tmp/session"; do
        sleep 0.1
        i=$((i + 1))
    done
    cat "$1" >"$tmp/pipe.in"
    wait $kernel
    result $? "the shell comes and goes" "$tmp/log"
    kill $reader 2>/dev/null # it has read all, unless nobody wrote
    wait $reader 2>/dev/null
}

where() { # TEXT: how many bytes are in front of it in the session
    grep -abo "$1" "$tmp/session" | head -n 1 | cut -d: -f1
}

stream() { # NAME, FIRST COMMAND, WHAT COMES BEHIND IT, RECORDS
    from=$(($(where "$2") + ${#2} + 1))
    tail -c "+$((from + 1))" "$tmp/session" | head -c "$(($(where "$3") - from))" >"$tmp/stream"
    "$build/tpdecode" "$tmp/stream" 2>"$tmp/err" | sed 's/.*: item: n=\([0-9]*\) .*/\1/' | tr '\n' ' ' >"$tmp/log"
    [ "$(cat "$tmp/log")" = "$4" ]
    result $? "$1: its records" "$tmp/log"
    grep -q '^18 records, 0 lost$' "$tmp/err"
    result $? "$1: nothing is missing" "$tmp/err"
}

script=$here/shell.txt
grep -E '^# (ls|cat|echo|fire|rm)( |$)' "$script" | sed 's/^# //' >"$tmp/commands"
printf '%s\n' 'echo 1 > snapshot' 'cat snapshot' 'cat trace_pipe_raw' 'exit' >>"$tmp/commands"
type_in "$tmp/commands"

head -c "$(where '# echo 1 > snapshot')" "$tmp/session" >"$tmp/text"
answers "$script" >"$tmp/expected"
answers "$tmp/text" >"$tmp/answered"
i=0
while IFS= read -r expected; do
    i=$((i + 1))
    sed -n "${i}p" "$tmp/answered" >"$tmp/log"
    [ "$(cat "$tmp/log")" = "$expected" ]
    result $? "$i: ${expected%%\\n*}" "$tmp/log"
done <"$tmp/expected"
[ "$i" -gt 60 ] && [ "$(wc -l <"$tmp/answered")" = "$i" ]
result $? "as many answers as commands" "$tmp/answered"

all="1 2 3 4 5 6 7 8 9 10 8 9 10 1 2 3 4 5 "
stream "snapshot" "# cat snapshot" "# cat trace_pipe_raw" "$all"
stream "trace_pipe_raw" "# cat trace_pipe_raw" "# exit" "$all"
echo "1..$n"
