#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A day of 300 nodes in virtual time: all of them are drained and upgraded, one after the other, while
# journeys come by chance. How long that takes on one core.
#
#     Benchmarks/day.sh [NODES [JOURNEYS A SECOND]]
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

[ -x "$falsework" ] || { echo "skipped: day (no $falsework)"; exit 0; }
nodes="${1:-300}"
rate="${2:-10}"
# The rotation fills the day: a node needs some ten seconds, the rest of its share is a pause.
settle=$((86400 / nodes - 12))
[ "$settle" -gt 0 ] || settle=0

{
  cat <<END
defaults
  mode http
  option redispatch
  retries 3
  timeout connect 10s
  timeout client 50s
  timeout server 50s
frontend keystone
  bind 127.0.0.1:15000
  default_backend nodes
backend nodes
  balance roundrobin
  option httpchk HEAD /
  default-server check inter 2s rise 2 fall 3
END
  for node in $(seq "$nodes"); do
    echo "  server n$node 127.0.$((node / 200 + 1)).$((node % 200 + 1)):5000"
  done
} >"$work/day.cfg"
cat >"$work/day.yaml" <<END
name: a day of $nodes nodes
duration: 24h
cluster: {nodes: [$(seq -f 'n%g' -s ', ' "$nodes")], service: measured, lifecycle: uwsgi}
proxy: day.cfg
load: {rate: $rate/s, arrivals: poisson, journey: authenticate-then-validate}
rotation: {drain: 2s, begin: 10s, settle: ${settle}s}
END

status=0
{ TIMEFORMAT='wall %R cpu %U %S'; time taskset -c "$own" "$falsework" run "$work/day.yaml" \
  --world simulated --quiet --format json >"$work/result.json"; } 2>"$work/time" || status=$?
[ "$status" -le 1 ] || { cat "$work/time" >&2; exit 1; }
requests="$(awk '/"total": \{/ { inside = 1 }
  inside && /"requests":/ { gsub(/[^0-9]/, "", $2); print $2; exit }' "$work/result.json")"
wall="$(awk '$1 == "wall" { print $2 }' "$work/time")"
cpu="$(awk '$1 == "wall" { printf "%.1f", $4 + $5 }' "$work/time")"
printf '\nA day of %s nodes, simulated, one of %s cores\n' "$nodes" "$cores"
printf '%-34s %9s\n' "requests" "$requests"
printf '%-34s %9s\n' "health checks, about" "$((nodes * 43200))"
printf '%-34s %9s\n' "seconds of processor time" "$cpu"
printf '%-34s %9s\n' "simulated seconds a second" "$(awk -v w="$cpu" 'BEGIN { printf "%d", 86400 / w }')"
cat >"$results/day.json" <<END
{
  "name": "a day of $nodes nodes", "machine": $(machine), "requests": $requests,
  "wall_s": $wall, "cpu_s": $cpu
}
END
