# SPDX-License-Identifier: Apache-2.0
"""Cases of what the proxy shows of itself: the stats page, the exporter for Prometheus, syslog."""
import os
import re
import socket
import time

from cases import case, servers


def shown(p, target, **options):
    """Notes an answer without its body, which differs, and without how its end is told."""
    answer = p.get(target, note=False, **options)
    fields = sorted(f"{k}={v}" for k, v in answer.fields if k not in ("transfer-encoding", "content-length", "date"))
    p.note(target, answer.status, fields)
    return answer


@case("stats.page")
def _(p):
    p.start("  stats uri /inner\n" + servers(2), nodes=2,
            frontend="  stats enable\n  stats uri /st\n  stats refresh 30s\n  stats admin if { hdr(x-a) yes }")
    for target in ("/st", "/st;csv", "/st;json", "/st;norefresh", "/st;csv;norefresh", "/stx", "/inner", "/"):
        shown(p, target)
    shown(p, "/st", method="HEAD")
    shown(p, "/st", method="DELETE")
    text = shown(p, "/st;csv;up").body.decode()
    p.note([line.split(",")[:2] for line in text.split("\n")])
    p.logs(11, sizes=False)


@case("stats.auth")
def _(p):
    p.start(servers(1), frontend="  stats uri /st\n  stats auth joe:secret\n  stats auth jim:x\n  stats realm My\\ Realm", nodes=1)
    for credentials in (None, "Basic am9lOnNlY3JldA==", "Basic amltOng=", "Basic am9lOng=", "Bearer x"):
        shown(p, "/st", fields=[f"Authorization: {credentials}"] if credentials else [])
    p.logs(5, times=False, sizes=False)


@case("stats.admin")
def _(p):
    p.start(servers(3, "check inter 60s"), frontend="  stats uri /st\n  stats admin if { hdr(x-a) yes }")
    yes = ["X-A: yes", "Content-Type: application/x-www-form-urlencoded"]
    for form in ("s=n1&action=drain&b=be", "s=n1&s=n2&action=maint&b=be", "s=n1&action=ready&b=be", "s=n9&action=ready&b=be",
                 "s=n1&action=zap&b=be", "action=ready&b=be", "s=n1&action=ready&b=nope", "", "s=n2&action=hdown&b=be",
                 "s=n3&action=hnolb&b=be", "s=n2&action=ready&b=be", "s=n2&action=hrunn&b=be", "s=n3&action=dhlth&b=be"):
        shown(p, "/st", method="POST", body=form, fields=yes)
        p.stat("status", rows=["n1", "n2", "n3"])
    shown(p, "/st", method="POST", body="s=n1&action=drain&b=be")
    p.note("may act", b"checkbox" in shown(p, "/st;st=DONE", fields=yes).body)
    p.note("may act", b"checkbox" in shown(p, "/st").body)


@case("prometheus")
def _(p):
    p.start(servers(2, "check inter 60s"), frontend="  http-request use-service prometheus-exporter if { path /metrics }", nodes=2)
    time.sleep(0.2)
    p.get("/")
    p.get("/status/404")
    text = shown(p, "/metrics").body.decode()
    # Each family that this program has must be HAProxy's, with its labels and its value.
    still = re.compile(r"haproxy_(server|backend|frontend)_(status|weight|uweight|sessions_total|http_responses_total|"
                       r"check_status|active_servers|backup_servers|current_queue|limit_sessions|"
                       r"queue_limit|loadbalanced_total|connection_errors_total|retry_warnings_total|"
                       r"redispatch_warnings_total|requests_denied_total|request_errors_total|current_throttle)\{")
    for line in sorted(line for line in text.split("\n") if still.match(line)):
        p.note(line)
    p.note(*sorted({line for line in text.split("\n") if line.startswith("# TYPE haproxy_server_")
                    and "failed_header" not in line and "internal_errors" not in line}))
    for scope in ("global", "frontend", "server", "*"):
        body = shown(p, f"/metrics?scope={scope}").body.decode()
        p.note(sorted({line.split("_")[1] for line in body.split("\n") if line.startswith("haproxy_")}))


@case("syslog")
def _(p):
    """Each form, on UDP and on a socket with a path; what comes is noted without its moment and process."""
    receivers = []
    lines = []
    for number, form in enumerate(("", "format rfc3164", "format rfc5424", "format priority", "format short",
                                   "format timed", "format iso", "format raw", "len 80", "format local")):
        if number % 2:
            receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            path = f"{p.work}/log{number}"
            receiver.bind(path)
        else:
            receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            receiver.bind(("127.0.0.1", 0))
            path = "127.0.0.1:%d" % receiver.getsockname()[1]
        receiver.settimeout(0.5)
        receivers.append((form, receiver))
        lines.append(f"  log {path} {form} local{number % 8}" + (" notice" if number == 3 else " info notice" if number == 5 else ""))
    p.start(servers(1), frontend="  option httplog\n" + "\n".join(lines), nodes=1)
    for _, receiver in receivers:
        try:
            while True:
                receiver.recv(4096)
        except OSError:
            pass
    p.get("/one")
    for form, receiver in receivers:
        try:
            text = receiver.recv(4096).decode()
        except OSError:
            text = "nothing"
        length = len(text)
        text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", "ISO", text)
        text = re.sub(r"[A-Z][a-z]{2} [ \d]\d [\d:]{8}", "DATE", text)
        text = re.sub(r"haproxy(\[|\s)\d+", r"haproxy\1PID", text)
        text = re.sub(r"127.0.0.1:\d+ \[[^]]*\]", "CLIENT", text)
        text = re.sub(r"(\d+/){4}\d+ ", "TIMES ", text, count=1)
        p.note(form, repr(text[:40] if "len" in form else text), length if "len" in form else "")
        receiver.close()


@case("forwardfor.header")
def _(p):
    p.start("  option forwardfor header X-Client if-none\n" + servers(1), nodes=1)
    p.get("/echo")
    p.get("/echo", fields=["X-Client: 1.2.3.4"])


@case("forwardfor.if-none")
def _(p):
    p.start(servers(1), frontend="  option forwardfor if-none", nodes=1)
    p.get("/echo")
    p.get("/echo", fields=["X-Forwarded-For: 1.2.3.4"])


@case("forwardfor.except.header")
def _(p):
    p.start(servers(1), frontend="  option forwardfor except 127.0.0.0/8 header X-C", nodes=1)
    p.get("/echo")
