// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

extension ResultJSON {
  func disruption(_ json: inout JSONWriter) {
    let disruption = result.disruption
    json.seconds("slot_s", disruption.slot)
    json.seconds("bad_time_s", disruption.badTime)
    json.number("availability_percent", Self.availability(disruption.total))
    json.list("budgets") { list in
      for objective in Disruption.objectives {
        let spent = Disruption.budgetSpent(disruption.badTime, objective: objective)
        list.line {
          $0.number("objective_percent", Figures.percent(objective, of: 10_000, decimals: 2))
          $0.number("spent_percent", Figures.percent(spent.part, of: spent.of, decimals: 6))
        }
      }
    }
    json.number(
      "proven_below_percent",
      disruption.provenBelow.map { Figures.percent($0.part, of: $0.of, decimals: 6) })
    json.list("scopes") { list in
      for scope in disruption.scopes { list.object { write(scope, &$0) } }
    }
    json.list("phases") { list in
      for phase in disruption.phases { list.object { write(phase, &$0) } }
    }
    json.seconds("window_grain_s", disruption.windowGrain)
    json.list("windows") { list in
      for window in disruption.windows {
        list.object { json in
          json.member("name", window.name)
          for (key, part) in [
            ("before", window.before), ("during", window.during), ("after", window.after),
          ] {
            json.key(key)
            json.line { write(part, &$0) }
          }
        }
      }
    }
  }

  private static func availability(_ scope: Disruption.Scope) -> String {
    Figures.percent(max(0, scope.slots - scope.badSlots), of: scope.slots, decimals: 4)
  }

  private func write(_ scope: Disruption.Scope, _ json: inout JSONWriter) {
    json.member("kind", scope.kind.rawValue)
    json.member("name", scope.name)
    json.member("requests", scope.requests)
    json.member("failures", scope.failures)
    json.seconds("bad_time_s", result.disruption.slot * Int64(scope.badSlots))
    json.number("availability_percent", Self.availability(scope))
    json.key("longest_outage")
    if let longest = scope.longest { json.line { write(longest, &$0) } } else { json.null() }
    json.list("outages") { list in
      for outage in scope.outages { list.line { write(outage, &$0) } }
    }
    json.list("verdicts") { list in
      for kind in scope.kinds {
        list.line {
          $0.member("verdict", kind.label)
          $0.member("count", kind.count)
        }
      }
    }
  }

  private func write(_ outage: Disruption.Outage, _ json: inout JSONWriter) {
    json.seconds("from_s", outage.from)
    json.seconds("to_s", outage.to)
    json.seconds("length_s", outage.length)
    json.member("failures", outage.failures)
    json.member("first", outage.firstKind)
    json.member("last", outage.lastKind)
  }

  private func write(_ phase: Disruption.Phase, _ json: inout JSONWriter) {
    json.member("name", phase.name)
    json.seconds("from_s", phase.from)
    json.seconds("to_s", phase.to)
    json.member("requests", phase.requests)
    json.member("failures", phase.failures)
    json.seconds("bad_time_s", result.disruption.slot * Int64(phase.badSlots))
    json.number("median_s", phase.median.map { $0.secondsText(decimals: 6) })
    json.number("p99_s", phase.p99.map { $0.secondsText(decimals: 6) })
    json.number("max_s", phase.longest.map { $0.secondsText(decimals: 6) })
    json.key("tokens")
    json.line {
      $0.member("issued", phase.tokens.issued)
      $0.member("accepted", phase.tokens.accepted)
      $0.member("refused", phase.tokens.refused)
      $0.member("accepted_later", phase.tokens.acceptedLater)
      $0.member("refused_later", phase.tokens.refusedLater)
      $0.member("lost", phase.tokens.lost)
      $0.seconds("first_refusal_s", phase.tokens.firstRefusal)
    }
  }

  private func write(_ part: Disruption.Window.Part, _ json: inout JSONWriter) {
    json.seconds("from_s", part.from)
    json.seconds("to_s", part.to)
    json.member("requests", part.requests)
    json.member("failures", part.failures)
    json.number("mean_s", part.mean.map { $0.secondsText(decimals: 6) })
    json.number("max_s", part.longest.map { $0.secondsText(decimals: 6) })
    json.seconds("bad_time_s", result.disruption.slot * Int64(part.badSlots))
  }
}
