// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
package import FalseworkScenario

extension RunResult {
  /// What the run came to in a figure that a threshold can be set on.
  ///
  /// - Parameter part: a step, a server, a kind of connection or a phase; nil for all requests. Of a
  ///   part that the run does not have there is nothing to measure.
  package func measured(
    _ figure: Threshold.Figure, of part: String?
  ) -> ThresholdResult.Measured {
    switch figure {
    case .requests, .failures, .failureRate, .rate: counted(figure, of: part)
    case .median, .p95, .p99, .p999, .max, .serviceP99: timed(figure, of: part)
    case .longestOutage, .badTime, .availability, .budget: disrupted(figure, of: part)
    case .refusedTokens: refusedTokens(of: part)
    case .lostJourneys: .count(lostJourneys)
    case .longestGap: .duration(longestGap.length)
    case .rotation: Self.duration(rotation?.length)
    case .lateness: Self.duration(lateness?.p99)
    }
  }

  private func counted(
    _ figure: Threshold.Figure, of part: String?
  ) -> ThresholdResult.Measured {
    let found: (requests: Int, failures: Int, length: Interval)? =
      if let scope = scope(part) {
        (scope.requests, scope.failures, duration)
      } else if let phase = phase(part) {
        (phase.requests, phase.failures, phase.to - phase.from)
      } else {
        nil
      }
    guard let found else { return .nothing }
    return switch figure {
    case .failures: .count(found.failures)
    case .failureRate: .share(of: found.requests, part: found.failures)
    case .rate: .count(Int(found.requests * 1_000_000_000 / max(1, Int(found.length.nanoseconds))))
    default: .count(found.requests)
    }
  }

  private func timed(
    _ figure: Threshold.Figure, of part: String?
  ) -> ThresholdResult.Measured {
    if let phase = phase(part) {
      return switch figure {
      case .median: Self.duration(phase.median)
      case .p99: Self.duration(phase.p99)
      case .max: Self.duration(phase.longest)
      default: .nothing
      }
    }
    guard let row = part == nil ? total : rows.first(where: { $0.name == part }) else {
      return .nothing
    }
    return switch figure {
    case .median: Self.duration(row.response?.median)
    case .p95: Self.duration(row.response?.p95)
    case .p99: Self.duration(row.response?.p99)
    case .p999: Self.duration(row.response?.p999)
    case .serviceP99: Self.duration(row.service?.p99)
    default: Self.duration(row.response?.longest)
    }
  }

  private func disrupted(
    _ figure: Threshold.Figure, of part: String?
  ) -> ThresholdResult.Measured {
    let found: (bad: Int, all: Int, longest: Interval)? =
      if let scope = scope(part) {
        (scope.badSlots, scope.slots, scope.longest?.length ?? .zero)
      } else if let phase = phase(part) {
        (
          phase.badSlots,
          OutageMeter.slots(from: phase.from, to: phase.to, disruption.slot),
          disruption.total.outages.filter { $0.from < phase.to && phase.from < $0.to }
            .map(\.length).max() ?? .zero
        )
      } else {
        nil
      }
    guard let found else { return .nothing }
    let bad = disruption.slot * Int64(found.bad)
    switch figure {
    case .badTime: return .duration(bad)
    case .availability: return .share(of: found.all, part: max(0, found.all - found.bad))
    case .budget:
      let spent = Disruption.budgetSpent(bad, objective: Disruption.objectives[0])
      return .share(of: spent.of, part: spent.part)
    default: return .duration(found.longest)
    }
  }

  private func refusedTokens(of part: String?) -> ThresholdResult.Measured {
    guard part != nil else { return .count(disruption.refusedTokens) }
    return phase(part).map { .count($0.tokens.refused) } ?? .nothing
  }

  private func scope(_ part: String?) -> Disruption.Scope? {
    guard let part else { return disruption.total }
    return disruption.scopes.first { $0.kind != .total && $0.name == part }
  }

  private func phase(_ part: String?) -> Disruption.Phase? {
    disruption.phases.first { $0.name == part }
  }

  private static func duration(_ interval: Interval?) -> ThresholdResult.Measured {
    interval.map { .duration($0) } ?? .nothing
  }
}
