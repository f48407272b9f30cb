// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What a search found, on a terminal.
package struct TuneTable: Sendable {
  private let report: TuneReport
  private let width: Int
  private static let limit = 12

  package init(_ report: TuneReport, width: Int) {
    self.report = report
    self.width = width
  }

  package var text: String {
    var lines = report.verdict.flatMap { wrapped($0) }
    lines.append("")
    lines += points("nothing that was tried is better in all three", report.front)
    if !report.incumbents.isEmpty { lines += [""] + points("in use", report.incumbents) }
    if !report.tests.isEmpty { lines += [""] + tests }
    lines += ["", "\(Digits.grouped(report.runs)) upgrades of \(report.tested) plans were played"]
    if !report.changes.isEmpty { lines += [""] }
    let cut = lines.map { line in
      var line = line
      while line.last == " " { line.removeLast() }
      return line.count > width ? String(line.prefix(width - 1)) + "…" : line
    }
    // A diff is for copying: it is not cut.
    return (cut + report.changes).joined(separator: "\n") + "\n"
  }

  /// Broken between words, what goes on further in.
  private func wrapped(_ line: String) -> [String] {
    let indent = String(line.prefix { $0 == " " })
    var lines: [String] = []
    var current = indent
    for word in line.split(separator: " ") {
      if current.count + 1 + word.count > width, current != indent {
        lines.append(current)
        current = indent + "  "
      }
      let isFirst = current.allSatisfy { $0 == " " }
      current += (isFirst ? "" : " ") + word
    }
    return lines + [current]
  }

  private func points(_ title: String, _ points: [TuneReport.Point]) -> [String] {
    let names = width - 50
    var lines = [
      title.padded(names) + "rotation".paddedLeft(10) + "failed/run".paddedLeft(12)
        + "p99".paddedLeft(10) + "missed".paddedLeft(9) + "ready".paddedLeft(7)
    ]
    if title.count > names {
      lines = [title, String(lines[0].dropFirst(title.count)).paddedLeft(width - 2)]
    }
    for point in points.prefix(Self.limit) {
      let summary = point.summary
      let name = shortened(point.name, names - 1)
      lines.append(
        name.padded(names) + Digits.length(summary.rotation).paddedLeft(10)
          + Digits.short(summary.meanFailures).paddedLeft(12)
          + Digits.length(summary.p99).paddedLeft(10)
          + "\(point.missed)/\(summary.runs)".paddedLeft(9) + "\(summary.ready)".paddedLeft(7))
    }
    if points.count > Self.limit { lines.append("… and \(points.count - Self.limit) more") }
    return lines
  }

  /// The ends of its keys say most.
  private func shortened(_ name: String, _ room: Int) -> String {
    if name.count <= room { return name }
    let words = name.split(separator: " ").map { word -> Substring in
      guard let sign = word.firstIndex(of: "="), let dot = word[..<sign].lastIndex(of: ".") else {
        return word
      }
      return word[word.index(after: dot)...]
    }
    let short = words.joined(separator: " ")
    return short.count <= room ? short : String(short.prefix(room - 1)) + "…"
  }

  private var tests: [String] {
    ["with fresh seeds"]
      + report.tests.flatMap { test -> [String] in
        let text =
          "  \(shortened(TuneReport.name(report.plan, test.variant), 40)): missed in \(test.missed) of "
          + "\(test.seeds.count), seeds \(test.seeds.text)\(test.held ? "" : ": no")"
        return wrapped(text)
      }
  }
}
