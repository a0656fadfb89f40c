#!/bin/sh
# SPDX-License-Identifier: MIT
# cli.sh - the program tpdecode as its user meets it: options, kinds of input, exit
# codes, messages. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

# --- options ---

help()
{
    run --help
    code_is 0
    err_is </dev/null
    [ "$(wc -l <out)" -le 24 ] || complain "--help has $(wc -l <out) lines"
    awk 'length > 80 { print "--help, too wide: " $0; wide = 1 } END { exit wide }' out || complain "--help is too wide"
    mv out short
    run -h
    out_is <short
    run --help all
    code_is 0
    err_is </dev/null
    tr -cs 'a-z-' '\n' <short | grep '^--' | while read -r option; do
        grep -q -- "$option" out || complain "--help all does not tell of $option"
    done
    awk 'length > 79 { print "--help, too wide: " $0; wide = 1 } END { exit wide }' out || complain "--help is too wide"
    mv out long
    run --help=all
    out_is <long
    # The options that getopt_long() is given.
    sed -n 's/.*{"\([a-z-]*\)", [a-z]*_argument.*/--\1/p' "$srcdir/decoder/tool/options.c" >options
    [ "$(wc -l <options)" -ge 17 ] || complain "found $(wc -l <options) options in decoder/tool/options.c"
    while read -r option; do
        grep -q -- "  .*$option" long || complain "--help does not tell of $option"
    done <options
}

# Each letter that golden/tasks has among its flags is explained.
legend()
{
    run --legend
    code_is 0
    err_is </dev/null
    awk 'length > 80' out | grep . && complain "too wide"
    for letter in d N s h H z Z; do
        grep -q "[ +-]$letter " out || complain "no $letter: $(cat out)"
    done
    run --legend ../full.tp
    code_is 0
}

version()
{
    version=$(sed -n 's/^#define TP_VERSION "\(.*\)"$/\1/p' "$srcdir/include/tp/version.h")
    [ -n "$version" ] || complain "no version in tp/version.h"
    for option in --version -V; do
        run $option
        code_is 0
        out_is <<END
tpdecode $version
END
        err_is </dev/null
    done
}

# WHAT ARGUMENT...: a usage error, with one line that says WHAT.
refused()
{
    what=$1
    shift
    run "$@" </dev/null
    case $what in
    *"': "*) nothing_but 2 "tpdecode: $what" ;;
    *) nothing_but 2 "tpdecode: $what, try 'tpdecode --help'" ;;
    esac
}

usage()
{
    refused "unknown option '--bad': did you mean --baud?" --bad
    refused "unknown option '--bad=1': did you mean --baud?" ../full.tp --bad=1
    refused "unknown option '-z'" -z
    refused "unknown option '-z'" --list-events -zV
    refused "unknown format 'xml': text, json, csv, template, folded or flame; for viewers ftrace, vcd, trace.dat, perfetto, chrome, html, sqlite, ctf, ctf-lttng, parquet" --format xml
    refused "unknown format '': text, json, csv, template, folded or flame; for viewers ftrace, vcd, trace.dat, perfetto, chrome, html, sqlite, ctf, ctf-lttng, parquet" --format=
    refused "unknown time 'gmt': seconds, raw, relative, delta, utc or local" --time gmt
    refused "unknown time '': seconds, raw, relative, delta, utc or local" --time=
    refused "no value for option '--time'" --time
    refused "unknown format 'JSON': text, json, csv, template, folded or flame; for viewers ftrace, vcd, trace.dat, perfetto, chrome, html, sqlite, ctf, ctf-lttng, parquet" --format=JSON ../full.tp
    refused "no value for option '--format'" --format
    refused "no value for option '--format'" ../full.tp --format
    refused "no help for '1': --help, or --help all" --help=1
    refused "no value allowed in '--list-events=1'" --list-events=1
}

usage_escapes()
{
    refused "unknown option '--\\x1b[2J'" "--$(printf '\033[2J')"
    refused "unknown option '-\\x1b'" "-$(printf '\033')"
    refused "unknown format 'a\\nb\\\\\\x9b': text, json, csv, template, folded or flame; for viewers ftrace, vcd, trace.dat, perfetto, chrome, html, sqlite, ctf, ctf-lttng, parquet" --format "$(printf 'a\nb\\\233')"
    long=$(awk 'BEGIN { for (i = 0; i < 3000; i++) printf "x" }')
    run --format="$long"
    code_is 2
    [ "$(wc -l <err)" -eq 1 ] && [ "$(wc -c <err)" -lt 1000 ] ||
        complain "a long argument: $(wc -c <err) bytes of message"
}

# --- kinds of input ---

# The example of doc/format.md in all the ways to get it in.
example()
{
    for way in file dash default pipe gzip gzip_stdin members twice; do
        case $way in
        file) run ../example.tp ;;
        dash) run - <../example.tp ;;
        default) run <../example.tp ;;
        pipe) cat ../example.tp | "$tp" >out 2>err; code=$? ;;
        gzip) gzip -c ../example.tp >e.gz; run e.gz ;;
        gzip_stdin) gzip -c ../example.tp | "$tp" - >out 2>err; code=$? ;;
        members) # of which neither holds a whole number of chunks
            { head -c 500 ../example.tp | gzip -c; tail -c +501 ../example.tp | gzip -c; } >e.gz
            run e.gz ;;
        twice) run -- ../example.tp ;;
        esac
        command_line="$way"
        code_is 0
        echo "$example_out" | diff - out || complain "$way: standard output"
        echo "2 records, 3 lost" | diff - err || complain "$way: standard error"
    done
}

json_example()
{
    run --format json ../example.tp
    code_is 0
    out_is <<'END'
{"schema":"tracepoint","version":1,"tool":"tracepoint 0.1.0","clock_hz":1000000000,"cpus":1,"stream":"0x5eed"}
{"time_ns":8589934336,"cpu":0,"common_pid":42,"common_comm":"<...>","flags":"d.h1.","sys":"sched","event":"switch","fields":{"next":7,"why":"wake","comm":"bash"}}
{"time_ns":8589934608,"cpu":0,"common_pid":42,"common_comm":"<...>","flags":"d.h1.","sys":"sched","event":"switch","fields":{"next":0,"why":"idle","comm":"idl..."},"cut":["comm"]}
{"lost":3,"cpu":0,"cause":"full","time_ns":8589938688}
END
    err_is <<'END'
2 records, 3 lost
END
    mv out separate
    run ../example.tp --format=json
    out_is <separate
    run --format json --format text ../example.tp
    echo "$example_out" | diff - out || complain "the last --format does not win"
}

list_events()
{
    run --list-events ../example.tp
    code_is 0
    out_is <<'END'
    1  sched:switch  (u32 next, s32 why enum why, str comm)  "next=%u why=%s comm=%s"
END
    err_is </dev/null
    run --list-events --format json ../example.tp
    code_is 0
    out_is <<'END'
{"id":1,"sys":"sched","event":"switch","format":"next=%u why=%s comm=%s","fields":[{"name":"next","type":"u32"},{"name":"why","type":"s32","enum":"why"},{"name":"comm","type":"str"}]}
END
    run --list-events --event 'sched:*itch' ../example.tp
    [ "$(wc -l <out)" = 1 ] || complain "$(cat out)"
    # Damage is told also here; the definitions do not come from the damaged part.
    "$tool" flip $((0x2c8 + 104)) ../full.tp >flipped
    run --list-events flipped
    code_is 1
    out_is <<'END'
    1  t:num  (u32 v)  "v=%u"
END
    err_is <<'END'
tpdecode: flipped: chunk 4 (cpu 0) at byte 0x2c8: payload checksum wrong, 152 bytes skipped (2 records)
END
}

full()
{
    run ../full.tp
    code_is 0
    records 0 5 | out_is
    echo "6 records, 0 lost" | err_is
}

# NAME WIDTH: lines of the input.
of()
{
    sed "s/^/$(printf "%-$2s" "[$1]") /"
}

several()
{
    head -c $((0x2c8)) ../full.tp >begin
    run ../full.tp ../example.tp
    code_is 0
    { records 0 5 | of full.tp 12; echo "$example_out" | of example.tp 12; } | out_is
    counters="tpdecode: the inputs are put in order by their counters: not all have clock pairs"
    printf '%s\n' "$counters" "8 records, 3 lost" | err_is
    # What cannot be looked through first may have them.
    gzip -c ../example.tp >example.gz
    run ../full.tp example.gz
    grep -q "^tpdecode: the inputs are put in order by their counters: clock pairs of example.gz are not known before it is read, as of a pipe or compressed file that does not begin with one$" err || complain "$command_line: $(cat err)"
    run ../example.tp - <../full.tp
    code_is 0
    { records 0 5 | of 'standard input' 16; echo "$example_out" | of example.tp 16; } | out_is
    # Of one capture, each record once.
    run begin ../full.tp
    code_is 0
    { records 0 1 | of begin 9; records 2 5 | of full.tp 9; } | out_is
    printf '%s\n' "tpdecode: begin: $no_end" \
        "tpdecode: ../full.tp: 2 records are in another input too, and are shown once" "6 records, 0 lost" | err_is
    # By time, not file by file.
    run --offset begin=+1s --offset ../example.tp=-8s begin ../example.tp
    code_is 0
    grep -v 'lost here' out | awk '$5 < last { exit 1 } { last = $5 } END { exit NR != 4 }' || complain "two captures: not in the order of time"
    # One that cannot be used does not spoil the others.
    run missing.tp ../full.tp ..
    code_is 1
    records 0 5 | of full.tp 12 | out_is
    printf '%s\n' "tpdecode: missing.tp: No such file or directory" "tpdecode: ..: Is a directory" \
        "6 records, 0 lost" | err_is
}

joined()
{
    cat ../full.tp ../example.tp >both
    run both
    code_is 0
    { records 0 5; echo "--- capture 2 begins ---"; echo "$example_out"; } | out_is
    echo "8 records, 3 lost" | err_is
}

# --- what is no dump ---

foreign()
{
    : >empty
    run empty
    nothing_but 3 "tpdecode: empty: empty, not a dump"
    run </dev/null
    nothing_but 3 "tpdecode: standard input: empty, not a dump"
    printf '\211PNG\r\n\032\n\000\000\000\rIHDR' >png
    run png
    nothing_but 3 "tpdecode: png: not a tracepoint dump (no chunk found in 16 bytes)"
    cp /bin/true elf
    run elf
    nothing_but 3 "tpdecode: elf: an ELF file with no trace in it: of a kernel's, --symbols takes names for addresses"
    gzip -c png >png.gz
    run png.gz
    nothing_but 3 "tpdecode: png.gz: not a tracepoint dump (no chunk found in 16 bytes)"
    run --list-events png
    nothing_but 3 "tpdecode: png: not a tracepoint dump (no chunk found in 16 bytes)"
    run --format=json png
    nothing_but 3 "tpdecode: png: not a tracepoint dump (no chunk found in 16 bytes)"
}

not_a_file()
{
    run ..
    nothing_but 3 "tpdecode: ..: Is a directory"
    run - <..
    nothing_but 3 "tpdecode: standard input: Is a directory"
    run missing
    nothing_but 3 "tpdecode: missing: No such file or directory"
    run ""
    nothing_but 3 "tpdecode: : No such file or directory"
    run ../full.tp/x
    nothing_but 3 "tpdecode: ../full.tp/x: Not a directory"
    "$tp" - <&- >out 2>err
    code=$? command_line="tpdecode <&-"
    nothing_but 3 "tpdecode: standard input: Bad file descriptor"
}

read_error()
{
    [ -e /proc/self/mem ] || skip "needs /proc: a file whose reading fails"
    run /proc/self/mem
    nothing_but 3 "tpdecode: /proc/self/mem: Input/output error"
}

unreadable()
{
    cp "$tp" own
    cp ../full.tp secret
    chmod 755 . own
    chmod 000 secret
    set -- ./own
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null ||
            skip "needs a user that is not root, or setpriv"
        set -- setpriv --reuid=65534 --regid=65534 --clear-groups ./own
    fi
    "$@" secret >out 2>err
    code=$? command_line="tpdecode secret"
    nothing_but 3 "tpdecode: secret: Permission denied"
}

names_escaped()
{
    name="$(printf 'a\033[2J\nb\302\233\\')"
    run "$name"
    nothing_but 3 'tpdecode: a\x1b[2J\nb\xc2\x9b\\: No such file or directory'
    cp ../full.tp "$name"
    run "$name" -
    harmless err
    head -c 1000 ../full.tp >"$name"
    run "$name"
    harmless err
    grep -q '^tpdecode: a.x1b\[2J.nb.xc2.x9b..: ends inside' err || complain "$(cat err)"
}

# --- the checks ---

cli "--help: fits a terminal, names every option" help
cli "--version" version
cli "--legend" legend
cli "usage errors: one line, exit code 2" usage
cli "usage errors: the argument cannot steer the terminal" usage_escapes
cli "the example of doc/format.md: file, -, standard input, pipe, gzip" example
cli "--format json: the example of doc/format.md" json_example
cli "--list-events" list_events
cli "a whole dump" full
cli "several files: by time, - among them, one that is missing" several
cli "two dumps in one file" joined
cli "no dump: empty, PNG, ELF, gzip of a PNG" foreign
cli "no dump: a directory, a missing file, no standard input" not_a_file
cli "no dump: a file whose reading fails" read_error
cli "no dump: a file that may not be read" unreadable
cli "names of files are escaped in messages" names_escaped
finish
