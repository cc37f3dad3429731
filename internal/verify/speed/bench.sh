#!/bin/bash
# Measures sweeps and single checks beside the peers that this machine has, on the same work, in
# turn, in a network namespace of its own; root. A line each: wall and processor seconds, memory in
# KB, what. The peers come by their ordinary ways: apt-get install curl openssl nmap time, and tlsx
# by the Go module proxy where TLSX names a version (TLSX=v1.1.9).
set -euo pipefail
cd "$(dirname "$0")/../../.."
if [ "${EDGENET_SPEED:-}" != inside ]; then
  dir=$(mktemp -d)
  trap 'rm -rf "$dir"' EXIT
  GOFLAGS=$(cat internal/release/goflags) CGO_ENABLED=0 go build \
    -ldflags '-s -w -funcalign=1 -X edgenet/internal/build.version=0.0.0' -o "$dir/edgenet" ./cmd/edgenet
  go build -o "$dir/far" ./internal/verify/speed
  if [ -n "${TLSX:-}" ]; then # go install would ask for the list of its versions, which a proxy may not have
    mkdir "$dir/tlsx.mod"
    printf 'module x\n\ngo 1.24\n\nrequire github.com/projectdiscovery/tlsx %s\n' "$TLSX" >"$dir/tlsx.mod/go.mod"
    printf '//go:build tools\n\npackage x\n\nimport _ "github.com/projectdiscovery/tlsx/cmd/tlsx"\n' >"$dir/tlsx.mod/x.go"
    (cd "$dir/tlsx.mod" && go mod tidy && go build -o "$dir/tlsx" github.com/projectdiscovery/tlsx/cmd/tlsx) >"$dir/tlsx.log" 2>&1 ||
      { tail -5 "$dir/tlsx.log"; echo 'no tlsx' >&2; }
  fi
  printf 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n' >"$dir/hello.go"
  CGO_ENABLED=0 go build -ldflags '-s -w' -o "$dir/hello" "$dir/hello.go"
  EDGENET_SPEED=inside DIR=$dir unshare -n "$0" "$@"
  exit
fi
ip link set lo up
# dead hubs are beyond a gateway that takes their packets and says nothing
ip link add d0 type veth peer name d1
ip link set d0 up
ip link set d1 up
ip addr add 10.99.0.1/24 dev d0
ip neigh add 10.99.0.2 lladdr 02:00:00:00:00:02 dev d0 nud permanent
ip route add 198.18.0.0/15 via 10.99.0.2
"$DIR/far" "$DIR/root.pem" >"$DIR/far.log" &
far=$!
trap 'kill $far' EXIT
"$DIR/far" "$DIR/later.pem" 127.0.0.2 100ms >"$DIR/later.log" & # for live40: 100 ms there and back
later=$!
trap 'kill $far $later' EXIT
for log in far later; do until grep -q ready "$DIR/$log.log"; do sleep 0.1; done; done
mkdir "$DIR/none"
cd "$DIR"
hubs() { seq -f "h%05g.hubs.example" "$1"; }
dead() { seq -f "dead%05g.hubs.example" "$1"; }
for n in 40 100 1000 10000; do hubs $n >live$n; done
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
  [[ "$*" = *--resolver* ]] || set -- --resolver 127.0.0.1 --ca-file root.pem "$@"
  measure "edgenet $list $*" ./edgenet check --targets "$list" --root none --protocol AMQP,MQTT,HTTPS --depth tls -f jsonl "$@"
}
single() { # PROTOCOLS DEPTH
  measure "edgenet one hub, $1, $2" ./edgenet check --hub h00001.hubs.example --root none --ca-file root.pem \
    --resolver 127.0.0.1 --protocol "$1" --depth "$2" -f json
}
PATH=$DIR:$PATH
unset SSL_CERT_FILE SSL_CERT_DIR # they make the host's store another one
peer() { measure "tlsx $1" ./tlsx -l "$1" -p 443,5671,8883 -c "$2" -timeout 4 -silent -duc -json -r "${3:-127.0.0.1}"; }
echo "load: $(cat /proc/loadavg)"
echo "wall user system KB what"
for _ in $(seq "${RUNS:-3}"); do
  measure "hello" ./hello
  measure "edgenet version" ./edgenet version
  if command -v curl >/dev/null; then
    measure "curl one hub" curl -s -m 5 --cacert root.pem --resolve h00001.hubs.example:443:127.0.0.1 https://h00001.hubs.example/
  fi
  single HTTPS protocol
  if command -v openssl >/dev/null; then
    # shellcheck disable=SC2016 # the inner shell expands it
    measure "openssl one hub, three at once" bash -c 'for p in 443 5671 8883; do
      openssl s_client -connect 127.0.0.1:$p -servername h00001.hubs.example -CAfile root.pem </dev/null & done; wait'
  fi
  single AMQP,MQTT,HTTPS tls
  sweep live100
  if command -v nmap >/dev/null; then
    measure "nmap live100" nmap -n -Pn -p 443,5671,8883 --script ssl-cert 127.0.0.1
  fi
  [ ! -x tlsx ] || peer live1000 256
  sweep live1000
  sweep mixed100 --timeout 4s
  [ ! -x tlsx ] || peer live40 256 127.0.0.2
  sweep live40 --resolver 127.0.0.2 --ca-file later.pem
done
[ ! -x tlsx ] || peer live10000 256
sweep live10000
[ ! -x tlsx ] || peer mixed5000 300
sweep mixed5000 --timeout 4s --parallel 300
