# SPDX-License-Identifier: MIT
# Function tracing on aarch64 and riscv64, after lib.sh and functions.sh: a site is two instructions, and
# returns are by shadow stacks. Needs $binutils, a prefix.

read_it() {
    "${binutils}objdump" -d --no-show-raw-insn "$build/$kernel" | sed 's/\t/|/g' >"$tmp/dis"
    "${binutils}nm" "$build/$kernel" >"$tmp/names"
    sites __patchable_function_entries >"$tmp/entries"
}

# Each site is two nops, where a function begins, and each known function begins so.
nops() {
    awk -F'|' '
        FILENAME ~ /entries/ { site[$1]; next }
        / <.*>:$/ { name = $0; sub(/.*</, "", name); sub(/>:/, "", name); first = 1; next }
        NF < 2 { next }
        {
            at = $1; gsub(/[ :]/, "", at)
            if (in_site && $2 !~ /^nop/) { print at ": " $2; bad = 1 }
            in_site = at in site
            if (in_site) {
                found++
                if ($2 !~ /^nop/ || !first) { print name ", " at ": " $2; bad = 1 }
            }
            if (name ~ /^known_/ && first) {
                functions++
                if (!in_site) { print name " begins with " $2; bad = 1 }
            }
            first = 0
        }
        END {
            for (s in site) all++
            print found " of " all " sites, " functions " known functions"
            exit bad || found != all || functions != 5 || all < 100
        }' "$tmp/entries" "$tmp/dis" >"$tmp/log" 2>&1
    result $? "off: each site is two nops, where a function begins" "$tmp/log"
    sed 's/^/# /' "$tmp/log"
}

# What must have no site has none: what patches, what reads the pipe, what the engine calls, the engine itself.
none() {
    awk '
        FILENAME ~ /entries/ { site[$1]; next }
        $2 ~ /[tT]/ && $3 ~ /^(patch_(text|sync)|cpu_wait_until|export_[a-z]*|memcpy|memset|memmove|memcmp|tp_[a-z_]*|__cyg_profile_func_(enter|exit))$/ {
            at = $1; sub(/^0*/, "", at); seen++
            if ($3 !~ /^tp_[a-z]*[0-9]*_preempt$/ && at in site) { print $3 " has a site"; bad = 1 }
        }
        END { print seen " looked at"; exit bad || seen < 60 }' "$tmp/entries" "$tmp/names" >"$tmp/log" 2>&1
    result $? "what must not be traced has no site" "$tmp/log"
}

counts() { # EVENT FUNCTION: how often it is in the dump
    "$build/tpdecode" --symbols "$build/$kernel" -e "fn:$1" --template '%{ip}' "$tmp/dump" 2>"$tmp/err" |
        grep -c "^$2"
}

# Calls as deep as a shadow stack has room for, and one deeper: that returns unseen.
deep() {
    room=$(sed -n 's/^# *define TP_SHADOW_CALLS \([0-9]*\).*/\1/p' "$here/../../../include/tp/fn.h")
    for depth in $((room - 1)) "$room"; do
        run "$depth deep" -- "fn_deep=$depth"
        echo "enter down $(counts enter known_down) leaf $(counts enter known_leaf)" \
            "exit down $(counts exit known_down) leaf $(counts exit known_leaf)" >"$tmp/log"
        [ "$(cat "$tmp/log")" = "enter down $depth leaf 1 exit down $depth leaf $((room - depth))" ]
        result $? "$depth deep: of $room calls the returns are seen" "$tmp/log"
    done
    # The leaf is closed by what returns next, and counted.
    "$build/tpdecode" --symbols "$build/$kernel" --graph --stats --format json "$tmp/dump" 2>"$tmp/err" |
        jq -r '.spans[] | select(.name | startswith("fn:known_")) | "\(.name) \(.count)"' | sort >"$tmp/log"
    printf 'fn:known_down %s\n' "$room" | diff - "$tmp/log" >"$tmp/diff"
    result $? "$room deep: --graph --stats" "$tmp/diff"
}

# fn:exit off: functions return by themselves.
entries_only() {
    cat >"$tmp/commands" <<END
echo '*' > set_function
echo 0 > events/fn/exit/enable
call 3
exit
END
    type_in "$tmp/commands"
    "$build/tpdecode" --symbols "$build/$kernel" --format json "$tmp/dump" 2>"$tmp/err" |
        jq -r 'select(.sys == "fn") | "\(.event) \(.fields.ip | sub("\\+.*"; ""))"' | sort | uniq -c |
        awk '$3 ~ /^known_/ { print $2, $3, $1 }' >"$tmp/fn"
    printf 'enter known_%s\n' "choose 6" "down 12" "leaf 15" "root 3" "twig 6" | diff - "$tmp/fn" >"$tmp/log" 2>&1
    result $? "without fn:exit: entries alone" "$tmp/log"
}

functions_tests() {
    made
    read_it
    nops
    none
    live_all 20000
    known_calls
    deep
    by_hand
    entries_only
    # Interrupts between any two instructions of a site and of the hooks.
    QEMU_EXTRA=-singlestep
    export QEMU_EXTRA
    live "single steps" 10000 fn=15
    unset QEMU_EXTRA
}
