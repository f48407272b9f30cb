// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The tables that Locust prints at its end, character by character as they are laid out there; so
/// what reads them reads these.
package struct LocustTable: Sendable {
  private let result: RunResult
  /// Of the column of names.
  private let width: Int

  /// - Parameter columns: of the terminal; nil where there is none.
  package init(_ result: RunResult, columns: Int?) {
    self.result = result
    width = columns.map { max(min($0 - 80, 80), 0) } ?? 80
  }

  package var text: String {
    let entries = result.locustEntries
    let total = result.locustTotal
    var lines = statistics(entries, total) + [""] + percentiles(entries, total) + [""]
    if let errors = result.tally?.errors, !errors.isEmpty { lines += self.errors(errors) + [""] }
    return lines.map { $0 + "\n" }.joined()
  }

  private func statistics(_ entries: [LocustEntry], _ total: LocustEntry) -> [String] {
    let name = max(0, width - 4)
    let rule = Self.rule([8, name, 7, 13, 7, 7, 7, 7, 8, 11])
    let head =
      "Type".padded(8) + " " + "Name".padded(name) + " " + "# reqs".flushRight(7) + " "
      + "# fails".flushRight(12) + " |" + "Avg".flushRight(7) + " " + "Min".flushRight(7) + " "
      + "Max".flushRight(7) + "Med".flushRight(7) + " | " + "req/s".flushRight(7) + " "
      + "failures/s".flushRight(11)
    return [head, rule] + entries.map { line($0, name) } + [rule, line(total, name)]
  }

  private func line(_ entry: LocustEntry, _ name: Int) -> String {
    let length = (entry.lastEnded ?? result.begin) - result.begin
    let percent = Figures.percent(entry.failures, of: entry.requests, decimals: 2)
    let average = entry.requests > 0 ? entry.sum / Int64(entry.requests) : .zero
    func whole(_ interval: Interval?) -> String { "\((interval ?? .zero).milliseconds)" }
    return entry.method.padded(8) + " " + entry.name.padded(name) + " "
      + "\(entry.requests)".flushRight(7) + " "
      + "\(entry.failures)(\(percent)%)".flushRight(12) + " |" + whole(average).flushRight(7)
      + " " + whole(entry.shortest).flushRight(7) + " " + whole(entry.longest).flushRight(7)
      + "\(entry.median)".flushRight(7) + " | "
      + Figures.rate(entry.requests, in: length, decimals: 2).flushRight(7) + " "
      + Figures.rate(entry.failures, in: length, decimals: 2).flushRight(11)
  }

  private func percentiles(_ entries: [LocustEntry], _ total: LocustEntry) -> [String] {
    let rule = Self.rule([8, width, 8] + Array(repeating: 6, count: 11))
    func line(_ type: String, _ name: String, _ cells: [String], _ count: String) -> String {
      type.padded(8) + " " + name.padded(width) + " " + cells[0].flushRight(8) + " "
        + cells.dropFirst().map { $0.flushRight(6) }.joined(separator: " ") + " "
        + count.flushRight(6)
    }
    func row(_ entry: LocustEntry) -> String {
      let times = entry.percentileTimes ?? LocustEntry.percentiles.map { _ in 0 }
      return line(entry.method, entry.name, times.map(String.init), "\(entry.requests)")
    }
    let head = line("Type", "Name", LocustEntry.percentiles.map(\.text), "# reqs")
    return ["Response time percentiles (approximated)", head, rule] + entries.map(row)
      + [rule, row(total)]
  }

  private func errors(_ errors: [LoadTally.ErrorLine]) -> [String] {
    let rule = Self.rule([18, 141])
    let rows = errors.map { error in
      let name = result.rows[error.row].name
      let method = result.description.plan.method(of: name)
      return "\(error.count)".padded(18) + " "
        + "\(method) \(name): \(error.label)".printable.padded(100)
    }
    return ["Error report", "# occurrences".padded(18) + " " + "Error".padded(100), rule] + rows
      + [rule]
  }

  private static func rule(_ widths: [Int]) -> String {
    widths.map { String(repeating: "-", count: $0) }.joined(separator: "|")
  }
}
