// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkScenario

extension RunCollector {
  /// The result of the run. The collector itself stays as it is, so that a run can be looked at in its
  /// middle.
  ///
  /// - Parameters:
  ///   - now: when the load ended.
  ///   - inFlight: requests that never ended, since the run was cut off.
  ///   - proxyCounters: figures of the proxy, by name.
  package func finish(
    at now: Instant, how: RunEnd, inFlight: Int, proxyCounters: [String: Int64]
  ) -> RunResult {
    result(at: now, how: how, inFlight: inFlight, proxyCounters: proxyCounters, isRough: false)
  }

  /// - Parameter isRough: only figures are wanted, and soon: failures get no causes, histograms no
  ///   text.
  func result(
    at now: Instant, how: RunEnd, inFlight: Int, proxyCounters: [String: Int64], isRough: Bool
  ) -> RunResult {
    var statistics = statistics
    statistics.end(at: now)
    let failures = isRough ? [] : attributed(statistics.failures)
    let keepsHistograms = options.keepsHistograms && !isRough
    let total = row(statistics.total, keepsHistograms)
    let voidReasons = voidReasons(statistics)
    var result = RunResult(
      description: description, begin: begin, end: now, how: how, verdict: .held,
      rows: statistics.rows.map { row($0, keepsHistograms) }, total: total, inFlight: inFlight,
      lostJourneys: statistics.lostJourneys, longestGap: statistics.longestGap,
      disruption: disruption.disruption(
        end: now, rows: statistics.rows.map(\.name), marks: marks, description),
      tally: tally,
      causes: CauseGrouping(description).groups(failures, notKept: statistics.failuresNotKept),
      failures: failures, failuresNotKept: statistics.failuresNotKept,
      silent: description.hasProxy ? failures.count { $0.isSilent == true } : nil,
      seconds: statistics.seconds,
      nodes: zip(description.nodes, nodes).map { RunResult.Node(name: $0, timeline: $1) },
      servers: description.servers.indices.map { index in
        RunResult.Server(
          name: description.servers[index].name, node: description.servers[index].node,
          requests: requestsByServer[index], timeline: beliefs[index])
      },
      marks: marks, notices: notices, noticesNotKept: noticesNotKept,
      proxyCounters: proxyCounters, thresholds: [],
      lateness: times(statistics.lateness, keepsHistograms), voidReasons: voidReasons,
      requests: isRough ? [] : rows, requestsNotKept: rowsNotKept)
    result.thresholds = description.thresholds.map {
      ThresholdResult($0, result.measured($0.figure, of: $0.part))
    }
    result.verdict = Verdict(
      end: how, isVoid: !voidReasons.isEmpty,
      thresholdsHeld: result.thresholds.allSatisfy(\.held))
    return result
  }

  private func row(_ row: LoadStatistics.Row, _ keepsHistograms: Bool) -> RunResult.Row {
    RunResult.Row(
      name: row.name, requests: row.requests, failures: row.failures,
      response: times(row.response, keepsHistograms), service: times(row.service, keepsHistograms),
      failed: times(row.failed, keepsHistograms))
  }

  private func times(
    _ times: LoadStatistics.Times, _ keepsHistogram: Bool
  ) -> RunResult.Times? {
    RunResult.Times(times, keepsHistogram: keepsHistogram)
  }

  private func attributed(_ outcomes: [Outcome]) -> [Failure] {
    let attribution = Attribution(
      description: description, nodes: nodes, beliefs: beliefs, marks: marks)
    /// For each user the last failure: the number of the request and its journey.
    var last: [Int: (number: Int, journey: Int)] = [:]
    return outcomes.enumerated().map { index, outcome in
      let before = last[outcome.user]
      last[outcome.user] = (outcome.number, outcome.journey)
      return attribution.failure(
        outcome, sights[index],
        because: before?.journey == outcome.journey ? before?.number : nil)
    }
  }

  private func voidReasons(_ statistics: LoadStatistics) -> [RunResult.VoidReason] {
    var reasons: [RunResult.VoidReason] = []
    if let late = statistics.lateness.percentile(99), late > description.latenessLimit {
      reasons.append(.late)
    }
    if withoutResources > 0 { reasons.append(.resources) }
    return reasons
  }
}

/// Sorts failures by their causes.
struct CauseGrouping {
  private let description: RunDescription

  init(_ description: RunDescription) {
    self.description = description
  }

  /// What went wrong by itself comes before what only followed from it, and both before what was
  /// not looked into; then the most frequent first, among equals the one that came first.
  func groups(_ failures: [Failure], notKept: Int) -> [RunResult.CauseGroup] {
    var places: [Cause: Int] = [:]
    var groups: [RunResult.CauseGroup] = []
    for failure in failures {
      let place = places[failure.cause] ?? groups.count
      if place == groups.count {
        places[failure.cause] = place
        groups.append(group(startingWith: failure))
      }
      add(failure, to: &groups[place])
    }
    if notKept > 0 {
      groups.append(
        RunResult.CauseGroup(
          cause: Cause(.notKept), count: notKept, silent: nil, first: nil, last: nil, seen: [],
          example: nil))
    }
    for index in groups.indices {
      groups[index].seen = sorted(groups[index].seen) { $0.count > $1.count }
    }
    return sorted(groups) { (Self.rank($0), -$0.count) < (Self.rank($1), -$1.count) }
  }

  private static func rank(_ group: RunResult.CauseGroup) -> Int {
    group.cause.kind == .notKept ? 2 : group.cause.kind == .noToken ? 1 : 0
  }

  private func group(startingWith failure: Failure) -> RunResult.CauseGroup {
    RunResult.CauseGroup(
      cause: failure.cause, count: 0, silent: description.hasProxy ? 0 : nil,
      first: failure.outcome.done, last: failure.outcome.done, seen: [],
      example: failure.outcome.number)
  }

  private func add(_ failure: Failure, to group: inout RunResult.CauseGroup) {
    group.count += 1
    if failure.isSilent == true { group.silent = (group.silent ?? 0) + 1 }
    group.last = max(group.last ?? failure.outcome.done, failure.outcome.done)
    let step = description.stepName(failure.outcome)
    let verdict = failure.outcome.verdict.label
    if let place = group.seen.firstIndex(where: { $0.step == step && $0.verdict == verdict }) {
      group.seen[place].count += 1
    } else {
      group.seen.append(.init(step: step, verdict: verdict, count: 1))
    }
  }

  /// Equals keep their order, on which the standard library's `sort` makes no promise.
  private func sorted<Element>(
    _ elements: [Element], by precedes: (Element, Element) -> Bool
  ) -> [Element] {
    elements.enumerated().sorted { a, b in
      if precedes(a.element, b.element) { return true }
      if precedes(b.element, a.element) { return false }
      return a.offset < b.offset
    }.map(\.element)
  }
}
