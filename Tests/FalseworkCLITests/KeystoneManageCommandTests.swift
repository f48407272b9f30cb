// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@Suite struct KeystoneManageCommandTests {
  /// Root must name an owner, and anybody may name one's self.
  private static let owner = [
    "--keystone-user", "\(geteuid())", "--keystone-group", "\(getegid())",
  ]

  private static func manage(
    _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> Program.Ending {
    try await Program.run(["keystone-manage"] + arguments, environment: environment)
  }

  private static func names(_ path: String) throws -> [String] {
    try TemporaryDirectory(path: path).names
  }

  @Test func `a set-up and rotations leave what the real command leaves, and say so`() async throws
  {
    try await TemporaryDirectory.with { place in
      let keys = place.file("keys")
      let options = ["--key-repository", keys] + Self.owner
      let setup = try await Self.manage(["fernet_setup"] + options)
      #expect(setup.code == 0)
      #expect(setup.errors == "")
      #expect(
        setup.output.contains(
          "INFO keystone.common.fernet_utils [-] Become a valid new key: \(keys)/0")
      )
      #expect(try Self.names(keys) == ["0", "1"])
      for _ in 0..<3 {
        #expect(try await Self.manage(["fernet_rotate"] + options).code == 0)
      }
      #expect(try Self.names(keys) == ["0", "3", "4"])
      let again = try await Self.manage(["token_setup"] + options)
      #expect(again.code == 0)
      #expect(again.output.hasSuffix("Key repository is already initialized; aborting.\n"))
    }
  }

  @Test func `keystone conf is read from before or after the command, and the environment counts`()
    async throws
  {
    try await TemporaryDirectory.with { place in
      let file = try place.write(
        "[fernet_tokens]\nkey_repository = \(place.file("a"))\nmax_active_keys = 2\n"
          + "[fernet_receipts]\nkey_repository = \(place.file("b"))\n", to: "keystone.conf")
      #expect(
        try await Self.manage(["--config-file", file, "fernet_setup"] + Self.owner).code == 0)
      #expect(try Self.names(place.file("a")) == ["0", "1"])
      #expect(try Self.names(place.file("b")) == ["0", "1"])
      #expect(
        try await Self.manage(["fernet_rotate", "--config-file", file] + Self.owner).code == 0)
      #expect(try Self.names(place.file("a")) == ["0", "2"])
      #expect(try Self.names(place.file("b")) == ["0", "1", "2"])
      #expect(
        try await Self.manage(
          ["--config-file", file, "token_setup"] + Self.owner,
          environment: ["OS_FERNET_TOKENS__KEY_REPOSITORY": place.file("c")]
        ).code == 0)
      #expect(try Self.names(place.file("c")) == ["0", "1"])
    }
  }

  @Test func `what Keystone refuses is refused with its texts and codes`() async throws {
    try await TemporaryDirectory.with { place in
      let none = place.file("none")
      let missing = try await Self.manage(["fernet_rotate", "--key-repository", none] + Self.owner)
      #expect(missing.code == 0)
      #expect(
        missing.output.hasSuffix(
          "Either [fernet_tokens] key_repository does not exist or Keystone does not have sufficient "
            + "permission to access it: \(none)\n"))
      let unknown = try await Self.manage([
        "fernet_setup", "--key-repository", none, "--keystone-user", "nobody-of-this-name",
        "--keystone-group", "\(getegid())",
      ])
      #expect(unknown.code == 1)
      #expect(
        unknown.output.hasSuffix(
          "ValueError: Unknown user 'nobody-of-this-name' in --keystone-user\n"))
      let old = try await Self.manage(["token_setup", "--release", "queens"] + Self.owner)
      #expect(old.code == 2)
      #expect(old.errors.contains("invalid choice: 'token_setup'"))
      let file = try place.write("nonsense\n", to: "bad.conf")
      let bad = try await Self.manage(["--config-file", file, "doctor"])
      #expect(bad.code == 1)
      #expect(bad.errors == "\(file):1: No ':' or '=' found in assignment: 'nonsense'\n")
    }
  }

  @Test func `a doctor who finds something ends with 1`() async throws {
    try await TemporaryDirectory.with { place in
      let keys = place.file("keys")
      let file = try place.write(
        "[cache]\nenabled = true\nbackend = dogpile.cache.memcached\n[fernet_tokens]\n"
          + "key_repository = \(keys)\n[credential]\nprovider = other\n", to: "keystone.conf")
      let sick = try await Self.manage(["--config-file", file, "doctor"])
      #expect(sick.code == 1)
      #expect(sick.output.contains("\nWARNING: Fernet key repository is empty.\n"))
      _ = try await Self.manage(["token_setup", "--config-file", file] + Self.owner)
      #expect(
        try await Self.manage(["--config-file", file, "doctor"])
          == Program.Ending(code: 0, output: "", errors: ""))
    }
  }

  @Test func `a node reads its keys anew at each use, and does not start without`() async throws {
    try await TemporaryDirectory.with { place in
      let keys = place.file("keys")
      let node = ["keystone", "--listen", "127.0.0.1:0", "--key-repository", keys]
      let refused = try await Program.run(node)
      #expect(refused.code == 7)
      #expect(refused.errors == "\(keys) does not exist\n")
      let options = ["--key-repository", keys] + Self.owner
      _ = try await Self.manage(["fernet_setup"] + options)
      let program = try Program(node)
      let url = try #require(try await program.line())
      let load = [
        "load", "--auth-url", url, "--duration", "200ms", "--users", "1", "--wait", "5ms",
        "--format",
        "json",
      ]
      let before = try RunJSON.read(try await Program.run(load).output)
      #expect(before.total.requests > 0 && before.total.failures == 0)
      for name in try Self.names(keys) { unlink(keys + "/" + name) }
      let emptied = try RunJSON.read(try await Program.run(load).output)
      #expect(emptied.total.requests > 0 && emptied.total.failures == emptied.total.requests)
      _ = try await Self.manage(["fernet_setup"] + options)
      let after = try RunJSON.read(try await Program.run(load).output)
      #expect(after.total.requests > 0 && after.total.failures == 0)
      program.signal(SIGTERM)
      #expect(try await program.end().code == 0)
    }
  }
}
