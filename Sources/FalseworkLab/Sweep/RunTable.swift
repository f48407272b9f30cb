// SPDX-License-Identifier: Apache-2.0

/// `runs.csv`: a line for every run that is done, with the values that it had.
///
/// It grows while a sweep goes on. A line that is not whole, because the program or the machine
/// stopped in the middle of it, is as if it had not been begun.
package struct RunTable: Equatable, Sendable {
  package let plan: SweepPlan
  /// By their number in the plan.
  package private(set) var runs: [Int: RunFigures] = [:]

  package init(_ plan: SweepPlan) {
    self.plan = plan
  }

  package mutating func add(_ figures: RunFigures) {
    guard let number = plan.number(of: figures.run) else { return }
    runs[number] = figures
  }

  package var isComplete: Bool { runs.count == plan.runs }

  package func has(_ number: Int) -> Bool { runs[number] != nil }

  /// Of one variant, in the order of their seeds.
  package func runs(of variant: Int) -> [RunFigures] {
    let first = variant * plan.seeds.count
    return (first..<first + plan.seeds.count).compactMap { runs[$0] }
  }

  // MARK: As a file

  package var header: String { Self.header(plan) }

  package static func header(_ plan: SweepPlan) -> String {
    line(plan.axes.map(\.path) + RunFigures.columns)
  }

  package func line(_ figures: RunFigures) -> String {
    Self.line(plan.values(of: figures.run.variant) + figures.cells)
  }

  /// Every line that is there, in the order of the plan.
  package var text: String {
    var text = header
    for number in runs.keys.sorted() { text += line(runs[number]!) }
    return text
  }

  /// Takes in what a file holds.
  ///
  /// - Returns: how many bytes of it are whole lines.
  package mutating func read(_ bytes: [UInt8], file: String) throws(SweepProblem) -> Int {
    var begin = 0
    var number = 0
    var values: [[String]: Int] = [:]
    for variant in 0..<plan.variants { values[plan.values(of: variant)] = variant }
    while let end = bytes[begin...].firstIndex(of: 0x0A) {
      let line = String(decoding: bytes[begin..<end], as: UTF8.self)
      number += 1
      begin = end + 1
      if number == 1 {
        guard line + "\n" == header else {
          throw SweepProblem("\(file): found other columns than this sweep has")
        }
        continue
      }
      let cells = Self.cells(line)
      let own = Array(cells.prefix(plan.axes.count))
      guard let variant = values[own] else {
        throw SweepProblem("\(file):\(number): found '\(line)', which is no run of this sweep")
      }
      guard let figures = RunFigures(variant: variant, cells: Array(cells.dropFirst(own.count)))
      else { throw SweepProblem("\(file):\(number): found '\(line)', expected a run") }
      guard plan.number(of: figures.run) != nil else {
        throw SweepProblem(
          "\(file):\(number): found the seed \(figures.run.seed); this sweep has \(plan.seeds.text)"
        )
      }
      add(figures)
    }
    return begin
  }

  /// A line of CSV (RFC 4180, but it ends in LF).
  static func line(_ cells: [String]) -> String {
    cells.map { cell in
      guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
      return "\""
        + cell.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"") + "\""
    }.joined(separator: ",") + "\n"
  }

  static func cells(_ line: String) -> [String] {
    var cells = [""]
    var isQuoted = false
    var last: Character?
    for character in line {
      if character == "\"" {
        // Two of them within quotes are one of the text.
        if !isQuoted, last == "\"" { cells[cells.count - 1].append(character) }
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        cells.append("")
      } else {
        cells[cells.count - 1].append(character)
      }
      last = character
    }
    return cells
  }
}
