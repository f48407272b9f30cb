#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Holds the installed HAProxy to Tests/Interop/haproxy-cases.txt: what this program's reader is
# tested to say about a configuration, with what HAProxy itself says about it; and to the
# configurations of the scenarios, which HAProxy must run as they are.
#
#     Tests/Interop/haproxy-check.sh            # exit code 1 and a line for each difference
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
trap 'rm -rf "$work"' EXIT
differences=0
cases=0

differs() {
  differences=$((differences + 1))
  printf 'differs: %s\n' "$1"
  sed -n 's/^\[\(ALERT\|WARNING\)\]/    [\1]/p' "$work/said"
}

# The lines of a case in the section that it names, within a configuration that is good.
configuration() {
  local section=$1 lines=$2
  if [ "$section" = file ]; then
    printf '%s\n' "$lines"
    return
  fi
  local name
  for name in global defaults frontend backend; do
    case $name in
    global) printf 'global\n' ;;
    defaults)
      printf 'defaults\n  mode http\n  timeout client 1s\n  timeout connect 1s\n'
      printf '  timeout server 1s\n'
      ;;
    frontend) printf 'frontend f\n  bind 127.0.0.1:15000\n  default_backend b\n' ;;
    backend) printf 'backend b\n' ;;
    esac
    [ "$name" = "$section" ] && printf '%s\n' "$lines"
    [ "$name" = backend ] && printf '  server good 127.0.0.1:15001\n'
  done
}

trim() { sed 's/^[[:space:]]*//; s/[[:space:]]*$//' <<<"$1"; }

while IFS= read -r row; do
  case $row in '' | '#'*) continue ;; esac
  section=$(trim "${row%%|*}")
  row=${row#*|}
  verdict=$(trim "${row%%|*}")
  row=${row#*|}
  lines=$(trim "${row%%| *}")
  message=$(trim "${row#*|}")
  case $lines in *'|') lines=$(trim "${lines%|}") message='' ;; esac
  cases=$((cases + 1))
  configuration "$section" "$(sed 's/[[:space:]]*;;[[:space:]]*/\n/g' <<<"$lines")" \
    >"$work/haproxy.cfg"
  (cd "$work" && "$haproxy" -c -f haproxy.cfg >said 2>&1)
  code=$?
  [ "$code" = 2 ] && code=0 # no listener, which is no error
  case $verdict in
  accepted | warned | stricter) expected=0 ;;
  refused | reworded) expected=1 ;;
  *)
    echo "no such verdict: $verdict"
    exit 2
    ;;
  esac
  if [ "$code" != "$expected" ]; then
    differs "$verdict, but HAProxy exits with $code: $section: $lines"
  elif [ "$verdict" = accepted ] && grep -q '^\[\(WARNING\|ALERT\)' "$work/said"; then
    differs "accepted, but HAProxy has something to say: $section: $lines"
  elif [ "$verdict" = warned ] || [ "$verdict" = refused ]; then
    grep -qF -- "$message" "$work/said" ||
      differs "$verdict, but HAProxy does not say \"$message\": $section: $lines"
  fi
done <"$here/haproxy-cases.txt"

for file in "$here"/../../specs/scenarios/haproxy/*.cfg; do
  cases=$((cases + 1))
  "$haproxy" -c -f "$file" >"$work/said" 2>&1 || differs "HAProxy does not take $file"
done

echo "$cases configurations, $differences differences from $("$haproxy" -v | head -n 1)"
[ "$differences" = 0 ]
