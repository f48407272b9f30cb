// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import GRDB
import Testing

@testable import FalseworkStorage

@Suite struct VersionTablesTests {
  private static func queue(_ sql: String = "") throws -> DatabaseQueue {
    let queue = try DatabaseQueue()
    try queue.write { try $0.execute(sql: sql) }
    return queue
  }

  @Test(arguments: Release.all.map(\.name))
  func `what is written is read again, to the release`(name: String) throws {
    let release = try #require(Release(named: name))
    let queue = try Self.queue("CREATE TABLE falsework (name TEXT PRIMARY KEY, value TEXT)")
    for schema in [
      SchemaState(of: release),
      SchemaState(expanded: release, migrated: Release.all[0], contracted: Release.all[0]),
    ] {
      try queue.write { try VersionTables.write(schema, $0) }
      #expect(try queue.read { try VersionTables.read($0) } == schema)
    }
    try queue.write { try VersionTables.write(nil, $0) }
    #expect(try queue.read { try VersionTables.read($0) } == nil)
  }

  /// The heads that Keystone's own tools leave in a database, and what its check then says.
  @Test(arguments: [
    (["742c857f1dfb"], "2026.1", SchemaState.Status.needsContract),
    (["742c857f1dfb", "c88cdce8f248"], "2026.1", .upToDate),
    (["47147121", "c88cdce8f248"], "2026.1", .needsExpand),
    (["47147121", "c88cdce8f248"], "2024.2", .upToDate),
  ]) func `a real database of Alembic's is understood`(
    heads: [String], release: String, status: SchemaState.Status
  ) throws {
    let queue = try Self.queue("CREATE TABLE alembic_version (version_num VARCHAR(32))")
    try queue.write { database in
      for head in heads {
        try database.execute(sql: "INSERT INTO alembic_version VALUES (?)", arguments: [head])
      }
    }
    let schema = try #require(try queue.read { try VersionTables.read($0) })
    #expect(schema.status(for: try #require(Release(named: release))) == status)
  }

  @Test(arguments: [
    ([109, 24, 24, 24], "pike", SchemaState.Status.upToDate),
    ([109, 44, 24, 24], "queens", .needsMigrate), ([109, 44, 44, 24], "queens", .needsContract),
    ([109, 24, 24, 24], "queens", .needsExpand), ([109, 24, 44, 24], "queens", .outOfSync),
    ([96, 0, 0, 0], "pike", .needsExpand),
  ]) func `a real database of before is understood`(
    versions: [Int], release: String, status: SchemaState.Status
  ) throws {
    let queue = try Self.queue(
      "CREATE TABLE migrate_version (repository_id TEXT, repository_path TEXT, version INTEGER)")
    try queue.write { database in
      let names = [
        "keystone", "keystone_expand", "keystone_data_migrate", "keystone_contract",
      ]
      for (name, version) in zip(names, versions) {
        try database.execute(
          sql: "INSERT INTO migrate_version VALUES (?, '', ?)", arguments: [name, version])
      }
    }
    let schema = try #require(try queue.read { try VersionTables.read($0) })
    #expect(schema.status(for: try #require(Release(named: release))) == status)
  }

  @Test func `an empty database was never migrated`() throws {
    #expect(try Self.queue().read { try VersionTables.read($0) } == nil)
  }
}
