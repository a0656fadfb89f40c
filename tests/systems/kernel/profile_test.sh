#!/bin/sh
# SPDX-License-Identifier: MIT
# tpdecode --profile of samples that the test kernel takes, from its timer and by NMIs, while a thread spins in
# functions that are known. What the numbers should be is counted from the records, by the addresses that nm says.
. "$(dirname "$0")/lib.sh"
. "$here/profile.sh"

# A tick that comes while interrupts are off is taken where they are on again: there the timer's samples are.
spinning "timer" 1
says_count "timer: none in spin_closed" 'closed == 0'
says_count "timer: in spin_let_in, which takes no time" 'let_in > 5'
spinning "NMI" 2
says_count "NMI: where the time goes, with interrupts off as well" 'closed > open / 4 && open > closed / 4'
says_count "NMI: few in spin_let_in" 'let_in < closed'

# What is lost is said, and in none of the numbers.
spinning "losses" 2 overwrite late subbuf=4096 subbufs=8
[ "$(jq '.lost' "$tmp/answer")" -gt 0 ]
result $? "losses: they are in the answer" "$tmp/answer"

# Frames with samples among them at any instruction: none that is no address of the kernel's text.
run "usual work" -- sample=2
balance "usual work" "$tmp/report" least=5000 losing=any
samples >"$tmp/samples"
nm "$build/$kernel" | awk '
    NR == FNR { if ($3 == "text_start") low = $1; if ($3 == "text_end") high = $1; next }
    { for (i = 1; i <= NF; i++) { a = "0000000000" substr($i, 3); if (length(a) != 16 || a < low || a > high) { print; bad = 1 } } }
    END { exit bad || high == "" }' - "$tmp/samples" >"$tmp/log"
result $? "usual work: all addresses are those of the kernel" "$tmp/log"
[ "$(awk "NF > 1" "$tmp/samples" | wc -l)" -gt 10 ]
result $? "usual work: there are callers" "$tmp/samples"
echo "1..$n"
