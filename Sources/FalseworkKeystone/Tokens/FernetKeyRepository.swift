// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// One Fernet key: 32 bytes, the first half signs, the second encrypts (fernet/spec).
package struct FernetKey: Equatable, Sendable {
  package let signing: [UInt8]
  package let encryption: [UInt8]

  /// From the 44 characters of a key file.
  package init?(text: String) {
    guard let bytes = Base64URL.decode(text.utf8), bytes.count == 32 else { return nil }
    self.init(bytes: bytes)
  }

  package init(bytes: [UInt8]) {
    precondition(bytes.count == 32, "a Fernet key has 32 bytes, not \(bytes.count)")
    signing = Array(bytes[0..<16])
    encryption = Array(bytes[16..<32])
  }

  package var text: String { Base64URL.encode(signing + encryption, padded: true) }
}

/// The keys of one node, by number, as `keystone-manage` keeps them in a directory: the highest is
/// the *primary* and makes tokens, 0 is *staged* and becomes the next primary, the others are
/// *secondary* and only read (Keystone, `keystone/common/fernet_utils.py`).
package struct FernetKeyRepository: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package var number: Int
    package var key: FernetKey
  }

  /// Ascending by number.
  package private(set) var entries: [Entry]

  /// - Precondition: at least one key.
  package init(_ keys: [Int: FernetKey]) {
    precondition(!keys.isEmpty, "a key repository without a key cannot make tokens")
    entries = keys.sorted { $0.key < $1.key }.map { Entry(number: $0.key, key: $0.value) }
  }

  /// As `fernet_setup` leaves it: a staged and a primary key.
  package static func setup(using generator: inout SeededGenerator) -> FernetKeyRepository {
    FernetKeyRepository([
      0: FernetKey(bytes: generator.bytes(32)), 1: FernetKey(bytes: generator.bytes(32)),
    ])
  }

  package var primary: FernetKey { entries[entries.count - 1].key }

  /// Primary first, then descending, the staged key last.
  package var readingOrder: ReversedCollection<[Entry]> { entries.reversed() }

  /// `fernet_rotate`: the staged key becomes primary under the next number, a new key is staged,
  /// and of the secondaries the lowest go until no more than `maxActiveKeys` keys are left.
  package mutating func rotate(staging key: FernetKey, maxActiveKeys: Int) {
    precondition(maxActiveKeys >= 1, "max_active_keys must be positive")
    let next = entries[entries.count - 1].number + 1
    if let staged = entries.firstIndex(where: { $0.number == 0 }) {
      entries.append(Entry(number: next, key: entries[staged].key))
      entries.remove(at: staged)
    }
    entries.insert(Entry(number: 0, key: key), at: 0)
    while entries.count > max(2, maxActiveKeys) { entries.remove(at: 1) }
  }
}
