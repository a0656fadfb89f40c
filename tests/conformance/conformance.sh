#!/bin/sh
# SPDX-License-Identifier: MIT
# conformance.sh - every test vector (doc/format.md annex B) through tpdecode, the library, and, if
# it is a region, tp_trace_attach; every rule of doc/format.md and doc/region.md has a vector or a
# test. Prints TAP; with TP_TABLE=1 (make conformance) the table of rules and what shows each, too.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode and conform are (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

conformance=$srcdir/tests/conformance
conform=$(cd "${TP_BUILDDIR:-.}" && pwd)/conform
built=$(cd "${TP_BUILDDIR:-.}" && pwd)/vectors
[ -e "$built/good-loss.tp" ] || { echo "Bail out! no vectors in ${TP_BUILDDIR:-.}: make vectors/made"; exit 99; }
[ -x "$conform" ] || { echo "Bail out! no conform in ${TP_BUILDDIR:-.}"; exit 99; }
command -v jq >/dev/null || { echo "Bail out! needs jq: install jq"; exit 99; }

# VECTOR (without .json): what differs
compare()
{
    file=${1##*/}
    name=${file#*-}
    [ -e "$name" ] || cp "$built/$file.tp" "$name"
    utc=
    ! grep -q '"utc"' "$1.json" || utc=--time=utc
    "$tp" --format=json $utc "$name" >got 2>/dev/null
    code=$?
    "$tp" "$name" >text 2>err
    "$conform" library "$name" >library || complain "conform library: exit code $?"
    attached=0
    : >attached.json
    ! grep -q '"input": "region"' "$1.json" || attach
    jq -rn --slurpfile want "$1.json" --slurpfile got got --slurpfile library library \
        --rawfile text text --rawfile err err --argjson code $code --arg name "$name" \
        --slurpfile attached attached.json --argjson attach_code $attached \
        -f "$conformance/compare.jq" >differences || complain "jq failed"
    [ ! -s differences ]
}

attach()
{
    "$conform" attach "$name" >attached
    case $? in
    0)
        "$tp" --format=json attached >attached.json 2>/dev/null
        attached=$?
        ;;
    77) ;;
    *) complain "conform attach failed" ;;
    esac
}

vector()
{
    compare "$1" || { complain "$file:"; cat differences; }
}

# --- the table ---

jq -r '(input_filename | sub(".*/"; "") | sub("\\.json$"; "")) as $n | .rules[] | "\(.) \($n)"' \
    "$srcdir"/tests/golden/*.json "$conformance"/vectors/*.json >"$tmp/vectors"
grep -v '^#' "$conformance/shown.txt" | awk 'NF' >"$tmp/shown"
grep -oh '^- \*\*[WR]-[A-Z0-9.]*\*\*' "$srcdir/doc/format.md" "$srcdir/doc/region.md" | tr -d '*' | cut -c3- >"$tmp/rules"
sort "$tmp/vectors" "$tmp/shown" | awk '
    { all[$1] = all[$1] (all[$1] ? ", " : "") $2 }
    END { for (rule in all) print rule ": " all[rule] }' | sort -t. -k1,1 -k2,2n >"$tmp/table"

rules_are_once()
{
    [ "$(wc -l <"$tmp/rules")" -ge 120 ] || complain "only $(wc -l <"$tmp/rules") rules"
    twice=$(sort "$tmp/rules" | uniq -d)
    [ -z "$twice" ] || complain "numbers that are there twice: $twice"
}

rules_are_shown()
{
    while read -r rule; do
        grep -q "^$rule: " "$tmp/table" || complain "$rule: no vector, and nothing in shown.txt"
    done <"$tmp/rules"
}

rules_exist()
{
    cut -d: -f1 "$tmp/table" | while read -r rule; do
        grep -qx "$rule" "$tmp/rules" || complain "$rule is no rule: $(grep "^$rule: " "$tmp/table")"
    done
}

# Where the text refers to a rule, there is one.
references_exist()
{
    grep -oh '[WR]-[AM0-9][0-9]*\.[0-9][0-9]*' "$srcdir/doc/format.md" "$srcdir/doc/region.md" | sort -u |
        while read -r rule; do
            grep -qx "$rule" "$tmp/rules" || complain "$rule is referred to and does not exist"
        done
}

vectors_name_rules()
{
    for hex in "$srcdir"/tests/golden/*.hex "$conformance"/vectors/*.hex; do
        name=$(basename "$hex" .hex)
        [ -e "${hex%.hex}.json" ] || complain "$name has no .json"
        grep -q " $name\$" "$tmp/vectors" || complain "$name names no rule"
    done
}

shown_exists()
{
    while read -r rule test; do
        suite=${test%%.*}
        case $test in
        tests/*) [ -e "$srcdir/$test" ] || complain "$rule: no $test" ;;
        *) grep -rqs "^TP_TEST($suite, ${test#*.})" "$srcdir/tests" || complain "$rule: no test $test" ;;
        esac
    done <"$tmp/shown"
}

# A comparison that finds nothing would agree with all.
differences_are_found()
{
    base=$srcdir/tests/golden/good-loss
    for change in '.exit = 1' '.records[0].fields.v = 9' '.records[1].number = 7' '.losses[0].lost = 1' \
        '.losses = []' '.messages[0] = "x"' '.state = "corrupt"' '.records[2].text = "v=5"' 'del(.records[3])'; do
        mkdir -p changed
        jq "$change" "$base.json" >changed/good-loss.json
        ! compare "$PWD/changed/good-loss" || complain "not found: $change"
    done
    compare "$base" || complain "good-loss itself differs"
}

cli "rules: a number is there once" rules_are_once
cli "rules: each is shown by a vector or a test" rules_are_shown
cli "rules: what vectors and tests show is there" rules_exist
cli "rules: the text refers to none that is not there" references_exist
cli "rules: the tests that show them are there" shown_exists
cli "vectors: each names a rule" vectors_name_rules
cli "vectors: a difference is found" differences_are_found
for json in "$srcdir"/tests/golden/*.json "$conformance"/vectors/*.json; do
    cli "vector $(basename "$json" .json)" vector "${json%.json}"
done
finish
[ -z "${TP_TABLE:-}" ] || sed 's/^/# /' "$tmp/table"
