#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Real clients against `falsework keystone`: python-openstackclient and keystoneauth1 from PyPI.
#
#     Tests/Interop/keystone-clients.sh [path of the program]
#
# Skipped with exit code 0 and a sentence where the clients cannot be installed; 1 if a check failed.
set -eu
cd "$(dirname "$0")/../.."
program=${1:-.build/debug/falsework}
venv=Tests/Interop/.venv

skip() { echo "skipped: $1"; exit 0; }

[ -x "$program" ] || { echo "$program is not there: swift build --product falsework"; exit 1; }
command -v python3 >/dev/null || skip "there is no python3"
if ! [ -x "$venv/bin/openstack" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv" || skip "python3 -m venv does not work (package python3-venv)"
  "$venv/bin/pip" install --quiet --disable-pip-version-check \
    python-openstackclient keystoneauth1 || { rm -rf "$venv"; skip "PyPI cannot be reached"; }
fi

failed=0
for release in newton ocata queens antelope hibiscus; do
  output=$(mktemp)
  "$program" keystone --listen 127.0.0.1:0 --release "$release" --provider fernet \
    --auth-methods external,password,token,oauth1,mapped,application_credential,totp >"$output" &
  pid=$!
  # The URL is the first line, written when the node listens.
  url=
  while [ -z "$url" ]; do
    kill -0 "$pid" 2>/dev/null || { echo "falsework keystone did not come up"; exit 1; }
    url=$(head -n 1 "$output")
  done
  rm -f "$output"
  "$venv/bin/python" Tests/Interop/keystone_clients.py "$url" "$release" "$venv/bin/openstack" ||
    failed=1
  kill "$pid"
  wait "$pid" || { echo "falsework keystone ended with $?"; failed=1; }
done
exit "$failed"
