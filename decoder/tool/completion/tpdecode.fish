# SPDX-License-Identifier: MIT
# fish completion for tpdecode: options, as its --help says, words that they take, and names of events and fields of
# the dump that is named on the line.

# KIND: names in the first word of the line that is a dump. Only its beginning is read.
function __tpdecode_names
    for word in (commandline -op)[2..-1]
        set word (string replace -r '^~/' "$HOME/" -- $word)
        test -f "$word" -a -r "$word"; or continue
        set -l names (head -c 4194304 -- $word | __tpdecode --list-events 2>/dev/null | awk -v kind=$argv[1] '
            # 1  sched:switch  (u32 prev, u8 state enum state, str comm)  "prev=%u ..."
            function put(name) {
                if (name ~ /^[A-Za-z0-9_:.-]+$/ && !(name in seen)) {
                    seen[name]
                    print name
                }
            }
            kind == "event" { sys = $2; sub(/:.*/, "", sys); put(sys); put($2) }
            kind == "full" { put($2) }
            kind == "field" && match($0, /\([^)]*\)/) {
                n = split(substr($0, RSTART + 1, RLENGTH - 2), field, ", ")
                for (i = 1; i <= n; i++) {
                    split(field[i], part, " ")
                    sub(/\[.*/, "", part[2])
                    put(part[2])
                }
            }')
        if set -q names[1]
            printf '%s\n' $names
            return
        end
    end
end

# The program that is completed.
function __tpdecode
    set -l program (commandline -op)[1]
    set program (string replace -r '^~/' "$HOME/" -- $program)
    type -q -- $program; and command $program $argv
end

# WORD...: each behind what the word has up to its last ',' or the like: the first argument is a set of these.
function __tpdecode_behind
    set -l begun (string match -r -- "^(?:.*[$argv[1]])?" (commandline -ct | string replace -r '^--[a-z-]*=' ''))
    printf "$begun%s\n" $argv[2..-1]
end

function __tpdecode_keys
    printf '%s\n' cpu event comm common_comm common_pid
    __tpdecode_names field
end

function __tpdecode_hist
    set -l begun (commandline -ct | string replace -r '^--[a-z-]*=' '')
    if string match -q -- '*:*' $begun
        __tpdecode_behind : log2 linear
    else
        __tpdecode_names field
    end
end

function __tpdecode_latency
    set -l begun (commandline -ct | string replace -r '^--[a-z-]*=' '')
    set -l names (__tpdecode_names full)
    set -q names[1]; or return
    if string match -q -- '*,*' $begun
        __tpdecode_behind , $names
    else if string match -q -- '*:*:*' $begun
        printf '%s\n' (string match -r -- '^[^:]*:[^:]*:' $begun)$names
    else
        printf '%s:\n' $names
    end
end

function __tpdecode_role
    set -l names (__tpdecode_names full)
    set -q names[1]; and printf '%s=\n' $names
end

# The long ones are those of --help: tests/tool/complete.sh compares.
complete -c tpdecode -l ascii -d 'timeline without blocks'
complete -c tpdecode -l at -x -d 'where a machine has its trace'
complete -c tpdecode -l baud -x -d 'the speed of a serial line'
complete -c tpdecode -l by -x -a '(__tpdecode_keys)' -d 'a histogram for each'
complete -c tpdecode -l capture -x -d 'of these captures'
complete -c tpdecode -l clock-hz -x -d 'how fast the counter counts'
complete -c tpdecode -l color -x -a 'auto always never'
complete -c tpdecode -l column -x -d 'a column of the same text: host=web1'
complete -c tpdecode -l compress -x -a 'none zlib'
complete -c tpdecode -l cpu -x -d 'of these CPUs'
complete -c tpdecode -l diff -d 'what differs between two files'
complete -c tpdecode -s e -l event -x -a '(__tpdecode_behind , (__tpdecode_names event))' -d 'of these events'
complete -c tpdecode -l explore -d 'on a terminal, to move about in'
complete -c tpdecode -l fields -x -a '(__tpdecode_behind , (__tpdecode_names field))' -d 'only these fields'
complete -c tpdecode -l filter -x -d 'with fields like this'
complete -c tpdecode -s f -l follow -d 'go on while the input is written'
complete -c tpdecode -l format -x -a 'text json csv template folded ftrace vcd trace.dat perfetto chrome html sqlite ctf ctf-lttng parquet'
complete -c tpdecode -l from -x -d 'from this time on'
complete -c tpdecode -l functions -x -d 'where functions of a kernel are'
complete -c tpdecode -s n -l head -x -d 'the first of them'
complete -c tpdecode -s h -l help -d 'what is common; --help all'
complete -c tpdecode -l hist -x -a '(__tpdecode_hist)' -d 'histogram of a field'
complete -c tpdecode -l info -d 'what the dump is'
complete -c tpdecode -l interval -x -d 'milliseconds between two reads'
complete -c tpdecode -l json-strings -d 'numbers of 64 bits as texts'
complete -c tpdecode -l key -x -a '(__tpdecode_behind = (__tpdecode_keys))' -d 'which events belong together'
complete -c tpdecode -l latency -x -a '(__tpdecode_latency)' -d 'times from one event to another'
complete -c tpdecode -l legend -d 'what the parts of a line are'
complete -c tpdecode -l list-events -d 'the events of a dump'
complete -c tpdecode -l list-roles -d 'what each event is taken for'
complete -c tpdecode -l metadata -r -d 'what describes the input'
complete -c tpdecode -l no-demangle -d 'names as the file has them'
complete -c tpdecode -l no-progress -d 'never say how far it is'
complete -c tpdecode -l no-schema -d 'only records and losses'
complete -c tpdecode -l offset -r -d 'move the times of an input'
complete -c tpdecode -s o -l output -r -d 'to a dump'
complete -c tpdecode -l pid -x -d 'of these tasks'
complete -c tpdecode -l progress -d 'say how far it is'
complete -c tpdecode -l role -x -a '(__tpdecode_role)' -d 'what an event is'
complete -c tpdecode -l sandbox -x -a 'auto require off'
complete -c tpdecode -l shard -x -d 'the K-th of N parts: 3/16'
complete -c tpdecode -l slide -x -d 'that kernel ran so much higher'
complete -c tpdecode -l graph -d 'calls, as they begin and end'
complete -c tpdecode -l depth -x -d 'of --graph: no deeper ones'
complete -c tpdecode -l over -x -d 'of --graph: those that took so long'
complete -c tpdecode -l spans -d 'how long what begins and ends took'
complete -c tpdecode -l sql -r -d 'what SQL asks'
complete -c tpdecode -l stats -d 'counts, rates, losses'
complete -c tpdecode -l symbols -r -d 'names for addresses'
complete -c tpdecode -l tail -x -d 'the last of them'
complete -c tpdecode -l tasks -d 'how long each task ran and waited'
complete -c tpdecode -l template -x -d 'a line for each'
complete -c tpdecode -s t -l time -x -a 'seconds raw relative delta utc local'
complete -c tpdecode -l timeline -d 'how dense records are'
complete -c tpdecode -l to -x -d 'up to this time'
complete -c tpdecode -s V -l version
