// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

extension Distribution {
  /// What a scenario may write where a time varies.
  package static let grammar =
    "a duration such as 225ms, 'uniform 1s 2s', 'exponential 50ms', "
    + "'lognormal 225ms p99 245ms' or 'instant'"

  /// Times that vary are no longer than a day, and the 99th percentile is at most a thousand medians:
  /// beyond that the tail of a lognormal is longer than a clock can count.
  package static let longest = Interval.seconds(86_400)
  package static let widest: Int64 = 1_000

  /// Reads `225ms`, `uniform 1s 2s`, `exponential 50ms`, `lognormal 225ms p99 245ms` or `instant`.
  /// Nil if the text is none of these, or out of bounds.
  package init?(parsing text: String) {
    let words = text.split(separator: " ").map(String.init)
    func interval(_ index: Int) -> Interval? {
      guard let interval = try? Interval(parsing: words[index]), interval <= Self.longest else {
        return nil
      }
      return interval
    }
    switch (words.first, words.count) {
    case ("uniform", 3):
      guard let low = interval(1), let high = interval(2), low <= high else { return nil }
      self.init(.uniform(low, high))
    case ("exponential", 2):
      guard let mean = interval(1) else { return nil }
      self.init(.exponential(mean: mean))
    case ("lognormal", 4):
      guard words[2] == "p99", let median = interval(1), let p99 = interval(3),
        median > .zero, p99 >= median, p99 <= median * Self.widest
      else { return nil }
      self.init(.lognormal(median: median, p99: p99))
    case ("instant", 1):
      self = .constant(.zero)
    case (_, 1):
      guard let value = interval(0) else { return nil }
      self.init(.constant(value))
    default:
      return nil
    }
  }
}
