// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkProxy
package import FalseworkReport
import FalseworkRotation

extension RunResult {
  /// The fewest nodes that were ready at one time while the rotation went on; of all nodes if there
  /// was none.
  ///
  /// Ready is a node that serves and that the proxy uses: one of which the proxy does not know that
  /// it is gone is not ready, nor is one that serves and is drained.
  package var fewestReady: Int {
    guard let begin = marks.first?.at, let last = marks.last?.at else { return nodes.count }
    var changes: [(at: Instant, node: Int, change: Change)] = []
    for (index, node) in nodes.enumerated() {
      for entry in node.timeline.entries {
        changes.append((entry.at, index, .serves(entry.state.phase == .serving)))
      }
    }
    var hasServer = nodes.map { _ in false }
    for server in servers {
      guard let node = server.node?.index else { continue }
      hasServer[node] = true
      var was = false
      for entry in server.timeline.entries where entry.state.isUsable != was {
        was.toggle()
        changes.append((entry.at, node, .used(was ? 1 : -1)))
      }
    }
    let order = changes.enumerated().sorted {
      $0.element.at == $1.element.at ? $0.offset < $1.offset : $0.element.at < $1.element.at
    }
    var serves = nodes.map { _ in false }
    var used = nodes.map { _ in 0 }
    var ready = 0
    var fewest = nodes.count
    func isReady(_ node: Int) -> Bool { serves[node] && (used[node] > 0 || !hasServer[node]) }
    for (place, entry) in order.enumerated() {
      let change = entry.element
      if change.at > last { break }
      // What happens at one moment counts together, after the last of it.
      if place > 0, order[place - 1].element.at < change.at, change.at > begin {
        fewest = min(fewest, ready)
      }
      let was = isReady(change.node)
      switch change.change {
      case .serves(let flag): serves[change.node] = flag
      case .used(let step): used[change.node] += step
      }
      ready += (isReady(change.node) ? 1 : 0) - (was ? 1 : 0)
    }
    return min(fewest, ready)
  }

  private enum Change {
    case serves(Bool)
    /// One more server of the node is used, or one less.
    case used(Int)
  }
}
