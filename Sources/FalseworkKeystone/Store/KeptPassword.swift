// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto

/// How a node keeps passwords, and the secrets of application credentials: `[identity]
/// password_hash_algorithm` and what surrounds it.
package struct PasswordSettings: Equatable, Sendable {
  package enum Mode: String, CaseIterable, Equatable, Sendable {
    /// As they are, and every release reads them: hashing plays no part.
    case plain
    /// With the name of the algorithm and cut as it cuts, but without the work.
    case modelled
    /// Hashed for real.
    case real
  }

  package var mode = Mode.plain
  /// Nil for what the release writes.
  package var algorithm: PasswordHash?
  /// Nil for the release's; as libcrypt counts them, for bcrypt and scrypt the power of two.
  package var rounds: Int?
  /// Pike's `rolling_upgrade_password_hash_compat`.
  package var writesBoth = false

  package init() {}
}

/// What the database holds for a password: one hash, or two, a line each, where Pike wrote one for
/// Ocata as well.
///
/// A hash that sha512_crypt made is in the column `password`, which Ocata reads; any other is in
/// `password_hash`, and Ocata finds nothing.
struct KeptPassword: Equatable {
  /// A line: a hash as passlib writes it, or `$modelled$ALGORITHM$PASSWORD`.
  private static let modelled = "$modelled$"

  var lines: [String]

  init(_ text: String) { lines = text.split(separator: "\n").map(String.init) }

  /// Nil: text that is no hash, kept as it is.
  static func algorithm(of line: String) -> PasswordHash? {
    if line.hasPrefix(modelled) {
      let name = line.dropFirst(modelled.count).prefix { $0 != "$" }
      return PasswordHash(rawValue: String(name))
    }
    let heads: [(String, PasswordHash)] = [
      ("$6$", .sha512Crypt), ("$2a$", .bcrypt), ("$2b$", .bcrypt), ("$2y$", .bcrypt),
      ("$bcrypt-sha256$", .bcryptSHA256), ("$scrypt$", .scrypt),
      ("$pbkdf2-sha512$", .pbkdf2SHA512),
    ]
    return heads.first { line.hasPrefix($0.0) }?.1
  }

  /// - Parameter salt: 16 bytes.
  static func line(
    _ password: [UInt8], _ algorithm: PasswordHash, rounds: Int, mode: PasswordSettings.Mode,
    salt: [UInt8]
  ) -> String {
    guard mode == .real else {
      let seen = algorithm == .bcrypt ? password.prefix(72) : password[...]
      return modelled + algorithm.rawValue + "$" + String(decoding: seen, as: UTF8.self)
    }
    switch algorithm {
    case .sha512Crypt:
      return PasswordHashing.sha512Crypt(
        password, rounds: rounds, salt: String(Base64URL.encode(salt).prefix(16).map(saltDigit)))
    case .bcrypt: return PasswordHashing.bcrypt(password, rounds: rounds, salt: salt)
    case .bcryptSHA256: return PasswordHashing.bcryptSHA256(password, rounds: rounds, salt: salt)
    case .scrypt: return PasswordHashing.scrypt(password, log2: rounds, salt: salt)
    case .pbkdf2SHA512: return PasswordHashing.pbkdf2SHA512(password, rounds: rounds, salt: salt)
    }
  }

  private static func saltDigit(_ character: Character) -> Character {
    switch character {
    case "-": "."
    case "_": "/"
    default: character
    }
  }

  static func verify(_ password: [UInt8], _ line: String) -> Bool {
    guard line.hasPrefix(modelled), let algorithm = algorithm(of: line) else {
      return PasswordHashing.verify(password, line) ?? false
    }
    return self.line(password, algorithm, rounds: 0, mode: .modelled, salt: []) == line
  }
}

extension PasswordHash {
  /// What Keystone takes unless `password_hash_rounds` says otherwise.
  func standardRounds(_ release: Release) -> Int {
    switch self {
    case .sha512Crypt: release.number < 8 ? 40_000 : 10_000
    case .bcrypt, .bcryptSHA256: 12
    case .scrypt: 16
    case .pbkdf2SHA512: 25_000
    }
  }
}

/// What a release with its settings makes of passwords.
struct PasswordHasher: Equatable, Sendable {
  var settings: PasswordSettings
  var release: Release

  /// `[identity] password_hash_algorithm`.
  private var algorithm: PasswordHash { settings.algorithm ?? release.passwords.written }

  /// What goes into the database for a password that is set.
  func kept(_ password: String, using generator: inout SeededGenerator) -> String {
    guard settings.mode != .plain else { return password }
    var text = ""
    if settings.writesBoth, release.passwords.hasRollingCompatibility, algorithm != .sha512Crypt {
      text = line(password, .sha512Crypt, using: &generator) + "\n"
    }
    return text + line(password, algorithm, using: &generator)
  }

  private func line(
    _ password: String, _ algorithm: PasswordHash, using generator: inout SeededGenerator
  ) -> String {
    KeptPassword.line(
      cut(password), algorithm, rounds: settings.rounds ?? algorithm.standardRounds(release),
      mode: settings.mode, salt: generator.bytes(16))
  }

  /// The release cuts by the algorithm that it is configured with, whatever the hash was made by.
  private func cut(_ password: String) -> [UInt8] {
    let bytes = Array(password.utf8)
    guard algorithm == .bcrypt, let cut = release.passwords.bcryptCut else { return bytes }
    return Array(bytes.prefix(cut))
  }

  /// Whether a password is the one that the database holds.
  ///
  /// - Throws: an error that is nobody's where the release cannot read the hash.
  func isRight(_ password: String, _ kept: String?) throws(KeystoneError) -> Bool {
    guard let kept else { return false }
    guard settings.mode != .plain else { return password == kept }
    var isForeign = false
    for line in KeptPassword(kept).lines {
      guard let algorithm = KeptPassword.algorithm(of: line) else { return password == kept }
      if release.passwords.verified.contains(algorithm) {
        return KeptPassword.verify(cut(password), line)
      }
      isForeign = true
    }
    // Before Pike there is no column for any other hash: nothing is found, and nothing is right.
    guard isForeign, release.number >= 12 else { return false }
    throw .unexpected
  }
}

extension IdentityService {
  var hasher: PasswordHasher { PasswordHasher(settings: options.passwords, release: release) }
}

extension IdentityStore {
  /// Hashes the passwords of a seed, as a node of this release would have kept them.
  package mutating func hashPasswords(
    _ settings: PasswordSettings, as release: Release, seed: UInt64
  ) {
    var generator = SeededGenerator(seed: seed, stream: "passwords")
    let hasher = PasswordHasher(settings: settings, release: release)
    for var user in users {
      guard let password = user.password else { continue }
      user.password = hasher.kept(password, using: &generator)
      put(user)
    }
  }
}
