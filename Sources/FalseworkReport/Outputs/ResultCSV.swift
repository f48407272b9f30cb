// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation

/// `requests.csv` and `events.csv` (RFC 4180, but lines end in LF): one row for each request, and one
/// for each thing that happened to a node, to a belief of the proxy, in the rotation.
package struct ResultCSV: Sendable {
  package static let requestColumns = [
    "number", "task", "step", "user", "due_s", "sent_s", "first_byte_s", "done_s", "status",
    "verdict", "cause", "server",
  ]
  package static let eventColumns = ["at_s", "kind", "subject", "what"]

  private let result: RunResult

  package init(_ result: RunResult) {
    self.result = result
  }

  package var requests: [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendRow(Self.requestColumns)
    let about = result.description
    for row in result.requests {
      let task = about.plan.tasks[Int(row.task)]
      let step =
        row.step < 0 ? about.plan.preliminaryName : task.steps[Int(row.step)].name
      let cause = row.failure < 0 ? "" : result.failures[Int(row.failure)].cause.kind.rawValue
      bytes.appendRow([
        "\(row.number)", task.name, step, "\(row.user)",
        Self.seconds(row.due), Self.seconds(row.sent), Self.seconds(row.firstByte),
        Self.seconds(row.done), row.status == 0 ? "" : "\(row.status)", row.verdict.label, cause,
        row.server < 0 ? "" : about.servers[Int(row.server)].name,
      ])
    }
    return bytes
  }

  /// By time; at one moment first the truth, then the belief, then what was said and done about it.
  package var events: [UInt8] {
    var rows: [(at: Instant, cells: [String])] = []
    func add(_ at: Instant, _ kind: String, _ subject: String, _ what: String) {
      rows.append((at, [Self.seconds(at), kind, subject, what]))
    }
    for node in result.nodes {
      for entry in node.timeline.entries {
        add(entry.at, "node", node.name, "\(entry.state.phase.rawValue) \(entry.state.release)")
      }
    }
    for server in result.servers {
      for entry in server.timeline.entries {
        add(entry.at, "belief", server.name, entry.state.description)
      }
    }
    for mark in result.marks {
      add(
        mark.at, "mark", mark.node.map { result.description.name(of: $0) } ?? "", mark.step.label)
    }
    for notice in result.notices { add(notice.at, "notice", "", notice.notice.text) }
    var bytes: [UInt8] = []
    bytes.appendRow(Self.eventColumns)
    let order = rows.indices.sorted { (rows[$0].at, $0) < (rows[$1].at, $1) }
    for index in order { bytes.appendRow(rows[index].cells) }
    return bytes
  }

  private static func seconds(_ instant: Instant) -> String {
    instant == .never ? "" : (instant - .start).secondsText(decimals: 6)
  }
}

extension [UInt8] {
  fileprivate mutating func appendRow(_ cells: [String]) {
    appendCells(cells)
    append(0x0A)
  }

  /// Without the end of the line.
  mutating func appendCells(_ cells: [String]) {
    for (place, cell) in cells.enumerated() {
      if place > 0 { append(0x2C) }
      appendCell(cell)
    }
  }

  private mutating func appendCell(_ cell: String) {
    let special = cell.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    guard special else { return append(contentsOf: cell.utf8) }
    append(0x22)
    for byte in cell.utf8 {
      if byte == 0x22 { append(0x22) }
      append(byte)
    }
    append(0x22)
  }
}
