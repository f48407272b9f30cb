// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto

/// What encrypts the secrets of credentials (Newton and later): at most three keys, and the null key
/// behind them (`keystone/credential/providers/fernet/core.py`).
package struct CredentialKeyRepository: Equatable, Sendable {
  package struct Encrypted: Equatable, Sendable {
    /// Column `encrypted_blob`.
    package var text: String
    /// Column `key_hash`.
    package var keyHash: String

    package init(text: String, keyHash: String) {
      self.text = text
      self.keyHash = keyHash
    }
  }

  /// `CredentialEncryptionError`, and what a bad key file is: 500 either way.
  package enum Defect: Error, Equatable, Sendable {
    case undecipherable
    case unusableKeys
  }

  package let keys: FernetKeyRepository
  /// SHA-1 of the primary key's file, which tells what a row was encrypted with.
  package let primaryKeyHash: String

  /// - Parameter directory: what `[credential] key_repository` holds; it may be missing.
  package init(
    _ directory: KeyDirectory, release: Release, into lines: inout [KeystoneLogLine]
  ) {
    let rules = KeyRepositoryRules(
      group: .credentials, release: release, maxActiveKeys: KeyRepositoryRules.defaultMaxActiveKeys)
    keys = rules.keys(of: directory, into: &lines)
    var text = FernetKey.null.text
    if let number = keys.entries.last?.number, number != FernetKeyRepository.nullKeyNumber,
      let file = directory.files.last(where: { KeyDirectory.number($0.name) == number })
    {
      text = file.contents
    }
    primaryKeyHash = UUIDText.text(of: SHA1.digest(Array(text.utf8)))
  }

  /// Without a repository: whatever is stored is encrypted with a key that everybody knows.
  package static let null: CredentialKeyRepository = {
    var lines: [KeystoneLogLine] = []
    return CredentialKeyRepository(.missing(""), release: .newest, into: &lines)
  }()

  /// Whether new rows are written with the null key.
  package var usesNullKey: Bool {
    keys.entries.last?.number == FernetKeyRepository.nullKeyNumber
  }

  /// What Keystone logs when it does.
  package static let nullKeyWarning = KeystoneLogLine(
    .warning, "keystone.credential.providers.fernet.core",
    "Encrypting credentials with the null key. Please properly encrypt credentials using "
      + "`keystone-manage credential_setup`, `keystone-manage credential_migrate`, and "
      + "`keystone-manage credential_rotate`")

  /// - Parameters:
  ///   - seconds: the wall-clock time.
  ///   - iv: 16 random bytes.
  package func encrypt(
    _ blob: String, seconds: Int64, iv: [UInt8]
  ) throws(Defect) -> Encrypted {
    guard keys.defect == nil else { throw .unusableKeys }
    let text = FernetEnvelope.seal(
      Array(blob.utf8), key: keys.primary, seconds: seconds, iv: iv)
    // Unlike a token it keeps its padding.
    let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    return Encrypted(text: text + padding, keyHash: primaryKeyHash)
  }

  package func decrypt(_ text: String) throws(Defect) -> String {
    guard keys.defect == nil else { throw .unusableKeys }
    do throws(TokenDefect) {
      let payload = try FernetEnvelope.open(text, repository: keys).payload
      guard let blob = String(validating: payload, as: UTF8.self) else { throw .unrecognized }
      return blob
    } catch {
      throw .undecipherable
    }
  }

  /// What `credential_migrate` writes in place of a row, or nil if the row is on the primary key.
  package func migrated(
    _ row: Encrypted, seconds: Int64, iv: [UInt8]
  ) throws(Defect) -> Encrypted? {
    guard row.keyHash != primaryKeyHash else { return nil }
    return try encrypt(try decrypt(row.text), seconds: seconds, iv: iv)
  }

  /// Why `credential_rotate` does nothing: a row that is not on the primary key would be lost with
  /// the next rotation but one.
  package func refusalToRotate(keyHashes: [String]) -> String? {
    guard keyHashes.contains(where: { $0 != primaryKeyHash }) else { return nil }
    return "Unable to rotate credential keys because not all credentials are encrypted with the "
      + "primary key. Please make sure all credentials have been encrypted with the primary key "
      + "using `keystone-manage credential_migrate`."
  }
}
