// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkLoad

@Suite struct InterleavedSequenceTests {
  private static func taken(_ count: Int, _ weights: [Int]) -> [Int] {
    var sequence = InterleavedSequence(weights: weights)
    return (0..<count).map { _ in sequence.next() }
  }

  @Test(arguments: [
    [3, 7], [30, 70], [1, 1, 1], [5, 1, 1], [0, 2, 1], [1], [13, 8, 5, 3, 2, 1],
  ])
  func `after every whole round each choice was taken exactly its weight's times`(weights: [Int]) {
    let round = weights.reduce(0, +)
    let taken = Self.taken(round * 3, weights)
    for rounds in 1...3 {
      let begin = taken.prefix(round * rounds)
      #expect(
        weights.indices.map { index in begin.count { $0 == index } } == weights.map { $0 * rounds })
    }
  }

  @Test(arguments: [[3, 7], [30, 70], [5, 1, 1], [13, 8, 5, 3, 2, 1]])
  func `at any moment each choice is within one of its share`(weights: [Int]) {
    let sum = weights.reduce(0, +)
    let taken = Self.taken(sum * 2, weights)
    for length in 1...taken.count {
      for (index, weight) in weights.enumerated() {
        let times = taken.prefix(length).count { $0 == index }
        // |times − length · weight / sum| < 1, in integers.
        #expect(abs(times * sum - length * weight) < sum)
      }
    }
  }

  @Test func `the heavy choice does not come in a block`() {
    #expect(Self.taken(7, [5, 1, 1]) == [0, 0, 1, 0, 2, 0, 0])
  }

  @Test func `a choice of weight zero is never taken`() {
    #expect(!Self.taken(100, [0, 1]).contains(0))
  }
}
