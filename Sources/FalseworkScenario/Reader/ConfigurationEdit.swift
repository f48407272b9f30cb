// SPDX-License-Identifier: Apache-2.0

/// One setting laid over the text of a `haproxy.cfg`.
///
/// The text is changed, not what was read from it, so that the run is one of a configuration that a
/// real HAProxy can be given, and the change can be shown as one of lines. A setting that stands
/// somewhere is replaced where it stands; one that stands nowhere is added: to each `server` line,
/// or to the `defaults` before the proxies that lack it.
package struct ConfigurationEdit: Equatable, Sendable {
  package enum Target: Equatable, Sendable {
    /// A parameter of `server` and `default-server` lines.
    case servers
    /// A line of `defaults`, `backend` and `listen` sections.
    case sections
  }

  package var target: Target
  /// As HAProxy spells it: `inter`, `timeout connect`.
  package var keyword: String
  package var value: String

  package init(_ target: Target, _ keyword: String, _ value: String) {
    self.target = target
    self.keyword = keyword
    self.value = value
  }

  package func applied(to text: String) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      ConfigurationLine(String($0))
    }
    switch target {
    case .servers: editServers(&lines)
    case .sections: editSections(&lines)
    }
    return lines.map(\.text).joined(separator: "\n")
  }

  // MARK: Servers

  private func editServers(_ lines: inout [ConfigurationLine]) {
    var section: ConfigurationLine.Section?
    var defaultsHave = false
    var sectionHas = false
    for index in lines.indices {
      if let next = lines[index].section {
        section = next
        if next == .defaults { defaultsHave = false }
        sectionHas = false
      }
      guard let section, section == .defaults || section == .backend else { continue }
      switch lines[index].words.first {
      case "default-server":
        guard lines[index].replace(keyword, from: 1, with: value) else { continue }
        if section == .defaults { defaultsHave = true } else { sectionHas = true }
      case "server", "server-template":
        if !lines[index].replace(keyword, from: 3, with: value), !sectionHas, !defaultsHave {
          lines[index].append("\(keyword) \(value)")
        }
      default: continue
      }
    }
  }

  // MARK: Sections

  private func editSections(_ lines: inout [ConfigurationLine]) {
    let words = keyword.split(separator: " ").map(String.init)
    // Where a line is to be added: after these headers.
    var additions: [Int] = []
    var defaults: (header: Int, has: Bool)?
    var current: (header: Int, section: ConfigurationLine.Section, has: Bool)?
    func close() {
      guard let current else { return }
      if current.section == .defaults {
        defaults = (current.header, current.has)
      } else if current.section == .backend, !current.has, defaults?.has != true {
        let header = defaults?.header ?? current.header
        if !additions.contains(header) { additions.append(header) }
      }
    }
    for index in lines.indices {
      if let next = lines[index].section {
        close()
        current = (index, next, false)
      }
      guard let section = current?.section, section == .defaults || section == .backend else {
        continue
      }
      if lines[index].replaceRest(after: words, with: value) { current?.has = true }
    }
    close()
    for header in additions.sorted(by: >) {
      let next = header + 1 < lines.count ? lines[header + 1] : nil
      let indent = next.map { $0.words.isEmpty || $0.section != nil ? "    " : $0.indent } ?? "    "
      lines.insert(
        ConfigurationLine(indent + Self.line(words, value)), at: header + 1)
    }
  }

  /// An option is switched by the word before it.
  fileprivate static func line(_ words: [String], _ value: String) -> String {
    let text = words.joined(separator: " ")
    guard words.first == "option" else { return "\(text) \(value)" }
    return value == "true" ? text : "no \(text)"
  }
}

/// A line of a `haproxy.cfg` with the places of its words; what is not changed stays as it is, byte
/// for byte.
private struct ConfigurationLine {
  enum Section: Equatable {
    case defaults
    /// `backend` or `listen`: what has servers.
    case backend
    case other
  }

  private(set) var text: String
  private(set) var words: [String] = []
  private var ranges: [Range<String.Index>] = []

  init(_ text: String) {
    self.text = text
    read()
  }

  var indent: String { String(text.prefix { $0 == " " || $0 == "\t" }) }

  var section: Section? {
    switch words.first {
    case "defaults": .defaults
    case "backend", "listen": .backend
    case "global", "frontend", "peers", "resolvers", "userlist", "mailers", "program", "ring",
      "cache", "http-errors", "fcgi-app", "log-forward", "crt-store", "traces":
      .other
    default: nil
    }
  }

  /// Words end at blanks and at a `#`; quotes and a backslash keep them together.
  private mutating func read() {
    words = []
    ranges = []
    var begin: String.Index?
    var quote: Character?
    var escaped = false
    for index in text.indices {
      let character = text[index]
      if escaped {
        escaped = false
      } else if let open = quote {
        if character == open { quote = nil } else if character == "\\" { escaped = open == "\"" }
      } else if character == "#" {
        close(begin, index)
        return
      } else if character == " " || character == "\t" || character == "\r" {
        close(begin, index)
        begin = nil
        continue
      } else if character == "\\" {
        escaped = true
      } else if character == "\"" || character == "'" {
        quote = character
      }
      if begin == nil { begin = index }
    }
    close(begin, text.endIndex)
  }

  private mutating func close(_ begin: String.Index?, _ end: String.Index) {
    guard let begin, begin < end else { return }
    words.append(String(text[begin..<end]))
    ranges.append(begin..<end)
  }

  /// Puts a value in the place of the word after this one; false if the word is not there.
  mutating func replace(_ word: String, from place: Int, with value: String) -> Bool {
    guard let index = words.indices.dropFirst(place).first(where: { words[$0] == word }),
      index + 1 < words.count
    else { return false }
    text.replaceSubrange(ranges[index + 1], with: value)
    read()
    return true
  }

  /// Puts a value in the place of all that follows these words; false if the line is another.
  mutating func replaceRest(after prefix: [String], with value: String) -> Bool {
    let isOption = prefix.first == "option"
    let own = isOption && words.first == "no" ? Array(words.dropFirst()) : words
    guard own.starts(with: prefix), let first = ranges.first, let last = ranges.last else {
      return false
    }
    text.replaceSubrange(
      first.lowerBound..<last.upperBound, with: ConfigurationEdit.line(prefix, value))
    read()
    return true
  }

  mutating func append(_ piece: String) {
    text.insert(contentsOf: " " + piece, at: ranges.last?.upperBound ?? text.endIndex)
    read()
  }
}
