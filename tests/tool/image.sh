#!/bin/sh
# SPDX-License-Identifier: MIT
# image.sh - tpdecode on images of memory, as its user has them: files of a
# memory's size, cores, standard input. Prints TAP. What is in a region is
# golden/region and region_test.c.
. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/help.sh"

# FILE OFFSET: what is said of a region there.
found()
{
    echo "tpdecode: $1: region at $2: recovered from memory: main, 1 cpus, overwrite, 2 sub-buffers of 512 bytes each"
}

# IN OUT OFFSET: copies it to that place.
place()
{
    dd if="$1" of="$2" bs=4096 seek=$(($3 / 4096)) conv=notrunc 2>/dev/null
}

golden()
{
    run ../region
    code_is 0
    out_is <../region.out
    { found ../region 0x0; echo "4 records, 8 lost"; } | err_is
    harmless out
    for mode in json list utc; do
        case $mode in
        json) run --format json ../region ;;
        list) run --list-events ../region ;;
        utc) run --time=utc ../region ;;
        esac
        golden_part region $mode | out_is
        code_is 0
    done
}

# Twice in 6 GB, most of which is a hole, with pieces of a dump around.
sparse()
{
    truncate -s 6442450944 ram.img 2>/dev/null || skip "needs a file system with holes"
    [ "$(du -k ram.img | cut -f 1)" -lt 1024 ] || skip "needs a file system with holes"
    place ../example.tp ram.img 8192
    place ../region ram.img 1753088
    place ../example.tp ram.img 4294967296
    place ../region ram.img 5368709120
    (ulimit -t 60; "$tp" ram.img >out 2>err; echo $? >code)
    code=$(cat code) command_line="tpdecode ram.img"
    code_is 0
    { cat ../region.out; echo "--- capture 2 begins ---"; cat ../region.out; } | out_is
    { found ram.img 0x1ac000; found ram.img 0x140000000; echo "8 records, 16 lost"; } | err_is
    rm ram.img
}

# In front of it the header of a core file; behind it the file ends in the middle of a word.
core()
{
    {
        printf '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\004\000\076\000\001\000\000\000'
        head -c 4072 /dev/zero
        cat ../region
        printf 'end'
    } >core
    run core
    code_is 0
    out_is <../region.out
    { found core 0x1000; echo "4 records, 8 lost"; } | err_is
    # Merged by time with a dump.
    run core ../example.tp
    code_is 0
    { sed 's/^/[core]       /' ../region.out; echo "$example_out" | sed 's/^/[example.tp] /'; } | out_is
}

stdin_file()
{
    { head -c 64 /dev/zero; cat ../region; } >ram.img
    run - <ram.img
    code_is 0
    out_is <../region.out
    { found "standard input" 0x40; echo "4 records, 8 lost"; } | err_is
    run <ram.img
    code_is 0
    out_is <../region.out
    # From where it stands.
    { dd bs=32 count=1 of=/dev/null 2>/dev/null; "$tp" >out 2>err; } <ram.img
    code=$? command_line="the rest of standard input"
    code_is 0
    out_is <../region.out
    { found "standard input" 0x20; echo "4 records, 8 lost"; } | err_is
}

no_file()
{
    hint="an image of memory must be a file, neither compressed nor a pipe"
    cat ../region | "$tp" >out 2>err
    code=$? command_line="region | tpdecode"
    nothing_but 3 "tpdecode: standard input: $hint; this is no file: ... >memory.img && tpdecode memory.img"
    gzip -c ../region >region.gz
    run region.gz
    nothing_but 3 "tpdecode: region.gz: $hint; this is compressed: gzip -dc region.gz >memory.img && tpdecode memory.img"
    # One that is a file, after a dump that is not.
    run ../region - <../example.tp
    code_is 0
    { sed 's/^/[region]         /' ../region.out; echo "$example_out" | sed 's/^/[standard input] /'; } | out_is
}

# No region: as ever.
foreign()
{
    head -c 100000 /dev/zero >zeros
    run zeros
    nothing_but 3 "tpdecode: zeros: not a tracepoint dump (no chunk found in 100000 bytes)"
    { head -c 12 /dev/zero; cat ../example.tp; } >front
    run front
    code_is 1
    echo "$example_out" | out_is
    printf '%s\n' "tpdecode: front: 12 bytes at 0x0 are not part of any chunk" "2 records, 3 lost, 1 chunks damaged" |
        err_is
}

cut_short()
{
    head -c 1500 ../region >cut
    run cut
    code_is 1
    grep -q "^tpdecode: cut: region at 0x0: the image ends inside it (1500 of $(($(wc -c <../region))) bytes)$" err ||
        complain "$(cat err)"
    head -n 3 ../region.out >want
    head -n 3 out | diff want - || complain "what is there is not printed"
}

# The memory of a trace that does not keep its metadata, with that of another dump of the kernel.
metadata()
{
    hex <"$(golden_file bare.hex)" >bare
    hex <"$(golden_file manual.hex)" >manual
    run --metadata ../region bare
    code_is 0
    out_is <../region.out
    { found bare 0x0; echo "4 records, 8 lost"; } | err_is
    # A dump that was made of the region will do as well, and what is made has its metadata.
    run --output region.tp ../region
    run --metadata region.tp --output bare.tp bare
    code_is 0
    run bare.tp
    out_is <../region.out
    # Of another kernel.
    run --metadata manual bare
    nothing_but 3 "tpdecode: bare: the metadata of manual is of another kernel: its events are others" \
        "tpdecode: bare: 5 data chunks at byte 0x100 but no metadata: records cannot be decoded" \
        "0 records, 12 lost"
    # What has its own keeps it.
    run --metadata manual ../region
    code_is 0
    out_is <../region.out
    run --metadata none bare
    nothing_but 2 "tpdecode: none: No such file or directory"
    run --metadata bare bare
    nothing_but 2 "tpdecode: bare: no metadata in it: --metadata takes a dump of the same kernel that has some"
}

# An image that is refused where it is read twice: reported once for each copy of its header, as without.
refused()
{
    hex <"$(golden_file oldmem.hex)" >oldmem
    run --from -1 oldmem
    code_is 3
    golden_part oldmem stderr | err_is
}

hex <"$(golden_file region.hex)" >"$tmp/region"
golden_part region stdout >"$tmp/region.out"
sed -n '/^```hex/,/^```$/p' "$srcdir/doc/format.md" | sed 's/^```.*//' | hex >"$tmp/example.tp"
example_out="           <...>-42      [000] d.h1.     8.589934: sched_switch: next=7 why=wake comm=bash
           <...>-42      [000] d.h1.     8.589934: sched_switch: next=0 why=idle comm=idl...
--- cpu 0: 3 records lost here (buffer full) ---"
[ -s "$tmp/region" ] && [ -s "$tmp/region.out" ] && [ $(($(wc -c <"$tmp/example.tp"))) = 832 ] || {
    echo "Bail out! not the files that were to be made"
    exit 99
}

cli "a region: text, JSON, list, UTC" golden
cli "two regions in a file of 6 GB with holes" sparse
cli "a region in a core file, alone and beside a dump" core
cli "standard input that is a file, also from its middle" stdin_file
cli "a pipe, and a file that is compressed: refused" no_file
cli "files without a region: as ever" foreign
cli "a file that ends inside a region" cut_short
cli "a region without metadata, and that of another dump" metadata
cli "an image of another version, with a time that counts from its end" refused
finish
