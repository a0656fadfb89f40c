# SPDX-License-Identifier: MIT
# What a kernel does instead of the usual work, after lib.sh: its shell, probes that come and go, an event that is
# switched in the code that both CPUs execute, and a CPU that comes and goes.

# --- the shell ---

commands='(ls|cat|echo|fire|rm)( |$)'

# FILE: each command and its answer as one line. What a firmware has written before the first one is left out.
answers() {
    # ids follow the order in which a compiler puts events
    sed 's/^ID: [1-9][0-9]*$/ID: */' "$1" | awk -v "commands=^# $commands" '
        $0 ~ commands { if (block != "") print block; block = $0; next }
        block != "" { block = block "\\n" $0 }
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

# In shell.txt the clock is x86_64's, here $clock, and there are two CPUs, here $cpus.
the_shell() {
    one_cpu='/^cpu1$/d; s|per_cpu/cpu1$|per_cpu/cpu0|; s/^4096$/2048/; /^2 idle.1$/d; s/^3 main$/2 main/'
    [ "$cpus" = 1 ] || one_cpu=
    sed "s/^\[tsc\]$/[${clock:-tsc}]/; $one_cpu" "$here/shell.txt" >"$tmp/script"
    session "shell.txt" "$tmp/script" 66 <<END
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
}

# --- probes, filters, sampling ---

storm() { # NAME TURNS [options of the kernel]
    name=$1 turns=$2
    shift 2
    run "$name" -- "probes=$turns" late overwrite subbufs=64 "$@"
    balance "$name" "$tmp/report" least=1000 losing=any
    totals "$name"
    says "$name: none is called with dead data, none that stays is missed" '^probes dead=0 missed=0$'
    says "$name: probes of each kind are called" '^probes turns=[0-9]* typed=[1-9][0-9]* raw=[1-9][0-9]* record=[1-9]'
    says "$name: sampling has left out something" '^left_out cpu=0 count=[1-9]'
    grep '"event":"life"' "$tmp/json" | grep -c '"n":[0-9]*[13579][,}]' >"$tmp/log"
    grep -qx 0 "$tmp/log"
    result $? "$name: nothing is recorded that the filter rejects" "$tmp/log"
    grep '^probes' "$tmp/report" | sed 's/^/# /'
    grep -E '^(total|left_out)' "$tmp/report" | sed 's/^/# /'
}

# --- an event that is switched ---

known() { # NAME LEAST: each call of which the kernel knows, and no record without a call; so many of both kinds
    awk -v "least=$2" '
        function field(key) { at = index($0, "\"" key "\":"); return substr($0, at + length(key) + 3) + 0 }
        $1 == "patch" { for (i = 2; i <= NF; i++) { split($i, v, "="); said[v[1]] = v[2] } next }
        /"event":"live"/ { n = field("n"); got[n]++; live++; if (n <= last) { print n " behind " last; bad = 1 } last = n }
        /"event":"known"/ { n = field("n"); known[n] = /"recorded":(1|true)/ ? 1 : 2 }
        END {
            for (n in known) {
                count[known[n]]++
                if ((n in got) != (known[n] == 1)) { print n ": known " known[n] ", recorded " got[n] + 0; bad = 1 }
            }
            for (n in got) unknown += !(n in known)
            print live " recorded, " unknown + 0 " of them while it was switched; " count[1] " had to be, " count[2] " not to be"
            if (live != count[1] + unknown || unknown > said["unsure"] || count[1] != said["on"] || count[2] != said["off"] ||
                said["on"] + said["off"] + said["unsure"] != said["calls"] || last > said["calls"]) bad = 1
            if (count[1] < least || count[2] < least) { print "too few"; bad = 1 }
            exit bad
        }' "$tmp/report" "$tmp/json" >"$tmp/log" 2>&1
    result $? "$1: what must be recorded is, and what must not is not" "$tmp/log"
    grep -h '^patch' "$tmp/report" | sed 's/^/# /'
    head -n 1 "$tmp/log" | sed 's/^/# /'
}

slack() { sed -n 's/^patch .*unsure=\([0-9]*\).*/\1/p' "$tmp/report"; }

patched() { # NAME SWITCHES
    run "$1" -- "patch=$2"
    balance "$1" "$tmp/report" "least=$((4 * $2))" losing=0 "slack=$(slack)"
    known "$1" "$2"
}

# --- a CPU that comes and goes ---

plugged() { # LIVES
    run "hotplug" -- "hotplug=$1"
    balance "hotplug" "$tmp/report" "least=$((8 * $1))" losing=0
    [ "$(grep -c '"cpu":1,.*"event":"life"' "$tmp/json")" = $((8 * $1)) ]
    result $? "hotplug: 8 records of each of $1 lives" "$tmp/report"
}
