#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds and runs every test. Shows what failed; the whole output is kept in .build/test.log.
# The last line is the total. Words after the name go to `swift test`: scripts/test.sh --filter Load
set -u
cd "$(dirname "$0")/.."
swift="${SWIFT:-swift}"
flags="${FLAGS:---explicit-target-dependency-import-check error}"
log=.build/test.log
mkdir -p .build
began=$(date +%s)

# shellcheck disable=SC2086
$swift build --build-tests $flags || { echo "total: the tests did not build"; exit 1; }
built=$(date +%s)
# shellcheck disable=SC2086
$swift test --skip-build --disable-xctest $flags "$@" >"$log" 2>&1
status=$?
ended=$(date +%s)

# What failed, with the lines that explain it: an entry begins with a sign and may have many lines.
awk '/^(◇|✔|➜)/ { shown = 0 } /^(✘|⚠)/ { shown = 1 } shown || /Fatal error|error:/' "$log"
summary=$(sed -n 's/.*Test run with/Test run with/p' "$log" | tail -1)
if [ -z "$summary" ]; then
  # A crash of the tests leaves no summary; what came before it is worth a look.
  tail -40 "$log"
  summary="the tests did not come to an end (status $status)"
  [ "$status" -ne 0 ] || status=1
fi
cases=$(sed -n 's/.* with \([0-9]*\) test cases* passed.*/\1/p' "$log" | awk '{ n += $1 } END { print n + 0 }')
single=$(grep -E '^✔ Test ' "$log" | grep -v -c -E ' test cases? passed|^✔ Test run ')
echo "passed with arguments: $cases, without: $single; build $((built - began)) s, run $((ended - built)) s"
echo "total: $summary"
exit "$status"
