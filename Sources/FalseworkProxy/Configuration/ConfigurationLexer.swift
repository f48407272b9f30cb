// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a word or a line, in HAProxy's words where they are known.
struct ConfigurationFault: Error, Equatable {
  var message: String
}

/// Cuts a line into words as HAProxy does (configuration manual, 2.2 "Quoting and escaping" and
/// 2.3 "Environment variables").
struct ConfigurationLexer {
  typealias Fault = ConfigurationFault

  /// Looks a variable up; nil if it is not set.
  let environment: (String) -> String?

  /// The words of a line; a comment ends it.
  func words(_ line: Substring) throws(Fault) -> [String] {
    var words: [String] = []
    var word = ""
    var open = false
    var rest = Array(line)[...]
    while let character = rest.popFirst() {
      switch character {
      case " ", "\t":
        if open { words.append(word) }
        word = ""
        open = false
        continue
      case "#":
        rest = []
        continue
      case "\\":
        word.append(try escaped(&rest))
      case "'":
        guard let end = rest.firstIndex(of: "'") else { throw unmatched("'") }
        word.append(contentsOf: rest[..<end])
        rest = rest[(end + 1)...]
      case "\"":
        try quoted(&rest, into: &word)
      default:
        word.append(character)
      }
      open = true
    }
    if open { words.append(word) }
    return words
  }

  private func unmatched(_ quote: String) -> Fault {
    Fault(message: "unmatched quote \(quote)")
  }

  /// What a backslash and the rest of the line begin with; before anything that needs no
  /// escape, a backslash stands for itself.
  private func escaped(_ rest: inout ArraySlice<Character>) throws(Fault) -> Character {
    guard let next = rest.first, "\\ #'\"nrtx".contains(next) else { return "\\" }
    rest = rest.dropFirst()
    switch next {
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "x":
      let digits = rest.prefix(2)
      guard digits.count == 2, let value = UInt8(String(digits), radix: 16) else {
        throw Fault(message: "invalid or incomplete hexadecimal escape")
      }
      rest = rest.dropFirst(2)
      return Character(Unicode.Scalar(value))
    default: return next
    }
  }

  private func quoted(
    _ rest: inout ArraySlice<Character>, into word: inout String
  ) throws(Fault) {
    while let character = rest.popFirst() {
      switch character {
      case "\"": return
      case "\\":
        // Inside quotes only these are escapes; any other backslash stands for itself.
        if let next = rest.first, "\\\"$".contains(next) {
          word.append(next)
          rest = rest.dropFirst()
        } else {
          word.append(character)
        }
      case "$": word.append(try variable(&rest))
      default: word.append(character)
      }
    }
    throw unmatched("\"")
  }

  private func variable(_ rest: inout ArraySlice<Character>) throws(Fault) -> String {
    guard rest.first == "{" else {
      let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      rest = rest.dropFirst(name.count)
      return name.isEmpty ? "$" : environment(String(name)) ?? ""
    }
    guard let end = rest.firstIndex(of: "}") else {
      throw Fault(message: "unmatched brace in an environment variable")
    }
    let parts = String(rest[(rest.startIndex + 1)..<end]).split(
      separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    rest = rest[(end + 1)...]
    return environment(String(parts[0])) ?? (parts.count > 1 ? String(parts[1]) : "")
  }
}
