// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy
import NIOCore
import Testing

@testable import FalseworkLive

/// The proxy on its sockets, by raw bytes on both sides.
@Suite struct ProxyServerTests {
  private static let get = "GET /a?b=c HTTP/1.1\r\nHost: front\r\nX-Mixed: Case\r\n\r\n"
  private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-From: s\r\n\r\nhello"

  private static func with(
    _ script: ScriptedServer.Script, frontend: String = "", backend: String = "",
    timeouts: String = "60s",
    _ body: (LiveProxy, ScriptedServer) async throws -> Void
  ) async throws {
    try await withLoop { loop in
      let server = try await ScriptedServer.start(script, on: loop)
      let proxy = try await LiveProxy(
        on: loop, servers: [server.port], frontend: frontend, backend: backend,
        timeouts: timeouts)
      try await body(proxy, server)
      try await proxy.stop()
      try await server.stop()
    }
  }

  @Test func `a request goes to the server and its answer back, names in lower case`()
    async throws
  {
    try await Self.with(.answer(Self.ok)) { proxy, server in
      let client = try RawClient(port: proxy.port)
      try client.send(Self.get)
      #expect(
        try client.receive(through: "hello")
          == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-from: s\r\n\r\nhello")
      #expect(server.text == "GET /a?b=c HTTP/1.1\r\nhost: front\r\nx-mixed: Case\r\n\r\n")
      try client.send(Self.get)
      #expect(try client.answer().body == "hello")
      try await proxy.until { proxy.records.count == 2 }
      #expect(proxy.records.map(\.termination.text) == ["--", "--"])
      #expect(proxy.logLines[0].contains(" front back/s0 "), "\(proxy.logLines)")
      #expect(proxy.logLines[0].hasSuffix("\"GET /a?b=c HTTP/1.1\""), "\(proxy.logLines)")
    }
  }

  @Test func `pipelined requests are answered in their order`() async throws {
    try await Self.with(.answer(Self.ok)) { proxy, _ in
      let client = try RawClient(port: proxy.port)
      let count = 500
      try client.send(String(repeating: Self.get, count: count))
      for _ in 0..<count { #expect(try client.answer().status == 200) }
    }
  }

  @Test(arguments: [
    "GET /\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 20_000),
  ])
  func `what is no request gets a 400 and the end`(request: String) async throws {
    try await Self.with(.answer(Self.ok)) { proxy, server in
      let client = try RawClient(port: proxy.port)
      try client.send(request)
      let answer = try client.answer()
      #expect(answer.status == 400)
      #expect(answer.fields["connection"] == "close")
      #expect(try client.receivesNothing())
      try await proxy.until { proxy.records.count == 1 }
      #expect(proxy.records[0].termination.text == "PR")
      #expect(proxy.logLines[0].hasSuffix("\"<BADREQ>\""), "\(proxy.logLines)")
      #expect(server.byteCount == 0)
    }
  }

  @Test func `a body goes through whole, whatever its size and framing`() async throws {
    try await Self.with(.answer("", "")) { proxy, server in
      let client = try RawClient(port: proxy.port)
      let size = 3_000_000
      try client.send("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
      try client.send([UInt8](repeating: 0x61, count: size))
      try await proxy.until { server.byteCount > size }
      let head = "PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: \(size)\r\n\r\n"
      #expect(server.byteCount == size + head.utf8.count)
      #expect(server.text.hasPrefix(head))
    }
    try await Self.with(.answer("", "")) { proxy, server in
      let client = try RawClient(port: proxy.port)
      let body = "5;x=y\r\nhello\r\n0\r\nT: t\r\n\r\n"
      try client.send("PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      for byte in body.utf8 { try client.send([byte]) }
      try await proxy.until { server.text.hasSuffix(body) }
    }
  }

  @Test func `an answer goes through whole, whatever its size and framing`() async throws {
    let size = 8_000_000
    let long =
      "HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"
      + String(repeating: "b", count: size)
    try await Self.with(.answer(long)) { proxy, _ in
      let client = try RawClient(port: proxy.port)
      try client.send(Self.get)
      #expect(try client.answer().body.utf8.count == size)
    }
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    try await Self.with(.answer(chunks)) { proxy, _ in
      let client = try RawClient(port: proxy.port)
      for _ in 0..<3 {
        try client.send(Self.get)
        #expect(
          try client.receive(through: "0\r\n\r\n")
            == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
      }
    }
  }

  @Test func `an answer without a length ends with the connection, both of them`() async throws {
    try await Self.with(.answer("HTTP/1.0 200 OK\r\n\r\nuntil the end", end: .fin)) { proxy, _ in
      let client = try RawClient(port: proxy.port)
      try client.send(Self.get)
      let answer = try client.receiveAll()
      #expect(answer == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nuntil the end")
      try await proxy.until { proxy.records.count == 1 }
      #expect(proxy.records[0].termination.text == "--")
    }
  }

  @Test func `an interim answer is passed on and not taken for the answer`() async throws {
    try await Self.with(.answer("HTTP/1.1 100 Continue\r\n\r\n" + Self.ok)) { proxy, _ in
      let client = try RawClient(port: proxy.port)
      try client.send(
        "PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
      #expect(try client.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 100 "))
      #expect(try client.answer().body == "hello")
    }
  }

  @Test func `a HEAD's answer has a length and no body, and the connection goes on`()
    async throws
  {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    try await Self.with(.answer(head)) { proxy, _ in
      let client = try RawClient(port: proxy.port)
      for _ in 0..<3 {
        try client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try client.answer(toHead: true)
        #expect(answer.status == 200 && answer.fields["content-length"] == "5")
      }
    }
  }

  @Test func `a client of HTTP 1.0 gets one answer and the end`() async throws {
    try await Self.with(.answer(Self.ok)) { proxy, server in
      let client = try RawClient(port: proxy.port)
      try client.send("GET / HTTP/1.0\r\n\r\n")
      let answer = try client.receiveAll()
      #expect(answer.hasSuffix("connection: close\r\n\r\nhello"), "\(answer)")
      #expect(server.text.hasPrefix("GET / HTTP/1.0\r\n"))
    }
  }

  @Test func `a client of HTTP 1.0 is not sent chunks`() async throws {
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    try await Self.with(.answer(chunks)) { proxy, _ in
      let client = try RawClient(port: proxy.port)
      try client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
      let answer = try client.receiveAll()
      #expect(answer == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc", "\(answer)")
    }
  }

  @Test func `a client that ended its side is still answered`() async throws {
    try await Self.with(.answer(Self.ok)) { proxy, _ in
      let client = try RawClient(port: proxy.port)
      try client.send(Self.get)
      client.finish()
      #expect(try client.receiveAll().hasSuffix("hello"))
    }
  }

  @Test(arguments: [
    (ScriptedServer.Script.answer("", end: .fin), 502, "SH"),
    (.answer("", end: .reset), 502, "SH"),
    (.answer("SSH-2.0-OpenSSH_9.2\r\n\r\n"), 502, "PH"),
    (.answer(""), 504, "sH"),
  ])
  func `a server without an answer is told for what it was`(
    script: ScriptedServer.Script, status: Int, termination: String
  ) async throws {
    try await Self.with(script, timeouts: "300ms") { proxy, _ in
      let client = try RawClient(port: proxy.port)
      try client.send(Self.get)
      #expect(try client.answer().status == status)
      try await proxy.until { proxy.records.count == 1 }
      #expect(proxy.records[0].termination.text == termination)
    }
  }

  @Test(arguments: [
    ScriptedServer.Script.answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", end: .fin),
    .answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", end: .reset),
    .answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", end: .fin),
  ])
  func `an answer that is cut short ends the client's connection as well`(
    script: ScriptedServer.Script
  ) async throws {
    try await Self.with(script) { proxy, _ in
      let client = try RawClient(port: proxy.port)
      try client.send(Self.get)
      let answer = try client.receiveAll()
      #expect(answer.contains("hello") && !answer.hasSuffix("0\r\n\r\n"), "\(answer)")
      try await proxy.until { proxy.records.count == 1 }
      #expect(proxy.records[0].termination.text == "SD")
    }
  }

  @Test func `no server is a 503, and the connection goes on`() async throws {
    try await withLoop { loop in
      let reserved = try PortReservation(host: "127.0.0.1", port: 0)
      let proxy = try await LiveProxy(
        on: loop, servers: [reserved.address.port!], timeouts: "100ms")
      let client = try RawClient(port: proxy.port)
      for _ in 0..<2 {
        try client.send(Self.get)
        let answer = try client.answer()
        #expect(answer.status == 503)
        #expect(answer.body.contains("No server is available to handle this request."))
      }
      try await proxy.stop()
    }
  }

  @Test func `a refused connection goes to the other server at once`() async throws {
    try await withLoop { loop in
      let reserved = try PortReservation(host: "127.0.0.1", port: 0)
      let server = try await ScriptedServer.start(.answer(Self.ok), on: loop)
      let proxy = try await LiveProxy(
        on: loop, servers: [reserved.address.port!, server.port])
      for _ in 0..<4 {
        let client = try RawClient(port: proxy.port)
        try client.send(Self.get)
        #expect(try client.answer().status == 200)
      }
      #expect(proxy.records.contains { $0.redispatched })
      try await proxy.stop()
      try await server.stop()
    }
  }

  @Test
  func `a client that goes away is not noticed before its server answers or its time is over`()
    async throws
  {
    try await Self.with(.answer("")) { proxy, server in
      do {
        let client = try RawClient(port: proxy.port)
        try client.send(Self.get)
        try await proxy.until { server.byteCount > 0 }
        client.reset()
      }
      try await proxy.until { proxy.records.count == 1 }
      #expect(proxy.records[0].termination.text == "sH")
    }
  }

  @Test(arguments: [
    ("option httpclose", "connection: close\r\n", true),
    ("option http-server-close", "connection: close\r\n", false),
    ("option http-keep-alive", "", false),
  ])
  func `each side is told what becomes of its connection`(
    mode: String, toServer: String, closes: Bool
  ) async throws {
    try await Self.with(.answer(Self.ok), frontend: mode) { proxy, server in
      let client = try RawClient(port: proxy.port)
      try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      let answer = try client.answer()
      #expect((answer.fields["connection"] == "close") == closes)
      #expect(server.text == "GET / HTTP/1.1\r\nhost: a\r\n\(toServer)\r\n")
    }
  }

  @Test(arguments: [
    ("option forwardfor", "", "x-forwarded-for: 127.0.0.1\r\n"),
    ("", "option forwardfor", "x-forwarded-for: 127.0.0.1\r\n"),
    ("option forwardfor except 127.0.0.0/8", "", ""),
    ("option forwardfor except 127.0.0.0/8", "option forwardfor", ""),
  ])
  func `the server is told of the client as the configuration says`(
    frontend: String, backend: String, line: String
  ) async throws {
    try await Self.with(.answer(Self.ok), frontend: frontend, backend: backend) { proxy, server in
      let client = try RawClient(port: proxy.port)
      try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try client.answer().status == 200)
      #expect(server.text == "GET / HTTP/1.1\r\nhost: a\r\n\(line)\r\n")
    }
  }

  @Test func `connections may come and go by the thousand`() async throws {
    try await Self.with(.answer(Self.ok)) { proxy, _ in
      for index in 0..<1_500 {
        let client = try RawClient(port: proxy.port)
        switch index % 5 {
        case 0: break
        case 1: try client.send("GET / HT")
        case 2:
          try client.send(Self.get)
          client.reset()
        case 3: try client.send("nonsense\r\n\r\n")
        default:
          try client.send(Self.get)
          #expect(try client.answer().status == 200)
        }
      }
      let client = try RawClient(port: proxy.port)
      try client.send(Self.get)
      #expect(try client.answer().status == 200)
      try await proxy.until { proxy.server.proxy.connectionCount <= 1 }
    }
  }

  @Test(arguments: [
    ("option httpchk HEAD /up", "HEAD /up HTTP/1.0\r\n\r\n"),
    ("option httpchk GET /up HTTP/1.1", "GET /up HTTP/1.1\r\nconnection: close\r\n\r\n"),
    (
      "option httpchk\n  http-check send meth HEAD uri /up hdr X-Y z",
      "HEAD /up HTTP/1.0\r\nx-y: z\r\n\r\n"
    ),
  ])
  func `a check asks as HAProxy asks, and its answer counts`(
    backend: String, request: String
  ) async throws {
    try await withLoop { loop in
      let good = try await ScriptedServer.start(
        .answer("HTTP/1.0 204 No Content\r\n\r\n", end: .fin), on: loop)
      let bad = try await ScriptedServer.start(
        .answer("HTTP/1.0 500 Broken\r\n\r\n", end: .fin), on: loop)
      let proxy = try await LiveProxy(
        on: loop, servers: [good.port, bad.port], backend: backend,
        check: "check inter 1s rise 1 fall 1")
      try await proxy.until { proxy.beliefs.contains("DOWN") && !good.text.isEmpty }
      #expect(good.text.hasPrefix(request))
      #expect(proxy.beliefs.allSatisfy { $0 == "DOWN" })
      try await proxy.stop()
      try await good.stop()
      try await bad.stop()
    }
  }
}
