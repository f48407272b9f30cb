// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// A moment of the rotation, for the record.
package struct Mark: Equatable, Sendable {
  package enum Step: Equatable, Sendable {
    case began
    case batchBegan(Int)
    case told
    /// The node fails its health check from now on.
    case failing
    /// The share of its weight that the proxy gives the node from now on, in percent.
    case weighed(Int)
    case stopping
    case exited
    case started
    case answering
    case ready
    case up
    case batchEnded(Int)
    /// Something was done to the cluster that is no node's: what, in a few words.
    case operated(String)
    case paused(Interval)
    /// All that was asked of the batch held.
    case passed(Int)
    /// The next batch waits, since so few nodes are ready.
    case held(ready: Int)
    case rollingBack(String)
    /// What a strategy of the user's own has to say.
    case noted(String)
    case ended
    case aborted(String)

    package var label: String {
      switch self {
      case .began: "rotation began"
      case .batchBegan(let number): "batch \(number) began"
      case .told: "proxy told"
      case .failing: "check fails"
      case .weighed(let percent): "weight \(percent)%"
      case .stopping: "stopping"
      case .exited: "exited"
      case .started: "started"
      case .answering: "answering"
      case .ready: "ready"
      case .up: "up"
      case .batchEnded(let number): "batch \(number) ended"
      case .operated(let what): what
      case .paused(let interval): "pause of \(interval)"
      case .passed(let number): "gate of batch \(number) passed"
      case .held(let ready): "held: \(ready) ready"
      case .rollingBack(let reason): "rolling back: \(reason)"
      case .noted(let text): text
      case .ended: "rotation ended"
      case .aborted(let reason): "aborted: \(reason)"
      }
    }
  }

  package var at: Instant
  package var node: NodeID?
  package var step: Step

  package init(at: Instant, node: NodeID?, step: Step) {
    self.at = at
    self.node = node
    self.step = step
  }
}
