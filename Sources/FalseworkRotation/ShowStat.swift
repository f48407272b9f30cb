// SPDX-License-Identifier: Apache-2.0

/// The CSV of `show stat`, columns found by name (HAProxy management guide, 9.1).
struct ShowStat {
  private var columns: [Substring] = []
  private var rows: [[Substring]] = []

  init(_ reply: String) {
    for line in reply.split(separator: "\n") {
      if line.hasPrefix("# ") {
        columns = line.dropFirst(2).split(separator: ",", omittingEmptySubsequences: false)
      } else {
        rows.append(Self.cells(line))
      }
    }
  }

  /// Cells may be quoted, with doubled quotes inside.
  private static func cells(_ line: Substring) -> [Substring] {
    guard line.contains("\"") else {
      return line.split(separator: ",", omittingEmptySubsequences: false)
    }
    var cells: [Substring] = []
    var cell = ""
    var quoted = false
    var quoteEnded = false
    for character in line {
      if character == "\"" {
        if quoteEnded { cell.append(character) }
        quoted.toggle()
        quoteEnded = !quoted
        continue
      }
      quoteEnded = false
      if character == ",", !quoted {
        cells.append(Substring(cell))
        cell = ""
      } else {
        cell.append(character)
      }
    }
    cells.append(Substring(cell))
    return cells
  }

  /// A column of a server that is named `backend/server`.
  func value(_ column: String, of server: String) -> Substring? {
    let names = server.split(separator: "/", maxSplits: 1)
    guard names.count == 2, let place = columns.firstIndex(where: { $0 == column }) else {
      return nil
    }
    let row = rows.first { $0.count > place && $0[0] == names[0] && $0[1] == names[1] }
    return row.map { $0[place] }
  }
}
