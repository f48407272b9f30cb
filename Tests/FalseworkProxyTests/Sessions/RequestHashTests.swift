// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

/// The servers that HAProxy 2.6 was seen to choose with weights 3, 2, 1.
struct RequestHashTests {
  private static let targets =
    (0..<12).map { "/a/\($0)/b/c?x=\($0)&user=u\($0 % 5)" } + ["/", "/a", "/a/b", "/z"]

  private func message(_ target: String, host: String? = nil) -> RequestMessage {
    RequestMessage(
      target: Array(target.utf8),
      fields: host.map { [.init(name: Array("host".utf8), value: Array($0.utf8))] } ?? [])
  }

  private func servers(
    _ balance: String, _ messages: [RequestMessage], maint: Int? = nil
  ) throws -> String {
    var driver = try ProxyDriver(
      backend: balance + "\n"
        + [3, 2, 1].enumerated().map {
          "server n\($0.offset + 1) 127.0.0.1:\(8_001 + $0.offset) weight \($0.element)\n"
        }.joined())
    if let maint { driver.order(maint, .maint) }
    return try messages.map { "\(try driver.exchange(driver.accept(), $0) + 1)" }.joined()
  }

  @Test(arguments: [
    ("balance uri", "1123232121323131"), ("balance uri\nhash-type consistent", "1121321122311221"),
  ])
  func `uri sends each target to its server`(balance: String, expected: String) throws {
    #expect(try servers(balance, Self.targets.map { message($0) }) == expected)
  }

  @Test(arguments: HashType.Function.allCases, [false, true])
  func `the same key goes to the same server`(
    function: HashType.Function, consistent: Bool
  ) throws {
    let type = "hash-type \(consistent ? "consistent" : "map-based") \(function.rawValue)"
    let messages = Self.targets.map { message($0) }
    let taken = try servers("balance uri\n\(type)", messages + messages)
    #expect(taken.prefix(16) == taken.suffix(16))
    #expect(Set(taken).count > 1)
  }

  @Test func `a ring keeps the servers of keys whose server stays`() throws {
    let messages = Self.targets.map { message($0) }
    let before = try servers("balance uri\nhash-type consistent", messages)
    let after = try servers("balance uri\nhash-type consistent", messages, maint: 1)
    for (one, other) in zip(before, after) where one != "2" { #expect(one == other) }
    #expect(!after.contains("2"))
  }

  @Test func `the query belongs to the key only with whole`() {
    var hash = ProxyConfiguration.URIHash()
    #expect(Array(hash.key(Array("/a/b?c".utf8))) == Array("/a/b".utf8))
    hash.whole = true
    #expect(Array(hash.key(Array("/a/b?c".utf8))) == Array("/a/b?c".utf8))
  }

  @Test func `depth counts directories, len bytes, and path-only leaves the authority out`() {
    var hash = ProxyConfiguration.URIHash()
    hash.depth = 2
    #expect(Array(hash.key(Array("/a/b/c/d".utf8))) == Array("/a/b".utf8))
    hash.depth = nil
    hash.length = 3
    #expect(Array(hash.key(Array("/a/b/c".utf8))) == Array("/a/".utf8))
    hash.length = nil
    hash.pathOnly = true
    #expect(Array(hash.key(Array("http://h/x?y".utf8))) == Array("/x".utf8))
  }

  @Test func `a request without the key takes the next in turn`() throws {
    let plain = message("/")
    #expect(
      try servers("balance url_param user", Array(repeating: plain, count: 6))
        == servers("balance static-rr", Array(repeating: plain, count: 6)))
    let named = message("/?x=1&user=joe")
    #expect(Set(try servers("balance url_param user", [named, named, named])).count == 1)
  }

  @Test func `a field's value decides, or only its domain`() throws {
    let messages = ["www.example.org", "api.example.org:80", "example.org"].map {
      message("/", host: $0)
    }
    #expect(Set(try servers("balance hdr(host) use_domain_only", messages)).count == 1)
    #expect(Set(try servers("balance hdr(host)", messages)).count > 1)
  }

  @Test func `source sends a client to the same server`() throws {
    let plain = message("/")
    #expect(Set(try servers("balance source", Array(repeating: plain, count: 5))).count == 1)
  }
}
