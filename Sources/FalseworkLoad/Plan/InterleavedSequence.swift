// SPDX-License-Identifier: Apache-2.0

/// Weighted choice without chance: at any moment each choice was taken its share of the times,
/// within one.
///
/// The smooth weighted round robin: each turn every choice earns its weight, the richest is taken
/// and pays the sum. Ties go to the first.
struct InterleavedSequence: Equatable, Sendable {
  private let weights: [Int]
  private let sum: Int
  private var credit: [Int]

  init(weights: [Int]) {
    precondition(weights.contains { $0 > 0 } && weights.allSatisfy { $0 >= 0 }, "\(weights)")
    self.weights = weights
    sum = weights.reduce(0, +)
    credit = Array(repeating: 0, count: weights.count)
  }

  mutating func next() -> Int {
    var best = 0
    for index in weights.indices {
      credit[index] += weights[index]
      if credit[index] > credit[best] { best = index }
    }
    credit[best] -= sum
    return best
  }
}
