// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@Suite struct LoadCommandTests {
  @Test func `any URL can be asked, and the table is at most as wide as a terminal`() async throws {
    let node = try Program(["keystone", "--listen", "127.0.0.1:0"])
    let url = try #require(try await node.line())
    let ending = try await Program.run([
      "load", "--url", url, "--duration", "200ms", "--wait", "1ms",
    ])
    #expect(ending.code == 0)
    let lines = ending.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("GET /v3 ") })
    #expect(lines.contains("Failures: none"))
    #expect(lines.filter { $0.count > 80 } == [])
    node.signal(SIGTERM)
    #expect(try await node.end().code == 0)
  }

  @Test func `a name that is no host ends with 7`() async throws {
    let ending = try await Program.run(["load", "--url", "http://no-such-host.invalid/"])
    #expect(ending.code == 7)
    #expect(ending.output == "")
    #expect(ending.errors.hasPrefix("no-such-host.invalid: "))
  }
}
