// SPDX-License-Identifier: Apache-2.0

/// Where a value was written.
struct Origin: Equatable, Sendable {
  /// The file, or `--set rotation.drain` for a value of the command line.
  var file: String
  /// From 1; 0 where there is none.
  var line: Int
  var column: Int
}

/// A part of a YAML document that remembers where it was written. Aliases are resolved; tags are
/// gone.
struct LocatedNode: Equatable, Sendable {
  enum Style: Equatable, Sendable {
    /// Without quotes: a number or `true` is what it looks like.
    case plain
    /// In quotes, or folded (`>`): text and nothing else.
    case quoted
    /// After `|`: its first line is the one below.
    case literal
  }

  struct Member: Equatable, Sendable {
    var key: String
    var origin: Origin
    var value: LocatedNode
  }

  enum Content: Equatable, Sendable {
    case scalar(String, Style)
    case list([LocatedNode])
    case mapping([Member])
  }

  var content: Content
  var origin: Origin

  /// Nothing was written, or one of YAML's words for it.
  var isNull: Bool {
    guard case .scalar(let text, .plain) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// Puts a value in the place of a member, or after the last; what is no mapping stays as it is.
  mutating func setMember(_ key: String, to value: LocatedNode) {
    guard case .mapping(var members) = content else { return }
    let member = Member(key: key, origin: value.origin, value: value)
    if let place = members.firstIndex(where: { $0.key == key }) {
      members[place] = member
    } else {
      members.append(member)
    }
    content = .mapping(members)
  }

  /// For messages: what stands here.
  var found: String {
    switch content {
    case .mapping: return "a mapping"
    case .list: return "a list"
    case .scalar(let text, _):
      if isNull { return "nothing" }
      let line = text.prefix { !$0.isNewline }
      return line.count > 60 || line.count < text.count ? "'\(line.prefix(60))…'" : "'\(text)'"
    }
  }
}
