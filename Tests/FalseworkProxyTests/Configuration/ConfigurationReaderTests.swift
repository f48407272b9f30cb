// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Foundation
import Testing

@testable import FalseworkProxy

/// Reads what must be good, and fails the test if it is not.
private func configuration(
  _ text: String, environment: [String: String] = [:]
) throws -> ProxyConfiguration {
  let reading = ProxyConfiguration.read(text, file: "haproxy.cfg") { environment[$0] }
  return try #require(reading.configuration, "\(reading.problems)")
}

private func scenarioFile(_ name: String) throws -> String {
  let file = URL(filePath: #filePath).appending(
    path: "../../../../specs/scenarios/haproxy/\(name)")
  return try String(contentsOf: file.standardized, encoding: .utf8)
}

private let head = """
  defaults
    mode http
    timeout client 1m
    timeout connect 3s
    timeout server 30s

  """

@Suite struct ConfigurationReaderTests {
  @Test func `OpenStack-Ansible's file of 2017 means what HAProxy takes it to mean`() throws {
    let result = try configuration(scenarioFile("openstack-ansible-2017.cfg"))
    #expect(result.global.maxconn == 4096)
    var target = LogTarget(destination: .stdout)
    target.format = .raw
    target.facility = 16
    #expect(result.global.log == [target])
    let socket = try #require(result.global.sockets.first)
    #expect(socket.address == .path("admin.sock"))
    #expect(socket.level == .admin)
    #expect(socket.mode == 0o600)
    let front = try #require(result.frontends.first)
    #expect(front.name == "keystone_service-front-1")
    #expect(front.iid == 2)
    #expect(front.binds.map(\.host) == ["127.0.0.1"])
    #expect(front.binds.map(\.port) == [15000])
    #expect(front.maxconn == 4096)
    #expect(front.defaultBackend == BackendID(0))
    #expect(front.connectionMode == .serverClose)
    #expect(
      front.forwardFor
        == .init(
          except: .init(address: 0x7F00_0000, mask: 0xFF00_0000)))
    #expect(front.httpLog && front.dontLogNull && front.logs)
    #expect(front.clientTimeout == .seconds(50))
    #expect(front.requestTimeout == .seconds(5))
    #expect(front.keepAliveTimeout == .seconds(5))
    let back = try #require(result.backends.first)
    #expect(back.name == "keystone_service-back")
    #expect(back.iid == 3)
    #expect(back.balance == .leastconn)
    #expect(back.retries == 3)
    #expect(back.redispatch == -1)
    #expect(back.check == .init(method: "HEAD", uri: "/", version: "HTTP/1.0", headers: []))
    #expect(
      back.stickTable
        == .init(
          kind: .address(isIPv6: false), size: 262_144, expire: .seconds(1800), figures: [],
          keepsAll: false, keepsServers: true))
    #expect(result.backendRules[0].sticks.map(\.stores) == [true])
    #expect(back.connectTimeout == .seconds(10))
    #expect(back.serverTimeout == .seconds(50))
    #expect(back.queueTimeout == .seconds(10))
    #expect(back.checkTimeout == nil)
    #expect(result.servers.map(\.name) == ["keystone1", "keystone2"])
    #expect(result.servers.map(\.sid) == [1, 2])
    let server = result.servers[1]
    #expect((server.host, server.port, server.checkPort) == ("127.0.0.1", 15002, 15002))
    #expect(server.checked && !server.backup && !server.disabled)
    #expect((server.inter, server.rise, server.fall) == (.seconds(12), 2, 2))
    #expect((server.weight, server.maxconn, server.maxqueue) == (1, 0, 0))
  }

  @Test func `OpenStack-Ansible's file of 2026 checks a page and closes every connection`() throws {
    let result = try configuration(scenarioFile("openstack-ansible-2026.cfg"))
    let back = try #require(result.backends.first)
    #expect(
      back.check
        == .init(
          method: "HEAD", uri: "/healthcheck", version: "HTTP/1.0",
          headers: [.init(name: "user-agent", value: "osa-haproxy-healthcheck")]))
    #expect(back.connectionMode == .close)
    #expect(result.frontends[0].connectionMode == .close)
    #expect(back.stickTable == nil)
    #expect(result.servers.map(\.rise) == [3, 3])
    #expect(result.servers.map(\.fall) == [3, 3])
  }

  @Test(arguments: [
    "openstack-ansible-2017.cfg": [
      "backend 'keystone_service-back' : 'option httplog' directive is ignored in backends."
    ],
    "openstack-ansible-2026.cfg": [],
  ]) func `the scenarios' files draw the warnings that HAProxy gives`(
    file: String, warnings: [String]
  ) throws {
    let reading = ProxyConfiguration.read(try scenarioFile(file), file: file) { _ in nil }
    #expect(reading.problems.map(\.message) == warnings)
  }

  @Test func `all mistakes are reported at once, in the order of the file`() {
    let reading = ProxyConfiguration.read(
      head + """
        frontend f
          bind 127.0.0.1:x
          default_backend nope
        backend b
          balance rundrobin
          option htplog
          server s1 127.0.0.1:80 chek
          frob
        """, file: "h.cfg", environment: { _ in nil })
    #expect(reading.configuration == nil)
    #expect(
      reading.problems.filter { $0.severity == .alert }.map(\.line) == [6, 7, 10, 11, 12, 13])
    #expect(
      reading.problems.last?.description
        == "[ALERT] [h.cfg:13] : unknown keyword 'frob' in 'backend' section")
  }

  @Test func `a proxy takes the nearest defaults before it, or those that it names`() throws {
    let result = try configuration(
      """
      defaults one
        mode http
        timeout server 1s
        retries 7
        option httpclose
      defaults two from one
        timeout server 2s
      backend b
        server s 127.0.0.1:1
      backend c from one
        no option httpclose
        server s 127.0.0.1:1
      """)
    #expect(result.backends.map(\.serverTimeout) == [.seconds(2), .seconds(1)])
    #expect(result.backends.map(\.retries) == [7, 7])
    #expect(result.backends.map(\.connectionMode) == [.close, .keepAlive])
  }

  @Test func `what is not said has HAProxy's default`() throws {
    let result = try configuration(
      "defaults\n mode http\nfrontend f\n bind :80\nbackend b\n server s 127.0.0.1:1\n")
    let front = result.frontends[0]
    #expect(front.binds.map(\.host) == ["0.0.0.0"])
    #expect((front.maxconn, front.defaultBackend) == (4096, nil))
    #expect(!front.logs && !front.httpLog && !front.dontLogNull)
    #expect((front.clientTimeout, front.requestTimeout) == (.forever, .forever))
    let back = result.backends[0]
    #expect((back.balance, back.retries, back.redispatch) == (.roundrobin, 3, nil))
    #expect((back.connectionMode, back.check) == (.keepAlive, nil))
    #expect((back.connectTimeout, back.queueTimeout) == (.forever, .forever))
    let server = result.servers[0]
    #expect((server.inter, server.fastinter, server.downinter) == (.seconds(2), nil, nil))
    #expect((server.rise, server.fall, server.poolMaxConn) == (2, 3, -1))
    #expect((server.checked, server.poolPurgeDelay) == (false, .seconds(5)))
  }

  @Test(arguments: [
    ("option forwardfor except 127.0.0.0/8", "option forwardfor", false),
    ("option forwardfor", "option forwardfor except 127.0.0.0/8", false),
    ("option forwardfor except 10.0.0.0/8", "option forwardfor", true),
    ("option forwardfor", "", true), ("", "option forwardfor", true), ("", "", false),
  ]) func `a server is told the client's address as HAProxy 2.6 was seen to tell it`(
    front: String, back: String, isTold: Bool
  ) throws {
    let result = try configuration(
      head + "frontend f\n\(front)\nbind :1\nbackend b\n\(back)\nserver s 127.0.0.1:1\n")
    #expect(
      result.forwardsAddress(
        of: ClientAddress.loopback, frontend: FrontendID(0), backend: BackendID(0)) == isTold)
  }

  @Test func `a frontend logs where the configuration says where to, in the one format`() throws {
    let front = "frontend f\n bind :1\n log global\n"
    let silent = ProxyConfiguration.read(head + front, file: "h.cfg") { _ in nil }
    #expect(silent.configuration?.frontends[0].logs == false)
    #expect(silent.problems.isEmpty)
    let target = "global\n log stdout format raw local0\n"
    let other = ProxyConfiguration.read(target + head + front, file: "h.cfg") { _ in nil }
    #expect(other.configuration?.frontends[0].logs == true)
    #expect(other.problems.map(\.message).contains { $0.contains("without 'option httplog'") })
    let plain = ProxyConfiguration.read(
      target + head + front + " option httplog\n", file: "h.cfg"
    ) { _ in nil }
    #expect(plain.problems.isEmpty)
  }

  @Test func `a listen section is a frontend and a backend with one number`() throws {
    let result = try configuration(
      head + """
        frontend f
          bind 127.0.0.1:1,127.0.0.1:5-7
        listen l
          bind 127.0.0.1:2
          server a 127.0.0.1:3
          server b 127.0.0.1:4
        backend z
          server c 127.0.0.1:5
        """)
    #expect(result.frontends.map(\.iid) == [2, 3])
    #expect(result.frontends.map(\.binds).map { $0.map(\.port) } == [[1, 5, 6, 7], [2]])
    #expect(result.backends.map(\.iid) == [3, 4])
    #expect(result.frontends[1].defaultBackend == BackendID(0))
    #expect(result.servers.map(\.sid) == [1, 2, 1])
    #expect(result.backends.map(\.servers) == [0..<2, 2..<3])
    #expect(result.fullName(ServerID(2)) == "z/c")
  }

  @Test(arguments: [
    ("option httpchk", "OPTIONS / HTTP/1.0"),
    ("option httpchk /x", "OPTIONS /x HTTP/1.0"),
    ("option httpchk GET /x", "GET /x HTTP/1.0"),
    ("option httpchk GET /x HTTP/1.1", "GET /x HTTP/1.1"),
    ("option httpchk GET /x HTTP/1.1\nhttp-check send meth HEAD uri /y", "HEAD /y HTTP/1.1"),
    ("option httpchk GET /x HTTP/1.1\nhttp-check send ver HTTP/1.0", "GET /x HTTP/1.0"),
    ("http-check send meth HEAD uri /y\noption httpchk", "HEAD /y HTTP/1.0"),
    ("http-check send meth HEAD uri /y\noption httpchk GET /z", "GET /z HTTP/1.0"),
    ("http-check send hdr A b%%c\noption httpchk /q", "OPTIONS /q HTTP/1.0 a=b%c"),
    ("option httpchk GET /q\noption httpchk /r", "OPTIONS /r HTTP/1.0"),
    ("option httpchk GET /q HTTP/1.1\noption httpchk", "OPTIONS / HTTP/1.0"),
    (
      "option httpchk\nhttp-check send hdr Connection close hdr Host h", "OPTIONS / HTTP/1.0 host=h"
    ),
    ("http-check send meth HEAD", "none"),
  ]) func `a health check asks what HAProxy 2.6 was seen to ask`(
    lines: String, request: String
  ) throws {
    let result = try configuration(head + "backend b\n\(lines)\nserver s 127.0.0.1:1\n")
    #expect(described(result.backends[0].check) == request)
  }

  @Test(arguments: [
    ("option httpchk GET /x", "http-check send hdr a b", "OPTIONS / HTTP/1.0 a=b"),
    ("http-check send meth HEAD uri /y", "option httpchk", "OPTIONS / HTTP/1.0"),
    ("option httpchk GET /x", "", "GET /x HTTP/1.0"),
  ]) func `a check of one's own starts without the request of defaults`(
    defaults: String, own: String, request: String
  ) throws {
    let result = try configuration(
      head + "\(defaults)\nbackend b\n\(own)\nserver s 127.0.0.1:1\n")
    #expect(described(result.backends[0].check) == request)
  }

  private func described(_ check: ProxyConfiguration.HTTPCheck?) -> String {
    guard let check else { return "none" }
    let fields = check.headers.map { " \($0.name)=\($0.value)" }.joined()
    return "\(check.method) \(check.uri) \(check.version)\(fields)"
  }

  @Test func `default-server lines add up, and a server line comes after them`() throws {
    let result = try configuration(
      head + """
        default-server inter 3s rise 4
        backend b
          default-server fall 5 backup
          server a 127.0.0.1:1 no-backup rise 1
          default-server inter 9s
          server b 127.0.0.1:2 addr 127.0.0.9:7
        """)
    #expect(result.servers.map(\.inter) == [.seconds(3), .seconds(9)])
    #expect(result.servers.map(\.rise) == [1, 4])
    #expect(result.servers.map(\.fall) == [5, 5])
    #expect(result.servers.map(\.backup) == [false, true])
    #expect((result.servers[1].checkHost, result.servers[1].checkPort) == ("127.0.0.9", 7))
  }

  @Test(arguments: [
    ("250us", Interval.milliseconds(1)), ("1500", .milliseconds(1500)), ("0", .forever),
    ("24d", .seconds(24 * 86400)),
  ]) func `times are whole milliseconds, and none is 0`(text: String, value: Interval) throws {
    let result = try configuration(
      head + "backend b\n timeout server \(text)\n server s 127.0.0.1:1\n")
    #expect(result.backends[0].serverTimeout == value)
  }

  @Test func `variables are put in between double quotes only`() throws {
    let result = try configuration(
      head + """
        backend "$NAME"
          server s "${HOST-127.0.0.2}":80
          description $NAME '$NAME'
        """, environment: ["NAME": "keystone"])
    #expect(result.backends[0].name == "keystone")
    #expect(result.servers[0].host == "127.0.0.2")
  }

  @Test(
    arguments: [
      ("option redispatch", -1), ("option redispatch 2", 2), ("option redispatch 0", nil),
      ("no option redispatch", nil),
    ] as [(String, Int?)]) func `redispatch names every how many retries the server may change`(
      line: String, value: Int?
    ) throws
  {
    let result = try configuration(head + "backend b\n \(line)\n server s 127.0.0.1:1\n")
    #expect(result.backends[0].redispatch == value)
  }
}
