// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation
package import FalseworkScenario

/// What theory says of a rotation before it is played: a first guess for a search, and a line over
/// the map that the simulation should lie along.
///
/// The symbols: I `inter`, F `fall`, R `rise`, D the wait after telling the proxy, S the service
/// time, λ requests a second, N nodes, b a batch. specs/sweep.md has the formulas, and what they
/// leave out: retries, connections that are kept, and the load's own answer to failures.
package struct AnalyticBound: Equatable, Sendable {
  package var nodes: Int
  package var batches: Int
  /// The proxy is told before a node stops.
  package var tells: Bool
  /// T_d, from the moment that a node refuses until the proxy knows: U(0, I) + (F − 1)·I_f. Absent
  /// without checks.
  package var detection: Interval?
  package var longestDetection: Interval?
  /// T_u, from the moment that a node answers until the proxy knows: U(0, I) + (R − 1)·I_f.
  package var returning: Interval
  /// T_r: from the stop of a node until its socket listens again.
  package var restart: Interval
  /// From listening until it answers: what comes then is held.
  package var loading: Interval
  /// D; zero where nobody is told.
  package var wait: Interval
  /// p + L_max: from this D on, theory loses less than one request in a hundred upgrades; of a node
  /// that fails its checks on purpose F·I_f and so on longer. Absent where nobody is told.
  package var safeWait: Interval?
  /// Requests that are lost, over λ: a mean.
  package var exposure: Interval
  /// λS·N/(N − b) over the workers, in percent; absent if it is not known.
  package var utilisation: Int?
  /// T = ⌈N/b⌉·(D + T_r + loading + T_u + settle).
  package var total: Interval

  /// How far beyond the bound it is: D − (p + L_max) where the proxy is told. Else T_r − T_d: beyond
  /// zero the proxy notices before the node is back, and its tuning has a say.
  package var margin: Interval? {
    if let safeWait { return wait - safeWait }
    return detection.map { restart - $0 }
  }

  /// Nil without a rotation.
  package init?(_ scenario: Scenario) {
    guard let plan = scenario.rotation, !plan.order.isEmpty else { return nil }
    let count = plan.order.count
    nodes = count
    batches = (count + plan.batchSize - 1) / plan.batchSize
    tells = plan.strategy.tells
    let checks = CheckTimes(scenario)
    detection = checks.detection
    longestDetection = checks.longestDetection
    let life = scenario.cluster.lifecycle
    let exit = plan.signal == .kill ? life.killed : life.gone
    restart = exit.mean + plan.down + life.listens.mean
    loading = life.loads.mean
    let load = LoadTimes(scenario)
    utilisation = load.rate.flatMap { rate in
      let workers = scenario.cluster.service.workers
      let left = count - plan.batchSize
      guard workers > 0, left > 0 else { return nil }
      return Int((100 * rate * load.mean / Double(workers * left)).rounded())
    }
    if plan.strategy == .failCheck, let mean = checks.detection, let most = checks.longestDetection
    {
      wait = plan.wait.longest
      safeWait = most + load.longest(cutting: 0.01)
      returning = checks.returning
      exposure =
        wait < mean
        ? min(mean - wait, restart) + load.meanInterval
        : Interval(nanoseconds: Int64(load.excess(over: wait - mean)))
      total = (wait + restart + loading + returning + plan.settle) * Int64(batches)
      return
    }
    guard tells else {
      wait = .zero
      safeWait = nil
      returning = checks.returning
      exposure =
        min(checks.detection ?? .forever, restart)
        + (plan.signal == .graceful ? .zero : load.meanInterval)
      total = (restart + loading + returning + plan.settle) * Int64(batches)
      return
    }
    let expected: Interval
    switch plan.wait {
    case .fixed(let fixed):
      wait = fixed
      expected = fixed
    case .untilIdle(let cap):
      wait = cap
      expected = min(cap, load.meanInterval + plan.poll)
    }
    // Told `ready`, the proxy takes a server for up at once.
    returning = .zero
    let queue = load.waitQuantile(
      workers: scenario.cluster.service.workers, nodes: Double(count))
    safeWait = plan.signal == .graceful ? .zero : load.longest(cutting: 0.01) + queue
    exposure =
      plan.signal == .graceful
      ? .zero : Interval(nanoseconds: Int64(load.excess(over: wait)))
    total = (expected + restart + loading + plan.settle) * Int64(batches)
  }
}

/// How long the proxy's checks take to see a change: of the slowest server.
private struct CheckTimes {
  var detection: Interval?
  var longestDetection: Interval?
  var returning = Interval.zero

  init(_ scenario: Scenario) {
    for server in scenario.proxy.configuration.servers {
      guard server.checked else {
        // Nobody looks: it is never seen to be down.
        detection = nil
        longestDetection = nil
        return
      }
      let fast = server.fastinter ?? server.inter
      let falling = fast * Int64(max(0, server.fall - 1))
      detection = max(detection ?? .zero, server.inter / 2 + falling)
      longestDetection = max(longestDetection ?? .zero, server.inter + falling)
      let down = server.downinter ?? server.inter
      returning = max(returning, down / 2 + fast * Int64(max(0, server.rise - 1)))
    }
  }
}

/// What the load asks of the nodes: how often, and how long each takes.
private struct LoadTimes {
  /// Requests a second; nil if the scenario does not say.
  var rate: Double?
  /// Seconds.
  var mean: Double
  private let kinds: [(share: Double, time: Distribution)]

  var meanInterval: Interval { Interval(nanoseconds: Int64(mean * 1e9)) }

  init(_ scenario: Scenario) {
    let service = scenario.cluster.service
    let validate = scenario.cluster.cache == .none ? service.uncached : nil
    var weights: [(weight: Double, time: Distribution)] = []
    let tasks = scenario.load?.tasks ?? []
    let all = Double(max(1, tasks.reduce(0) { $0 + $1.weight }))
    for task in tasks {
      for step in task.steps {
        let time =
          switch step.kind {
          case .authenticate: service.authenticate
          case .validateOwn, .validatePooled, .validateOld: validate ?? service.validate
          case .catalog, .projects, .revoke, .http: service.other
          }
        weights.append((Double(task.weight) / all, time))
      }
    }
    let steps = weights.reduce(0) { $0 + $1.weight }
    kinds = weights.map { ($0.weight / max(steps, 1e-9), $0.time) }
    mean = kinds.reduce(0) { $0 + $1.share * $1.time.mean.seconds }
    let journey = mean * steps
    switch scenario.load?.model {
    case nil: rate = 0
    case .closed(let users, _, .pause(let pause)):
      let cycle = journey + pause.mean.seconds
      rate = cycle > 0 ? Double(users) * steps / cycle : nil
    case .closed(let users, _, .pacing(let every)):
      let cycle = max(journey, every.seconds)
      rate = cycle > 0 ? Double(users) * steps / cycle : nil
    case .open(let every, _, _): rate = every > .zero ? steps / every.seconds : nil
    case .scheduled: rate = nil
    }
  }

  /// E[(S − D)⁺] in nanoseconds: times λ, the requests that a rotation of all nodes cuts.
  func excess(over wait: Interval) -> Double {
    kinds.reduce(0) { $0 + $1.share * $1.time.meanExcess(over: wait) }
  }

  /// The shortest wait after which a whole rotation cuts no more requests than this, to the
  /// millisecond.
  func longest(cutting requests: Double) -> Interval {
    let most = kinds.map(\.time.most).max() ?? .zero
    guard let rate else { return most }
    var low: Int64 = -1
    var high = most.milliseconds + 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if excess(over: .milliseconds(middle)) / 1e9 * rate <= requests {
        high = middle
      } else {
        low = middle
      }
    }
    return .milliseconds(high)
  }

  /// What all but one in a thousand wait for a worker before the rotation: S·ln(C/(1−q))/(c−a) of
  /// M/M/c, with C by Erlang. Zero where there is no queue, or no rest to be at.
  func waitQuantile(workers: Int, nodes: Double) -> Interval {
    guard let rate, workers > 0, mean > 0 else { return .zero }
    let offered = rate / nodes * mean
    guard offered < Double(workers), offered > 0 else { return .zero }
    var blocked = 1.0
    for k in 1...workers { blocked = offered * blocked / (Double(k) + offered * blocked) }
    let utilisation = offered / Double(workers)
    let waiting = blocked / (1 - utilisation * (1 - blocked))
    guard waiting > 0.001 else { return .zero }
    let seconds = mean * naturalLogarithm(waiting / 0.001) / (Double(workers) - offered)
    return .milliseconds(Int64((seconds * 1_000).rounded(.up)))
  }
}

/// ln x for x ≥ 1, to more digits than a bound in milliseconds needs.
func naturalLogarithm(_ x: Double) -> Double {
  let m = x.significand
  let y = (m - 1) / (m + 1)
  var power = y
  var sum = 0.0
  for i in 0..<24 {
    sum += power / Double(2 * i + 1)
    power *= y * y
  }
  return 2 * sum + Double(x.exponent) * 0.693_147_180_559_945_3
}

extension RotationPlan.Wait {
  fileprivate var longest: Interval {
    switch self {
    case .fixed(let interval): interval
    case .untilIdle(let cap): cap
    }
  }
}
