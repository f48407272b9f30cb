// SPDX-License-Identifier: Apache-2.0

/// How long something takes, when that varies.
///
/// Sampling is a table look-up in integers: the table is computed once, with additions,
/// multiplications, divisions and square roots only, which IEEE 754 fixes to the bit. So the same
/// seed gives the same times on every machine.
package struct Distribution: Equatable, Sendable {
  package enum Shape: Equatable, Sendable {
    case constant(Interval)
    case uniform(Interval, Interval)
    /// Exponential with this mean.
    case exponential(mean: Interval)
    /// Log-normal through its median and its 99th percentile; nothing is longer than the
    /// quantile 0.9999 of it.
    case lognormal(median: Interval, p99: Interval)
  }

  package let shape: Shape
  /// Quantiles at (i + ½) / count, in nanoseconds; empty for a constant.
  private let table: [Int64]

  private static let tableBits: UInt64 = 12

  package init(_ shape: Shape) {
    self.shape = shape
    let count = 1 << Int(Self.tableBits)
    switch shape {
    case .constant:
      table = []
    case .uniform(let low, let high):
      precondition(low <= high, "uniform needs low <= high: \(low) \(high)")
      let width = Double(high.nanoseconds - low.nanoseconds)
      table = (0...count).map { low.nanoseconds + Int64(width * Double($0) / Double(count)) }
    case .exponential(let mean):
      table = (0...count).map {
        let p = min(max(Double($0) / Double(count), 0.0001), 0.9999)
        return Int64(-Double(mean.nanoseconds) * Elementary.log(1 - p))
      }
    case .lognormal(let median, let p99):
      precondition(
        median > .zero && p99 >= median, "lognormal needs 0 < median <= p99: \(median) \(p99)")
      let mu = Elementary.log(Double(median.nanoseconds))
      let sigma = (Elementary.log(Double(p99.nanoseconds)) - mu) / Elementary.normalQuantile(0.99)
      table = Self.normalQuantiles.map { Int64(Elementary.exp(mu + sigma * $0)) }
    }
  }

  /// Quantiles of the standard normal at i / count, the ends drawn in to 0.0001 and 0.9999:
  /// computed once, since every lognormal needs the same.
  private static let normalQuantiles: [Double] = {
    let count = 1 << Int(tableBits)
    var upper: [Double] = []
    var last = 0.0
    for index in (count / 2)...count {
      last = Elementary.normalQuantile(
        min(Double(index) / Double(count), 0.9999), from: last)
      upper.append(last)
    }
    return upper.dropFirst().reversed().map { -$0 } + upper
  }()

  package static func constant(_ interval: Interval) -> Distribution { .init(.constant(interval)) }

  package func sample(using generator: inout SeededGenerator) -> Interval {
    if case .constant(let interval) = shape { return interval }
    let bits = generator.next()
    let index = Int(bits >> (64 - Self.tableBits))
    let low = table[index]
    let high = table[index + 1]
    let fraction = (bits << Self.tableBits) >> 32
    let width = UInt64(high - low).multipliedFullWidth(by: fraction)
    return Interval(nanoseconds: low + Int64((width.high << 32) | (width.low >> 32)))
  }

  /// The same shape with every time divided, for `--time-scale`.
  package func divided(by divisor: Int64) -> Distribution {
    switch shape {
    case .constant(let value): Distribution(.constant(value / divisor))
    case .uniform(let low, let high): Distribution(.uniform(low / divisor, high / divisor))
    case .exponential(let mean): Distribution(.exponential(mean: mean / divisor))
    case .lognormal(let median, let p99):
      Distribution(
        .lognormal(
          median: max(.nanoseconds(1), median / divisor), p99: max(.nanoseconds(1), p99 / divisor)))
    }
  }
}

extension Distribution {
  /// The mean of what lies beyond a limit, counted from the limit: the integral of the chance that
  /// a time is longer than `u`, from the limit on. Beyond zero it is the mean itself.
  ///
  /// - Returns: nanoseconds.
  package func meanExcess(over limit: Interval) -> Double {
    guard !table.isEmpty else {
      guard case .constant(let value) = shape else { return 0 }
      return Double(max(0, value.nanoseconds - limit.nanoseconds))
    }
    var sum = 0.0
    for index in table.indices.dropLast() {
      let middle = (Double(table[index]) + Double(table[index + 1])) / 2
      sum += max(0, middle - Double(limit.nanoseconds))
    }
    return sum / Double(table.count - 1)
  }

  package var mean: Interval { Interval(nanoseconds: Int64(meanExcess(over: .zero))) }

  /// No sample is longer.
  package var most: Interval {
    if case .constant(let value) = shape { return value }
    return Interval(nanoseconds: table.last ?? 0)
  }
}

extension Distribution: CustomStringConvertible {
  /// As a scenario spells it.
  package var description: String {
    switch shape {
    case .constant(let value): "\(value)"
    case .uniform(let low, let high): "uniform \(low) \(high)"
    case .exponential(let mean): "exponential \(mean)"
    case .lognormal(let median, let p99): "lognormal \(median) p99 \(p99)"
    }
  }
}

/// The three functions that the tables need, from operations that are exact to the bit
/// everywhere. A libm may differ in the last place from another, and one nanosecond of
/// difference would change a run.
enum Elementary {
  static let ln2 = 0.693_147_180_559_945_3

  static func exp(_ x: Double) -> Double {
    let k = (x / ln2).rounded()
    let r = x - k * ln2
    var term = 1.0
    var sum = 1.0
    for i in 1...20 {
      term *= r / Double(i)
      sum += term
    }
    return Double(sign: .plus, exponent: Int(k), significand: sum)
  }

  static func log(_ x: Double) -> Double {
    precondition(x > 0, "logarithm of \(x)")
    // x = m · 2^e with m near 1; log m = 2 artanh((m − 1) / (m + 1)).
    var m = x.significand
    var e = Int(x.exponent)
    if m > 1.414_213_562_373_095 {
      m /= 2
      e += 1
    }
    let y = (m - 1) / (m + 1)
    let y2 = y * y
    var power = y
    var sum = 0.0
    for i in 0..<24 {
      sum += power / Double(2 * i + 1)
      power *= y2
    }
    return 2 * sum + Double(e) * ln2
  }

  /// The value below which a standard normal falls with probability p, 0.5 or more: Newton's steps
  /// from a lower value, which climb to it without passing it, since there the distribution
  /// function is concave (its series: Abramowitz and Stegun, 26.2.11).
  static func normalQuantile(_ p: Double, from start: Double = 0) -> Double {
    precondition(p >= 0.5 && p < 1 && start >= 0, "quantile of \(p) from \(start)")
    var x = start
    for _ in 0..<64 {
      let density = exp(-x * x / 2) / rootOfTwoPi
      let step = (p - normalDistribution(x)) / density
      if step <= 1e-15 { break }
      x += step
    }
    return x
  }

  private static let rootOfTwoPi = 2.506_628_274_631_000_5

  private static func normalDistribution(_ x: Double) -> Double {
    var term = x
    var sum = x
    var i = 3.0
    while abs(term) > 1e-17 && i < 400 {
      term *= x * x / i
      sum += term
      i += 2
    }
    return 0.5 + sum * exp(-x * x / 2) / rootOfTwoPi
  }
}

extension Distribution {
  /// The time to the next event of a Poisson process, without a table: the mean may differ from
  /// call to call.
  package static func exponentialStep(
    mean: Interval, using generator: inout SeededGenerator
  ) -> Interval {
    // 53 random bits, never 0.
    let uniform = (Double(generator.next() >> 11) + 1) / 9_007_199_254_740_992
    return Interval(nanoseconds: Int64(-Double(mean.nanoseconds) * Elementary.log(uniform)))
  }
}
