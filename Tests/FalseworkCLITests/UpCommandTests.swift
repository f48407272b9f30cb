// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Testing

@Suite struct UpCommandTests {
  private static let fixture = "specs/scenarios/fixture.yaml"

  enum End: Sendable { case input, interrupt, terminate }

  private struct Line: Decodable {
    struct Node: Decodable {
      var name: String
      var url: String
    }
    var url: String
    var nodes: [Node]
    var runtimeSocket: String
    var pid: pid_t
    var environment: [String: String]

    static func read(_ text: String) throws -> Line {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(Line.self, from: Data(text.utf8))
    }
  }

  @Test(
    arguments: [End.input, .interrupt, .terminate], ["none", "process"])
  func `one line says where a cluster is; its end leaves nothing behind`(
    end: End, isolation: String
  ) async throws {
    try await TemporaryDirectory.with { directory in
      let program = try Program(
        ["up", Self.fixture, "--json", "--set", "cluster.isolation=\(isolation)"],
        environment: ["TMPDIR": directory.path])
      let line = try Line.read(try #require(try await program.line()))
      #expect(line.pid == program.pid)
      #expect(line.nodes.map(\.name) == ["keystone1", "keystone2"])
      #expect(line.environment["OS_AUTH_URL"] == line.url)
      #expect(line.environment["OS_PASSWORD"] == "secret")
      let stat = LocalSocket.ask(line.runtimeSocket, "show stat")
      #expect(stat?.contains("nodes,keystone2") == true)
      for url in [line.url] + line.nodes.map(\.url) {
        let load = try await Program.run([
          "load", "--auth-url", url, "--duration", "100ms", "--wait", "5ms", "--format", "json",
        ])
        let result = try RunJSON.read(load.output)
        #expect(result.total.requests > 0)
        #expect(result.total.failures == 0)
      }
      let children = try Self.children(of: program.pid)
      #expect(children.count == (isolation == "process" ? 2 : 0))

      switch end {
      case .input: program.closeInput()
      case .interrupt: program.signal(SIGINT)
      case .terminate: program.signal(SIGTERM)
      }
      let ending = try await program.end()
      #expect(ending.code == 0)
      #expect(ending.errors == "")
      #expect(ending.output.split(separator: "\n").count == 1)
      #expect(try directory.names == [])
      #expect(children.filter { kill($0, 0) == 0 } == [])
      #expect(LocalSocket.ask(line.runtimeSocket, "show info") == nil)
    }
  }

  @Test func `without --json it listens where the configuration says, and names a port in use`()
    async throws
  {
    try await LocalSocket.withTakenPort { port in
      let scenario = try String(
        contentsOfFile: Program.root + "/" + Self.fixture, encoding: .utf8
      ).replacingOccurrences(of: "127.0.0.1:15000", with: "127.0.0.1:\(port)")
      try await TemporaryDirectory.with { directory in
        let path = try directory.write(scenario, to: "scenario.yaml")
        let ending = try await Program.run(["up", path])
        #expect(ending.code == 7)
        #expect(ending.output == "")
        #expect(ending.errors.contains("port \(port) of 127.0.0.1 is in use: "))
        #expect(ending.errors.contains("--ports any"))
      }
    }
  }

  @Test func `for people it prints what a shell can take over, until it is told to end`()
    async throws
  {
    let program = try Program(["up", Self.fixture, "--ports", "any"])
    #expect(
      try await program.line() == "fixture is up: 2 nodes of gazpacho behind the proxy")
    while let line = try await program.line(), line != "Ctrl-C ends it." {}
    program.signal(SIGINT)
    let ending = try await program.end()
    #expect(ending.code == 0)
    #expect(ending.output.contains("\nexport OS_USERNAME=admin\n"))
  }

  /// The processes that have this one as their parent.
  private static func children(of parent: pid_t) throws -> [pid_t] {
    var found: [pid_t] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
      guard let pid = pid_t(name),
        let stat = FileManager.default.contents(atPath: "/proc/\(pid)/stat")
      else { continue }
      // proc(5): the name may hold anything; the state and the parent follow its last parenthesis.
      let text = String(decoding: stat, as: UTF8.self)
      guard let close = text.lastIndex(of: ")") else { continue }
      let fields = text[close...].split(separator: " ")
      if fields.count > 2, pid_t(fields[2]) == parent { found.append(pid) }
    }
    return found
  }
}
