// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Testing

@Suite struct ProxyCommandTests {
  private static func configuration(port: Int, socket: String) -> String {
    """
    global
      stats socket \(socket) level admin
    defaults
      mode http
      timeout connect 1s
      timeout client 1s
      timeout server 1s
    frontend front
      bind 127.0.0.1:\(port)
      default_backend back
    backend back
      server one 127.0.0.1:9

    """
  }

  @Test func `a good configuration is valid, with HAProxy's words on standard output`()
    async throws
  {
    let ending = try await Program.run([
      "proxy", "-c", "-f", "specs/scenarios/haproxy/openstack-ansible-2026.cfg",
    ])
    #expect(ending == Program.Ending(code: 0, output: "Configuration file is valid\n", errors: ""))
  }

  @Test(arguments: [["-c"], []])
  func `a bad configuration ends with 3, its check with 1, and every finding has its line`(
    options: [String]
  ) async throws {
    try await TemporaryDirectory.with { directory in
      let path = try directory.write(
        """
        frontend front
          mode http
          bidn 127.0.0.1:15000
          default_backend back
        backend back
          mode http
          server one

        """, to: "bad.cfg")
      let ending = try await Program.run(["proxy"] + options + ["-f", path])
      // A check ends as that of `haproxy -c` does.
      #expect(ending.code == (options == ["-c"] ? 1 : 3))
      #expect(ending.output == "")
      #expect(
        ending.errors.contains(
          "[ALERT] [\(path):3] : unknown keyword 'bidn' in 'frontend' section; did you mean 'bind'")
      )
      #expect(ending.errors.contains("[ALERT] [\(path):7] : 'server' expects <name> and <addr>"))
    }
  }

  @Test func `a configuration that is not there ends with 3, its check with 1`() async throws {
    for (options, code) in [([], 3), (["-c"], 1)] as [([String], Int32)] {
      let ending = try await Program.run(["proxy"] + options + ["-f", "/no/such.cfg"])
      #expect(ending.code == code)
      #expect(ending.errors == "/no/such.cfg: No such file or directory\n")
    }
  }

  @Test func `a port in use is named`() async throws {
    try await TemporaryDirectory.with { directory in
      try await LocalSocket.withTakenPort { port in
        let path = try directory.write(
          Self.configuration(port: port, socket: directory.file("admin.sock")), to: "haproxy.cfg")
        let ending = try await Program.run(["proxy", "-f", path])
        #expect(ending.code == 7)
        #expect(ending.errors.hasPrefix("port \(port) of 127.0.0.1 is in use: "))
      }
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `it answers on its runtime API until it is told to end`(signal: Int32) async throws {
    try await TemporaryDirectory.with { directory in
      let socket = directory.file("admin.sock")
      let path = try directory.write(
        Self.configuration(port: try LocalSocket.freePort(), socket: socket), to: "haproxy.cfg")
      let program = try Program(["proxy", "-f", path])
      let states = try await Program.beside { () -> String? in
        for _ in 0..<6_000 {
          if let answer = LocalSocket.ask(socket, "show servers state") { return answer }
          // Polling, since the proxy says nothing when it listens, as HAProxy.
          poll(nil, 0, 10)
        }
        return nil
      }
      #expect(states?.contains(" back 1 one 127.0.0.1 ") == true, "\(states ?? "no answer")")
      program.signal(signal)
      #expect(try await program.end().code == 0)
      #expect(LocalSocket.ask(socket, "show info") == nil)
    }
  }
}
