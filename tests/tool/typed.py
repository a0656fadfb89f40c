# SPDX-License-Identifier: MIT
"""typed.py - types at a program in a terminal of its own, and looks at what it shows.

    typed.py [--plain] PROGRAM ARGUMENT... <SCRIPT

A line of SCRIPT is KEYS, blanks, and after ' => ' what must be shown once these keys were typed, up to the next
line's; \\t and \\x1b as in Python. ' =! ' instead: what must not have been shown in the answer to these keys, up to the next
prompt. At first a prompt is waited for. What is typed at a prompt waits until the terminal passes on each key, but with
--plain, for a program that reads lines: a key like \x04 would be lost between the two. Ends with the status of the program, or 99 and the reason.
"""
import os
import pty
import select
import sys
import termios
import time

SECONDS = 60
PROMPT = b'sql> '


def main():
    plain = sys.argv[1] == '--plain'
    program = sys.argv[2 if plain else 1:]
    pid, fd = pty.fork()
    if pid == 0:
        os.execv(program[0], program)
    seen = b''

    def fail(text):
        print(text)
        os.close(fd)
        sys.exit(99)

    def until(what, after):
        nonlocal seen
        end = time.time() + SECONDS
        while what not in seen:
            try:
                more = select.select([fd], [], [], max(0, end - time.time()))[0] and os.read(fd, 4096)
            except OSError:
                more = b''
            if not more:
                fail('after %r: %r is not in %r' % (after, what, seen))
            seen += more
        at = seen.index(what)
        before, seen = seen[:at], seen[at + len(what):]
        return before

    def settle():
        end = time.time() + SECONDS
        while not plain and termios.tcgetattr(fd)[3] & termios.ICANON:
            if time.time() > end:
                fail('the terminal is left as it was')
            time.sleep(0.01)

    until(PROMPT, '')
    settle()
    for line in sys.stdin:
        keys, how, want = line.rstrip('\n').rpartition(' =')
        keys = keys.encode('latin-1').decode('unicode_escape').encode('latin-1')
        want = want.encode('latin-1').decode('unicode_escape').encode('latin-1')
        os.write(fd, keys)
        if want.startswith(b'!'):
            answer = until(PROMPT, keys)
            if want[2:] in answer:
                fail('after %r: %r is in %r' % (keys, want[2:], answer))
        else:
            until(want[2:], keys)
            if want.endswith(b'> '):
                settle()
    try:
        while os.read(fd, 4096):
            pass
    except OSError:
        pass
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


main()
