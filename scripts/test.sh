#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds and runs every test, those that need real time after the others, so that nothing takes the
# processor from them. Shows what failed; the whole output is kept in .build/test.log. The last line
# is the total. Words after the name go to `swift test` instead: scripts/test.sh --filter Load
set -u
cd "$(dirname "$0")/.."
swift="${SWIFT:-swift}"
flags="${FLAGS:---explicit-target-dependency-import-check error}"
log=.build/test.log
live='^(FalseworkLiveTests|FalseworkTests|FalseworkCLITests)\.'
mkdir -p .build
: >"$log"
status=0
began=$(date +%s)

# shellcheck disable=SC2086
$swift build --build-tests $flags || { echo "total: the tests did not build"; exit 1; }
built=$(date +%s)

# one_pass WORDS...: a run of the tests that the words choose
one_pass() {
  part=.build/test-part.log
  # shellcheck disable=SC2086
  $swift test --skip-build --disable-xctest $flags "$@" >"$part" 2>&1
  code=$?
  cat "$part" >>"$log"
  # What failed, with the lines that explain it: an entry begins with a sign and may have many lines.
  awk '/^(◇|✔|➜)/ { shown = 0 } /^(✘|⚠)/ { shown = 1 } shown || /Fatal error|error:/' "$part"
  if ! grep -q 'Test run with' "$part"; then
    # A crash leaves no summary; what came before it is worth a look.
    tail -40 "$part"
    echo "the tests did not come to an end (status $code)" | tee -a "$log"
    [ "$code" -ne 0 ] || code=1
  fi
  [ "$code" -eq 0 ] || status=$code
}

if [ $# -gt 0 ]; then
  one_pass "$@"
else
  one_pass --skip "$live"
  # One at a time: whole clusters side by side on two cores starve each other.
  one_pass --no-parallel --filter "$live"
fi
ended=$(date +%s)

cases=$(sed -n 's/^✔ Test .* with \([0-9]*\) test cases* passed.*/\1/p' "$log" |
  awk '{ n += $1 } END { print n + 0 }')
single=$(grep -E '^✔ Test ' "$log" | grep -v -c -E ' test cases? passed|^✔ Test run ')
tests=$(sed -n 's/.*Test run with \([0-9]*\) test.*/\1/p' "$log" |
  awk '{ n += $1 } END { print n + 0 }')
suites=$(sed -n 's/.*Test run with .* in \([0-9]*\) suite.*/\1/p' "$log" |
  awk '{ n += $1 } END { print n + 0 }')
failed=$(grep -E '^✘ Test .* failed after' "$log" | grep -v -c '^✘ Test run ')
[ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed="?"
verdict=passed
[ "$status" -eq 0 ] || verdict=FAILED
echo "build $((built - began)) s, run $((ended - built)) s"
echo "$tests tests in $suites suites: $verdict"
echo "total: $((cases + single)) passed, $failed failed"
exit "$status"
