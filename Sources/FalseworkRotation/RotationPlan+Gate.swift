// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

extension RotationPlan {
  /// What must hold after a batch before the next may begin. It is asked of the time since the batch
  /// began, so of what the batch itself did to requests.
  package struct Gate: Equatable, Sendable {
    /// How long after the end of the batch it is looked on, before it is judged.
    package var soak: Interval
    /// So many nodes are UP to the proxy for all of the soak; it begins anew when they are not.
    package var ready: Int?
    /// Nil asks nothing of failures.
    package var failures: Budget?
    /// Nil asks nothing of times.
    package var p99: Interval?
    /// With fewer requests than this no share and no p99 says anything.
    package var requests: Int

    package init(
      soak: Interval, ready: Int?, failures: Budget?, p99: Interval?, requests: Int
    ) {
      self.soak = soak
      self.ready = ready
      self.failures = failures
      self.p99 = p99
      self.requests = requests
    }

    /// Time alone.
    package static func soak(_ soak: Interval) -> Gate {
      Gate(soak: soak, ready: nil, failures: nil, p99: nil, requests: 1)
    }

    var judgesRequests: Bool { failures != nil || p99 != nil }

    func divided(by divisor: Int64) -> Gate {
      var gate = self
      gate.soak = soak / divisor
      gate.p99 = p99.map { $0 / divisor }
      return gate
    }
  }

  /// How many requests may fail, from the beginning of a batch to its end.
  package enum Budget: Equatable, Sendable {
    /// One more ends the batch at once.
    case count(Int)
    /// In hundredths of a percent; judged at the end of the soak.
    case share(Int)
  }

  package enum OnAbort: String, CaseIterable, Equatable, Sendable {
    /// All is left as it is.
    case stop
    /// The nodes go back to the release that they came from, in reverse order, the same way.
    case rollback
  }

  /// The first nodes, which get traffic little by little.
  package struct Canary: Equatable, Sendable {
    package var nodes: Int
    /// In percent; the last is 100. Each is a batch of its own, with its gate.
    package var weights: [Int]
    /// In the place of the gate's.
    package var soak: Interval?

    package init(nodes: Int, weights: [Int], soak: Interval?) {
      self.nodes = nodes
      self.weights = weights
      self.soak = soak
    }
  }

  /// A second set of nodes, to which the proxy is switched over.
  package struct BlueGreen: Equatable, Sendable {
    package var green: [NodeID]
    /// What the green nodes get, in percent; the blue ones get the rest. Empty switches at once.
    package var weights: [Int]
    /// How long the blue nodes stay after the switch.
    package var scaleDownDelay: Interval

    package init(green: [NodeID], weights: [Int], scaleDownDelay: Interval) {
      self.green = green
      self.weights = weights
      self.scaleDownDelay = scaleDownDelay
    }
  }
}
