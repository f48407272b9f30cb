// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

/// That nothing is coloured in a pipe is held by `Program.end()` in every test.
@Suite struct TerminalTests {
  /// script(1) of util-linux gives a command a terminal of its own.
  private static func onTerminal(_ environment: [String: String]) async throws -> String {
    let run = "'\(Program.path)' run specs/scenarios/kill-nine.yaml --world simulated"
    let program = try Program(
      command: ["script", "-qec", run, "/dev/null"], environment: environment)
    program.closeInput()
    var lines: [String] = []
    while let line = try await program.line() { lines.append(line) }
    return lines.joined(separator: "\n")
  }

  private static let hasScript = access("/usr/bin/script", X_OK) == 0

  @Test(.enabled(if: hasScript)) func `colours go to a terminal, unless they are unwanted`()
    async throws
  {
    let plain = ["TERM": "xterm", "NO_COLOR": ""]
    #expect(try await Self.onTerminal(plain).contains("\u{1B}["))
    #expect(try await !Self.onTerminal(plain.merging(["NO_COLOR": "1"]) { $1 }).contains("\u{1B}["))
    #expect(try await !Self.onTerminal(plain.merging(["TERM": "dumb"]) { $1 }).contains("\u{1B}["))
  }
}
