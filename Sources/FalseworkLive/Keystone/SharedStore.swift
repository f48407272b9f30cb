// SPDX-License-Identifier: Apache-2.0
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

  private var store: IdentityStore?
  private let write: (@Sendable (inout IdentityStore) -> Void)?

  package init(_ store: IdentityStore) {
    self.store = store
    write = nil
  }

  package init(_ kept: Kept) {
    store = kept.store
    write = kept.write
  }

  /// Moves the database into the node's context while `body` runs, so that a change never copies
  /// it.
  func lend(_ clock: LiveClock, _ body: (inout KeystoneNode.Context) -> Void) {
    guard let lent = store.take() else {
      preconditionFailure("the database is lent to one node at a time")
    }
    var context = KeystoneNode.Context(now: clock.now, wall: clock.wall, store: consume lent)
    body(&context)
    write?(&context.store)
    store = context.store
  }

  /// A copy, to look at.
  package var snapshot: IdentityStore? { store }
}
