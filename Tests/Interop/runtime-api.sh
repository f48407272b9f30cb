#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Starts the installed HAProxy 2.6 on runtime.cfg and compares what its runtime API answers with
# runtime-cases.txt, which this program is tested against.
#
#     Tests/Interop/runtime-api.sh             # exit code 1 and a line for each difference
#     Tests/Interop/runtime-api.sh record      # writes runtime-cases.txt anew
#
# For another proxy that runs runtime.cfg: runtime-api.py check DIRECTORY-OF-ITS-SOCKETS
set -u
here=$(cd "$(dirname "$0")" && pwd)
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
work=$(mktemp -d)
cd "$work" || exit 2
"$haproxy" -db -f "$here/runtime.cfg" >said 2>&1 &
process=$!
trap 'kill $process 2>/dev/null; wait $process 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do
  [ -S user.sock ] && break
  sleep 0.05
done
[ -S user.sock ] || {
  cat said
  exit 2
}
# The health check of be/n2 has failed by then.
for _ in $(seq 100); do
  "$here/runtime-api.py" peek "$work" 'show stat be 4 2' | grep L4CON >/dev/null && break
  sleep 0.05
done
"$here/runtime-api.py" "${1:-check}" "$work"
