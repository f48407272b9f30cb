#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The load engine against wrk, h2load, hey and Locust (HttpUser and FastHttpUser): kept connections, 16
# and 1, no waiting, the same nginx, in turns. With PEER_ONLY=1 wrk stands on both sides.
# LOCUST is the program of a Locust, if it is not on the path.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

have "load engine against wrk" nginx wrk taskset || exit 0
[ -n "${PEER_ONLY:-}" ] || [ -x "$falsework" ] || { echo "skipped: load (no $falsework)"; exit 0; }

port="$(free_port)"
start_nginx "$other" "$port" 1024
url="http://127.0.0.1:$port/small"

ours() {
  if [ -n "${PEER_ONLY:-}" ]; then peer; return; fi
  local output
  output="$( { TIMEFORMAT='cpu %U %S'; time taskset -c "$own" "$falsework" load --url "$url" \
    --users "${connections:-16}" --connections kept --duration "${seconds}s" --wait 0s --format json; } 2>&1 )" ||
    { echo "$output" >&2; return 1; }
  requests="$(total requests <<<"$output")"
  failed="$(total failures <<<"$output")"
  rate="$(awk -v n="$requests" -v s="$seconds" 'BEGIN { printf "%d", n / s }')"
  none_failed
  cost="$(awk '$1 == "cpu" { printf "%d", ($2 + $3) * 1000000 }' <<<"$output")"
  micros="$(per "$cost" "$requests")"
}
# total KEY: of the object "total" of a result.
total() {
  awk -v key="\"$1\":" '/"total": \{/ { inside = 1 }
    inside && index($0, key) { gsub(/[^0-9]/, "", $2); print $2; exit }'
}
peer() {
  run_wrk "$own" "${connections:-16}" "$url"
  micros="$(per "$cost" "$requests")"
}

# timed COMMAND...: its output in $output, its CPU in $cost (µs).
timed() {
  output="$( { TIMEFORMAT='cpu %U %S'; time taskset -c "$own" "$@"; } 2>&1 )" ||
    { echo "$output" >&2; return 1; }
  cost="$(awk '$1 == "cpu" { printf "%d", ($2 + $3) * 1000000 }' <<<"$output")"
}
h2load_peer() {
  timed h2load --h1 -t1 -c"$connections" -D"$seconds" "$url"
  requests="$(awk '/^requests:/ { print $2 }' <<<"$output")"
  failed="$(awk '/^requests:/ { print $10 + $12 }' <<<"$output")"
  finish
}
hey_peer() {
  GOMAXPROCS=1 timed hey -cpus 1 -c "$connections" -z "${seconds}s" "$url"
  requests="$(awk '/\[200\]/ { print $2 }' <<<"$output")"
  failed="$(awk '/Error distribution/ { inside = 1 } inside && /\[/ { gsub(/[^0-9]/, "", $1); n += $1 }
    END { print n + 0 }' <<<"$output")"
  finish
}
# locust_peer CLASS: HttpUser or FastHttpUser
locust_peer() {
  cat >"$work/locustfile.py" <<END
from locust import FastHttpUser, HttpUser, task
class Asker($1):
    @task
    def ask(self):
        self.client.get("${url#http://127.0.0.1:"$port"}")
END
  timed "$locust" -f "$work/locustfile.py" --headless -u "$connections" -r 1000 \
    -t "${seconds}s" --host "http://127.0.0.1:$port" --json --loglevel ERROR
  requests="$(grep -o '"num_requests": [0-9]*' <<<"$output" | awk '{ n += $2 } END { print n }')"
  failed="$(grep -o '"num_failures": [0-9]*' <<<"$output" | awk '{ n += $2 } END { print n }')"
  finish
}
locust_http() { locust_peer HttpUser; }
locust_fast() { locust_peer FastHttpUser; }
finish() {
  rate="$(awk -v n="$requests" -v s="$seconds" 'BEGIN { printf "%d", n / s }')"
  none_failed
  micros="$(per "$cost" "$requests")"
}

heading "Load engine, 16 kept connections, the same nginx: against wrk -t1 -c16"
connections=16
contest "load 2 bytes" ours peer
url="http://127.0.0.1:$port/file"
contest "load 1 KiB" ours peer
[ -z "${PEER_ONLY:-}" ] || exit 0

heading "Load engine, 1 kept connection: against wrk -t1 -c1"
connections=1
url="http://127.0.0.1:$port/small"
contest "load 1 connection" ours peer

locust="${LOCUST:-locust}"
for connections in 16 1; do
  heading "Load engine against others, $connections kept, 2 bytes"
  if have "h2load (package nghttp2-client)" h2load; then
    contest "load h2load $connections" ours h2load_peer
  fi
  if have "hey" hey; then contest "load hey $connections" ours hey_peer; fi
  if command -v "$locust" >/dev/null; then
    contest "load HttpUser $connections" ours locust_http
    contest "load FastHttpUser $connections" ours locust_fast
  else
    echo "skipped: Locust (pip install locust; LOCUST names the program)"
  fi
done
