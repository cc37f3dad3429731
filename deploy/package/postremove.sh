#!/bin/sh
# The history goes with the configuration: deb's purge, and rpm's last removal.
set -e
case "${1:-}" in
  purge | 0) rm -rf /var/lib/edgenet ;;
esac
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
fi
