#!/bin/sh
# SPDX-License-Identifier: MIT
# vectors.sh SRCDIR DIRECTORY - the test vectors as they are installed: the bytes of each NAME.hex as
# DIRECTORY/NAME.tp, and NAME.json with them. Those of later/ too, which are not installed.
set -eu
export LC_ALL=C
mkdir -p "$2/later"
for hex in "$1"/tests/golden/*.hex "$1"/tests/conformance/vectors/*.hex "$1"/tests/conformance/vectors/later/*.hex; do
    [ -e "$hex" ] || continue
    name=$(basename "$hex" .hex)
    case $hex in */later/*) to=$2/later ;; *) to=$2 ;; esac
    printf "$(awk 'BEGIN { h = "0123456789abcdef" }
        { sub(/#.*/, "")
          for (i = 1; i <= NF; i++)
              printf "\\%03o", 16 * (index(h, substr($i, 1, 1)) - 1) + index(h, substr($i, 2, 1)) - 1 }' "$hex")" >"$to/$name.tp"
    cp "${hex%.hex}.json" "$to/$name.json"
    chmod u+w "$to/$name.json"
done
