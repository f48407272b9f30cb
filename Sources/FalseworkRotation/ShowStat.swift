// SPDX-License-Identifier: Apache-2.0

/// The CSV of `show stat`, columns found by name (HAProxy management guide, 9.1).
///
/// A rotation looks at it many times a second, at one server of perhaps hundreds: lines stay bytes
/// until one is wanted.
package struct ShowStat {
  private var columns: [Substring.UTF8View] = []
  private var rows: [Substring.UTF8View] = []

  private static let comma = UInt8(ascii: ",")

  package init(_ reply: String) {
    for line in reply.utf8.split(separator: UInt8(ascii: "\n")) {
      if line.starts(with: "# ".utf8) {
        columns = line.dropFirst(2).split(separator: Self.comma, omittingEmptySubsequences: false)
      } else {
        rows.append(line)
      }
    }
  }

  /// Cells may be quoted, with doubled quotes inside.
  private static func cells(_ row: Substring.UTF8View) -> [Substring] {
    guard isQuoted(row) else {
      return row.split(separator: comma, omittingEmptySubsequences: false).map { Substring($0) }
    }
    let line = Substring(row)
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

  private static func isQuoted(_ row: Substring.UTF8View) -> Bool {
    row.contains(UInt8(ascii: "\""))
  }

  /// `backend/server` of each row, those of frontends and backends among them, in order.
  package var names: [String] {
    rows.compactMap { row in
      let cells = Self.cells(row)
      return cells.count > 1 ? "\(cells[0])/\(cells[1])" : nil
    }
  }

  /// A column of a server that is named `backend/server`.
  package func value(_ column: String, of server: String) -> Substring? {
    let names = server.split(separator: "/", maxSplits: 1)
    guard names.count == 2,
      let place = columns.firstIndex(where: { $0.elementsEqual(column.utf8) })
    else { return nil }
    let begin = Array("\(names[0]),\(names[1]),".utf8)
    for row in rows where row.starts(with: begin) || Self.isQuoted(row) {
      let cells = Self.cells(row)
      if cells.count > place, cells[0] == names[0], cells[1] == names[1] { return cells[place] }
    }
    return nil
  }
}
