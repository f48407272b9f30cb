// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import GRDB

/// How far the migrations were run, in the tables in which Keystone's tools write it: `migrate_version`
/// up to Yoga, `alembic_version` from then on. Both can be there, as in a database that was upgraded.
///
/// Several releases share a version where one had no migrations of its own; which it was stands in a
/// table of ours.
enum VersionTables {
  private static let repositories = [
    "keystone_expand", "keystone_data_migrate", "keystone_contract",
  ]
  private static let unphased = "keystone"

  static func write(_ schema: SchemaState?, _ database: Database) throws {
    try database.execute(sql: "DROP TABLE IF EXISTS alembic_version")
    try database.execute(sql: "DROP TABLE IF EXISTS migrate_version")
    try database.execute(sql: "DELETE FROM falsework WHERE name LIKE 'schema_%'")
    guard let schema else { return }
    let levels = [schema.expanded, schema.migrated, schema.contracted]
    for (name, release) in zip(["expanded", "migrated", "contracted"], levels) {
      try database.execute(
        sql: "INSERT INTO falsework VALUES (?, ?)", arguments: ["schema_" + name, release.name])
    }
    if levels.contains(where: \.usesAlembic) {
      try database.execute(
        sql: "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
      let heads = [
        schema.expanded.usesAlembic ? schema.expanded.schemaHeads.expand : nil,
        schema.contracted.usesAlembic ? schema.contracted.schemaHeads.contract : nil,
      ]
      for head in heads.compactMap({ $0 }) {
        try database.execute(sql: "INSERT INTO alembic_version VALUES (?)", arguments: [head])
      }
      return
    }
    try database.execute(
      sql: """
        CREATE TABLE migrate_version (
          repository_id VARCHAR(250) NOT NULL PRIMARY KEY, repository_path TEXT, version INTEGER)
        """)
    var versions = [
      (unphased, schema.expanded.hasSchemaPhases ? "109" : levels[0].schemaHeads.expand)
    ]
    if schema.expanded.hasSchemaPhases {
      let heads = [
        levels[0].schemaHeads.expand, levels[1].schemaHeads.migrate, levels[2].schemaHeads.contract,
      ]
      for (index, head) in heads.enumerated() {
        versions.append(
          (repositories[index], levels[index].hasSchemaPhases ? head ?? "000" : "000"))
      }
    }
    for (name, version) in versions {
      try database.execute(
        sql: "INSERT INTO migrate_version VALUES (?, NULL, ?)",
        arguments: [name, Int(version) ?? 0])
    }
  }

  static func read(_ database: Database) throws -> SchemaState? {
    if try database.tableExists("falsework") {
      let names = try ["expanded", "migrated", "contracted"].map { name in
        try String.fetchOne(
          database, sql: "SELECT value FROM falsework WHERE name = ?",
          arguments: ["schema_" + name])
      }
      let levels = names.compactMap { $0.flatMap { Release(named: $0) } }
      guard levels.count == 3 else { return nil }
      return SchemaState(expanded: levels[0], migrated: levels[1], contracted: levels[2])
    }
    if try database.tableExists("alembic_version") {
      let heads = try String.fetchAll(database, sql: "SELECT version_num FROM alembic_version")
      guard
        let expanded = newest(where: { $0.usesAlembic && heads.contains($0.schemaHeads.expand) })
      else { return nil }
      // The contracting branch appears when it is first run.
      let contracted = newest { $0.usesAlembic && heads.contains($0.schemaHeads.contract) }
      return SchemaState(
        expanded: expanded, migrated: contracted ?? Release.all[0],
        contracted: contracted ?? Release.all[0])
    }
    guard try database.tableExists("migrate_version") else { return nil }
    return try readPhases(database)
  }

  private static func readPhases(_ database: Database) throws -> SchemaState? {
    func version(_ repository: String) throws -> Int? {
      try Int.fetchOne(
        database, sql: "SELECT version FROM migrate_version WHERE repository_id = ?",
        arguments: [repository])
    }
    guard let base = try version(unphased) else { return nil }
    guard let expand = try version(repositories[0]), expand > 0 else {
      return newest { !$0.hasSchemaPhases && Int($0.schemaHeads.expand)! <= base }
        .map { SchemaState(of: $0) }
    }
    func level(_ repository: String) throws -> Release {
      let number = try version(repository) ?? 0
      let found = newest {
        $0.hasSchemaPhases && !$0.usesAlembic && Int($0.schemaHeads.expand)! <= number
      }
      return found ?? newest { !$0.hasSchemaPhases }!
    }
    return SchemaState(
      expanded: try level(repositories[0]), migrated: try level(repositories[1]),
      contracted: try level(repositories[2]))
  }

  private static func newest(where isFit: (Release) -> Bool) -> Release? {
    Release.all.last(where: isFit)
  }
}
