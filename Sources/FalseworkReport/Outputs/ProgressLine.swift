// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkProxy
import FalseworkRotation

/// One line of how a run stands, for a terminal that it is written over on, or for a log:
///
///     31s  254 requests  4 failed  8.4/s  median 225 ms  99% 481 ms  keystone1 zombie/UP
///
/// Of the nodes it names those that are not plainly serving and usable.
package struct ProgressLine: Sendable {
  private let progress: RunProgress
  private let description: RunDescription

  package init(_ progress: RunProgress, _ description: RunDescription) {
    self.progress = progress
    self.description = description
  }

  /// Whole seconds since the run began.
  package var seconds: Int { Int(progress.elapsed.nanoseconds / 1_000_000_000) }

  /// At most so many characters, cut where they end.
  package func text(width: Int) -> String {
    (figures + troubles).joined(separator: "  ").shortenedAtEnd(width)
  }

  func figures(width: Int) -> String {
    figures.joined(separator: "  ").shortenedAtEnd(width)
  }

  private var figures: [String] {
    var pieces = ["\(progress.elapsed.secondsText(decimals: 0))s"]
    pieces.append("\(Figures.count(progress.requests)) requests")
    pieces.append("\(Figures.count(progress.failures)) failed")
    if progress.recentSeconds > 0 {
      pieces.append(
        Figures.quotient(
          progress.recentRequests, over: progress.recentSeconds, decimals: 1) + "/s")
    }
    if let median = progress.recentMedian { pieces.append("median \(Figures.length(median))") }
    if let p99 = progress.recentP99 { pieces.append("99% \(Figures.length(p99))") }
    return pieces
  }

  /// Nodes that are not plainly serving and usable.
  var troubles: [String] { progress.nodes.indices.compactMap { trouble(NodeID($0)) } }

  private func trouble(_ node: NodeID) -> String? {
    let phase = progress.nodes[node.index]
    let beliefs = description.servers.indices.filter { description.servers[$0].node == node }
      .compactMap { progress.beliefs[$0] }
    let words = beliefs.map { BeliefWord($0) }
    guard phase != .serving || !beliefs.allSatisfy(\.isUsable) else { return nil }
    let name = description.name(of: node).printable
    // The first server that the proxy does not use, else the first.
    let word = words.first { $0 != .up && $0 != .noCheck } ?? words.first
    return "\(name) \(phase?.rawValue ?? "unknown")" + (word.map { "/\($0.rawValue)" } ?? "")
  }
}

extension String {
  fileprivate func shortenedAtEnd(_ width: Int) -> String {
    count <= width ? self : String(prefix(max(0, width - 1))) + "…"
  }
}
