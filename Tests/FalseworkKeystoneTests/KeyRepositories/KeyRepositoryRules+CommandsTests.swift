// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct KeyRepositoryCommandTests {
  private static func key(_ byte: UInt8) -> FernetKey {
    FernetKey(bytes: [UInt8](repeating: byte, count: 32))
  }

  private static func rules(_ release: String, max: Int = 3) throws -> KeyRepositoryRules {
    KeyRepositoryRules(
      group: .tokens, release: try #require(Release(named: release)), maxActiveKeys: max)
  }

  private static func said(_ steps: [KeyFileStep]) -> [String] {
    steps.compactMap { step in
      if case .say(let line) = step { line.text } else { nil }
    }
  }

  private static func changes(_ steps: [KeyFileStep]) -> [KeyFileStep] {
    steps.filter { step in
      if case .say = step { false } else { true }
    }
  }

  private static func names(_ directory: KeyDirectory) -> [String] { directory.files.map(\.name) }

  @Test(arguments: ["kilo", "newton", "ocata", "2026.1"])
  func `a set-up leaves a staged and a primary key, and a second one does nothing`(
    release: String
  ) throws {
    let rules = try Self.rules(release)
    var directory = KeyDirectory.missing("/keys")
    directory.apply(rules.preparation(directory, owner: .given))
    directory.apply(
      rules.setup(directory, owner: .given, first: Self.key(1), second: Self.key(2)))
    #expect(rules.keys(of: directory) == FernetKeyRepository([0: Self.key(2), 1: Self.key(1)]))
    #expect(Self.names(directory) == ["0", "1"])
    let again = rules.setup(directory, owner: .given, first: Self.key(3), second: Self.key(4))
    #expect(Self.said(again) == ["Key repository is already initialized; aborting."])
    #expect(Self.changes(again).isEmpty)
    #expect(rules.preparation(directory, owner: .given).isEmpty)
  }

  /// The lines were copied from keystone-manage 29.1.0 as it set up `/k`.
  @Test func `a set-up says what Keystone's does, in its order`() throws {
    let rules = try Self.rules("2026.1")
    var directory = KeyDirectory.missing("/k")
    var steps = rules.preparation(directory, owner: .given)
    directory.apply(steps)
    steps += rules.setup(directory, owner: .given, first: Self.key(1), second: Self.key(2))
    #expect(
      Self.said(steps) == [
        "/k does not appear to exist; attempting to create it",
        "Created a new temporary key: /k/0.tmp", "Become a valid new key: /k/0",
        "Starting key rotation with 1 key files: ['/k/0']",
        "Created a new temporary key: /k/0.tmp", "Current primary key is: 0",
        "Next primary key will be: 1", "Promoted key 0 to be the primary: 1",
        "Become a valid new key: /k/0",
      ])
  }

  @Test
  func `rotation makes the staged key the next primary and drops the lowest beyond the limit`()
    throws
  {
    var directory = KeyDirectory(
      path: "/k", keys: FernetKeyRepository([0: Self.key(0), 1: Self.key(1)]))
    func rotate(staging byte: UInt8, max: Int) throws -> FernetKeyRepository {
      let rules = try Self.rules("2026.1", max: max)
      directory.apply(rules.rotation(directory, owner: .given, staging: Self.key(byte)))
      return rules.keys(of: directory)
    }
    #expect(
      try rotate(staging: 2, max: 3)
        == FernetKeyRepository([0: Self.key(2), 1: Self.key(1), 2: Self.key(0)]))
    #expect(
      try rotate(staging: 3, max: 3)
        == FernetKeyRepository([0: Self.key(3), 2: Self.key(0), 3: Self.key(2)]))
    #expect(try rotate(staging: 4, max: 5).entries.map(\.number) == [0, 2, 3, 4])
    #expect(try rotate(staging: 5, max: 2).entries.map(\.number) == [0, 5])
    // With one, nothing but the staged key is left, and it is the primary.
    #expect(try rotate(staging: 6, max: 1) == FernetKeyRepository([0: Self.key(6)]))
    #expect(try rotate(staging: 7, max: 1) == FernetKeyRepository([0: Self.key(7)]))
  }

  @Test(arguments: [("newton", false), ("ocata", true), ("2026.2", true)])
  func `from Ocata on the new key is on disk before the staged one moves`(
    release: String, temporary: Bool
  ) throws {
    let rules = try Self.rules(release)
    let directory = KeyDirectory(
      path: "/k", keys: FernetKeyRepository([0: Self.key(0), 1: Self.key(1)]))
    let text = Self.key(2).text
    #expect(
      Self.changes(rules.rotation(directory, owner: .given, staging: Self.key(2)))
        == (temporary
          ? [
            .write(name: "0.tmp", contents: text), .rename(from: "0", to: "2"),
            .rename(from: "0.tmp", to: "0"),
          ] : [.rename(from: "0", to: "2"), .write(name: "0", contents: text)]))
  }

  @Test func `a token of any key reads at every step of a rotation`() throws {
    let rules = try Self.rules("2026.1")
    var directory = KeyDirectory(
      path: "/k", keys: FernetKeyRepository([0: Self.key(0), 1: Self.key(1), 2: Self.key(2)]))
    let token = FernetEnvelope.seal(
      [1], key: Self.key(2), seconds: 0, iv: [UInt8](repeating: 0, count: 16))
    for step in rules.rotation(directory, owner: .given, staging: Self.key(3)) {
      directory.apply(step)
      #expect((try? FernetEnvelope.open(token, repository: rules.keys(of: directory))) != nil)
    }
    #expect(Self.names(directory) == ["0", "2", "3"])
  }

  /// Tried on keystone-manage 29.1.0.
  @Test func `a rotation without a staged key fails and leaves its temporary file`() throws {
    let rules = try Self.rules("2026.1")
    var directory = KeyDirectory.empty("/k")
    let none = rules.rotation(directory, owner: .given, staging: Self.key(1))
    #expect(none.last == .fail("ValueError: max() arg is an empty sequence"))
    directory.apply(none)
    #expect(Self.names(directory) == ["0.tmp"])
    directory.apply(.write(name: "5", contents: Self.key(5).text))
    let unstaged = rules.rotation(directory, owner: .given, staging: Self.key(1))
    #expect(
      unstaged.last
        == .fail("FileNotFoundError: [Errno 2] No such file or directory: '/k/0' -> '/k/6'"))
  }

  @Test(arguments: [
    ("kilo", "Excess keys to purge: [1]"), ("liberty", "Excess key to purge: /k/1"),
  ])
  func `what is purged is told as the release tells it`(release: String, text: String) throws {
    let directory = KeyDirectory(
      path: "/k", keys: FernetKeyRepository([0: Self.key(0), 1: Self.key(1), 2: Self.key(2)]))
    let steps = try Self.rules(release).rotation(directory, owner: .given, staging: Self.key(3))
    #expect(Self.said(steps).last == text)
    #expect(steps.last == .remove(name: "1"))
  }

  @Test func `an owner half named is warned about and not acted on`() throws {
    let rules = try Self.rules("2026.1")
    let prepared = Self.said(rules.preparation(.missing("/k"), owner: .incomplete))
    #expect(prepared.count == 2)
    #expect(prepared.last?.hasPrefix("Unable to change the ownership of key repository") == true)
    let setup = Self.said(
      rules.setup(.empty("/k"), owner: .incomplete, first: Self.key(1), second: Self.key(2)))
    #expect(
      setup.filter { $0.hasPrefix("Unable to change the ownership of the new key") }.count == 2)
  }
}
