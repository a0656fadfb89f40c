#!/bin/sh
# SPDX-License-Identifier: MIT
# What a command prints as a picture, SVG on standard output: picture.sh COMMAND. `make picture` renews doc/timeline.svg
# and doc/crash.svg with it, from what `make demo` has left.
#
# Blocks are drawn, and each word has its place and its length, so that it looks the same in every font.
set -eu
export LC_ALL=C
{ echo "\$ ${1#./}" && LC_ALL=C.UTF-8 sh -c "$1" 2>/dev/null; } |
    sed "$(i=1; for block in ▁ ▂ ▃ ▄ ▅ ▆ ▇ █ ▒; do printf 's/%s/\\x0%x/g;' $block $i; i=$((i + 1)); done)" |
    sed 's/\x09/\x0b/g' |
    awk 'BEGIN { wide = 8; high = 17; for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i }
    # A word, from column `column` - `cells` on.
    function put_word() {
        if (!cells)
            return
        gsub(/&/, "\\&amp;", word); gsub(/</, "\\&lt;", word); gsub(/>/, "\\&gt;", word)
        body = body sprintf("<text x=\"%d\" y=\"%d\" textLength=\"%d\">%s</text>\n",
            wide * (column - cells + 1), high * NR, wide * cells, word)
        word = ""; cells = 0
    }
    function put_block(eighths, more) {
        body = body sprintf("<rect x=\"%d\" y=\"%.2f\" width=\"%d\" height=\"%.2f\"%s/>\n", wide * (column + 1),
            high * NR + 3 - eighths * 14 / 8, wide, eighths * 14 / 8, more)
    }
    {
        column = 0
        for (i = 1; i <= length($0); i++) {
            c = code[substr($0, i, 1)]
            if (c >= 128 && c < 192) { # the rest of a character
                word = word substr($0, i, 1)
                continue
            }
            if (c <= 8 || c == 11 || c == 32)
                put_word()
            if (c <= 8)
                put_block(c, "")
            else if (c == 11)
                put_block(8, " opacity=\"0.3\"")
            else if (c != 32) {
                word = word substr($0, i, 1)
                cells++
            }
            column++
        }
        put_word()
        most = column > most ? column : most
    }
    END {
        printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"monospace\" " \
            "font-size=\"13.3\" fill=\"#1f3f5f\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#f6f8fa\"/>\n%s</svg>\n",
            wide * (most + 2), high * NR + 10, body
    }'
