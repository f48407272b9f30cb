#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# keystonemiddleware from PyPI, in front of a small WSGI application, asks `falsework keystone` about
# the tokens of its clients.
#
#     Tests/Interop/keystone-middleware.sh [path of the program]
#
# Skipped with exit code 0 and a sentence where the middleware cannot be installed; 1 if a check
# failed.
set -eu
cd "$(dirname "$0")/../.."
program=${1:-.build/debug/falsework}
venv=${MIDDLEWARE_VENV:-Tests/Interop/.venv-middleware}

skip() { echo "skipped: $1"; exit 0; }

[ -x "$program" ] || { echo "$program is not there: swift build --product falsework"; exit 1; }
command -v python3 >/dev/null || skip "there is no python3"
if ! "$venv/bin/python" -c 'import keystonemiddleware' 2>/dev/null; then
  rm -rf "$venv"
  python3 -m venv "$venv" || skip "python3 -m venv does not work (package python3-venv)"
  "$venv/bin/pip" install --quiet --disable-pip-version-check keystonemiddleware ||
    { rm -rf "$venv"; skip "PyPI cannot be reached"; }
fi

failed=0
for release in newton queens train antelope 2026.2; do
  output=$(mktemp)
  "$program" keystone --listen 127.0.0.1:0 --release "$release" --provider fernet >"$output" &
  pid=$!
  url=
  while [ -z "$url" ]; do
    kill -0 "$pid" 2>/dev/null || { echo "falsework keystone did not come up"; exit 1; }
    url=$(head -n 1 "$output")
  done
  rm -f "$output"
  "$venv/bin/python" -W ignore Tests/Interop/keystone_middleware.py "$url" "$release" || failed=1
  kill "$pid"
  wait "$pid" || { echo "falsework keystone ended with $?"; failed=1; }
done
exit "$failed"
