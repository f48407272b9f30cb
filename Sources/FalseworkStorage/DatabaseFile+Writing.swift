// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
import GRDB

extension DatabaseFile {
  /// Writes the whole database, whatever the file held.
  package func save(_ store: IdentityStore) throws(Failure) {
    try change { database in
      for layout in TableLayout.all {
        try database.execute(sql: "DELETE FROM \"\(layout.name)\"")
        let writer = try RowWriter(layout, database)
        for row in store.rows(layout.kind) { try write(row, with: writer) }
      }
      try VersionTables.write(store.schema, database)
    }
  }

  /// Writes the rows that were changed, and removes those that are gone, in one transaction.
  package func write(
    _ changes: [IdentityStore.Change], of store: IdentityStore
  ) throws(Failure) {
    guard !changes.isEmpty else { return }
    try change { database in
      var writers: [IdentityStore.Kind: RowWriter] = [:]
      var done: Set<IdentityStore.Change> = []
      for change in changes where done.insert(change).inserted {
        if writers[change.kind] == nil {
          writers[change.kind] = try RowWriter(TableLayout.of(change.kind), database)
        }
        let writer = writers[change.kind]!
        if let row = store.row(change.kind, change.key) {
          try write(row, with: writer)
        } else if change.kind == .token, let token = store.token(change.key) {
          try writer.write(KeptToken(token, id: change.key), key: change.key)
        } else {
          try writer.remove(change.key)
        }
      }
    }
  }

  package func write(_ schema: SchemaState?) throws(Failure) {
    try change { try VersionTables.write(schema, $0) }
  }

  /// How far the migrations were run; nil if they never were. A real Keystone's database is asked as
  /// well as one of ours.
  package func schema() throws(Failure) -> SchemaState? {
    do {
      return try queue.read { try VersionTables.read($0) }
    } catch {
      throw .unreadable(path: path, reason: Self.reason(error))
    }
  }

  /// Removes tokens that ended before a moment (`keystone-manage token_flush`).
  ///
  /// - Returns: how many.
  package func flushTokens(endedBefore time: UTCTime) throws(Failure) -> Int {
    do {
      return try queue.write { database in
        guard try database.tableExists("token") else { return 0 }
        try database.execute(sql: "DELETE FROM token WHERE expires <= ?", arguments: [time])
        return database.changesCount
      }
    } catch {
      throw .unreadable(path: path, reason: Self.reason(error))
    }
  }

  private func change(_ body: (Database) throws -> Void) throws(Failure) {
    do {
      if try isForeign { throw Failure.foreign(path: path) }
      try queue.write { database in
        try prepare(database)
        try body(database)
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .unreadable(path: path, reason: Self.reason(error))
    }
  }

  private func prepare(_ database: Database) throws {
    guard try !database.tableExists(Self.marker) else { return }
    for layout in TableLayout.all { try database.execute(sql: layout.creation) }
    for view in TableLayout.views { try database.execute(sql: view) }
    try database.execute(
      sql: "CREATE TABLE \(Self.marker) (name TEXT NOT NULL PRIMARY KEY, value TEXT)")
    try database.execute(
      sql: "INSERT INTO \(Self.marker) VALUES ('format', '1')")
  }

  private func write(_ row: any StoredRow, with writer: RowWriter) throws {
    switch row {
    case let grant as IdentityStore.Grant:
      try writer.write(KeptGrant(grant), key: grant.key)
    case let credential as IdentityStore.Credential:
      var generator = SystemRandomNumberGenerator()
      let secret = try credentialKeys.encrypt(
        credential.blob, seconds: try writer.seconds(),
        iv: (0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) })
      try writer.write(
        KeptCredential(
          id: credential.id, userID: credential.userID, projectID: credential.projectID,
          type: credential.type, encryptedBlob: secret.text, keyHash: secret.keyHash,
          extra: credential.extra), key: credential.key)
    default:
      try Self.write(row, with: writer)
    }
  }

  private static func write<Content: StoredRow>(
    _ row: Content, with writer: RowWriter
  ) throws {
    try writer.write(row, key: row.key)
  }
}

/// Writes rows into one table.
private final class RowWriter {
  private let layout: TableLayout
  private let database: Database
  private var columns: Set<String>

  init(_ layout: TableLayout, _ database: Database) throws {
    self.layout = layout
    self.database = database
    columns = Set(try database.columns(in: layout.name).map(\.name))
  }

  /// Makes the row or changes it where it stands, so that rows keep their order.
  func write(_ content: some Codable, key: String) throws {
    var values = try RowColumns(content).databaseDictionary
    if layout.keyColumn == TableLayout.composedKey {
      values[TableLayout.composedKey] = key.databaseValue
    }
    let names = values.keys.sorted()
    for name in names where columns.insert(name).inserted {
      try database.execute(
        sql: "ALTER TABLE \"\(layout.name)\" ADD COLUMN \"\(name)\" \(TableLayout.type(of: name))")
    }
    let list = names.map { "\"\($0)\"" }
    let updates = list.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
    let places = Array(repeating: "?", count: names.count).joined(separator: ", ")
    try database.cachedStatement(
      sql: """
        INSERT INTO "\(layout.name)" (\(list.joined(separator: ", "))) VALUES (\(places))
        ON CONFLICT("\(layout.keyColumn)") DO UPDATE SET \(updates)
        """
    ).execute(arguments: StatementArguments(names.map { values[$0]! }))
  }

  /// The wall-clock time, as SQLite has it.
  func seconds() throws -> Int64 {
    try Int64.fetchOne(database, sql: "SELECT CAST(strftime('%s', 'now') AS INTEGER)") ?? 0
  }

  func remove(_ key: String) throws {
    try database.cachedStatement(
      sql: "DELETE FROM \"\(layout.name)\" WHERE \"\(layout.keyColumn)\" = ?"
    ).execute(arguments: [key])
  }
}
