# SPDX-License-Identifier: MIT
# What the tests in Linux share: builds the modules against Debian's headers, and boots the kernel of
# the same version, which bootstrap has put into linux-image below the build's folder.
. "$(dirname "$0")/../../lib/tap.sh"
build=$(cd "${TP_BUILDDIR:-.}" && pwd)
image=$build/linux-image
[ -d "$image" ] || image=$srcdir/linux-image
headers=$(ls -d /usr/src/linux-headers-*-cloud-amd64 2>/dev/null | sort -V | tail -n 1)
release=${headers#/usr/src/linux-headers-}
for tool in busybox cpio qemu-system-x86_64 objdump jq; do
    command -v $tool >/dev/null || { echo "Bail out! needs $tool: ./bootstrap check installs it"; exit 99; }
done
[ -n "$headers" ] && [ -f "$image/boot/vmlinuz-$release" ] || {
    echo "Bail out! needs linux-headers-cloud-amd64, and its kernel in linux-image: ./bootstrap check has both"
    exit 99
}

# As DKMS builds them, from a copy, since Kbuild puts objects next to the sources.
modules() { # LOG [options of make]
    said=$1
    shift
    make -s -C "$srcdir/engine/port/linux" dkms "DESTDIR=$tmp/dkms" >"$said" 2>&1 || return 1
    source=$(echo "$tmp"/dkms/usr/src/tracepoint-*)
    linux=$source/engine/port/linux
    cp -R "$srcdir/tests/systems/linux" "$tmp/modules" && find "$tmp/modules" "$source" -name '*.o' -exec rm -f {} + || return 1
    command=$(sed -n 's/^MAKE\[0\]="\(.*\)"/\1/p' "$source/dkms.conf")
    # $command is as DKMS takes it: with a variable in it.
    # shellcheck disable=SC2034
    (cd "$source" && kernel_source_dir=$headers && eval "$command -j2 $*") >>"$said" 2>&1 &&
        make -j2 -C "$headers" M="$tmp/modules" "tp=$source" "KBUILD_EXTRA_SYMBOLS=$linux/Module.symvers" "$@" >>"$said" 2>&1
}

# The guest's files: busybox, the modules in the order in which they are to be loaded, tpdecode.
guest() { # FOLDER SCENARIO
    mkdir -p "$1/bin" "$1/proc" "$1/sys" "$1/dev" "$1/modules"
    cp "$(command -v busybox)" "$1/bin/busybox"
    ln -sf busybox "$1/bin/sh"
    cp "$here/init" "$1/init"
    cp "$2" "$1/scenario"
    chmod +x "$1/init"
    for module in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_console; do
        file=$(find "$image/lib/modules/$release" -name "$module.ko") # some are built in
        [ -z "$file" ] || { cp "$file" "$1/modules"; echo $module; }
    done >"$1/modules/order"
    cp "$linux"/*.ko "$tmp"/modules/*.ko "$1"
    cp "$build/tpdecode" "$1/bin"
    gcc -static -O2 -Wall -Wextra -o "$1/bin/poll" "$here/poll.c" || return 1
    for file in $(ldd "$build/tpdecode" | grep -o '/[^ ]*'); do
        mkdir -p "$1/${file%/*}"
        cp -L "$file" "$1/$file"
    done
    (cd "$1" && find . | cpio -o -H newc 2>/dev/null | gzip -1) >"$1.gz"
}

# Boots it; /out of the guest is then in FOLDER.out. Linux does not check its timer: on a busy host none may come.
boot() { # FOLDER [options of QEMU]
    folder=$1
    shift
    mkdir -p "$folder.out"
    # shellcheck disable=SC2086
    timeout -k 5 "${TIMEOUT:-300}" qemu-system-x86_64 -accel tcg -cpu max -m 256 -nodefaults -display none -no-reboot \
        -kernel "$image/boot/vmlinuz-$release" -initrd "$folder.gz" \
        -append "console=ttyS0 quiet tsc=reliable no_timer_check mitigations=off panic=-1 oops=panic ${APPEND:-}" \
        -serial "file:$folder.console" -device virtio-serial-pci \
        -chardev "file,id=out,path=$folder.tar" -device virtserialport,chardev=out,name=out "$@"
    status=$?
    [ -s "$folder.tar" ] && tar -x -f "$folder.tar" -C "$folder.out"
    return $status
}
