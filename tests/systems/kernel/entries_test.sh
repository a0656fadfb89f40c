#!/bin/sh
# SPDX-License-Identifier: MIT
# Function tracing by -fpatchable-function-entry=5 on x86_64, in a kernel: five nops of one byte are made one at boot,
# entries are patched on a live second CPU, and what is seen of a graph without returns.
. "$(dirname "$0")/lib.sh"
. "$here/functions.sh"
kernel=kernel_entries.elf
made
live "patched live" 20000 fn=1000
run "many known calls" -- fn_known=50
calls
balance "many known calls" "$tmp/report" least=50 losing=0
"$build/tpdecode" --symbols "$build/$kernel" -e fn:enter --template '%{ip}' "$tmp/dump" 2>"$tmp/err" | sed 's/+.*//' | sort | uniq -c |
    awk '{ print $2, $1 }' >"$tmp/counted"
printf 'known_%s\n' "choose 100" "down 200" "leaf 250" "root 50" "twig 100" | diff - "$tmp/counted" >"$tmp/log" 2>&1
result $? "many known calls: as many of each as were made" "$tmp/log"
# Each is in the one before, since nothing says that one has ended; that is counted.
run "entries alone" -- fn_known=1
"$build/tpdecode" --symbols "$build/$kernel" --graph "$tmp/dump" 2>"$tmp/err" | grep -c 'known_.*() {' >"$tmp/log"
cat "$tmp/err" >>"$tmp/log"
head -n 1 "$tmp/log" | grep -qx 14 && grep -q 'begins\{0,1\} without an end' "$tmp/log"
result $? "entries alone: --graph nests them all, and counts those without an end" "$tmp/log"
QEMU_EXTRA=-singlestep
export QEMU_EXTRA
live "single steps, with NMIs" 5000 fn=15 nmi=5
unset QEMU_EXTRA
echo "1..$n"
