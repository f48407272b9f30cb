// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite struct TuneCommandTests {
  private static let first = [
    "tune", "specs/scenarios/first-upgrade.yaml", "--quiet", "--set", "rotation.begin=20s", "--set",
    "duration=until the rotation ends, plus 5s", "--vary", "rotation.drain=0s...1s/250ms",
    "--seeds", "8", "--fresh", "10",
  ]

  @Test func `it answers with a plan, its margin and the changed lines`() async throws {
    try await TemporaryDirectory.with { directory in
      let path = directory.file("t")
      let arguments =
        Self.first + ["--vary", "proxy.inter=2s", "--require", "errors=0", "-o", path]
      let ending = try await Program.run(arguments)
      #expect(ending.code == 0)
      let lines = ending.output.split(separator: "\n")
      #expect(lines.first == "the fastest plan that keeps errors=0:")
      #expect(ending.output.contains("upgrades with fresh seeds"))
      #expect(ending.output.contains("missed in"))
      for name in ["as it stands", "openstack-ansible", "kolla-ansible", "kubernetes"] {
        #expect(lines.contains { $0.hasPrefix(name) })
      }
      // The lines that an operator changes.
      #expect(
        lines.contains(
          "-  strategy: restart                 # SIGTERM and start again, nobody told"))
      #expect(lines.contains { $0.hasPrefix("+  drain: ") })
      #expect(
        lines.contains { $0.hasPrefix("-    server keystone1 ") && $0.contains("inter 12000") })
      #expect(lines.contains { $0.hasPrefix("+    server keystone1 ") && $0.contains("inter 2s") })
      #expect(lines.filter { $0.count > 80 && !"+- ".contains($0.first ?? "+") } == [])
      // Gone on with, it plays nothing again, and says the same.
      let again = try await Program.run(arguments)
      #expect(again == ending)
    }
  }

  @Test func `a configuration that stands in the scenario changes there`() async throws {
    let ending = try await Program.run([
      "tune", "specs/scenarios/three-nodes-open-loop.yaml", "--quiet", "--seeds", "1", "--fresh",
      "1", "--vary", "rotation.drain=500ms", "--vary", "proxy.inter=5s", "--require", "requests>0",
    ])
    #expect(ending.code == 0)
    let lines = ending.output.split(separator: "\n")
    for line in [
      "-      default-server check inter 2s rise 2 fall 3",
      "+      default-server check inter 5s rise 2 fall 3", "-  strategy: drain",
      "-  wait: until idle, at most 10s", "+  drain: 500ms",
    ] {
      #expect(lines.contains { $0 == line }, "\(ending.output)")
    }
  }

  @Test func `when no plan keeps what is required, that is said and the code is 1`() async throws {
    let ending = try await Program.run(
      Self.first + ["--require", "errors=0", "--require", "p99<1ms"])
    #expect(ending.code == 1)
    #expect(ending.output.hasPrefix("no plan keeps errors=0, p99<1ms\n"))
    #expect(ending.output.contains("vary other"))
  }

  @Test(arguments: [
    ([], "nothing to choose from: give --vary"),
    (["--vary", "rotation.drain=1s", "--require", "erors=0"], "did you mean 'errors'?"),
    (["--vary", "rotation.drain=1s", "--allow", "100"], "--allow takes a percentage"),
    (["--vary", "rotation.drain=1s", "--seeds", "0"], "--seeds takes a whole number"),
    (["--vary", "rotation.drain=1s", "--incumbent", "x"], "--incumbent takes a preset"),
  ])
  func `a wrong command line ends with 2`(arguments: [String], message: String) async throws {
    let ending = try await Program.run(
      ["tune", "specs/scenarios/first-upgrade.yaml"] + arguments)
    #expect(ending.code == 2)
    #expect(ending.errors.contains(message), "\(ending.errors)")
  }

  @Test func `a wrong value is told before anything is played`() async throws {
    let ending = try await Program.run([
      "tune", "specs/scenarios/first-upgrade.yaml", "--vary", "rotation.drain=1x",
    ])
    #expect(ending.code == 3)
    #expect(ending.errors.contains("--vary rotation.drain: found '1x'"))
  }
}
