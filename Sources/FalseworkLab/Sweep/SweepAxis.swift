// SPDX-License-Identifier: Apache-2.0

/// What is wrong with an order to sweep or to tune: one sentence for whoever wrote it.
package struct SweepProblem: Error, Equatable, Sendable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }
}

/// A key of the scenario and the values that it is given in turn:
/// `rotation.drain=0s...30s/1s`, `proxy.inter=1s,2s,12s`.
///
/// Values are parted by commas. `A...B/STEP` stands for A, A and STEP, and so on, up to B; of counts
/// and percentages the step may be left out and is 1 then. A value with a comma in it stands in
/// quotes, or in brackets if it is a list.
package struct SweepAxis: Equatable, Sendable {
  package var path: String
  package var values: [String]

  /// More would be a mistake in the step.
  static let mostValues = 10_000

  package init(path: String, values: [String]) {
    self.path = path
    self.values = values
  }

  package init(parsing text: String) throws(SweepProblem) {
    guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
      throw SweepProblem(
        "--vary takes PATH=VALUES such as rotation.drain=0s...30s/1s, not '\(text)'")
    }
    path = String(text[..<sign])
    values = []
    for item in try Self.items(text[text.index(after: sign)...], path) {
      values += try Self.expanded(item, path)
      guard values.count <= Self.mostValues else {
        throw SweepProblem("--vary \(path): more than \(Self.mostValues) values")
      }
    }
    var seen: Set<String> = []
    for value in values where !seen.insert(value).inserted {
      throw SweepProblem("--vary \(path): the value '\(value)' comes twice")
    }
  }

  /// As the command line has it, with every value written out.
  package var text: String {
    "\(path)="
      + values.map { $0.contains(",") && $0.first != "[" ? "'\($0)'" : $0 }
      .joined(separator: ",")
  }

  /// The values as numbers of one kind, for a scale; nil if one is a word, or if they are of
  /// several kinds.
  package var quantities: [Quantity]? {
    let found = values.compactMap { Quantity(parsing: $0[...]) }
    guard found.count == values.count, let kind = found.first?.kind,
      found.allSatisfy({ $0.kind == kind })
    else { return nil }
    return found
  }

  // MARK: Reading

  private static func items(
    _ text: Substring, _ path: String
  ) throws(SweepProblem) -> [String] {
    var items = [""]
    var quote: Character?
    var depth = 0
    for character in text {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      } else if character == "[" || character == "{" {
        depth += 1
      } else if character == "]" || character == "}" {
        depth -= 1
      } else if character == ",", depth == 0 {
        items.append("")
        continue
      }
      items[items.count - 1].append(character)
    }
    guard quote == nil, depth == 0 else {
      throw SweepProblem("--vary \(path): a quote or a bracket is not closed in '\(text)'")
    }
    var result: [String] = []
    for item in items {
      var value = item[...]
      while value.first == " " { value.removeFirst() }
      while value.last == " " { value.removeLast() }
      guard !value.isEmpty else {
        throw SweepProblem("--vary \(path): a value is missing in '\(text)'")
      }
      if let first = value.first, first == "'" || first == "\"", value.last == first,
        value.count > 1
      {
        value = value.dropFirst().dropLast()
      }
      result.append(String(value))
    }
    return result
  }

  /// A range as its values, anything else as it is.
  private static func expanded(
    _ item: String, _ path: String
  ) throws(SweepProblem) -> [String] {
    guard let dots = dots(in: item) else { return [item] }
    let example = "such as 0s...30s/1s, 1...4 or 10%...50%/10%"
    guard let first = Quantity(parsing: item[..<dots.lowerBound]) else {
      throw SweepProblem(
        "--vary \(path): found '\(item)', expected a range \(example)")
    }
    let rest = item[dots.upperBound...]
    guard let (last, step) = try end(of: rest, after: first, item, path) else {
      throw SweepProblem(
        "--vary \(path): found '\(item)', expected a range \(example), of one unit")
    }
    guard step.amount > 0 else {
      throw SweepProblem("--vary \(path): the step of '\(item)' is 0")
    }
    guard first.amount <= last.amount else {
      throw SweepProblem("--vary \(path): '\(item)' ends before it begins")
    }
    guard (last.amount - first.amount) / step.amount < mostValues else {
      throw SweepProblem("--vary \(path): '\(item)' has more than \(mostValues) values")
    }
    return stride(from: first.amount, through: last.amount, by: Int64.Stride(step.amount)).map {
      Quantity(kind: first.kind, amount: $0).text
    }
  }

  private static func dots(in item: String) -> Range<String.Index>? {
    var index = item.startIndex
    while index < item.endIndex {
      if item[index...].hasPrefix("...") { return index..<item.index(index, offsetBy: 3) }
      index = item.index(after: index)
    }
    return nil
  }

  /// The end of a range and its step. A rate has a stroke of its own: every one is tried.
  private static func end(
    of rest: Substring, after first: Quantity, _ item: String, _ path: String
  ) throws(SweepProblem) -> (last: Quantity, step: Quantity)? {
    for stroke in rest.indices where rest[stroke] == "/" {
      guard let last = Quantity(parsing: rest[..<stroke]), last.kind == first.kind,
        let step = Quantity(parsing: rest[rest.index(after: stroke)...]), step.kind == first.kind
      else { continue }
      return (last, step)
    }
    guard let last = Quantity(parsing: rest), last.kind == first.kind else { return nil }
    switch first.kind {
    case .count, .percentage: return (last, Quantity(kind: first.kind, amount: 1))
    case .duration, .rate:
      throw SweepProblem(
        "--vary \(path): '\(item)' needs a step, such as \(item)/\(first.kind == .duration ? "1s" : "10/s")"
      )
    }
  }
}
