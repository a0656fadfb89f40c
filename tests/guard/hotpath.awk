# SPDX-License-Identifier: MIT
# Reads `objdump -d --no-show-raw-insn` and follows the function `want` from its
# first instruction to the first return, falling through every conditional
# branch: what a call costs when nobody records the event. Prints
#
#     loads=1 stores=0 branches=1 other=1 bytes=14
#
# where forming an address is `other`, and anything not foreseen is an error.
# -v want=FUNCTION -v arch=x86_64|aarch64|riscv64
# -v taken=1  follows the first conditional branch instead
# -v frame=1  lets x86_64 push and pop

function fail(text)
{
    print "error: " text ": " $0
    failed = 1
    exit 1
}

# The address in front of the colon, in decimal.
function address(text, i, n)
{
    n = 0
    for (i = 1; i <= length(text); i++)
        n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
    return n
}

/^[0-9a-f]+ <\.L.*>:$/ { next } # a label inside a function

/^[0-9a-f]+ <.*>:$/ {
    inside = $2 == "<" want ">:"
    next
}

!inside || !/^ *[0-9a-f]+:\t/ { next }

{
    split($0, column, "\t")
    at = column[1]
    gsub(/[ :]/, "", at)
    at = address(at)
    if (!found++)
        first = at
    if (at < skip)
        next
    if (returned) { # the address behind the return is needed
        bytes = at - first
        inside = 0
        done = 1
        exit
    }
    split(column[2], word, " ")
    op = word[1]
    operands = column[3] != "" ? column[3] : substr(column[2], length(op) + 1)
    target = operands # behind the last comma or blank, in front of <symbol>
    sub(/ *<.*/, "", target)
    sub(/.*[ ,\t]/, "", target)
    sub(/[#;].*/, "", operands)
    sub(/<.*/, "", operands)
    gsub(/[ \t]/, "", operands)
    last = at
}

# A conditional branch: fall through, or skip to its target.
function branch()
{
    if (!branches++ && taken)
        skip = address(target)
}

arch == "x86_64" {
    if (frame && op ~ /^(push|pop)/) { other++; next }
    if (op ~ /^ret/) { returned = 1; next }
    if (op ~ /^(call|jmp|push|pop|bnd|notrack)/) fail("not foreseen")
    if (op ~ /^j/) { branch(); next }
    if (op ~ /^(nop|endbr|lea|xchg)/) { other++; next }
    if (operands !~ /\(|(^|,)[0-9]|%[c-g]s:/) { other++; next }
    # AT&T: the last operand is written, but by comparisons
    if (op ~ /^(cmp|test)/ || operands ~ /,%[a-z0-9]+$/) loads++
    else stores++
    next
}

arch == "aarch64" {
    if (op == "ret") { returned = 1; next }
    if (op ~ /^(b|bl|br|blr)$/) fail("not foreseen")
    if (op ~ /^(b\.|cb|tb)/) { branch(); next }
    if (op ~ /^(ld|swp|cas)/) { loads++; next }
    if (op ~ /^st/) { stores++; next }
    other++
    next
}

arch == "riscv64" {
    if (op == "ret") { returned = 1; next }
    if (op ~ /^(j|jr|jal|jalr|call|tail)$/) fail("not foreseen")
    if (op ~ /^b/) { branch(); next }
    if (op ~ /^(f?l[bhwdq]u?|lr\..*|amo.*)$/) { loads++; next }
    if (op ~ /^(f?s[bhwdq]|sc\..*)$/) { stores++; next }
    other++
    next
}

{ fail("no such arch") }

END {
    if (failed)
        exit 1
    if (!returned) {
        print "error: " (found ? "no return in " : "no function ") want
        exit 1
    }
    if (!done) # nothing behind it: its own size is that of a return here
        bytes = last - first + (arch == "x86_64" ? 1 : arch == "riscv64" ? 2 : 4)
    printf "loads=%d stores=%d branches=%d other=%d bytes=%d\n", loads, stores, branches, other, bytes
}
