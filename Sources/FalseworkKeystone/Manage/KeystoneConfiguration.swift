// SPDX-License-Identifier: Apache-2.0

/// What `keystone.conf` says, as oslo.config reads it: groups of options, several files on top of
/// each other, the last word for an option counts, and the environment (`OS_GROUP__OPTION`) goes
/// before all files.
///
/// Values are texts; whoever asks says what they are to be. `$other` is not replaced.
package struct KeystoneConfiguration: Equatable, Sendable {
  /// A line or a value that cannot be taken.
  package struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
    package var place: String
    package var text: String

    package init(place: String, text: String) {
      self.place = place
      self.text = text
    }

    package var description: String { "\(place): \(text)" }
  }

  private struct Name: Hashable {
    var group, option: String
  }
  private struct Value: Equatable {
    var text, place: String
  }

  private var values: [Name: Value] = [:]
  private let environment: [String: String]

  package init(environment: [String: String]) {
    self.environment = environment
  }

  /// Lays a file over what was read before. All problems are told; a file with one counts for
  /// nothing.
  package mutating func read(_ text: String, file: String) -> [Problem] {
    var found: [Name: Value] = [:]
    var problems: [Problem] = []
    var group: String?
    // The option that an indented line continues.
    var open: Name?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let place = "\(file):\(index + 1)"
      let content = line.trimmed
      guard let first = line.first, !content.isEmpty else {
        open = nil
        continue
      }
      if first == "#" || first == ";" { continue }
      if first == " " || first == "\t" {
        if let open {
          found[open]!.text += "\n" + content
        } else {
          problems.append(Problem(place: place, text: "Unexpected continuation line: '\(line)'"))
        }
      } else if first == "[" {
        open = nil
        group = content.last == "]" ? String(content.dropFirst().dropLast()) : nil
        if group == nil || group == "" {
          problems.append(
            Problem(place: place, text: "Invalid section (must end with ]): '\(line)'"))
        }
      } else if let cut = line.firstIndex(where: { $0 == "=" || $0 == ":" }) {
        let option = String(line[..<cut].trimmed)
        guard let group, !option.isEmpty else {
          let what = option.isEmpty ? "Key cannot be empty" : "No section before this option"
          problems.append(Problem(place: place, text: "\(what): '\(line)'"))
          continue
        }
        let name = Name(group: group, option: option)
        found[name] = Value(
          text: Self.unquoted(line[line.index(after: cut)...].trimmed), place: place)
        open = name
      } else {
        problems.append(Problem(place: place, text: "No ':' or '=' found in assignment: '\(line)'"))
      }
    }
    if problems.isEmpty { values.merge(found) { _, new in new } }
    return problems
  }

  private static func unquoted(_ text: Substring) -> String {
    guard text.count > 1, let first = text.first, first == text.last, first == "'" || first == "\""
    else { return String(text) }
    return String(text.dropFirst().dropLast())
  }

  // MARK: Questions

  package func text(_ group: String, _ option: String) -> String? {
    value(group, option)?.text
  }

  private func value(_ group: String, _ option: String) -> Value? {
    let variable = "OS_\(group.uppercased())__\(option.uppercased())"
    if let text = environment[variable] { return Value(text: text, place: variable) }
    return values[Name(group: group, option: option)]
  }

  package func isTrue(
    _ group: String, _ option: String, default other: Bool
  ) throws(Problem) -> Bool {
    guard let value = value(group, option) else { return other }
    switch value.text.lowercased() {
    case "true", "1", "on", "yes": return true
    case "false", "0", "off", "no": return false
    default:
      throw Problem(
        place: value.place,
        text: "Value for option \(option) is not valid: Unexpected boolean value '\(value.text)'")
    }
  }

  package func number(
    _ group: String, _ option: String, default other: Int, atLeast least: Int = .min
  ) throws(Problem) -> Int {
    guard let value = value(group, option) else { return other }
    let wrong = "Value for option \(option) is not valid: "
    guard let number = Int(value.text.trimmed) else {
      throw Problem(place: value.place, text: wrong + "'\(value.text)' is no whole number")
    }
    guard number >= least else {
      throw Problem(
        place: value.place, text: wrong + "Should be greater than or equal to \(least)")
    }
    return number
  }
}

extension StringProtocol {
  var trimmed: SubSequence {
    var rest = self[...]
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return rest
  }
}
