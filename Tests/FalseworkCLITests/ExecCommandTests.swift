// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@Suite struct ExecCommandTests {
  private static func exec(
    _ command: [String], environment: [String: String] = [:]
  ) async throws -> Program.Ending {
    try await Program.run(
      ["exec", "specs/scenarios/fixture.yaml", "--"] + command, environment: environment)
  }

  @Test(
    arguments: [
      (["true"], 0), (["sh", "-c", "exit 42"], 42), (["sh", "-c", "kill -9 $$"], 137),
      (["no-such-command"], 127), (["/"], 126),
    ] as [([String], Int32)])
  func `the exit code is the command's, as a shell tells it`(
    command: [String], code: Int32
  ) async throws {
    try await TemporaryDirectory.with { directory in
      let ending = try await Self.exec(command, environment: ["TMPDIR": directory.path])
      #expect(ending.code == code)
      #expect(ending.errors.isEmpty == ![126, 127].contains(code), "\(ending.errors)")
      #expect(try directory.names == [])
    }
  }

  @Test func `the command finds the cluster by its variables`() async throws {
    let script = """
      test -S "$FALSEWORK_RUNTIME_SOCKET" || exit 9
      echo "$OS_USERNAME $OS_PASSWORD $OS_PROJECT_NAME $OS_USER_DOMAIN_NAME"
      "$0" load --auth-url "$OS_AUTH_URL" --duration 100ms --wait 5ms
      """
    let ending = try await Self.exec(["sh", "-c", script, Program.path])
    #expect(ending.code == 0)
    let lines = ending.output.split(separator: "\n")
    #expect(lines.first == "admin secret admin Default")
    #expect(lines.contains("Failures: none"))
  }

  @Test func `a request to end reaches the command, and the cluster goes after it`() async throws {
    try await TemporaryDirectory.with { directory in
      let program = try Program(
        ["exec", "specs/scenarios/fixture.yaml", "--", "sh", "-c", "echo ready; exec cat"],
        environment: ["TMPDIR": directory.path])
      #expect(try await program.line() == "ready")
      program.signal(SIGTERM)
      #expect(try await program.end().code == 143)
      #expect(try directory.names == [])
    }
  }
}
