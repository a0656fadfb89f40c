# SPDX-License-Identifier: MIT
# made.sh - dumps for the tests of exports, as lines that made.c turns into bytes. Sourced after dumps.sh.

"${CC:-cc}" -O1 -D_GNU_SOURCE -o "$tmp/made" "$srcdir/tests/export/made.c" 2>"$tmp/made.err" || {
    echo "Bail out! ${CC:-cc} cannot build a helper: $(head -n 1 "$tmp/made.err")"
    exit 99
}

made()
{
    "$tmp/made" "$@"
}

# What no name of an event suggests.
roles()
{
    set -- 'dma:start=open id=id' 'dma:done=close id=id' 'disk:io=span duration=took_us track=queue' \
        'mem:left=counter value=pages' 'lock:take=begin track=task name=lock' 'lock:drop=end track=task name=lock'
    for rule; do
        printf -- '--role\n%s\n' "$rule"
    done
}

# COMMAND ARGUMENT...: with these roles.
with_roles()
{
    set -f
    old_ifs=$IFS
    IFS='
'
    set -- "$@" $(roles)
    IFS=$old_ifs
    set +f
    "$@"
}

# One of everything, and what does not pair.
scene()
{
    cat <<'END'
0 - - task 5 5 init
0 - - task 7 5 worker
0 - - clock 1700000000000000000
1000 0 5 sched:switch 5 7 1
2000 1 0 sched:switch 0 6 0
2500 1 6 sched:wakeup 7 0
3000 0 7 syscall:enter 4
3200 0 7 irq:entry 32
3300 0 7 irq:exit
4000 0 7 syscall:exit -5
4100 0 7 syscall:exit 0
4200 0 7 lock:take 1
4300 0 7 syscall:enter 9
4400 0 7 lock:drop 1
4500 0 7 mem:left -3
4600 0 7 dma:start 1 77
4700 1 6 dma:start 1 78
4800 1 6 dma:done 77
4900 0 7 disk:io 1 2
4950 0 7 irq:entry 33
5000 0 7 sched:switch 7 5 2
6000 0 - lost 3
8000 0 5 irq:exit
9500 0 0 sched:switch 0 9 0
9600 0 9 syscall:enter 1
END
}

# [COUNT]: so many records, or 30,000, of four CPUs with 40 tasks: what begins need not end, some is lost, and tasks move.
many()
{
    awk -v count="${1:-30000}" 'function random(n) { seed = (seed * 16807) % 2147483647; return seed % n }
    BEGIN {
        seed = 11
        for (t = 1; t <= 40; t++)
            print 0, "- - task", t, int((t + 3) / 4) * 4 - 3, "task-" t
        for (i = 0; i < count; i++) {
            time += 1 + random(3000)
            cpu = random(4)
            what = random(100)
            pid = runs[cpu] + 0
            at = time " " cpu " " pid " "
            if (what < 20) {
                next_pid = random(10) * 4 + cpu + 1
                print at "sched:switch " pid, next_pid, random(3)
                runs[cpu] = next_pid
            } else if (what < 30) print at "sched:wakeup", 1 + random(40), random(4)
            else if (what < 45) print at "syscall:enter", random(9)
            else if (what < 59) print at "syscall:exit", random(9) - 4
            else if (what < 66) print at "irq:entry", random(16)
            else if (what < 73) print at "irq:exit"
            else if (what < 78) print at "dma:start", random(3), random(30)
            else if (what < 83) print at "dma:done", random(30)
            else if (what < 87) print at "disk:io", random(9), random(3)
            else if (what < 91) print at "mem:left", random(100) - 50
            else if (what < 95) print at "lock:take", random(4)
            else if (what < 99) print at "lock:drop", random(4)
            else if (random(4) == 0) {
                print time, cpu, "- lost", 1 + random(20)
                runs[cpu] = random(10) * 4 + cpu + 1
            }
        }
    }'
}

# DUMP: CPU, task and how long it ran there, by JSON. Where what a switch leaves is not what the CPU went to,
# it changed at the loss between; if there is none, right before the switch.
durations()
{
    "$tp" --format json "$1" 2>/dev/null | jq -r '
        if has("lost") then "L \(.cpu) \(.time_ns)"
        elif .event == "switch" then "S \(.cpu) \(.time_ns) \(.fields.prev) \(.fields.next)" else empty end' |
        awk '$1 == "L" { lost[$2] = $3; next }
            {
                if ($2 in since) {
                    at = $3
                    if (runs[$2] != $4 && ($2 in lost)) at = lost[$2]
                    ran[$2 " " runs[$2]] += at - since[$2]
                    if (at != $3) ran[$2 " " $4] += $3 - at
                }
                since[$2] = $3
                runs[$2] = $5
                delete lost[$2]
            }
            END { for (k in ran) if (ran[k]) print k, ran[k] }'
}
