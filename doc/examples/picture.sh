#!/bin/sh
# SPDX-License-Identifier: MIT
# What tpdecode prints of a dump as a picture, SVG on standard output: picture.sh TPDECODE [OPTION...] DUMP.
# `make picture` renews doc/timeline.svg with it, from what `make demo` has left.
#
# Blocks are drawn, all else is text on a grid, so that it looks the same in every font.
set -eu
export LC_ALL=C
tpdecode=$1
shift
{ echo "\$ ${tpdecode##*/} $*" && "$tpdecode" "$@" 2>/dev/null; } |
    sed 's/▁/\x01/g; s/▂/\x02/g; s/▃/\x03/g; s/▄/\x04/g; s/▅/\x05/g; s/▆/\x06/g; s/▇/\x07/g; s/█/\x08/g' |
    awk 'BEGIN { wide = 8; high = 16; for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i }
    # Text that has no block in it, from column `from` on.
    function put_text() {
        if (text ~ /[^ ]/) {
            gsub(/&/, "\\&amp;", text); gsub(/</, "\\&lt;", text); gsub(/>/, "\\&gt;", text)
            body = body sprintf("<text x=\"%d\" y=\"%d\" textLength=\"%d\">%s</text>\n", wide * (from + 1),
                high * NR, wide * cells, text)
        }
        text = ""; cells = 0
    }
    function put_block(eighths) {
        body = body sprintf("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", wide * (column + 1),
            high * NR + 3 - eighths * 14 / 8, wide, eighths * 14 / 8)
    }
    {
        column = 0
        for (i = 1; i <= length($0); i++) {
            c = code[substr($0, i, 1)]
            if (c >= 1 && c <= 8) {
                put_text()
                put_block(c)
            } else {
                if (!cells)
                    from = column
                text = text substr($0, i, 1)
                if (c >= 128 && c < 192) # the rest of a character
                    continue
                cells++
            }
            column++
        }
        put_text()
        most = column > most ? column : most
    }
    END {
        printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"monospace\" " \
            "font-size=\"13\" fill=\"#1f3f5f\" xml:space=\"preserve\">\n<rect width=\"100%%\" height=\"100%%\" " \
            "fill=\"#f6f8fa\"/>\n%s</svg>\n", wide * (most + 2), high * NR + 10, body
    }'
