// SPDX-License-Identifier: Apache-2.0

/// A dense number of a thing that lives as long as the run: a node, a server, a task.
/// It indexes an array; the tag keeps one kind from being taken for another.
package struct ID<Tag>: Hashable, Comparable, Sendable {
  package let index: Int

  package init(_ index: Int) {
    self.index = index
  }

  package static func < (a: Self, b: Self) -> Bool { a.index < b.index }
}

extension ID: CustomStringConvertible {
  package var description: String { "#\(index)" }
}

/// A name of a thing that comes and goes: a connection, a request, a health check.
///
/// A slot is used again after its tenant has left, and then carries the next generation, so a
/// name that came too late is told from the new tenant's and can be ignored.
@usableFromInline package struct Handle<Tag>: Hashable, Sendable {
  @usableFromInline package let index: UInt32
  @usableFromInline package let generation: UInt32

  @inlinable package init(index: UInt32, generation: UInt32) {
    self.index = index
    self.generation = generation
  }

  /// Both halves in one number, for traces and for maps of the shells.
  @inlinable package var bits: UInt64 { UInt64(generation) << 32 | UInt64(index) }
}

extension Handle: CustomStringConvertible {
  @usableFromInline package var description: String { "\(index).\(generation)" }
}

package enum NodeTag {}
/// A Keystone node of the cluster, by its place in the scenario.
package typealias NodeID = ID<NodeTag>
