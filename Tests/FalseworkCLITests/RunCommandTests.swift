// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Testing

@Suite struct RunCommandTests {
  private static let first = "specs/scenarios/first-upgrade.yaml"
  private static let fixture = "specs/scenarios/fixture.yaml"

  @Test func `the table says what failed, and its last line the exit code`() async throws {
    let ending = try await Program.run(["run", Self.first, "--world", "simulated"])
    #expect(ending.code == 1)
    #expect(ending.errors == "")
    let lines = ending.output.split(separator: "\n")
    #expect(lines.first == "first upgrade")
    #expect(lines.contains { $0.hasPrefix("Aggregated ") })
    #expect(lines.contains { $0.hasPrefix("Failures: ") && $0.contains(" requests, in ") })
    #expect(lines.last?.hasSuffix("missed. Exit code 1.") == true)
    #expect(lines.filter { $0.count > 80 } == [])
  }

  @Test func `a run that holds its thresholds ends with 0`() async throws {
    let ending = try await Program.run([
      "run", "specs/scenarios/first-upgrade-drained.yaml", "--world", "simulated",
    ])
    #expect(ending.code == 0)
    #expect(ending.output.contains("\nFailures: none\n"))
    #expect(ending.output.hasSuffix("2 of 2 thresholds held. Exit code 0.\n"))
  }

  @Test func `the same scenario and seed give the same bytes everywhere, another seed others`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      var outputs: [String] = []
      for (name, seed) in [("a", "3"), ("b", "3"), ("c", "4")] {
        let ending = try await Program.run([
          "run", "specs/scenarios/kill-nine.yaml", "--world", "simulated", "--format", "json",
          "--out", directory.file("new/\(name)"), "--trace", directory.file("\(name).trace"),
          "--seed", seed, "--quiet",
        ])
        #expect(ending.errors == "")
        let result = try RunJSON.read(ending.output)
        #expect(result.exitCode == ending.code)
        #expect(result.total.requests > 0)
        #expect(try directory.read("new/\(name)/result.json") == Data(ending.output.utf8))
        outputs.append(ending.output)
      }
      #expect(outputs[0] == outputs[1])
      #expect(outputs[0] != outputs[2])
      for name in ["new/N/requests.csv", "new/N/events.csv", "N.trace"] {
        let files = try ["a", "b", "c"].map {
          try directory.read(name.replacingOccurrences(of: "N", with: $0))
        }
        #expect(!files[0].isEmpty)
        #expect(files[0] == files[1])
        #expect(files[0] != files[2])
      }
    }
  }

  @Test(arguments: ["--out", "--trace"])
  func `a place that cannot be written is told before the run`(option: String) async throws {
    let ending = try await Program.run([
      "run", Self.fixture, "--world", "simulated", option, "/dev/null/results",
    ])
    #expect(ending.code == 7)
    #expect(ending.output == "")
    #expect(ending.errors == "/dev/null/results: Not a directory\n")
  }

  @Test func `a reader that goes away ends what is written, not the program`() async throws {
    // The reader is gone before there is anything to read.
    let script = """
      { "$0" run \(Self.first) --world simulated; echo "code $?" >&2; } | true
      """
    let program = try Program(command: ["sh", "-c", script, Program.path])
    program.closeInput()
    let ending = try await program.end()
    #expect(ending.errors == "code 1\n")
  }

  @Test func `a run on real sockets ends by itself and leaves nothing behind`() async throws {
    try await TemporaryDirectory.with { directory in
      let ending = try await Program.run(
        ["run", Self.fixture, "--set", "duration=300ms", "--format", "json"],
        environment: ["TMPDIR": directory.path])
      #expect(ending.code == 0)
      #expect(ending.errors == "")
      let result = try RunJSON.read(ending.output)
      #expect(result.scenario.world == "live")
      #expect(result.ended.how == "completed")
      #expect(try directory.names == [])
    }
  }

  @Test func `nodes in processes of their own are killed and come back`() async throws {
    try await TemporaryDirectory.with { directory in
      let ending = try await Program.run(
        [
          "run", "specs/scenarios/kill-nine.yaml", "--set", "cluster.isolation=process",
          "--time-scale", "10", "--format", "json", "--quiet",
        ], environment: ["TMPDIR": directory.path])
      let result = try RunJSON.read(ending.output)
      #expect(result.ended.how == "completed")
      // Whether a threshold in tenths of seconds holds is a matter of how busy the machine is.
      #expect([0, 1].contains(ending.code))
      #expect(result.total.requests > result.total.failures)
      #expect(result.inFlight == 0)
      #expect(try directory.names == [])
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `an order to stop ends a run with the result so far`(signal: Int32) async throws {
    try await TemporaryDirectory.with { directory in
      let program = try Program(
        ["run", Self.first, "--set", "load.wait=10ms", "--set", "duration=1h", "--format", "json"],
        environment: ["TMPDIR": directory.path])
      program.closeInput()
      try await Self.untilRequestsCame(directory)
      program.signal(signal)
      let ending = try await program.end()
      #expect(ending.code == 130)
      let result = try RunJSON.read(ending.output)
      #expect(result.ended.how == "interrupted")
      #expect(result.total.requests > 0)
      #expect(result.exitCode == 130)
      #expect(try directory.names == [])
    }
  }

  /// Asks the proxy of the one run that is going on there until it has had requests.
  private static func untilRequestsCame(_ directory: TemporaryDirectory) async throws {
    let path = directory.path
    try await Program.beside {
      let there = TemporaryDirectory(path: path)
      // About a minute: a run begins in a fraction of a second.
      for _ in 0..<6_000 {
        for name in try there.names {
          let info = LocalSocket.ask(there.file(name) + "/proxy.sock", "show info") ?? ""
          let count = info.split(separator: "\n").first { $0.hasPrefix("CumReq: ") }
          if let count, let number = Int(count.dropFirst(8)), number > 2 { return }
        }
        // Polling, since a run tells nobody but its user that it has begun.
        poll(nil, 0, 10)
      }
      Issue.record("no requests came")
    }
  }
}
