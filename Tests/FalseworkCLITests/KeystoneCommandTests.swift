// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@Suite struct KeystoneCommandTests {
  @Test(arguments: [SIGINT, SIGTERM, SIGUSR1])
  func `a node prints its URL, answers a load there, and ends when it is told to`(
    signal: Int32
  ) async throws {
    let node = try Program(["keystone", "--listen", "127.0.0.1:0"])
    let url = try #require(try await node.line())
    #expect(url.hasPrefix("http://127.0.0.1:"))
    #expect(url.hasSuffix("/v3"))
    let load = ["load", "--auth-url", url, "--duration", "200ms", "--format", "json"]
    let ending = try await Program.run(load + ["--users", "2", "--wait", "1ms"])
    #expect(ending.code == 0)
    let result = try RunJSON.read(ending.output)
    #expect(result.total.requests > 0)
    #expect(result.total.failures == 0)
    #expect(result.inFlight == 0)

    node.signal(signal)
    #expect(try await node.end().code == 0)
    let refused = try await Program.run(load + ["--wait", "10ms"])
    #expect(refused.code == 7)
    #expect(refused.output == "")
  }

  @Test func `a port in use is named`() async throws {
    try await LocalSocket.withTakenPort { port in
      let ending = try await Program.run(["keystone", "--listen", "127.0.0.1:\(port)"])
      #expect(ending.code == 7)
      #expect(ending.output == "")
      #expect(ending.errors.hasPrefix("port \(port) of 127.0.0.1 is in use: "), "\(ending.errors)")
    }
  }

  @Test func `an address of another machine is named`() async throws {
    let ending = try await Program.run(["keystone", "--listen", "192.0.2.1:0"])
    #expect(ending.code == 7)
    #expect(ending.errors.hasPrefix("192.0.2.1 is no address of this machine: "))
  }
}
