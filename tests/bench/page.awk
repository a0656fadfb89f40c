# SPDX-License-Identifier: MIT
# Renews the figures of a page:
#   awk -f page.awk OUTPUT PAGE >NEW
# OUTPUT has lines `bench NAME VALUE BOUND`; a line of the page that begins with "| `NAME` |" gets that value and bound, and
# keeps its last column.
FNR == NR {
    if ($1 == "bench") {
        name = $2
        value[name] = $3
        $1 = $2 = $3 = ""
        sub(/^ */, "")
        bound[name] = $0
    }
    next
}
match($0, /^\| `[a-z0-9_]+` \|/) {
    name = substr($0, 4, RLENGTH - 6)
    if (name in value) {
        n = split($0, column, / *\| */)
        print "| `" name "` | " value[name] " | " bound[name] " | " column[n - 1] " |"
        next
    }
}
{ print }
