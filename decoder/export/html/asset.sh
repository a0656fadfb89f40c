#!/bin/sh
# SPDX-License-Identifier: MIT
# asset.sh - the files of an HTML page as texts in C, on standard output: asset.sh FOLDER.
set -eu

# NAME FILE...
text()
{
    echo "const char asset_$1[] ="
    shift
    # A ? has a backslash, so that two of them are no trigraph.
    sed 's/[\\"?]/\\&/g; s/^/    "/; s/$/\\n"/' "$@"
    echo '    ;'
}

echo '/* Made of decoder/export/html by asset.sh. */'
echo '/* clang-format off */'
echo '#include "export/asset.h"'
text page "$1/page.html"
text style "$1/page.css"
# Names are looked up when the page is there: any order will do.
text script "$1"/*.js
