# SPDX-License-Identifier: MIT
# What the tests of --profile share: samples of the thread that spins (profile.c), and their counts by function, from
# the records and the addresses that nm says. Sourced after lib.sh; $nm is the kernel's, or nm.
functions="spin_open spin_closed spin_let_in spin_both spinner thread_sleep export_thread irq_dispatch"

# A line for each sample: where the CPU was, and what had called it.
samples() {
    jq -r 'select(.sys == "prof") | [.fields.pc, .fields.from[]] | join(" ")' "$tmp/json"
}

# FUNCTION SELF TOTAL of $tmp/samples. A return address is in the function that its call, before it, is in.
count() {
    "${nm:-nm}" -n "$build/$kernel" | awk '
        function digits(a) { sub(/^0x/, "", a); return substr("0000000000000000" a, length(a) + 1) }
        function find(a, call,   low, high, middle) {
            high = n
            while (high - low > 1) {
                middle = int((low + high) / 2)
                if (at[middle] < a || (!call && at[middle] == a)) low = middle; else high = middle
            }
            return name[low]
        }
        NR == FNR { if ($2 ~ /[tT]/ && $3 !~ /^[$.]/) { at[n] = digits($1); name[n++] = $3 } next }
        {
            split("", seen)
            self[find(digits($1), 0)]++
            for (i = 1; i <= NF; i++) {
                f = find(digits($i), i > 1)
                if (!(f in seen)) total[f]++
                seen[f]
            }
        }
        END { for (f in total) print f, self[f] + 0, total[f] }' - "$tmp/samples" | sort
}

# TITLE SAMPLE [options of the kernel]: the answer is $tmp/answer, what was counted $tmp/counted, and the shell's
# variables open, closed, in have what these functions have themselves.
spinning() {
    title=$1 sample=$2
    shift 2
    run "$title" -- "sample=$sample" spin=400 "$@"
    balance "$title" "$tmp/report" least=100 losing=any
    samples >"$tmp/samples"
    "$build/tpdecode" --profile --format json --symbols "$build/$kernel" "$tmp/dump" >"$tmp/answer" 2>"$tmp/err"
    result $? "$title: an answer" "$tmp/err"
    count >"$tmp/counted"
    for f in $functions; do grep "^$f " "$tmp/counted"; done | sort >"$tmp/want"
    jq -r '.functions[] | "\(.name) \(.self) \(.total)"' "$tmp/answer" >"$tmp/all"
    for f in $functions; do grep "^$f " "$tmp/all"; done | sort >"$tmp/got"
    diff "$tmp/want" "$tmp/got" >"$tmp/log" && [ "$(wc -l <"$tmp/got")" -ge 4 ]
    result $? "$title: what each function has is what its addresses have" "$tmp/log"
    [ "$(jq '.samples, ([.functions[].self] | add)' "$tmp/answer" | uniq)" = "$(wc -l <"$tmp/samples")" ]
    result $? "$title: all samples are there" "$tmp/answer"
    open=$(self spin_open) closed=$(self spin_closed) in=$(self spin_let_in)
    "$build/tpdecode" --profile --cpu 0 --format folded --symbols "$build/$kernel" "$tmp/dump" 2>"$tmp/err" |
        grep 'thread_begin;spinner;spin_both;spin_open [0-9]' >"$tmp/log"
    result $? "$title: the thread spins where it was called" "$tmp/err"
}

self() { # FUNCTION
    awk -v f="$1" '$1 == f { n = $2 } END { print n + 0 }' "$tmp/counted"
}

says_count() { # NAME EXPRESSION of what spinning has set
    awk -v open="$open" -v closed="$closed" -v let_in="$in" "BEGIN { print open, closed, let_in; exit !($2) }" >"$tmp/log"
    result $? "$1" "$tmp/log"
}
