#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# openstacksdk and python-openstackclient from PyPI make, show, list, change and delete each resource
# of `falsework keystone`.
#
#     Tests/Interop/openstacksdk.sh [path of the program] [release]
#
# Skipped with exit code 0 and a sentence where they cannot be installed; 1 if a check failed.
set -eu
cd "$(dirname "$0")/../.."
program=${1:-.build/debug/falsework}
release=${2:-2026.1}
home=${TMPDIR:-/tmp}/falsework-sdk
venv=$home/venv

skip() { echo "skipped: $1"; exit 0; }

[ -x "$program" ] || { echo "$program is not there: swift build --product falsework"; exit 1; }
command -v python3 >/dev/null || skip "there is no python3"
if ! [ -x "$venv/bin/openstack" ]; then
  rm -rf "$venv"
  mkdir -p "$home"
  python3 -m venv "$venv" || skip "python3 -m venv does not work (package python3-venv)"
  "$venv/bin/pip" install --quiet --disable-pip-version-check openstacksdk python-openstackclient ||
    { rm -rf "$venv"; skip "openstacksdk cannot be installed from PyPI"; }
fi

output=$(mktemp)
pid=
trap 'test -z "$pid" || kill "$pid" 2>/dev/null || true; rm -f "$output"' EXIT
"$program" keystone --listen 127.0.0.1:0 --release "$release" >"$output" &
pid=$!
url=
while [ -z "$url" ]; do
  kill -0 "$pid" 2>/dev/null || { echo "falsework keystone did not come up"; exit 1; }
  url=$(head -n 1 "$output")
done
"$venv/bin/python" Tests/Interop/openstack_resources.py "$url" "$venv/bin/openstack"
