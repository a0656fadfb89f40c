#!/bin/sh
# SPDX-License-Identifier: MIT
# python.sh - the Python package over libtpdecode.so: the same as tpdecode says, its structs are those of C, and
# its wheel. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode and libtpdecode.so are (.).
. "$(dirname "$0")/../tool/help.sh"

build=$(cd "${TP_BUILDDIR:-.}" && pwd)
version=$(sed -n 's/^#define TP_VERSION "\(.*\)"$/\1/p' "$srcdir/include/tp/version.h")
TPDECODE_LIBRARY=$build/libtpdecode.so.$version
[ -e "$TPDECODE_LIBRARY" ] || { echo "1..0 # SKIP libtpdecode is not built as a shared library"; exit 0; }
PYTHONPATH=$srcdir/python PYTHONDONTWRITEBYTECODE=1
export TPDECODE_LIBRARY PYTHONPATH PYTHONDONTWRITEBYTECODE
test=$srcdir/tests/decoder/python_test.py

# The first that has pandas.
with_pandas=python3
for python in python3 /usr/bin/python3; do
    "$python" -c 'import pandas' 2>/dev/null && with_pandas=$python && break
done

python() # PYTHON ARGUMENT...
{
    need "$1"
    "$@" >said 2>&1 || complain "$(head -n 40 said)"
}

dump() # NAME: of golden/, as NAME.tp
{
    hex <"$(golden_file "$1.hex")" >"$1.tp"
}

# Each golden dump and each vector, whatever is wrong with it.
same()
{
    for path in "$srcdir"/tests/golden/*.hex "$srcdir"/tests/conformance/vectors/*.hex; do
        name=${path##*/}
        hex <"$path" >"${name%.hex}.tp"
    done
    [ "$(ls | wc -l)" -gt 60 ] || complain "only $(ls | wc -l) dumps"
    python "$1" "$test" json "$tp" ./*.tp
}

calls()
{
    dump loss
    dump tasks
    python "$1" "$test" calls loss.tp
    python "$1" "$test" many tasks.tp
}

pandas()
{
    "$with_pandas" -c 'import pandas' 2>/dev/null || need python3-pandas
    dump tasks
    python "$with_pandas" "$test" pandas tasks.tp
}

# Sizes and offsets, as the compiler has them.
layout()
{
    python python3 "$test" layout
    mv said python
    {
        echo '#include <stdio.h>'
        echo '#include <tpdecode.h>'
        echo 'int main(void) {'
        while read -r name size members; do
            type="struct tp_dump_$name"
            echo "printf(\"$name %zu\", sizeof($type));"
            for member in $members; do
                echo "printf(\" ${member%=*}=%zu\", offsetof($type, ${member%=*}));"
            done
            echo 'puts("");'
        done <python
        echo 'return 0; }'
    } >layout.c
    need gcc
    gcc -std=gnu11 -I"$srcdir/include" layout.c -o layout || complain "not built"
    ./layout | diff python - || complain "< is Python's"
    [ "$(wc -l <python)" = 9 ] || complain "not all structs"
}

# The numbers of the header's enums, in order.
numbers()
{
    awk '/^enum tp_dump_(error|kind|type|choice|what|cells) \{/ { on = 1; next }
        /^};/ { on = 0 }
        on && match($0, /^    TP_DUMP_[A-Z_]+/) { print substr($0, 13, RLENGTH - 12) }' \
        "$srcdir/include/tpdecode.h" | sed 's/^/    {"/; s/.*"\(.*\)/{"\1", TP_DUMP_\1},/' >names
    [ "$(wc -l <names)" -gt 50 ] || complain "only $(wc -l <names) names"
    {
        printf '#include <stdio.h>\n#include <tpdecode.h>\nstatic const struct { const char *name; int n; } all[] = {\n'
        cat names
        printf '};\nint main(void) { for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)\n'
        printf 'printf("%%s %%d\\n", all[i].name, all[i].n); return 0; }\n'
    } >numbers.c
    gcc -std=gnu11 -I"$srcdir/include" numbers.c -o numbers || complain "not built"
    ./numbers >wanted
    python python3 -c '
import sys
from tpdecode import _library as lib
for line in open("wanted"):
    name, number = line.split()
    got = getattr(lib, "POINTER_TYPE" if name == "POINTER" else name)
    if got != int(number):
        sys.exit(f"{name} is {number}, not {got}")
'
    grep -q "^SONAME = \"$(sed -n 's/^SHARED_SONAME = //p' "$build/Makefile")\"\$" "$srcdir/python/tpdecode/_library.py" ||
        complain "SONAME is not $(sed -n 's/^SHARED_SONAME = //p' "$build/Makefile")"
}

# What others see is typed: each function and property says what it takes and gives.
typed()
{
    python python3 -c '
import inspect, sys, tpdecode
for name in tpdecode.__all__:
    thing = getattr(tpdecode, name)
    functions = [(name, thing)] if inspect.isfunction(thing) else []
    if inspect.isclass(thing):
        for key, member in vars(thing).items():
            member = member.fget if isinstance(member, property) else member
            if inspect.isfunction(member) and not key.startswith("_") and not key.startswith("<"):
                functions.append((f"{name}.{key}", member))
    for key, function in functions:
        hints = function.__annotations__
        if "return" not in hints or len(hints) <= len([p for p in inspect.signature(function).parameters if p != "self"]) - 1:
            sys.exit(f"{key} is not typed")
        if not function.__doc__ and "." not in key:
            sys.exit(f"{key} has no text")
'
    [ -e "$srcdir/python/tpdecode/py.typed" ] || complain "no py.typed"
}

# From nothing but the wheel; twice it has the same bytes, and its list has what is in it.
wheel()
{
    for time in 1 2; do
        mkdir "$time"
        python python3 "$srcdir/python/wheel.py" "$version" "$time"
    done
    name=tpdecode-$version-py3-none-any.whl
    cmp "1/$name" "2/$name" || complain "another wheel each time"
    dump loss
    mkdir installed
    python python3 -m zipfile -e "1/$name" installed
    python python3 -c '
import base64, csv, hashlib, os, sys
seen = set()
for name, digest, size in csv.reader(open(sys.argv[1])):
    seen.add(name)
    if digest:
        data = open("installed/" + name, "rb").read()
        want = "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        assert (digest, int(size)) == (want, len(data)), name
there = {os.path.relpath(os.path.join(at, f), "installed") for at, _, files in os.walk("installed") for f in files}
assert seen == there, seen ^ there
' "installed/tpdecode-$version.dist-info/RECORD"
    PYTHONPATH=installed python python3 "$test" calls loss.tp
}

# The page and the package say how it is used: that runs.
example()
{
    dump manual
    mv manual.tp dump.tp
    sed -n '/^    import tpdecode$/,/^    frame = /s/^    //p' "$srcdir/python/tpdecode/__init__.py" >example.py
    python "$with_pandas" example.py
    grep -q 'next=' said || complain "$(cat said)"
}

no_library()
{
    need python3
    TPDECODE_LIBRARY=/nonexistent python3 -c 'import tpdecode' >said 2>&1 && complain "it was imported"
    grep -q '^ImportError: /nonexistent: cannot open shared object file.*tpdecode needs libtpdecode.so' said || complain "$(cat said)"
}

cli "as tpdecode says" same python3
[ "$with_pandas" = python3 ] || cli "as tpdecode says, with numpy" same "$with_pandas"
cli "calls and errors" calls python3
[ "$with_pandas" = python3 ] || cli "calls and errors, with numpy" calls "$with_pandas"
cli "pandas" pandas
cli "structs are those of the header" layout
cli "and so are numbers" numbers
cli "all is typed" typed
cli "the wheel" wheel
cli "the example in the package" example
cli "without the library" no_library
finish
