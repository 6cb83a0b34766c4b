#!/bin/bash
# Boots the systemd of a Debian root as on a machine of its own; unshare(1) has given it namespaces of its own for mounts, processes, host
# name and control groups. The network is that of this machine. Needs root and the unified control groups.
#   unshare --mount --pid --fork --uts --ipc --kill-child test/containers/boot.sh <folder of the root>
set -euo pipefail
root=$1

# A group of its own, and a namespace that shows nothing above it: systemd moves every process that it finds in its root group.
if [ "${2:-}" != inside ]; then
  groups=$(findmnt --types cgroup2 --noheadings --output TARGET | head -n 1)
  group=$groups/samepoint-guide-$(basename "$root")
  mkdir -p "$group"
  echo 0 > "$group/cgroup.procs"
  exec unshare --cgroup "$0" "$root" inside
fi

mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
# The settings of the kernel are those of this machine as well.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,ro,bind "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${number%:*}" "$root/dev/${number#*:}"; done
echo booting
exec env -i container=samepoint PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" /lib/systemd/systemd
