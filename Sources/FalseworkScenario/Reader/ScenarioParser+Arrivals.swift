// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad

/// When journeys begin.
extension ScenarioParser {
  private static let models = ["users", "rate", "stages", "replay"]

  mutating func model(_ section: Section, _ tasks: [LoadTask], _ load: Load) -> LoadPlan.Model? {
    let users = count("users", of: section, in: 1...100_000)
    let spawnEvery = field("spawn-rate", of: section).flatMap { field in
      Self.isAtOnce(field) ? Interval.zero : rate("spawn-rate", of: section)
    }
    let wait = field("wait", of: section).flatMap { userWait($0) }
    let every = rate("rate", of: section)
    let arrivals: LoadPlan.Arrivals = choice("arrivals", of: section) ?? .even
    let limit = count("limit", of: section, in: 1...100_000) ?? 10_000
    let stages = field("stages", of: section).flatMap { self.stages($0) }
    let recorded = field("replay", of: section).flatMap { replay($0, tasks, load) }
    guard requireOne(of: Self.models, in: section) else { return nil }
    if let users {
      return .closed(users: users, spawnEvery: spawnEvery ?? .zero, wait: wait ?? .constant(.zero))
    }
    if let every { return .open(every: every, arrivals: arrivals, limit: limit) }
    if let stages { return .scheduled(.stages(stages, arrivals), limit: limit) }
    return recorded.map { .scheduled(.recorded($0), limit: limit) }
  }

  private static func isAtOnce(_ field: Field) -> Bool {
    guard case .scalar(let text, _) = field.node.content else { return false }
    return text == "at once"
  }

  /// A pause after each journey, or `pacing 2s` or `throughput 5/s`: the time from the begin of one
  /// to that of the next.
  private mutating func userWait(_ field: Field) -> LoadPlan.Wait? {
    let kind = "\(Distribution.grammar), 'pacing 1s' or 'throughput 2/s'"
    guard let text = word(field, kind) else { return nil }
    let words = text.split(separator: " ").map(String.init)
    guard let first = words.first, ["pacing", "throughput"].contains(first) else {
      return distribution(field).map { .pause($0) }
    }
    guard words.count == 2 else {
      report(field, expected: kind)
      return nil
    }
    let value = Field(
      path: field.path,
      node: LocatedNode(content: .scalar(words[1], .plain), origin: field.node.origin))
    let every = first == "pacing" ? interval(value, from: .nanoseconds(1)) : rate(value)
    return every.map { .pacing($0) }
  }

  private mutating func stages(_ field: Field) -> [ArrivalSchedule.Stage]? {
    guard let fields = list(field, of: "stages") else { return nil }
    if fields.isEmpty { report(field, found: "an empty list", expected: "one stage at least") }
    var last = Interval.forever
    var stages: [ArrivalSchedule.Stage] = []
    for field in fields {
      guard let text = word(field, ArrivalSchedule.grammar) else { continue }
      guard let more = ArrivalSchedule.stages(parsing: text, after: last) else {
        report(field, expected: ArrivalSchedule.grammar)
        continue
      }
      stages += more
      last = more.last?.to ?? last
    }
    guard stages.contains(where: { $0.from != .forever || $0.to != .forever }) else {
      if !stages.isEmpty { report(field, found: "no arrivals", expected: "a rate above 0/s") }
      return nil
    }
    return stages
  }

  // MARK: Replay

  private static let mostArrivals = 10_000_000

  /// A line for each arrival: its time in seconds, or as a duration, and, if wanted, its task.
  /// The first is the begin.
  private mutating func replay(
    _ field: Field, _ tasks: [LoadTask], _ load: Load
  ) -> [ArrivalSchedule.Arrival]? {
    guard let name = word(field, "the path of a list of arrivals") else { return nil }
    let path = Self.path(name, from: file)
    let bytes: [UInt8]
    do {
      bytes = try load(path)
    } catch {
      report(field, found: "'\(path)': \(error.reason)", expected: "a list of arrivals")
      return nil
    }
    var arrivals: [ArrivalSchedule.Arrival] = []
    var first: Interval?
    for (number, line) in String(decoding: bytes, as: UTF8.self)
      .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
    {
      let words = line.split { $0 == " " || $0 == "," || $0 == "\t" }.map(String.init)
      guard let time = words.first, !time.hasPrefix("#") else { continue }
      let origin = Origin(file: path, line: number + 1, column: 1)
      guard let at = Self.seconds(time) else {
        report(field.path, origin, found: "'\(time)'", expected: "a time such as 0.015 or 15ms")
        return nil
      }
      let begin = first ?? at
      first = begin
      guard at - begin >= arrivals.last?.at ?? .zero else {
        report(
          field.path, origin, found: "'\(time)' after a later time", expected: "times in order")
        return nil
      }
      let task = words.count > 1 ? tasks.firstIndex { $0.name == words[1] } : nil
      if words.count > 1, task == nil {
        let names = tasks.map(\.name)
        report(
          field.path, origin, found: "'\(words[1])'", expected: Self.choice(names),
          nearest: nearestWord(to: words[1], among: names))
        return nil
      }
      arrivals.append(ArrivalSchedule.Arrival(at: at - begin, task: task))
      guard arrivals.count <= Self.mostArrivals else {
        report(field, found: "more than \(Self.mostArrivals) arrivals", expected: "fewer")
        return nil
      }
    }
    guard !arrivals.isEmpty else {
      report(field, found: "no arrivals in '\(path)'", expected: "a line for each")
      return nil
    }
    return arrivals
  }

  /// `1700000000.015` or `15ms`.
  private static func seconds(_ text: String) -> Interval? {
    if let interval = try? Interval(parsing: text) { return interval }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), (1...10).contains(parts[0].utf8.count),
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let whole = Int64(parts[0]), whole < 4_000_000_000
    else { return nil }
    var fraction: Int64 = 0
    let digits = parts.count == 2 ? Array(parts[1].utf8.prefix(9)) : []
    for index in 0..<9 {
      fraction = fraction * 10 + (index < digits.count ? Int64(digits[index] - 0x30) : 0)
    }
    return Interval(nanoseconds: whole * 1_000_000_000 + fraction)
  }
}
