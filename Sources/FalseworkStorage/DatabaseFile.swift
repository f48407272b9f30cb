// SPDX-License-Identifier: Apache-2.0
package import FalseworkKeystone
import GRDB

/// The database of a cluster in a file of SQLite.
///
///     let file = try DatabaseFile(path: "keystone.db")
///     var store = try file.load() ?? IdentityStore(seed)
///     store.keepJournal()
///     …
///     try file.write(store.takeChanges(), of: store)
///
/// One process writes at a time; others may look.
package struct DatabaseFile: Sendable {
  package enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    /// Keystone's own tables. Some commands work on them; a node of ours does not.
    case foreign(path: String)
    /// A row that says what cannot be.
    case badRow(table: String, key: String, reason: String)

    package var description: String {
      switch self {
      case .unreadable(let path, let reason): "\(path): \(reason)"
      case .foreign(let path):
        "\(path): this database was made by a real Keystone; a node of falsework does not run on it"
      case .badRow(let table, let key, let reason): "table \(table), row '\(key)': \(reason)"
      }
    }
  }

  package let path: String
  let queue: DatabaseQueue
  let credentialKeys: CredentialKeyRepository

  /// Opens the file, and makes it if there is none.
  ///
  /// - Parameter credentialKeys: what secrets of credentials are encrypted with.
  package init(path: String, credentialKeys: CredentialKeyRepository) throws(Failure) {
    self.path = path
    self.credentialKeys = credentialKeys
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(5)
      queue = try DatabaseQueue(path: path, configuration: configuration)
      // A crash of the machine may cost the last changes, never the file. A real Keystone's is left as
      // it is.
      if try !isForeign {
        try queue.writeWithoutTransaction {
          try $0.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
        }
      }
    } catch {
      throw .unreadable(path: path, reason: Self.reason(error))
    }
  }

  /// Whether a real Keystone made the tables.
  package var isForeign: Bool {
    get throws {
      try queue.read { database in
        try database.tableExists("project") && !database.tableExists(Self.marker)
      }
    }
  }

  static let marker = "falsework"

  // MARK: Reading

  /// The database as it was kept; nil if the file is new.
  package func load() throws(Failure) -> IdentityStore? {
    do {
      if try isForeign { throw Failure.foreign(path: path) }
      return try queue.read { database in
        guard try database.tableExists(Self.marker) else { return nil }
        var store = IdentityStore()
        for layout in TableLayout.all where try database.tableExists(layout.name) {
          try read(layout, database, into: &store)
        }
        store.schema = try VersionTables.read(database)
        return store
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .unreadable(path: path, reason: Self.reason(error))
    }
  }

  private func read(
    _ layout: TableLayout, _ database: Database, into store: inout IdentityStore
  ) throws {
    let rows = try Row.fetchCursor(
      database, sql: "SELECT * FROM \"\(layout.name)\" ORDER BY rowid")
    while let row = try rows.next() {
      let key: String = row[layout.keyColumn] ?? ""
      do {
        try restore(layout.kind, row, into: &store)
      } catch let error as DecodingError {
        throw Failure.badRow(table: layout.name, key: key, reason: Self.reason(error))
      } catch let error as RowDecodingError {
        throw Failure.badRow(table: layout.name, key: key, reason: "\(error)")
      } catch is CredentialKeyRepository.Defect {
        throw Failure.badRow(
          table: layout.name, key: key, reason: "no key of the repository fits its secret")
      }
    }
  }

  private func restore(
    _ kind: IdentityStore.Kind, _ row: Row, into store: inout IdentityStore
  ) throws {
    switch kind {
    case .grant:
      let kept = try RowColumns<KeptGrant>(row: row).content
      guard let grant = kept.grant else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: [], debugDescription: "no type of assignment: \(kept.type)"))
      }
      store.restore(grant)
    case .credential:
      let kept = try RowColumns<KeptCredential>(row: row).content
      var credential = IdentityStore.Credential(
        id: kept.id, userID: kept.userID, projectID: kept.projectID, type: kept.type,
        blob: try credentialKeys.decrypt(kept.encryptedBlob))
      credential.extra = kept.extra
      store.restore(credential)
    case .token:
      let kept = try RowColumns<KeptToken>(row: row).content
      store.restore(kept.payload, isValid: kept.valid, as: kept.id)
    default:
      guard let type = IdentityStore.rowType(of: kind) else { return }
      store.restore(try Self.decoded(type, row))
    }
  }

  private static func decoded<Content: StoredRow>(
    _ type: Content.Type, _ row: Row
  ) throws -> any StoredRow {
    try RowColumns<Content>(row: row).content
  }

  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as DatabaseError: error.message ?? error.resultCode.description
    case DecodingError.dataCorrupted(let context): context.debugDescription
    case DecodingError.keyNotFound(let name, _):
      "column \(ColumnName.column(name.stringValue)) is missing"
    case DecodingError.valueNotFound(_, let context), DecodingError.typeMismatch(_, let context):
      context.debugDescription
    default: "\(error)"
    }
  }
}
