// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone

/// Results beside each other, row by row, whatever world each is of: read from `result.json`.
package struct ResultComparison: Sendable {
  /// A figure of each result, in their order; nil where one has none.
  package struct Row: Equatable, Sendable {
    package var label: String
    package var values: [String?]
    /// Of the second to the first, where both are numbers.
    package var difference: String?
  }

  package struct Section: Equatable, Sendable {
    package var title: String
    package var rows: [Row]
  }

  private let names: [String]
  private let results: [JSONValue]
  package private(set) var sections: [Section] = []

  /// - Parameter results: what each is to be called, and its `result.json`; nil for one that is none.
  package init?(_ results: [(name: String, json: [UInt8])]) {
    var values: [JSONValue] = []
    for result in results {
      guard let value = JSONValue(result.json.span), value["result_format"] != nil else {
        return nil
      }
      values.append(value)
    }
    names = results.map(\.name)
    self.results = values
    sections = [
      run, failures, Section(title: "times of successes", rows: times), servers, events,
    ].filter { !$0.rows.isEmpty }
  }

  // MARK: Sections

  private var run: Section {
    Section(
      title: "run",
      rows: [
        row("world") { $0["scenario"]?["world"]?.string },
        row("verdict") { $0["verdict"]?.string },
        number("requests", decimals: 0) { $0["total"]?["requests"] },
        number("requests a second", decimals: 1) { $0["total"]?["requests_per_s"] },
        number("failures", decimals: 0) { $0["total"]?["failures"] },
        number("not in the proxy's log", decimals: 0) { $0["silent_failures"] },
        number("lost journeys", decimals: 0) { $0["lost_journeys"] },
        number("longest gap, s", decimals: 3) { $0["longest_gap"]?["length_s"] },
        number("rotation, s", decimals: 2) { $0["rotation"]?["length_s"] },
      ])
  }

  /// Failures by the kind of their cause and by what the client saw: the nodes' names are left out,
  /// since which of them a request meets is chance.
  private var failures: Section {
    var rows = counts { result in
      (result["causes"]?.array ?? []).compactMap { cause in
        guard let kind = cause["kind"]?.string, let count = cause["count"]?.integer else {
          return nil
        }
        return (kind, count)
      }
    }
    rows += counts { result in
      (result["causes"]?.array ?? []).flatMap { $0["seen"]?.array ?? [] }.compactMap { seen in
        guard let step = seen["step"]?.string, let verdict = seen["verdict"]?.string,
          let count = seen["count"]?.integer
        else { return nil }
        return ("\(step): \(verdict)", count)
      }
    }
    return Section(title: "failures by cause, and as the client saw them", rows: rows)
  }

  private var times: [Row] {
    [("median", "median_s"), ("p95", "p95_s"), ("p99", "p99_s"), ("longest", "max_s")].map {
      label, key in
      number("\(label), ms", decimals: 1, times: 1_000) { $0["total"]?["response"]?[key] }
    }
  }

  private var servers: Section {
    let rows = counts { result in
      (result["servers"]?.array ?? []).flatMap { server -> [(String, Int)] in
        guard let name = server["name"]?.string, let requests = server["requests"]?.integer else {
          return []
        }
        let counters = ["stot", "econ", "eresp", "wretr", "wredis"].compactMap { column in
          result["proxy_counters"]?["\(name).\(column)"]?.integer.map {
            ("\(name) \(column)", $0)
          }
        }
        return [("\(name) requests", requests)] + counters
      }
    }
    // What none of them counted says nothing.
    return Section(
      title: "servers", rows: rows.filter { $0.values.contains { $0 != nil && $0 != "0" } })
  }

  /// Control events, in seconds after the rotation began, and what the proxy believed of each server.
  private var events: Section {
    var rows: [Row] = []
    var numbered: [String: Int] = [:]
    for result in results {
      numbered = [:]
      for mark in result["marks"]?.array ?? [] {
        let label = Self.label(mark, &numbered)
        guard !rows.contains(where: { $0.label == label }) else { continue }
        rows.append(
          number(label, decimals: 2) { result in
            var numbered: [String: Int] = [:]
            let marks = result["marks"]?.array ?? []
            guard let mark = marks.first(where: { Self.label($0, &numbered) == label }),
              let at = mark["at_s"]?.double, let begin = marks.first?["at_s"]?.double
            else { return nil }
            return .number("\(at - begin)")
          })
      }
    }
    let beliefs = counts { result in
      (result["servers"]?.array ?? []).flatMap { server in
        (server["timeline"]?.array ?? []).compactMap { entry -> (String, Int)? in
          guard let name = server["name"]?.string, let word = entry["belief"]?.string else {
            return nil
          }
          // Counters of checks come and go between two looks.
          let state = word.split(separator: " ")[0]
          return word.contains("/") && state == "UP" ? nil : ("\(name) became \(word)", 1)
        }
      }
    }
    return Section(title: "control events, s after the first, and beliefs", rows: rows + beliefs)
  }

  private static func label(_ mark: JSONValue, _ numbered: inout [String: Int]) -> String {
    let step = mark["step"]?.string ?? ""
    let label = mark["node"]?.string.map { "\($0) \(step)" } ?? step
    let count = numbered[label, default: 0] + 1
    numbered[label] = count
    return count == 1 ? label : "\(label) (\(count))"
  }

  // MARK: Rows

  private func row(_ label: String, _ value: (JSONValue) -> String?) -> Row {
    Row(label: label, values: results.map(value), difference: nil)
  }

  private func number(
    _ label: String, decimals: Int, times factor: Double = 1, _ value: (JSONValue) -> JSONValue?
  ) -> Row {
    let numbers = results.map { value($0)?.double.map { $0 * factor } }
    var difference: String?
    if numbers.count == 2, let a = numbers[0], let b = numbers[1] {
      let text = Self.text(b - a, decimals)
      difference = text.hasPrefix("-") || text == Self.text(0, decimals) ? text : "+" + text
    }
    return Row(
      label: label, values: numbers.map { $0.map { Self.text($0, decimals) } },
      difference: difference)
  }

  /// A row for each label that any result has, in the order in which they first come; labels that come
  /// again are added up.
  private func counts(_ body: (JSONValue) -> [(String, Int)]) -> [Row] {
    var labels: [String] = []
    let sums = results.map { result in
      var sums: [String: Int] = [:]
      for (label, count) in body(result) {
        if !labels.contains(label) { labels.append(label) }
        sums[label, default: 0] += count
      }
      return sums
    }
    return labels.map { label in
      var index = -1
      return number(label, decimals: 0) { _ in
        index += 1
        return .number("\(sums[index][label] ?? 0)")
      }
    }
  }

  /// With so many decimals; Foundation is not at hand here.
  private static func text(_ value: Double, _ decimals: Int) -> String {
    var scale = 1
    for _ in 0..<decimals { scale *= 10 }
    let whole = Int((abs(value) * Double(scale)).rounded())
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard decimals > 0 else { return sign + "\(whole)" }
    let part = String(whole % scale)
    let zeros = String(repeating: "0", count: decimals - part.count)
    return "\(sign)\(whole / scale).\(zeros)\(part)"
  }

  // MARK: Text

  /// A table that is as wide as its names need; with two results the last column is the difference.
  package var text: String {
    let isPair = results.count == 2
    let head =
      names.map { $0.count > 16 ? "…" + $0.suffix(15) : $0 } + (isPair ? ["difference"] : [])
    let rows = sections.flatMap(\.rows)
    func cells(_ row: Row) -> [String] {
      row.values.map { $0 ?? "–" } + (isPair ? [row.difference ?? ""] : [])
    }
    var widths = head.map(\.count)
    for row in rows {
      for (index, cell) in cells(row).enumerated() {
        widths[index] = max(widths[index], cell.count)
      }
    }
    let labels = max(20, 80 - widths.reduce(0) { $0 + $1 + 2 })
    func line(_ label: String, _ cells: [String]) -> String {
      var text = label.count > labels ? label.prefix(labels - 1) + "…" : label
      text += String(repeating: " ", count: labels - text.count)
      for (index, cell) in cells.enumerated() {
        text += String(repeating: " ", count: widths[index] + 2 - cell.count) + cell
      }
      return text
    }
    var lines: [String] = []
    for (index, section) in sections.enumerated() {
      if index > 0 { lines.append("") }
      lines.append(index == 0 ? line(section.title, head) : section.title)
      lines += section.rows.map { line("  " + $0.label, cells($0)) }
    }
    return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) }
      .joined(separator: "\n") + "\n"
  }
}

extension JSONValue {
  fileprivate var double: Double? {
    if case .number(let text) = self { Double(text) } else { nil }
  }
}
