// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

extension Distribution {
  /// What a scenario may write where a time varies.
  package static let grammar =
    "a duration such as 225ms, 'uniform 1s 2s', 'exponential 50ms' or "
    + "'lognormal 225ms p99 245ms'"

  /// Reads `225ms`, `uniform 1s 2s`, `exponential 50ms`, `lognormal 225ms p99 245ms`.
  /// Nil if the text is none of these.
  package init?(parsing text: String) {
    let words = text.split(separator: " ").map(String.init)
    func interval(_ index: Int) -> Interval? {
      index < words.count ? try? Interval(parsing: words[index]) : nil
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
        median > .zero, p99 >= median
      else { return nil }
      self.init(.lognormal(median: median, p99: p99))
    case (_, 1):
      guard let value = interval(0) else { return nil }
      self.init(.constant(value))
    default:
      return nil
    }
  }
}
