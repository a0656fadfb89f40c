#!/bin/sh
# SPDX-License-Identifier: MIT
# optional.sh - builds without the libraries that tpdecode can do without: each alone, and all of them. In `make check-long`
# only. Prints TAP.
. "$(dirname "$0")/builds.sh"
copy

# FOLDER "LIBRARY..." OPTION...: without a warning, and nothing that it uses has these in its name.
build()
{
    folder=$1 not=$2
    shift 2
    configured "$folder" "$@"
    ldd ./tpdecode >needed
    for library in $not; do
        ! grep "$library" needed
    done
}

# FOLDER SCRIPT...: each says only ok; what has nothing to test is skipped.
scripts()
{
    cd "$tmp/$1"
    shift
    for script; do
        TP_NO_SKIP= TP_LONG= TP_BUILDDIR=$PWD TP_SRCDIR=$tmp/src sh "$tmp/src/tests/$script.sh" >out 2>&1 || cat out
        echo "$script: $(tail -n 1 out)"
        grep '^not ok' -A 9 out && return 1
        grep -q '^1\.\.[0-9]' out
    done
}

# An option that needs SQLite says what to install, and writes nothing.
refused()
{
    cd "$tmp/all"
    for options in '--sql select' '--format sqlite --output x.db'; do
        code=0
        ./tpdecode $options dump.tp >out 2>err || code=$?
        [ $code = 2 ]
        [ ! -s out ]
        grep -q 'made without SQLite: install libsqlite3-dev' err
        [ ! -e x.db ]
    done
}

# At a terminal, without a line to edit.
prompt()
{
    cd "$tmp/libedit"
    TERM=xterm PYTHONDONTWRITEBYTECODE=1 python3 "$src/tests/tool/typed.py" --plain ./tpdecode --sql vectors/good-manual.tp <<'END_OF_KEYS'
select 1000 + count(*) from records;\n => 1012
.quit\n => 12 records
END_OF_KEYS
}

check "without all: it builds" build all 'sqlite libdeflate libedit' --without-sqlite --without-libdeflate --without-libedit
check "without all: options, pages, exports" scripts all tool/cli tool/manual tool/mistyped tool/complete tool/sandbox export/parquet export/fleet export/sqlite tool/sql tool/prompt
check "without all: what needs SQLite is refused" refused
check "--without-sqlite" build sqlite sqlite --without-sqlite
check "--without-sqlite: the options" scripts sqlite tool/cli tool/mistyped
check "--without-libdeflate" build libdeflate libdeflate --without-libdeflate
check "--without-libdeflate: Parquet, and a database" scripts libdeflate export/parquet export/sqlite
check "--without-libedit" build libedit libedit --without-libedit
check "--without-libedit: queries, and the prompt" scripts libedit tool/sql tool/prompt
check "--without-libedit: a prompt" prompt
echo "1..$n"
