// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct KeyRepositoryRulesTests {
  private static func key(_ byte: UInt8) -> FernetKey {
    FernetKey(bytes: [UInt8](repeating: byte, count: 32))
  }

  private static func directory(_ files: [String: String]) -> KeyDirectory {
    KeyDirectory(
      path: "/keys", access: .granted(writable: true, worldReadable: false),
      files: files.map { .init(name: $0.key, contents: $0.value) })
  }

  private static func rules(
    _ release: String, _ group: KeyRepositoryGroup = .tokens
  ) throws -> KeyRepositoryRules {
    KeyRepositoryRules(
      group: group, release: try #require(Release(named: release)), maxActiveKeys: 3)
  }

  @Test func `files that are no keys are ignored by their names, temporary ones among them`() throws
  {
    let keys = try Self.rules("2026.1").keys(
      of: Self.directory([
        "0": Self.key(0).text, "1": Self.key(1).text + "\n", "0.tmp": Self.key(9).text,
        "README": "text",
      ]))
    #expect(keys == FernetKeyRepository([0: Self.key(0), 1: Self.key(1)]))
  }

  @Test(arguments: [("queens", false), ("rocky", true), ("2026.2", true)])
  func `an empty file is ignored from Rocky on, and before fails every token`(
    release: String, ignored: Bool
  ) throws {
    var lines: [KeystoneLogLine] = []
    let keys = try Self.rules(release).keys(
      of: Self.directory(["0": Self.key(0).text, "1": Self.key(1).text, "2": ""]), into: &lines)
    #expect(keys.defect == (ignored ? nil : .notAKey(number: 2)))
    #expect(
      lines.map(\.text)
        == (ignored ? ["Ignoring empty key found in key repository: /keys/2"] : []))
  }

  @Test func `a file that is cut fails every token, whatever else is there`() throws {
    let half = String(Self.key(2).text.prefix(22))
    let keys = try Self.rules("2026.1").keys(
      of: Self.directory(["0": Self.key(0).text, "1": half, "2": Self.key(1).text]))
    #expect(keys.defect == .notAKey(number: 1))
    #expect(keys.entries.isEmpty)
  }

  @Test(arguments: [
    ("mitaka", "[fernet_tokens] key_repository is world readable: /keys"),
    ("newton", "key_repository is world readable: /keys"),
    ("2026.1", "key_repository is world readable: /keys"),
  ]) func `a directory that others may read is used, with a warning`(
    release: String, text: String
  ) throws {
    var directory = Self.directory(["1": Self.key(1).text])
    directory.access = .granted(writable: true, worldReadable: true)
    var lines: [KeystoneLogLine] = []
    let keys = try Self.rules(release).keys(of: directory, into: &lines)
    #expect(keys.defect == nil)
    #expect(lines.map(\.text) == [text])
    #expect(lines.map(\.level) == [.warning])
  }

  @Test(arguments: [
    ("mitaka", KeyRepositoryGroup.tokens, "fernet_tokens"),
    ("newton", .credentials, "fernet_tokens"),
    ("ocata", .credentials, "credential"), ("stein", .receipts, "fernet_receipts"),
  ]) func `a directory that is missing or closed is an error in the log and no keys`(
    release: String, group: KeyRepositoryGroup, named: String
  ) throws {
    for access in [KeyDirectory.Access.missing, .refused] {
      var lines: [KeystoneLogLine] = []
      let directory = KeyDirectory(path: "/keys", access: access, files: [])
      let keys = try Self.rules(release, group).keys(of: directory, into: &lines)
      #expect(keys.defect == (group == .credentials ? nil : .noKeys))
      #expect(
        lines == [
          KeystoneLogLine(
            .error,
            release == "mitaka"
              ? "keystone.token.providers.fernet.utils" : "keystone.common.fernet_utils",
            "Either [\(named)] key_repository does not exist or Keystone does not have sufficient "
              + "permission to access it: /keys")
        ])
    }
  }

  @Test(arguments: [("kilo", false), ("liberty", true), ("2026.1", true)])
  func `only Kilo asks to write where it only reads`(release: String, reads: Bool) throws {
    var directory = Self.directory(["1": Self.key(1).text])
    directory.access = .granted(writable: false, worldReadable: false)
    let rules = try Self.rules(release)
    #expect((rules.keys(of: directory).defect == nil) == reads)
    var lines: [KeystoneLogLine] = []
    #expect(!rules.isValid(directory, forWriting: true, into: &lines))
  }

  @Test(arguments: [
    ("mitaka", KeyRepositoryGroup.tokens, false), ("newton", .tokens, true),
    ("rocky", .receipts, false), ("stein", .receipts, true), ("2026.1", .credentials, false),
  ])
  func `a node does not start without what its provider needs, from the release that asks for it`(
    release: String, group: KeyRepositoryGroup, refused: Bool
  ) throws {
    let rules = try Self.rules(release, group)
    #expect(
      rules.refusalToStart(.missing("/keys")) == (refused ? "/keys does not exist" : nil))
    #expect(
      rules.refusalToStart(.empty("/keys"))
        == (refused
          ? "/keys does not contain keys, use keystone-manage fernet_setup to create Fernet keys."
          : nil))
    // The check counts files and does not look into them.
    #expect(rules.refusalToStart(Self.directory(["README": ""])) == nil)
  }

  @Test func `credentials have the null key behind their own, and three keys whatever is asked`()
    throws
  {
    let rules = KeyRepositoryRules(
      group: .credentials, release: .newest, maxActiveKeys: 9)
    #expect(rules.maxActiveKeys == 3)
    let keys = rules.keys(of: Self.directory(["0": Self.key(0).text, "1": Self.key(1).text]))
    #expect(keys.readingOrder.map(\.key) == [Self.key(1), Self.key(0), .null])
    #expect(rules.keys(of: .missing("/keys")).readingOrder.map(\.key) == [.null])
  }
}
