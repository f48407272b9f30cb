// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Tokens that were looked up once and are taken from memory for a while: `[cache]` and `[token]
/// cache_time` of Keystone.
///
/// A cached token brings the roles that it had when it was looked up. Its age is checked all the
/// same; so is its revocation, unless the release caches that too (from 2024.1 on). Who holds the
/// cache decides what a change that a node makes means to the others: a node forgets everything
/// when it changes something itself, and a cache of its own hears of no other's changes.
package struct TokenCache: Equatable, Sendable {
  /// `[cache] backend`.
  package enum Place: String, CaseIterable, Equatable, Sendable {
    /// `dogpile.cache.null`, which is the default: nothing is kept from request to request.
    case none
    /// Each node has its own, as with `dogpile.cache.memory`.
    case own
    /// All nodes have one memcached.
    case shared
  }

  struct Entry: Equatable, Sendable {
    var token: KnownToken
    /// The code that put it there: what lies in the cache has the shape that its release knew.
    var writer: Release
    var until: UTCTime
    /// The check against revocation events has been passed, and that is remembered too.
    var passedRevocation: Bool
  }

  private var entries: [String: Entry] = [:]

  /// Tokens that are kept at most; then all are dropped, so that a fixture that runs for weeks stays
  /// bounded.
  private static let limit = 1_000_000

  package init() {}

  package var count: Int { entries.count }

  func entry(_ text: String, now: UTCTime) -> Entry? {
    guard !entries.isEmpty, let entry = entries[text], now < entry.until else { return nil }
    return entry
  }

  mutating func keep(_ text: String, _ entry: Entry) {
    if entries.count >= Self.limit { removeAll() }
    entries[text] = entry
  }

  /// A flush, or the end of the region that tokens are kept in.
  package mutating func removeAll() { entries.removeAll(keepingCapacity: false) }
}
