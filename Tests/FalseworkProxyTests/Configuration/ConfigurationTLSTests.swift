// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkProxy

@Suite struct ConfigurationTLSTests {
  private static func read(
    bind: String = "ssl crt a.pem", server: String = "", global: String = ""
  ) -> ProxyConfiguration.Reading {
    let text = """
      global
        \(global)
      defaults
        mode http
        timeout client 5s
        timeout connect 5s
        timeout server 5s
      frontend f
        bind 127.0.0.1:8443 \(bind)
        default_backend b
      backend b
        server s 127.0.0.1:1 \(server)
      """
    return ProxyConfiguration.read(text, file: "h.cfg", environment: { _ in nil })
  }

  @Test func `a bind line says how it speaks TLS`() throws {
    let reading = Self.read(
      bind: """
        ssl crt a.pem crt /b alpn h2,http/1.1 ssl-min-ver TLSv1.2 ssl-max-ver TLSv1.3 \
        ciphers A:B ciphersuites C ca-file ca.pem verify optional no-tls-tickets strict-sni \
        prefer-client-ciphers
        """, global: "crt-base /etc/c\n  ca-base /etc/a")
    let tls = try #require(reading.configuration).frontends[0].binds[0].tls
    var expected = ProxyConfiguration.TLSParameters()
    expected.isOn = true
    expected.certificates = ["/etc/c/a.pem", "/b"]
    expected.protocols = ["http/1.1"]
    (expected.minimum, expected.maximum) = (.tls12, .tls13)
    (expected.ciphers, expected.cipherSuites) = ("A:B", "C")
    expected.authorities = "/etc/a/ca.pem"
    expected.verification = .optional
    expected.givesTickets = false
    expected.isStrictAboutNames = true
    expected.prefersClientCiphers = true
    #expect(tls == expected)
    #expect(reading.problems.map(\.line) == [10])
    #expect(reading.problems[0].message.contains("'h2' is left out"))
  }

  @Test func `a server line says how it speaks TLS`() throws {
    let reading = Self.read(
      server: """
        check ssl verify required ca-file @system-ca sni str(a.example) verifyhost b.example \
        crt me.pem no-ssl-reuse check-sni c.example
        """)
    let server = try #require(reading.configuration).servers[0]
    #expect(server.tls.isOn && !server.tls.resumes && server.checksOverTLS)
    #expect(server.tls.authorities == "@system-ca" && server.tls.certificates == ["me.pem"])
    #expect(server.tls.serverName == "a.example" && server.tls.verifiedName == "b.example")
    #expect(server.tls.checkServerName == "c.example")
  }

  @Test(arguments: [
    ("ssl verify none", true, true), ("ssl verify none port 81", true, false),
    ("ssl verify none addr 127.0.0.2", true, false),
    ("ssl verify none port 81 check-ssl", true, true),
    ("ssl verify none no-check-ssl", true, false),
    ("check-ssl verify none", false, true), ("ssl no-ssl", false, false), ("", false, false),
  ]) func `checks speak TLS as the traffic does, unless they go elsewhere or are told to`(
    words: String, traffic: Bool, checks: Bool
  ) throws {
    let reading = Self.read(server: "check \(words)")
    let server = try #require(reading.configuration, "\(reading.problems)").servers[0]
    #expect(server.tls.isOn == traffic && server.checksOverTLS == checks)
  }

  @Test(arguments: [
    ("ssl", "", 9, "no SSL certificate specified for bind '127.0.0.1:8443' (use 'crt')."),
    ("ssl crt a verify required", "", 9, "verify is enabled but no CA file specified"),
    ("ssl crt a verify maybe", "", 9, "'verify' : unknown verify method 'maybe'"),
    ("ssl crt", "", 9, "'crt' : missing certificate location"),
    ("ssl crt a ssl-min-ver SSLv2", "", 9, "'ssl-min-ver' : unknown version 'SSLv2'"),
    ("ssl crt a", "ssl", 12, "verify is enabled by default but no CA file specified."),
    ("ssl crt a", "ssl verify optional", 12, "it only supports 'none' and 'required'"),
    ("ssl crt a", "ssl verify none sni req.hdr(host)", 12, "write sni str(name)"),
  ]) func `what cannot work is refused in its line`(
    bind: String, server: String, line: Int, text: String
  ) {
    let reading = Self.read(bind: bind, server: server)
    #expect(
      reading.problems.contains {
        $0.severity == .alert && $0.line == line && $0.message.contains(text)
      }, "\(reading.problems)")
    #expect(reading.configuration == nil)
  }
}
