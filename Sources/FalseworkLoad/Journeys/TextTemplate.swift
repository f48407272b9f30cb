// SPDX-License-Identifier: Apache-2.0

/// Text in which `${name}` stands for a value of the journey: `/v3/users/${user_id}`.
///
/// `${name:json}` escapes the value for the inside of a JSON string, `${name:url}` for a part of a
/// URL. `$${` is the text `${`.
package struct TextTemplate: Equatable, Sendable {
  package enum Escape: String, CaseIterable, Equatable, Sendable {
    case none = ""
    case json
    case url
  }

  package enum Piece: Equatable, Sendable {
    case text(String)
    case value(JourneyValue, Escape)
  }

  package struct Problem: Error, Equatable, Sendable {
    package var found: String
    package var expected: String
  }

  package private(set) var pieces: [Piece]

  /// Text as it is.
  package init(verbatim text: String) {
    pieces = text.isEmpty ? [] : [.text(text)]
  }

  /// Text that reads as the given one, whatever is in it.
  package static func quoted(_ text: String) -> String {
    guard text.contains("${") else { return text }
    var quoted = ""
    var last: Character?
    for sign in text {
      if sign == "{", last == "$" {
        quoted += "${"
      } else {
        quoted.append(sign)
      }
      last = sign
    }
    return quoted
  }

  package init(parsing text: String) throws(Problem) {
    var pieces: [Piece] = []
    var literal = ""
    var rest = text[...]
    while let sign = rest.firstIndex(of: "$") {
      literal += rest[..<sign]
      rest = rest[sign...]
      if rest.hasPrefix("$${") {
        literal += "${"
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("${") {
        guard let end = rest.firstIndex(of: "}") else {
          throw Problem(found: "'\(rest.prefix(24))' without its end", expected: "'}' after a name")
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        literal = ""
        pieces.append(try Self.value(rest[rest.index(rest.startIndex, offsetBy: 2)..<end]))
        rest = rest[rest.index(after: end)...]
      } else {
        literal += "$"
        rest = rest.dropFirst()
      }
    }
    literal += rest
    if !literal.isEmpty { pieces.append(.text(literal)) }
    self.pieces = pieces
  }

  private static func value(_ text: Substring) throws(Problem) -> Piece {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard JourneyValue.isName(parts[0]) else {
      throw Problem(
        found: "'${\(text)}'", expected: "a name of letters, digits, '_', '-' and '.' in '${}'")
    }
    guard parts.count == 2 else { return .value(JourneyValue(named: String(parts[0])), .none) }
    guard parts[1] == "json" || parts[1] == "url" else {
      throw Problem(found: "'${\(text)}'", expected: "'json' or 'url' after the colon")
    }
    return .value(
      JourneyValue(named: String(parts[0])), parts[1] == "json" ? .json : .url)
  }

  /// Nil if a value of the journey is part of it.
  package var verbatim: String? {
    var text = ""
    for piece in pieces {
      guard case .text(let part) = piece else { return nil }
      text += part
    }
    return text
  }

  /// What is between the values.
  package var texts: [String] {
    pieces.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }

  package var values: [JourneyValue] {
    pieces.compactMap { if case .value(let value, _) = $0 { value } else { nil } }
  }
}

/// What `${name}` can stand for.
package enum JourneyValue: Equatable, Hashable, Sendable {
  /// What an earlier step of the journey captured under this name.
  case captured(String)
  /// The journey's own token.
  case token
  /// A token that some user was given, as the step `validate` uses one.
  case anyToken
  case user, userDomain, password, project, projectDomain
  /// From 1.
  case userNumber, journeyNumber, requestNumber

  /// Names that need not be captured.
  package static let ready: [(name: String, value: JourneyValue)] = [
    ("token", .token), ("any-token", .anyToken), ("user", .user), ("user-domain", .userDomain),
    ("password", .password), ("project", .project), ("project-domain", .projectDomain),
    ("user-number", .userNumber), ("journey-number", .journeyNumber),
    ("request-number", .requestNumber),
  ]

  package init(named name: String) {
    self = Self.ready.first { $0.name == name }?.value ?? .captured(name)
  }

  /// Letters, digits, `_`, `-` and `.`, a letter first.
  package static func isName(_ text: some StringProtocol) -> Bool {
    guard let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "_") else {
      return false
    }
    return text.utf8.allSatisfy {
      isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
