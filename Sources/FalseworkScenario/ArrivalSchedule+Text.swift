// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkLoad

extension ArrivalSchedule {
  /// What a scenario may write for a stage.
  package static let grammar =
    "'1m at 100/s', '30s to 500/s', '30s from 100/s to 500/s' or '5m from 100/s to 500/s in 5 steps'"

  private static let mostSteps = 1_000

  /// Reads the phrase of a stage, which may be several stages in the end. Nil if it is none.
  ///
  /// - Parameter last: the rate of the stage before, as the time from one to the next.
  package static func stages(parsing text: String, after last: Interval) -> [Stage]? {
    var words = text.split(separator: " ").map(String.init)[...]
    guard let first = words.popFirst(), let length = try? Interval(parsing: first),
      length >= .milliseconds(1), length <= ScenarioParser.longestDuration
    else { return nil }
    if words.first == "at" {
      guard words.count == 2, let every = every(words[words.endIndex - 1]) else { return nil }
      return [Stage(length: length, from: every, to: every)]
    }
    var from = last
    if words.first == "from" {
      guard words.count >= 2, let every = every(words[words.startIndex + 1]) else { return nil }
      from = every
      words = words.dropFirst(2)
    }
    guard words.count >= 2, words.popFirst() == "to", let end = words.popFirst(),
      let to = every(end)
    else { return nil }
    if words.isEmpty { return [Stage(length: length, from: from, to: to)] }
    guard words.count == 3, words.popFirst() == "in", words.last == "steps",
      let steps = words.first.flatMap({ Int($0) }), (2...mostSteps).contains(steps)
    else { return nil }
    return stairs(length, from, to, steps)
  }

  /// A rate, or `0/s`.
  private static func every(_ text: String) -> Interval? {
    text == "0/s" ? .forever : Interval(parsingRate: text)
  }

  /// Steps of one length, whose rates lie evenly from the first to the last.
  private static func stairs(
    _ length: Interval, _ first: Interval, _ last: Interval, _ steps: Int
  ) -> [Stage] {
    func rate(_ every: Interval) -> Double {
      every == .forever ? 0 : 1e9 / Double(every.nanoseconds)
    }
    return (0..<steps).map { step in
      let share = Double(step) / Double(steps - 1)
      let rate = rate(first) + (rate(last) - rate(first)) * share
      let every = rate > 0 ? Interval(nanoseconds: Int64(1e9 / rate + 0.5)) : .forever
      return Stage(length: length / Int64(steps), from: every, to: every)
    }
  }
}

extension Interval {
  /// Reads `50/s`, `0.5/s`, `3000/m` or `1/h` as the time from one to the next; nil if it is no rate
  /// or beyond 1,000,000/s.
  package init?(parsingRate text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let units: [Substring: Interval] = [
      "s": .seconds(1), "m": .seconds(60), "h": .seconds(3_600),
    ]
    guard parts.count == 2, let unit = units[parts[1]], let millionths = Self.millionths(parts[0]),
      millionths > 0
    else { return nil }
    // In steps that cannot overflow: a unit is at most 3.6e12 ns, a millionth part of it 3.6e6.
    let every =
      unit.nanoseconds / millionths * 1_000_000
      + unit.nanoseconds % millionths * 1_000_000 / millionths
    guard every >= 1_000, every <= ScenarioParser.longestDuration.nanoseconds else { return nil }
    self.init(nanoseconds: every)
  }

  /// `12.5` as 12,500,000.
  private static func millionths(_ text: Substring) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let digits = parts.allSatisfy { part in
      (1...9).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
    guard digits, parts.count <= 2, let whole = Int64(parts[0]) else { return nil }
    guard parts.count == 2 else { return whole * 1_000_000 }
    guard parts[1].utf8.count <= 6, var fraction = Int64(parts[1]) else { return nil }
    for _ in parts[1].utf8.count..<6 { fraction *= 10 }
    return whole * 1_000_000 + fraction
  }
}
