// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// The keys of one node, by number, as they were read for one use (`load_keys` in
/// `keystone/common/fernet_utils.py`): the highest number is the *primary* and makes tokens, 0 is
/// *staged* and becomes the next primary, the others are *secondary* and only read.
///
/// `KeyDirectory` is where they come from; this is what is made of it, and may be of no use.
package struct FernetKeyRepository: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package var number: Int
    package var key: FernetKey
  }

  /// Why none of the keys serves. Keystone reads them all before it does anything with one, so that
  /// one bad file fails every token.
  package enum Defect: Equatable, Sendable {
    /// There is none: `KeysNotFound`, answered with 500.
    case noKeys
    /// A file holds no key, because it is cut or empty: an uncaught `ValueError`.
    case notAKey(number: Int)
  }

  /// Ascending by number. The null key, if it is among them, has the number `nullKeyNumber`.
  package private(set) var entries: [Entry]
  package private(set) var defect: Defect?

  /// Below all others: the null key is tried last, and makes something only if it is alone.
  package static let nullKeyNumber = Int.min

  package init(_ keys: [Int: FernetKey]) {
    entries = keys.sorted { $0.key < $1.key }.map { Entry(number: $0.key, key: $0.value) }
    defect = keys.isEmpty ? .noKeys : nil
  }

  /// A repository of which no key serves.
  package init(defect: Defect) {
    entries = []
    self.defect = defect
  }

  /// As `fernet_setup` leaves it: a staged and a primary key.
  package static func setup(using generator: inout SeededGenerator) -> FernetKeyRepository {
    FernetKeyRepository([
      0: FernetKey(bytes: generator.bytes(32)), 1: FernetKey(bytes: generator.bytes(32)),
    ])
  }

  /// - Precondition: there is no defect.
  package var primary: FernetKey {
    precondition(!entries.isEmpty, "no key to make anything with: \(String(describing: defect))")
    return entries[entries.count - 1].key
  }

  /// Primary first, then descending, the staged key last.
  package var readingOrder: ReversedCollection<[Entry]> { entries.reversed() }
}
