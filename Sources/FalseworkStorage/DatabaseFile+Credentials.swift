// SPDX-License-Identifier: Apache-2.0
package import FalseworkKeystone
import GRDB

/// The encrypted secrets, in a database of ours or in a real Keystone's.
extension DatabaseFile {
  /// Ids, and what is encrypted, in the order in which they were made.
  package func encryptedCredentials()
    throws(Failure) -> [(id: String, secret: CredentialKeyRepository.Encrypted)]
  {
    do {
      return try queue.read { database in
        guard try database.tableExists("credential") else { return [] }
        return try Row.fetchAll(
          database, sql: "SELECT id, encrypted_blob, key_hash FROM credential ORDER BY rowid"
        ).map { row in
          // SQLAlchemy stores the text as bytes or as text, by release.
          let text: String = String.fromDatabaseValue(row["encrypted_blob"]) ?? ""
          return (row["id"], .init(text: text, keyHash: row["key_hash"] ?? ""))
        }
      }
    } catch {
      throw .unreadable(path: path, reason: Self.reason(error))
    }
  }

  package func write(
    _ secrets: [(id: String, secret: CredentialKeyRepository.Encrypted)]
  ) throws(Failure) {
    do {
      try queue.write { database in
        for (id, secret) in secrets {
          try database.execute(
            sql: "UPDATE credential SET encrypted_blob = ?, key_hash = ? WHERE id = ?",
            arguments: [secret.text, secret.keyHash, id])
        }
      }
    } catch {
      throw .unreadable(path: path, reason: Self.reason(error))
    }
  }
}
