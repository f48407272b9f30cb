// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkProxy

/// Truth and belief, a line each for a node.
extension TerminalTable {
  /// A phase that was over sooner is left out of the line; `result.json` has it.
  static let shortestShown = Interval.milliseconds(50)

  var nodes: [String] {
    var lines = [ink("Nodes", .bold) + ink(": what each was, and what the proxy believed", .dim)]
    let shown = result.nodes.indices.prefix(Self.nodeLimit)
    let name = min(20, shown.map { result.nodes[$0].name.count }.max() ?? 0)
    for index in shown {
      lines += nodeLines(NodeID(index), nameWidth: name)
    }
    let hidden = result.nodes.count - shown.count
    if hidden > 0 { lines.append("  and \(hidden) more nodes: see result.json") }
    return lines
  }

  private func nodeLines(_ id: NodeID, nameWidth: Int) -> [String] {
    let node = result.nodes[id.index]
    let name = node.name.printable.shortened(nameWidth).padded(nameWidth)
    let blank = String(repeating: " ", count: nameWidth)
    var lines = line("  \(ink(name, .bold))  was    ", phases(node.timeline), after: nameWidth)
    let servers = result.servers.filter { $0.node == id }
    let beliefs = servers.map { self.beliefs($0.timeline) }
    // Servers of several frontends mostly fare alike.
    if Set(beliefs).count == 1 {
      lines += line("  \(blank)  proxy  ", beliefs[0], after: nameWidth)
    } else {
      for (server, pieces) in zip(servers, beliefs) {
        lines += line(
          "  \(blank)  proxy  ", [server.name.printable + ":"] + pieces, after: nameWidth)
      }
    }
    return lines
  }

  private func line(_ head: String, _ pieces: [String], after nameWidth: Int) -> [String] {
    let indent = nameWidth + 11
    let space = String(repeating: " ", count: indent)
    return wrapped(pieces, width: width - indent).enumerated().map { place, line in
      (place == 0 ? head : space) + line
    }
  }

  private func phases(_ timeline: Timeline<NodeState>) -> [String] {
    let entries = timeline.entries
    var pieces: [String] = []
    var release = ""
    for (place, entry) in entries.enumerated() {
      let ends = place + 1 < entries.count ? entries[place + 1].at : Instant.never
      guard ends - entry.at >= Self.shortestShown else { continue }
      var piece = entry.state.phase.rawValue
      if entry.state.release != release, entry.state.phase == .serving {
        release = entry.state.release
        piece += " \(release.printable)"
      }
      pieces.append(pieces.isEmpty ? piece : "\(piece) \(Figures.moment(entry.at))")
    }
    return Self.story(pieces, notKept: timeline.notKept)
  }

  private func beliefs(_ timeline: Timeline<Belief>) -> [String] {
    var pieces: [String] = []
    var last: BeliefWord?
    for entry in timeline.entries {
      let word = BeliefWord(entry.state)
      guard word != last else { continue }
      last = word
      pieces.append(
        pieces.isEmpty ? word.rawValue : "\(word.rawValue) \(Figures.moment(entry.at))")
    }
    return Self.story(pieces, notKept: timeline.notKept)
  }

  private static func story(_ pieces: [String], notKept: Int) -> [String] {
    if pieces.isEmpty { return ["unknown: nothing was told"] }
    if pieces.count == 1, notKept == 0 { return [pieces[0], "throughout"] }
    return separated(pieces + (notKept > 0 ? ["\(notKept) more changes"] : []), by: "→")
  }
}
