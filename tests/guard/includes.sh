#!/bin/sh
# SPDX-License-Identifier: MIT
# Dependencies run one way, read from the #include lines. The engine and the
# public headers know <stdint.h> <stddef.h> <stdbool.h>, <tp/...> and the engine;
# the decoder knows the bytes (tp/wire.h), the filter (tp/filter.h, one for both
# sides) and what it offers to programs (tpdecode.h, which knows none of these), not the
# engine; it names its own headers with their folder, "base/mem.h" (which folder may use which:
# circles.sh); a foreign library is included in one file; only tests include tests. A port is its
# kernel's.
. "$(dirname "$0")/../lib/tap.sh"

# ROOT: each wrong arrow, `file: header`
arrows()
(
    cd "$1" || exit 1
    folders=
    for folder in include engine decoder doc; do
        [ ! -d $folder ] || folders="$folders $folder"
    done
    # shellcheck disable=SC2086
    find $folders -type f \( -name '*.[ch]' -o -name '*.cc' \) |
        sort | xargs grep -E '^[[:space:]]*#[[:space:]]*include' /dev/null | awk '
        function wrong() { print file ": " header }

        # "x.h" is a file of that folder
        function own(folder, name, line) {
            name = folder "/" substr(header, 2, length(header) - 2)
            if ((getline line <name) < 0)
                return 0
            close(name)
            return 1
        }

        function folder_of(name) {
            sub(/\/[^\/]*$/, "", name)
            return name
        }

        # One file, and no header, may include a library.
        function uses(name) {
            if (!((name, file) in seen)) {
                seen[name, file] = 1
                files[name]++
                users[name] = users[name] file ": " name "\n"
            }
        }

        {
            file = substr($0, 1, index($0, ":") - 1)
            header = substr($0, index($0, ":") + 1)
            sub(/^[ \t]*#[ \t]*include[ \t]*/, "", header)
            sub(/[ \t]*(\/[*\/].*)?$/, "", header)
        }

        header ~ /[<"\/]tests\// { wrong(); next }

        file ~ /^engine\/port\// { next }

        file ~ /^(engine|include)\// {
            if (header ~ /^<(stdint|stddef|stdbool)\.h>$/) next
            if (file != "include/tpdecode.h" && header ~ /^<tp\/(inner\/)?[a-z]+\.h>$/ && own("include")) next
            if (file ~ /^engine\// && header ~ /^"(\.\.\/[a-z]+\/)?[a-z_]+\.h"$/ && own(folder_of(file))) next
            if (file == "include/tp/inner/given.h" && header == "TP_PORT_HEADER") next
            wrong()
            next
        }

        file ~ /^decoder\// {
            if (header ~ /^<zlib/) uses("zlib")
            else if (header ~ /^<cbor[.\/]/) uses("cbor")
            else if (header ~ /^<(libelf|gelf|elf)\.h/) uses("elf")
            else if (header ~ /^<(libiberty\/)?demangle\.h/) uses("iberty")
            else if (header ~ /^<seccomp/) uses("seccomp")
            else if (header ~ /^<sqlite3/) uses("sqlite")
            else if (header ~ /^<libdeflate/) uses("deflate")
            else if (header ~ /^<histedit/) uses("edit")
            else if (header ~ /^<tp\/(wire|filter)\.h>$/) next
            else if (header == "<tpdecode.h>") { if (file !~ /^decoder\/lib\//) wrong() }
            else if (header ~ /^</) { if (header ~ /^<tp/) wrong() }
            else if (!(header ~ /^"[a-z]+\/[a-z_]+\.h"$/ && own("decoder"))) wrong()
        }

        END {
            for (name in files)
                if (files[name] > 1 || users[name] ~ /\.h/)
                    printf "%s", users[name]
        }'
)

none_wrong()
{
    found=$(arrows "$srcdir")
    [ -z "$found" ] || { echo "$found"; exit 1; }
}

# A library that nobody includes: then this test looks for the wrong name.
used()
{
    grep -qE "^#[[:space:]]*include <$1" "$srcdir"/decoder/*/*.c || { echo "not included"; exit 1; }
}

# FILE HEADER: planted in a copy of the sources, it is found there
notices()
{
    copy=$(mktemp -d "$tmp/copy.XXXXXX")
    cp -R "$srcdir/include" "$srcdir/engine" "$srcdir/decoder" "$copy" || exit 1
    mkdir -p "$copy/doc/examples"
    echo "# include $2 /* planted */" >>"$copy/$1"
    found=$(arrows "$copy")
    case $found in
    *"$1: $3"*) ;;
    *) echo "found only: $found"; exit 1 ;;
    esac
}

# FILE HEADER: allowed
accepts()
{
    copy=$(mktemp -d "$tmp/copy.XXXXXX")
    cp -R "$srcdir/include" "$srcdir/engine" "$srcdir/decoder" "$copy" || exit 1
    echo "#include $2" >>"$copy/$1"
    [ "$(arrows "$copy")" = "$(arrows "$srcdir")" ] || { arrows "$copy"; exit 1; }
}

# doc/design.md says why.
core_is_small()
{
    lines=$(cat "$srcdir"/engine/core/*.c "$srcdir/engine/core/core.h" "$srcdir/engine/core/seam.h" | wc -l)
    echo "$lines lines"
    [ "$lines" -gt 1000 ] && [ "$lines" -le 2700 ]
}

check "every include points the right way" none_wrong
check "the core has at most 2,700 lines" core_is_small
check "zlib is included" used zlib.h
check "libcbor is included" used cbor
check "libelf is included" used gelf.h
check "libiberty is included" used libiberty/demangle.h
check "libseccomp is included" used seccomp.h
check "libsqlite3 is included" used sqlite3.h
check "libdeflate is included" used libdeflate.h
check "libedit is included" used histedit.h

while read -r file header shown; do
    check "$file: $header is noticed" notices "$file" "$header" "${shown:-$header}"
done <<END
engine/core/ring.c <string.h>
engine/core/ring.c <stdio.h>
engine/core/core.h <stdlib.h>
engine/core/ring.c <tp/nothing.h>
engine/core/ring.c "nothing.h"
engine/core/ring.c "../decoder/base/mem.h"
engine/core/ring.c "port/hosted/port.h"
engine/core/ring.c "tests/engine/compile/port.h"
include/tp/wire.h <string.h>
include/tp/trace.h "engine.h"
include/tp/event.h TP_PORT_HEADER
include/tp/port.h TP_PORT_HEADER
include/tp/trace.h <tpdecode.h>
include/tpdecode.h <tp/wire.h>
engine/core/ring.c <tpdecode.h>
decoder/base/mem.c <tp/trace.h>
decoder/base/mem.h <tp/inner/ring.h>
decoder/base/mem.c "engine/core/core.h"
decoder/base/mem.c "../engine/core/core.h"
decoder/base/mem.c "engine/filter/filter.h"
decoder/base/mem.c "filter.h"
decoder/base/mem.c "out.h"
decoder/base/mem.c "base/nothing.h"
decoder/base/mem.c "../base/out.h"
decoder/base/mem.c <tpdecode.h>
engine/filter/filter.c <string.h>
engine/filter/filter.h <tp/nothing.h>
decoder/base/mem.c <zlib.h> zlib
decoder/base/mem.h <zlib.h> zlib
decoder/base/mem.c <cbor.h> cbor
decoder/base/mem.c <cbor/streaming.h> cbor
decoder/base/mem.c <libelf.h> elf
decoder/base/mem.h <gelf.h> elf
decoder/base/mem.c <libiberty/demangle.h> iberty
decoder/base/mem.c <seccomp.h> seccomp
decoder/tool/sandbox.h <seccomp.h> seccomp
decoder/base/mem.c <sqlite3.h> sqlite
decoder/base/sqlite.h <sqlite3.h> sqlite
decoder/base/mem.c <libdeflate.h> deflate
decoder/base/mem.c <histedit.h> edit
decoder/base/mem.c "../tests/engine/compile/port.h"
doc/examples/new.c "tests/engine/compile/port.h"
engine/port/hosted/port.h <tests/engine/compile/port.h>
END
while read -r file header; do
    check "$file: $header is allowed" accepts "$file" "$header"
done <<END
engine/core/ring.c <stddef.h>
engine/port/hosted/port.h <stdio.h>
decoder/base/mem.c <tp/wire.h>
decoder/base/mem.c <sys/stat.h>
decoder/base/mem.c <tp/filter.h>
decoder/lib/dump.c <tpdecode.h>
decoder/base/mem.c "base/cbor.h"
END
finish
