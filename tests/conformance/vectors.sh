#!/bin/sh
# SPDX-License-Identifier: MIT
# vectors.sh SRCDIR DIRECTORY - the test vectors as they are installed: the bytes of each NAME.hex as
# DIRECTORY/NAME.tp, and NAME.json with them.
set -eu
export LC_ALL=C
mkdir -p "$2"
for hex in "$1"/tests/golden/*.hex "$1"/tests/conformance/vectors/*.hex; do
    name=$(basename "$hex" .hex)
    printf "$(awk 'BEGIN { h = "0123456789abcdef" }
        { sub(/#.*/, "")
          for (i = 1; i <= NF; i++)
              printf "\\%03o", 16 * (index(h, substr($i, 1, 1)) - 1) + index(h, substr($i, 2, 1)) - 1 }' "$hex")" >"$2/$name.tp"
    cp "${hex%.hex}.json" "$2/$name.json"
    chmod u+w "$2/$name.json"
done
