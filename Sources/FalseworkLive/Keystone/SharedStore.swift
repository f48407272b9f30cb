// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
package import FalseworkKeystone

/// The database of a cluster, lent to one node at a time. Confined to the event loop that all
/// nodes of the cluster share.
package final class SharedStore: @unchecked Sendable {
  /// A database that is kept elsewhere: as it was, and who is told when it may have changed.
  package struct Kept: Sendable {
    package var store: IdentityStore
    package var write: @Sendable (inout IdentityStore) -> Void

    package init(store: IdentityStore, write: @escaping @Sendable (inout IdentityStore) -> Void) {
      self.store = store
      self.write = write
    }
  }

  private var context: KeystoneNode.Context
  private let write: (@Sendable (inout IdentityStore) -> Void)?

  package init(_ store: IdentityStore) {
    context = KeystoneNode.Context(now: .start, wall: UTCTime(nanoseconds: 0), store: store)
    write = nil
  }

  package init(_ kept: Kept) {
    context = KeystoneNode.Context(
      now: .start, wall: UTCTime(nanoseconds: 0), store: kept.store)
    write = kept.write
  }

  /// Lends the database in its place, so that a change never copies it; to two at a time it cannot be
  /// lent.
  func lend(_ clock: LiveClock, _ body: (inout KeystoneNode.Context) -> Void) {
    context.now = clock.now
    context.wall = clock.wall
    body(&context)
    write?(&context.store)
  }
}
