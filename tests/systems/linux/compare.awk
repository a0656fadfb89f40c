# SPDX-License-Identifier: MIT
# The lines of cost.ko, of each configuration, as a table, and ratios with their bounds.
function of(name) { return n[name] - n["nothing " config(name)] }
function config(name) { sub(/^[^ ]* /, "", name); return name }
function row(title, name) { printf "| %s | %.1f | %.1f |\n", title, of(name " " mode), of(name " " mode "_context") }
function ratio(title, a, b, bound) {
    printf "| %s | %.3f | %.2f |%s\n", title, a / b, bound, a / b <= bound ? "" : " TOO MUCH"
    bad = bad || !(a / b <= bound)
}
{
    file = $1
    sub(/\.log:.*/, "", file)
    for (i = 1; i <= NF; i++) if ($i ~ /^ns=/) { name = $(i - 1); ns = substr($i, 4); times = substr($(i + 1), 7) }
    n[name " " file] = ns / times
    lines++
}
END {
    if (lines != 38) { print lines " lines, not 38"; exit 1 }
    print "| | without context | with context |\n|---|---|---|"
    mode = "discard"; row("recorded", "pair")
    mode = "overwrite"; row("recorded, overwrite mode", "pair")
    mode = "refused"; row("refused, because the buffer is full", "refused")
    mode = "discard"; row("`tp_printk`", "printk"); row("off", "off")
    print "\n| Linux | discard | overwrite |\n|---|---|---|"
    split("linux_ring linux_event linux_printk linux_off", names, " ")
    split("`ring_buffer_lock_reserve` and commit of 8 bytes|`TRACE_EVENT` of the same fields|`trace_printk`|`TRACE_EVENT`, off", titles, "|")
    for (i = 1; i <= 4; i++) printf "| %s | %.1f | %.1f |\n", titles[i], of(names[i] " discard"), of(names[i] " overwrite")
    print "\n| ratio | measured | at most |\n|---|---|---|"
    ratio("recorded without context : Linux's ring buffer", of("pair discard"), of("linux_ring discard"), 0.25)
    ratio("the same in overwrite mode", of("pair overwrite"), of("linux_ring overwrite"), 0.25)
    ratio("recorded with context : `TRACE_EVENT`", of("pair discard_context"), of("linux_event discard"), 0.2)
    ratio("the same in overwrite mode", of("pair overwrite_context"), of("linux_event overwrite"), 0.2)
    ratio("refused : recorded, without context", of("refused refused"), of("pair discard"), 1.1)
    ratio("refused : recorded, with context", of("refused refused_context"), of("pair discard_context"), 1.1)
    ratio("`tp_printk` : `trace_printk`", of("printk discard"), of("linux_printk discard"), 0.4)
    ratio("off : `TRACE_EVENT` off", of("off discard"), of("linux_off discard"), 1)
    exit bad
}
