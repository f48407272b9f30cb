# SPDX-License-Identifier: Apache-2.0
"""Cases of rules: ACLs, http-request and http-response, redirect, use_backend, monitor, capture, errorfile."""
from cases import case, servers


def one(name, frontend, targets, backend="", more="", log=True, **options):
    """A configuration, and what becomes of these targets: a path, or (path, options of `get`)."""
    def body(p):
        p.start(backend + servers(2), frontend=frontend, more=more, nodes=2, **options)
        for target in targets:
            path, asked = target if isinstance(target, tuple) else (target, {})
            p.get(path, **asked)
        if log:
            p.logs(len(targets), **(log if isinstance(log, dict) else {}))
    case(f"rules.{name}")(body)


# Conditions

for name, acl, targets in (
    ("path", "path /a /b", ["/a", "/b", "/c", "/a/", "/a?x=1"]),
    ("path_beg", "path_beg /v3", ["/v3", "/v3/auth", "/V3", "/v2"]),
    ("path_beg-i", "path_beg -i /V3", ["/v3", "/V3/auth", "/x"]),
    ("path_end", "path_end .json", ["/a.json", "/a.jsonx", "/.json?b"]),
    ("path_sub", "path_sub oke", ["/tokens", "/token", "/tok"]),
    ("path_dir", "path_dir auth", ["/v3/auth/tokens", "/v3/authx", "/auth"]),
    ("path_dom", "path_dom auth", ["/v3/auth.x", "/v3/auth", "/vauth"]),
    ("path_reg", "path_reg ^/v[23](/|$)", ["/v3", "/v2/a", "/v4", "/v33"]),
    ("path_reg-i", "path_reg -i ^/V[0-9]+$", ["/v31", "/V3", "/v"]),
    ("path_len", "path_len 3:5", ["/a", "/ab", "/abcd", "/abcde"]),
    ("path-m-beg", "path -m beg /x", ["/xy", "/y"]),
    ("url", "url /a?b=1", ["/a?b=1", "/a"]),
    ("url_param", "url_param(user) joe", ["/?user=joe", "/?user=jim", "/?auser=joe", "/"]),
    ("urlp-found", "urlp(x) -m found", ["/?x=1", "/?y=1", "/?x="]),
    ("query", "query -m sub a=1", ["/?a=1", "/?b", "/"]),
    ("method", "method POST PUT", ["/", ("/", {"method": "POST", "body": "x"})]),
    ("meth_get", "METH_GET", ["/", ("/", {"method": "HEAD"}), ("/", {"method": "DELETE"})]),
    ("hdr", "hdr(X-A) a b", [("/", {"fields": ["X-A: a"]}), ("/", {"fields": ["X-A: c, b"]}),
                             ("/", {"fields": ["X-A: c"]}), "/"]),
    ("hdr-i", "hdr(x-a) -i ABC", [("/", {"fields": ["X-A: abc"]}), ("/", {"fields": ["X-A: ab"]})]),
    ("hdr_beg", "hdr_beg(user-agent) curl", [("/", {"fields": ["User-Agent: curl/7"]}), "/"]),
    ("hdr_dom", "hdr_dom(host) example", [("/", {"host": "a.example.org:80"}), ("/", {"host": "anexample"})]),
    ("hdr_cnt", "hdr_cnt(x-a) gt 1", [("/", {"fields": ["X-A: a", "X-A: b"]}),
                                     ("/", {"fields": ["X-A: a,b"]}), ("/", {"fields": ["X-A: a"]})]),
    ("hdr_val", "hdr_val(x-a) ge 10", [("/", {"fields": ["X-A: 10"]}), ("/", {"fields": ["X-A: 9"]}), "/"]),
    ("hdr_ip", "hdr_ip(x-forwarded-for) 10.0.0.0/8",
     [("/", {"fields": ["X-Forwarded-For: 10.1.2.3"]}), ("/", {"fields": ["X-Forwarded-For: 11.1.2.3"]})]),
    ("cook", "req.cook(a) 1", [("/", {"fields": ["Cookie: b=2; a=1"]}), ("/", {"fields": ["Cookie: a=2"]})]),
    ("src", "src 127.0.0.0/8", ["/"]),
    ("src-not", "src 10.0.0.0/8", ["/"]),
    ("ssl_fc", "ssl_fc", ["/"]),
    ("always_true", "always_true", ["/"]),
    ("always_false", "always_false", ["/"]),
    ("nbsrv", "nbsrv(be) lt 2", ["/"]),
    ("srv_is_up", "srv_is_up(be/n1)", ["/"]),
    ("lower", "path,lower /abc", ["/ABC", "/abd"]),
    ("str", "str(a) a", ["/"]),
    ("http10", "HTTP_1.0", ["/", ("/", {"version": "1.0"})]),
):
    one(f"acl.{name}", f"  http-request deny if {{ {acl} }}" if acl.upper() != acl or "(" in acl
        else f"  http-request deny if {acl}", targets)

one("acl.named", "  acl a path_beg /a\n  acl a path_beg /b\n  acl post method POST\n"
    "  http-request deny if a !post", ["/a", "/b", "/c", ("/a", {"method": "POST", "body": ""})])
one("acl.or", "  acl a path /a\n  acl b path /b\n  acl c path_sub c\n  http-request deny if a or b c or c",
    ["/a", "/b", "/xcx", "/d"])
one("acl.unless", "  http-request deny unless { path_beg /v3 } or { path / }", ["/v3", "/", "/v2"])

# Answers of the proxy's own

one("deny.status", "".join(f"  http-request deny deny_status {s} if {{ path /{s} }}\n" for s in (
    200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 421, 422, 425, 429, 500, 501, 502, 503, 504)),
    [f"/{s}" for s in (200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 421, 422, 425, 429, 500, 501, 502, 503,
                       504)])
one("deny.backend", "", ["/", "/x"], backend="  http-request deny if { path /x }\n")
one("return", """  http-request return status 200 content-type text/plain string "hello %[path]" if { path /a }
  http-request return status 201 content-type text/plain lf-string "hello %[path]" hdr X-A %[src] if { path /b }
  http-request return if { path /c }
  http-request return status 404 default-errorfiles if { path /d }
  http-request return status 418 hdr a b if { path /e }
""", ["/a", "/b", "/c", "/d", "/e", ("/b", {"method": "HEAD"}), ("/a", {"method": "POST", "body": "12345"}), "/f"])
one("return.statuses", "".join(f"  http-request return status {s} hdr a b if {{ path /{s} }}\n" for s in (
    200, 201, 202, 300, 400, 401, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421,
    422, 423, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505, 510, 511)),
    [f"/{s}" for s in (200, 201, 202, 300, 400, 401, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414,
                       415, 416, 417, 421, 422, 423, 425, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505,
                       510, 511)])
one("redirect", """  http-request redirect location /x if { path /a }
  http-request redirect prefix https://x.example code 301 if { path_beg /b }
  http-request redirect scheme https code 307 if { path_beg /c }
  http-request redirect location /y drop-query append-slash set-cookie A=1 code 303 if { path /d }
  http-request redirect prefix https://x.example drop-query code 308 if { path_beg /e }
  http-request redirect prefix https://x.example append-slash if { path_beg /f }
  http-request redirect location /z clear-cookie A= if { path /g }
  http-request redirect location /%[url_param(q)] if { path /h }
  redirect scheme https if { path /i }
  redirect prefix / if { path /j }
""", ["/a", "/b/a?b=c", "/c?x=y", "/d?x", "/e/a?b", "/f", "/f/", "/g", "/h?q=abc", "/i", "/j",
      ("/a", {"method": "HEAD"}), ("/a", {"version": "1.0"})])
one("tarpit", "  timeout tarpit 300\n  http-request tarpit if { path /a }\n"
    "  http-request tarpit deny_status 429 if { path /b }", ["/a", "/b", "/c"])
one("reject", "  http-request reject if { path /a }", ["/a", "/b"])
one("monitor", "  monitor-uri /mon\n  acl few nbsrv(be) lt 1\n  monitor fail if few", ["/mon", "/mon?x", "/a"])
one("monitor.fail", "  monitor-uri /mon\n  monitor fail if { nbsrv(be) lt 3 }", ["/mon", "/a"])


@case("rules.errorfile")
def _(p):
    page = f"{p.work}/503.http"
    with open(page, "w") as file:
        file.write("HTTP/1.0 503 Not now\r\nCache-Control: no-cache\r\nConnection: close\r\n"
                   "Content-Type: text/html\r\n\r\n<html>sorry</html>\n")
    other = f"{p.work}/403.http"
    with open(other, "w") as file:
        file.write("HTTP/1.1 403 No\r\nContent-Length: 3\r\nX-Why: because\r\n\r\nno\n")
    p.start(f"  errorfile 503 {page}\n  http-request deny if {{ path /x }}\n  retries 0\n" + servers(1),
            frontend=f"  errorfile 403 {other}\n  http-request deny if {{ path /y }}", nodes=1)
    p.node("n1").down()
    p.get("/")
    client = p.client()
    p.get("/y", client=client)
    p.get("/y", client=client)
    p.get("/x")
    p.get("/y", method="HEAD")
    p.logs(5)


# Changes

one("headers", """  http-request set-header X-Forwarded-Proto https if { ssl_fc }
  http-request set-header X-Forwarded-Proto http if !{ ssl_fc }
  http-request add-header X-A one
  http-request add-header X-A "two %[src] %[method]"
  http-request del-header X-B
  http-request del-header x-c -m beg
  http-request set-header Host other.example
  http-request replace-header X-D (.*)b(.*) \\2-\\1
  http-request replace-value X-E ^a(.)$ x\\1
""", [("/echo", {"fields": ["X-B: 1", "X-C-1: 1", "X-C-2: 2", "X-D: axbyc", "X-E: a1, b2 , a3", "x-forwarded-proto: no"]}),
      ("/echo", {"method": "POST", "body": "hello", "fields": ["X-B: 1"]})])
one("path", """  http-request set-path /echo%[path] if { path_beg /a }
  http-request replace-path /identity(/.*)? /echo\\1 if { path_beg /identity }
  http-request set-query a=%[url_param(b)] if { path /echo/q }
  http-request set-uri /echo/uri?x=%[path] if { path /u }
  http-request replace-uri ^/r/(.*) /echo/\\1 if { path_beg /r/ }
  http-request set-method POST if { path /echo/m }
  http-request set-pathq /echo/pq?1=2 if { path /pq }
""", ["/a/b?c=d", "/identity/v3?x=1", "/identity", "/echo/q?b=5", "/u", "/r/x?y=z", "/echo/m", "/pq?z"])
one("variables", """  http-request set-var(txn.a) path
  http-request set-var-fmt(req.b) "%[src]-%[path]"
  http-request set-header X-A %[var(txn.a)]
  http-request set-header X-B %[var(req.b)]
  http-request unset-var(txn.a)
  http-request deny if { var(txn.a) -m found }
  http-request deny if { var(req.b) -m end /no }
""", ["/echo", "/no"])
one("response", "  http-response set-header X-F front\n  http-after-response set-header X-After yes\n"
    "  http-request deny if { path /deny }",
    ["/", "/status/404", "/status/500", "/field/X-Secret=1", "/deny", "/cookie/a=1", "/chunked/size/5"],
    backend="""  http-response set-header X-B back
  http-response del-header X-Secret
  http-response set-status 503 if { status 404 }
  http-response set-status 418 reason "no coffee" if { status 500 }
  http-response replace-header Set-Cookie (.*) \\1;Secure
""")
# HAProxy counts what has come of the server's body.
one("response.deny", "", ["/", "/status/404"], backend="  http-response deny if { status 404 }\n", log={"sizes": False})
one("use_backend", "  acl v2 path_beg /v2\n  use_backend second if v2\n  use_backend third if { hdr(x-b) third }\n"
    "  use_backend empty if { path /empty }",
    ["/v2/echo", ("/echo", {"fields": ["X-B: third"]}), "/empty", "/"],
    more="backend second\n  http-request set-path /echo/second\n  server s {n2}\n"
    "backend third\n  option forwardfor\n  server t {n1}\nbackend empty\n")
one("use_backend.none", "  use_backend second unless { path / }", ["/a", "/"],
    more="backend second\n  server s {n2}\n")
one("capture", "  capture request header User-Agent len 8\n  capture request header X-A len 20\n"
    "  capture response header Server len 10\n  capture response header X-B len 10\n"
    "  http-request capture src len 15\n  http-request deny if { path /no }",
    [("/", {"fields": ["User-Agent: something/1.0", "X-A: q|\"{x#"]}), "/field/X-B=yes", "/no"])
one("silent", "  http-request set-log-level silent if { path /quiet }", ["/quiet", "/loud"])
one("order", "  use_backend second if { path /a }\n  http-request set-path /a if { path /b }\n"
    "  redirect location /r if { path /c }\n  http-request deny if { path /c }",
    ["/a", "/b", "/c"], more="backend second\n  server s {n2}\n")


@case("rules.keepalive")
def _(p):
    """A denied request leaves the connection open, unless its body is still to come."""
    p.start(servers(1), frontend="  http-request deny if { path /no }\n  http-request return if { path /yes }", nodes=1)
    client = p.client()
    p.get("/no", client=client)
    p.get("/yes", client=client)
    p.get("/", client=client)
    p.get("/no", client=client, method="POST", body="x" * 10)
    p.get("/", client=client)
    client = p.client()
    client.send("POST /no HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + "x" * 100)
    p.note(p.describe(client.read()), client.ended())
    p.logs(6, counts=False)


@case("rules.stat")
def _(p):
    p.start("  http-request deny if { path /b }\n  http-response deny if { status 404 }\n" + servers(1),
            frontend="  http-request deny if { path /f }\n  monitor-uri /mon", nodes=1)
    for target in ("/", "/b", "/f", "/status/404", "/mon"):
        p.get(target)
    columns = ("stot", "dreq", "dresp", "ereq", "eresp", "hrsp_2xx", "hrsp_4xx", "hrsp_5xx", "req_tot")
    p.stat(*columns, proxy="fe")
    p.stat(*columns)
