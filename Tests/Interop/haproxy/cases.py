# SPDX-License-Identifier: Apache-2.0
"""What is done to both sides. A case notes what it sees; the notes must be the same."""
import time

ALL = []


class Case:
    def __init__(self, name, body, differs):
        self.name, self.body, self.differs = name, body, differs


def case(name, differs=None):
    """`differs`: why the two differ, if they are known to."""
    def add(body):
        ALL.append(Case(name, body, differs))
        return body
    return add


def servers(count, parameters="", names="n"):
    return "\n".join(
        f"  server {names}{k} {{n{k}}} {parameters}" for k in range(1, count + 1))


def weighted(*weights):
    return "\n".join(
        f"  server n{k} {{n{k}}} weight {weight}" for k, weight in enumerate(weights, 1))


# Balancing: the order in which servers are taken

for algorithm in ("roundrobin", "static-rr", "leastconn", "first", "source"):
    for weights in ((1, 1, 1), (3, 2, 1), (1, 5, 10), (2, 0, 3)):
        def order(p, algorithm=algorithm, weights=weights):
            p.start(f"  balance {algorithm}\n" + weighted(*weights))
            p.order(20)
            p.stat("lbtot", "weight", "uweight", "stot")
            p.stat("algo", "weight", "act", "bck", rows=["BACKEND"])
        case(f"balance.{algorithm}.{'-'.join(map(str, weights))}")(order)

URIS = [f"/a/{k}/b/c?x={k}&user=u{k % 5}" for k in range(12)] + ["/", "/a", "/a/b", "*"[:0] + "/z"]

for options in ("", "len 4", "depth 1", "depth 2", "whole", "path-only", "len 6 depth 2"):
    def uri(p, options=options):
        p.start(f"  balance uri {options}\n" + weighted(3, 2, 1))
        for target in URIS:
            p.order(1, target)
    case(f"balance.uri.{options.replace(' ', '-') or 'plain'}")(uri)

for kind in ("map-based djb2", "map-based wt6", "map-based crc32", "map-based sdbm avalanche",
             "consistent", "consistent djb2 avalanche", "consistent wt6", "consistent crc32"):
    def hashed(p, kind=kind):
        p.start(f"  balance uri\n  hash-type {kind}\n" + weighted(3, 2, 1))
        for target in URIS:
            p.order(1, target)
        p.admin("set server be/n2 state maint")
        for target in URIS:
            p.order(1, target)
    case(f"balance.hash.{kind.replace(' ', '-')}")(hashed)


@case("balance.url_param")
def _(p):
    p.start("  balance url_param user\n" + weighted(1, 1, 1))
    for target in URIS + ["/?user=", "/?auser=1", "/?user", "/?x=1&user=joe"]:
        p.order(1, target)


@case("balance.hdr")
def _(p):
    p.start("  balance hdr(X-Key)\n" + weighted(1, 1, 1))
    for key in ("a", "b", "c", "alpha", "beta", ""):
        p.order(2, fields=[f"X-Key: {key}"])
    p.order(6)


@case("balance.hdr.domain")
def _(p):
    p.start("  balance hdr(host) use_domain_only\n" + weighted(1, 1, 1))
    for host in ("www.example.org", "api.example.org:80", "example.org", "localhost", "a.b.c.d"):
        p.order(2, host=host)


@case("balance.hdr.consistent-fallback")
def _(p):
    p.start("  balance hdr(X-Key)\n  hash-type consistent\n" + weighted(1, 1, 1))
    p.order(3, fields=["X-Key: a"])


@case("balance.source.addresses")
def _(p):
    p.start("  balance source\n" + weighted(1, 2, 1))
    for last in range(1, 12):
        client = p.client(source=f"127.0.0.{last}")
        p.get("/", client)
        client.close()


@case("balance.source.consistent")
def _(p):
    p.start("  balance source\n  hash-type consistent sdbm avalanche\n" + weighted(1, 2, 1))
    for last in range(1, 12):
        client = p.client(source=f"127.0.0.{last}")
        p.get("/", client)
        client.close()


@case("balance.source.maint")
def _(p):
    p.start("  balance source\n" + weighted(1, 1, 1))
    p.order(2)
    for node in ("n1", "n2", "n3"):
        p.admin(f"set server be/{node} state maint")
        p.order(2)
        p.admin(f"set server be/{node} state ready")
        p.order(2)


@case("balance.static.weight-refused")
def _(p):
    p.start("  balance static-rr\n" + weighted(2, 1))
    for weight in ("5", "50%", "0", "100%", "2", "0%"):
        p.admin(f"set weight be/n1 {weight}")
        p.order(4)


@case("balance.random.one")
def _(p):
    p.start("  balance random\n" + weighted(1))
    p.order(4)
    p.stat("algo", rows=["BACKEND"])


@case("balance.random.maint")
def _(p):
    p.start("  balance random(3)\n" + weighted(1, 1, 1))
    p.admin("set server be/n1 state maint")
    p.admin("set server be/n3 state drain")
    p.order(6)


@case("balance.leastconn.busy")
def _(p):
    p.start("  balance leastconn\n" + weighted(1, 1, 1))
    held = [p.hold("/delay/1500") for _ in range(4)]
    p.order(3)
    for client in held:
        p.held(client)
    p.order(6)


@case("balance.leastconn.weights-busy")
def _(p):
    p.start("  balance leastconn\n" + weighted(4, 2, 1))
    held = [p.hold("/delay/1800") for _ in range(7)]
    p.stat("scur", "lbtot")
    for client in held:
        p.held(client)


@case("balance.first.maxconn")
def _(p):
    p.start("  balance first\n" + servers(3, "maxconn 2"))
    held = [p.hold("/delay/1500") for _ in range(5)]
    p.stat("scur", "slim")
    for client in held:
        p.held(client)
    p.order(3)


# Backups

for allbackups in (False, True):
    def backups(p, allbackups=allbackups):
        option = "  option allbackups\n" if allbackups else ""
        p.start(option + "  server n1 {n1}\n  server n2 {n2} backup\n  server n3 {n3} backup\n")
        p.order(3)
        p.admin("set server be/n1 state maint")
        p.order(4)
        p.stat("status", "act", "bck", "weight")
        p.admin("set server be/n2 state drain")
        p.order(3)
        p.admin("set server be/n1 state ready")
        p.order(3)
        p.notices()
    case(f"backup.{'all' if allbackups else 'first'}")(backups)


@case("backup.leastconn")
def _(p):
    p.start("  balance leastconn\n  server n1 {n1}\n  server n2 {n2} backup\n  server n3 {n3} backup")
    p.admin("set weight be/n1 0")
    p.order(4)


@case("backup.source")
def _(p):
    p.start("  balance source\n  server n1 {n1}\n  server n2 {n2} backup\n  server n3 {n3} backup")
    p.admin("set server be/n1 state maint")
    p.order(4)


@case("backup.on-marked-up")
def _(p):
    p.start("  server n1 {n1} on-marked-up shutdown-backup-sessions\n  server n2 {n2} backup")
    p.admin("set server be/n1 state maint")
    one = p.hold("/delay/1500")
    two = p.hold("/stream/30")
    p.admin("set server be/n1 state ready")
    p.held(one)
    p.held(two, body=False)
    p.logs(2, counts=False, ordered=False, sizes=False)


# States and requests under way

for state in ("maint", "drain"):
    for more in ("", "on-marked-down shutdown-sessions"):
        def flight(p, state=state, more=more):
            p.start(servers(1, more), nodes=1)
            one = p.hold("/delay/700")
            two = p.hold("/stream/12")
            p.admin(f"set server be/n1 state {state}")
            p.get()
            p.stat("status", "scur")
            p.held(one)
            p.held(two, body=False)
            p.logs(3, counts=False, ordered=False, sizes=False)
            p.notices()
        case(f"flight.{state}.{'killed' if more else 'kept'}")(flight)


@case("flight.down.killed")
def _(p):
    p.start("  option httpchk GET /health\n"
            + servers(2, "check inter 200 rise 1 fall 1 on-marked-down shutdown-sessions"), nodes=2)
    p.wait("n1", "check_status", "L7OK")
    one = p.hold("/delay/2500")
    p.node("n1").health = 503
    p.node("n2").health = 200
    p.wait("n1", "status", "DOWN")
    p.held(one)
    p.logs(1, times=False)
    p.stat("status", "chkfail", "chkdown", "check_status", "check_code")


@case("flight.down.kept")
def _(p):
    p.start("  option httpchk GET /health\n" + servers(1, "check inter 200 rise 1 fall 1"), nodes=1)
    p.wait("n1", "check_status", "L7OK")
    one = p.hold("/delay/1200")
    p.node("n1").health = 503
    p.wait("n1", "status", "DOWN")
    p.get()
    p.held(one)
    p.logs(2)


@case("flight.shutdown-sessions")
def _(p):
    p.start(servers(1), nodes=1)
    one = p.hold("/delay/1500")
    two = p.hold("/stream/30")
    p.admin("shutdown sessions server be/n1")
    p.held(one)
    p.held(two, body=False)
    p.logs(2, counts=False, ordered=False, sizes=False)
    p.stat("scur", "stot", "eresp", "hrsp_2xx", "hrsp_5xx")


@case("flight.node-killed")
def _(p):
    p.start(servers(1), nodes=1)
    one = p.hold("/delay/1500")
    two = p.hold("/stream/30")
    p.node("n1").down()
    p.held(one)
    p.held(two, body=False)
    p.logs(2, counts=False, ordered=False, sizes=False)
    p.stat("srv_abrt", "econ", "hrsp_5xx")


@case("state.maint-ready-cycle")
def _(p):
    p.start(servers(2), nodes=2)
    for order in ("drain", "maint", "ready", "maint", "drain", "ready"):
        p.admin(f"set server be/n1 state {order}")
        p.stat("status", "act", "bck", "weight", "chkdown")
        p.order(2)
    p.notices()


@case("state.weight-zero")
def _(p):
    p.start(servers(2, "weight 10"), nodes=2)
    for weight in ("0", "100%", "50%", "3", "0%"):
        p.admin(f"set weight be/n1 {weight}")
        p.stat("status", "weight", "uweight")
        p.order(4)
        p.admin("get weight be/n1")


@case("state.none-left")
def _(p):
    p.start(servers(2), nodes=2)
    p.admin("set server be/n1 state maint")
    p.admin("set server be/n2 state drain")
    p.get()
    p.stat("status", "chkdown", "econ", "hrsp_5xx")
    p.logs(1)
    p.notices()


@case("state.health-orders")
def _(p):
    p.start("  option httpchk GET /health\n" + servers(2, "check inter 60s"), nodes=2)
    time.sleep(0.3)
    for order in ("down", "up", "stopping", "up"):
        p.admin(f"set server be/n1 health {order}")
        p.stat("status", "check_health")
        p.order(2)
    p.notices()


@case("state.disabled-at-start")
def _(p):
    p.start("  server n1 {n1} disabled\n  server n2 {n2}", nodes=2)
    p.stat("status", "act", "weight")
    p.order(2)
    p.admin("enable server be/n1")
    p.stat("status", "weight")
    p.order(2)


# Slow start

@case("slowstart.ramp")
def _(p):
    p.start(servers(2, "weight 16 slowstart 4s"), nodes=2)
    p.admin("set server be/n1 state maint")
    p.admin("set server be/n1 state ready")
    for _ in range(5):
        p.stat("status", "weight", "throttle", rows=["n1"])
        time.sleep(1.001)
    p.stat("status", "weight", "throttle")
    p.notices()


@case("slowstart.order")
def _(p):
    p.start(servers(2, "weight 4 slowstart 8s"), nodes=2)
    p.admin("set server be/n1 state maint")
    p.admin("set server be/n1 state ready")
    p.order(20)


@case("slowstart.not-after-drain")
def _(p):
    p.start(servers(2, "weight 16 slowstart 4s"), nodes=2)
    p.stat("weight", "throttle")
    p.admin("set server be/n1 state drain")
    p.admin("set server be/n1 state ready")
    p.stat("weight", "throttle")


@case("slowstart.static")
def _(p):
    p.start("  balance source\n" + servers(2, "weight 16 slowstart 4s"), nodes=2)
    p.admin("set server be/n1 state maint")
    p.admin("set server be/n1 state ready")
    p.stat("weight")


@case("slowstart.maxconn")
def _(p):
    p.start("  timeout queue 400ms\n" + servers(1, "maxconn 4 slowstart 10s"), nodes=1)
    p.admin("set server be/n1 state maint")
    p.admin("set server be/n1 state ready")
    held = [p.hold("/delay/900") for _ in range(3)]
    for client in held:
        p.held(client)
    p.stat("scur", "qmax", "econ")


# Queues

@case("queue.backend")
def _(p):
    p.start("  timeout queue 5s\n" + servers(1, "maxconn 1"), nodes=1)
    held = [p.hold("/delay/600") for _ in range(3)]
    p.stat("qcur", "scur")
    for client in held:
        p.held(client)
    p.logs(3)
    p.stat("qcur", "qmax")


@case("queue.timeout")
def _(p):
    p.start("  timeout queue 500ms\n" + servers(1, "maxconn 1"), nodes=1)
    held = [p.hold("/delay/1600") for _ in range(2)]
    for client in held:
        p.held(client)
    p.logs(2)
    p.stat("qmax", "econ", "hrsp_5xx")


@case("queue.server.source")
def _(p):
    p.start("  balance source\n  timeout queue 5s\n" + servers(2, "maxconn 1"), nodes=2)
    held = [p.hold("/delay/600") for _ in range(3)]
    p.stat("qcur", "scur")
    for client in held:
        p.held(client)
    p.logs(3)
    p.stat("qcur", "qmax")


@case("queue.server.maxqueue")
def _(p):
    p.start("  balance source\n  timeout queue 5s\n" + servers(2, "maxconn 1 maxqueue 1"), nodes=2)
    held = [p.hold("/delay/600") for _ in range(4)]
    for client in held:
        p.held(client)
    p.logs(4, counts=False)
    p.stat("qmax", "econ", "qlimit")


@case("queue.server.timeout")
def _(p):
    p.start("  balance source\n  timeout queue 500ms\n" + servers(2, "maxconn 1"), nodes=2)
    held = [p.hold("/delay/1600") for _ in range(2)]
    for client in held:
        p.held(client)
    p.logs(2)
    p.stat("qmax", "econ")


for redispatch in (False, True):
    def stranded(p, redispatch=redispatch):
        option = "  option redispatch\n" if redispatch else ""
        p.start(option + "  balance source\n  timeout queue 5s\n" + servers(2, "maxconn 1"),
                nodes=2)
        held = [p.hold("/delay/800") for _ in range(3)]
        name = "n1" if p.column("n1", "scur") == "1" else "n2"
        p.admin(f"set server be/{name} state maint")
        for client in held:
            p.held(client)
        p.logs(3)
        p.notices()
    case(f"queue.server.maint{'.redispatch' if redispatch else ''}")(stranded)


@case("queue.leastconn.maxqueue")
def _(p):
    p.start("  balance leastconn\n  timeout queue 5s\n" + servers(2, "maxconn 1 maxqueue 1"),
            nodes=2)
    held = [p.hold("/delay/900") for _ in range(5)]
    p.stat("scur", "qcur")
    for client in held:
        p.held(client)


@case("queue.minconn")
def _(p):
    p.start("  fullconn 4\n  timeout queue 5s\n" + servers(1, "minconn 1 maxconn 4"), nodes=1)
    held = [p.hold("/delay/700") for _ in range(5)]
    p.stat("scur", "qcur")
    for client in held:
        p.held(client)


@case("queue.set-maxconn")
def _(p):
    p.start("  timeout queue 5s\n" + servers(1, "maxconn 1"), nodes=1)
    held = [p.hold("/delay/900") for _ in range(3)]
    p.admin("set maxconn server be/n1 3")
    time.sleep(0.1)
    p.stat("scur", "qcur", "slim")
    for client in held:
        p.held(client)


@case("queue.client-leaves")
def _(p):
    p.start("  timeout queue 5s\n" + servers(1, "maxconn 1"), nodes=1)
    one = p.hold("/delay/700")
    two = p.hold("/")
    two.close(reset=True)
    time.sleep(0.1)
    p.stat("qcur")
    p.held(one)
    p.logs(2)


# Retries

for more, name in (("", "plain"), ("  option redispatch\n", "redispatch"),
                   ("  option redispatch 1\n", "redispatch-1"), ("  retries 1\n", "retries-1"),
                   ("  retries 0\n", "retries-0"), ("  retry-on none\n", "none")):
    for algorithm in ("roundrobin", "source"):
        def refused(p, more=more, algorithm=algorithm):
            p.start(f"  balance {algorithm}\n  timeout connect 300ms\n" + more + servers(2), nodes=2)
            target = p.get("/", note=False).field("x-server")
            if algorithm == "roundrobin":
                target = "n2"
            p.node(target).down()
            p.get()
            p.logs(2)
            p.stat("wretr", "wredis", "econ")
        case(f"retry.{name}.{algorithm}")(refused)


@case("retry.redispatch.three")
def _(p):
    p.start("  option redispatch\n" + servers(3))
    p.node("n2").down()
    p.order(6)
    p.logs(6)
    p.stat("wretr", "wredis", "econ", "lbtot")


@case("retry.redispatch.alone")
def _(p):
    p.start("  option redispatch\n  timeout connect 300ms\n" + servers(1), nodes=1)
    p.node("n1").down()
    p.get()
    p.logs(1)
    p.stat("wretr", "wredis", "econ")


RETRY = "  retry-on conn-failure empty-response junk-response response-timeout 503\n"
for what in ("close", "reset", "junk", "status/503", "truncate", "status/500"):
    for more, name in ((RETRY, "on"), ("", "off")):
        def again(p, what=what, more=more):
            p.start("  option redispatch\n" + more + servers(2), nodes=2)
            p.get(f"/once/{what}")
            p.get(f"/once/{what}?2", method="POST", body="some body")
            client = p.client()
            p.get("/", client)
            p.get(f"/once/{what}?3", client)
            p.logs(3 if not more else 4)
            p.stat("wretr", "wredis", "econ", "eresp", "hrsp_5xx", "hrsp_2xx")
        case(f"retry-on.{what.replace('/', '-')}.{name}")(again)


@case("retry-on.timeout")
def _(p):
    p.start("  timeout server 400ms\n" + RETRY + servers(2), nodes=2)
    p.get("/once/delay/1200")
    p.logs(1)
    p.stat("wretr", "wredis", "eresp")


@case("retry-on.all-fail")
def _(p):
    p.start("  retries 2\n" + RETRY + servers(2), nodes=2)
    p.get("/close")
    p.get("/status/503")
    p.logs(2)
    p.stat("wretr", "wredis", "eresp", "hrsp_5xx")


@case("retry-on.body-echoed")
def _(p):
    p.start("  option redispatch\n" + RETRY + servers(2), nodes=2)
    p.get("/once/close/echo", method="POST", body="abc" * 1000, note=False)
    p.note([len(body) for origin in p.origins.values() for _, _, body in origin.seen])


# Connections to servers

for mode in ("never", "safe", "aggressive", "always"):
    def reuse(p, mode=mode):
        p.start(f"  http-reuse {mode}\n" + servers(1), nodes=1)
        for _ in range(2):
            client = p.client()
            for _ in range(3):
                p.get("/", client)
            client.close()
            time.sleep(0.05)
        p.get()
        p.get()
        p.stat("connect", "reuse")
        p.stat("idle_conn_cur", "safe_conn_cur", "srv_icur", rows=["n1"])
    case(f"reuse.{mode}")(reuse)


@case("reuse.two-servers.never")
def _(p):
    p.start("  http-reuse never\n" + servers(2), nodes=2)
    client = p.client()
    for _ in range(4):
        p.get("/", client)
    p.stat("connect", "reuse")


@case("reuse.max-reuse")
def _(p):
    p.start("  http-reuse always\n" + servers(1, "max-reuse 2"), nodes=1)
    client = p.client()
    for _ in range(7):
        p.get("/", client)
    p.stat("connect", "reuse")


@case("reuse.pool-max-conn-0")
def _(p):
    p.start("  http-reuse always\n" + servers(1, "pool-max-conn 0"), nodes=1)
    client = p.client()
    for _ in range(4):
        p.get("/", client)
    p.stat("connect", "reuse")


for mode in ("http-keep-alive", "http-server-close", "httpclose"):
    def kept(p, mode=mode):
        p.start(f"  option {mode}\n" + servers(1), nodes=1)
        client = p.client()
        p.get("/echo", client)
        p.note("ended", client.ended(0.2))
        p.get("/echo", client)
        p.get("/echo", version="1.0")
        p.get("/echo", version="1.0", fields=["Connection: keep-alive"])
        p.get("/finish", client)
        p.get("/chunked")
        p.get("/eof")
        p.logs(6)
        p.stat("connect", "reuse")
    case(f"mode.{mode}")(kept)


@case("race.server-closes-idle")
def _(p):
    p.start(servers(1), nodes=1)
    client = p.client()
    p.get("/drop", client)
    time.sleep(0.1)
    p.get("/", client)
    p.stat("connect", "reuse", "eresp")


@case("race.first-request")
def _(p):
    p.start(servers(1), nodes=1)
    p.get("/close")
    p.logs(1)
    p.stat("eresp", "hrsp_5xx")


@case("race.later-request")
def _(p):
    p.start(servers(1), nodes=1)
    client = p.client()
    p.get("/", client)
    p.get("/close", client)
    p.note("ended", client.ended())
    p.logs(1, within=0.5)
    p.stat("eresp", "hrsp_5xx")


@case("race.always.first-request")
def _(p):
    p.start("  http-reuse always\n" + servers(1), nodes=1)
    p.get("/")
    p.get("/close")
    p.logs(2)
    p.stat("eresp", "hrsp_5xx", "reuse")


# Timeouts

@case("timeout.server")
def _(p):
    p.start("  timeout server 400ms\n" + servers(1), nodes=1)
    p.get("/delay/1500")
    client = p.client()
    p.get("/", client)
    p.get("/delay/1500", client)
    p.note("ended", client.ended())
    p.logs(3)
    p.stat("eresp", "hrsp_5xx")


@case("timeout.connect")
def _(p):
    p.start("  timeout connect 300ms\n  retries 1\n  server n1 10.255.255.1:81")
    p.get(timeout=5)
    client = p.client()
    p.get(client=client, timeout=5)
    p.logs(2)


@case("timeout.http-request")
def _(p):
    p.start(servers(1), "  timeout http-request 400ms", nodes=1)
    client = p.client()
    client.send("GET / HT")
    p.note(p.describe(client.read(3)))
    silent = p.client()
    p.note(p.describe(silent.read(3)))
    p.logs(2)


@case("timeout.keep-alive")
def _(p):
    p.start(servers(1), "  timeout http-keep-alive 400ms", nodes=1)
    client = p.client()
    p.get("/", client)
    p.note("ended", client.ended(1.5))
    p.logs(1)


@case("timeout.client.body")
def _(p):
    p.start(servers(1), "  timeout client 400ms", nodes=1)
    client = p.client()
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
    p.note(p.describe(client.read(3)))
    p.logs(1)


# Clients that leave

for option in ("", "  option abortonclose\n"):
    def leaves(p, option=option):
        p.start(servers(1), defaults=option, nodes=1)
        for reset in (True, False):
            client = p.hold("/delay/600")
            client.close(reset=reset)
            time.sleep(0.8)
        half = p.hold("/delay/600")
        half.socket.shutdown(1)
        p.held(half)
        p.logs(3)
        p.stat("cli_abrt", "srv_abrt")
    case(f"client.leaves{'.abortonclose' if option else ''}")(leaves)


@case("client.leaves.body")
def _(p):
    p.start(servers(1), nodes=1)
    client = p.client()
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc")
    time.sleep(0.1)
    client.close()
    p.logs(1)
    p.stat("cli_abrt")


# Messages

@case("message.head")
def _(p):
    p.start(servers(1), nodes=1)
    client = p.client()
    p.get("/size/100", client, method="HEAD")
    p.get("/chunked", client, method="HEAD")
    p.get("/status/204", client)
    p.get("/status/304", client)
    p.logs(4)


@case("message.expect")
def _(p):
    p.start(servers(1), nodes=1)
    p.get("/echo", method="POST", body="hello", fields=["Expect: 100-continue"])
    p.logs(1)


@case("message.chunked-request")
def _(p):
    p.start(servers(1), nodes=1)
    client = p.client()
    client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                "5\r\nhello\r\n0\r\n\r\n")
    p.note(p.describe(client.read()))
    p.logs(1)


@case("message.upgrade")
def _(p):
    p.start(servers(1), nodes=1)
    client = p.client()
    client.ask("/upgrade", fields=["Connection: upgrade", "Upgrade: echo"])
    p.note(p.describe(client.read()))
    client.send("some bytes")
    client._more(time.monotonic() + 2)
    p.note(client.data)
    client.close()
    p.logs(1)


@case("message.pipelined")
def _(p):
    p.start(servers(1), nodes=1)
    client = p.client()
    client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
    p.note(p.describe(client.read()))
    p.note(p.describe(client.read()))
    p.logs(2)


@case("message.forwardfor")
def _(p):
    p.start("  option forwardfor except 127.0.0.2\n" + servers(1), nodes=1)
    p.get("/echo")
    p.get("/echo", fields=["X-Forwarded-For: 1.2.3.4"])
    client = p.client(source="127.0.0.2")
    p.get("/echo", client)


BAD = [
    "GET /\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
    "G\x00T / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: h\r\nA\r\n\r\n", "GET / HTTP/1.1\nHost: h\n\n",
    "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n",
    "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n X: folded\r\n\r\n",
    "GET http://h/abs HTTP/1.1\r\nHost: h\r\n\r\n", "GET /\xe9 HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "get / HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
    "GET / http/1.1\r\nHost: h\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
]
STRICT = {
    1: "RFC 9112, 3.2: a request of HTTP/1.1 without Host is refused",
    2: "a version above 1.1 is refused, not treated as 1.1",
    6: "a line that ends in LF alone is refused",
    9: "two Content-Length fields are refused even if they are equal",
    10: "a list in Content-Length is refused",
    12: "Content-Length beside Transfer-Encoding is refused (RFC 9112, 6.3)",
    15: "Transfer-Encoding in HTTP/1.0 is refused (RFC 9112, 6.1)",
    18: "a folded line is refused (RFC 9112, 5.2)",
    23: "two spaces in the request line are refused",
}
for number, text in enumerate(BAD):
    def bad(p, text=text):
        p.start(servers(1), nodes=1)
        client = p.client()
        client.send(text)
        p.note(p.describe(client.read(2)))
        p.logs(1, within=0.6)
        p.stat("ereq", proxy="fe")
    case(f"malformed.{number:02}", STRICT.get(number))(bad)


for what in ("junk", "truncate", "field/content-length=5", "status/99", "status/600"):
    def answer(p, what=what):
        p.start(servers(1), nodes=1)
        p.get(f"/{what}")
        p.logs(1)
        p.stat("eresp", "srv_abrt", "hrsp_5xx")
    strict = "a status below 100 is refused" if what == "status/99" else None
    case(f"answer.{what.split('/')[0]}{what.split('/')[-1].split('=')[0] if '/' in what else ''}",
         strict)(answer)


# Checks

for check, name in (("", "tcp"), ("  option httpchk\n", "options"),
                    ("  option httpchk GET /health\n", "get"),
                    ("  option httpchk HEAD /health HTTP/1.1\n", "head")):
    def checks(p, check=check):
        p.start(check + servers(2, "check inter 150 rise 2 fall 2"), nodes=2)
        p.wait("n1", "status", "UP")
        p.node("n1").health = 503
        if not check:
            p.node("n1").down()
        if "/health" in check or not check:
            p.wait("n1", "status", "DOWN")
        p.stat("status", "check_status", "check_code", "check_health", "check_desc", "chkfail",
               "chkdown", rows=["n1"])
        p.order(3)
        p.node("n1").health = 200
        if not check:
            p.node("n1").up()
        p.wait("n1", "status", "UP")
        p.order(3)
        p.notices()
    case(f"check.{name}")(checks)


@case("check.fastinter-downinter")
def _(p):
    p.start("  option httpchk GET /health\n"
            + servers(1, "check inter 1s fastinter 100 downinter 300 rise 2 fall 3"), nodes=1)
    p.wait("n1", "status", "UP")
    p.node("n1").health = 500
    p.wait("n1", "status", "DOWN")
    p.node("n1").health = 200
    p.wait("n1", "status", "UP")
    p.stat("chkfail", "chkdown", rows=["n1"])


@case("check.none-answers")
def _(p):
    p.start(servers(1, "check inter 300 fall 1"), nodes=1)
    p.wait("n1", "check_status", "L4OK")
    p.node("n1").down()
    p.wait("n1", "status", "DOWN")
    p.get()
    p.stat("status", "check_status", "last_chk", "check_desc", rows=["n1"])
    p.notices()


@case("check.disable-on-404")
def _(p):
    p.start("  option httpchk GET /health\n  http-check disable-on-404\n"
            + servers(2, "check inter 150 rise 2 fall 2"), nodes=2)
    p.wait("n1", "check_status", "L7OK")
    one = p.hold("/delay/900")
    p.node("n1").health = 404
    p.wait("n1", "status", "NOLB")
    p.stat("status", "check_status", "check_code", "check_health", "weight", "act")
    p.order(3)
    p.held(one)
    p.node("n1").health = 200
    p.wait("n1", "status", "UP")
    p.node("n1").health = 500
    p.wait("n1", "status", "DOWN")
    p.node("n1").health = 404
    p.wait("n1", "check_code", "404")
    p.stat("status", "check_status", rows=["n1"])
    p.notices()


@case("check.expect")
def _(p):
    p.start("  option httpchk GET /health\n  http-check expect status 204,250-260\n"
            + servers(1, "check inter 150 rise 1 fall 1"), nodes=1)
    p.wait("n1", "status", "DOWN")
    p.stat("status", "check_status", "check_code", "last_chk", rows=["n1"])
    p.node("n1").health = 255
    p.wait("n1", "status", "UP")
    p.notices()


@case("check.log-health-checks")
def _(p):
    p.start("  option httpchk GET /health\n  option log-health-checks\n"
            + servers(2, "check inter 150 rise 2 fall 3"), nodes=2)
    p.wait("n1", "check_status", "L7OK")
    p.wait("n1", "status", "UP")
    p.wait("n2", "status", "UP")
    time.sleep(0.5)
    p.log.clear()
    p.node("n1").health = 503
    p.wait("n1", "status", "DOWN")
    p.node("n1").health = 200
    p.wait("n1", "status", "UP")
    p.notices()


for action in ("mark-down", "fail-check", "sudden-death", "fastinter"):
    def observed(p, action=action):
        p.start("  option httpchk GET /health\n"
                + servers(1, f"check inter 60s observe layer7 error-limit 3 on-error {action}"),
                nodes=1)
        p.wait("n1", "check_status", "L7OK")
        time.sleep(0.1)
        p.get("/status/500")
        p.get("/status/404")
        for _ in range(3):
            p.get("/status/500", note=False)
        p.stat("status", "check_status", "check_health", "hanafail", "chkfail", "last_chk",
               rows=["n1"])
        p.notices()
    case(f"observe.layer7.{action}")(observed)


@case("observe.layer4")
def _(p):
    p.start("  retries 0\n" + servers(1, "check inter 60s observe layer4 error-limit 2 on-error mark-down"),
            nodes=1)
    p.wait("n1", "check_status", "L4OK")
    time.sleep(0.1)
    p.node("n1").down()
    p.get("/", note=False)
    p.get("/", note=False)
    p.stat("status", "check_status", "hanafail", rows=["n1"])


@case("track")
def _(p):
    p.start("  option httpchk GET /health\n  server n1 {n1} check inter 150 rise 1 fall 1\n"
            "  server n2 {n2} track n1\n  server n3 {n3}", nodes=3)
    p.wait("n1", "check_status", "L7OK")
    p.stat("status", "act", "tracked")
    for order in ("drain", "maint", "ready"):
        p.admin(f"set server be/n1 state {order}")
        p.stat("status", "tracked")
        p.order(3)
    p.node("n1").health = 503
    p.wait("n2", "status", "DOWN")
    p.order(3)
    p.admin("set server be/n2 state maint")
    p.stat("status", "tracked")
    p.notices()
