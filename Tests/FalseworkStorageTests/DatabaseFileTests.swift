// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import Foundation
import GRDB
import Testing

@testable import FalseworkStorage

@Suite struct DatabaseFileTests {
  /// A file of its own, gone with the test.
  private final class Place {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "storage-\(UUID().uuidString.prefix(8)).db").path()

    deinit {
      for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    }

    func file(_ keys: CredentialKeyRepository = .null) throws -> DatabaseFile {
      try DatabaseFile(path: path, credentialKeys: keys)
    }

    func ask(_ sql: String) throws -> [String] {
      try DatabaseQueue(path: path).read { database in
        try Row.fetchAll(database, sql: sql).map { row in
          row.databaseValues.map { $0.isNull ? "" : "\($0.storage.value ?? "")" }
            .joined(separator: "|")
        }
      }
    }
  }

  private static let keys: CredentialKeyRepository = {
    var lines: [KeystoneLogLine] = []
    let directory = KeyDirectory(
      path: "/c", keys: FernetKeyRepository([1: FernetKey(bytes: Array(0..<32))]))
    return CredentialKeyRepository(directory, release: .newest, into: &lines)
  }()

  private static func expectSame(_ a: IdentityStore, _ b: IdentityStore) {
    for kind in IdentityStore.Kind.allCases {
      #expect(
        a.rows(kind).map { "\($0)" } == b.rows(kind).map { "\($0)" }, "rows of kind \(kind)")
    }
  }

  @Test func `a file that was not there is new, and keeps every row in its order`() throws {
    let place = Place()
    #expect(try place.file().load() == nil)
    let store = SampleStore.make()
    try place.file().save(store)
    let kept = try #require(try place.file().load())
    Self.expectSame(kept, store)
    // The indices are there again, too.
    #expect(kept.user(named: "demo", domainID: "default")?.extra["email"] != nil)
  }

  @Test func `every kind of row is in the sample, and has the columns of its table`() throws {
    let place = Place()
    let store = SampleStore.make()
    for type in IdentityStore.rowTypes {
      #expect(!store.rows(type.kind).isEmpty, "no row of kind \(type.kind)")
    }
    try place.file().save(store)
    for layout in TableLayout.all {
      let columns = try DatabaseQueue(path: place.path).read { try $0.columns(in: layout.name) }
      #expect(columns.map(\.name) == layout.columns, "table \(layout.name)")
    }
    #expect(Set(TableLayout.all.map(\.kind)) == Set(IdentityStore.Kind.allCases))
  }

  @Test func `changes are written as they come, and rows that go are gone`() throws {
    let place = Place()
    let file = try place.file()
    var store = SampleStore.make()
    try file.save(store)
    store.keepJournal()
    var project = try #require(store.project(named: "demo", domainID: "default"))
    project.name = "renamed"
    store.put(project)
    store.put(IdentityStore.Group(id: "g2", name: "new", domainID: "default"))
    store.remove(IdentityStore.Trust.self, "t")
    try file.write(store.takeChanges(), of: store)
    let kept = try #require(try place.file().load())
    Self.expectSame(kept, store)
    #expect(try place.ask("SELECT name FROM project WHERE id = '\(project.id)'") == ["renamed"])
    #expect(try place.ask("SELECT * FROM trust") == [])
  }

  @Test func `tables show what one expects of Keystone's`() throws {
    let place = Place()
    try place.file().save(SampleStore.make())
    #expect(
      try place.ask("SELECT id, name, is_domain FROM project ORDER BY rowid LIMIT 1")
        == ["default|Default|1"])
    #expect(
      try place.ask("SELECT DISTINCT type FROM assignment ORDER BY type") == [
        "GroupDomain", "GroupProject", "GroupSystem", "UserDomain", "UserProject", "UserSystem",
      ])
    #expect(try place.ask("SELECT name FROM local_user ORDER BY id") == ["admin", "demo"])
    #expect(
      try place.ask("SELECT expires_at FROM password WHERE expires_at IS NOT NULL")
        == ["2030-03-17 17:46:40.123456"])
    #expect(try place.ask("SELECT tags FROM project WHERE id = 'p2'") == [#"["a","b,c"]"#])
  }

  @Test func `a credential's secret is encrypted, and unknown to whoever lacks the key`() throws {
    let place = Place()
    try place.file(Self.keys).save(SampleStore.make())
    let kept = try place.ask("SELECT encrypted_blob, key_hash FROM credential")
    #expect(kept.count == 1 && !kept[0].contains("GEZDGNBVGY3TQOJQ"))
    #expect(kept[0].hasSuffix("|" + Self.keys.primaryKeyHash))
    #expect(
      try place.file(Self.keys).load()?.rows(.credential).count == 1)
    #expect(
      throws: DatabaseFile.Failure.badRow(
        table: "credential", key: "c", reason: "no key of the repository fits its secret")
    ) { try place.file().load() }
    let secrets = try place.file().encryptedCredentials()
    let new = try CredentialKeyRepository.null.encrypt(
      "other", seconds: 0, iv: [UInt8](repeating: 0, count: 16))
    try place.file().write(secrets.map { (id: $0.id, secret: new) })
    #expect(try place.file().load()?.credentials["c"]?.blob == "other")
  }

  @Test func `tokens are kept with what they say, and flushed when they are over`() throws {
    let place = Place()
    let file = try place.file()
    var store = IdentityStore(.standard)
    try file.save(store)
    store.keepJournal()
    var payload = TokenPayload(
      userID: "u", methods: ["password", "token"], expiresAt: UTCTime(seconds: 5_000),
      issuedAt: UTCTime(nanoseconds: 1_000_123_456_000), auditIDs: ["a", "b"])
    payload.trustID = "t"
    payload.federation = .init(groupIDs: ["g"], identityProviderID: "i", protocolID: "p")
    store.keep(payload, as: "one")
    payload.federation = nil
    payload.projectID = "p"
    payload.expiresAt = UTCTime(seconds: 9_000)
    store.keep(payload, as: "two")
    store.revoke(
      payload, storedAs: "two", chain: false, until: UTCTime(seconds: 9_000),
      now: UTCTime(seconds: 0))
    try file.write(store.takeChanges(), of: store)
    let kept = try #require(try place.file().load())
    for id in ["one", "two"] { #expect(kept.token(id) == store.token(id)) }
    #expect(kept.token("two")?.valid == false)
    #expect(try file.flushTokens(endedBefore: UTCTime(seconds: 8_000)) == 1)
    #expect(try place.file().load()?.token("one") == nil)
  }

  @Test func `a row that says what cannot be is named with its table`() throws {
    let place = Place()
    try place.file().save(SampleStore.make())
    try DatabaseQueue(path: place.path).write {
      try $0.execute(sql: "UPDATE assignment SET type = 'Nobody' WHERE rowid = 1")
    }
    #expect {
      try place.file().load()
    } throws: { error in
      "\(error)".hasPrefix("table assignment, row '")
        && "\(error)".hasSuffix("no type of assignment: Nobody")
    }
  }

  @Test func `what is no database, and a real Keystone's, is left as it is`() throws {
    let place = Place()
    try Data("no database at all, whatever its name says".utf8)
      .write(to: URL(filePath: place.path))
    #expect(throws: DatabaseFile.Failure.self) { try place.file().load() }
    let other = Place()
    try DatabaseQueue(path: other.path).write {
      try $0.execute(sql: "CREATE TABLE project (id VARCHAR(64) NOT NULL)")
    }
    #expect(throws: DatabaseFile.Failure.foreign(path: other.path)) { try other.file().load() }
    #expect(throws: DatabaseFile.Failure.foreign(path: other.path)) {
      try other.file().save(IdentityStore())
    }
    #expect(try other.ask("PRAGMA journal_mode") == ["delete"])
  }
}
