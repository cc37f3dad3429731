#!/usr/bin/env bash
# Runs the Windows binary under Wine, with the lab beside it as a native process: Wine has
# no UDP sockets, so names are given by --connect-to. Usage: wine.sh FOLDER NATIVE WINDOWS
set -euo pipefail
dir=$1 native=$2 exe=$3
export WINEPREFIX=$dir/prefix WINEDEBUG=-all WINEDLLOVERRIDES=bcryptprimitives=n
failed=0 checked=0 lab=

finish() {
  [ -z "$lab" ] || kill "$lab" 2>/dev/null || true
  wineserver -k 2>/dev/null || true
}
trap finish EXIT

# Go wants a DLL that Wine 8 lacks; one function of it is all that is used.
cat >"$dir/prng.c" <<'C'
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return RtlGenRandom(data, (ULONG)size); }
C
x86_64-w64-mingw32-gcc -shared -o "$dir/prng.dll" "$dir/prng.c" -ladvapi32
wineboot -i >/dev/null 2>&1
cp "$dir/prng.dll" "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll"

win() { timeout 120 wine "$exe" "$@" 2>"$dir/err" </dev/null | tr -d '\r'; }

# want CODE PATTERN ARGS…: the exit code, and a line of the output
want() {
  local code=$1 pattern=$2 rc=0
  shift 2
  win "$@" >"$dir/out" || rc=$?
  checked=$((checked + 1))
  if [ "$rc" != "$code" ] || ! cat "$dir/out" "$dir/err" | grep -qE -- "$pattern"; then
    echo "FAILED: edgenet.exe $* ended with $rc, want $code, and a line like: $pattern"
    head -30 "$dir/out" "$dir/err"
    failed=$((failed + 1))
  fi
}

# serve SCENARIO…: a lab, and what leads to it
serve() {
  [ -z "$lab" ] || { kill "$lab"; wait "$lab" || true; }
  rm -f "$dir/lab.json"
  "$native" lab --dir "$dir/lab" --json "$@" >"$dir/lab.json" &
  lab=$!
  for _ in $(seq 100); do
    [ -s "$dir/lab.json" ] && break
    sleep 0.1
  done
  mapfile -t to < <(jq -r '.connectTo[] | "--connect-to", .' "$dir/lab.json")
  hub=$(jq -r .hub "$dir/lab.json")
  base=(check "$hub" --ca-file "z:${dir//\//\\}\\lab\\ca.pem" "${to[@]}")
}
proxy() { jq -r --arg n "$1" '.proxies[] | select(.name == $n) | .url' "$dir/lab.json"; }

cd "$dir"
want 0 'windows/amd64' version
serve
want 0 'AMQP works directly' "${base[@]}"
for protocol in AMQP MQTT AMQPWS MQTTWS HTTPS; do
  want 0 "\"protocol\": \"$protocol\"" "${base[@]}" -f json --protocol "$protocol,HTTPS"
  if jq -e '[.results[] | select(.status != "ok")] | length > 0' "$dir/out" >/dev/null; then
    echo "FAILED: $protocol does not work under Wine"
    failed=$((failed + 1))
  fi
done
for name in open basic 443-only tls socks5 socks5-auth; do
  want 0 'works' "${base[@]}" --proxy "$(proxy "$name")"
done
want 1 'connect\.forbidden' "${base[@]}" --route proxy --proxy "$(proxy deny)"
want 1 'connect\.auth-unsupported' "${base[@]}" --route proxy --proxy "$(proxy ntlm)"

# every format, with backslashes in the names
outputs=()
mkdir -p "$dir/reports"
for end in json jsonl md html csv xml prom txt; do outputs+=(-o "z:${dir//\//\\}\\reports\\r.$end"); done
want 0 'AMQP works directly' "${base[@]}" "${outputs[@]}"
for end in json jsonl md html csv xml prom txt; do
  [ -s "$dir/reports/r.$end" ] || { echo "FAILED: no r.$end"; failed=$((failed + 1)); }
done
for format in text json jsonl markdown html csv junit; do
  want 0 . explain 'reports\r.json' -f "$format"
done
want 0 'The same' diff 'reports\r.json' 'reports\r.json'
want 0 'firewall' explain tcp.timeout
want 2 'no cause, no finding and no file' explain 'reports\none.json'

# what is set on a device, below a folder
mkdir -p "$dir/device/etc/aziot"
printf 'hostname = "gw"\n[agent.env]\nUpstreamProtocol = "AmqpWs"\nhttps_proxy = "http://p:secret@proxy.corp:3128"\n' >"$dir/device/etc/aziot/config.toml"
want 0 'AmqpWs' config show --root device --engine none
! grep -q secret "$dir/out" || { echo 'FAILED: a secret'; failed=$((failed + 1)); }
# shellcheck disable=SC2016 # JSON
printf '{"modulesContent":{"$edgeAgent":{"properties.desired":{"systemModules":{"edgeAgent":{},"edgeHub":{}}}}}}' >"$dir/m.json"
want 0 'MqttWs' manifest set 'm.json' --protocol MqttWs

# faults
while read -r scenario code pattern; do
  serve --scenario "$scenario"
  want "$code" "$pattern" "${base[@]}"
done <<'S'
amqp-blocked 0 AmqpWs
captive-portal 1 portal
inspected 1 tls\.
websocket-forbidden 0 works
expired-certificate 1 tls\.expired
S

# Ctrl-C: a console of Wine takes SIGINT for it
serve
rc=0
timeout -s INT 6 wine "$exe" "${base[@]}" --every 1s >"$dir/out" 2>"$dir/err" </dev/null || rc=$?
if grep -q 'watched' "$dir/err"; then
  checked=$((checked + 1))
else
  echo "!!! NOT RUN: Ctrl-C: this Wine hands no SIGINT to a program without a console (it ended with $rc)"
fi
echo '!!! NOT RUN: check --lab and names by DNS: Wine 8 has no UDP sockets'
echo "$checked runs of the Windows binary, $failed failures"
[ "$failed" = 0 ]
