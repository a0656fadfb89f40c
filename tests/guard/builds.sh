# SPDX-License-Identifier: MIT
# builds.sh - sourced by scripts that build the project in other ways: $src, $tmp, check() and copy(). They end with
# `echo "1..$n"`.
set -u
export LC_ALL=C
src=$(cd "${TP_SRCDIR:-$(dirname "$0")/../..}" && pwd)
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
unset MAKEFLAGS MAKELEVEL DESTDIR srcdir
n=0

check() # NAME COMMAND...
{
    name=$1
    shift
    n=$((n + 1))
    (set -e; "$@") >"$tmp/log" 2>&1 # as a condition of "if" it would go on after an error
    if [ $? = 0 ]; then echo "ok $n - $name"; else
        echo "not ok $n - $name"
        tail -n 20 "$tmp/log" | sed 's/^/# /'
    fi
}

# configure refuses to build beside sources that are built in their own folder: take a copy.
copy()
{
    (cd "$src" && tar cf - --exclude=./.git --exclude='*.o' --exclude=./config.status --exclude=./Makefile --exclude=./vectors \
        --exclude=./node_modules --exclude=./linux-image .) | (mkdir "$tmp/src" && cd "$tmp/src" && tar xf -)
}

# FOLDER OPTION...: nothing here depends on what the compiler optimizes. A warning is an error.
configured()
{
    mkdir "$tmp/$1"
    cd "$tmp/$1"
    shift
    ../src/configure --quiet CFLAGS=-O0 "$@"
    make -s -j2 2>"$tmp/warnings"
    cat "$tmp/warnings"
    ! grep -q warning: "$tmp/warnings"
}
