#!/bin/sh
# Boots this machine's own files, copy on write, in a container of systemd-nspawn to a target, and
# leaves when that machine is off. In a mount namespace of its own: unshare -m boot.sh DIR TARGET.
# DIR has three folders: over, on which the copy is mounted; plant, whose files lie over this
# machine's; told, which both machines see, there as /told.
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1/over"
mkdir "$1/over/upper" "$1/over/work" "$1/over/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/over/upper,workdir=$1/over/work" "$1/over/root"
rm -rf "$1/over/root/var/log/journal" "$1/over/root/etc/aziot"
cp -a "$1/plant/." "$1/over/root/"
exec systemd-nspawn --quiet -D "$1/over/root" --machine=edgenet-test --private-network --register=no --keep-unit \
  --bind="$1/told:/told" -b "systemd.unit=$2" systemd.journald.forward_to_console=0
