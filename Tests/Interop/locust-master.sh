#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A real Locust master with two of our workers. Every request that the server counted must be in the master's web
# table, JSON and CSV; then once more with a worker that is killed in the middle, whose users the other takes over.
# Needs nginx, and Locust 2.47 from PyPI, which is put into a venv of its own.
#
#     swift build --product falsework && Tests/Interop/locust-master.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
falsework=$PWD/.build/debug/falsework
venv=${LOCUST_VENV:-/tmp/falsework-locust}
[ -x "$venv/bin/locust" ] || { python3 -m venv "$venv"; "$venv/bin/pip" -q install locust==2.47.0; }
place=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$place"' EXIT
cd "$place"

cat > nginx.conf <<END
daemon off; pid $place/pid; error_log $place/error;
events {}
http {
  log_format short '\$status'; access_log $place/access short; keepalive_requests 1000000000;
  server { listen 127.0.0.1:18671; location / { return 200 "hello"; } location /missing { return 404; } }
}
END
cat > locustfile.py <<'END'
from locust import HttpUser, constant, task


class Reader(HttpUser):
    host = "http://127.0.0.1:18671"
    wait_time = constant(1)

    @task
    def get(self):
        self.client.get("/")


class Loser(Reader):
    pass
END
nginx -p "$place" -c nginx.conf & pids+=($!)
sleep 0.5
failures=0
check() { # what, found, expected
  if [ "$2" = "$3" ]; then echo "ok    $1: $2"; else
    echo "FAIL  $1: found $2, expected $3"; failures=$((failures + 1)); fi
}
web() { curl -sf "http://127.0.0.1:18672$1" "${@:2}"; }
field() { python3 -c "import json,sys; d=json.load(sys.stdin); print($1)"; }
until_true() { # what, command: for at most 20 s
  for _ in $(seq 100); do if eval "$2" > /dev/null 2>&1; then return; fi; sleep 0.2; done
  echo "FAIL  $1 did not come about"; failures=$((failures + 1))
}
workers() { web /stats/requests | field 'sum(w["state"] == "'"$1"'" for w in d["workers"])'; }
served() { sleep 1; wc -l < access; }

start() { # runs a master and two workers
  : > access
  kill -USR1 "$(cat pid)"
  "$venv/bin/locust" --master --enable-rebalancing --master-bind-port 18670 --web-host 127.0.0.1 --web-port 18672 --csv out \
    > master.log 2>&1 & master=$!
  pids+=($master)
  for n in 1 2; do
    "$falsework" load --locust-master 127.0.0.1:18670 --url "http://127.0.0.1:18671$1" --wait "$2" \
      2> "worker$n.log" & eval "worker$n=$!"
    pids+=($!)
  done
  until_true "two ready workers" '[ "$(workers ready)" = 2 ]'
}
swarm() { web /swarm -X POST -d "user_count=$1&spawn_rate=$2&user_classes=Reader" > /dev/null; }
finish() { # stops the test; the last reports are in when no user is left
  web /stop -X POST > /dev/null
  until_true "an end of all users" '[ "$(web /stats/requests | field "d[\"user_count\"]")" = 0 ]'
}
compare() { # what
  total=$(served)
  check "$1: requests in the master's JSON" \
    "$(web /stats/requests | field '[s for s in d["stats"] if s["name"] == "Aggregated"][0]["num_requests"]')" "$total"
  check "$1: requests in the web table's CSV" \
    "$(web /stats/requests/csv | python3 -c 'import csv,sys
print([r for r in csv.DictReader(sys.stdin) if r["Name"] == "Aggregated"][0]["Request Count"])')" "$total"
  sleep 2
  check "$1: requests in the CSV file" \
    "$(python3 -c 'import csv
print([r for r in csv.DictReader(open("out_stats.csv")) if r["Name"] == "Aggregated"][0]["Request Count"])')" "$total"
}
leave() {
  kill -TERM "$master"
  wait "$master" || true
  for pid in "$@"; do
    if wait "$pid"; then code=0; else code=$?; fi
    check "exit code of a worker" "$code" 0
  done
}

echo "A ramp to 20 users, down to 6, a stop, and a second test"
start / 10ms
swarm 20 10
until_true "20 users" '[ "$(web /stats/requests | field "d[\"user_count\"]")" = 20 ]'
check "workers that run" "$(workers running)" 2
sleep 3
swarm 6 100
until_true "6 users" '[ "$(web /stats/requests | field "d[\"user_count\"]")" = 6 ]'
sleep 2
finish
compare "first test"
: > access; kill -USR1 "$(cat pid)"
until_true "two ready workers again" '[ "$(workers ready)" = 2 ]'
swarm 8 8
sleep 4
finish
compare "second test"
check "failures" "$(web /stats/requests | field 'len(d["errors"])')" 0
leave "$worker1" "$worker2"

echo "Failures are told with their kind"
start /missing 50ms
swarm 4 4
sleep 3
finish
compare "failing test"
check "kinds of failure" "$(web /stats/requests | field '[e["error"] for e in d["errors"]]')" "['404']"
check "failures" "$(web /stats/requests | field 'd["errors"][0]["occurrences"]')" "$(wc -l < access)"
leave "$worker1" "$worker2"

echo "A worker is killed, and the other takes its users over"
start / 10ms
swarm 10 10
until_true "10 users" '[ "$(web /stats/requests | field "d[\"user_count\"]")" = 10 ]'
sleep 1
kill -KILL "$worker2"
until_true "a missing worker" '[ "$(workers missing)" = 1 ]'
until_true "all users on one worker" \
  '[ "$(web /stats/requests | field "[w[\"user_count\"] for w in d[\"workers\"] if w[\"state\"] == \"running\"]")" = "[10]" ]'
# What the killed worker had not reported yet is lost to everybody: from here on all is the other's.
web /stats/reset -X POST > /dev/null
finish
check "users at the end" "$(web /stats/requests | field 'd["user_count"]')" 0
leave "$worker1"

[ "$failures" = 0 ] && echo "all is well" || { echo "$failures failed"; tail -n 5 ./*.log; exit 1; }
