#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# OpenStack's own tests of the Identity API, from PyPI, against `falsework keystone`. A real Keystone
# 2026.1 passes 134 of the 136 and skips 2 (they need rules for passwords), and so must the fake.
#
#     Tests/Interop/tempest.sh [path of the program] [release]
#
# Skipped with exit code 0 and a sentence where tempest cannot be installed; 1 if a test failed.
set -eu
cd "$(dirname "$0")/../.."
program=${1:-.build/debug/falsework}
release=${2:-2026.1}
version=47.0.0
home=${TMPDIR:-/tmp}/falsework-tempest
venv=$home/venv-$version

skip() { echo "skipped: $1"; exit 0; }

[ -x "$program" ] || { echo "$program is not there: swift build --product falsework"; exit 1; }
command -v python3 >/dev/null || skip "there is no python3"
if ! [ -x "$venv/bin/tempest" ]; then
  rm -rf "$venv"
  mkdir -p "$home"
  python3 -m venv "$venv" || skip "python3 -m venv does not work (package python3-venv)"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "tempest==$version" ||
    { rm -rf "$venv"; skip "tempest $version cannot be installed from PyPI"; }
fi

work=$(mktemp -d)
pid=
trap 'test -z "$pid" || kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
"$program" keystone --listen 127.0.0.1:0 --release "$release" >"$work/url" &
pid=$!
# The URL is the first line, written when the node listens.
url=
while [ -z "$url" ]; do
  kill -0 "$pid" 2>/dev/null || { echo "falsework keystone did not come up"; exit 1; }
  url=$(head -n 1 "$work/url")
done

# It keeps a list of what it was run in at home, and refuses a name that is on it.
HOME=$work "$venv/bin/tempest" init "$work/tempest" >"$work/output" 2>&1 ||
  { cat "$work/output"; exit 1; }
cat >"$work/tempest/etc/tempest.conf" <<CONF
[DEFAULT]
log_file = $work/tempest.log
[auth]
use_dynamic_credentials = true
admin_username = admin
admin_password = secret
admin_project_name = admin
admin_domain_name = Default
default_credentials_domain_name = Default
[identity]
uri_v3 = $url
auth_version = v3
region = RegionOne
[identity-feature-enabled]
domain_specific_drivers = true
application_credentials = true
access_rules = true
project_tags = true
security_compliance = false
[service_available]
nova = false
cinder = false
glance = false
neutron = false
swift = false
horizon = false
CONF

cd "$work/tempest"
status=0
HOME=$work "$venv/bin/tempest" run --regex '^tempest\.api\.identity\.(admin\.)?v3\.' --concurrency 1 \
  >"$work/output" 2>&1 || status=$?
grep -E 'FAILED$' "$work/output" | sed 's/^{0} /failed: /; s/ \[.*//' | sort -u || true
passed=$(sed -n 's/^ - Passed: //p' "$work/output" | tail -n 1)
skipped=$(sed -n 's/^ - Skipped: //p' "$work/output" | tail -n 1)
echo "tempest $version on $release: ${passed:-0} passed, ${skipped:-0} skipped"
[ "$status" -eq 0 ] && [ "${passed:-0}" -ge 134 ]
