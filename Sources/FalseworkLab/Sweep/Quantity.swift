// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// A value of a scenario that can be counted along: a duration, a count, a percentage or a rate.
package struct Quantity: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case duration
    case count
    case percentage
    /// For each second, minute or hour.
    case rate(Character)
  }

  package var kind: Kind
  /// Nanoseconds for a duration, else the number that stands there.
  package var amount: Int64

  init(kind: Kind, amount: Int64) {
    self.kind = kind
    self.amount = amount
  }

  /// Nil for what is a word.
  package init?(parsing text: Substring) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits) else { return nil }
    switch text.dropFirst(digits.count) {
    case "": self.init(kind: .count, amount: number)
    case "%": self.init(kind: .percentage, amount: number)
    case "/s", "/m", "/h": self.init(kind: .rate(text.last!), amount: number)
    default:
      do throws(Interval.SyntaxError) {
        self.init(kind: .duration, amount: try Interval(parsing: text).nanoseconds)
      } catch {
        return nil
      }
    }
  }

  /// As a scenario spells it.
  package var text: String {
    switch kind {
    case .duration: "\(Interval(nanoseconds: amount))"
    case .count: "\(amount)"
    case .percentage: "\(amount)%"
    case .rate(let unit): "\(amount)/\(unit)"
    }
  }
}
