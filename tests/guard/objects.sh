# SPDX-License-Identifier: MIT
# objects.sh - what the guards that look into object files share. Sourced after lib.sh.
#
#   objects ROOT OUT   compiles each folder of the decoder, each layer of the engine and the filter
#                      below ROOT: decoder/base/mem.c into OUT/decoder/base/mem.o
#
# Without optimization: then each static function has its symbol, and each call is one.

objects_in() # ROOT OUT FOLDER FILE...
(
    root=$1 out=$2/$3
    shift 3
    need gcc nm
    regs=
    [ "${out##*/engine/}" != option ] || regs=-mgeneral-regs-only # site.c
    mkdir -p "$out" && cd "$out" || exit 1
    # shellcheck disable=SC2086
    gcc $regs -std=gnu11 -O0 -w -D_GNU_SOURCE -DPACKAGE_VERSION='"0"' "$port" -I"$root/include" \
        -I"$root/decoder" -I"$root/engine" -c "$@"
)

objects()
{
    for folder in "$1"/decoder/* "$1"/engine/event "$1"/engine/core "$1"/engine/control "$1"/engine/filter \
        "$1"/engine/tree "$1"/engine/option; do
        set -- "$1" "$2" "$folder"/*.c
        [ ! -e "$3" ] || objects_in "$1" "$2" "${folder#"$1"/}" "$@" || return
    done
    set -- "$1" "$2" "$1"/engine/filter*.c
    [ ! -e "$3" ] || objects_in "$1" "$2" engine "$@"
}
