# SPDX-License-Identifier: MIT
# jobs_help.sh - what tests of --jobs share: dumps.sh, and that one process and several do the same. Sourced first.

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

for program in export/wide tool/renamed; do
    "${CC:-cc}" -O1 -o "$tmp/${program#*/}" "$srcdir/tests/$program.c" 2>"$tmp/cc.err" || {
        echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 1 "$tmp/cc.err")"
        exit 99
    }
done

# DUMP OPTION...: the same bytes, messages and exit code for each number of processes.
same()
{
    dump=$1
    shift
    "$tp" --jobs 1 "$@" "$dump" >want 2>want.err
    want=$?
    for n in 2 3 16; do
        command_line="tpdecode --jobs $n $* $dump"
        "$tp" --jobs $n "$@" "$dump" >out 2>err
        code=$?
        code_is $want
        cmp out want >differ 2>&1 || complain "$command_line: $(cat differ)"
        cmp err want.err >differ 2>&1 || complain "$command_line: $(diff want.err err | head -n 4)"
    done
}

# DUMP OPTION...: the same as `same`, of a directory that is written.
same_folder()
{
    dump=$1
    shift
    rm -rf want.d
    "$tp" --jobs 1 "$@" --output want.d/ "$dump" 2>want.err
    want=$?
    for n in 2 3 16; do
        command_line="tpdecode --jobs $n $* --output out.d/ $dump"
        rm -rf out.d
        "$tp" --jobs $n "$@" --output out.d/ "$dump" 2>err
        code=$?
        code_is $want
        if [ -d want.d ] || [ -d out.d ]; then
            diff -r out.d want.d >differ 2>&1 || complain "$command_line: $(head -n 4 differ)"
        fi
        sed 's|want\.d|out.d|' want.err | cmp err - >differ 2>&1 || complain "$command_line: $(diff want.err err | head -n 4)"
    done
}

# N [OPTION...] DUMP: how many processes read data; N may be "default".
readers()
{
    need strace
    n=$1
    shift
    [ "$n" = default ] || set -- --jobs "$n" "$@"
    strace -f -o trace -e trace=read,pread64 "$tp" --sandbox off "$@" >/dev/null 2>&1
    # A header is read by 128 bytes.
    awk '/read/ && $NF > 2000 { n[$1]++ } END { for (p in n) more += n[p] > 3; print more + 0 }' trace
}
