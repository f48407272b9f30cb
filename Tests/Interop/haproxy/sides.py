# SPDX-License-Identifier: Apache-2.0
"""One side of a comparison: a proxy, its origin servers, a client, and what was seen of them."""
import os
import re
import select
import socket
import subprocess
import threading
import time


class Origin:
    """An HTTP server that does what the path says, and has a life: up, down, draining."""

    def __init__(self, name):
        self.name = name
        self.health = 200
        self.listener = None
        self.connections = set()
        self.lock = threading.Lock()
        self.port = None
        self.hits = {}
        self.seen = []
        self.mode = "serve"
        self.up()

    def up(self):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port or 0))
        self.port = listener.getsockname()[1]
        listener.listen(128)
        self.listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def down(self, reset=True):
        """The process is gone: connections end, new ones are refused."""
        listener, self.listener = self.listener, None
        if listener:
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()
        with self.lock:
            connections, self.connections = self.connections, set()
        for connection in connections:
            try:
                if reset:
                    connection.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        data = b""
        try:
            while True:
                while b"\r\n\r\n" not in data:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    data += piece
                head, _, data = data.partition(b"\r\n\r\n")
                lines = head.decode("latin-1").split("\r\n")
                fields = dict(
                    (line.split(":", 1)[0].lower(), line.split(":", 1)[1].strip())
                    for line in lines[1:] if ":" in line)
                if fields.get("expect", "").lower() == "100-continue":
                    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = b""
                if fields.get("transfer-encoding", "").lower() == "chunked":
                    while True:
                        while b"\r\n" not in data:
                            data += connection.recv(65536) or self._gone()
                        size, _, data = data.partition(b"\r\n")
                        size = int(size.split(b";")[0], 16)
                        while len(data) < size + 2:
                            data += connection.recv(65536) or self._gone()
                        body += data[:size]
                        data = data[size + 2:]
                        if size == 0:
                            break
                else:
                    size = int(fields.get("content-length", 0))
                    while len(data) < size:
                        data += connection.recv(65536) or self._gone()
                    body, data = data[:size], data[size:]
                if not self._answer(connection, lines, fields, body):
                    return
        except (OSError, ConnectionError):
            pass
        finally:
            with self.lock:
                self.connections.discard(connection)
            connection.close()

    def _gone(self):
        raise ConnectionError

    def _answer(self, connection, lines, fields, body):
        """Does what the path's words say, each with its argument; true if the connection stays."""
        method, target, version = lines[0].split(" ")
        words = target.split("?")[0].strip("/").split("/")
        key = target
        self.hits[key] = self.hits.get(key, 0) + 1
        checks = words[0] == "health"
        if not checks:
            self.seen.append((lines[0], lines[1:], body))
        status, extra, payload, keep = 200, [], f"{self.name}\n".encode(), True
        framing = "length"
        if checks:
            status = self.health
        index = 0
        while index < len(words):
            word = words[index]
            argument = words[index + 1] if index + 1 < len(words) else ""
            if word == "delay":
                time.sleep(int(argument) / 1000)
            elif word == "status":
                status = int(argument)
            elif word == "once":
                # The rest is only for the first time that any server is asked.
                if not self.side.first(key):
                    break
                index += 1
                continue
            elif word == "only":
                if argument != self.name:
                    break
            elif word == "size":
                payload = b"x" * int(argument)
            elif word == "chunked":
                framing = "chunked"
            elif word == "eof":
                framing = "eof"
            elif word == "echo":
                payload = ("\n".join(lines) + "\n\n").encode() + body
            elif word == "close":
                return False
            elif word == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return False
            elif word == "junk":
                connection.sendall(b"this is no HTTP\r\n\r\n")
                return False
            elif word == "truncate":
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n" + b"y" * 10)
                time.sleep(0.05)
                return False
            elif word == "stream":
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
                for _ in range(int(argument)):
                    connection.sendall(b"z" * 10)
                    time.sleep(0.05)
                return False
            elif word == "finish":
                keep = False
                extra.append("connection: close")
            elif word == "drop":
                # Answers, and closes without having said so.
                keep = False
            elif word == "cookie":
                extra.append(f"set-cookie: {argument}")
            elif word == "field":
                extra.append(argument.replace("=", ": ", 1))
            elif word == "upgrade":
                connection.sendall(
                    b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\n"
                    b"upgrade: echo\r\n\r\n")
                while True:
                    piece = connection.recv(65536)
                    if not piece:
                        return False
                    connection.sendall(piece)
            else:
                index += 1
                continue
            index += 2 if argument and word not in (
                "chunked", "eof", "echo", "close", "reset", "junk", "truncate", "finish", "drop",
                "upgrade") else 1
        head = [f"HTTP/1.1 {status} {'OK' if status == 200 else 'Other'}", f"x-server: {self.name}"]
        head += extra
        if framing == "length":
            head.append(f"content-length: {len(payload)}")
        elif framing == "chunked":
            head.append("transfer-encoding: chunked")
            payload = b"%x\r\n" % len(payload) + payload + b"\r\n0\r\n\r\n"
        if method == "HEAD" or status in (204, 304):
            payload = b""
        connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + payload)
        return keep and framing != "eof"


class Answer:
    def __init__(self, status, reason, fields, body, closed):
        self.status, self.reason, self.fields, self.body = status, reason, fields, body
        self.closed = closed

    def field(self, name):
        return next((v for k, v in self.fields if k == name), None)


class Client:
    """A client's connection."""

    def __init__(self, side, port=None, source=None):
        self.side = side
        self.socket = socket.create_connection(
            ("127.0.0.1", port or side.port), 10,
            source_address=(source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.data = b""

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode("latin-1"))

    def ask(self, target="/", method="GET", fields=(), body=None, version="1.1", host="h"):
        lines = [f"{method} {target} HTTP/{version}"] + ([f"Host: {host}"] if host else [])
        lines += list(fields)
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines) + "\r\n\r\n" + (body or ""))
        self.method = method

    def read(self, timeout=12):
        """An answer, or None if the connection ended without one, or 'silence'."""
        end = time.monotonic() + timeout
        try:
            while b"\r\n\r\n" not in self.data:
                if not self._more(end):
                    return None
        except TimeoutError:
            return "silence"
        head, _, self.data = self.data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        _, status, *reason = lines[0].split(" ", 2)
        status = int(status)
        fields = [(k.lower(), v.strip()) for k, _, v in (l.partition(":") for l in lines[1:])]
        if status == 100:
            return self.read(timeout)
        names = dict(fields)
        body, closed = b"", False
        try:
            if getattr(self, "method", "GET") == "HEAD" or status in (101, 204, 304):
                pass
            elif names.get("transfer-encoding") == "chunked":
                while True:
                    while b"\r\n" not in self.data:
                        if not self._more(end):
                            raise EOFError
                    size, _, self.data = self.data.partition(b"\r\n")
                    size = int(size.split(b";")[0], 16)
                    while len(self.data) < size + 2:
                        if not self._more(end):
                            raise EOFError
                    body += self.data[:size]
                    self.data = self.data[size + 2:]
                    if size == 0:
                        break
            elif "content-length" in names:
                size = int(names["content-length"])
                while len(self.data) < size:
                    if not self._more(end):
                        raise EOFError
                body, self.data = self.data[:size], self.data[size:]
            else:
                while self._more(end):
                    pass
                body, self.data, closed = self.data, b"", True
        except (EOFError, TimeoutError) as why:
            body, self.data = body + self.data, b""
            closed = "cut" if isinstance(why, EOFError) else "stuck"
        return Answer(status, " ".join(reason), fields, body, closed)

    def _more(self, end):
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.socket.settimeout(left)
        try:
            piece = self.socket.recv(65536)
        except socket.timeout:
            raise TimeoutError
        except ConnectionError:
            return False
        self.data += piece
        return bool(piece)

    def ended(self, within=0.3):
        """Whether the proxy closes the connection."""
        try:
            return not self._more(time.monotonic() + within)
        except TimeoutError:
            return False

    def close(self, reset=False):
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


LOG = re.compile(
    r"(?P<client>\S+):(?P<port>\d+) \[(?P<date>[^]]+)\] (?P<fe>\S+) (?P<be>\S+) "
    r"(?P<times>\S+) (?P<status>\S+) (?P<bytes>\S+) (?P<cc>\S+) (?P<cs>\S+) (?P<tsc>\S+) "
    r"(?P<counts>\S+) (?P<queues>\S+) (?P<rest>.*)$")


def rough(milliseconds):
    """A time as far as two runs can agree on it: −1, about nothing, or to the half second."""
    value = int(milliseconds.lstrip("+"))
    return "-1" if value < 0 else "0" if value < 180 else f"{round(value / 500) * 0.5}s"


class Side:
    """A proxy and all that is around it. `program` makes the command from a configuration's path."""

    def __init__(self, label, program, work):
        self.label, self.program, self.work = label, program, work
        self.trace = []
        self.process = None
        self.log = []
        self.origins = {}
        self.firsts = {}
        self.lock = threading.Lock()
        os.makedirs(work, exist_ok=True)

    # Setting up

    def first(self, key):
        with self.lock:
            self.firsts[key] = self.firsts.get(key, 0) + 1
            return self.firsts[key] == 1

    def node(self, name):
        if name not in self.origins:
            origin = Origin(name)
            origin.side = self
            self.origins[name] = origin
        return self.origins[name]

    def start(self, backend="", frontend="", defaults="", more="", nodes=3, raw=None):
        """`{n1}` … stand for the origins' addresses, `{port}` for the frontend's."""
        for number in range(1, nodes + 1):
            self.node(f"n{number}")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        text = raw or f"""
global
  maxconn 4000
  log stdout format raw local0
  stats socket {self.work}/admin.sock level admin
defaults
  mode http
  log global
  option httplog
  timeout client 20s
  timeout server 20s
  timeout connect 3s
{defaults}
frontend fe
  bind 127.0.0.1:{self.port}
  default_backend be
{frontend}
backend be
{backend}
{more}
"""
        for name, origin in self.origins.items():
            text = text.replace("{" + name + "}", f"127.0.0.1:{origin.port}")
        text = text.replace("{port}", str(self.port)).replace("{work}", self.work)
        path = f"{self.work}/proxy.cfg"
        with open(path, "w") as file:
            file.write("\n".join(line.strip() if line[:1] != " " else line
                                 for line in text.split("\n")) + "\n")
        self.process = subprocess.Popen(
            self.program(path), stdout=subprocess.PIPE, text=True, errors="replace",
            stderr=open(f"{self.work}/said", "w"), cwd=self.work)
        threading.Thread(target=self._readLog, daemon=True).start()
        for _ in range(400):
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.label} ended: {open(self.work + '/said').read()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                time.sleep(0.025)
        else:
            raise RuntimeError(f"{self.label} does not listen")
        # The connection that looked whether it listens is logged, if anything is.
        for _ in range(15):
            time.sleep(0.02)
            with self.lock:
                if any("<BADREQ>" in line for line in self.log):
                    break
        with self.lock:
            self.log.clear()

    def _readLog(self):
        for line in self.process.stdout:
            with self.lock:
                self.log.append(line)

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        for origin in self.origins.values():
            origin.down()

    # Doing and seeing

    def note(self, *words):
        self.trace.append(" ".join(str(word) for word in words))

    def client(self, **options):
        return Client(self, **options)

    def get(self, target="/", client=None, note=True, **options):
        """Asks, on a connection of its own if none is given, and notes what came."""
        own = client is None
        client = client or self.client()
        read = {k: options.pop(k) for k in ("timeout",) if k in options}
        try:
            client.ask(target, **options)
        except OSError:
            # The proxy has ended the connection while nobody looked.
            self.note(target, "->", "ended before")
            return None
        answer = client.read(**read)
        if note:
            self.note(target, "->", self.describe(answer))
        if own:
            client.close()
            time.sleep(0.02)
        return answer

    def describe(self, answer, body=True):
        if answer is None or answer == "silence":
            return "closed" if answer is None else "silence"
        names = sorted(f"{k}={v}" for k, v in answer.fields if k not in ("x-server", "date"))
        text = f"{answer.status} {answer.field('x-server') or '-'} [{', '.join(names)}]"
        if body:
            shown = answer.body if len(answer.body) < 300 else b"%d bytes" % len(answer.body)
            text += " " + repr(self.mask(shown.decode("latin-1")))
        return text + (f" ({answer.closed})" if answer.closed else "")

    def mask(self, text):
        for name, origin in self.origins.items():
            text = text.replace(f"127.0.0.1:{origin.port}", "{" + name + "}")
        return text.replace(str(self.port), "{port}")

    def admin(self, command, note=True):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(f"{self.work}/admin.sock")
        connection.sendall(command.encode() + b"\n")
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        connection.close()
        text = answer.decode().strip("\n")
        if note:
            self.note("admin", command, "->", repr(self.mask(text)))
        return text

    def stat(self, *columns, rows=None, proxy="be"):
        """Notes columns of `show stat`."""
        lines = self.admin("show stat", note=False).split("\n")
        names = lines[0].lstrip("# ").split(",")
        for line in lines[1:]:
            values = dict(zip(names, line.split(",")))
            if values.get("pxname") == proxy and (rows is None or values["svname"] in rows):
                self.note("stat", values["svname"], {
                    # The star says that a check is under way.
                    c: (values.get(c) or "").removeprefix("* ") for c in columns})

    def column(self, server, name, proxy="be"):
        lines = self.admin("show stat", note=False).split("\n")
        names = lines[0].lstrip("# ").split(",")
        for line in lines[1:]:
            values = dict(zip(names, line.split(",")))
            if values["pxname"] == proxy and values["svname"] == server:
                return values[name]
        return None

    def wait(self, server, column, value, within=15):
        """Waits until a column of `show stat` has a value."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            if self.column(server, column) == value:
                return True
            time.sleep(0.02)
        self.note("never", server, column, value, "but", self.column(server, column))
        return False

    def logs(self, count=None, within=2.0, counts=True, ordered=True, times=True,
             sizes=True):
        """Notes the log's lines about requests, as far as two runs can agree on them."""
        end, settled = time.monotonic() + within, False
        while time.monotonic() < end:
            with self.lock:
                lines = [m for m in map(LOG.match, (l.rstrip() for l in self.log)) if m]
            if count is not None and len(lines) >= count and not settled:
                # One more may follow that is not expected.
                settled, end = True, min(end, time.monotonic() + 0.15)
            time.sleep(0.02)
        if not ordered:
            lines.sort(key=lambda m: m["rest"])
        for m in lines:
            spent = "/".join(rough(t) for t in m["times"].split("/")[:4]) if times else "-"
            kept = m["counts"].split("/")[4] if not counts else m["counts"]
            self.note("log", m["fe"], m["be"], spent, m["status"],
                      m["bytes"] if sizes else "-", m["cc"], m["cs"],
                      m["tsc"], kept, m["queues"], self.mask(m["rest"]))
        with self.lock:
            self.log.clear()

    def notices(self, within=0.5):
        """Notes the log's other lines: what became of servers."""
        time.sleep(within)
        with self.lock:
            lines = [l.rstrip() for l in self.log if not LOG.match(l.rstrip())]
            self.log.clear()
        for line in lines:
            if any(word in line for word in ("Server ", "backend ", "Health check ")):
                text = re.sub(r"check duration: \d+ms", "check duration: _ms", line)
                self.note("notice", self.mask(re.sub(r"^\[\w+\]\s+\(\d+\) : ", "", text)))

    def order(self, count, target="/", **options):
        """Notes which servers take so many requests, each on a connection of its own."""
        taken = [self.get(target, note=False, **options) for _ in range(count)]
        self.note("order", *[
            (a.field("x-server") or a.status) if isinstance(a, Answer) else a for a in taken])

    def hold(self, target, **options):
        """A request that is under way; its answer is noted by `held`."""
        client = self.client()
        client.ask(target, **options)
        client.target = target
        time.sleep(0.08)
        return client

    def held(self, client, timeout=12, body=True):
        self.note("held", client.target, "->", self.describe(client.read(timeout), body))
        client.close()
