# SPDX-License-Identifier: Apache-2.0
"""Cases of the PROXY protocol, in and out."""
import socket
import struct
import threading
import time

from cases import case, servers

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


class Plain:
    """A server that notes what comes first on each connection and answers each request."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(50)
        self.port = self.listener.getsockname()[1]
        self.seen = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        data = b""
        try:
            while True:
                while b"HTTP/1." not in data or b"\r\n\r\n" not in data[data.index(b"HTTP/1."):]:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    data += piece
                self.seen.append((data, connection.getpeername()[1]))
                data = b""
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except OSError:
            pass


def noted(p, plain, ports):
    """What the server saw, with names for the ports."""
    for data, peer in plain.seen:
        shown = data
        for name, port in ports.items():
            shown = shown.replace(str(port).encode(), name.encode())
            shown = shown.replace(struct.pack(">H", port), f"<{name}>".encode())
        shown = shown.replace(str(peer).encode(), b"SELF")
        p.note(repr(shown.split(b"HTTP/1.")[0]))


for word in ("send-proxy", "send-proxy-v2"):
    def sent(p, word=word):
        plain = Plain()
        p.start(f"  http-reuse always\n  server s 127.0.0.1:{plain.port} {word}\n", nodes=1)
        first, second = p.client(), p.client()
        ports = {"FIRST": first.socket.getsockname()[1], "SECOND": second.socket.getsockname()[1],
                 "FRONT": p.port, "BACK": plain.port}
        for client in (first, first, second, first):
            p.get("/", client=client)
        noted(p, plain, ports)
        plain.listener.close()
    case(f"protocol.out.{word}")(sent)

for words in ("send-proxy", "send-proxy-v2", "check-send-proxy", "send-proxy addr 127.0.0.1"):
    def checked(p, words=words):
        plain = Plain()
        p.start(f"  option httpchk GET /h\n  server s 127.0.0.1:{plain.port} {words} check inter 300ms\n", nodes=1)
        p.wait("s", "check_status", "L7OK")
        plain.seen = plain.seen[:1]
        noted(p, plain, {"BACK": plain.port})
        plain.listener.close()
    case(f"protocol.check.{words.replace(' ', '-')}")(checked)

HEADERS = {
    "v1": b"PROXY TCP4 10.1.2.3 10.4.5.6 1111 443\r\n",
    "unknown": b"PROXY UNKNOWN\r\n",
    "unknown.rest": b"PROXY UNKNOWN a b c\r\n",
    "v2": SIGNATURE + b"\x21\x11\0\x0c" + bytes([10, 1, 2, 3, 10, 4, 5, 6]) + struct.pack(">HH", 1111, 443),
    "v2.local": SIGNATURE + b"\x20\x00\0\0",
    "v2.tlv": SIGNATURE + b"\x21\x11\0\x10" + bytes([10, 1, 2, 3, 10, 4, 5, 6]) + struct.pack(">HH", 1111, 443) + b"\x04\0\x01x",
    "none": b"",
    "wrong": b"PROXY TCP5 1 2 3 4\r\n",
    "short": b"PROXY TCP4 10.1.2.3 10.4.5.6 1111\r\n",
    "v2.wrong": SIGNATURE + b"\x31\x11\0\x0c" + b"x" * 12,
}

for name, header in HEADERS.items():
    def accepted(p, header=header):
        p.start("  option forwardfor\n" + servers(1), nodes=1,
                frontend=f"  bind 127.0.0.1:{inner(p)} accept-proxy")
        client = p.client(port=p.inner)
        client.send(header + b"GET /echo HTTP/1.1\r\nHost: h\r\n\r\n")
        p.note(p.describe(client.read(3)))
        time.sleep(0.1)
        with p.lock:
            lines = [line for line in p.log if "GET /echo" in line]
        p.note(len(lines), [line.split(" ")[0] if line.startswith("10.") else "own" for line in lines])
    case(f"protocol.in.{name}", differs=(
        "the protocol says that what stands behind UNKNOWN is passed over" if name == "unknown.rest" else None))(accepted)


def inner(p):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        p.inner = probe.getsockname()[1]
    return p.inner
