# SPDX-License-Identifier: MIT
# Function tracing in a kernel, after lib.sh: what is the same on each board. The books balance while functions
# are patched under both CPUs, the graph is that of the calls, and set_function chooses.

# Both CPUs wait for each other all the time: slow where the host has no two for them.
TIMEOUT=400
export TIMEOUT

# It is made here, so that one without its compiler can run the other tests.
made() {
    (unset MAKEFLAGS MAKELEVEL && make -s -C "$build" "$kernel") >"$tmp/log" 2>&1
    result $? "$kernel: it compiles and links" "$tmp/log"
    ! grep -q warning "$tmp/log"
    result $? "$kernel: without a warning" "$tmp/log"
}

# The kernel counts in its hooks' pin, which does not say which of the two events it is.
calls() {
    sed 's/"sys":"fn","event":"\(enter\|exit\)"/"sys":"fn","event":"call"/' "$tmp/json" >"$tmp/calls" && mv "$tmp/calls" "$tmp/json"
}

# Addresses that the compiler has listed, in hexadecimal without leading zeros.
sites() { # SECTION
    "${binutils:-}objcopy" -O binary -j "$1" --set-section-flags "$1=alloc,load" "$build/$kernel" "$tmp/section" &&
        od -An -v -tx8 -w8 "$tmp/section" | sed 's/ *0*//'
}

live() { # NAME LEAST [options of the kernel]
    name=$1 least=$2
    shift 2
    run "$name" -- "$@"
    calls
    balance "$name" "$tmp/report" "least=$least" losing=any
    totals "$name"
    says "$name: both CPUs recorded functions" "^fired cpu=1 event=fn:call count=[1-9]"
    says "$name: in the end all are nops again" "^functions .* on=0 "
    grep -h '^functions' "$tmp/report" | sed 's/^/# /'
}

live_all() { # LEAST records; on and off more than a thousand times
    live "patched live" "$1" fn=1000
    awk '/^functions/ { split($4, n, "="); exit n[2] < 2000 }' "$tmp/report"
    result $? "patched live: more than a thousand times on and off" "$tmp/report"
    grep -q '"event":"call"' "$tmp/json"
    result $? "patched live: there are calls in the dump" "$tmp/report"
    live "patched live, overwrite" 1000 fn=100 overwrite late subbuf=1024 subbufs=64
}

# The tree of known.c, by hand. A timer may come inside of any of it, and is left out.
cat >"$tmp/tree" <<'END'
known_root() {
  known_twig() {
    known_leaf();
    known_leaf();
  } /* known_twig */
  known_choose() {
    known_twig() {
      known_leaf();
      known_leaf();
    } /* known_twig */
  } /* known_choose */
  known_choose();
  known_down() {
    known_down() {
      known_down() {
        known_down() {
          known_leaf();
        } /* known_down */
      } /* known_down */
    } /* known_down */
  } /* known_down */
} /* known_root */
END
graph() { # the lines of functions; one that only a timer has opened is one line again
    "$build/tpdecode" --symbols "$build/$kernel" --graph "$tmp/dump" 2>"$tmp/err" | sed -n 's/^.*main-[0-9]* *\([0-9.]* us\)\{0,1\} *| //p' |
        grep known_ | awk '
            held != "" && /^ *}/ { sub(/ \{$/, ";", held); print held; held = ""; next }
            held != "" { print held; held = "" }
            /\{$/ { held = $0; next }
            { print }
            END { if (held != "") print held }'
}

known_calls() {
    run "known calls" -- fn_known=1
    calls
    balance "known calls" "$tmp/report" least=50 losing=0
    graph >"$tmp/graph"
    diff "$tmp/tree" "$tmp/graph" >"$tmp/log" 2>&1
    result $? "known calls: the graph is the tree" "$tmp/log"

    run "many known calls" -- fn_known=50
    "$build/tpdecode" --symbols "$build/$kernel" --spans --format json "$tmp/dump" 2>"$tmp/err" |
        jq -r '.spans[] | select(.name | test("^fn:")) | "\(.name) \(.count)"' | sort >"$tmp/counted"
    printf '%s\n' "fn:known_choose 100" "fn:known_down 200" "fn:known_leaf 250" "fn:known_root 50" "fn:known_twig 100" |
        diff - "$tmp/counted" >"$tmp/log" 2>&1
    result $? "many known calls: as many of each as were made" "$tmp/log"
    # Without symbols a function returns, on x86_64, at another address than it begins at, and is the same call.
    "$build/tpdecode" --graph --stats --format json "$tmp/dump" 2>"$tmp/err" |
        jq -r '.spans[] | select(.name | startswith("fn:")) | .count' | sort -n | tr '\n' ' ' >"$tmp/log"
    [ "$(cat "$tmp/log")" = "50 100 100 200 250 " ]
    result $? "many known calls: --graph --stats without symbols" "$tmp/log"
    # All known functions are called by the first one, by path: six different ones, and four of one in itself.
    "$build/tpdecode" --graph --format folded --symbols "$build/$kernel" "$tmp/dump" 2>"$tmp/err" |
        sed -n 's/^.*;\(fn:known_root.*\) [0-9]*$/\1/p' | grep -v irq | sed 's/fn:known_//g' | sort -u >"$tmp/got"
    cat >"$tmp/want" <<'END'
root
root;choose
root;choose;twig
root;choose;twig;leaf
root;down
root;down;down
root;down;down;down
root;down;down;down;down
root;down;down;down;down;leaf
root;twig
root;twig;leaf
END
    diff "$tmp/want" "$tmp/got" >"$tmp/log"
    result $? "many known calls: folded stacks are the paths of the tree" "$tmp/log"
}

# --- by hand: what tpdecode --functions prints is written into set_function ---

by_hand() {
    "$build/tpdecode" --functions 'known_*' "$build/$kernel" >"$tmp/ranges" 2>"$tmp/err"
    result $? "tpdecode --functions" "$tmp/err"
    range=$(tr '\n' ' ' <"$tmp/ranges")
    leaf=0x$(awk '$3 == "known_leaf" { sub(/^0*/, "", $1); print $1 }' "$tmp/names")
    cat >"$tmp/commands" <<END
cat set_function
echo '$range' > set_function
cat set_function
call 3
echo '!$range' > set_function
call 4
cat set_function
echo '0x1-0x2 !0x2-0x3' > set_function
echo '$leaf' > set_function
echo 'mm_*' > set_function
echo '*' > set_function
echo '!*' > set_function
echo '$range' > set_function
echo 'ip == $leaf' > events/fn/enter/filter
call 5
echo 0 > events/fn/enter/filter
echo 'traceoff:1 if ip == $leaf' > events/fn/enter/trigger
call 6
cat tracing_on
exit
END
    type_in "$tmp/commands"
    sed -n 's/^# //; /^0x/p; /^set_function/p; /^[01]$/p' "$tmp/session" >"$tmp/said"
    {
        awk '$3 ~ /^known_/ && $3 != "known_functions" { sub(/^0*/, "", $1); print "0x" $1 }' "$tmp/names" | sort
        echo "set_function: no function is there"
        echo "set_function: a range is 0x1000-0x2000; a name has 127 bytes at most"
        echo "set_function: no function is there"
        echo 0
    } >"$tmp/expected"
    awk '/^0x/ { print | "sort"; next } { close("sort"); print }' "$tmp/said" | diff "$tmp/expected" - >"$tmp/log" 2>&1
    result $? "set_function: what it takes, refuses and says" "$tmp/log"
    # Three calls, five of which the filter leaves only known_leaf's entries, and one that ends at the first of these.
    "$build/tpdecode" --symbols "$build/$kernel" --format json "$tmp/dump" 2>"$tmp/err" |
        jq -r 'select(.sys == "fn") | "\(.event) \(.fields.ip | sub("\\+.*"; ""))"' | sort | uniq -c |
        awk '$3 ~ /^known_/ { print $2, $3, $1 }' >"$tmp/fn"
    cat >"$tmp/expected" <<END
enter known_choose 6
enter known_down 12
enter known_leaf 41
enter known_root 4
enter known_twig 7
exit known_choose 16
exit known_down 32
exit known_leaf 40
exit known_root 8
exit known_twig 16
END
    diff "$tmp/expected" "$tmp/fn" >"$tmp/log" 2>&1
    result $? "set_function, a filter on ip and a trigger: what was called is recorded" "$tmp/log"
}

# What a record costs: -icount lets the clock count instructions, and two runs say the same.
cost() { # MOST [INSTRUCTIONS OF A COUNT]
    QEMU_EXTRA="-icount shift=0,sleep=off"
    export QEMU_EXTRA
    run "cost" -- fn_cost
    unset QEMU_EXTRA
    awk -v "most=$1" -v "each_count=${2:-1}" '$1 == "cost" {
            for (i = 2; i <= NF; i++) { split($i, v, "="); said[v[1]] = v[2] }
            each = (said["both"] - said["off"]) * each_count / said["calls"] / 2
            printf "# %s: %d instructions a call with its loop, %.1f more a record\n", said["trace"], said["off"] * each_count / said["calls"], each
            least = each
            runs++
        }
        END { exit runs != 2 || least > most || least < 20 }' "$tmp/report" >"$tmp/log"
    result $? "cost: at most $1 instructions a record without context" "$tmp/log"
    grep '^#' "$tmp/log"
}
