// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkKeystone
package import FalseworkLoad
import FalseworkProxy
import FalseworkRotation

/// Gathers the events of a run into its result.
///
/// It is fed while the run goes on and can be asked for its progress at any time. A success costs a
/// few histograms and one entry in a table that is used again; no memory is asked for it, unless
/// requests are kept. Why a request failed is found out at the end, when everything about it is known.
///
/// The world tells the first phase of every node and the first belief of every server when the run
/// begins: what was never told is reported as unknown.
package struct RunCollector: Sendable {
  package struct Options: Equatable, Sendable {
    /// Requests that are kept one by one, for `requests.csv`; 0 keeps none.
    package var requestLimit: Int
    /// Seconds that "recent" means in a progress report; 0 if none is wanted.
    package var recentSeconds: Int
    /// Changes that are kept of each node and each server, and notices.
    package var timelineLimit: Int
    /// Requests that may be in flight between load and proxy.
    package var joinLimit: Int
    /// Whether the result has every histogram, so that results can be added up.
    package var keepsHistograms: Bool
    /// Whether the disruption is measured for each server of the proxy as well: each request then
    /// waits for what the proxy tells of it.
    package var measuresServers: Bool
    /// What is written while the run goes on; somebody has to take it out (`drain`).
    package var streams: [RunStreams.Stream] = []

    package init(
      requestLimit: Int, recentSeconds: Int, timelineLimit: Int, joinLimit: Int,
      keepsHistograms: Bool, measuresServers: Bool
    ) {
      self.requestLimit = requestLimit
      self.recentSeconds = recentSeconds
      self.timelineLimit = timelineLimit
      self.joinLimit = joinLimit
      self.keepsHistograms = keepsHistograms
      self.measuresServers = measuresServers
    }

    /// A run whose figures are wanted and nothing else: what a sweep does thousands of times.
    package static let figures = Options(
      requestLimit: 0, recentSeconds: 0, timelineLimit: 100_000, joinLimit: 32_768,
      keepsHistograms: false, measuresServers: false)
    /// A run that a person watches, with every request on file: 80 MB for a million.
    package static let everything = Options(
      requestLimit: 1_000_000, recentSeconds: 5, timelineLimit: 100_000, joinLimit: 32_768,
      keepsHistograms: true, measuresServers: true)
  }

  package let description: RunDescription
  package private(set) var statistics: LoadStatistics
  private(set) var begin: Instant
  private(set) var recent: RecentTimes?
  private(set) var nodes: [Timeline<NodeState>]
  private(set) var beliefs: [Timeline<Belief>]
  private(set) var marks: [Mark] = []
  private(set) var notices: [RunResult.TimedNotice] = []
  private(set) var noticesNotKept = 0
  /// For each failure that the statistics keep, what the proxy saw of it.
  private(set) var sights: [ProxySight?] = []
  private(set) var rows: [RequestRow] = []
  private(set) var rowsNotKept = 0
  private(set) var requestsByServer: [Int]
  /// Requests that found no port or descriptor.
  private(set) var withoutResources = 0
  private(set) var disruption: DisruptionRecord
  private(set) var tally: LoadTally?
  private var streams: RunStreams?
  /// Nil without a proxy that tells what it saw.
  private var join: SightJoin?
  let options: Options

  /// - Parameter begin: when the load begins.
  package init(_ description: RunDescription, options: Options, begin: Instant) {
    self.description = description
    self.options = options
    self.begin = begin
    statistics = LoadStatistics(plan: description.plan, begin: begin)
    recent = options.recentSeconds > 0 ? RecentTimes(seconds: options.recentSeconds) : nil
    nodes = description.nodes.map { _ in Timeline(limit: options.timelineLimit) }
    beliefs = description.servers.map { _ in Timeline(limit: options.timelineLimit) }
    requestsByServer = description.servers.map { _ in 0 }
    disruption = DisruptionRecord(description, rows: statistics.rows.count, begin: begin)
    if options.keepsHistograms || !options.streams.isEmpty {
      tally = LoadTally(rows: statistics.rows.count, begin: begin)
    }
    if !options.streams.isEmpty {
      streams = RunStreams(
        options.streams, description, rows: statistics.rows, begin: begin)
    }
    join = description.hasProxy ? SightJoin(limit: options.joinLimit) : nil
  }

  package mutating func record(_ event: RunEvent) {
    switch event {
    case .request(let outcome): ended(outcome)
    case .proxied(let record): proxied(record)
    case .node(let node, let phase, let release, let at):
      nodes[node.index].record(NodeState(phase: phase, release: release), at: at)
    case .believed(let server, let belief, let at):
      beliefs[server.index].record(belief, at: at)
    case .noticed(let notice, let at):
      if notices.count < options.timelineLimit {
        notices.append(RunResult.TimedNotice(at: at, notice: notice))
      } else {
        noticesNotKept += 1
      }
    case .mark(let mark):
      marks.append(mark)
      disruption.record(mark)
    }
  }

  /// Ends the intervals that are over, and gives what the streams came to since it was asked last.
  package mutating func drain(at now: Instant) -> [RunStreams.Chunk] {
    guard let tally else { return [] }
    streams?.advance(to: now, statistics.rows, tally)
    return streams?.drain() ?? []
  }

  /// The rest of the streams, when the load has ended.
  package mutating func drainRest(at now: Instant) -> [RunStreams.Chunk] {
    guard let tally else { return [] }
    streams?.end(at: now, statistics.rows, tally)
    return streams?.drain() ?? []
  }

  /// A request of the load has ended: the same as its event.
  package mutating func ended(_ outcome: Outcome) {
    let place = statistics.place(of: outcome)
    if let tally {
      streams?.record(outcome, row: place, before: statistics.rows, tally)
    }
    let failuresBefore = statistics.failures.count
    statistics.record(outcome)
    recent?.record(outcome, begin: begin)
    tally?.record(outcome, row: place)
    disruption.record(
      outcome, row: place,
      isAuthentication: description.plan.isAuthentication(outcome))
    if outcome.verdict == .resources { withoutResources += 1 }
    let row = keepRow(outcome)
    let isKept = statistics.failures.count > failuresBefore
    let failure = isKept ? failuresBefore : nil
    let sight = join?.ended(
      outcome, failure: failure, row: row, waits: options.measuresServers)
    if options.measuresServers, let server = sight?.server {
      disruption.record(outcome, server: server)
    }
    if isKept { sights.append(sight) }
    if let row {
      if isKept { rows[row].failure = Int32(failuresBefore) }
      if let server = sight?.server { rows[row].server = Int32(server.index) }
    }
  }

  private mutating func keepRow(_ outcome: Outcome) -> Int? {
    guard options.requestLimit > 0 else { return nil }
    guard rows.count < options.requestLimit else {
      rowsNotKept += 1
      return nil
    }
    rows.append(RequestRow(outcome))
    return rows.count - 1
  }

  private mutating func proxied(_ record: LogRecord) {
    if let server = record.server { requestsByServer[server.index] += 1 }
    let sight = ProxySight(record)
    guard let waiting = join?.proxied(sight, port: record.client.port) else { return }
    if let failure = waiting.failure { sights[failure] = sight }
    guard let server = sight.server else { return }
    if let row = waiting.row { rows[row].server = Int32(server.index) }
    if options.measuresServers { disruption.record(waiting.outcome, server: server) }
  }
}
