#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The load engine against wrk: 16 kept connections each, no waiting, the same nginx, in turns.
# With PEER_ONLY=1 wrk stands on both sides.
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
    --users 16 --connections kept --duration "${seconds}s" --wait 0s --format json; } 2>&1 )" ||
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
  run_wrk "$own" 16 "$url"
  micros="$(per "$cost" "$requests")"
}

heading "Load engine, 16 kept connections, the same nginx: against wrk -t1 -c16"
contest "load 2 bytes" ours peer
url="http://127.0.0.1:$port/file"
contest "load 1 KiB" ours peer
