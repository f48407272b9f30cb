// SPDX-License-Identifier: Apache-2.0
import FalseworkScenario

/// Puts a value into the text of a scenario, as a person would: in the line where the key stands, or
/// in a new one of its section.
///
/// It knows the plain styles of a scenario: sections as blocks, or on one line in braces. Whoever uses
/// it reads the result again, to see that it says what was meant.
package enum ScenarioEdit {
  /// Nil for a text in a style that it does not know.
  package static func text(_ text: String, setting path: String, to value: String) -> String? {
    let steps = path.split(separator: ".").map(String.init)
    guard !steps.isEmpty, !steps.contains(where: { Int($0) != nil }) else { return nil }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    guard set(steps[...], "", in: &lines, 0..<lines.count, indent: 0, value) else { return nil }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Sets a key of the block in these lines.
  private static func set(
    _ steps: ArraySlice<String>, _ section: String, in lines: inout [String], _ range: Range<Int>,
    indent: Int, _ value: String
  ) -> Bool {
    let key = steps.first!
    let excludes = ScenarioKey.key(key, of: section)?.excludes ?? []
    let own = range.filter { isKey(lines[$0], indent) }
    guard let line = own.first(where: { name(lines[$0]) == key }) else {
      guard steps.count == 1 || range.isEmpty || indent == 0 || !own.isEmpty else { return false }
      let removed = remove(excludes, in: &lines, own, range)
      let end = lastLine(lines, range.lowerBound..<range.upperBound - removed) + 1
      var added: [String] = []
      for (depth, step) in steps.enumerated() {
        let isLast = depth == steps.count - 1
        added.append(
          String(repeating: " ", count: indent + 2 * depth) + step + ":"
            + (isLast ? " " + quoted(value) : ""))
      }
      lines.insert(contentsOf: added, at: max(end, range.lowerBound))
      return true
    }
    let block = block(lines, line, range.upperBound, indent)
    let rest = rest(lines[line])
    if steps.count == 1 {
      guard block.isEmpty, !rest.value.hasPrefix("|"), !rest.value.hasPrefix("&") else {
        return false
      }
      lines[line] =
        String(repeating: " ", count: indent) + key + ": " + quoted(value) + rest.comment
      _ = remove(excludes, in: &lines, own.filter { $0 != line }, range)
      return true
    }
    let inner = section.isEmpty ? key : section + "." + key
    if rest.value.hasPrefix("{") {
      guard steps.count == 2, let flow = flow(rest.value, steps.last!, inner, value) else {
        return false
      }
      lines[line] = String(repeating: " ", count: indent) + key + ": " + flow + rest.comment
      return true
    }
    if !rest.value.isEmpty {
      // A word for the key that it is short for.
      guard let short = ScenarioKey.shortHands[inner] else { return false }
      lines[line] = String(repeating: " ", count: indent) + key + ":"
      lines.insert(
        String(repeating: " ", count: indent + 2) + short + ": " + rest.value + rest.comment,
        at: line + 1)
      return set(
        steps.dropFirst(), inner, in: &lines, line + 1..<line + 2, indent: indent + 2, value)
    }
    let depth = block.first { isContent(lines[$0]) }.map { indentation(lines[$0]) } ?? indent + 2
    return set(steps.dropFirst(), inner, in: &lines, block, indent: depth, value)
  }

  /// `{a: b, c: d}` with one member set.
  private static func flow(
    _ text: String, _ key: String, _ section: String, _ value: String
  ) -> String? {
    guard text.hasSuffix("}") else { return nil }
    var members: [String] = [""]
    var depth = 0
    for character in text.dropFirst().dropLast() {
      if "[{".contains(character) { depth += 1 }
      if "]}".contains(character) { depth -= 1 }
      if character == ",", depth == 0 {
        members.append("")
      } else if character != " " || !members[members.count - 1].isEmpty {
        members[members.count - 1].append(character)
      }
    }
    let excludes = ScenarioKey.key(key, of: section)?.excludes ?? []
    members.removeAll { $0.isEmpty || excludes.contains(name($0)) }
    let member = "\(key): \(quoted(value))"
    if let place = members.firstIndex(where: { name($0) == key }) {
      members[place] = member
    } else {
      members.append(member)
    }
    return "{" + members.joined(separator: ", ") + "}"
  }

  /// Takes the lines of keys away, with the blocks beneath them.
  ///
  /// - Returns: how many lines.
  private static func remove(
    _ keys: [String], in lines: inout [String], _ own: [Int], _ range: Range<Int>
  ) -> Int {
    let before = lines.count
    for line in own.reversed() where keys.contains(name(lines[line])) {
      let block = block(lines, line, min(range.upperBound, lines.count), indentation(lines[line]))
      lines.removeSubrange(line..<max(block.upperBound, line + 1))
    }
    return before - lines.count
  }

  // MARK: Lines

  private static func indentation(_ line: String) -> Int { line.prefix { $0 == " " }.count }

  private static func isContent(_ line: String) -> Bool {
    let first = line.first { $0 != " " }
    return first != nil && first != "#"
  }

  private static func isKey(_ line: String, _ indent: Int) -> Bool {
    isContent(line) && indentation(line) == indent && line.contains(":")
  }

  private static func name(_ line: String) -> String {
    String(line.drop { $0 == " " }.prefix { $0 != ":" })
  }

  /// What follows `key:`, and the comment after it with the blanks before.
  private static func rest(_ line: String) -> (value: String, comment: String) {
    guard let colon = line.firstIndex(of: ":") else { return ("", "") }
    var value = String(line[line.index(after: colon)...])
    var comment = ""
    var quote: Character?
    var last: Character = " "
    for index in value.indices {
      let character = value[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == "#", last == " " {
        var begin = index
        while begin > value.startIndex, value[value.index(before: begin)] == " " {
          begin = value.index(before: begin)
        }
        comment = String(value[begin...])
        value = String(value[..<begin])
        break
      }
      last = character
    }
    while value.last == " " { value.removeLast() }
    return (String(value.drop { $0 == " " }), comment)
  }

  /// The lines beneath a key: what is indented further, and blank lines between.
  private static func block(
    _ lines: [String], _ line: Int, _ end: Int, _ indent: Int
  ) -> Range<Int> {
    var last = line
    for index in line + 1..<max(end, line + 1) where index < lines.count {
      guard isContent(lines[index]) else { continue }
      guard indentation(lines[index]) > indent else { break }
      last = index
    }
    return line + 1..<last + 1
  }

  private static func lastLine(_ lines: [String], _ range: Range<Int>) -> Int {
    range.last { isContent(lines[$0]) } ?? range.lowerBound - 1
  }

  /// A value with a sign that means something to YAML stands in quotes.
  private static func quoted(_ value: String) -> String {
    let needs =
      value.contains(", ") || value.contains(": ") || value.contains(" #")
      || "&*!|>'\"%@`#<=-?".contains(value.first ?? "#")
    return needs && !value.hasPrefix("[") ? "\"\(value)\"" : value
  }
}
