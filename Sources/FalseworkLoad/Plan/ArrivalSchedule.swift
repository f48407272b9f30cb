// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// When the journeys of an open load begin, if not at one rate for ever.
package enum ArrivalSchedule: Equatable, Sendable {
  /// One stage after the other; none begins after the last.
  case stages([Stage], LoadPlan.Arrivals)
  /// As recorded, in the order of their times.
  case recorded([Arrival])

  /// A time in which the rate goes evenly from one to another.
  package struct Stage: Equatable, Sendable {
    package var length: Interval
    /// The time from one arrival to the next at the begin and at the end; `.forever` is none.
    package var from, to: Interval

    package init(length: Interval, from: Interval, to: Interval) {
      self.length = length
      self.from = from
      self.to = to
    }
  }

  package struct Arrival: Equatable, Sendable {
    /// After the begin of the load.
    package var at: Interval
    /// Nil takes the next of the mix.
    package var task: Int?

    package init(at: Interval, task: Int?) {
      self.at = at
      self.task = task
    }
  }

  /// From the begin to the end of the last stage, or to the last arrival.
  package var length: Interval {
    switch self {
    case .stages(let stages, _): stages.reduce(.zero) { $0 + $1.length }
    case .recorded(let arrivals): arrivals.last?.at ?? .zero
    }
  }

  func divided(by divisor: Int64) -> ArrivalSchedule {
    switch self {
    case .stages(let stages, let arrivals):
      .stages(
        stages.map { stage in
          Stage(
            length: stage.length / divisor,
            from: stage.from == .forever ? .forever : stage.from / divisor,
            to: stage.to == .forever ? .forever : stage.to / divisor)
        }, arrivals)
    case .recorded(let arrivals):
      .recorded(arrivals.map { Arrival(at: $0.at / divisor, task: $0.task) })
    }
  }
}

/// Walks through a schedule, arrival by arrival.
///
/// In a stage whose rate goes from a to b in the time L, p arrivals have come when
/// a t + (b − a) t² / 2 L = p. Even arrivals come when p is whole; Poisson arrivals when p has grown
/// by exponential steps of mean 1. Only operations that IEEE 754 fixes to the bit are used.
struct ArrivalClock: Sendable {
  private let schedule: ArrivalSchedule
  private let begin: Instant
  private var place = 0
  /// Since the begin of the load, of the stage that stands at `place`.
  private var stageBegan = Interval.zero
  /// Arrivals since the begin of that stage, up to the next.
  private var phase = 0.0

  init(_ schedule: ArrivalSchedule, begin: Instant, using generator: inout SeededGenerator) {
    self.schedule = schedule
    self.begin = begin
    if case .stages(_, .poisson) = schedule { phase = Self.step(using: &generator) }
  }

  /// The next arrival; nil after the last.
  mutating func next(
    using generator: inout SeededGenerator
  ) -> (due: Instant, task: Int?)? {
    switch schedule {
    case .recorded(let arrivals):
      guard place < arrivals.count else { return nil }
      place += 1
      return (begin + arrivals[place - 1].at, arrivals[place - 1].task)
    case .stages(let stages, let arrivals):
      while place < stages.count {
        let stage = stages[place]
        let whole = stage.arrivals
        if phase < whole {
          let due = begin + stageBegan + stage.time(of: phase)
          phase += arrivals == .even ? 1 : Self.step(using: &generator)
          return (due, nil)
        }
        phase -= whole
        stageBegan = stageBegan + stage.length
        place += 1
      }
      return nil
    }
  }

  private static func step(using generator: inout SeededGenerator) -> Double {
    let step = Distribution.exponentialStep(mean: .seconds(1_000), using: &generator)
    return Double(step.nanoseconds) / 1e12
  }
}

extension ArrivalSchedule.Stage {
  private var seconds: Double { Double(length.nanoseconds) / 1e9 }

  private static func rate(_ every: Interval) -> Double {
    every == .forever ? 0 : 1e9 / Double(every.nanoseconds)
  }

  /// How many come in it, which need not be whole.
  fileprivate var arrivals: Double { (Self.rate(from) + Self.rate(to)) / 2 * seconds }

  /// When so many have come.
  fileprivate func time(of phase: Double) -> Interval {
    guard phase > 0 else { return .zero }
    let (first, last) = (Self.rate(from), Self.rate(to))
    let growth = (last - first) / seconds
    let time = 2 * phase / (first + max(0, first * first + 2 * growth * phase).squareRoot())
    return min(length, Interval(nanoseconds: Int64(time * 1e9 + 0.5)))
  }
}
