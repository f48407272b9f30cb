#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# TLS in the proxy beside HAProxy's: the same configuration, the same requests by curl and openssl, and the same
# results. Needs haproxy, nginx, curl and openssl.
#
#     swift build --product falsework && Tests/Interop/proxy-tls.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
falsework=${FALSEWORK:-$PWD/.build/debug/falsework}
place=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$place"' EXIT
cd "$place"

certificate() { # file, common name, days, hosts
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" \
    -keyout "$1.k" -out "$1.r" 2>/dev/null
  openssl x509 -req -in "$1.r" -CA ca.pem -CAkey ca.k -CAcreateserial -days "$3" \
    -extfile <(echo "subjectAltName=$4") -out "$1.c" 2>/dev/null
  cat "$1.c" "$1.k" > "$1.pem"
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=TestCA -days 9 \
  -keyout ca.k -out ca.pem 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=OtherCA -days 9 \
  -keyout other.k -out other.pem 2>/dev/null
certificate a A 9 DNS:a.example
certificate b B 9 DNS:b.example,DNS:*.b.example
certificate user User 9 DNS:user
certificate origin Origin 9 DNS:origin.example
mkdir crts; cp a.pem crts/1.pem; cp b.pem crts/2.pem

cat > nginx.conf <<END
daemon off; pid $place/pid; error_log $place/error;
events {}
http {
  access_log off; default_type text/plain; client_max_body_size 20m;
  server { listen 127.0.0.1:18700; location / { return 200 "plain"; } location /big { root $place; } }
  server { listen 127.0.0.1:18701 ssl; ssl_certificate origin.c; ssl_certificate_key origin.k;
           location / { return 200 "tls \$ssl_server_name"; } location /big { root $place; }
           location /post { proxy_pass http://127.0.0.1:18700/; } }
  server { listen 127.0.0.1:18702 ssl; ssl_certificate origin.c; ssl_certificate_key origin.k;
           ssl_client_certificate ca.pem; ssl_verify_client on; location / { return 200 "\$ssl_client_s_dn"; } }
}
END
head -c 3000000 /dev/urandom > big
nginx -p "$place" -c nginx.conf & pids+=($!)

config() { # first port
  cat <<END
global
  log stdout format raw local0
  stats socket $place/$1.sock level admin
defaults
  mode http
  log global
  option httplog
  timeout client 5s
  timeout server 5s
  timeout connect 2s
  retries 0
frontend sni
  bind 127.0.0.1:$1 ssl crt $place/a.pem crt $place/b.pem
  default_backend plain
frontend directory
  bind 127.0.0.1:$(($1 + 1)) ssl crt $place/crts strict-sni
  default_backend plain
frontend new
  bind 127.0.0.1:$(($1 + 2)) ssl crt $place/a.pem ssl-min-ver TLSv1.3
  default_backend plain
frontend old
  bind 127.0.0.1:$(($1 + 3)) ssl crt $place/a.pem ssl-max-ver TLSv1.2 ciphers ECDHE-ECDSA-AES128-GCM-SHA256 no-tls-tickets
  default_backend plain
frontend required
  bind 127.0.0.1:$(($1 + 4)) ssl crt $place/a.pem ca-file $place/ca.pem verify required
  default_backend plain
frontend optional
  bind 127.0.0.1:$(($1 + 5)) ssl crt $place/a.pem ca-file $place/ca.pem verify optional alpn http/1.1
  default_backend plain
frontend outward
  bind 127.0.0.1:$(($1 + 6))
  default_backend secure
frontend wrong
  bind 127.0.0.1:$(($1 + 7))
  default_backend wrong
frontend wrongname
  bind 127.0.0.1:$(($1 + 8))
  default_backend wrongname
frontend shown
  bind 127.0.0.1:$(($1 + 9))
  default_backend shown
frontend notls
  bind 127.0.0.1:$(($1 + 10))
  default_backend notls
backend plain
  server s 127.0.0.1:18700
backend secure
  option httpchk GET /
  server s 127.0.0.1:18701 ssl verify required ca-file $place/ca.pem sni str(origin.example) check inter 200ms
backend wrong
  server s 127.0.0.1:18701 ssl verify required ca-file $place/other.pem check inter 200ms fall 1
backend wrongname
  server s 127.0.0.1:18701 ssl verify required ca-file $place/ca.pem sni str(nobody.example)
backend shown
  server s 127.0.0.1:18702 ssl verify none crt $place/user.pem check inter 200ms
backend notls
  server s 127.0.0.1:18700 ssl verify none
END
}
config 18710 > haproxy.cfg
config 18730 > falsework.cfg
haproxy -db -f haproxy.cfg > haproxy.log 2>&1 & pids+=($!)
"$falsework" proxy -f falsework.cfg > falsework.log 2>&1 & ours=$!
pids+=($ours)
sleep 2

get() { # port offset, name, arguments of curl: what came
  local offset=$1 name=$2; shift 2
  curl -s -m 5 -o /dev/null -w '%{http_code} %{ssl_verify_result} %{size_download} %{exitcode}' \
    --cacert ca.pem --resolve "$name:$((port + offset)):127.0.0.1" "https://$name:$((port + offset))/" "$@" || true
}
plain() { curl -s -m 5 -w ' %{http_code}' "http://127.0.0.1:$((port + $1))/${2:-}" || true; }
# What openssl sees: version, cipher, certificate, protocol, or the alert.
look() {
  local offset=$1; shift
  openssl s_client -connect "127.0.0.1:$((port + offset))" "$@" < /dev/null 2>&1 |
    grep -E '^(subject|ALPN|No ALPN|Reused|New, )|alert' | sed -E 's/^[0-9A-F]+:error:[^:]*:[^:]*:[^:]*:/error:/;s/error:[0-9A-F]+:.*routines:[a-z0-9_]*:/error:/;s/:\.\..*//' | sort -u | tr '\n' '|'
}
reused() { # how many of five connections went on with the session of the first
  openssl s_client -connect "127.0.0.1:$((port + $1))" "${@:2}" -reconnect < /dev/null 2>/dev/null | grep -c '^Reused' || true
}
bigsum() { curl -s -m 20 --cacert ca.pem --resolve "a.example:$((port)):127.0.0.1" "https://a.example:$port/big" | md5sum; }
check_state() { echo "show stat" | socat - "UNIX:$place/$port.sock" | python3 -c "
import csv,sys
for r in csv.DictReader(l.lstrip('# ') for l in sys.stdin):
    if r['pxname'] == '$1' and r['svname'] == 's': print(r['status'], r['check_status'].lstrip('* '), r['last_chk'])"; }
logged() { # the last line of a frontend, without what differs from run to run
  grep -E " $1(~|/1| )" "$2" | tail -1 | sed -E 's/^127[^ ]* \[[^]]*\]//;s#([-0-9]+/){4}[0-9]+#T#' ; }

cases() {
  echo "sni a: $(get 0 a.example)"
  echo "sni b: $(get 0 b.example)"
  echo "sni wildcard: $(get 0 x.b.example)"
  echo "sni other: $(get 0 c.example)"
  echo "certificate a: $(look 0 -servername a.example)"
  echo "certificate b: $(look 0 -servername B.example)"
  echo "certificate of none: $(look 0 -noservername)"
  echo "directory a: $(get 1 a.example)"
  echo "directory b: $(get 1 b.example)"
  echo "directory strict: $(look 1 -servername c.example)"
  echo "directory strict, no name: $(look 1 -noservername)"
  echo "new with 1.3: $(look 2 -tls1_3)"
  echo "new with 1.2: $(look 2 -tls1_2)"
  echo "old with 1.2: $(look 3 -tls1_2)"
  echo "old with 1.3: $(look 3 -tls1_3)"
  echo "old, wrong cipher: $(look 3 -tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384)"
  echo "reused with tickets, 1.2: $(reused 0 -tls1_2)"
  echo "reused without tickets, 1.2: $(reused 3 -tls1_2)"
  echo "required, shown: $(get 4 a.example --cert user.c --key user.k)"
  echo "required, none: $(get 4 a.example --tls-max 1.2)"
  echo "required, none, 1.3: $(get 4 a.example)"
  echo "required, stranger: $(get 4 a.example --tls-max 1.2 --cert other.pem --key other.k)"
  echo "optional, shown: $(get 5 a.example --cert user.c --key user.k)"
  echo "optional, none: $(get 5 a.example)"
  echo "alpn: $(look 5 -alpn h2,http/1.1 -tls1_2)"
  echo "no alpn: $(look 0 -alpn http/1.1 -tls1_2)"
  echo "outward: $(plain 6)"
  echo "outward again: $(plain 6)"
  echo "outward, big: $(plain 6 big | md5sum)"
  echo "inward, big: $(bigsum)"
  echo "wrong authority: $(plain 7 | tail -c 4)"
  echo "wrong name: $(plain 8 | tail -c 4)"
  echo "shown to the server: $(plain 9)"
  echo "a server without TLS: $(plain 10 | tail -c 4)"
  echo "plain HTTP to TLS: $(curl -s -m 5 -o /dev/null -w '%{http_code} %{exitcode}' "http://127.0.0.1:$port/" || true)"
  echo "check of secure: $(check_state secure)"
  echo "check of wrong: $(check_state wrong)"
  echo "check of shown: $(check_state shown)"
  echo "log of a request: $(logged sni "$1")"
  echo "log of a handshake that failed: $(logged required "$1")"
  echo "log of a server without TLS: $(logged notls "$1")"
}
port=18710; cases haproxy.log > haproxy.out
port=18730; cases falsework.log > falsework.out
total=$(wc -l < haproxy.out)
same=$(paste -d'\n' haproxy.out falsework.out | awk 'NR%2{a=$0;next} a==$0{n++} END{print n+0}')
diff haproxy.out falsework.out | sed 's/^</HAProxy  /;s/^>/falsework/' | grep -E '^(HAProxy|falsework)' || true
echo "$same of $total the same"

echo "A new certificate, while a connection stays open"
certificate a A2 9 DNS:a.example
( printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'; sleep 2; printf 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'; sleep 1 ) |
  openssl s_client -quiet -connect 127.0.0.1:18730 -servername a.example 2>/dev/null > kept & kept=$!
sleep 1
kill -HUP "$ours"
sleep 0.5
subject=$(openssl s_client -connect 127.0.0.1:18730 -servername a.example < /dev/null 2>/dev/null | grep ^subject)
wait "$kept" || true
answers=$(grep -ao 'HTTP/1.1 200' kept | wc -l)
echo "$subject; $answers answers on the old connection"
[ "$subject" = "subject=CN = A2" ] && [ "$answers" = 2 ] && [ "$same" = "$total" ] && echo "all is well"
