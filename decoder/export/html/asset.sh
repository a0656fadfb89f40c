#!/bin/sh
# SPDX-License-Identifier: MIT
# asset.sh - the files of an HTML page as texts in C, on standard output: asset.sh FOLDER HEADER PREFIX.
set -eu

folder=$1 header=$2 prefix=$3

# NAME FILE...
text()
{
    echo "const char $prefix$1[] ="
    shift
    # A ? has a backslash, so that two of them are no trigraph.
    sed 's/[\\"?]/\\&/g; s/^/    "/; s/$/\\n"/' "$@"
    echo '    ;'
}

echo '/* Made of the files of a page by asset.sh. */'
echo '/* clang-format off */'
echo "#include \"$header\""
text page "$folder/page.html"
text style "$folder/page.css"
# Names are looked up when the page is there: any order will do.
text script "$folder"/*.js
