#!/bin/sh
# deb calls this with "remove" or "upgrade", rpm with how many versions stay.
set -e
case "${1:-}" in
  remove | 0)
    if [ -d /run/systemd/system ]; then
      systemctl --no-reload disable --now edgenet-watch.service edgenet-textfile.timer || true
    fi
    ;;
esac
