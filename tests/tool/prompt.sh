#!/bin/sh
# SPDX-License-Identifier: MIT
# prompt.sh - the prompt of --sql at a terminal: completion, lines that come back, signals; and the same without
# libedit. Prints TAP.
#
# TP_SRCDIR: the source tree. TP_BUILDDIR: where tpdecode is (.).

. "${TP_SRCDIR:-$(dirname "$0")/../..}/tests/tool/dumps.sh"

built=$(dirname "$tp")
command -v python3 >/dev/null || { echo "Bail out! no python3: install python3"; exit 99; }
only_with SQLITE libsqlite3-dev
only_with EDIT libedit-dev

# ARGUMENT...: what is typed is standard input.
typed()
{
    TERM=${TERM_HERE-xterm} PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir/tests/tool/typed.py" "$@" >why 2>&1
    code=$? command_line="$*"
    [ $code != 99 ] || complain "$(cat why)"
    code_is "${wanted:-0}"
}

# What a word became is known from what the query then gives, as each number is there once.
completed()
{
    typed "$tp" --sandbox=require --sql ../full.tp <<'END_OF_KEYS'
select 1000 + count(*) from rec\t;\n => 1006
select 1100 + count(*) from t_n\t;\n => 1106
select 1200 + count(*) from "t:n\t;\n => 1206
select 1300 + count(v) from t_num where tim\t>= 0;\n => 1306
select 1400 + count(n.tim\t) from t_num n;\n => 1406
sel\t1500;\n => 1500
SEL\t1600 + count(*) from REC\t;\n => 1606
select length('from rec\t') + 1700;\n => 1708
select 1800 + count(*) from los\twh\t1;\n => 1800
.tab\t\n => t_num
select * from s\t => suppressed
\x15select 1900 + count(*)\nfrom rec\t;\n => 1906
select 200\x020\x05;\n => 2000
.qu\t\n => 6 records
END_OF_KEYS
}

# An event that is called e, escape, v.
harmless_names()
{
    typed "$tp" --sql ../golden/escapes <<'END_OF_KEYS'
select * from \t\t\x15\n =! \x1bv
select 41 + count(*) from "\t\t\x15\n =! \x1bv
.quit\n => 1 records
END_OF_KEYS
}

lines_come_back()
{
    typed "$tp" --sql ../full.tp <<'END_OF_KEYS'
select 30 + 1;\n => \r\n    31
sql\x15\n => sql> 
\x1b[A\n => \r\n    31
\x1b[A\x1b[D0\n => \r\n     40
.quit\n => 6 records
END_OF_KEYS
}

# Control-C drops what was typed, of all its lines; Control-D ends.
signals()
{
    typed "$tp" --sql ../full.tp <<'END_OF_KEYS'
select nonsense\n => ...> 
from nowhere\x03 => sql> 
select 40 + 2;\n => 42\r\nsql> 
with recursive c(i) as (select 1 union all\n => ...> 
select 1 from c) select max(i) from c;\n => from c;\r\n
\x03 => interrupted
select 50 + 2;\n => 52\r\nsql> 
\x04 => 6 records
END_OF_KEYS
    # The settings of the terminal are what they were, whatever ends it.
    python3 - "$tp" ../full.tp >why 2>&1 <<'END_OF_PROGRAM' || complain "$(cat why)"
import os, pty, signal, sys, termios, time
os.environ['TERM'] = 'xterm'
fd, keep = pty.openpty()
pid = os.fork()
if pid == 0:
    os.login_tty(keep)
    os.execv(sys.argv[1], [sys.argv[1], '--sql', sys.argv[2]])
seen = b''
while b'sql> ' not in seen:
    seen += os.read(fd, 4096)
end = time.time() + 60
while termios.tcgetattr(keep)[3] & termios.ICANON and time.time() < end:
    time.sleep(0.01)
raw = termios.tcgetattr(keep)
os.kill(pid, signal.SIGTERM)
status = os.waitpid(pid, 0)[1]
after = termios.tcgetattr(keep)
if raw[3] & termios.ICANON or not after[3] & termios.ICANON or not after[3] & termios.ECHO:
    sys.exit('flags: %x, then %x' % (raw[3], after[3]))
if os.WTERMSIG(status) != signal.SIGTERM:
    sys.exit('status %x' % status)
END_OF_PROGRAM
}

# Without a terminal that can place its cursor; and the same program with noline.c.
plain()
{
    for name in noline zpacker; do
        ${CC:-cc} -std=gnu11 -D_GNU_SOURCE -I"$srcdir/decoder" -c -o $name.o "$srcdir/decoder/base/$name.c" || complain "$name.c"
    done
    # shellcheck disable=SC2046,SC2086
    ${CC:-cc} $(sed -n 's/^CFLAGS = //p' "$built/Makefile") -o less "$built"/decoder/tool/tpdecode-*.o noline.o zpacker.o "$built/libdecode.a" \
        $(sed -n 's/^\(CBOR\|ELF\|IBERTY\|ZLIB\|SQLITE\|SECCOMP\)_LIBS = //p' "$built/Makefile") || complain "it does not link"
    cat >keys <<'END_OF_KEYS'
select 1000 + count(*)\n => ...> 
from records;\n => 1006
select half\n\x03 => sql> 
select 41 + 1;\n => 42
.quit\n => 6 records
END_OF_KEYS
    typed --plain ./less --sql ../full.tp <keys
    TERM_HERE=dumb typed --plain "$tp" --sql ../full.tp <keys
    TERM_HERE='' typed --plain "$tp" --sql ../full.tp <keys
    ./less --format parquet --output x.parquet ../full.tp 2>err
    "$tp" --format json --time utc:ns ../full.tp >x.json 2>/dev/null
    PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir/tests/export/parquet.py" same x.parquet x.json >seen 2>&1 || complain "zpacker.c: $(cat seen)"
}

cli "words of SQL, tables and columns" completed
cli "names that could steer the terminal are not offered" harmless_names
cli "lines come back" lines_come_back
cli "signals, and the settings of the terminal" signals
cli "without libedit and libdeflate, and at a terminal that can do nothing" plain
finish
