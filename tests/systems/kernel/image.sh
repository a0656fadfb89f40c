# SPDX-License-Identifier: MIT
# What tests of memory share, after lib.sh: a kernel that dies, its memory in each form, and a reset.

memory_start=${memory_start:-0}
memory_bytes=${memory_bytes:-0x4000000}
no_cores=${no_cores:-} # QEMU writes none of this machine

# Boots a kernel that dies, and has QEMU write its memory down in three ways; a
# fourth is the file that is the memory.
die() { # [options of the kernel]
    rm -f "$tmp/monitor" "$tmp/report"
    mkfifo "$tmp/monitor"
    sh "$here/run" "$build/$kernel" "$tmp/dump" "$tmp/report" --second "$tmp/snapshot" --monitor \
        --ram "$tmp/file" -- die "$@" <"$tmp/monitor" >"$tmp/log" 2>&1 &
    machine=$!
    exec 3>"$tmp/monitor"
    i=0
    while [ $i -lt 300 ] && ! grep -qs '^died' "$tmp/report"; do
        sleep 0.1
        i=$((i + 1))
    done
    printf '%s\n' "pmemsave $memory_start $memory_bytes \"$tmp/ram\"" "dump-guest-memory $tmp/core" \
        "dump-guest-memory -p $tmp/core_mapped" quit >&3
    exec 3>&-
    wait $machine
}

records() { # JSON: what was recorded and finished
    grep '^{"time_ns"' "$1" | grep -v '"unfinished":true'
}

image() { # NAME FILE
    "$build/tpdecode" --format json "$2" >"$tmp/image" 2>"$tmp/err"
    result $? "$1: it decodes, and nothing is damaged" "$tmp/err"
    records "$tmp/image" >"$tmp/records"
    diff "$tmp/expected" "$tmp/records" >"$tmp/log" 2>&1 && [ -s "$tmp/expected" ]
    result $? "$1: the records of the snapshot" "$tmp/log"
    grep '"unfinished":true' "$tmp/image" >"$tmp/log"
    grep -c '"cpu":0,"unfinished":true.*"sys":"syscall","event":"data"' "$tmp/log" >/dev/null &&
        [ "$(wc -l <"$tmp/log")" = 1 ]
    result $? "$1: and the one in the making" "$tmp/log"
}

crash() { # NAME LOSING [options of the kernel]
    name=$1 losing=$2
    shift 2
    die "$@"
    result $? "$name: died, and its memory is written down" "$tmp/log"
    decode "$name: snapshot" "$tmp/snapshot"
    balance "$name: snapshot" "$tmp/report" least=500 "losing=$losing"
    records "$tmp/json" >"$tmp/expected"
    image "$name: raw memory" "$tmp/ram"
    image "$name: memory that is a file" "$tmp/file"
    if [ -z "$no_cores" ]; then
        image "$name: core file" "$tmp/core"
        image "$name: core file, as mapped" "$tmp/core_mapped"
    fi
    rm -f "$tmp/ram" "$tmp/file" "$tmp/core" "$tmp/core_mapped"
}

reboot() { # NAME LOSING [options of the kernel]
    name=$1 losing=$2
    shift 2
    rm -f "$tmp/previous"
    run "$name" --reset --second "$tmp/previous" -- reboot "$@"
    awk '/^boot / { boot++ } { print >("'"$tmp"'/report" boot) }' "$tmp/report"
    balance "$name: the second boot's own" "$tmp/report2" least=1000 losing="$losing"
    decode "$name: the first boot's" "$tmp/previous"
    balance "$name: the first boot's" "$tmp/report1" least=1000 losing="$losing"
}
