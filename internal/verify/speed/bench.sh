#!/bin/bash
# Measures a sweep beside the peers that this machine has, on the same work, in a network
# namespace of its own; root. A line each: wall and processor seconds, memory in KB, what.
# The peers come by their ordinary ways: apt-get install openssl nmap.
set -euo pipefail
cd "$(dirname "$0")/../../.."
if [ "${EDGENET_SPEED:-}" != inside ]; then
  dir=$(mktemp -d)
  trap 'rm -rf "$dir"' EXIT
  CGO_ENABLED=0 go build -tags nethttpomithttp2 -gcflags all=-l -gcflags std= -ldflags '-s -w' -o "$dir/edgenet" ./cmd/edgenet
  go build -o "$dir/far" ./internal/verify/speed
  EDGENET_SPEED=inside DIR=$dir unshare -n "$0" "$@"
  exit
fi
ip link set lo up
nft 'add table inet f; add chain inet f in { type filter hook input priority 0; }; add rule inet f in ip daddr 127.9.9.9 drop'
"$DIR/far" "$DIR/root.pem" >"$DIR/far.log" &
far=$!
trap 'kill $far' EXIT
until grep -q ready "$DIR/far.log"; do sleep 0.1; done
mkdir "$DIR/none"
cd "$DIR"
hubs() { seq -f "h%05g.hubs.example" "$1"; }
dead() { seq -f "dead%05g.hubs.example" "$1"; }
for n in 100 1000 10000; do hubs $n >live$n; done
{ hubs 70; dead 30; } | sort -R --random-source=/dev/zero >mixed100
{ hubs 3500; dead 1500; } | sort -R --random-source=/dev/zero >mixed5000
measure() { # WHAT COMMAND…
  local what=$1
  shift
  /usr/bin/time -o time.txt -f "%e %U %S %M" "$@" >out.txt 2>err.txt || true
  echo "$(tail -1 time.txt) $what"
}
sweep() { # LIST ARGUMENT…
  local list=$1
  shift
  measure "edgenet $list $*" ./edgenet check --targets "$list" --root none --ca-file root.pem --resolver 127.0.0.1 \
    --protocol AMQP,MQTT,HTTPS --depth tls -f jsonl "$@"
}
echo "load: $(cat /proc/loadavg)"
echo "wall user system KB what"
for _ in $(seq "${RUNS:-3}"); do
  sweep live100
  if command -v openssl >/dev/null; then
    # shellcheck disable=SC2016 # the inner shell expands it
    measure "openssl live100" bash -c 'while read -r h; do for p in 443 5671 8883; do
      openssl s_client -connect 127.0.0.1:$p -servername "$h" -CAfile root.pem </dev/null; done; done <live100'
  fi
  if command -v nmap >/dev/null; then
    measure "nmap live100" nmap -n -Pn -p 443,5671,8883 --script ssl-cert 127.0.0.1
  fi
  if command -v tlsx >/dev/null; then
    measure "tlsx live1000" tlsx -l live1000 -p 443,5671,8883 -c 256 -silent -r 127.0.0.1
  fi
  sweep live1000
  sweep live1000 --unordered
  sweep mixed100 --timeout 4s
done
sweep live10000
sweep mixed5000 --timeout 4s --parallel 300
