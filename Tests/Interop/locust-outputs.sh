#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Our files in Locust's shape beside those of a real Locust on the same server: heads of the CSV files
# byte by byte, line ends, members of the JSON, heads and rules of the printed tables.
# Needs python3 with venv and PyPI; without them it says so and passes.
set -eu
cd "$(dirname "$0")/../.."
falsework="${FALSEWORK:-.build/debug/falsework}"
work="$(mktemp -d)"
server=""
trap 'test -z "$server" || kill "$server"; rm -rf "$work"' EXIT

if [ -n "${LOCUST:-}" ]; then
  locust="$LOCUST"
else
  locust="$work/venv/bin/locust"
  if ! { python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q locust; } \
    >"$work/pip.log" 2>&1; then
    echo "skipped: no locust from PyPI here"
    exit 0
  fi
fi

"$falsework" keystone --listen 127.0.0.1:0 >"$work/keystone.log" 2>&1 &
server=$!
url=""
for _ in $(seq 100); do
  url="$(grep -o 'http://[0-9.:]*' "$work/keystone.log" | head -1)"
  test -n "$url" && break
  sleep 0.1
done

cat >"$work/file.py" <<'PY'
from locust import HttpUser, constant, task


class User(HttpUser):
    wait_time = constant(0.05)

    @task
    def get(self):
        self.client.get("/v3")

    @task
    def missing(self):
        self.client.get("/v3/projects")
PY
"$locust" -f "$work/file.py" --headless -u 2 -r 2 -t 3s -H "$url" --csv "$work/theirs" --json \
  >"$work/theirs.json" 2>/dev/null || true
"$locust" -f "$work/file.py" --headless -u 2 -r 2 -t 2s -H "$url" --only-summary \
  >/dev/null 2>"$work/theirs.table" || true
# A URL that is refused (401), so that there are failures as well; all of them: code 1.
"$falsework" load "$url/v3/projects" --users 2 --wait 50ms --duration 2s --quiet \
  --csv "$work/ours" --json-file "$work/ours" --format locust >"$work/ours.table" \
  2>/dev/null || test $? -eq 1

python3 - "$work" <<'PY'
import json
import sys

work = sys.argv[1]


def lines(name):
    with open(f"{work}/{name}", "rb") as file:
        return file.read().split(b"\n")


for kind in ["stats", "stats_history", "failures", "exceptions"]:
    ours, theirs = lines(f"ours_{kind}.csv"), lines(f"theirs_{kind}.csv")
    assert ours[0] == theirs[0], (kind, ours[0], theirs[0])
    assert all(line.endswith(b"\r") for line in ours[:-1] + theirs[:-1]), kind
    assert ours[-1] == theirs[-1] == b"", kind
    width = ours[0].count(b",")
    assert all(line.count(b",") == width for line in ours[1:-1]), kind

with open(f"{work}/ours.json") as file:
    ours = json.load(file)
with open(f"{work}/theirs.json") as file:
    theirs = json.load(file)
assert [list(entry) for entry in ours] == [list(theirs[0])], (ours[0].keys(), theirs[0].keys())
for key, value in ours[0].items():
    kinds = {int: "number", float: "number"}
    mine, other = type(value), type(theirs[0][key])
    assert kinds.get(mine, mine) == kinds.get(other, other), key


def shape(name):
    """Heads and rules of the tables, which do not depend on what was measured."""
    with open(f"{work}/{name}") as file:
        text = [line.rstrip("\n") for line in file]
    words = ("Type ", "---", "Response time percentiles", "Error report", "# occurrences")
    return [line for line in text if line.startswith(words)]


assert shape("ours.table") == shape("theirs.table"), (shape("ours.table"), shape("theirs.table"))
total = next(line for line in lines("ours_stats.csv") if b"Aggregated" in line).split(b",")
assert int(total[2]) == ours[0]["num_requests"] == sum(ours[0]["num_reqs_per_sec"].values())
print("heads, line ends, members and tables are those of Locust")
PY
