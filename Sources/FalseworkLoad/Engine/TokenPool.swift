// SPDX-License-Identifier: Apache-2.0
import DequeModule
import FalseworkCore

/// A token that this load was given, by the request that asked for it.
struct IssuedToken: Equatable, Sendable {
  var text: String
  var number: Int
  var issued: Instant
}

/// Tokens that some user was given and nobody revokes.
///
/// The newest are kept for steps that take any. For steps that want old ones there is a collection
/// for each age: it takes in no more than one token in a 512th part of the age, so that a few places
/// reach back twice as far.
struct TokenPool: Sendable {
  private struct Aged: Sendable {
    let least: Interval
    var tokens: Deque<IssuedToken> = []
    var nextAdmission = Instant.start
  }

  private var newest: Deque<IssuedToken> = []
  private var aged: [Aged]
  private static let limit = 1_024

  init(ages: [Interval]) {
    aged = ages.map { Aged(least: $0) }
  }

  /// - Parameter age: which age of those given at the beginning; nil takes any.
  func isEmpty(_ age: Int?) -> Bool {
    if let age { aged[age].tokens.isEmpty } else { newest.isEmpty }
  }

  mutating func add(_ token: IssuedToken) {
    if newest.count == Self.limit { newest.removeFirst() }
    newest.append(token)
    for index in aged.indices where token.issued >= aged[index].nextAdmission {
      if aged[index].tokens.count == Self.limit { aged[index].tokens.removeFirst() }
      aged[index].tokens.append(token)
      aged[index].nextAdmission = token.issued + aged[index].least / (Int64(Self.limit) / 2)
    }
  }

  /// Takes a token out that was refused: asking for it again and again would only count the same.
  mutating func remove(_ number: Int) {
    if let place = newest.firstIndex(where: { $0.number == number }) { newest.remove(at: place) }
    for index in aged.indices {
      if let place = aged[index].tokens.firstIndex(where: { $0.number == number }) {
        aged[index].tokens.remove(at: place)
      }
    }
  }

  /// One of those that are old enough, or the oldest; nil if there is none.
  func pick(_ age: Int?, now: Instant, using generator: inout SeededGenerator) -> IssuedToken? {
    guard let age else {
      guard !newest.isEmpty else { return nil }
      return newest[Int(generator.below(UInt64(newest.count)))]
    }
    let tokens = aged[age].tokens
    guard let oldest = tokens.first else { return nil }
    var (low, high) = (0, tokens.count)
    while low < high {
      let middle = (low + high) / 2
      if now - tokens[middle].issued >= aged[age].least { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? oldest : tokens[Int(generator.below(UInt64(low)))]
  }
}
