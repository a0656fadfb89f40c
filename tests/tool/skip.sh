#!/bin/sh
# SPDX-License-Identifier: MIT
# skip.sh - records that are not wanted are passed by: what is counted of the others is what jq counts in the JSON of
# all. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

"${CC:-cc}" -O1 -o "$tmp/wide" "$srcdir/tests/export/wide.c" 2>"$tmp/wide.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 1 "$tmp/wide.err")"
    exit 99
}

# DUMP JQ-CONDITION OPTION...: --stats of these options has the events, the CPUs and the losses of the lines of JSON for
# which the condition holds. Of losses the condition is asked about `cpu` alone, which one of CPUs that the trace does not have
# does not have.
counted()
{
    dump=$1 condition=$2
    shift 2
    "$tp" --format json --no-schema "$dump" 2>/dev/null | jq -c 'select((.unfinished | not) and (.cpu != null or .lost))' >all.json
    jq -cn "
        [inputs | select(.event or .lost) | select((.lost and (.cpu | $of_loss)) or (.event and ($condition)))]
        | (map(select(.lost) | .lost) | add // 0) as \$lost
        | map(select(.event))
        | {events: (group_by([.sys, .event]) | map({event: (.[0].sys + \":\" + .[0].event), count: length,
                   first_ns: (map(.time_ns) | min), last_ns: (map(.time_ns) | max)})),
           cpus: (group_by(.cpu) | map({cpu: .[0].cpu, count: length})), lost: \$lost}" all.json >wanted
    run --stats --format json "$@" "$dump"
    jq -c '{events: (.events | map({event, count, first_ns, last_ns}) | sort_by(.event)),
            cpus: (.cpus | map(select(.count > 0) | {cpu, count}) | sort_by(.cpu)), lost: .all.lost_sum}' out >got
    cmp -s wanted got || complain "$command_line: $(diff wanted got | head -n 4)"
    # How many there are of all is said as well.
    n=$(jq -s 'map(select(.event)) | length' all.json)
    m=$(jq '[.events[].count] | add // 0' wanted)
    grep -qx "$m of $n records shown, .*" err || complain "$command_line: $(tail -n 1 err), not $m of $n"
}

of_loss=true

events()
{
    "$tmp/wide" 5 12000 >wide.tp
    counted wide.tp '.event == "e1"' --event w:e1
    counted wide.tp '.event == "e4" or .event == "e0"' --event 'w:e4,e0'
    counted wide.tp 'true' --event 'w:*'
    counted wide.tp false --event e1 --filter "v_u8 > 255"
    zlib wide.tp
    counted wide.zlib.tp '.event == "e2"' --event w:e2
}

zlib()
{
    "$tp" --output "${1%.tp}.zlib.tp" --compress zlib "$1" 2>/dev/null
}

cpus()
{
    "$tmp/wide" 5 12000 >wide.tp
    of_loss='. == 2'
    counted wide.tp '.cpu == 2' --cpu 2
    counted wide.tp '.cpu == 2 and .event == "e1"' --cpu 2 --event e1
    of_loss='. == 0 or . == 3'
    counted wide.tp '.cpu == 0 or .cpu == 3' --cpu 0,3
}

filters()
{
    "$tmp/wide" 5 12000 >wide.tp
    counted wide.tp '.fields.v_u8 > 100' --filter 'v_u8 > 100'
    counted wide.tp '.event == "e1" and .fields.v_bool' --event e1 --filter v_bool==1
    counted wide.tp '.common_comm == "task7"' --filter 'comm == "task7"'
    counted wide.tp '.common_pid == 7' --pid 7
    counted wide.tp '.common_pid == 7 and .event == "e2"' --pid 7 --event e2
}

# Of all golden dumps: whatever is wrong with them.
golden()
{
    case $1 in nometa | major | old | unknown | metadata) return ;; esac
    "$tp" --format json --no-schema "../golden/$1" 2>/dev/null | jq -r 'select(.event) | .sys + ":" + .event' |
        sort -u | head -n 3 >names
    while read -r name; do
        counted "../golden/$1" "(.sys + \":\" + .event) == \"$name\"" --event "$name"
    done <names
}

for name in $goldens; do
    cli "golden $name: each of its events" golden "$name"
done
cli "of some events" events
cli "of some CPUs" cpus
cli "of some tasks and fields" filters
finish
