#!/bin/sh
# emulate.sh ROOT UID PROGRAM [ARGUMENT...]: runs a program of an unpacked arm64 image as that user, its children too, on any machine.
# Started by `unshare --user --map-root-user --mount --pid --fork`: since Linux 6.7 a user namespace has a binfmt_misc of its own, so the
# machine's is left as it is. The emulator is opened here (flag F) and need not be in the image.
set -eu
root=$1 uid=$2
shift 2
if [ "$(uname -m)" != aarch64 ]; then
    emulator=$(command -v qemu-aarch64-static) || { echo "qemu-aarch64-static is missing (package qemu-user-static)" >&2; exit 127; }
    mount -t binfmt_misc none /proc/sys/fs/binfmt_misc || { echo "no binfmt_misc of one's own: Linux 6.7 or newer is needed" >&2; exit 126; }
    magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
    mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
    printf '%s' ":aarch64:M::$magic:$mask:$emulator:F" >/proc/sys/fs/binfmt_misc/register
fi
mkdir -p "$root/dev" "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
exec unshare --user --map-user="$uid" --map-group="$uid" --root="$root" --wd=/ "$@"
