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

  private static let journeys = """
    load:
      users: 1
      tasks:
        - name: look
          steps:
            - {step: authenticate, on-failure: abort}
            - request: GET /v3/users?name=demo
              name: list
              headers: {x-auth-token: "${token}"}
              capture: [{name: id, json: "users[0].id"}]
            - request: GET /v3/users/${id}
              name: show
              headers: {x-auth-token: "${token}"}
              check: [{json: user.name, equals: demo}]
    """

  @Test func `the journeys of a file go to a URL, and flags change it`() async throws {
    let node = try Program(["keystone", "--listen", "127.0.0.1:0"])
    let url = try #require(try await node.line()).replacing("/v3", with: "")
    let ending = try await TemporaryDirectory.with { directory in
      let file = try directory.write(Self.journeys, to: "journeys.yaml")
      return try await Program.run([
        "load", "-f", file, url, "--rate", "50/s", "--duration", "400ms",
      ])
    }
    #expect(ending.code == 0, "\(ending.errors)")
    #expect(ending.output.contains("open, a journey every 20ms"))
    for step in ["authenticate", "list", "show"] {
      #expect(ending.output.contains("\n\(step) "))
    }
    node.signal(SIGTERM)
    #expect(try await node.end().code == 0)
  }

  @Test func `a load of which every request fails ends with 1`() async throws {
    let node = try Program(["keystone", "--listen", "127.0.0.1:0"])
    let url = try #require(try await node.line())
    let ending = try await Program.run([
      "load", url + "/nowhere", "--wait", "10ms", "--duration", "100ms",
    ])
    #expect(ending.code == 1)
    #expect(ending.errors.contains("requests failed"))
    node.signal(SIGTERM)
    #expect(try await node.end().code == 0)
  }

  @Test(arguments: [
    (["http://h", "--rate", "5"], "--rate: load.rate: found '5', expected a rate", 2),
    (["http://h", "--stages", "1m by 5/s"], "--stages: load.stages[0]: found '1m by 5/s'", 2),
    (["http://h", "--url", "http://h"], "give one URL, or --auth-url", 2),
    (["http://h", "-f", "f", "--data", "x"], "are for a URL without --file", 2),
    (["http://h", "-f", "/nowhere.yaml"], "/nowhere.yaml: ", 3),
  ]) func `a mistake on the command line is told by its flag`(
    arguments: [String], message: String, code: Int32
  ) async throws {
    let ending = try await Program.run(["load"] + arguments)
    #expect(ending.code == code)
    #expect(ending.errors.contains(message), "\(ending.errors)")
  }

  @Test func `a name that is no host ends with 7`() async throws {
    let ending = try await Program.run(["load", "--url", "http://no-such-host.invalid/"])
    #expect(ending.code == 7)
    #expect(ending.output == "")
    #expect(ending.errors.hasPrefix("no-such-host.invalid: "))
  }
}
