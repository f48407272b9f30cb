#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One Keystone node that validates a Fernet token with a project scope and a catalogue, against
# nginx returning a file of the size of that answer, in turns. With PEER_ONLY=1 nginx stands on
# both sides.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

have "keystone node against nginx" nginx wrk taskset || exit 0
[ -n "${PEER_ONLY:-}" ] || [ -x "$falsework" ] || { echo "skipped: keystone (no $falsework)"; exit 0; }

# exchange PORT: sends what standard input holds and gives the whole answer.
exchange() {
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  cat >&3
  cat <&3
  exec 3>&-
}

token="none"
size=2048
if [ -z "${PEER_ONLY:-}" ]; then
  ours_port="$(free_port)"
  begin "$own" "$falsework" keystone --listen "127.0.0.1:$ours_port"
  ours_pid="$pid"
  await_port "$ours_port" "$ours_pid"
  domain='"domain":{"name":"Default"}'
  body="{\"auth\":{\"identity\":{\"methods\":[\"password\"],\"password\":{\"user\":{\"name\":\"admin\",$domain,\"password\":\"${OS_PASSWORD:-secret}\"}}},\"scope\":{\"project\":{\"name\":\"admin\",$domain}}}}"
  token="$(printf 'POST /v3/auth/tokens HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
    "${#body}" "$body" | exchange "$ours_port" | tr -d '\r' |
    awk 'tolower($1) == "x-subject-token:" { print $2 }')"
  [ -n "$token" ] || { echo "no token was issued" >&2; exit 1; }
  size="$(printf 'GET /v3/auth/tokens HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Auth-Token: %s\r\nX-Subject-Token: %s\r\n\r\n' \
    "$token" "$token" | exchange "$ours_port" | tr -d '\r' |
    awk 'tolower($1) == "content-length:" { print $2; exit }')"
fi
cat >"$work/validate.lua" <<END
wrk.headers["X-Auth-Token"] = "$token"
wrk.headers["X-Subject-Token"] = "$token"
wrk.headers["Accept"] = "application/json"
END

peer_port="$(free_port)"
start_nginx "$own" "$peer_port" "$size"
peer_pid="$pid"

# measure PORT PID PATH
measure() {
  local before after
  before="$(cpu "$2")"
  run_wrk "$other" 16 "http://127.0.0.1:$1$3" -s "$work/validate.lua"
  after="$(cpu "$2")"
  micros="$(per $((after - before)) "$requests")"
}
ours() {
  if [ -n "${PEER_ONLY:-}" ]; then peer; else measure "$ours_port" "$ours_pid" /v3/auth/tokens; fi
}
peer() { measure "$peer_port" "$peer_pid" /file; }

heading "Keystone node, wrk -t1 -c16: against nginx returning a file of $size bytes"
contest "keystone validate" ours peer
