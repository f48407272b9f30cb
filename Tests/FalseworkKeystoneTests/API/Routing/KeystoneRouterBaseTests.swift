// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@testable import FalseworkKeystone

struct KeystoneRouterBaseTests {
  private func base(_ fields: String, _ release: String, proxies: Bool) throws -> String {
    let bytes = Array("GET / HTTP/1.1\r\n\(fields)\r\n".utf8)
    var parser = HTTPParser(kind: .request, limits: .haproxy)
    var head = HTTPHead()
    #expect(parser.parse(bytes.span, into: &head) == .head)
    return KeystoneRouter.base(
      head, bytes.span, otherwise: ("127.0.0.1", 5_000), release: Release(named: release)!,
      parsesProxyFields: proxies)
  }

  /// The first eight as a real 2026.1 answers.
  @Test(arguments: [
    ("Host: k:5000\r\n", "http://k:5000", "http://k:5000"),
    ("Host: k:80\r\n", "http://k", "http://k"), ("Host: k:443\r\n", "http://k:443", "http://k:443"),
    ("Host: k\r\nX-Forwarded-Proto: https\r\n", "https://k", "https://k"),
    ("Host: k:443\r\nX-Forwarded-Proto: http, https\r\n", "https://k", "https://k"),
    ("Host: k\r\nX-Forwarded-Host: e.org\r\n", "http://k", "http://e.org"),
    ("Host: k\r\nX-Forwarded-Prefix: /identity/\r\n", "http://k", "http://k/identity"),
    (
      "Host: k\r\nForwarded: proto=https;host=\"e.org\", host=x\r\n", "http://k", "https://e.org"
    ),
    ("Host:\r\n", "http://127.0.0.1:5000", "http://127.0.0.1:5000"),
  ]) func `links begin with the address that the client used`(
    fields: String, plain: String, behind: String
  ) throws {
    #expect(try base(fields, "2026.1", proxies: false) == plain)
    #expect(try base(fields, "2026.1", proxies: true) == behind)
  }

  @Test func `before Stein no proxy was believed unasked`() throws {
    let fields = "Host: k\r\nX-Forwarded-Proto: https\r\n"
    #expect(try base(fields, "rocky", proxies: false) == "http://k")
    #expect(try base(fields, "rocky", proxies: true) == "https://k")
  }
}
