# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the benchmarks share. Peers come from Debian's packages; one that is absent is skipped with
# a message. A figure is only good beside another of the same run: machines differ, and this one
# differs from itself an hour ago.

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
falsework="${FALSEWORK:-$here/../.build/release/falsework}"
rounds="${ROUNDS:-5}"
seconds="${SECONDS_A_ROUND:-5}"
results="$here/results"
work="$(mktemp -d)"
started=()
mkdir -p "$results"
chmod 755 "$work"  # The worker of an nginx that root started is somebody else.

# The one under test has a core of its own; the rest share what is left.
cores="$(nproc)"
own=0
other=$((cores > 1 ? 1 : 0))
origin=$((cores > 2 ? 2 : other))

cleanup() {
  local pid
  for pid in "${started[@]:-}"; do
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

# have WHAT COMMAND...: whether the commands are there; says what is missing and what is skipped.
have() {
  local what="$1" missing=()
  shift
  for command in "$@"; do
    command -v "$command" >/dev/null 2>&1 || [ -x "/usr/sbin/$command" ] || missing+=("$command")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "skipped: $what (not installed: ${missing[*]}; apt-get install ${missing[*]})"
  return 1
}

PATH="$PATH:/usr/sbin"

# free_port: a port of 127.0.0.1 that nobody listens on.
free_port() {
  local port
  while true; do
    port=$((20000 + RANDOM % 10000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

# await_port PORT PID: until it accepts, or the process is gone.
await_port() {
  local try
  for try in $(seq 200); do
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
    kill -0 "$2" 2>/dev/null || break
    sleep 0.05
  done
  echo "nothing listens on port $1" >&2
  return 1
}

# begin CORE COMMAND...: in the background on that core; its process is $pid.
begin() {
  local core="$1"
  shift
  taskset -c "$core" "$@" >"$work/log.$RANDOM" 2>&1 &
  pid=$!
  started+=("$pid")
}

# end PID: stops one that `begin` started.
end() {
  kill "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# cpu PID: microseconds that the process has used so far, its threads together (proc(5): fields
# 14 and 15 of stat, in ticks).
cpu() {
  local stat ticks
  stat="$(cat "/proc/$1/stat")"
  # The name in field 2 may hold blanks.
  read -r -a fields <<<"${stat##*) }"
  ticks=$((fields[11] + fields[12]))
  echo $((ticks * 1000000 / $(getconf CLK_TCK)))
}

# start_nginx CORE PORT FILE-SIZE [CONNECTIONS]: one worker that answers /file from memory; its worker is $pid.
start_nginx() {
  local root="$work/www.$2" conf="$work/nginx.$2.conf"
  mkdir -p "$root" "$work/nginx.$2"
  head -c "$3" /dev/zero | tr '\0' 'x' >"$root/file"
  cat >"$conf" <<END
daemon off;
worker_processes 1;
pid $work/nginx.$2/pid;
error_log $work/nginx.$2/error crit;
worker_rlimit_nofile $((${4:-1024} + 1024));
events { worker_connections ${4:-1024}; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  open_file_cache max=16;
  default_type application/json;
  client_body_temp_path $work/nginx.$2/a;
  proxy_temp_path $work/nginx.$2/b;
  fastcgi_temp_path $work/nginx.$2/c;
  uwsgi_temp_path $work/nginx.$2/d;
  scgi_temp_path $work/nginx.$2/e;
  server {
    listen 127.0.0.1:$2 backlog=4096;
    root $root;
    location = /small { return 200 "ok"; }
  }
}
END
  begin "$1" nginx -c "$conf" -p "$work/nginx.$2"
  local master="$pid"
  await_port "$2" "$master"
  pid="$(pgrep -P "$master" | head -1)"
}

# run_wrk CORE CONNECTIONS URL [ARGUMENTS...]: sets requests, rate, failed and cost (CPU, µs).
run_wrk() {
  local core="$1" connections="$2" url="$3" output
  shift 3
  output="$( { TIMEFORMAT='cpu %U %S'; time taskset -c "$core" wrk -t1 -c"$connections" \
    -d"${seconds}s" "$@" "$url"; } 2>&1 )" || { echo "$output" >&2; return 1; }
  requests="$(awk '/requests in/ { print $1 }' <<<"$output")"
  rate="$(awk '/^Requests\/sec/ { printf "%d", $2 }' <<<"$output")"
  failed="$(awk '/Non-2xx/ { n += $NF } /Socket errors/ { gsub(",", ""); n += $4 + $6 + $8 + $10 }
    END { print n + 0 }' <<<"$output")"
  cost="$(awk '$1 == "cpu" { printf "%d", ($2 + $3) * 1000000 }' <<<"$output")"
  none_failed
}

# Answers that are errors are cheap, and a figure made of them is worth nothing.
none_failed() {
  [ "$failed" -eq 0 ] && return 0
  echo "$failed of $requests requests failed: no figure" >&2
  exit 1
}

# median NUMBER...
median() {
  printf '%s\n' "$@" | sort -g | awk '{ a[NR] = $1 }
    END { print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'
}

# ratio A B, with three digits
ratio() {
  awk -v a="$1" -v b="$2" 'BEGIN { if (b == 0) print "nan"; else printf "%.3f", a / b }'
}

# per CPU REQUESTS: microseconds a request
per() {
  awk -v a="$1" -v b="$2" 'BEGIN { if (b == 0) print "nan"; else printf "%.2f", a / b }'
}

# list NUMBER...: as JSON
list() {
  local IFS=,
  echo "[$*]"
}

machine() {
  local model
  model="$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
  printf '{"cpu": "%s", "cores": %s, "kernel": "%s", "load": "%s", "at": "%s"}' \
    "$model" "$cores" "$(uname -r)" "$(cut -d' ' -f1-3 /proc/loadavg)" "$(date -u +%FT%TZ)"
}

# A pair of contestants. `run A` and `run B` take turns; each sets rate and micros.
# contest NAME OURS PEER
contest() {
  local name="$1" ours="$2" peer="$3" round
  local rates_a=() rates_b=() costs_a=() costs_b=() rate_ratios=() cost_ratios=()
  for round in $(seq "$rounds"); do
    "$ours"
    rates_a+=("$rate") costs_a+=("$micros")
    "$peer"
    rates_b+=("$rate") costs_b+=("$micros")
    rate_ratios+=("$(ratio "${rates_a[-1]}" "${rates_b[-1]}")")
    cost_ratios+=("$(ratio "${costs_a[-1]}" "${costs_b[-1]}")")
  done
  printf '%-34s %9s %9s %7s   %8s %8s %7s\n' "$name" \
    "$(median "${rates_a[@]}")" "$(median "${rates_b[@]}")" "$(median "${rate_ratios[@]}")" \
    "$(median "${costs_a[@]}")" "$(median "${costs_b[@]}")" "$(median "${cost_ratios[@]}")"
  [ -z "${PEER_ONLY:-}" ] || return 0
  cat >"$results/$(tr ' ' '-' <<<"$name").json" <<END
{
  "name": "$name", "machine": $(machine), "seconds": $seconds,
  "ours": {"requests_per_s": $(list "${rates_a[@]}"), "cpu_us": $(list "${costs_a[@]}")},
  "peer": {"requests_per_s": $(list "${rates_b[@]}"), "cpu_us": $(list "${costs_b[@]}")},
  "median_ratio": {"requests_per_s": $(median "${rate_ratios[@]}"), "cpu_us": $(median "${cost_ratios[@]}")}
}
END
}

heading() {
  printf '\n%s\n%-34s %9s %9s %7s   %8s %8s %7s\n' "$1" "" "req/s" "peer" "ratio" "CPU µs" "peer" \
    "ratio"
}
