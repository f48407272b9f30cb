// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation

/// A figure by which runs of one scenario can be compared.
package struct ComparedFigure: Hashable, Sendable {
  package enum Group: Int, CaseIterable, Sendable {
    case control, outcome, seen, cause, attempts, latency

    package var title: String {
      switch self {
      case .control: "Control events"
      case .outcome: "Outcome"
      case .seen: "Failures as clients saw them"
      case .cause: "Failures by cause"
      case .attempts: "Requests by server"
      case .latency: "Latency of successes"
      }
    }
  }

  package enum Unit: Sendable {
    /// One that a run does not have is 0.
    case count
    /// Nanoseconds. One that a run does not have is not known.
    case time
  }

  package var group: Group
  package var name: String
  package var unit: Unit

  package init(_ group: Group, _ name: String, _ unit: Unit) {
    self.group = group
    self.name = name
    self.unit = unit
  }

  package func text(_ value: Int64) -> String {
    switch unit {
    case .count: return Figures.count(Int(value))
    case .time:
      let interval = Interval.nanoseconds(value)
      return group == .control ? interval.secondsText(decimals: 2) + " s" : Figures.length(interval)
    }
  }
}

/// All that is compared of one run.
package struct ComparedFigures: Equatable, Sendable {
  package private(set) var values: [ComparedFigure: Int64] = [:]
  /// The figures in the order in which they are reported.
  package private(set) var order: [ComparedFigure] = []
  /// What rotation and proxy did, in the order in which it happened; empty if that is not known.
  package var sequence: [String] = []
  /// The load was late or had no ports: times say nothing.
  package var isVoid = false

  /// Control events beyond these are not compared: of a day with three hundred nodes the first
  /// hours tell the same.
  static let eventLimit = 200

  package init() {}

  package mutating func set(_ figure: ComparedFigure, _ value: Int64) {
    if values.updateValue(value, forKey: figure) == nil { order.append(figure) }
  }

  package init(_ result: RunResult) {
    isVoid = !result.voidReasons.isEmpty
    setControl(result)
    set(ComparedFigure(.outcome, "requests", .count), Int64(result.total.requests))
    set(ComparedFigure(.outcome, "failures", .count), Int64(result.total.failures))
    set(ComparedFigure(.outcome, "lost journeys", .count), Int64(result.lostJourneys))
    if result.total.response != nil {
      set(ComparedFigure(.outcome, "longest gap", .time), result.longestGap.length.nanoseconds)
    }
    if let rotation = result.rotation {
      set(ComparedFigure(.outcome, "rotation", .time), rotation.length.nanoseconds)
    }
    for group in result.causes {
      for seen in group.seen { add(.seen, "\(seen.step): \(seen.verdict)", seen.count) }
      let node = group.cause.node.map { " by \(result.description.name(of: $0))" } ?? ""
      add(.cause, group.cause.kind.rawValue + node, group.count)
    }
    for server in result.servers { add(.attempts, server.name, server.requests) }
    setLatency("all", result.total.response)
    if let longest = result.total.response?.longest {
      set(ComparedFigure(.latency, "longest", .time), longest.nanoseconds)
    }
    for row in result.rows { setLatency(row.name, row.response) }
  }

  private mutating func add(_ group: ComparedFigure.Group, _ name: String, _ count: Int) {
    let figure = ComparedFigure(group, name, .count)
    set(figure, (values[figure] ?? 0) + Int64(count))
  }

  private mutating func setLatency(_ name: String, _ times: RunResult.Times?) {
    guard let times else { return }
    set(ComparedFigure(.latency, "p50 \(name)", .time), times.median.nanoseconds)
    set(ComparedFigure(.latency, "p99 \(name)", .time), times.p99.nanoseconds)
  }

  private mutating func setControl(_ result: RunResult) {
    var events: [(at: Instant, what: String)] = result.marks.map { mark in
      let node = mark.node.map { result.description.name(of: $0) + " " } ?? ""
      return (mark.at, node + mark.step.label)
    }
    for server in result.servers {
      var last: BeliefWord?
      for entry in server.timeline.entries {
        let word = BeliefWord(entry.state)
        defer { last = word }
        guard let last, last != word else { continue }
        events.append((entry.at, "proxy: \(server.name) \(word.rawValue)"))
      }
    }
    let sorted = events.enumerated().sorted {
      ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
    }
    var seen: [String: Int] = [:]
    for (_, event) in sorted.prefix(Self.eventLimit) {
      let count = (seen[event.what] ?? 0) + 1
      seen[event.what] = count
      let name = count == 1 ? event.what : "\(event.what) (\(count))"
      set(ComparedFigure(.control, name, .time), (event.at - .start).nanoseconds)
      sequence.append(name)
    }
  }
}
