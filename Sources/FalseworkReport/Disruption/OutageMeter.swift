// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import Histogram

/// When a stream of requests was served and when it was not: all of them, those of one task, of one
/// server, of one kind of connection.
///
/// A **wait** is the time up to a success in which no other success came although a request was
/// waiting or had failed. With nothing wrong it is at most the time that one answer takes. The longest
/// waits are kept; at the end those are outages that stand out from all others. In this way a server
/// that hangs is seen although not one request fails, and an idle time is no outage.
///
/// The memory is constant: a small histogram, `outageLimit` waits and `runLimit` runs of bad slots.
struct OutageMeter: Sendable {
  /// Waits beyond a slot that are kept, the longest.
  static let outageLimit = 128
  static let runLimit = 4_096
  /// Kinds of failures that are told apart.
  static let kindLimit = 32
  /// A wait is an outage if it is longer than so many times that which 95 % of all waits keep to. With
  /// chance arrivals one in three million is, if nothing is wrong.
  static let standout: Int64 = 5
  /// Waits from which on it is known what is usual.
  static let leastWaits = 20

  private(set) var requests = 0
  private(set) var failures = 0
  private(set) var kinds: [Disruption.Kind] = []
  private(set) var longest: Disruption.Outage?
  private var badSlots = SlotSet(limit: runLimit)
  private var outages: [Disruption.Outage] = []
  private var waits = Histogram<UInt32>(
    highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .two)
  private var lastSuccess: Instant
  private var lastEnded: Instant
  /// Since the last success: the first that was due and has ended, and the failures.
  private var open: Disruption.Outage?
  private let begin: Instant
  private let slot: Interval
  private let idleLimit: Interval?

  /// - Parameters:
  ///   - slot: the grain of bad time.
  ///   - idleLimit: a failure and what comes so much later are not the same outage; nil if they are.
  ///     A server that is taken out after a failure gets no requests, and is not out for that.
  init(begin: Instant, slot: Interval, idleLimit: Interval?) {
    self.begin = begin
    self.slot = slot
    self.idleLimit = idleLimit
    lastSuccess = begin
    lastEnded = begin
  }

  mutating func record(_ outcome: Outcome) {
    requests += 1
    if let idleLimit, let open, outcome.due - lastEnded > idleLimit {
      close(open, at: lastEnded)
    }
    var wait =
      open ?? Disruption.Outage(from: max(lastSuccess, outcome.due), to: outcome.done)
    wait.from = min(wait.from, max(lastSuccess, outcome.due))
    lastEnded = max(lastEnded, outcome.done)
    guard outcome.verdict.isFailure else {
      let end = max(lastSuccess, outcome.done)
      recordWait(end - wait.from)
      close(wait, at: end)
      lastSuccess = end
      return
    }
    failures += 1
    let label = outcome.verdict.label
    count(label)
    wait.failures += 1
    if wait.failures == 1 { wait.firstKind = label }
    wait.lastKind = label
    open = wait
    badSlots.insert(place(outcome.due))
  }

  /// What it comes to, if the run ends now.
  func scope(_ kind: Disruption.Scope.Kind, _ name: String, end: Instant) -> Disruption.Scope {
    var meter = self
    if let open { meter.close(open, at: idleLimit == nil ? max(end, open.from) : lastEnded) }
    let found = meter.found()
    let bad = meter.bad(found)
    return Disruption.Scope(
      kind: kind, name: name, requests: requests, failures: failures, kinds: kinds,
      longest: meter.longest, outages: found.sorted { $0.from < $1.from },
      badSlots: bad.count, slots: Self.slots(from: begin, to: end, slot))
  }

  /// All slots that were bad, for windows.
  func badSlots(end: Instant) -> SlotSet {
    var meter = self
    if let open { meter.close(open, at: max(end, open.from)) }
    return meter.bad(meter.found())
  }

  static func slots(from begin: Instant, to end: Instant, _ slot: Interval) -> Int {
    Int(((end - begin).nanoseconds + slot.nanoseconds - 1) / slot.nanoseconds)
  }

  private func place(_ instant: Instant) -> Int {
    Int(max(0, (instant - begin).nanoseconds) / slot.nanoseconds)
  }

  private mutating func recordWait(_ wait: Interval) {
    waits.record(UInt64(min(max(0, wait.nanoseconds / 1_000), 3_600_000_000)))
  }

  private mutating func close(_ outage: Disruption.Outage, at instant: Instant) {
    open = nil
    var outage = outage
    outage.to = instant
    if outage.length > (longest?.length ?? .zero) { longest = outage }
    guard outage.length > slot else { return }
    if outages.count < Self.outageLimit { return outages.append(outage) }
    guard let place = outages.indices.min(by: { outages[$0].length < outages[$1].length }),
      outages[place].length < outage.length
    else { return }
    outages[place] = outage
  }

  private mutating func count(_ label: String) {
    if let place = kinds.firstIndex(where: { $0.label == label }) {
      kinds[place].count += 1
    } else if kinds.count < Self.kindLimit {
      kinds.append(Disruption.Kind(label: label, count: 1))
    }
  }

  /// The waits that stand out, and the long ones with failures of a stream that is too short to know
  /// what is usual.
  private func found() -> [Disruption.Outage] {
    let isKnown = waits.totalCount >= Self.leastWaits
    let limit = isKnown ? max(slot, usual(95) * Self.standout) : slot
    return outages.filter { $0.length > limit && (isKnown || $0.failures > 0) }
  }

  private func usual(_ percent: Double) -> Interval {
    .microseconds(Int64(waits.totalCount == 0 ? 0 : waits.valueAtPercentile(percent)))
  }

  /// A slot is bad if a request failed that was due in it, or if more than half of it is in an
  /// outage, less the time that is usual.
  private func bad(_ found: [Disruption.Outage]) -> SlotSet {
    var bad = badSlots
    let half = slot.nanoseconds / 2
    let usual = usual(50)
    for outage in found.sorted(by: { $0.from < $1.from }) {
      let from = (outage.from + usual - begin).nanoseconds
      let to = (outage.to - begin).nanoseconds
      let first = max(0, (from + half) / slot.nanoseconds)
      let last = (to + half) / slot.nanoseconds - 1
      if first <= last { bad.insert(Int(first)...Int(last)) }
    }
    return bad
  }
}
