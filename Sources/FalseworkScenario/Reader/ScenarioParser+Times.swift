// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkRotation

/// Durations, distributions, rates and phrases about time.
extension ScenarioParser {
  static let duration = "a duration such as 500ms or 12s"

  /// No duration of a scenario is longer, so that no sum of them overflows.
  static let longestDuration = Interval.seconds(366 * 86_400)

  mutating func interval(_ field: Field, from least: Interval = .zero) -> Interval? {
    guard let text = word(field, Self.duration) else { return nil }
    return interval(field, text, from: least, expected: Self.duration)
  }

  mutating func interval(
    _ key: String, of section: Section, from least: Interval = .zero
  ) -> Interval? {
    field(key, of: section).flatMap { interval($0, from: least) }
  }

  mutating func interval(
    _ field: Field, _ text: String, from least: Interval, expected: String
  ) -> Interval? {
    do {
      let interval = try Interval(parsing: text)
      guard interval <= Self.longestDuration else {
        report(field, expected: "a duration of at most 366d")
        return nil
      }
      guard interval >= least else {
        report(field, expected: "a duration of at least \(least)")
        return nil
      }
      return interval
    } catch .missingUnit {
      report(field, expected: "a duration with a unit: us, ms, s, m, h or d", nearest: text + "s")
    } catch .compound {
      report(field, expected: "one number and one unit, such as 90s")
    } catch .overflow {
      report(field, expected: "a duration of at most 366d")
    } catch {
      report(field, expected: expected)
    }
    return nil
  }

  mutating func distribution(_ key: String, of section: Section) -> Distribution? {
    field(key, of: section).flatMap { distribution($0) }
  }

  mutating func distribution(_ field: Field) -> Distribution? {
    guard let text = word(field, Distribution.grammar) else { return nil }
    if let distribution = Distribution(parsing: text) { return distribution }
    // One word is a duration that is not one: its own message is better.
    if text.split(separator: " ").count == 1, text.first?.isNumber == true {
      if interval(field, text, from: .zero, expected: Distribution.grammar) != nil {
        report(field, expected: "a duration of at most \(Distribution.longest)")
      }
    } else {
      let first = String(text.prefix { $0 != " " })
      let shapes = ["uniform", "exponential", "lognormal", "instant"]
      report(
        field, expected: Distribution.grammar,
        nearest: shapes.contains(first) ? nil : nearestWord(to: first, among: shapes))
    }
    return nil
  }

  /// `50/s`, `0.5/s`, `3000/m` or `1/h`, as the time from one to the next.
  mutating func rate(_ key: String, of section: Section) -> Interval? {
    field(key, of: section).flatMap { rate($0) }
  }

  mutating func rate(_ field: Field) -> Interval? {
    let kind = "a rate such as 50/s, 0.5/s or 3000/m, at most 1000000/s"
    guard let text = word(field, kind) else { return nil }
    guard let every = Interval(parsingRate: text) else {
      report(field, expected: kind)
      return nil
    }
    return every
  }

  // MARK: Phrases

  /// `5m`, `until the rotation ends, plus 10s`, or `{until: rotation, plus: 10s}`.
  mutating func length(_ field: Field) -> Scenario.Length? {
    if case .mapping = field.node.content {
      guard let section = section("duration", field) else { return nil }
      let until = require("until", of: section).flatMap { choice($0, [("rotation", true)]) }
      let plus = interval("plus", of: section)
      return until.map { _ in .untilRotationEnds(plus: plus ?? .zero) }
    }
    let kind = "a duration such as 5m, or 'until the rotation ends, plus 10s'"
    guard let text = word(field, kind) else { return nil }
    let words = Self.words(text)
    guard words.first == "until" else {
      guard let interval = interval(field, text, from: .milliseconds(1), expected: kind) else {
        return nil
      }
      guard interval <= Scenario.Length.longest else {
        report(field, expected: "a duration of at most \(Scenario.Length.longest)")
        return nil
      }
      return .fixed(interval)
    }
    let phrase = words.dropFirst().filter { $0 != "the" }
    if phrase == ["rotation", "ends"] { return .untilRotationEnds(plus: .zero) }
    guard phrase.count == 4, phrase.prefix(3) == ["rotation", "ends", "plus"] else {
      report(field, expected: kind)
      return nil
    }
    return interval(field, phrase[3], from: .zero, expected: kind).map {
      .untilRotationEnds(plus: $0)
    }
  }

  /// `5s`, or `until idle, at most 30s`.
  mutating func wait(_ field: Field) -> RotationPlan.Wait? {
    let kind = "a duration such as 5s, or 'until idle, at most 30s'"
    guard let text = word(field, kind) else { return nil }
    let words = Self.words(text)
    guard words.first == "until" else {
      return interval(field, text, from: .zero, expected: kind).map { .fixed($0) }
    }
    guard words.count == 5, words.prefix(4) == ["until", "idle", "at", "most"] else {
      report(field, expected: kind)
      return nil
    }
    return interval(field, words[4], from: .zero, expected: kind).map { .untilIdle(cap: $0) }
  }

  private static func words(_ text: String) -> [String] {
    text.split { $0 == " " || $0 == "," }.map(String.init)
  }
}
