// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Runs that were measured elsewhere, as a table of their figures: a line for each, a column for each
/// figure by the name that a report gives it. An empty cell was not measured.
///
///     scenario,run,requests,failures,longest gap,p99 all
///     term-u4,term-u4-1,336,8,400ms,3239ms
package struct MeasuredRuns: Equatable, Sendable {
  package struct Problem: Error, Equatable, Sendable {
    package var line: Int
    package var what: String
  }

  package struct Run: Equatable, Sendable {
    package var scenario: String
    package var name: String
    package var figures: ComparedFigures
  }

  package private(set) var runs: [Run] = []

  /// - Parameter text: comma-separated; a cell that has a comma of its own cannot be written.
  package init(_ text: String) throws(Problem) {
    var lines = text.split(whereSeparator: \.isNewline).enumerated()
      .filter { !$0.element.hasPrefix("#") }[...]
    guard let first = lines.popFirst() else { throw Problem(line: 1, what: "an empty table") }
    let columns = Self.cells(first.element)
    guard columns.starts(with: ["scenario", "run"]) else {
      throw Problem(line: first.offset + 1, what: "the first columns must be scenario and run")
    }
    for (index, line) in lines {
      let cells = Self.cells(line)
      guard cells.count == columns.count else {
        throw Problem(
          line: index + 1, what: "\(cells.count) cells, where the head has \(columns.count)")
      }
      var figures = ComparedFigures()
      for (column, cell) in zip(columns, cells).dropFirst(2) where !cell.isEmpty {
        guard let (unit, value) = Self.value(cell) else {
          throw Problem(
            line: index + 1, what: "'\(cell)' in \(column) is no count and no time such as 0.4s")
        }
        figures.set(ComparedFigure(Self.group(column, unit), column, unit), value)
      }
      runs.append(Run(scenario: cells[0], name: cells[1], figures: figures))
    }
  }

  package func runs(of scenario: String) -> [ComparedFigures] {
    runs.filter { $0.scenario == scenario }.map(\.figures)
  }

  private static func cells(_ line: Substring) -> [String] {
    line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  private static func group(_ name: String, _ unit: ComparedFigure.Unit) -> ComparedFigure.Group {
    if name.contains(": ") { return .seen }
    if name == "longest" || name.hasPrefix("p50 ") || name.hasPrefix("p99 ") { return .latency }
    return .outcome
  }

  private static func value(_ cell: String) -> (ComparedFigure.Unit, Int64)? {
    if let count = Int64(cell) { return (.count, count) }
    let units: [(String, Int64)] = [("ms", 1_000_000), ("us", 1_000), ("s", 1_000_000_000)]
    for (suffix, scale) in units where cell.hasSuffix(suffix) {
      guard let number = Double(cell.dropLast(suffix.count)), number >= 0, number < 1e9 else {
        return nil
      }
      return (.time, Int64((number * Double(scale)).rounded()))
    }
    return nil
  }
}
