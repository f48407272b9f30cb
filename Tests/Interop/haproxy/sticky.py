# SPDX-License-Identifier: Apache-2.0
"""Cases of cookies and stick tables."""
import re
import time

from cases import case, servers

BACK = "  server n1 {n1} cookie a1\n  server n2 {n2} cookie a2\n  server n3 {n3}\n"


def jar(p, *cookies, target="/echo", **options):
    """Asks with each cookie in turn; a text that begins with `!` is for the runtime API."""
    for cookie in cookies:
        if cookie.startswith("!"):
            p.admin(cookie[1:])
        else:
            p.get(target, fields=[f"Cookie: {cookie}"] if cookie else [], **options)


for name, words, target, cookies in (
    ("insert", "insert", "/echo", ["", "SRV=a2", "SRV=zz", "x=1;SRV=a1;y=2", "SRV=", "srv=a1", ""]),
    ("insert.indirect", "insert indirect nocache", "/echo",
     ["", "SRV=a2", "x=1;SRV=a1;y=2", "SRV=a1; y=2", "x=1 ; SRV=a1", "SRV=zz"]),
    ("insert.attributes", "insert indirect httponly secure domain .x.org attr SameSite=Strict attr A=b", "/echo", ["", "SRV=a1"]),
    ("insert.preserve", "insert preserve", "/cookie/SRV=own", ["", "SRV=a2"]),
    ("insert.own", "insert", "/cookie/SRV=own;path=x", ["", "SRV=a2"]),
    ("insert.nocache", "insert nocache", "/field/ETag=1", ["", "SRV=a2"]),
    ("insert.nocache.private", "insert nocache", "/field/Cache-Control=max-age=0", [""]),
    ("insert.cacheable", "insert nocache", "/field/Cache-Control=max-age=5", [""]),
    ("prefix", "prefix", "/cookie/SRV=own", ["", "SRV=a2~own", "SRV=zz", "SRV=a2~", "x=1; SRV=a1~b; y=2"]),
    ("prefix.echo", "prefix", "/echo", ["SRV=a2~own", "SRV=zz", "SRV=a2~", "x=1; SRV=a1~b; y=2"]),
    ("rewrite", "rewrite", "/cookie/SRV=own", ["", "SRV=a2", "SRV=zz"]),
    ("rewrite.absent", "rewrite", "/echo", ["", "SRV=a2"]),
    ("indirect", "indirect", "/cookie/SRV=own", ["", "SRV=a2"]),
    ("passive", "", "/echo", ["", "SRV=a2", "SRV=a2", "SRV=zz"]),
):
    def cookies_(p, words=words, target=target, cookies=cookies):
        p.start(f"  option redispatch\n  cookie SRV {words}\n" + BACK)
        jar(p, *cookies, target=target)
        p.logs(len(cookies))
        p.stat("lbtot", "stot", "hrsp_2xx")
    case(f"cookie.{name}")(cookies_)


@case("cookie.postonly")
def _(p):
    p.start("  cookie SRV insert postonly\n" + BACK)
    jar(p, "", "SRV=a2")
    jar(p, "", "SRV=a2", method="POST", body="x")
    p.logs(4)


@case("cookie.dates")
def _(p):
    """The dates are those of the moment: only their form is noted."""
    p.start("  cookie SRV insert maxidle 1h maxlife 8h\n" + BACK)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    def date(ago):
        units = int(time.time() - ago) >> 2
        return "".join(alphabet[units >> (24 - 6 * k) & 63] for k in range(5))

    for cookie in ("", "SRV=a2", f"SRV=a2|{date(60)}", f"SRV=a2|{date(60)}|{date(600)}",
                   f"SRV=a2|{date(7200)}|{date(7200)}", f"SRV=a2|{date(60)}|{date(40000)}", "SRV=a2|x", "SRV=zz"):
        answer = p.get("/", fields=[f"Cookie: {cookie}"] if cookie else [], note=False)
        made = answer.field("set-cookie") or "-"
        shape = re.sub(r"[A-Za-z0-9+/]{5}(?=[|;])", "DATE5", made.replace("a2|", "a2|"))
        p.note(cookie.split("|")[0], answer.field("x-server"), shape)
    p.logs(8)


@case("cookie.states")
def _(p):
    p.start("  option redispatch\n  cookie SRV insert\n" + BACK)
    jar(p, "!set server be/n1 state drain", "SRV=a1", "SRV=a1", "", "", "!set server be/n1 state maint", "SRV=a1",
        "SRV=a1", "!set server be/n1 state ready", "SRV=a1", "!set server be/n1 weight 0", "SRV=a1", "",
        "!set server be/n2 state drain", "!set server be/n3 state drain", "SRV=a2", "SRV=zz", "", target="/")
    p.logs(13)
    p.stat("lbtot", "stot", "wredis")


@case("cookie.down")
def _(p):
    p.start("  option redispatch\n  option httpchk GET /health\n  cookie SRV insert\n"
            "  server n1 {n1} cookie a1 check inter 150 rise 1 fall 1\n  server n2 {n2} cookie a2\n", nodes=2)
    p.wait("n1", "check_status", "L7OK")
    p.node("n1").health = 503
    p.wait("n1", "status", "DOWN")
    jar(p, "SRV=a1", "SRV=a2", "SRV=a1", target="/")
    p.node("n1").health = 200
    p.wait("n1", "status", "UP")
    jar(p, "SRV=a1", target="/")
    p.logs(4)


@case("cookie.refused")
def _(p):
    """A server that refuses, and is not known to be down: tried again, and then another."""
    p.start("  option redispatch\n  timeout connect 200\n  cookie SRV insert\n" + BACK)
    p.node("n1").down()
    jar(p, "SRV=a1", target="/")
    p.logs(1)
    p.stat("wretr", "wredis", "lbtot", "econ")


@case("cookie.refused.interval")
def _(p):
    p.start("  option redispatch 1\n  timeout connect 200\n  cookie SRV insert\n" + BACK)
    p.node("n1").down()
    jar(p, "SRV=a1", target="/")
    p.logs(1)
    p.stat("wretr", "wredis", "lbtot", "econ")


@case("cookie.persist")
def _(p):
    p.start("  option redispatch\n  option persist\n  option httpchk GET /health\n  cookie SRV insert\n"
            "  server n1 {n1} cookie a1 check inter 150 rise 1 fall 1\n  server n2 {n2} cookie a2\n", nodes=2)
    p.wait("n1", "check_status", "L7OK")
    p.node("n1").health = 503
    p.wait("n1", "status", "DOWN")
    jar(p, "SRV=a1", target="/")
    p.logs(1)


@case("cookie.queue")
def _(p):
    p.start("  cookie SRV insert\n  server n1 {n1} cookie a1 maxconn 1\n  server n2 {n2} cookie a2 maxconn 1\n", nodes=2)
    first = p.hold("/delay/400", fields=["Cookie: SRV=a1"])
    second = p.hold("/delay/100", fields=["Cookie: SRV=a1"])
    p.stat("qcur", "scur")
    p.held(first)
    p.held(second)
    p.logs(2)


def table(p, name="be"):
    """Notes the entries of a table, without where they are and how long they live."""
    text = p.admin(f"show table {name}", note=False)
    lines = text.split("\n")
    p.note(lines[0], *sorted(re.sub(r"^0x\w+: ", "", re.sub(r"exp=\d+", "exp=_", line)) for line in lines[1:]))


@case("stick.on.src")
def _(p):
    p.start("  stick-table type ip size 1k expire 1m\n  stick on src\n" + servers(3))
    p.order(3)
    table(p)
    for order in ("drain", "maint", "ready"):
        p.admin(f"set server be/n1 state {order}")
        p.order(3)
        table(p)
    p.logs(12)
    p.stat("lbtot", "stot")


@case("stick.string")
def _(p):
    p.start("  stick-table type string len 8 size 10k expire 30s\n  stick on url_param(q)\n" + servers(3))
    for target in ("/?q=abcdefghijk", "/?q=abcdefghxx", "/?q=b", "/", "/?q=b", "/?q=abcdefgh"):
        p.get(target)
    table(p)
    p.admin("clear table be key b")
    table(p)
    p.admin("show table be key abcdefgx")
    p.admin("clear table be")
    table(p)


@case("stick.integer")
def _(p):
    p.start("  stick-table type integer size 1k expire 1h\n  stick match hdr(x-k)\n"
            "  stick store-request hdr(x-k) if { path_beg /keep }\n" + servers(3))
    for target, key in (("/", 5), ("/keep", 5), ("/", 5), ("/keep", "x"), ("/", 0), ("/keep", 7), ("/", 7)):
        p.get(target, fields=[f"X-K: {key}"])
    table(p)


@case("stick.response")
def _(p):
    p.start("  stick-table type string len 20 size 1k expire 1h\n  stick match req.cook(S)\n"
            "  stick store-response res.cook(S)\n" + servers(3))
    p.get("/cookie/S=abc")
    for value in ("abc", "abd", "abc"):
        p.get("/", fields=[f"Cookie: S={value}"])
    table(p)


@case("stick.other")
def _(p):
    p.start("  stick on src table t\n" + servers(3), more="backend t\n  stick-table type ip size 10 expire 1m\n")
    p.order(3)
    table(p, "t")
    p.admin("show table")
    p.admin("show table be")


@case("stick.full")
def _(p):
    p.start("  stick-table type string size 3 expire 1m\n  stick on url_param(q)\n" + servers(3))
    for key in "abcd":
        p.get(f"/?q={key}", note=False)
        time.sleep(0.01)
    table(p)


@case("stick.full.nopurge")
def _(p):
    p.start("  stick-table type string size 3 expire 1m nopurge\n  stick on url_param(q)\n" + servers(3))
    for key in "abcd":
        p.get(f"/?q={key}", note=False)
    table(p)


@case("stick.counts")
def _(p):
    """What OpenStack-Ansible's configuration counts: clients with many errors are refused."""
    p.start("  stick-table type ipv6 size 256k expire 10s store http_err_rate(10s),http_req_rate(10s),http_req_cnt,"
            "http_err_cnt,conn_cnt,conn_cur,gpc0\n  http-request track-sc0 src\n"
            "  http-request deny deny_status 429 if { sc_http_err_rate(0) gt 3 }\n"
            "  http-request set-header X-Rate %[sc0_http_req_rate]\n" + servers(1), nodes=1)
    for target in ("/echo", "/status/404", "/status/401", "/status/500", "/status/403", "/status/499", "/echo", "/echo"):
        p.get(target)
    table(p)
    p.admin("show table be data.http_req_cnt gt 5", note=False)
    for command in ("show table be data.http_req_cnt gt 500", "show table be data.nope gt 1",
                    "show table be data.gpc0 xx 1", "show table be data.bytes_in_cnt gt 1",
                    "set table be key 10.0.0.1 data.gpc0 5", "set table be key 10.0.0.1 data.nope 5", "clear table",
                    "show table be key", "show table nope"):
        p.admin(command)
    table(p)
    p.admin("clear table be data.gpc0 gt 3")
    table(p)
    p.logs(8)
