#!/bin/sh
# SPDX-License-Identifier: MIT
# Puts the engine into one header and one C file (make amalgamation):
#   amalgamate.sh header PATH...          tracepoint.h: these public headers, one after the other
#   amalgamate.sh source HEADERS PATH...  C files, which include tracepoint.h; HEADERS, one word, is
#                                         the list that it was made of
# Each PATH is relative to the top of the sources, where the script is called. An included file of ours
# replaces its first #include. If that is under a condition, the next one too; the guards of the file
# make that harmless.
set -eu
what=$1
shift
header=
if [ "$what" = source ]; then
    header=$1
    shift
fi
exec awk -v what="$what" -v header="$header" '
# The file that an #include of ours means, or "".
function found(line, from,    name, dir, path, i, places, n) {
    if (line !~ /^[ \t]*#[ \t]*include[ \t]*[<"]/)
        return ""
    name = line
    sub(/^[^<"]*[<"]/, "", name)
    sub(/[>"].*/, "", name)
    dir = from
    sub(/[^\/]*$/, "", dir)
    n = split(dir name " include/" name " engine/" name " " name, places, " ")
    for (i = 1; i <= n; i++) {
        path = places[i]
        while (match(path, /[^\/]+\/\.\.\//))
            path = substr(path, 1, RSTART - 1) substr(path, RSTART + RLENGTH)
        if (exists(path))
            return path
    }
    return ""
}

function exists(path,    line, there) {
    there = (getline line <path) >= 0
    close(path)
    return there
}

# Is line i of the n lines of a file the start of its guard?
function guards(text, i,    a, b) {
    split(text[i], a, /[ \t]+/)
    split(text[i + 1], b, /[ \t]+/)
    return a[1] == "#ifndef" && b[1] == "#define" && a[2] == b[2]
}

# `conditions`: #if around the place where it is included.
function put(path, conditions,    text, n, i, depth, base, line, next_) {
    if (path in done)
        return
    if (!conditions)
        done[path] = 1
    for (n = 0; (getline line <path) > 0;)
        text[++n] = line
    close(path)
    depth = base = 0
    for (i = 1; i <= n; i++) {
        line = text[i]
        next_ = found(line, path)
        if (line ~ /^[ \t]*#[ \t]*if/) {
            if (!depth && !base && guards(text, i))
                base = 1
            else
                depth++
        } else if (line ~ /^[ \t]*#[ \t]*endif/) {
            if (depth)
                depth--
            else
                base = 0
        } else if (what == "source" && path ~ /\.c$/ && line ~ /^[ \t]*#[ \t]*define/) {
            next_ = ""
            split(line, word, /[ \t(]+/)
            macros[path] = macros[path] word[2] "\n"
        }
        if (next_ != "")
            put(next_, conditions + depth)
        else if (!hidden && line !~ /SPDX-License-Identifier/)
            print line
    }
}

BEGIN {
    print "/* SPDX-License-Identifier: MIT */"
    if (what == "source") {
        hidden = 1 # what the header has
        n = split(header, headers, " ")
        for (i = 1; i <= n; i++)
            put(headers[i], 0)
        hidden = 0
        print "/* The engine in one file, made by engine/amalgamate.sh of tracepoint. */"
        print "#include \"tracepoint.h\""
        print "/* Not all of its files use each inline function of the headers. */"
        print "#pragma GCC diagnostic ignored \"-Wunused-function\""
    } else {
        print "/* The public headers in one, made by engine/amalgamate.sh of tracepoint. */"
    }
    for (i = 1; i < ARGC; i++) {
        put(ARGV[i], 0)
        n = split(macros[ARGV[i]], names, "\n")
        for (k = 1; k < n; k++)
            print "#undef " names[k]
    }
    exit
}' "$@"
