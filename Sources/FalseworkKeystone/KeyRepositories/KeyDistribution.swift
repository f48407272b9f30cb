// SPDX-License-Identifier: Apache-2.0

/// Copying the repository of the first node to another one, file by file.
///
/// A node reads its keys at each use, so whatever stands between two steps is what it works with.
/// After one rotation on the first node the receiver misses two things: the new staged key, which
/// nothing is made with, and the number of the new primary, whose key it has under 0. Whether it can
/// read the first node's new tokens throughout is a question of which file comes first:
///
///     primary first   the new primary is there before the staged key that it was is overwritten
///     rsync           what is gone is deleted, then 0 is overwritten; until the last file has come
///                     the first node's new tokens are unknown
package enum KeyDistribution {
  package enum Order: String, CaseIterable, Equatable, Sendable {
    /// As Keystone's guide asks for.
    case primaryFirst
    /// `rsync --archive --delete`, as openstack-ansible runs it: deletions, then names ascending.
    case rsync
  }

  /// - Precondition: the receiver's directory can be written to, or is missing.
  package static func steps(
    from source: KeyDirectory, to receiver: KeyDirectory, order: Order
  ) -> [KeyFileStep] {
    let begin: [KeyFileStep] = receiver.access == .missing ? [.makeDirectory] : []
    let gone = receiver.files.filter { source.contents(of: $0.name) == nil }
      .map { KeyFileStep.remove(name: $0.name) }
    let changed = source.files.filter { receiver.contents(of: $0.name) != $0.contents }
    switch order {
    case .rsync:
      return begin + gone + changed.map { .write(name: $0.name, contents: $0.contents) }
    case .primaryFirst:
      let ranked = changed.sorted { first, second in
        let (a, b) = (rank(first.name), rank(second.name))
        return a != b ? a > b : first.name < second.name
      }
      return begin + ranked.map { .write(name: $0.name, contents: $0.contents) } + gone
    }
  }

  /// Files that are no keys come last.
  private static func rank(_ name: String) -> Int { KeyDirectory.number(name) ?? Int.min }
}
