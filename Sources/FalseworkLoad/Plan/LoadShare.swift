// SPDX-License-Identifier: Apache-2.0

/// One part of a load that several machines make together.
///
/// Users and journeys are dealt out in turn: of n parts the i-th plays the users i, i + n, i + 2 n … of
/// a closed load, each beginning when it would in the whole, and makes the journeys i, i + n … of an open
/// one, each due when it would be. So the parts together are the whole load, if they begin together.
package struct LoadShare: Equatable, Sendable {
  /// From 0.
  package let index: Int
  package let count: Int

  package static let whole = LoadShare(index: 0, count: 1)
  /// More machines than that make no sense together: each skips what all others do.
  package static let most = 1_000

  /// - Parameter index: from 0 to `count` − 1.
  package init(index: Int, count: Int) {
    precondition((0..<count).contains(index), "part \(index) of \(count)")
    self.index = index
    self.count = count
  }

  /// As it is written: `2/4` is the second of four. Nil if that is no part of at most 1,000.
  package init?(parsing text: String) {
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let part = numbers[0], let count = numbers[1],
      count <= Self.most, part >= 1, part <= count
    else { return nil }
    self.init(index: part - 1, count: count)
  }

  package var isWhole: Bool { count == 1 }

  /// How many of so many are in this part.
  package func count(of all: Int) -> Int {
    (all - index + count - 1) / count
  }

  /// What the so-and-so-many-th of this part is in the whole; both from 0.
  package func whole(_ place: Int) -> Int { place * count + index }
}
