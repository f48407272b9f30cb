#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the cases of haproxy/cases.py against the installed HAProxy 2.6 and against this program.
#
#     Tests/Interop/haproxy-sides.sh [--only TEXT] [--show]
#
# FALSEWORK names the program; the release build, then the debug build, if it is not set.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
haproxy=${HAPROXY:-$(command -v haproxy || echo /usr/sbin/haproxy)}
if ! [ -x "$haproxy" ]; then
  echo "skipped: no haproxy here (apt-get install haproxy)"
  exit 0
fi
case $("$haproxy" -v | head -n 1) in
*" version 2.6."*) ;;
*)
  echo "skipped: the cases are those of HAProxy 2.6; this is $("$haproxy" -v | head -n 1)"
  exit 0
  ;;
esac
for built in "${FALSEWORK:-}" "$root/.build/release/falsework" "$root/.build/debug/falsework"; do
  if [ -n "$built" ] && [ -x "$built" ]; then break; fi
done
if ! [ -x "$built" ]; then
  echo "skipped: no program here (make release)"
  exit 0
fi
FALSEWORK=$built HAPROXY=$haproxy exec "$here/haproxy/side_by_side.py" "$@"
