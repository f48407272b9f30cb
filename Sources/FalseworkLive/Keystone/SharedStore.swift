// SPDX-License-Identifier: Apache-2.0
package import FalseworkKeystone

/// The database of a cluster, lent to one node at a time. Confined to the event loop that all
/// nodes of the cluster share.
package final class SharedStore: @unchecked Sendable {
  private var store: IdentityStore?

  package init(_ store: IdentityStore) {
    self.store = store
  }

  /// Moves the database into the node's context while `body` runs, so that a change never copies
  /// it.
  func lend(_ clock: LiveClock, _ body: (inout KeystoneNode.Context) -> Void) {
    guard let lent = store.take() else {
      preconditionFailure("the database is lent to one node at a time")
    }
    var context = KeystoneNode.Context(now: clock.now, wall: clock.wall, store: consume lent)
    body(&context)
    store = context.store
  }

  /// A copy, to look at.
  package var snapshot: IdentityStore? { store }
}
