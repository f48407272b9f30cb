#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Plays one rotation behind our proxy and behind the installed HAProxy, in front of the same nodes, for
# many strategies, and prints both side by side.
#
#     Tests/Interop/field-haproxy.sh [--only NAME] [--keep DIRECTORY]
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
for built in "${FALSEWORK:-}" "$root/.build/release/falsework" "$root/.build/debug/falsework"; do
  if [ -n "$built" ] && [ -x "$built" ]; then break; fi
done
if ! [ -x "$built" ]; then
  echo "skipped: no program here (make release)"
  exit 0
fi
FALSEWORK=$built HAPROXY=$haproxy exec "$here/field/field_haproxy.py" "$@"
