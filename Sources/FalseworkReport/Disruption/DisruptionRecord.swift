// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation
import Histogram

/// Gathers what `Disruption` tells, request by request, in constant memory.
struct DisruptionRecord: Sendable {
  /// Servers that are looked at by themselves, where answers name them.
  static let serverLimit = 1_024
  /// Slots of the windows: 27 minutes at a tenth of a second, 14 hours at three seconds.
  static let seriesLimit = 16_384
  private static let slot = Interval.milliseconds(100)
  private static let idleLimit = Interval.seconds(1)

  private var total: OutageMeter
  private var tasks: [OutageMeter]
  private var servers: [(name: String, meter: OutageMeter)]
  private var new: OutageMeter
  private var kept: OutageMeter
  private var series: SlotSeries
  private var phases: PhaseRecord
  private let begin: Instant
  private let slot: Interval
  private let idleLimit: Interval

  init(_ description: RunDescription, rows: Int, begin: Instant) {
    let slot = max(.nanoseconds(2), Self.slot / description.timeScale)
    let idleLimit = Self.idleLimit / description.timeScale
    self.begin = begin
    self.slot = slot
    self.idleLimit = idleLimit
    let meter = OutageMeter(begin: begin, slot: slot, idleLimit: nil)
    total = meter
    // Whoever keeps a connection opens none for a while: that is no outage of new ones.
    new = OutageMeter(begin: begin, slot: slot, idleLimit: idleLimit)
    kept = new
    tasks = Array(repeating: meter, count: rows)
    servers = description.servers.map {
      ($0.name, OutageMeter(begin: begin, slot: slot, idleLimit: idleLimit))
    }
    series = SlotSeries(begin: begin, grain: slot, limit: Self.seriesLimit)
    phases = PhaseRecord(begin: begin)
  }

  /// - Parameter row: the place of its task's row.
  mutating func record(_ outcome: Outcome, row: Int, isAuthentication: Bool) {
    total.record(outcome)
    tasks[row].record(outcome)
    if outcome.newConnection { new.record(outcome) } else { kept.record(outcome) }
    series.record(outcome)
    phases.record(outcome, isAuthentication: isAuthentication)
    if let name = outcome.server { record(outcome, server: name) }
  }

  /// The proxy told which server it was.
  mutating func record(_ outcome: Outcome, server: ServerID) {
    servers[server.index].meter.record(outcome)
  }

  private mutating func record(_ outcome: Outcome, server name: String) {
    if let place = servers.firstIndex(where: { $0.name == name }) {
      servers[place].meter.record(outcome)
    } else if servers.count < Self.serverLimit {
      var meter = OutageMeter(begin: begin, slot: slot, idleLimit: idleLimit)
      meter.record(outcome)
      servers.append((name, meter))
    }
  }

  var kinds: [Disruption.Kind] { total.kinds }

  mutating func record(_ mark: Mark) { phases.record(mark) }

  func disruption(
    end: Instant, rows: [String], marks: [Mark], _ description: RunDescription
  ) -> Disruption {
    var scopes = [total.scope(.total, "all", end: end)]
    scopes += zip(rows, tasks).map { $1.scope(.task, $0, end: end) }
    scopes += servers.filter { $0.meter.requests > 0 }.map {
      $0.meter.scope(.server, $0.name, end: end)
    }
    scopes += [("new", new), ("kept", kept)].filter { $0.1.requests > 0 }.map {
      $0.1.scope(.connection, $0.0, end: end)
    }
    let bad = total.badSlots(end: end)
    let naming = StepNaming(marks: marks, description)
    return Disruption(
      slot: slot, windowGrain: series.grain, scopes: scopes,
      phases: phases(naming, bad: bad, end: end),
      windows: naming.steps.map { window($0, bad: bad, end: end) })
  }

  private func phases(_ naming: StepNaming, bad: SlotSet, end: Instant) -> [Disruption.Phase] {
    let all = phases.phases
    return all.indices.map { place in
      let phase = all[place]
      let to = place + 1 < all.count ? all[place + 1].from : max(end, phase.from)
      func time(_ percent: Double) -> Interval? {
        guard let longest = phase.longest, phase.times.totalCount > 0 else { return nil }
        return min(longest, .microseconds(Int64(phase.times.valueAtPercentile(percent))))
      }
      return Disruption.Phase(
        name: naming.phase(place, of: all), from: phase.from, to: to, requests: phase.requests,
        failures: phase.failures, badSlots: badSlots(bad, from: phase.from, to: to),
        median: time(50), p99: time(99), longest: phase.longest, tokens: phase.tokens)
    }
  }

  private func window(
    _ step: StepNaming.Step, bad: SlotSet, end: Instant
  ) -> Disruption.Window {
    let length = step.to - step.from
    func part(_ from: Instant, _ to: Instant) -> Disruption.Window.Part {
      let from = min(max(begin, from), end)
      let to = max(from, min(to, end))
      let sum = series.sum(from: from, to: to)
      let successes = sum.requests - sum.failures
      return Disruption.Window.Part(
        from: from, to: to, requests: sum.requests, failures: sum.failures,
        mean: successes > 0 ? sum.sum / Int64(successes) : nil,
        longest: successes > 0 ? sum.longest : nil, badSlots: badSlots(bad, from: from, to: to))
    }
    return Disruption.Window(
      name: step.name, before: part(step.from - length, step.from),
      during: part(step.from, step.to), after: part(step.to, step.to + length))
  }

  private func badSlots(_ bad: SlotSet, from: Instant, to: Instant) -> Int {
    bad.count(in: SlotSeries.places(from: from, to: to, begin: begin, grain: slot))
  }
}

/// The steps of a rotation, from its marks.
struct StepNaming {
  struct Step: Equatable {
    var name: String
    var from: Instant
    var to: Instant
  }

  /// First the whole rotation, if it began; then each node by its first mark.
  private(set) var steps: [Step] = []
  /// For each batch the nodes that it took.
  private var batches: [Int: [String]] = [:]

  init(marks: [Mark], _ description: RunDescription) {
    guard let first = marks.first, let last = marks.last else { return }
    steps.append(Step(name: "rotation", from: first.at, to: last.at))
    var batch = 0
    for mark in marks {
      if case .batchBegan(let number) = mark.step { batch = number }
      guard let node = mark.node else { continue }
      let name = description.name(of: node)
      if let place = steps.dropFirst().firstIndex(where: { $0.name == name }) {
        steps[place].to = mark.at
      } else {
        steps.append(Step(name: name, from: mark.at, to: mark.at))
        batches[batch, default: []].append(name)
      }
    }
  }

  func phase(_ place: Int, of phases: [PhaseRecord.Phase]) -> String {
    if let batch = phases[place].batch {
      return batches[batch]?.joined(separator: ", ") ?? "batch \(batch)"
    }
    if phases.count == 1 { return "all" }
    return place == 0 ? "before" : place == phases.count - 1 ? "after" : "between"
  }
}
