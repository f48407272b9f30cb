// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What answering costs: how many requests a node works on at once, and how long each takes.
///
/// A real login is 225 ms of bcrypt; a node that answered at once would hide every effect of
/// what is in flight when it stops.
package struct ServiceModel: Equatable, Sendable {
  /// Requests that are worked on at the same time; 0 for any number.
  package var workers: Int
  /// Requests that may wait for a worker; one more is closed without an answer, as when the
  /// kernel's listen queue of a uwsgi server is full.
  package var backlog: Int
  package var authenticate: Distribution
  package var validate: Distribution
  /// A validation of a token that the node's cache does not hold; nil for what any costs.
  package var uncached: Distribution?
  /// Everything else that reaches the API.
  package var other: Distribution
  /// Version documents, health checks and refusals.
  package var discovery: Distribution

  package init(
    workers: Int, backlog: Int, authenticate: Distribution, validate: Distribution,
    other: Distribution, discovery: Distribution
  ) {
    self.workers = workers
    self.backlog = backlog
    self.authenticate = authenticate
    self.validate = validate
    self.other = other
    self.discovery = discovery
  }

  /// As fast as it can.
  package static let instant = ServiceModel(
    workers: 0, backlog: 65_536, authenticate: .constant(.zero), validate: .constant(.zero),
    other: .constant(.zero), discovery: .constant(.zero))

  package func time(of operation: KeystoneOperation) -> Distribution {
    switch operation {
    case .authenticate: authenticate
    case .validate: validate
    case .discovery: discovery
    case .other: other
    }
  }

  package func divided(by divisor: Int64) -> ServiceModel {
    var model = self
    model.authenticate = authenticate.divided(by: divisor)
    model.validate = validate.divided(by: divisor)
    model.uncached = uncached?.divided(by: divisor)
    model.other = other.divided(by: divisor)
    model.discovery = discovery.divided(by: divisor)
    return model
  }
}
