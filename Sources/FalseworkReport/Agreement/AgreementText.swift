// SPDX-License-Identifier: Apache-2.0

/// An agreement for a person: as a table of a terminal, or as one of a page.
extension Agreement {
  /// 80 columns.
  package var text: String {
    var lines = [title, ""]
    lines.append(
      Self.line("", "measured", "median", "99 % of seeds", ""))
    for group in ComparedFigure.Group.allCases {
      let rows = rows.filter { $0.figure.group == group }
      guard !rows.isEmpty || (group == .control && order != nil) else { continue }
      lines.append(group.title)
      if group == .control, let order {
        lines.append(Self.line("  order of all of them", "", "", "", order.word))
      }
      for row in rows {
        let words = row.verdict.word
        let fits = words.count <= 10
        lines.append(
          Self.line(
            "  " + row.figure.name, row.measuredText, row.medianText, row.bandText(0.005, 0.995),
            fits ? words : ""))
        if !fits { lines.append("      \(words)") }
      }
    }
    lines.append("")
    lines.append(summary)
    return lines.map { $0.trimmingTrailingSpaces + "\n" }.joined()
  }

  private var title: String {
    let what = runs == 1 ? "1 measured run" : "\(runs) measured runs"
    return "\(name): \(what) beside \(seeds) simulated"
  }

  package var summary: String {
    let agreeing = total - differing - unknown
    return "\(total) figures: \(agreeing) agree, \(differing) differ, \(unknown) unknown."
  }

  private static func line(
    _ name: String, _ measured: String, _ median: String, _ band: String, _ verdict: String
  ) -> String {
    var text = name
    // A long name gets a line of its own.
    if name.count > 28 {
      text += "\n" + String(repeating: " ", count: 28)
    } else {
      text += String(repeating: " ", count: 28 - name.count)
    }
    return text + measured.leftPadded(15) + median.leftPadded(9) + band.leftPadded(17) + "  "
      + verdict
  }

  /// A section of a page, with a table.
  package var markdown: String {
    var lines = [
      "### \(name)", "", "\(title). \(summary)", "",
      "| figure | measured | median | 90 % of seeds | 99 % of seeds | |",
      "|---|---|---|---|---|---|",
    ]
    if let order {
      lines.append("| order of the control events | | | | | \(Self.emphasized(order)) |")
    }
    for row in rows {
      let each = row.measured.count <= 4
      let measured =
        each ? row.measured.map { row.figure.text($0) }.joined(separator: ", ") : row.measuredText
      lines.append(
        "| \(row.figure.name) | \(measured) | \(row.medianText) "
          + "| \(row.bandText(0.05, 0.95)) | \(row.bandText(0.005, 0.995)) "
          + "| \(Self.emphasized(row.verdict)) |")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func emphasized(_ verdict: Verdict) -> String {
    if case .differs = verdict { "**\(verdict.word)**" } else { verdict.word }
  }
}

extension Agreement.Row {
  /// From the least to the most that was measured.
  var measuredText: String {
    guard let low = measured.min(), let high = measured.max() else { return "–" }
    return range(low, high)
  }

  var medianText: String { quantile(0.5).map { figure.text($0) } ?? "–" }

  func bandText(_ from: Double, _ to: Double) -> String {
    guard let low = quantile(from), let high = quantile(to) else { return "–" }
    return range(low, high)
  }

  /// `450–471 ms`: a unit that both have is written once.
  private func range(_ low: Int64, _ high: Int64) -> String {
    let (a, b) = (figure.text(low), figure.text(high))
    if a == b { return a }
    guard let unitA = a.split(separator: " ").last, let unitB = b.split(separator: " ").last,
      unitA == unitB, a.contains(" ")
    else { return "\(a)–\(b)" }
    return "\(a.dropLast(unitA.count + 1))–\(b)"
  }
}

extension String {
  fileprivate func leftPadded(_ width: Int) -> String {
    count >= width ? " " + self : String(repeating: " ", count: width - count) + self
  }

  fileprivate var trimmingTrailingSpaces: String {
    var text = self[...]
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }
}
