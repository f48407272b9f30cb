// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkKeystone
import Glibc
import Testing

@testable import FalseworkLive

@Suite struct NodeServerTests {
  private static let login = """
    {"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "admin", \
    "domain": {"name": "Default"}, "password": "secret"}}}, "scope": {"project": {"name": \
    "admin", "domain": {"name": "Default"}}}}}
    """

  private static func post(_ body: String, extra: String = "") -> String {
    "POST /v3/auth/tokens HTTP/1.1\r\nHost: k\r\nContent-Type: application/json\r\n\(extra)"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test func `a token is issued, validated, revoked and then unknown, on one connection`()
    async throws
  {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      let client = try RawClient(port: node.port)
      try client.send("GET /v3 HTTP/1.1\r\nHost: k\r\n\r\n")
      let discovery = try client.answer()
      #expect(discovery.status == 200)
      #expect(discovery.body.contains("\"href\": \"http://k/v3/\""))

      try client.send(Self.post(Self.login))
      let issued = try client.answer()
      #expect(issued.status == 201)
      let token = try #require(issued.fields["x-subject-token"])

      let own = "Host: k\r\nX-Auth-Token: \(token)\r\nX-Subject-Token: \(token)\r\n\r\n"
      try client.send("GET /v3/auth/tokens HTTP/1.1\r\n" + own)
      let validated = try client.answer()
      #expect(validated.status == 200)
      #expect(validated.body.contains("\"catalog\""))

      try client.send("HEAD /v3/auth/tokens HTTP/1.1\r\n" + own)
      let head = try client.answer(toHead: true)
      #expect(head.status == 200)
      #expect(head.fields["content-length"] == "\(validated.body.utf8.count)")

      try client.send("DELETE /v3/auth/tokens HTTP/1.1\r\n" + own)
      #expect(try client.answer().status == 204)
      try client.send("GET /v3/auth/tokens HTTP/1.1\r\n" + own)
      #expect(try client.answer().status == 401)
      try await node.shutDown()
    }
  }

  @Test func `pipelined requests are answered in their order`() async throws {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      let client = try RawClient(port: node.port)
      let count = 2_000
      try client.send(
        String(repeating: "GET /v3 HTTP/1.1\r\nHost: k\r\n\r\n", count: count)
          + "GET /nothing HTTP/1.1\r\nHost: k\r\nConnection: close\r\n\r\n")
      for _ in 0..<count { #expect(try client.answer().status == 200) }
      #expect(try client.answer().status == 404)
      #expect(try client.read() == [])
      try await node.shutDown()
    }
  }

  @Test(arguments: [
    ("GET /v3 HTTP/1.1\r\n\r\n", 400),
    ("GET  /v3 HTTP/1.1\r\nHost: k\r\n\r\n", 400),
    ("GET /v3 HTTP/1.1\nHost: k\n\n", 400),
    ("\u{1}\u{2}\u{3}", 400),
    ("POST /v3 HTTP/1.1\r\nHost: k\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400),
    (
      "POST /v3 HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400
    ),
    ("POST /v3 HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ("GET /v3 HTTP/2.0\r\nHost: k\r\n\r\n", 505),
    ("POST /v3/auth/tokens HTTP/1.1\r\nHost: k\r\nContent-Length: 114689\r\n\r\n", 413),
    ("GET /v3 HTTP/1.1\r\nHost: k\r\nX: " + String(repeating: "x", count: 17_000), 431),
  ])
  func `what is no acceptable request is answered, and the connection ends`(
    request: String, status: Int
  ) async throws {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      let client = try RawClient(port: node.port)
      try client.send(request)
      let answer = try client.answer()
      #expect(answer.status == status)
      #expect(answer.fields["connection"] == "close")
      #expect(try client.read() == [])
      try await node.shutDown()
    }
  }

  @Test func `a chunked body that grows too large is refused`() async throws {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      let client = try RawClient(port: node.port)
      try client.send(
        "POST /v3/auth/tokens HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\n")
      let chunk = "4000\r\n" + String(repeating: "a", count: 0x4000) + "\r\n"
      for _ in 0..<8 { try client.send(chunk) }
      #expect(try client.answer().status == 413)
      try await node.shutDown()
    }
  }

  @Test func `a chunked login is a login`() async throws {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      let client = try RawClient(port: node.port)
      let body = Array(Self.login.utf8)
      try client.send(
        "POST /v3/auth/tokens HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\n")
      for byte in body { try client.send([0x31, 0x0D, 0x0A, byte, 0x0D, 0x0A]) }
      try client.send("0\r\n\r\n")
      #expect(try client.answer().status == 201)
      try await node.shutDown()
    }
  }

  @Test func `a client that waits for 100 is told to go on`() async throws {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      let client = try RawClient(port: node.port)
      let request = Self.post(Self.login, extra: "Expect: 100-continue\r\n")
      let head = request.prefix(upTo: request.firstRange(of: "\r\n\r\n")!.upperBound)
      try client.send(String(head))
      #expect(try client.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
      try client.send(Self.login)
      #expect(try client.answer().status == 201)
      try await node.shutDown()
    }
  }

  @Test func `a client that ended its side is still answered`() async throws {
    try await withLoop { loop in
      let node = try await LiveNode(
        on: loop,
        service: ServiceModel(
          workers: 1, backlog: 16, authenticate: .constant(.milliseconds(50)),
          validate: .constant(.zero), other: .constant(.zero), discovery: .constant(.zero)))
      let client = try RawClient(port: node.port)
      try client.send(Self.post(Self.login))
      client.finish()
      #expect(try client.answer().status == 201)
      #expect(try client.read() == [])
      try await node.shutDown()
    }
  }

  @Test func `an HTTP 1.0 client gets one answer and the end`() async throws {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      let client = try RawClient(port: node.port)
      try client.send("HEAD / HTTP/1.0\r\n\r\n")
      let answer = try client.receiveAll()
      #expect(answer.hasPrefix("HTTP/1.1 300 "))
      #expect(answer.hasSuffix("\r\n\r\n"))
      try await node.shutDown()
    }
  }

  @Test func `a stopped node refuses, and a started one answers on the same port`() async throws {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      for _ in 0..<20 {
        try await node.stop(.terminate)
        await node.reaches(.stopped)
        let failure = #expect(throws: RawClient.Failure.self) {
          _ = try RawClient(port: node.port)
        }
        #expect(failure?.number == ECONNREFUSED)
        try await node.start()
        await node.reaches(.serving)
        let client = try RawClient(port: node.port)
        try client.send("GET /healthcheck HTTP/1.1\r\nHost: k\r\n\r\n")
        #expect(try client.answer().status == 200)
      }
      try await node.shutDown()
    }
  }

  @Test func `a request that a stop cuts gets no byte`() async throws {
    try await withLoop { loop in
      let node = try await LiveNode(
        on: loop,
        service: ServiceModel(
          workers: 1, backlog: 16, authenticate: .constant(.seconds(3_600)),
          validate: .constant(.zero), other: .constant(.zero), discovery: .constant(.zero)))
      let client = try RawClient(port: node.port)
      try client.send("GET /v3 HTTP/1.1\r\nHost: k\r\n\r\n")
      #expect(try client.answer().status == 200)
      try client.send(Self.post(Self.login))
      try await node.stop(.kill)
      #expect(try client.receivesNothing())
      try await node.shutDown()
    }
  }

  @Test func `connections may come and go by the thousand`() async throws {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      for index in 0..<3_000 {
        let client = try RawClient(port: node.port)
        switch index % 4 {
        case 0: break
        case 1: try client.send("GET /v3 HT")
        case 2:
          try client.send("GET /v3 HTTP/1.1\r\nHost: k\r\n\r\n")
          client.reset()
        default:
          try client.send("GET /v3 HTTP/1.1\r\nHost: k\r\nConnection: close\r\n\r\n")
          #expect(try client.answer().status == 200)
        }
      }
      let client = try RawClient(port: node.port)
      try client.send("GET /v3 HTTP/1.1\r\nHost: k\r\n\r\n")
      #expect(try client.answer().status == 200)
      try await node.shutDown()
    }
  }

  @Test func `a port in use is named`() async throws {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      let error = await #expect(throws: LiveError.self) {
        _ = try await LiveNode(on: loop, port: node.port)
      }
      #expect(error == .portInUse(host: "127.0.0.1", port: node.port))
      #expect(error?.description.contains("port \(node.port) of 127.0.0.1 is in use") == true)
      try await node.shutDown()
    }
  }

  @Test func `an idle connection is closed after its time`() async throws {
    try await withLoop { loop in
      var options = NodeServer.Options.standard
      options.idleTimeout = .milliseconds(50)
      let node = try await LiveNode(on: loop, options: options)
      let client = try RawClient(port: node.port)
      try client.send("GET /v3 HTTP/1.1\r\nHost: k\r\n\r\n")
      #expect(try client.answer().status == 200)
      #expect(try client.read() == [])
      try await node.shutDown()
    }
  }
}
