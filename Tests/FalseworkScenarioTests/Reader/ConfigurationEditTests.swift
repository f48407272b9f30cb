// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy
import FalseworkScenario
import Testing

@Suite struct ConfigurationEditTests {
  @Test(arguments: [
    // Replaced where it stands, and nothing else of the line is touched.
    (
      "backend b\n  server a 1.1.1.1:1  check inter 12000 fall 2 # inter 9\n",
      ConfigurationEdit(.servers, "inter", "2s"),
      "backend b\n  server a 1.1.1.1:1  check inter 2s fall 2 # inter 9\n"
    ),
    // Added where it stands nowhere.
    (
      "listen b\n  server a h:1 check # x\n  server c h:2\n",
      ConfigurationEdit(.servers, "rise", "3"),
      "listen b\n  server a h:1 check rise 3 # x\n  server c h:2 rise 3\n"
    ),
    // A default-server has it for the servers after it.
    (
      "backend b\n  default-server check inter 2s\n  server a h:1\n",
      ConfigurationEdit(.servers, "inter", "5s"),
      "backend b\n  default-server check inter 5s\n  server a h:1\n"
    ),
    (
      "defaults\n  default-server fall 2\nbackend b\n  server a h:1 fall 9\n",
      ConfigurationEdit(.servers, "fall", "4"),
      "defaults\n  default-server fall 4\nbackend b\n  server a h:1 fall 4\n"
    ),
    // A server may be called as the keyword is.
    (
      "backend b\n  server inter h:1\n", ConfigurationEdit(.servers, "inter", "1s"),
      "backend b\n  server inter h:1 inter 1s\n"
    ),
    (
      "peers p\n  server a h:1\nbackend b\n", ConfigurationEdit(.servers, "rise", "1"),
      "peers p\n  server a h:1\nbackend b\n"
    ),
    (
      "defaults\n  timeout connect 10s\nbackend b\n  timeout server 1m\n",
      ConfigurationEdit(.sections, "timeout connect", "1s"),
      "defaults\n  timeout connect 1s\nbackend b\n  timeout server 1m\n"
    ),
    // One line for all backends that lack it.
    (
      "defaults\n\tmode http\nbackend b\n  balance source\nbackend c\n",
      ConfigurationEdit(.sections, "retries", "1"),
      "defaults\n\tretries 1\n\tmode http\nbackend b\n  balance source\nbackend c\n"
    ),
    (
      "frontend f\n  bind :1\nbackend b\n  balance source\n",
      ConfigurationEdit(.sections, "retries", "1"),
      "frontend f\n  bind :1\nbackend b\n  retries 1\n  balance source\n"
    ),
    (
      "defaults\n  option redispatch 2\n",
      ConfigurationEdit(.sections, "option redispatch", "false"),
      "defaults\n  no option redispatch\n"
    ),
    (
      "defaults\n  no option redispatch\n",
      ConfigurationEdit(.sections, "option redispatch", "true"),
      "defaults\n  option redispatch\n"
    ),
    (
      "backend b\n  balance hdr(x) y\n", ConfigurationEdit(.sections, "balance", "roundrobin"),
      "backend b\n  balance roundrobin\n"
    ),
  ])
  func `a setting is changed where it stands, or added where it is lacking`(
    text: String, edit: ConfigurationEdit, expected: String
  ) {
    #expect(edit.applied(to: text) == expected)
    #expect(edit.applied(to: expected) == expected)
  }

  @Test func `every setting reaches every server or backend`() throws {
    let scenario = try Sample.read(
      "proxy: {config: two.cfg, inter: 3s, fastinter: 1s, downinter: 4s, rise: 5, fall: 6, "
        + "slowstart: 7s, maxconn: 8, retries: 9, redispatch: true, balance: roundrobin, "
        + "timeout-connect: 10s, timeout-server: 11s, timeout-queue: 12s, timeout-check: 13s}")
    let configuration = scenario.proxy.configuration
    #expect(configuration.servers.count == 2)
    for server in configuration.servers {
      #expect(server.inter == .seconds(3))
      #expect(server.fastinter == .seconds(1))
      #expect(server.downinter == .seconds(4))
      #expect([server.rise, server.fall, server.maxconn] == [5, 6, 8])
      #expect(server.slowstart == .seconds(7))
    }
    let backend = configuration.backends[0]
    #expect(backend.retries == 9)
    #expect(backend.redispatch != nil)
    #expect(backend.balance.name == "roundrobin")
    #expect(backend.connectTimeout == .seconds(10))
    #expect(backend.serverTimeout == .seconds(11))
    #expect(backend.queueTimeout == .seconds(12))
    #expect(backend.checkTimeout == .seconds(13))
    // What is played is what HAProxy could be given.
    let again = ProxyConfiguration.read(
      scenario.proxy.text, file: "x", environment: { _ in nil })
    #expect(again.configuration?.servers.map(\.inter) == configuration.servers.map(\.inter))
  }

  @Test func `lines that are added do not move a message about a server`() throws {
    let plain = try Sample.read("proxy: two.cfg")
    let edited = try Sample.read("proxy: {config: two.cfg, timeout-check: 1s}")
    #expect(plain.proxy.text != edited.proxy.text)
    #expect(
      edited.proxy.configuration.servers.map(\.line)
        == plain.proxy.configuration.servers.map(\.line)
    )
  }

  @Test(arguments: [
    ("proxy.inter", "2", "expected a duration with a unit: us, ms, s, m, h or d"),
    ("proxy.inter", "0s", "expected a duration of at least 1ms"),
    ("proxy.rise", "0", "expected a whole number from 1 to 1000"),
    ("proxy.redispatch", "maybe", "expected true or false"),
    ("proxy.balance", "lastconn", "balance only supports"),
  ])
  func `a wrong setting is reported where it was given`(
    path: String, value: String, message: String
  ) {
    let problems = Sample.problems("proxy: two.cfg", set: [(path, value)])
    #expect(problems.contains { "\($0)".contains(message) && $0.path == path }, "\(problems)")
  }
}
