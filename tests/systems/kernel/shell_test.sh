#!/bin/sh
# SPDX-License-Identifier: MIT
# The control tree as a person sees it: the commands of shell.txt, typed on the test kernel's second serial
# line, are answered as it says there, each of them. And its streams decode.
. "$(dirname "$0")/lib.sh"

commands='(ls|cat|echo|fire|rm)( |$)'

answers() { # FILE: each command and its answer as one line
    # ids follow the order in which a compiler puts events
    sed 's/^ID: [1-9][0-9]*$/ID: */' "$1" | awk -v "commands=^# $commands" '
        $0 ~ commands { if (NR > 1) print block; block = $0; next }
        { block = block "\\n" $0 }
        END { print block }'
}

where() { # TEXT: how many bytes are in front of it in the session
    grep -abo "$1" "$tmp/session" | head -n 1 | cut -d: -f1
}

stream() { # NAME, FIRST COMMAND, WHAT COMES BEHIND IT, RECORDS, HOW MANY
    from=$(($(where "$2") + ${#2} + 1))
    tail -c "+$((from + 1))" "$tmp/session" | head -c "$(($(where "$3") - from))" >"$tmp/stream"
    "$build/tpdecode" "$tmp/stream" 2>"$tmp/err" | sed 's/.*: job_item: n=\([0-9]*\) .*/\1/' | tr '\n' ' ' >"$tmp/log"
    [ "$(cat "$tmp/log")" = "$4" ]
    result $? "$1: its records" "$tmp/log"
    grep -q "^$5 records, 0 lost$" "$tmp/err"
    result $? "$1: nothing is missing" "$tmp/err"
}

# A fresh boot, each command of SCRIPT and then those of standard input. The answers are as it says.
session() { # NAME SCRIPT LEAST
    title=$1 script=$2
    grep -E "^# $commands" "$script" | sed 's/^# //' >"$tmp/commands"
    cat >>"$tmp/commands"
    type_in "$tmp/commands"
    head -c "$(where '# echo 1 > snapshot')" "$tmp/session" >"$tmp/text"
    answers "$script" >"$tmp/expected"
    answers "$tmp/text" >"$tmp/answered"
    i=0
    while IFS= read -r expected; do
        i=$((i + 1))
        sed -n "${i}p" "$tmp/answered" >"$tmp/log"
        [ "$(cat "$tmp/log")" = "$expected" ]
        result $? "$title: $i: ${expected%%\\n*}" "$tmp/log"
    done <"$tmp/expected"
    [ "$i" -ge "$3" ] && [ "$(wc -l <"$tmp/answered")" = "$i" ]
    result $? "$title: as many answers as commands" "$tmp/answered"
}

session "shell.txt" "$here/shell.txt" 66 <<END
echo 1 > snapshot
cat snapshot
cat trace_pipe_raw
echo '1' > tracing_on
exit
END
all="1 2 3 4 5 6 7 8 9 10 8 9 10 1 2 3 4 5 "
stream "snapshot" "# cat snapshot" "# cat trace_pipe_raw" "$all" 18
stream "trace_pipe_raw" "# cat trace_pipe_raw" "# echo '1' > tracing_on" "$all" 18

sed -n '/^```session$/,/^```$/{/^```/!p}' "$here/../../../doc/control.md" >"$tmp/page"
session "doc/control.md" "$tmp/page" 16 <<END
echo 1 > snapshot
exit
END
"$build/tpdecode" "$tmp/dump" 2>"$tmp/err" | sed 's/.*: job_item: //' >"$tmp/log"
printf '%s\n' "n=8 worker=0" "n=9 worker=0" | diff - "$tmp/log" >>"$tmp/err"
result $? "exit: the dump has what was not read" "$tmp/err"
echo "1..$n"
