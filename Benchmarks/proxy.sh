#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The proxy against HAProxy with one thread: the same haproxy.cfg, the same origin, in turns.
# With PEER_ONLY=1 HAProxy stands on both sides: what the ratio of two equals looks like here.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

have "proxy against HAProxy" haproxy nginx wrk taskset || exit 0
[ -n "${PEER_ONLY:-}" ] || [ -x "$falsework" ] || { echo "skipped: proxy (no $falsework)"; exit 0; }

origin_port="$(free_port)"
start_nginx "$origin" "$origin_port" 1024
origin_pid="$pid"

# configuration PORT: what both understand the same way.
configuration() {
  cat <<END
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout http-request 10s
  timeout http-keep-alive 60s
frontend front
  bind 127.0.0.1:$1
  default_backend back
backend back
  balance roundrobin
  option forwardfor
  server a 127.0.0.1:$origin_port check
  server b 127.0.0.1:$origin_port check
END
}

ours_port="$(free_port)"
peer_port="$(free_port)"
configuration "$ours_port" >"$work/ours.cfg"
configuration "$peer_port" >"$work/peer.cfg"
if [ -n "${PEER_ONLY:-}" ]; then
  begin "$own" haproxy -f "$work/ours.cfg"
else
  begin "$own" "$falsework" proxy -f "$work/ours.cfg"
fi
ours_pid="$pid"
await_port "$ours_port" "$ours_pid"
begin "$own" haproxy -f "$work/peer.cfg"
peer_pid="$pid"
await_port "$peer_port" "$peer_pid"

path=/small
# measure PORT PID
measure() {
  local before after
  before="$(cpu "$2")"
  run_wrk "$other" 50 "http://127.0.0.1:$1$path"
  after="$(cpu "$2")"
  micros="$(per $((after - before)) "$requests")"
}
ours() { measure "$ours_port" "$ours_pid"; }
peer() { measure "$peer_port" "$peer_pid"; }

heading "Proxy, wrk -t1 -c50, the same nginx behind: against HAProxy $(haproxy -v |
  sed -n 's/.*version \([^ ]*\).*/\1/p' | head -1), nbthread 1"
contest "proxy 2 bytes" ours peer
path=/file
contest "proxy 1 KiB" ours peer
kill -0 "$ours_pid" "$peer_pid" "$origin_pid"
