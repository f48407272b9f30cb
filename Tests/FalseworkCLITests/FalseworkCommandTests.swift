// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite struct FalseworkCommandTests {
  static let commands = [
    "run", "agree", "explain", "shrink", "sweep", "sweep merge", "tune", "up", "exec", "keystone",
    "keystone-manage", "proxy", "load",
    "node",
  ]

  @Test(arguments: [""] + commands)
  func `the help of each command is what was agreed, and fits a terminal`(
    command: String
  ) async throws {
    let ending = try await Program.run(
      command.split(separator: " ").map(String.init) + ["--help"], environment: ["COLUMNS": "80"])
    #expect(ending.code == 0)
    #expect(ending.errors == "")
    try GoldenFile.expect(
      Array(ending.output.utf8),
      command.isEmpty ? "help.txt" : "help-\(command.replacing(" ", with: "-")).txt")
    // The line of usage is one, however long it is.
    let lines = ending.output.split(separator: "\n").filter { !$0.hasPrefix("USAGE: ") }
    #expect(lines.filter { $0.count > 80 } == [])
  }

  @Test func `without a command there is the help, and the version has a line of its own`()
    async throws
  {
    #expect(try await Program.run([]) == Program.run(["--help"]))
    let version = try await Program.run(["--version"])
    #expect(version.code == 0)
    #expect(version.output.hasPrefix("falsework "))
    #expect(version.output.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    (["fly"], "Unexpected argument 'fly'"),
    (["run"], "Missing expected argument '<scenario>'"),
    (["run", "x.yaml", "--world", "mars"], "'mars' is invalid for '--world"),
    (["run", "x.yaml", "--wrold", "live"], "Did you mean '--world'?"),
    (["run", "x.yaml", "--format", "xml"], "'xml' is invalid for '--format"),
    (["run", "x.yaml", "--trace", "t"], "--trace needs --world simulated"),
    (["run", "x.yaml", "--time-scale", "0"], "a whole number from 1 on, not 0"),
    (["run", "x.yaml", "--time-scale", "fast"], "'fast' is invalid for '--time-scale"),
    (["run", "x.yaml", "--seed", "one"], "'one' is invalid for '--seed"),
    (["run", "x.yaml", "--set", "rotation"], "PATH=VALUE such as rotation.wait=5s"),
    (["exec", "x.yaml"], "a command is missing"),
    (["keystone", "--listen", "here"], "found 'here', expected host:port"),
    (["keystone", "--release", "ocatta"], "did you mean 'ocata'?"),
    (["keystone", "--provider", "gold"], "not 'gold'"),
    (["keystone", "--token-lifetime", "long"], "expected a duration such as 1h"),
    (["load"], "give one URL, or --auth-url"),
    (["load", "--url", "ftp://x/"], "expected a URL that begins with http://"),
    (["load", "--url", "http://x:y/"], "expected http://host:port/path"),
    (["load", "--url", "http://127.0.0.1/", "--users", "0"], "--users: load.users: found '0'"),
    (["load", "--url", "http://127.0.0.1/", "--wait", "1"], "--wait: load.wait: found '1'"),
    (["load", "--url", "http://127.0.0.1/", "--duration", "1"], "expected a duration such as"),
  ])
  func `a wrong command line ends with 2 and says what was expected`(
    arguments: [String], message: String
  ) async throws {
    let ending = try await Program.run(arguments)
    #expect(ending.code == 2)
    #expect(ending.output == "")
    #expect(ending.errors.contains(message), "\(ending.errors)")
  }
}
