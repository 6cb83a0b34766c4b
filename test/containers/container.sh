#!/bin/bash
# Runs a command in the root of an image as compose.yaml has Docker run it: the root is read-only, the volume and /tmp are not, and the user has
# no rights. unshare(1) has given it namespaces of its own for mounts and processes. /etc/samepoint of the configuration is mounted.
#   unshare --mount --pid --fork --kill-child container.sh <root> <volume> <configuration> <uid:gid> <NAME=value ...> <command ...>
set -euo pipefail
root=$1 volume=$2 configuration=$3 user=$4
shift 4
mount --make-rprivate /
mount --bind "$root" "$root"
mount --bind "$volume" "$root/var/lib/samepoint"
mount --bind "$configuration" "$root/etc/samepoint"
mount -o remount,ro,bind "$root/etc/samepoint"
mount -t proc proc "$root/proc"
mount -t tmpfs -o size=256m,mode=1777 tmpfs "$root/tmp"
mount -o remount,ro,bind "$root"
exec chroot "$root" setpriv --reuid "${user%:*}" --regid "${user#*:}" --clear-groups --bounding-set=-all --inh-caps=-all \
  --no-new-privs env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
