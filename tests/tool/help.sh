# SPDX-License-Identifier: MIT
# help.sh - what the shell tests of the decoder share: TAP, a run of tpdecode,
# what it must give. Sourced first; TP_SRCDIR: the source tree, TP_BUILDDIR:
# where tpdecode is (.). Each check is in a directory of its own.

srcdir=${TP_SRCDIR:-$(dirname "$0")/../..}
. "$srcdir/tests/lib/tap.sh"
tp=$(cd "${TP_BUILDDIR:-.}" && pwd)/tpdecode
[ -x "$tp" ] || { echo "Bail out! no tpdecode in ${TP_BUILDDIR:-.}"; exit 99; }
chmod 755 "$tmp"

# SQLITE|EDIT|DEFLATE: was tpdecode made with it?
made_with()
{
    [ ! -e "$(dirname "$tp")/Makefile" ] || grep -q "^$1_LIBS = -l" "$(dirname "$tp")/Makefile"
}

# The same, and PACKAGE: without it there is nothing to test.
only_with()
{
    made_with "$1" && return
    [ -z "${TP_NO_SKIP:-}" ] || { echo "Bail out! tpdecode was made without $2: install $2"; exit 99; }
    echo "1..0 # SKIP tpdecode was made without $2"
    exit 0
}

# --- helpers; all run in a directory of their check, below $tmp ---

# NAME COMMAND...: one TAP line, not ok if the COMMAND complains.
cli()
{
    cli_name=$1
    shift
    check "$cli_name" in_own_directory "$@"
}

in_own_directory()
{
    own=$tmp/own.$started
    mkdir "$own" && cd "$own" || exit 1
    "$@"
    good
    exit
}

# A file, because it is also called at the end of pipes.
complain()
{
    echo "$*"
    : >"$own/complained"
}

good()
{
    [ ! -e "$own/complained" ]
}

skip()
{
    echo "$*"
    exit 77
}

# ARGUMENT...: tpdecode; leaves out, err and $code.
run()
{
    command_line="tpdecode $*"
    "$tp" "$@" >out 2>err
    code=$?
}

code_is()
{
    [ "$code" = "$1" ] || complain "$command_line: exit code $code, not $1"
}

# Standard input is what the file must hold.
out_is()
{
    diff - out >differ || { complain "$command_line: standard output, < is wanted:"; cat differ; }
}

err_is()
{
    diff - err >differ || { complain "$command_line: standard error, < is wanted:"; cat differ; }
}

# CODE ERR-LINE...: nothing on standard output and these lines on standard error.
nothing_but()
{
    code_is "$1"
    shift
    out_is </dev/null
    printf '%s\n' "$@" | diff - err >differ || { complain "$command_line: standard error, < is wanted:"; cat differ; }
}

# Hex digits with comments to bytes.
hex()
{
    printf "$(awk 'BEGIN { h = "0123456789abcdef" }
        { sub(/#.*/, "")
          for (i = 1; i <= NF; i++)
              printf "\\%03o", 16 * (index(h, substr($i, 1, 1)) - 1) + index(h, substr($i, 2, 1)) - 1 }')"
}

# The golden dump NAME is NAME.hex and NAME.txt with its class in front (tests/golden/README.md);
# NAME.EXT: the path of one.
golden_file()
{
    ls "$srcdir"/tests/golden/*-"$1"
}

# PATH: the dump's name
golden_name()
{
    golden_base=${1##*/*-}
    echo "${golden_base%.*}"
}

# NAME PART: of its .txt.
golden_part()
{
    awk -v part="== $2" '/^== / { on = $0 == part; next } on' "$(golden_file "$1.txt")"
}

# Bytes that steer a terminal: controls, C1 controls, marks that turn text around.
harmless()
{
    LC_ALL=C tr -d '\n\040-\176\200-\377' <"$1" >steering
    [ ! -s steering ] || complain "$command_line: control characters in $1: $(od -An -tx1 steering | head -n 1)"
    LC_ALL=C awk '/\302[\200-\237]|\342\200[\252-\256]|\342\201[\246-\251]/' "$1" >steering
    [ ! -s steering ] || complain "$command_line: controls beyond ASCII in $1"
}
