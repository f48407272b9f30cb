// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkRotation

/// How a run stands, as a few lines that a terminal shows in place:
///
///     31s  254 requests  4 failed  8.4/s  median 225 ms  99% 481 ms
///     failed: 502 ×3, closed without response ×1 · longest without a success 1.43 s
///     keystone1 zombie/UP
///     28.2s keystone1 proxy told → 29.1s keystone1 stopping
package struct RunView: Sendable {
  private let glance: RunGlance

  package init(_ glance: RunGlance) {
    self.glance = glance
  }

  /// No line is wider than this.
  package func lines(width: Int, colours: Bool) -> [String] {
    let ink = Ink(colours: colours)
    let line = ProgressLine(glance.progress, glance.description)
    var lines = [ink(line.figures(width: width), .bold)]
    if !glance.kinds.isEmpty {
      lines += wrapped(kinds, width: width).prefix(3).map { ink($0, .red) }
    }
    lines += wrapped(line.troubles, width: width).prefix(3)
    lines += wrapped(marks, width: width).prefix(2).map { ink($0, .dim) }
    return lines
  }

  private var kinds: [String] {
    var kinds = glance.kinds.sorted { $0.count > $1.count }.prefix(4).map {
      "\($0.label) ×\(Figures.count($0.count))"
    }
    if glance.kinds.count > 4 { kinds.append("…") }
    kinds[0] = "failed: " + kinds[0]
    return TerminalTable.separated(
      kinds + ["longest time without a success \(Figures.length(glance.longestGap))"], by: "·")
  }

  private var marks: [String] {
    TerminalTable.separated(
      glance.marks.map { mark in
        let node = mark.node.map { glance.description.name(of: $0).printable + " " } ?? ""
        return "\(Figures.moment(mark.at)) \(node)\(mark.step.label.printable)"
      }, by: "→")
  }
}
