// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import FalseworkLive
import FalseworkReport
import FalseworkStorage

/// `--database FILE`: the database of a cluster, kept while it changes.
enum KeptDatabase {
  /// - Parameter first: what is in it when the file is new.
  static func open(
    _ path: String, credentialKeys: CredentialKeyRepository, first: () -> IdentityStore
  ) throws(CommandEnd) -> SharedStore.Kept {
    do throws(DatabaseFile.Failure) {
      let file = try DatabaseFile(path: path, credentialKeys: credentialKeys)
      var store: IdentityStore
      if let kept = try file.load() {
        store = kept
      } else {
        store = first()
        try file.save(store)
      }
      store.keepJournal()
      let keeper = Keeper(file: file, schema: store.schema)
      return SharedStore.Kept(store: store) { keeper.write(&$0) }
    } catch {
      throw CommandEnd(status: .environment, message: "\(error)")
    }
  }

  /// Confined to the event loop of the cluster.
  private final class Keeper: @unchecked Sendable {
    private let file: DatabaseFile
    private var schema: SchemaState?

    init(file: DatabaseFile, schema: SchemaState?) {
      self.file = file
      self.schema = schema
    }

    /// A file that cannot be written is told of and does not stop the cluster: what runs is right, and
    /// what is kept is old.
    func write(_ store: inout IdentityStore) {
      let changes = store.takeChanges()
      do throws(DatabaseFile.Failure) {
        try file.write(changes, of: store)
        if store.schema != schema {
          schema = store.schema
          try file.write(schema)
        }
      } catch {
        TextFile.complain("the database is not kept: \(error)")
      }
    }
  }
}
