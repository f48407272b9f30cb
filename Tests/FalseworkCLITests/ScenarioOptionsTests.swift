// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite struct ScenarioOptionsTests {
  @Test func `every mistake of a scenario is told at once, each with its place`() async throws {
    try await TemporaryDirectory.with { directory in
      let path = try directory.write(
        """
        name: wrong
        duration: 5
        cluster: {nodes: 2}
        proxy:
          config: none.cfg
        load:
          uesrs: 4
          journey: authenticate
        """, to: "wrong.yaml")
      let ending = try await Program.run(["run", path])
      #expect(ending.code == 3)
      #expect(ending.output == "")
      let lines = ending.errors.split(separator: "\n")
      #expect(lines.contains { $0.hasPrefix("\(path):2:11: duration: found ") }, "\(lines)")
      #expect(lines.contains { $0.hasPrefix("\(path):7:3: load.uesrs: found ") }, "\(lines)")
      #expect(lines.contains { $0.hasSuffix("did you mean 'users'?") }, "\(lines)")
      #expect(lines.contains { $0.contains("none.cfg") }, "\(lines)")
    }
  }

  @Test(arguments: ["run", "up", "exec"])
  func `a scenario that cannot be read ends every command with 3`(command: String) async throws {
    let rest = command == "exec" ? ["--", "true"] : []
    let missing = try await Program.run([command, "/no/such.yaml"] + rest)
    #expect(missing.code == 3)
    #expect(missing.errors == "/no/such.yaml: found no such file, expected a scenario file\n")
    let directory = try await Program.run([command, "/"] + rest)
    #expect(directory.code == 3)
    #expect(directory.errors == "/: found a directory, expected a scenario file\n")
  }

  @Test func `a value from the command line is judged as one of the file`() async throws {
    let ending = try await Program.run([
      "run", "specs/scenarios/fixture.yaml", "--set", "cluster.nodse=3", "--set", "duration=fast",
    ])
    #expect(ending.code == 3)
    #expect(ending.errors.contains("--set cluster.nodse: "))
    #expect(ending.errors.contains("did you mean 'nodes'?"))
    #expect(ending.errors.contains("--set duration: found 'fast'"))
  }

  @Test func `values, seed and time scale of the command line are those of the run`()
    async throws
  {
    let ending = try await Program.run([
      "run", "specs/scenarios/kill-nine.yaml", "--world", "simulated", "--format", "json",
      "--set", "duration=60s", "--seed", "7", "--time-scale", "10",
    ])
    let result = try RunJSON.read(ending.output)
    #expect(result.scenario.seed == 7)
    #expect(result.scenario.timeScale == 10)
    #expect((6.0..<7.0).contains(result.durationS))
  }
}
