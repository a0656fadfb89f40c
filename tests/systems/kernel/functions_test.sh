#!/bin/sh
# SPDX-License-Identifier: MIT
# Function tracing in a kernel that is compiled with nops where functions are entered and return: they
# are nops, the books balance while they are patched under both CPUs, and the graph is that of the calls.
. "$(dirname "$0")/lib.sh"
. "$here/functions.sh"
kernel=kernel_functions.elf

objdump -d "$build/$kernel" | sed 's/\t/|/g' >"$tmp/dis"
nm "$build/$kernel" >"$tmp/names"

# Every site is the five bytes of the nop; each known function begins with one, and has one before each ret.
nops() {
    sites __mcount_loc >"$tmp/entries" && sites __return_loc >"$tmp/returns" || return 1
    awk -F'|' '
        FILENAME ~ /entries|returns/ { site[$1]; next }
        / <.*>:$/ { name = $0; sub(/.*</, "", name); sub(/>:/, "", name); first = 1; before = ""; next }
        NF < 3 { next }
        {
            at = $1; gsub(/[ :]/, "", at)
            nop = $2 ~ /^0f 1f 44 00 00 *$/
            if (at in site) { found++; if (!nop) { print at ": " $2; bad = 1 } }
            if (name ~ /^known_/ && first && (!nop || !(at in site))) { print name " begins with " $2; bad = 1 }
            if (name ~ /^known_/ && $3 ~ /^ret/ && !(before in site)) { print name ": no site before " at; bad = 1 }
            if (name ~ /^known_/ && $3 ~ /^ret/) returns++
            functions += name ~ /^known_/ && first
            first = 0; before = at
        }
        END {
            for (s in site) all++
            print found " of " all " sites, " functions " known functions, " returns " known returns"
            exit bad || found != all || functions != 5 || returns < 5 || all < 200
        }' "$tmp/entries" "$tmp/returns" "$tmp/dis"
}
nops >"$tmp/log" 2>&1
result $? "off: each site is one nop, at each entry and each return" "$tmp/log"
sed 's/^/# /' "$tmp/log"

# What must have no site has none: what runs between an int3 and the patcher's handler, before a CPU has its
# area, what reads the pipe, what the engine calls, the engine itself.
none() {
    awk '
        FILENAME ~ /entries/ { site[$1]; next }
        $2 ~ /[tT]/ && $3 ~ /^(trap_dispatch|patch_(trap|text|sync)|cpu_(load|ap_main)|export_[a-z]*|memcpy|memset|memmove|memcmp|tp_[a-z_]*|site_(enter|exit|more)|__cyg_profile_func_(enter|exit))$/ {
            at = $1; sub(/^0*/, "", at); seen++
            if ($3 != "tp_x86_preempt" && at in site) { print $3 " has a site"; bad = 1 }
        }
        END { print seen " looked at"; exit bad || seen < 60 }' "$tmp/entries" "$tmp/names"
}
none >"$tmp/log" 2>&1
result $? "what must not be traced has no site" "$tmp/log"

live_all 50000
known_calls
by_hand
cost 90

# --- an interrupt at any instruction ---

QEMU_EXTRA=-singlestep
export QEMU_EXTRA
live "single steps, with NMIs" 10000 fn=40 nmi=5
says "single steps, with NMIs: hundreds of these" "^fired cpu=0 event=irq:nmi count=[1-9][0-9][0-9]"
objdump -d --no-show-raw-insn "$build/$kernel" >"$tmp/dis"
# On a busy host NMIs come in crowds, at a few places: then once more, and all of them count.
: >"$tmp/reports"
for try in 1 2 3 4 5; do
    rm -f "$tmp/pid"
    pin >/dev/null 2>&1 &
    QEMU_EXTRA="-singlestep -name kernel,debug-threads=on -pidfile $tmp/pid"
    run "NMIs in the hooks, $try" -- storm=4000 subbuf=512 fn=1
    wait
    calls
    balance "NMIs in the hooks, $try" "$tmp/report" least=1000 losing=any
    totals "NMIs in the hooks, $try"
    cat "$tmp/report" >>"$tmp/reports"
    awk -v least=500 -f "$here/hooks.awk" "$tmp/dis" "$tmp/reports" >"$tmp/log" 2>&1
    status=$?
    [ $status != 0 ] || break
done
unset QEMU_EXTRA
result $status "NMIs in the hooks: on each instruction that is executed" "$tmp/log"
grep '^#' "$tmp/log"
echo "1..$n"
