# SPDX-License-Identifier: MIT
# What the tests of the test kernel share: boots it and balances its books against what tpdecode
# makes of its dump, per CPU and cause always, per event too when nothing was lost. $TP_BUILDDIR has
# kernel.elf and tpdecode.
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
build=${TP_BUILDDIR:-.}
kernel=${kernel:-kernel.elf}
long=${TP_LONG:-}
cpus=${cpus:-2}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
n=0

result() { # STATUS NAME FILE: one TAP line, with the file's text if it failed
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else
        echo "not ok $n - $2"
        sed 's/^/# /' "$3" | tail -n 20
    fi
}

run_only() { # NAME [options of run]: the dump is $tmp/dump
    title=$1
    shift
    sh "$here/run" "$build/$kernel" "$tmp/dump" "$tmp/report" "$@" >"$tmp/log" 2>&1
    result $? "$title: the kernel ends well" "$tmp/log"
}

run() { # NAME [options of run]: the dump is $tmp/dump, and $tmp/json
    run_only "$@"
    decode "$title" "$tmp/dump"
}

decode() { # NAME DUMP
    "$build/tpdecode" --format json "$2" >"$tmp/json" 2>"$tmp/err"
    result $? "$1: all of the dump decodes" "$tmp/err"
}

balance() { # NAME REPORT [variables of books.awk: name=value]
    title=$1 report=$2
    shift 2
    awk -f "$here/books.awk" "report=$report" "cpus=$cpus" "$@" "$report" "$tmp/json" >"$tmp/log" 2>&1
    result $? "$title: the books balance" "$tmp/log"
}

totals() { # NAME
    awk '$1 == "total" { gsub(/[a-z]+=/, ""); print $3 " records, " $4 " lost" }' "$tmp/report" |
        diff - "$tmp/err" >"$tmp/log" 2>&1
    result $? "$1: tpdecode's count is the kernel's" "$tmp/log"
}

says() { # NAME PATTERN: a line of the report
    grep "$2" "$tmp/report" >"$tmp/log" 2>&1
    result $? "$1" "$tmp/report"
}

boot() { # NAME LEAST LOSING [options of run]
    name=$1 least=$2 losing=$3
    shift 3
    run "$name" "$@"
    balance "$name" "$tmp/report" "least=$least" "losing=$losing"
    totals "$name"
}

# The two processors, each on one of the host's: else whoever sends an NMI pushes the other one off
# its processor, and all NMIs come where that happened. No more than a help: the result is checked.
pin() {
    i=0
    while [ $i -lt 600 ] && ! grep -qs '^CPU 1/TCG' /proc/"$(cat "$tmp/pid" 2>/dev/null)"/task/*/comm; do
        sleep 0.1
        i=$((i + 1))
    done
    for task in /proc/"$(cat "$tmp/pid")"/task/*; do
        cpu=$(sed -n 's/^CPU \([01]\).TCG/\1/p' "$task/comm")
        [ -z "$cpu" ] || taskset -p -c "$cpu" "${task##*/}"
    done
}

# FILE of commands for the kernel's shell: a session in $tmp/session
type_in() {
    rm -f "$tmp"/pipe.*
    : >"$tmp/session" # the prompt of the one before is no prompt
    mkfifo "$tmp/pipe.in" "$tmp/pipe.out"
    cat "$tmp/pipe.out" >"$tmp/session" &
    reader=$!
    sh "$here/run" "$build/$kernel" "$tmp/dump" "$tmp/report" --shell "$tmp/pipe" -- shell >"$tmp/log" 2>&1 &
    machine=$!
    i=0
    while [ $i -lt 300 ] && ! grep -qs '^# ' "$tmp/session"; do
        sleep 0.1
        i=$((i + 1))
    done
    cat "$1" >"$tmp/pipe.in"
    wait $machine
    result $? "the shell comes and goes" "$tmp/log"
    kill $reader 2>/dev/null # it has read all, unless nobody wrote
    wait $reader 2>/dev/null
}

# A snapshot while tracing goes on. `before` and `after` are what the kernel had fired then; on each
# CPU a few contexts may be between their own count and the record.
a_snapshot() {
    run "snapshot" --second "$tmp/snapshot" -- overwrite late snapshot subbuf=1024 subbufs=128
    balance "snapshot" "$tmp/report" least=1000 losing=1 only=overwritten
    decode "the snapshot itself" "$tmp/snapshot"
    awk -v "cpus=$cpus" '
        function field(key) { at = index($0, "\"" key "\":"); return substr($0, at + length(key) + 3) + 0 }
        $1 == "snapshot" { split($2, n, "="); split($3, b, "="); split($4, a, "=")
                           before[n[2]] = b[2]; after[n[2]] = a[2] }
        /^\{"lost"/ { known[field("cpu")] += field("lost"); next }
        /^\{"time_ns"/ { known[field("cpu")]++; decoded[field("cpu")]++ }
        END {
            for (c = 0; c < cpus; c++) {
                print "cpu " c ": " decoded[c] " decoded, with lost " known[c] ", fired " before[c] " to " after[c]
                if (known[c] < before[c] - 8 || known[c] > after[c] + 8) bad = 1
            }
            exit bad || !(decoded[0] + decoded[1]) # one CPU may have overwritten all before it was read
        }' "$tmp/report" "$tmp/json" >"$tmp/log"
    result $? "the snapshot itself: it tells of all that was fired till then" "$tmp/log"
}

# What the port says of each record's context: handlers run with interrupts off and say that they are handlers,
# threads that work are pinned once, by the kernel, and not by the engine as well.
contexts() { # NAME
    jq -r 'select(.time_ns) | select(
            if .sys == "irq" and (.event == "entry" or .event == "exit") then .flags | test("^d[.N]h[1-9][.]$") | not
            elif .sys == "job" then (.flags | test("^[.][.N][.]1[.]$") | not) or .common_pid < 3
            elif .event == "switch" then .fields.prev != .common_pid or (.flags | test("^d[.]") | not)
            else false end)' "$tmp/json" >"$tmp/log" 2>&1
    [ ! -s "$tmp/log" ] && [ "$(grep -c '"flags":"d.h' "$tmp/json")" -gt 20 ]
    result $? "$1: the contexts are those of the kernel" "$tmp/log"
}
